/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the K-weighted energy (kweight) of sub-blocks of 10 ms, weighted
 * and summed over the channels. Momentary and short-term loudness are sums of
 * the last 40 and 300 sub-blocks, updated with each: a meter updated every
 * 100 ms misses up to 0.5 LU of a short sound (EBU Tech 3341, cases 13, 14).
 * Every tenth sub-block completes a gating block of 400 ms (overlap 75 %) and a
 * value for the loudness range; both enter the history (loudnesshistory).
 *
 * Sub-block k ends at frame floor ((k + 1) * rate / 100). If 10 ms are not a
 * whole number of frames, lengths differ by one frame and add up exactly.
 *
 * Sliding sums only add, never subtract, so rounding errors do not grow with
 * time and a burst of any level leaves no trace after the window. The window
 * consists of the end of a completed run of `length` values, with a stored sum
 * from each value to the end, and of the values since, with a running sum. Each
 * value is added twice.
 *
 * State
 *   at, end        frames in the current sub-block, and its length
 *   blocks         sub-blocks since the last interruption
 *   phase          (blocks * rate) mod 100, for the length of the next one
 *   energy[]       of the current sub-block, for each lane
 *   clean          the frames of a sub-block without NaN and infinities
 *   recent         latest frames, not yet through the true-peak filter
 *   max_...        largest mean squares
 *   held[]         highest true peak of a channel before the last interruption
 *   past_peak      the same of all meters taken over; both linear
 */
#include "meter/loudness.h"

#include "base/units.h"
#include "base/sanitize.h"
#include "meter/dialoguemeter.h"
#include "meter/kweight.h"
#include "meter/loudnesshistory.h"
#include "meter/truepeak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_PER_S 100u
#define MOMENTARY 40 /* sub-blocks */
#define SHORTTERM 300
#define STEP 10    /* sub-blocks between gating blocks */
#define ENDING 150 /* of silence after a file, EBU Tech 3342 section 2.2 */
#define LOWEST_PEAK 1e-6 /* -120 dBTP */

typedef struct
{
  double value[SHORTTERM]; /* from `at` on sums to the end, before it values */
  unsigned length, at;
  double since; /* sum of value[0] .. value[at - 1] */
} SlidingSum;

struct DmixLoudness
{
  DmixFormat format;
  unsigned lanes;
  unsigned *channel; /* of each lane */
  double *weight, *energy;
  const float **lane;
  float *clean, *recent;
  size_t at, end;
  unsigned phase, blocks;
  DmixKWeight *kweight;
  DmixTruePeak *truepeak; /* or NULL */
  DmixLoudnessHistory *history;
  DmixDialogueMeter *dialogue; /* or NULL */
  int with_dialogue;
  SlidingSum momentary, shortterm;
  double momentary_ms, shortterm_ms; /* mean squares of the latest windows */
  double max_momentary_ms, max_shortterm_ms;
  double *held, past_peak;
};

/*** sliding sums ***/

static void
sliding_sum_reset (SlidingSum *self, unsigned length)
{
  memset (self, 0, sizeof *self);
  self->length = length;
}

/* Adds a value, drops the oldest, returns the sum. */
static double
sliding_sum_push (SlidingSum *self, double value)
{
  self->value[self->at++] = value;
  self->since += value;
  if (self->at < self->length)
    return self->since + self->value[self->at];
  value = self->since;
  for (unsigned i = self->length - 1; i > 0; i--)
    self->value[i - 1] += self->value[i];
  self->at = 0;
  self->since = 0.0;
  return value;
}

/*** sub-blocks ***/

static size_t
next_length (DmixLoudness *self)
{
  const unsigned frames = self->phase + self->format.rate_hz;

  self->phase = frames % BLOCKS_PER_S;
  return frames / BLOCKS_PER_S;
}

