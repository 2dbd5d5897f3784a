/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method of the end: linear prediction of each channel from its last frames,
 * with the coefficients of Burg (Maximum entropy spectral analysis, 1975, as in
 * Kay, Modern Spectral Estimation, section 7.6), which are stable, so that the
 * continuation of a tone is the tone; times half a period of a raised cosine.
 *
 * State
 *   from, target   linear gains at the ends of a glide, `done` frames of which
 *                  are behind; half a period of a raised cosine, whose slope is
 *                  0 at both ends
 *   begun          sound has come: gains glide
 *   memory[]       last frames of the output, a ring; `at` is the place of the next one, `count` how many
 *                  there are
 *   forward, backward, coefficient, next   work of the prediction
 */
#include "base/fader.h"

#include "base/units.h"

#include <stdlib.h>
#include <string.h>

#define ORDER 48
#define MEMORY_MS 40.0
#define MOST_MEMORY 4096 /* frames: 40 ms at 96 kHz */
#define ROUNDING 1e-10   /* energy of errors, of that of the sound */

struct DmixFader
{
  DmixFormat format;
  double from, target;
  size_t glide, done, end;
  int begun;
  float *memory;
  size_t capacity, at, count;
  double *forward, *backward;
  double coefficient[ORDER + 1], previous[ORDER + 1];
};

