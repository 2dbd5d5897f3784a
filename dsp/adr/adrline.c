/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: speech features of guide and take, alignment, smooth map. For the
 * confidence a second alignment uses the take reversed in time (matchscore.h).
 * Where lines match and voice or room differ, a third one uses the take likened to
 * the guide (liken.h); its map is the one that counts.
 *
 * State
 *   guide, take   features of the last call; `features` owns the memory
 *   map           take frame of each guide frame, context included
 *   work          certainty of the map's windows
 *   mirror        the reversed take; then work space for the likened one
 *   score[]       match score of each line
 */
#include "adr/adrline.h"
#include "base/units.h"
#include "adr/liken.h"
#include "adr/matchscore.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_PER_MS (DMIX_MEL_ROWS_PER_S / 1000.0)
#define REACH 2.0 /* times max_shift: at the start and within the line */
#define BACKWARD_REACH 800 /* frames, 4 s: reach of the reversed take */
#define SPEECH_DB 3.0f     /* speech: over the floor */
#define CLEAR_PART 0.4f    /* clear speech: part of the loud frames' dB */
#define GUESS 0.1          /* confidence: less says nothing of the place */
#define SPEECH_LEAST 24    /* frames, 0.12 s: a short "no" */
#define TAIL_WEIGHT 1.0    /* tails flatten the slopes, which weigh less then */
#define VOICE_LEAST 0.05   /* mean over the bands: words at 0 LU have more */

struct DmixAdrLine
{
  size_t guide_room, take_room;
  DmixSpeechFeatures *features;
  DmixAlign *align;
  DmixWarp *warp;
  DmixSpeech guide, take;
  double *map, *work;
  float *mirror, *mirror_level;
  DmixMatchScore score[DMIX_ADR_LINES];
};

static long
reach_of (double max_shift_ms)
{
  return (long) ceil (REACH * fmax (max_shift_ms, 0.0) * FRAMES_PER_MS) + 1;
}

