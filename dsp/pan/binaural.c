/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: overlap-save convolution (A. Oppenheim, R. Schafer, Discrete-Time
 * Signal Processing, 3rd ed., 8.7.3). While a filter changes, the transform is
 * as long as filter and block together, so that a filter of any delay is a
 * product with a phase ramp. A constant filter is cut into partitions of one
 * block, whose input spectra serve later blocks as well (F. Wefers, Partitioned
 * convolution algorithms for real-time auralization, 2015, chapter 5). Both
 * methods give the same sound.
 *
 * State of a source
 *   history      the last `size` frames, the current block at the end; a window
 *                that advances through `memory` and returns to its start
 *   now          filter at the start of the block: 2 spectra
 *   wanted       parameters of the filter at its end, if `turns`
 *   still        blocks since the last change of the filter, up to STILL_BLOCKS
 *   part         filters of the partitions, valid if `parted`: [2][parts]
 *                spectra
 *   past         ring of input spectra of blocks, the newest at `newest`; the
 *                newest `fresh` ones are valid
 *   quiet        frames of silence at the end of the history
 *   tap          zero latency: filters in the time domain, [now, next][2],
 *                reversed in time, and if they differ (`moves`)
 *
 * State of the renderer
 *   next         spectra of a filter
 *   x            spectra of sources
 *   turn[]       sources whose filters change, with their spectra in x, which
 *                are not in the sums yet
 *   sum[]        sums over sources with the OLD filters, the NEW filters and
 *                PARTS: spectra of 2 ears each; `used` ones are not empty
 */
#include "pan/binaural.h"

#include "base/floats.h"
#include "base/units.h"
#include "pan/binauralloops.h"
#include "spectral/fft.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_BLOCKS 4u  /* blocks between two moves of the history in memory */
#define STILL_BLOCKS 4u /* blocks at rest before partitions save time */

enum
{
  OLD,
  NEW,
  PARTS,
  SUMS,
};

struct DmixBinaural
{
  DmixHrtfBank *bank;
  const DmixBinauralLoops *loops;
  DmixFft *fft, *small;
  unsigned block, size, stride, small_stride, parts, taps;
  int zero_latency;
  float *sum[SUMS];
  int used[SUMS];
  DmixBinauralTurn turn[2][DMIX_BINAURALLOOPS_TURNS];
  unsigned turns;
  float *time, *next, *x;
};

struct DmixBinauralSource
{
  unsigned block, size, stride, small_stride, parts, taps;
  float *memory, *history, *now, *part, *past, *tap[2];
  unsigned hint, still, newest, fresh, quiet;
  DmixHrtfBankParams wanted;
  int begun, moves, parted, turns;
};

/*** renderer ***/

static unsigned
stride_for (unsigned size)
{
  return (size / 2 + DMIX_BINAURALLOOPS_WIDTH) / DMIX_BINAURALLOOPS_WIDTH
      * DMIX_BINAURALLOOPS_WIDTH;
}

static unsigned
block_for (unsigned rate_hz)
{
  return rate_hz >= 32000 ? 256 : rate_hz >= 16000 ? 128 : 64;
}

DmixBinaural *
dmix_binaural_new (const DmixHrtf *hrtf, unsigned rate_hz, int zero_latency)
{
  DmixBinaural *self = calloc (1, sizeof *self);
  int good;

  if (!self)
    return NULL;
  self->block = block_for (rate_hz);
  self->zero_latency = zero_latency;
  self->bank = dmix_hrtfbank_new (hrtf, rate_hz, self->block);
  if (!self->bank) {
    dmix_binaural_free (self);
    return NULL;
  }
  self->loops = dmix_binauralloops_get ();
  self->size = dmix_hrtfbank_size (self->bank);
  self->stride = dmix_hrtfbank_stride (self->bank);
  self->taps = dmix_hrtfbank_taps (self->bank);
  self->small_stride = stride_for (2 * self->block);
  self->parts = (self->taps + self->block - 1) / self->block;
  self->fft = dmix_fft_new (self->size);
  self->small = dmix_fft_new (2 * self->block);
  self->time = dmix_floats_new (self->size + 2 * (size_t) self->block);
  self->next = dmix_floats_new (4 * (size_t) self->stride);
  self->x =
      dmix_floats_new (2 * (size_t) self->stride * DMIX_BINAURALLOOPS_TURNS);
  good = self->fft && self->small && self->time && self->next && self->x;
  for (unsigned i = 0; i < SUMS; i++) {
    self->sum[i] = dmix_floats_new (
        4 * (size_t) DMIX_MAX (self->stride, self->small_stride));
    good &= self->sum[i] != NULL;
  }
  if (!good) {
    dmix_binaural_free (self);
    return NULL;
  }
  return self;
}

