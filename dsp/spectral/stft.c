/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: weighted overlap-add (R. E. Crochiere, "A weighted overlap-add
 * method of short-time Fourier analysis/synthesis", IEEE Trans. ASSP 28,
 * 1980). The product of the analysis and the synthesis window is a Hann
 * window of `output_frames`. Its copies `hop_frames` apart add up to a
 * constant, which is sufficient for exact reconstruction.
 *
 * With window_frames = output_frames both windows are root-Hann. A longer
 * analysis window rises slowly (a root-Hann slope over its older part) and
 * falls like the short one; the synthesis window is the Hann window divided by
 * it (D. Mauler, R. Martin, "A low delay, variable resolution, perfect
 * reconstruction spectral analysis-synthesis system for speech enhancement",
 * EUSIPCO 2007).
 *
 * State
 *   at          frames in the current hop
 *   plain       frames are windowed, but not transformed
 *   past[c]     latest window_frames of channel c, oldest first; the newest
 *               hop is being filled
 *   sum[c]      overlap-added output, output_frames; its first hop is put out
 *   energy      of the analysis window, in parts of a quarter of a hop,
 *               newest first; shares of 1
 *   sound       1 if any channel has sound in this part, else 0
 */
#include "spectral/stft.h"

#include "base/blockloops.h"
#include "base/floats.h"

#include "base/units.h"
#include "spectral/fft.h"
#include "base/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE 1e-15f /* -300 dBFS: avoids denormal squares */
#define PARTS 4        /* of a hop */

struct DmixStft
{
  DmixStftShape shape;
  unsigned bins, at, parts;
  int plain;
  DmixFft *fft;
  float *memory;
  float *analysis;       /* window_frames */
  float *synthesis;      /* output_frames */
  float *frame;          /* work space of the transform */
  float *energy, *sound; /* parts */
  float *past[DMIX_MAX_CHANNELS], *sum[DMIX_MAX_CHANNELS];
  float *re[DMIX_MAX_CHANNELS], *im[DMIX_MAX_CHANNELS];
};

static int
shape_is_valid (const DmixStftShape *s)
{
  return s && s->channels >= 1 && s->channels <= DMIX_MAX_CHANNELS
      && s->hop_frames >= 1 && s->hop_frames <= DMIX_FFT_MAX_SIZE
      && s->output_frames % s->hop_frames == 0
      && s->output_frames / s->hop_frames >= 2
      && s->output_frames <= s->window_frames
      && s->window_frames <= DMIX_FFT_MAX_SIZE;
}

/* Root-Hann slope: rises from 0 to 1 as place goes from 0 to length. */
static double
slope (double place, double length)
{
  return sin (DMIX_PI / 2.0 * place / length);
}

static void
make_windows (DmixStft *self)
{
  const unsigned window = self->shape.window_frames;
  const unsigned output = self->shape.output_frames;
  const double fall = output / 2.0, rise = window - fall;
  const double scale = 2.0 * self->shape.hop_frames / output;

  for (unsigned i = 0; i < window; i++)
    self->analysis[i] =
        (float) (i < rise ? slope (i, rise) : slope (window - i, fall));
  for (unsigned i = 0; i < output; i++) {
    const double hann = pow (sin (DMIX_PI * i / output), 2.0);
    const double other = self->analysis[window - output + i];

    self->synthesis[i] = (float) (i ? scale * hann / other : 0.0);
  }
}

/* First frame of part p of a hop, 0 to PARTS. */
static unsigned
part_start (const DmixStft *self, unsigned p)
{
  return self->shape.hop_frames * p / PARTS;
}

static void
measure_parts (DmixStft *self)
{
  const unsigned window = self->shape.window_frames;
  const unsigned hop = self->shape.hop_frames;
  const double all = dmix_stft_window_energy (self);

  for (unsigned i = 0; i < self->parts; i++) {
    const unsigned hops = i / PARTS + 1, p = PARTS - 1 - i % PARTS;

    for (unsigned f = part_start (self, p); f < part_start (self, p + 1); f++) {
      const long at = (long) window - (long) (hops * hop) + f;

      if (at >= 0)
        self->energy[i] +=
            (float) (self->analysis[at] * self->analysis[at] / all);
    }
  }
}