static void
end_block (DmixLoudness *self)
{
  const double block_frames = (double) self->format.rate_hz / BLOCKS_PER_S;
  double sum = 0.0;

  for (unsigned l = 0; l < self->lanes; l++) {
    sum += self->energy[l] * self->weight[l];
    self->energy[l] = 0.0;
  }
  dmix_kweight_settle (self->kweight);
  self->momentary_ms =
      sliding_sum_push (&self->momentary, sum) / (MOMENTARY * block_frames);
  self->shortterm_ms =
      sliding_sum_push (&self->shortterm, sum) / (SHORTTERM * block_frames);
  self->max_momentary_ms = fmax (self->momentary_ms, self->max_momentary_ms);
  self->max_shortterm_ms = fmax (self->shortterm_ms, self->max_shortterm_ms);
  self->blocks++;
  if (self->blocks % STEP == 0 && self->blocks >= MOMENTARY)
    dmix_loudnesshistory_add_block (self->history, self->momentary_ms);
  if (self->blocks % STEP == 0 && self->blocks >= SHORTTERM)
    dmix_loudnesshistory_add_shortterm (self->history, self->shortterm_ms);
  if (self->with_dialogue)
    dmix_dialoguemeter_step (self->dialogue, sum / block_frames);
}

static void
remember_recent (DmixLoudness *self, size_t frames)
{
  const size_t channels = self->format.channels;
  const size_t all = DMIX_TRUEPEAK_REACH;
  const size_t new = DMIX_MIN (frames, all);

  memmove (self->recent, self->recent + new *channels,
      (all - new) * channels * sizeof *self->recent);
  memcpy (self->recent + (all - new) * channels,
      self->clean + (frames - new) * channels,
      new *channels * sizeof *self->recent);
}

/* Measures frames within one sub-block. */
static void
measure (DmixLoudness *self, const float *in, size_t frames)
{
  const size_t channels = self->format.channels;

  memcpy (self->clean, in, frames * channels * sizeof *in);
  dmix_sanitize_clean (self->clean, frames * channels);
  for (unsigned l = 0; l < self->lanes; l++)
    self->lane[l] = self->clean + self->channel[l];
  if (self->lanes > 0)
    dmix_kweight_process (self->kweight, self->lane, channels, frames,
        self->energy);
  if (self->truepeak) {
    dmix_truepeak_process (self->truepeak, self->clean, frames);
    remember_recent (self, frames);
  }
  if (self->with_dialogue)
    dmix_dialoguemeter_add (self->dialogue, self->clean, frames);
}

void
dmix_loudness_process (DmixLoudness *self, const float *in, size_t frames)
{
  while (frames > 0) {
    const size_t left = self->end - self->at;
    const size_t n = DMIX_MIN (frames, left);

    measure (self, in, n);
    in += n * self->format.channels;
    frames -= n;
    self->at += n;
    while (self->at == self->end) { /* some are empty at rates below 100 Hz */
      end_block (self);
      self->at = 0;
      self->end = next_length (self);
    }
  }
}

/*** new, free, reset ***/

static int
set_up_lanes (DmixLoudness *self, const float *weight)
{
  const unsigned channels = self->format.channels;

  self->channel = calloc (channels, sizeof *self->channel);
  self->weight = calloc (channels, sizeof *self->weight);
  self->energy = calloc (channels, sizeof *self->energy);
  self->lane = calloc (channels, sizeof *self->lane);
  if (!self->channel || !self->weight || !self->energy || !self->lane)
    return 0;
  for (unsigned c = 0; c < channels; c++) {
    if (weight && !(weight[c] > 0.0f))
      continue;
    self->weight[self->lanes] = weight ? weight[c] : 1.0;
    self->channel[self->lanes++] = c;
  }
  return 1;
}