void
dmix_binaural_free (DmixBinaural *self)
{
  if (!self)
    return;
  dmix_hrtfbank_free (self->bank);
  dmix_fft_free (self->fft);
  dmix_fft_free (self->small);
  for (unsigned i = 0; i < SUMS; i++)
    dmix_floats_free (self->sum[i]);
  dmix_floats_free (self->time);
  dmix_floats_free (self->next);
  dmix_floats_free (self->x);
  free (self);
}

unsigned
dmix_binaural_block_frames (const DmixBinaural *self)
{
  return self->block;
}

unsigned
dmix_binaural_latency_frames (const DmixBinaural *self)
{
  return self->zero_latency ? 0 : self->block;
}

unsigned
dmix_binaural_tail_frames (const DmixBinaural *self)
{
  return self->taps;
}

/*** source ***/

static size_t
memory_size (const DmixBinauralSource *self)
{
  return self->size + (size_t) ROOM_BLOCKS * self->block;
}

DmixBinauralSource *
dmix_binaural_source_new (const DmixBinaural *renderer)
{
  DmixBinauralSource *self = calloc (1, sizeof *self);
  const size_t spectrum = 2 * (size_t) renderer->stride;
  const size_t small = 2 * (size_t) renderer->small_stride;

  if (!self)
    return NULL;
  self->block = renderer->block;
  self->size = renderer->size;
  self->stride = renderer->stride;
  self->small_stride = renderer->small_stride;
  self->parts = renderer->parts;
  self->taps = renderer->taps;
  self->memory = dmix_floats_new (memory_size (self));
  self->now = dmix_floats_new (2 * spectrum);
  self->part = dmix_floats_new (2 * self->parts * small);
  self->past = dmix_floats_new (self->parts * small);
  for (unsigned i = 0; i < 2; i++)
    self->tap[i] = dmix_floats_new (2 * (size_t) self->taps);
  if (!self->memory || !self->now || !self->part || !self->past || !self->tap[0]
      || !self->tap[1]) {
    dmix_binaural_source_free (self);
    return NULL;
  }
  dmix_binaural_source_reset (self);
  return self;
}

void
dmix_binaural_source_free (DmixBinauralSource *self)
{
  if (!self)
    return;
  dmix_floats_free (self->memory);
  dmix_floats_free (self->now);
  dmix_floats_free (self->part);
  dmix_floats_free (self->past);
  dmix_floats_free (self->tap[0]);
  dmix_floats_free (self->tap[1]);
  free (self);
}

void
dmix_binaural_source_reset (DmixBinauralSource *self)
{
  memset (self->memory, 0, memory_size (self) * sizeof *self->memory);
  self->history = self->memory;
  self->quiet = self->size;
  self->still = self->fresh = self->newest = 0;
  self->begun = self->moves = self->parted = self->turns = 0;
}

static void
begin_block (DmixBinauralSource *self)
{
  const size_t end = (size_t) (self->history - self->memory) + self->size;

  if (end + self->block <= memory_size (self)) {
    self->history += self->block;
    return;
  }
  memmove (self->memory, self->history + self->block,
      (self->size - self->block) * sizeof *self->memory);
  self->history = self->memory;
}

float *
dmix_binaural_source_place (DmixBinauralSource *self, unsigned at)
{
  if (at == 0)
    begin_block (self);
  return self->history + self->size - self->block + at;
}

void
dmix_binaural_source_wrote (DmixBinauralSource *self, unsigned frames,
    int heard)
{
  if (heard)
    self->quiet = 0;
  else
    self->quiet += self->quiet < self->size ? frames : 0;
}

/*** filters of a source ***/

static void
make_taps (DmixBinaural *self, const float *spectra, float *tap)
{
  for (unsigned ear = 0; ear < 2; ear++) {
    const float *spectrum = spectra + 2 * ear * self->stride;

    dmix_fft_inverse (self->fft, spectrum, spectrum + self->stride, self->time);
    for (unsigned n = 0; n < self->taps; n++)
      tap[ear * self->taps + n] = self->time[self->taps - 1 - n];
  }
}

