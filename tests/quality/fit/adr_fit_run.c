/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Aligns pairs of recordings as dmixadr does, each pair as one line of
 * dialogue, and prints what the match score was made of.
 *
 *   adr_fit_run [--lines] < LIST
 *
 * A line of LIST: rate, guide and take (files of raw float, mono, native
 * endian), first and end guide frame of a protected range (0 0: none), and the
 * file for the map (take frame of each guide frame, double; "-": none).
 * A line of the output: the terms of the match score, confidence. All are 0 if no take was found within reach. Beside the map's file,
 * FILE.windows has the map score of each window before any bridge: guide frame,
 * take frame, fit, rival, speech and certainty, as text.
 *
 * With --lines a pair is a whole dialogue, cut into lines as the element does. For
 * each line with speech it prints the number of the pair, start and stop in s, and
 * the same figures; protected range and map are not used.
 *
 * Link with -Wl,--wrap=dmix_matchscore_get_confidence and
 * -Wl,--wrap=dmix_matchscore_follow: the features then are those that adrline.c itself hands over, not the copy of its work. */
#include "fitinput.h"

#include "adr/adr.h"
#include "adr/adrqueue.h"
#include "adr/matchscore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SHIFT_MS 2000.0 /* the element's defaults */
#define MAX_STRETCH 2.0

double __real_dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward);
double __wrap_dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward);

void __real_dmix_matchscore_follow (const DmixSpeech *guide,
    const DmixSpeech *take, const double *take_frame, size_t first, size_t end,
    DmixMatchScore *score);
void __wrap_dmix_matchscore_follow (const DmixSpeech *guide,
    const DmixSpeech *take, const double *take_frame, size_t first, size_t end,
    DmixMatchScore *score);

static double seen[DMIX_MATCHSCORE_TERMS];
static double scene[DMIX_ADR_LINES][DMIX_MATCHSCORE_TERMS]; /* its lines */
static size_t scene_lines;
static FILE *windows; /* of the pair; NULL: none */

double
__wrap_dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward)
{
  dmix_matchscore_get_terms (score, backward, seen);
  if (scene_lines < DMIX_ADR_LINES)
    memcpy (scene[scene_lines++], seen, sizeof seen);
  return __real_dmix_matchscore_get_confidence (score, backward);
}

void
__wrap_dmix_matchscore_follow (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, size_t first, size_t end, DmixMatchScore *score)
{
  __real_dmix_matchscore_follow (guide, take, take_frame, first, end, score);
  for (size_t m = first + DMIX_MAPSCORE_STEP / 2; windows && m < end;
       m += DMIX_MAPSCORE_STEP) {
    const DmixMapScore window =
        dmix_mapscore_measure (guide, take, take_frame, 0, guide->frames, m);

    fprintf (windows, "%zu %.4f %.6f %.6f %.3f %.6f\n", m, take_frame[m],
        window.fit, window.rival, window.speech,
        dmix_mapscore_get_certainty (&window));
  }
}

static void
print_terms (const double *term, double confidence)
{
  for (int k = 0; k < DMIX_MATCHSCORE_TERMS; k++)
    printf ("%.9f ", term[k]);
  printf ("%.9f\n", confidence);
}

static void
open_windows (const char *map_path)
{
  char path[1100];

  windows = NULL;
  if (!strcmp (map_path, "-"))
    return;
  snprintf (path, sizeof path, "%s.windows", map_path);
  if (!(windows = fopen (path, "w")))
    fail ("cannot write", path);
}

/* A recording's rows, as the element makes them. */
static void
read_side (const char *path, unsigned rate, DmixAdrQueue *side)
{
  const DmixFormat format = { .rate_hz = rate, .channels = 1 };
  size_t frames;
  float *sound = read_floats (path, &frames);

  if (!dmix_adrqueue_init (side, &format))
    fail ("bad rate for", path);
  if (!dmix_adrqueue_push (side, sound, frames) || !dmix_adrqueue_end (side))
    fail ("no memory for", path);
  free (sound);
}

static void
write_map (const char *path, const double *map, size_t frames)
{
  FILE *file = fopen (path, "wb");

  if (!file || fwrite (map, sizeof *map, frames, file) != frames
      || fclose (file))
    fail ("cannot write", path);
}