static int
set_up_parts (DmixLoudness *self, int true_peak)
{
  const size_t channels = self->format.channels;
  const size_t longest = self->format.rate_hz / BLOCKS_PER_S + 1;

  self->kweight = dmix_kweight_new (self->format.rate_hz,
      self->lanes > 0 ? self->lanes : 1);
  self->history = dmix_loudnesshistory_new ();
  self->clean = calloc (longest * channels, sizeof *self->clean);
  self->recent = calloc (DMIX_TRUEPEAK_REACH * channels, sizeof *self->recent);
  self->held = calloc (channels, sizeof *self->held);
  if (true_peak && !(self->truepeak = dmix_truepeak_new (&self->format, 0)))
    return 0;
  return self->kweight && self->history && self->clean && self->recent
      && self->held;
}

DmixLoudness *
dmix_loudness_new (const DmixFormat *format, const float *weight, int true_peak)
{
  DmixLoudness *self;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  if (!set_up_lanes (self, weight) || !set_up_parts (self, true_peak)) {
    dmix_loudness_free (self);
    return NULL;
  }
  dmix_loudness_reset (self);
  return self;
}

void
dmix_loudness_free (DmixLoudness *self)
{
  if (!self)
    return;
  dmix_kweight_free (self->kweight);
  dmix_truepeak_free (self->truepeak);
  dmix_loudnesshistory_free (self->history);
  dmix_dialoguemeter_free (self->dialogue);
  free (self->channel);
  free (self->weight);
  free (self->energy);
  free (self->lane);
  free (self->clean);
  free (self->recent);
  free (self->held);
  free (self);
}

int
dmix_loudness_add_dialogue (DmixLoudness *self, const DmixVoicePlace *place)
{
  if (!self->dialogue)
    self->dialogue = dmix_dialoguemeter_new (&self->format, place);
  return self->dialogue != NULL;
}

void
dmix_loudness_set_detector (DmixLoudness *self, DmixVoiceDetector detector)
{
  if (self->dialogue)
    dmix_dialoguemeter_set_detector (self->dialogue, detector);
}

void
dmix_loudness_measure_dialogue (DmixLoudness *self, int on)
{
  on = on && self->dialogue;
  if (self->with_dialogue && !on)
    dmix_dialoguemeter_finish (self->dialogue);
  self->with_dialogue = on;
}

static double
peak_of (const DmixLoudness *self, unsigned channel)
{
  double most = self->held[channel];

  if (!self->truepeak)
    return most;
  most = fmax (dmix_truepeak_get_peak (self->truepeak, channel), most);
  for (unsigned i = 0; i < DMIX_TRUEPEAK_REACH; i++)
    most =
        fmax (fabsf (self->recent[i * self->format.channels + channel]), most);
  return most;
}

static double
max_peak (const DmixLoudness *self)
{
  double most = self->past_peak;

  for (unsigned c = 0; c < self->format.channels; c++)
    most = fmax (peak_of (self, c), most);
  return most;
}

void
dmix_loudness_interrupt (DmixLoudness *self)
{
  dmix_kweight_reset (self->kweight);
  memset (self->energy, 0, self->format.channels * sizeof *self->energy);
  sliding_sum_reset (&self->momentary, MOMENTARY);
  sliding_sum_reset (&self->shortterm, SHORTTERM);
  self->momentary_ms = self->shortterm_ms = 0.0;
  for (unsigned c = 0; c < self->format.channels; c++)
    self->held[c] = peak_of (self, c);
  if (self->truepeak)
    dmix_truepeak_reset (self->truepeak);
  memset (self->recent, 0,
      DMIX_TRUEPEAK_REACH * self->format.channels * sizeof *self->recent);
  if (self->dialogue)
    dmix_dialoguemeter_finish (self->dialogue);
  self->at = 0;
  self->phase = self->blocks = 0;
  self->end = next_length (self);
}

/* The silence that Tech 3342 appends to a file; it counts for the range alone. */
static void
add_silence (DmixLoudness *self)
{
  const double step_frames = (double) self->format.rate_hz / BLOCKS_PER_S;

  for (unsigned i = 1; i <= ENDING; i++) {
    const double mean_square =
        sliding_sum_push (&self->shortterm, 0.0) / (SHORTTERM * step_frames);

    self->blocks++;
    if (self->blocks % STEP == 0 && self->blocks >= SHORTTERM)
      dmix_loudnesshistory_add_shortterm (self->history, mean_square);
  }
}