static void
change_taps (DmixBinaural *self, DmixBinauralSource *source)
{
  dmix_hrtfbank_get_filter (self->bank, &source->wanted, &source->hint,
      self->next);
  make_taps (self, self->next, source->tap[1]);
  if (!source->begun)
    memcpy (source->tap[0], source->tap[1], 2 * self->taps * sizeof (float));
  source->moves = source->begun;
  source->begun = 1;
}

void
dmix_binaural_source_set_filter (DmixBinaural *self, DmixBinauralSource *source,
    const DmixHrtfBankParams *params)
{
  source->wanted = *params;
  if (self->zero_latency)
    change_taps (self, source);
  else
    source->turns = 1;
}

/*** partitions ***/

static void
make_partitions (DmixBinaural *self, DmixBinauralSource *source)
{
  const unsigned block = self->block;
  float *part = source->part, *piece = self->time + self->size;

  for (unsigned ear = 0; ear < 2; ear++) {
    const float *spectrum = source->now + 2 * ear * self->stride;

    dmix_fft_inverse (self->fft, spectrum, spectrum + self->stride, self->time);
    for (unsigned p = 0; p < self->parts; p++) {
      const unsigned first = p * block;
      const unsigned frames = DMIX_MIN (self->taps - first, block);

      memset (piece, 0, 2 * block * sizeof *piece);
      memcpy (piece, self->time + first, frames * sizeof *piece);
      dmix_fft_forward (self->small, piece, part, part + self->small_stride);
      part += 2 * self->small_stride;
    }
  }
  source->parted = 1;
}

/* Adds the input spectrum of this block, and missing ones of earlier blocks. */
static void
update_spectra (DmixBinaural *self, DmixBinauralSource *source)
{
  const unsigned size = 2 * self->small_stride;
  unsigned missing =
      source->fresh < self->parts ? self->parts - source->fresh : 1;

  source->newest = (source->newest + 1) % self->parts;
  for (unsigned ago = 0; ago < missing; ago++) {
    float *to = source->past
        + size * ((source->newest + self->parts - ago) % self->parts);

    dmix_fft_forward (self->small,
        source->history + self->size - (2 + ago) * self->block, to,
        to + self->small_stride);
  }
  source->fresh = self->parts;
}

static void
add_partitions (DmixBinaural *self, DmixBinauralSource *source)
{
  const unsigned size = 2 * self->small_stride;

  if (!source->parted)
    make_partitions (self, source);
  update_spectra (self, source);
  for (unsigned ear = 0; ear < 2; ear++)
    for (unsigned p = 0; p < self->parts; p++)
      self->loops->multiply_add (self->sum[PARTS] + ear * size,
          source->past
              + size * ((source->newest + self->parts - p) % self->parts),
          source->part + (ear * self->parts + p) * size, self->small_stride);
  self->used[PARTS] = 1;
}

/*** blocks ***/

/* Adds the sources that wait. */
static void
add_turns (DmixBinaural *self)
{
  for (unsigned ear = 0; ear < 2 && self->turns > 0; ear++) {
    const unsigned place = 2 * ear * self->stride;

    self->loops->turn (self->turn[ear], self->turns, self->sum[OLD] + place,
        self->sum[NEW] + place, self->stride);
  }
  self->turns = 0;
}

/* Lets a source wait, whose next filter is computed where it is used. Returns 0
 * if that is not the filter of one direction. */
static int
wait_for_turn (DmixBinaural *self, DmixBinauralSource *source, const float *x)
{
  DmixBinauralTurn *const turn[2] = { &self->turn[0][self->turns],
    &self->turn[1][self->turns] };

  if (!dmix_hrtfbank_find_turn (self->bank, &source->wanted, &source->hint,
          turn))
    return 0;
  for (unsigned ear = 0; ear < 2; ear++) {
    turn[ear]->x = x;
    turn[ear]->filter = source->now + 2 * ear * self->stride;
  }
  if (++self->turns == DMIX_BINAURALLOOPS_TURNS)
    add_turns (self);
  return 1;
}

static void
add_whole (DmixBinaural *self, DmixBinauralSource *source)
{
  float *x = self->x + 2 * (size_t) self->stride * self->turns;

  dmix_fft_forward (self->fft, source->history, x, x + self->stride);
  self->used[OLD] = self->used[NEW] = 1;
  source->fresh = 0;
  if (source->turns && wait_for_turn (self, source, x))
    return;
  add_turns (self); /* sums in the order of the sources */
  if (source->turns)
    dmix_hrtfbank_get_filter (self->bank, &source->wanted, &source->hint,
        self->next);
  for (unsigned ear = 0; ear < 2; ear++) {
    const unsigned place = 2 * ear * self->stride;
    float *old = self->sum[OLD] + place, *new = self->sum[NEW] + place;

    if (source->turns)
      self->loops->multiply_add_turn (old, new, x, source->now + place,
          self->next + place, self->stride);
    else
      self->loops->multiply_add_twice (old, new, x, source->now + place,
          self->stride);
  }
}