DmixFader *
dmix_fader_new (const DmixFormat *format)
{
  DmixFader *self;
  const double ms = dmix_format_is_valid (format) ? format->rate_hz / 1e3 : 0;

  if (ms == 0.0 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->glide = (size_t) fmax (1.0, ms * DMIX_FADER_GLIDE_MS + 0.5);
  self->end = (size_t) fmax (1.0, ms * DMIX_FADER_END_MS + 0.5);
  self->capacity =
      (size_t) dmix_clamp (ms * MEMORY_MS, 2.0 * ORDER, MOST_MEMORY);
  self->memory =
      calloc (self->capacity * format->channels, sizeof *self->memory);
  self->forward = calloc (self->capacity, sizeof *self->forward);
  self->backward = calloc (self->capacity, sizeof *self->backward);
  if (!self->memory || !self->forward || !self->backward) {
    dmix_fader_free (self);
    return NULL;
  }
  self->from = self->target = 1.0;
  self->done = self->glide;
  return self;
}

void
dmix_fader_free (DmixFader *self)
{
  if (!self)
    return;
  free (self->memory);
  free (self->forward);
  free (self->backward);
  free (self);
}

void
dmix_fader_reset (DmixFader *self)
{
  self->at = self->count = 0;
  self->done = self->glide;
  self->begun = 0;
}

/*** gain ***/

/* The gain of the next frame. */
static double
gain_now (const DmixFader *self)
{
  const double part = (double) self->done / (double) self->glide;

  return self->done >= self->glide ? self->target
                                   : self->from
          + (self->target - self->from) * (0.5 - 0.5 * cos (DMIX_PI * part));
}

static void
glide_from (DmixFader *self, double gain)
{
  self->from = gain;
  self->done = 0;
}

void
dmix_fader_set_gain (DmixFader *self, double gain)
{
  const double now = gain_now (self);

  if (!(gain >= 0.0) || gain == self->target)
    return;
  self->target = gain;
  if (self->begun)
    glide_from (self, now);
}

void
dmix_fader_rise (DmixFader *self)
{
  glide_from (self, 0.0);
}

int
dmix_fader_changes_sound (const DmixFader *self)
{
  return self->done < self->glide || self->target != 1.0;
}

void
dmix_fader_remember (DmixFader *self, const float *in, size_t frames)
{
  const unsigned channels = self->format.channels;
  const size_t first = frames > self->capacity ? frames - self->capacity : 0;

  self->begun = 1;
  for (size_t i = first, n; i < frames; i += n) {
    n = self->capacity - self->at;
    n = n < frames - i ? n : frames - i;
    memcpy (self->memory + self->at * channels, in + i * channels,
        n * channels * sizeof *in);
    self->at = (self->at + n) % self->capacity;
  }
  self->count += frames - first;
  if (self->count > self->capacity)
    self->count = self->capacity;
}

void
dmix_fader_process (DmixFader *self, float *io, size_t frames)
{
  const unsigned channels = self->format.channels;

  for (size_t i = 0; i < frames && dmix_fader_changes_sound (self); i++) {
    const float gain = (float) gain_now (self);

    for (unsigned c = 0; c < channels; c++)
      io[i * channels + c] *= gain;
    self->done += self->done < self->glide;
  }
  dmix_fader_remember (self, io, frames);
}

/*** end ***/

/* The latest `count` frames of a channel, the oldest one first; returns their
 * largest magnitude. */
static double
recall (const DmixFader *self, unsigned channel, double *out)
{
  const unsigned channels = self->format.channels;
  double most = 0.0;

  for (size_t i = 0; i < self->count; i++) {
    const size_t at =
        (self->at + self->capacity - self->count + i) % self->capacity;

    out[i] = self->memory[at * channels + channel];
    most = fmax (most, fabs (out[i]));
  }
  return most;
}

/* Reflection coefficient of a step of Burg's recursion. *whole: energy of the
 * first step, from which on it is kept. Once a tone is predicted the rest is
 * rounding, which must not move the poles: the coefficients become 0. */
static double
reflection (const DmixFader *self, unsigned order, double *whole)
{
  double product = 0.0, energy = 0.0;

  for (size_t i = order; i < self->count; i++) {
    const double f = self->forward[i], b = self->backward[i - 1];

    product += f * b;
    energy += f * f + b * b;
  }
  *whole = order == 1 ? energy : *whole;
  return energy > ROUNDING * *whole ? -2.0 * product / energy : 0.0;
}

/* coefficient[1...]: of the prediction error filter, coefficient[0] = 1. */
static void
find_coefficients (DmixFader *self)
{
  double *a = self->coefficient, *before = self->previous, whole = 0.0;

  memcpy (self->backward, self->forward, self->count * sizeof *self->forward);
  memset (a, 0, sizeof self->coefficient);
  a[0] = 1.0;
  for (unsigned m = 1; m <= ORDER && 2 * m < self->count; m++) {
    const double k = reflection (self, m, &whole);

    memcpy (before, a, sizeof self->previous);
    for (unsigned j = 1; j <= m; j++)
      a[j] = before[j] + k * before[m - j];
    for (size_t i = self->count - 1; i >= m; i--) {
      const double f = self->forward[i], b = self->backward[i - 1];

      self->forward[i] = f + k * b;
      self->backward[i] = b + k * f;
    }
  }
}

size_t
dmix_fader_end_frames (const DmixFader *self)
{
  return self->end;
}

static void
end_channel (DmixFader *self, unsigned channel, float *out)
{
  double past[ORDER] = { 0.0 };
  const double most = recall (self, channel, self->forward);
  const size_t known = DMIX_MIN (self->count, ORDER);

  for (size_t i = 0; i < known; i++)
    past[i] = self->forward[self->count - 1 - i];
  find_coefficients (self);
  for (size_t i = 0; i < self->end; i++) {
    const double fade =
        0.5 + 0.5 * cos (DMIX_PI * (i + 1.0) / (self->end + 1.0));
    double next = 0.0;

    for (unsigned j = 0; j < ORDER; j++)
      next -= self->coefficient[j + 1] * past[j];
    next = dmix_clamp (next, -2.0 * most, 2.0 * most);
    memmove (past + 1, past, (ORDER - 1) * sizeof *past);
    past[0] = next;
    out[i * self->format.channels] = (float) (fade * next);
  }
}

void
dmix_fader_end (DmixFader *self, float *out)
{
  for (unsigned c = 0; c < self->format.channels; c++)
    end_channel (self, c, out + c);
  dmix_fader_reset (self);
}