void
dmix_loudness_finish (DmixLoudness *self)
{
  const size_t channels = self->format.channels;
  const double momentary_ms = self->momentary_ms;
  const double shortterm_ms = self->shortterm_ms;

  add_silence (self);
  if (self->truepeak) {
    memset (self->recent, 0,
        DMIX_TRUEPEAK_REACH * channels * sizeof *self->recent);
    dmix_truepeak_process (self->truepeak, self->recent, DMIX_TRUEPEAK_REACH);
  }
  dmix_loudness_interrupt (self);
  self->momentary_ms = momentary_ms;
  self->shortterm_ms = shortterm_ms;
}

void
dmix_loudness_reset (DmixLoudness *self)
{
  dmix_loudness_interrupt (self);
  dmix_loudnesshistory_reset (self->history);
  if (self->dialogue)
    dmix_dialoguemeter_reset (self->dialogue);
  memset (self->held, 0, self->format.channels * sizeof *self->held);
  self->max_momentary_ms = self->max_shortterm_ms = 0.0;
  self->past_peak = 0.0;
}

void
dmix_loudness_take_over (DmixLoudness *self, DmixLoudness *from)
{
  if (self->dialogue && from->dialogue)
    dmix_dialoguemeter_take_over (self->dialogue, from->dialogue);
  dmix_loudnesshistory_merge (self->history, from->history);
  self->max_momentary_ms =
      fmax (self->max_momentary_ms, from->max_momentary_ms);
  self->max_shortterm_ms =
      fmax (self->max_shortterm_ms, from->max_shortterm_ms);
  self->past_peak = fmax (self->past_peak, max_peak (from));
}

/*** readings ***/

void
dmix_loudness_read (DmixLoudness *self, DmixLoudnessReading *reading)
{
  *reading = (DmixLoudnessReading){
    .momentary_lufs = dmix_kweight_lufs (self->momentary_ms),
    .shortterm_lufs = dmix_kweight_lufs (self->shortterm_ms),
    .max_momentary_lufs = dmix_kweight_lufs (self->max_momentary_ms),
    .max_shortterm_lufs = dmix_kweight_lufs (self->max_shortterm_ms),
    .integrated_lufs = dmix_loudnesshistory_get_integrated (self->history),
    .range_lu = dmix_loudnesshistory_get_range (self->history),
  };
}

size_t
dmix_loudness_get_frames_left (const DmixLoudness *self)
{
  return self->end > self->at ? self->end - self->at : 1;
}

int
dmix_loudness_get_speech (const DmixLoudness *self, double *probability)
{
  *probability = 0.0;
  return self->dialogue
      && dmix_dialoguemeter_get_speech (self->dialogue, probability);
}

int
dmix_loudness_read_phrase (DmixLoudness *self, DmixPhrase *phrase)
{
  return self->dialogue
      && dmix_dialoguemeter_read_phrase (self->dialogue, phrase);
}

void
dmix_loudness_read_dialogue (DmixLoudness *self, DmixDialogueReading *reading)
{
  *reading = (DmixDialogueReading){
    .dialogue_lufs = DMIX_KWEIGHT_SILENCE_LUFS,
    .shortterm_lufs = DMIX_KWEIGHT_SILENCE_LUFS,
    .speech_lufs = DMIX_KWEIGHT_SILENCE_LUFS,
  };
  if (self->dialogue)
    dmix_dialoguemeter_read (self->dialogue, reading);
}

static double
dbtp (double peak)
{
  return dmix_db_from_gain (fmax (peak, LOWEST_PEAK));
}

double
dmix_loudness_get_true_peak (const DmixLoudness *self, unsigned channel)
{
  return dbtp (peak_of (self, channel));
}

double
dmix_loudness_get_max_true_peak (const DmixLoudness *self)
{
  return dbtp (max_peak (self));
}