/* Without sound a filter changes at once; a first filter takes effect at once. */
static void
change_at_once (DmixBinaural *self, DmixBinauralSource *source)
{
  dmix_hrtfbank_get_filter (self->bank, &source->wanted, &source->hint,
      source->now);
  if (!source->begun)
    source->still = STILL_BLOCKS;
  source->begun = 1;
  source->parted = source->turns = 0;
}

void
dmix_binaural_add (DmixBinaural *self, DmixBinauralSource *source)
{
  const int silent = source->quiet >= self->size;
  const int moves = source->turns && source->begun;

  if (source->turns && (silent || !source->begun))
    change_at_once (self, source);
  if (silent)
    source->fresh = 0;
  else if (source->turns || source->still < STILL_BLOCKS)
    add_whole (self, source);
  else
    add_partitions (self, source);
  source->still = moves ? 0 : DMIX_MIN (source->still + 1, STILL_BLOCKS);
  if (source->turns)
    source->parted = source->turns = 0;
}

/* Returns the last block of the time signal of a sum, the part without
 * wrap-around, and clears the sum. */
static const float *
inverse_of (DmixBinaural *self, unsigned which, unsigned ear)
{
  const int small = which == PARTS;
  const unsigned stride = small ? self->small_stride : self->stride;
  const unsigned size = small ? 2 * self->block : self->size;
  float *spectrum = self->sum[which] + 2 * ear * stride;

  dmix_fft_inverse (small ? self->small : self->fft, spectrum,
      spectrum + stride, self->time);
  memset (spectrum, 0, 2 * stride * sizeof *spectrum);
  return self->time + size - self->block;
}

void
dmix_binaural_read (DmixBinaural *self, float *left, float *right)
{
  const unsigned block = self->block;
  const float each = 1.0f / block;

  add_turns (self);
  for (unsigned ear = 0; ear < 2; ear++) {
    float *to = ear ? right : left;

    memset (to, 0, block * sizeof *to);
    if (self->used[PARTS])
      memcpy (to, inverse_of (self, PARTS, ear), block * sizeof *to);
    if (self->used[OLD]) {
      const float *old = inverse_of (self, OLD, ear);

      for (unsigned i = 0; i < block; i++)
        to[i] += old[i] * (1 - (i + 1) * each);
    }
    if (self->used[NEW]) {
      const float *new = inverse_of (self, NEW, ear);

      for (unsigned i = 0; i < block; i++)
        to[i] += new[i] * ((i + 1) * each);
    }
  }
  memset (self->used, 0, sizeof self->used);
}

/*** zero latency ***/

static float
run_filter (const float *x, const float *tap, unsigned taps)
{
  float lane[8] = { 0 }, sum = 0;
  unsigned n = 0;

  for (; n + 8 <= taps; n += 8)
    for (unsigned i = 0; i < 8; i++)
      lane[i] += x[n + i] * tap[n + i];
  for (; n < taps; n++)
    sum += x[n] * tap[n];
  for (unsigned i = 0; i < 8; i++)
    sum += lane[i];
  return sum;
}

/* Makes the filter at the end of the block the one at the start of the next. */
static void
end_change (DmixBinauralSource *source)
{
  float *const tap = source->tap[0];

  if (source->moves) {
    source->tap[0] = source->tap[1];
    source->tap[1] = tap;
  }
  source->moves = 0;
}

void
dmix_binaural_add_now (DmixBinaural *self, DmixBinauralSource *source,
    unsigned at, unsigned frames, float *left, float *right)
{
  const float *x =
      source->history + self->size - self->block + at + 1 - self->taps;
  const float each = 1.0f / self->block;

  for (unsigned i = 0; source->quiet < self->size && i < frames; i++)
    for (unsigned ear = 0; ear < 2; ear++) {
      const unsigned place = ear * self->taps;
      float y = run_filter (x + i, source->tap[0] + place, self->taps);

      if (source->moves)
        y += ((at + i + 1) * each)
            * (run_filter (x + i, source->tap[1] + place, self->taps) - y);
      (ear ? right : left)[i] += y;
    }
  if (at + frames == self->block)
    end_change (source);
}