DmixAdrLine *
dmix_adrline_new (size_t guide_frames, size_t take_frames, double max_shift_ms)
{
  const long reach = reach_of (max_shift_ms);
  DmixAdrLine *self;

  if (guide_frames < 1 || take_frames < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->guide_room = guide_frames;
  self->take_room = take_frames;
  self->features = dmix_speechfeatures_new (guide_frames, take_frames);
  self->align = dmix_align_new (guide_frames, take_frames,
      (size_t) DMIX_MAX (reach, BACKWARD_REACH));
  self->warp = dmix_warp_new (guide_frames);
  self->map = calloc (guide_frames, sizeof (double));
  self->work = calloc (guide_frames / DMIX_MAPSCORE_STEP + 1, sizeof (double));
  self->mirror = calloc (take_frames * DMIX_SPEECH_DIMENSIONS, sizeof (float));
  self->mirror_level = calloc (take_frames, sizeof (float));
  if (!self->features || !self->align || !self->warp || !self->map
      || !self->work || !self->mirror || !self->mirror_level) {
    dmix_adrline_free (self);
    return NULL;
  }
  return self;
}

void
dmix_adrline_free (DmixAdrLine *self)
{
  if (!self)
    return;
  dmix_speechfeatures_free (self->features);
  dmix_align_free (self->align);
  dmix_warp_free (self->warp);
  free (self->map);
  free (self->work);
  free (self->mirror);
  free (self->mirror_level);
  free (self);
}

const float *
dmix_adrline_get_guide_level (const DmixAdrLine *self)
{
  return self->guide.level_db;
}

const float *
dmix_adrline_get_take_level (const DmixAdrLine *self)
{
  return self->take.level_db;
}

/* Frames first to end - 1 of a signal. */
static DmixSpeech
part_of (const DmixSpeech *all, size_t first, size_t end)
{
  DmixSpeech part = *all;

  end = DMIX_MIN (end, all->frames);
  first = first < end ? first : end - 1;
  part.frames = end - first;
  part.feature += first;
  part.slope = part.slope ? part.slope + first : NULL;
  part.trust = part.trust ? part.trust + first : NULL;
  part.level_db += first;
  return part;
}

/* Take frames of a line, by the map. Without a search, the first line begins at
 * the take's start, the last one of the recording ends at the take's end. */
static void
take_range (const DmixAdrLine *self, const DmixAdrLineInput *input, int search,
    size_t first, size_t end, size_t *take_first, size_t *take_end)
{
  const double most = (double) self->take.frames;

  *take_first = first == 0 && !search
      ? 0
      : (size_t) dmix_clamp (self->map[first], 0.0, most - 1.0);
  *take_end = input->ends && !search && end == self->guide.frames
      ? self->take.frames
      : (size_t) fmin (fmax (self->map[end - 1], 0.0) + 1.0, most);
  if (*take_end <= *take_first)
    *take_end = *take_first + 1;
}

/* Level of clear speech in the guide: CLEAR_PART of the level that the loudest
 * tenth of its frames exceeds, from a histogram with bins of 1 dB. */
static float
clear_speech_db (const DmixSpeech *guide)
{
  size_t count[64] = { 0 }, above = 0;
  int db = 63;

  for (size_t t = 0; t < guide->frames; t++)
    count[(int) fminf (fmaxf (guide->level_db[t], 0.0f), 63.0f)]++;
  for (; db > 0 && above < guide->frames / 10; db--)
    above += count[db];
  return fmaxf (SPEECH_DB, CLEAR_PART * (float) db);
}

/* Non-zero if the line has speech, not only a reverberation tail or breath. */
static int
has_speech (const DmixSpeech *line, float clear_db)
{
  size_t count = 0;

  for (size_t t = 0; t < line->frames; t++)
    count += line->level_db[t] > clear_db;
  return count >= SPEECH_LEAST;
}

/* Non-zero if the network hears a voice in the line, or cannot tell. */
static int
has_voice (const DmixSpeech *line)
{
  size_t count = 0;

  for (size_t t = 0; line->trust && t < line->frames; t++) {
    unsigned sum = 0;

    for (size_t b = 0; b < DMIX_MEL_BANDS; b++)
      sum += line->trust[b * line->stride + t];
    count += sum > (unsigned) (VOICE_LEAST * 255 * DMIX_MEL_BANDS);
  }
  return !line->trust || count >= SPEECH_LEAST;
}

/* Sets the confidence that guide and take of a line have the same text. */
static void
set_confidence (DmixAdrLine *self, const DmixAdrLineInput *input,
    const DmixAdrLineParams *params, size_t first, size_t end,
    const DmixMatchScore *score, DmixAdrLineInfo *info)
{
  const DmixSpeech guide = part_of (&self->guide, first, end);
  const DmixAlignParams how = {
    .reach_frames = BACKWARD_REACH,
    .rough = 1,
  };
  size_t take_first, take_end, steps;
  const DmixAlignStep *path;
  DmixMatchScore against = { 0 };
  DmixSpeech take, mirror;

  take_range (self, input, params->search, first, end, &take_first, &take_end);
  take = part_of (&self->take, take_first, take_end);
  mirror = dmix_matchscore_reverse (&take, self->mirror, self->mirror_level);
  steps = dmix_align_process (self->align, &guide, &mirror, &how, &path);
  if (steps)
    dmix_matchscore_measure (&guide, 0, &mirror, 0, path, steps, &against);
  else
    against = *score; /* no path: the reversed take counts as just as good */
  info->skipped_frames = score->skipped;
  /* loud noise without a voice, beside a take that is silent, is a pause */
  info->speech = has_speech (&guide, clear_speech_db (&self->guide))
      && (score->take_speech >= SPEECH_LEAST || has_voice (&guide));
  info->confidence = dmix_matchscore_get_confidence (score, &against);
  if (!score->take_speech)
    info->confidence = 0.0;
  info->matched = info->confidence >= params->min_confidence;
  info->too_far = 0;
}

static double
middle_of (size_t first, size_t end)
{
  return 0.5 * ((double) first + (double) end - 1.0);
}

/* Take frame of guide frame i in a line with this offset that is only shifted. */
static double
shifted (size_t i, double middle, double offset, double drift)
{
  return (double) i + offset + drift * ((double) i - middle);
}

static void
shift_only (double *take_frame, size_t first, size_t end, double offset,
    double drift)
{
  for (size_t i = first; i < end; i++)
    take_frame[i] = shifted (i, middle_of (first, end), offset, drift);
}

/* Shifts all lines by the expected offset, without stretching. */
static void
shift_all (const DmixAdrLineInput *input, const DmixAdrLineParams *params,
    double *take_frame, DmixAdrLineInfo *info)
{
  const double offset = (double) input->offset_frames;
  const size_t all = input->line_end[input->lines - 1];

  for (size_t k = 0, first = 0; k < input->lines; first = input->line_end[k++])
    info[k] = (DmixAdrLineInfo){
      .offset_frames =
          offset + params->drift * middle_of (first, input->line_end[k]),
      .stretch = 1.0,
      .speech = input->line_speaks[k],
      .map = { .certainty = 0.0 },
    };
  for (size_t i = 0; i <= all; i++)
    take_frame[i] = shifted (i, 0.0, offset, params->drift);
}

/* Non-zero if no line has speech. Noise or a tone matches itself anywhere, so
 * the path through such lines carries no timing. */
static int
is_without_speech (const DmixAdrLineInput *input, const DmixAdrLineInfo *info)
{
  for (size_t k = 0; k < input->lines; k++)
    if (info[k].speech)
      return 0;
  return 1;
}

/* Limits the offset of a line to the reach from the expected one; a line beyond
 * does not match. The warp, which is smooth, may leave the aligner's band. */
static void
keep_in_reach (const DmixAdrLineParams *params, double expected,
    DmixAdrLineInfo *info)
{
  const double reach = (double) reach_of (params->max_shift_ms);
  const double offset =
      dmix_clamp (info->offset_frames, expected - reach, expected + reach);

  if (params->anchors || offset == info->offset_frames)
    return;
  info->offset_frames = offset;
  info->too_far = info->matched;
  info->matched = 0;
}

/* Writes the map of a line: warped, or, for a mismatch, a constant shift. */
static void
set_line_map (DmixAdrLine *self, const DmixAdrLineParams *params, size_t first,
    size_t end, double expected, double *take_frame, DmixAdrLineInfo *info)
{
  const DmixWarpInfo warped = dmix_warp_get_info (self->warp, first, end);

  info->offset_frames = warped.offset_frames;
  info->stretch = 1.0;
  info->map = (DmixMapInfo){ .certainty = info->speech ? 0.0 : 1.0,
    .first = first,
    .end = info->speech ? end : first };
  if (info->speech)
    keep_in_reach (params, expected, info);
  if (info->speech && !info->matched && !params->anchors
      && info->confidence < GUESS)
    info->offset_frames = expected;
  if (info->speech && !info->matched) {
    shift_only (take_frame, first, end, info->offset_frames, params->drift);
    return;
  }
  if (info->speech) {
    info->map = dmix_mapscore_process (&self->guide, &self->take, first, end,
        !params->anchors && !params->protects, self->mirror, self->work,
        self->map);
    info->stretch = 1.0 + params->strength * (warped.stretch - 1.0);
  }
  for (size_t i = first; i < end; i++) {
    const double plain = shifted (i, middle_of (first, end),
        warped.offset_frames, params->drift);

    take_frame[i] = params->strength >= 1.0
        ? self->map[i]
        : plain + params->strength * (self->map[i] - plain);
  }
}

/* Likens the take's features to the guide, if they differ in voice or room along
 * the map. Returns the likeness. */
static DmixLikeness
liken (DmixAdrLine *self, const DmixAdrLineInput *input)
{
  DmixLikeness like = {
    .scale = dmix_liken_find_scale (&self->guide, &self->take, self->map),
  };
  DmixSpeechInput take;

  if (like.scale == 1.0 && !self->guide.tail)
    return like;
  take = dmix_liken_process (&like, &input->take, self->mirror);
  if (self->guide.tail) {
    take.same_room = take.no_slopes = 1;
    dmix_speechfeatures_process (self->features, NULL, &take, &self->guide,
        &self->take);
    dmix_liken_find_room (&self->guide, &self->take, self->map, self->mirror,
        &like);
    take = dmix_liken_process (&like, &input->take, self->mirror);
  }
  dmix_speechfeatures_process (self->features, NULL, &take, &self->guide,
      &self->take);
  return like;
}

/* Sets the map; returns the number of steps of the path, 0 if there is none.
 * The features then are those of the take as it is: the confidence was fitted to
 * them. */
static size_t
align (DmixAdrLine *self, const DmixAdrLineInput *input,
    const DmixAdrLineParams *params, const DmixAlignStep **path)
{
  DmixAlignParams how = {
    .offset_frames = input->offset_frames,
    .reach_frames = reach_of (params->max_shift_ms),
    .open_end = !input->ends,
    .search = params->search,
    .rough = 1,
    .anchor = params->anchor,
    .anchors = params->anchors,
  };
  DmixWarpParams warp = {
    .max_stretch = params->max_stretch,
    .protect = params->protect,
    .protects = params->protects,
    .anchor = params->anchor,
    .anchors = params->anchors,
  };
  DmixSpeechInput as_it_is = input->take;
  DmixLikeness like;
  size_t steps;

  dmix_speechfeatures_process (self->features, &input->guide, &input->take,
      &self->guide, &self->take);
  if (!self->guide.frames || !self->take.frames)
    return 0;
  steps =
      dmix_align_process (self->align, &self->guide, &self->take, &how, path);
  if (!steps)
    return 0;
  dmix_warp_process (self->warp, &self->guide, &self->take, *path, steps, &warp,
      self->map);
  like = liken (self, input);
  how.rough = 0;
  how.again = 1;
  steps =
      dmix_align_process (self->align, &self->guide, &self->take, &how, path);
  if (!steps)
    return 0;
  warp.more_weight = like.tail > 0.0 ? TAIL_WEIGHT : 0.0;
  dmix_warp_process (self->warp, &self->guide, &self->take, *path, steps, &warp,
      self->map);
  if (like.scale != 1.0 || like.tail > 0.0) {
    as_it_is.no_slopes = 1;
    dmix_speechfeatures_process (self->features, NULL, &as_it_is, &self->guide,
        &self->take);
  }
  return steps;
}

void
dmix_adrline_process (DmixAdrLine *self, const DmixAdrLineInput *input,
    const DmixAdrLineParams *params, double *take_frame, DmixAdrLineInfo *info)
{
  const size_t all = input->line_end[input->lines - 1];
  const DmixAlignStep *path;
  const size_t steps = align (self, input, params, &path);
  size_t first = 0;
  double expected = (double) input->offset_frames, at = 0.0;

  if (!steps) {
    shift_all (input, params, take_frame, info);
    return;
  }
  /* all lines first: set_confidence() overwrites the aligner's path */
  for (size_t k = 0; k < input->lines; k++) {
    const size_t end = input->line_end[k];
    const DmixSpeech guide = part_of (&self->guide, first, end);
    size_t take_first, take_end;
    DmixSpeech take;

    take_range (self, input, params->search, first, end, &take_first,
        &take_end);
    take = part_of (&self->take, take_first, take_end);
    dmix_matchscore_measure (&guide, first, &take, take_first, path, steps,
        &self->score[k]);
    dmix_matchscore_follow (&self->guide, &self->take, self->map, first, end,
        &self->score[k]);
    first = end;
  }
  first = 0;
  for (size_t k = 0; k < input->lines; k++) {
    set_confidence (self, input, params, first, input->line_end[k],
        &self->score[k], &info[k]);
    info[k].speech &= input->line_speaks[k];
    first = input->line_end[k];
  }
  if (!params->anchors && is_without_speech (input, info)) {
    shift_all (input, params, take_frame, info);
    for (size_t k = 0; k < input->lines; k++)
      info[k].speech = 0;
    return;
  }
  first = 0;
  for (size_t k = 0; k < input->lines; k++) {
    const double middle = middle_of (first, input->line_end[k]);

    set_line_map (self, params, first, input->line_end[k],
        expected + params->drift * (middle - at), take_frame, &info[k]);
    if (info[k].speech && info[k].matched) {
      expected = info[k].offset_frames;
      at = middle;
    }
    first = input->line_end[k];
  }
  take_frame[all] = all < self->guide.frames && info[input->lines - 1].matched
          && params->strength >= 1.0
      ? self->map[all]
      : take_frame[all - 1] + 1.0;
}