/* Assigns each array its part of `memory`. Returns the size of all, floats;
 * memory may be NULL. */
static size_t
lay_out (DmixStft *self, float *memory)
{
  const DmixStftShape *s = &self->shape;
  const unsigned size = 2 * (self->bins - 1);
  size_t at = 0;

#define TAKE(array, count)                                                     \
  do {                                                                         \
    (array) = memory ? memory + at : NULL;                                     \
    at += DMIX_FLOATS_WHOLE (count);                                           \
  } while (0)
  TAKE (self->analysis, s->window_frames);
  TAKE (self->synthesis, s->output_frames);
  TAKE (self->frame, size);
  TAKE (self->energy, self->parts);
  TAKE (self->sound, self->parts);
  for (unsigned c = 0; c < s->channels; c++) {
    TAKE (self->past[c], s->window_frames);
    TAKE (self->sum[c], s->output_frames);
    TAKE (self->re[c], self->bins);
    TAKE (self->im[c], self->bins);
  }
#undef TAKE
  return at;
}

DmixStft *
dmix_stft_new (const DmixStftShape *shape)
{
  DmixStft *self;
  unsigned size;

  if (!shape_is_valid (shape) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->shape = *shape;
  size = dmix_fft_size_for (shape->window_frames);
  self->bins = size / 2 + 1;
  self->parts = PARTS
      * ((shape->window_frames + shape->hop_frames - 1) / shape->hop_frames);
  self->fft = dmix_fft_new (size);
  self->memory = dmix_floats_new (lay_out (self, NULL));
  if (!self->fft || !self->memory) {
    dmix_stft_free (self);
    return NULL;
  }
  lay_out (self, self->memory);
  make_windows (self);
  measure_parts (self);
  dmix_stft_reset (self);
  return self;
}

void
dmix_stft_free (DmixStft *self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  dmix_floats_free (self->memory);
  free (self);
}

void
dmix_stft_reset (DmixStft *self)
{
  const DmixStftShape *s = &self->shape;

  for (unsigned c = 0; c < s->channels; c++) {
    memset (self->past[c], 0, s->window_frames * sizeof (float));
    memset (self->sum[c], 0, s->output_frames * sizeof (float));
  }
  memset (self->sound, 0, self->parts * sizeof (float));
  self->at = 0;
}

/* Stores input frames of both channels and replaces them by the output. */
static void
swap_in_both (DmixStft *self, float *io, size_t frames)
{
  const unsigned at =
      self->shape.window_frames - self->shape.hop_frames + self->at;

  dmix_blockloops ()->swap_pairs (io, self->past[0] + at, self->past[1] + at,
      self->sum[0] + self->at, self->sum[1] + self->at, frames);
}

/* The same with channel c of any number. */
static void
swap_in_output (DmixStft *self, float *io, unsigned c, size_t frames)
{
  const unsigned stride = self->shape.channels;
  float *in = self->past[c] + self->shape.window_frames - self->shape.hop_frames
      + self->at;
  const float *out = self->sum[c] + self->at;

  if (stride == 1) {
    memcpy (in, io, frames * sizeof *in);
    memcpy (io, out, frames * sizeof *io);
    return;
  }
  for (size_t i = 0; i < frames; i++) {
    const float sample = io[i * stride + c];

    io[i * stride + c] = out[i];
    in[i] = sample;
  }
}

/* Notes in which parts of the newest hop there is sound in any channel; is there
 * any in the window? */
static int
listen (DmixStft *self)
{
  const DmixBlockLoops *loops = dmix_blockloops ();
  const DmixStftShape *s = &self->shape;

  memmove (self->sound + PARTS, self->sound,
      (self->parts - PARTS) * sizeof (float));
  for (unsigned p = 0; p < PARTS; p++) {
    const unsigned start = part_start (self, p);
    const unsigned frames = part_start (self, p + 1) - start;
    int sound = 0;

    for (unsigned c = 0; c < s->channels && !sound; c++)
      sound = loops->largest (self->past[c] + s->window_frames - s->hop_frames
                      + start,
                  frames)
          > SILENCE;
    self->sound[PARTS - 1 - p] = (float) sound;
  }
  for (unsigned i = 0; i < self->parts; i++)
    if (self->sound[i] > 0.0f)
      return 1;
  return 0;
}

static void
analyse (DmixStft *self, unsigned c)
{
  const unsigned window = self->shape.window_frames;
  const float *past = self->past[c];

  dmix_blockloops ()->multiply (self->frame, past, self->analysis, window);
  memset (self->frame + window, 0,
      (2 * (self->bins - 1) - window) * sizeof (float));
  dmix_fft_forward (self->fft, self->frame, self->re[c], self->im[c]);
}

static void
synthesise (DmixStft *self, unsigned c)
{
  const unsigned output = self->shape.output_frames;
  const float *newest = self->frame + self->shape.window_frames - output;

  dmix_fft_inverse (self->fft, self->re[c], self->im[c], self->frame);
  dmix_blockloops ()->add_product (self->sum[c], newest, self->synthesis,
      output);
}

/* The same for a frame that is not changed. */
static void
add_plain (DmixStft *self, unsigned c)
{
  const DmixBlockLoops *loops = dmix_blockloops ();
  const unsigned output = self->shape.output_frames;
  const unsigned first = self->shape.window_frames - output;

  loops->multiply (self->frame, self->past[c] + first, self->analysis + first,
      output);
  loops->add_product (self->sum[c], self->frame, self->synthesis, output);
}

/* Processes the frame that a full hop completes, and moves the windows on. */
static void
transform (DmixStft *self, DmixStftChange *change, void *user)
{
  const DmixStftShape *s = &self->shape;
  const size_t hop = s->hop_frames;
  const int audible = listen (self);
  int active = audible;

  if (audible && !self->plain)
    for (unsigned c = 0; c < s->channels; c++)
      analyse (self, c);
  if (!self->plain)
    active = change (user, self->re, self->im, audible) && audible;
  for (unsigned c = 0; c < s->channels; c++) {
    memmove (self->sum[c], self->sum[c] + hop,
        (s->output_frames - hop) * sizeof (float));
    memset (self->sum[c] + s->output_frames - hop, 0, hop * sizeof (float));
    if (active && self->plain)
      add_plain (self, c);
    else if (active)
      synthesise (self, c);
    memmove (self->past[c], self->past[c] + hop,
        (s->window_frames - hop) * sizeof (float));
  }
}

void
dmix_stft_process (DmixStft *self, float *io, size_t frames,
    DmixStftChange *change, void *user)
{
  const DmixStftShape *s = &self->shape;

  while (frames > 0) {
    size_t run = s->hop_frames - self->at;

    run = DMIX_MIN (run, frames);
    if (s->channels == 2)
      swap_in_both (self, io, run);
    else
      for (unsigned c = 0; c < s->channels; c++)
        swap_in_output (self, io, c, run);
    self->at += (unsigned) run;
    if (self->at == s->hop_frames) {
      self->at = 0;
      transform (self, change, user);
    }
    io += run * s->channels;
    frames -= run;
  }
}

void
dmix_stft_set_plain (DmixStft *self, int plain)
{
  self->plain = plain;
}

double
dmix_stft_get_filled (const DmixStft *self)
{
  double sum = 0.0;

  for (unsigned i = 0; i < self->parts; i++)
    sum += self->energy[i] * self->sound[i];
  return sum < 1.0 - 1e-5 ? sum : 1.0;
}

unsigned
dmix_stft_latency_frames (const DmixStft *self)
{
  return self->shape.output_frames;
}

unsigned
dmix_stft_tail_frames (const DmixStft *self)
{
  return self->shape.window_frames + self->shape.output_frames;
}

unsigned
dmix_stft_bins (const DmixStft *self)
{
  return self->bins;
}

double
dmix_stft_window_energy (const DmixStft *self)
{
  double sum = 0.0;

  for (unsigned i = 0; i < self->shape.window_frames; i++)
    sum += (double) self->analysis[i] * self->analysis[i];
  return sum;
}