static void
run_pair (unsigned rate, const char *guide, const char *take,
    const DmixWarpRange *protect, const char *map_path)
{
  const int speaks = 1;
  DmixAdrQueue side[2];

  read_side (guide, rate, &side[0]);
  read_side (take, rate, &side[1]);

  const size_t guide_rows = (size_t) side[0].end_row;
  const size_t take_rows = (size_t) side[1].end_row;
  double *map = calloc (guide_rows + 1, sizeof *map);
  DmixAdrLine *line = dmix_adrline_new (guide_rows, take_rows, MAX_SHIFT_MS);
  const DmixAdrLineInput input = {
    .guide = { side[0].power, side[0].voice, guide_rows },
    .take = { side[1].power, side[1].voice, take_rows },
    .line_end = &guide_rows,
    .line_speaks = &speaks,
    .lines = 1,
    .ends = 1,
  };
  const DmixAdrLineParams params = {
    .max_shift_ms = MAX_SHIFT_MS,
    .max_stretch = MAX_STRETCH,
    .strength = 1.0,
    .min_confidence = 0.0, /* the map in any case */
    .protect = protect,
    .protects = protect->end > protect->first,
  };
  DmixAdrLineInfo info;

  if (!map || !line)
    fail ("no memory for", guide);
  memset (seen, 0, sizeof seen);
  open_windows (map_path);
  dmix_adrline_process (line, &input, &params, map, &info);
  if (windows && fclose (windows))
    fail ("cannot write windows of", map_path);
  print_terms (seen, info.confidence);
  if (strcmp (map_path, "-"))
    write_map (map_path, map, guide_rows);
  dmix_adrline_free (line);
  free (map);
  dmix_adrqueue_free (&side[0]);
  dmix_adrqueue_free (&side[1]);
}

/* The lines of a scene are measured together, before its first one is reported. */
static void
print_line (unsigned pair, unsigned rate, const double *term,
    const DmixAdrReport *report)
{
  if (!report->line.speech)
    return;
  printf ("%u %.3f %.3f ", pair, (double) report->start_frame / rate,
      (double) report->stop_frame / rate);
  print_terms (term, report->line.confidence);
}

static void
run_dialogue (unsigned pair, unsigned rate, const char *guide, const char *take)
{
  const DmixAdrShape shape = {
    .rate_hz = rate,
    .guide_channels = 1,
    .take_channels = 1,
    .max_line_ms = 60000,
    .max_shift_ms = MAX_SHIFT_MS,
  };
  DmixAdr *adr = dmix_adr_new (&shape, NULL, 0, NULL, 0);
  const char *path[2] = { guide, take };
  DmixAdrReport report;
  float out[4096];
  size_t at = 0, count = 0;

  if (!adr)
    fail ("no memory for", guide);
  for (int s = 0; s < 2; s++) {
    size_t frames;
    float *sound = read_floats (path[s], &frames);

    if (!dmix_adr_push (adr, (DmixAdrSide) s, sound, frames)
        || !dmix_adr_end (adr, (DmixAdrSide) s))
      fail ("no memory for", path[s]);
    free (sound);
  }
  while (scene_lines = 0, dmix_adr_next_line (adr, &report) == 1) {
    if (scene_lines > 0) { /* a new scene */
      at = 0;
      count = scene_lines;
    }
    /* a scene that could not be aligned has no terms */
    if (at < count)
      print_line (pair, rate, scene[at], &report);
    at++;
    while (dmix_adr_read (adr, out, 4096) > 0)
      ;
  }
  dmix_adr_free (adr);
}

int
main (int argc, char **argv)
{
  const int lines = argc > 1 && !strcmp (argv[1], "--lines");
  char guide[1024], take[1024], map[1024];
  DmixWarpRange protect;
  unsigned rate, pair = 0;
  int fields;

  while ((fields = scanf ("%u %1023s %1023s %ld %ld %1023s", &rate, guide, take,
              &protect.first, &protect.end, map))
      == 6)
    if (lines)
      run_dialogue (pair++, rate, guide, take);
    else
      run_pair (rate, guide, take, &protect, map);
  if (fields != EOF)
    fail ("bad line in", "the list");
  return 0;
}
