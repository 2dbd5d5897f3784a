/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the two filters of ITU-R BS.1770-5 Annex 1 as biquads (the loop is in
 * kweightfilter.c). The standard tabulates coefficients for 48 kHz only and
 * wants "the same frequency response" at other rates. At 48 kHz the bilinear
 * transform of the analogue prototypes (centre frequency, gain and Q) gives
 * exactly the tabulated numbers; the prototypes are the ones published with
 * libebur128. At lower rates that transform bends the shelf by up to 0.5 dB,
 * because the shelf is near Nyquist. At every other rate the shelf therefore
 * keeps the poles of the prototype (z = exp (s T)), and its zeros make the
 * squared magnitude that of the prototype: exactly at 0 Hz, by least squares of
 * the relative error up to Nyquist (M. Vicanek, "Matched second order digital
 * filters", 2016, matches it at three frequencies; his formulas turn the
 * squared magnitude into coefficients). The error is below 0.03 dB from 8 kHz
 * on. The high-pass at 38 Hz is far from Nyquist and stays bilinear. The gain
 * at 997 Hz, where the standard states what a meter has to read, is made that
 * of 48 kHz. The test compares the result with the tables of the standard and
 * with the analogue response.
 *
 * Lanes run in groups of four. The recursion is in double precision, for a
 * 38 Hz pole at 192 kHz needs it.
 *
 * State: the filters' last samples, for each group (`memory`).
 */
#include "meter/kweight.h"
#include "base/units.h"
#include "base/cpu.h"
#include "meter/kweightfilter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GROUP DMIX_KWEIGHT_GROUP
#define TABULATED_HZ 48000
#define LOWEST_MATCHED_HZ 8000 /* below, 997 Hz is near Nyquist */
#define MATCH_POINTS 32        /* of the least squares, 0 Hz to Nyquist */

/* The analogue shelf: (high s^2 + band s / q + 1) / (s^2 + s / q + 1). */
#define SHELF_HZ 1681.974450955533
#define SHELF_Q 0.7071752369554196
#define SHELF_DB 3.999843853973347
#define SHELF_BAND 0.4996667741545416
#define GONE 1e-60 /* 1200 dB below full scale, far above denormals */

struct DmixKWeight
{
  unsigned lanes, groups;
  DmixBiquad shelf, pass;
  DmixKWeightFilter *filter; /* fastest version for this processor */
  DmixKWeightMemory *memory;
};

static double
warped (double frequency_hz, unsigned rate_hz)
{
  /* At very low rates the shelf lies above Nyquist: keep the filter stable. */
  return tan (DMIX_PI * fmin (frequency_hz / rate_hz, 0.49));
}

static DmixBiquad
bilinear_shelf (unsigned rate_hz)
{
  const double high = dmix_gain_from_db (SHELF_DB);
  const double band = pow (high, SHELF_BAND);
  const double k = warped (SHELF_HZ, rate_hz);
  const double a0 = 1.0 + k / SHELF_Q + k * k;

  return (DmixBiquad){
    .b0 = (high + band * k / SHELF_Q + k * k) / a0,
    .b1 = 2.0 * (k * k - high) / a0,
    .b2 = (high - band * k / SHELF_Q + k * k) / a0,
    .a1 = 2.0 * (k * k - 1.0) / a0,
    .a2 = (1.0 - k / SHELF_Q + k * k) / a0,
  };
}

/* Squared gain of the analogue shelf at a multiple x of its frequency. */
static double
analogue_shelf_power (double x)
{
  const double high = dmix_gain_from_db (SHELF_DB);
  const double band = pow (high, SHELF_BAND);
  const double br = 1.0 - high * x * x, bi = band * x / SHELF_Q;
  const double ar = 1.0 - x * x, ai = x / SHELF_Q;

  return (br * br + bi * bi) / (ar * ar + ai * ai);
}

/* The squared magnitude of c0 + c1 z^-1 + c2 z^-2 is
 *   power[0] p0 + power[1] p1 + power[2] p2
 * with p1 = sin^2 (w / 2), p0 = 1 - p1, p2 = 4 p0 p1. */
static void
set_basis (double w, double p[3])
{
  p[1] = pow (sin (0.5 * w), 2.0);
  p[0] = 1.0 - p[1];
  p[2] = 4.0 * p[0] * p[1];
}

/* The numerator's power[1] and [2]; power[0] makes the gain 1 at 0 Hz. */
static void
match_numerator (unsigned rate_hz, const double pole[3], double power[3])
{
  double xx = 0.0, xy = 0.0, yy = 0.0, xr = 0.0, yr = 0.0;

  power[0] = pole[0];
  for (unsigned i = 0; i < MATCH_POINTS; i++) {
    const double w = DMIX_PI * (i + 0.5) / MATCH_POINTS;
    double p[3], want, x, y, rest;

    set_basis (w, p);
    want = (pole[0] * p[0] + pole[1] * p[1] + pole[2] * p[2])
        * analogue_shelf_power (w * rate_hz / (2.0 * DMIX_PI * SHELF_HZ));
    x = p[1] / want;
    y = p[2] / want;
    rest = 1.0 - power[0] * p[0] / want;
    xx += x * x;
    xy += x * y;
    yy += y * y;
    xr += x * rest;
    yr += y * rest;
  }
  power[1] = (xr * yy - yr * xy) / (xx * yy - xy * xy);
  power[2] = (yr * xx - xr * xy) / (xx * yy - xy * xy);
}

static DmixBiquad
matched_shelf (unsigned rate_hz)
{
  const double w0 = 2.0 * DMIX_PI * SHELF_HZ / rate_hz;
  const double damping = 0.5 / SHELF_Q; /* below 1: complex poles */
  const double radius = exp (-damping * w0);
  const double a1 = -2.0 * radius * cos (w0 * sqrt (1.0 - damping * damping));
  const double a2 = radius * radius;
  const double pole[3] = {
    pow (1.0 + a1 + a2, 2.0),
    pow (1.0 - a1 + a2, 2.0),
    -4.0 * a2,
  };
  double power[3], sum;
  DmixBiquad shelf = { .a1 = a1, .a2 = a2 };

  match_numerator (rate_hz, pole, power);
  sum = 0.5 * (sqrt (power[0]) + sqrt (power[1])); /* b0 + b2 */
  shelf.b0 = 0.5 * (sum + sqrt (sum * sum + power[2]));
  shelf.b1 = 0.5 * (sqrt (power[0]) - sqrt (power[1]));
  shelf.b2 = sum - shelf.b0;
  return shelf;
}

static DmixBiquad
high_shelf (unsigned rate_hz)
{
  return rate_hz == TABULATED_HZ || rate_hz < LOWEST_MATCHED_HZ
      ? bilinear_shelf (rate_hz)
      : matched_shelf (rate_hz);
}

static DmixBiquad
high_pass (unsigned rate_hz)
{
  const double q = 0.5003270373238773;
  const double k = warped (38.13547087602444, rate_hz);
  const double a0 = 1.0 + k / q + k * k;

  return (DmixBiquad){
    /* the standard leaves the numerator unscaled */
    .b0 = 1.0,
    .b1 = -2.0,
    .b2 = 1.0,
    .a1 = 2.0 * (k * k - 1.0) / a0,
    .a2 = (1.0 - k / q + k * k) / a0,
  };
}

/* Squared gain of a biquad at an angular frequency (per sample). */
static double
power_at (const DmixBiquad *f, double w)
{
  const double br = f->b0 + f->b1 * cos (w) + f->b2 * cos (2.0 * w);
  const double bi = f->b1 * sin (w) + f->b2 * sin (2.0 * w);
  const double ar = 1.0 + f->a1 * cos (w) + f->a2 * cos (2.0 * w);
  const double ai = f->a1 * sin (w) + f->a2 * sin (2.0 * w);

  return (br * br + bi * bi) / (ar * ar + ai * ai);
}

/* Gain of both filters at 997 Hz. */
static double
reference_gain (unsigned rate_hz)
{
  const DmixBiquad shelf = high_shelf (rate_hz), pass = high_pass (rate_hz);
  const double w = 2.0 * DMIX_PI * 997.0 / rate_hz;

  return sqrt (power_at (&shelf, w) * power_at (&pass, w));
}

static DmixBiquad
calibrated_shelf (unsigned rate_hz)
{
  DmixBiquad shelf = high_shelf (rate_hz);

  if (rate_hz >= LOWEST_MATCHED_HZ) {
    const double gain =
        reference_gain (TABULATED_HZ) / reference_gain (rate_hz);

    shelf.b0 *= gain;
    shelf.b1 *= gain;
    shelf.b2 *= gain;
  }
  return shelf;
}

static DmixKWeightFilter *
fastest_filter (void)
{
#ifdef HAVE_FMA
  if (dmix_cpu_has_fma ())
    return dmix_kweight_filter_fma;
#endif
  return dmix_kweight_filter_plain;
}

DmixKWeight *
dmix_kweight_new (unsigned rate_hz, unsigned lanes)
{
  DmixKWeight *self;

  if (rate_hz < 1 || rate_hz > 768000 || lanes < 1
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->lanes = lanes;
  self->groups = (lanes + GROUP - 1) / GROUP;
  self->shelf = calibrated_shelf (rate_hz);
  self->pass = high_pass (rate_hz);
  self->filter = fastest_filter ();
  self->memory = calloc (self->groups, sizeof *self->memory);
  if (!self->memory) {
    free (self);
    return NULL;
  }
  return self;
}

void
dmix_kweight_free (DmixKWeight *self)
{
  if (!self)
    return;
  free (self->memory);
  free (self);
}

void
dmix_kweight_reset (DmixKWeight *self)
{
  memset (self->memory, 0, self->groups * sizeof *self->memory);
}

void
dmix_kweight_take_over (DmixKWeight *self, const DmixKWeight *from)
{
  memcpy (self->memory, from->memory, self->groups * sizeof *self->memory);
}

void
dmix_kweight_process (DmixKWeight *self, const float *const *lane,
    size_t stride, size_t frames, double *energy)
{
  for (unsigned g = 0; g < self->groups; g++) {
    const unsigned first = g * GROUP;
    const float *four[GROUP];
    double sum[GROUP] = { 0.0 };

    /* A group that is not full filters its last lane more than once and ignores
     * the copies: cheaper than a second loop. */
    for (unsigned l = 0; l < GROUP; l++) {
      unsigned source = first + l < self->lanes ? first + l : self->lanes - 1;

      four[l] = lane[source];
      sum[l] = energy[source];
    }
    self->filter (&self->shelf, &self->pass, &self->memory[g], four, stride,
        frames, sum);
    for (unsigned l = 0; l < GROUP && first + l < self->lanes; l++)
      energy[first + l] = sum[l];
  }
}

void
dmix_kweight_settle (DmixKWeight *self)
{
  double *value = (double *) self->memory;
  const size_t count = self->groups * sizeof *self->memory / sizeof *value;

  for (size_t i = 0; i < count; i++)
    value[i] = fabs (value[i]) < GONE ? 0.0 : value[i];
}

double
dmix_kweight_lufs (double mean_square)
{
  double lufs = -0.691 + dmix_db_from_power (mean_square);

  return DMIX_MAX (lufs, DMIX_KWEIGHT_SILENCE_LUFS);
}

double
dmix_kweight_mean_square (double lufs)
{
  return dmix_power_from_db (lufs + 0.691);
}
