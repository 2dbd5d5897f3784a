/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: vectors of eight bins. A sum has eight partial sums, because each
 * addition to one sum waits for the previous one. The exponential is 2^f for the
 * fraction f (-1/2 to 1/2), by the polynomial of base/blockloops.c (relative
 * error 9e-8), times 2^n in the bits of the exponent.
 */
#include "speech/activityloops.h"

#include "base/eight.h"

#ifdef __AVX2__
#define LOOPS dmix_activityloops_avx2
#else
#define LOOPS dmix_activityloops_plain
#endif

#define OCTAVES_PER_NEPER 1.44269504f
#define LOWEST_OCTAVES -126.0f
#define ROUND 12582912.0f /* 1.5 * 2^23: adding it rounds to an integer */

typedef DmixEight Eight;

static inline Eight
load (const float *x)
{
  return dmix_eight_load (x);
}

static inline Eight
all (float x)
{
  return dmix_eight_all (x);
}

/* The first parts of x, and zeros. */
static inline Eight
load_part (const float *x, unsigned count)
{
  float part[8] = { 0.0f };

  for (unsigned i = 0; i < count; i++)
    part[i] = x[i];
  return load (part);
}

static float
energy (const float *x, unsigned count)
{
  Eight a = all (0.0f), b = a;
  unsigned i = 0;

  for (; i + 16 <= count; i += 16) {
    const Eight v = load (x + i), w = load (x + i + 8);

    a += v * v;
    b += w * w;
  }
  for (; i < count; i += 8) {
    const Eight v =
        i + 8 <= count ? load (x + i) : load_part (x + i, count - i);

    a += v * v;
  }
  return dmix_eight_sum (a + b);
}

static float
sum (const float *x, unsigned count)
{
  Eight a = all (0.0f);

  for (unsigned i = 0; i < count; i += 8)
    a += i + 8 <= count ? load (x + i) : load_part (x + i, count - i);
  return dmix_eight_sum (a);
}

static void
power_of (const float *re, const float *im, float scale, float *power,
    unsigned bins)
{
  for (unsigned b = 0; b < bins; b += 8) {
    const Eight r = load (re + b), i = load (im + b);

    dmix_eight_store (power + b, scale * (r * r + i * i));
  }
}

static void
smooth (float *power, float *last, unsigned bins)
{
  for (unsigned b = 0; b < bins; b += 8) {
    const Eight now = load (power + b);

    dmix_eight_store (power + b, 0.5f * (now + load (last + b)));
    dmix_eight_store (last + b, now);
  }
}

/* e^x for x <= 0; 0 counts as 1e-38. */
static inline Eight
exponential (Eight x)
{
  const Eight octaves =
      dmix_eight_larger (x * OCTAVES_PER_NEPER, all (LOWEST_OCTAVES));
  const Eight shifted = octaves + ROUND, f = octaves - (shifted - ROUND);
  Eight q = all (0.00132647657f);

  q = q * f + 0.00967151206f;
  q = q * f + 0.0555073363f;
  q = q * f + 0.240222424f;
  q = q * f + 0.693147004f;
  return (
      Eight) ((DmixEightBits) (1.0f + q * f) + ((DmixEightBits) shifted << 23));
}

static void
follow (const DmixActivityNoise *constants, const float *power, float *noise,
    float *presence, unsigned bins)
{
  const DmixActivityNoise c = *constants;
  const float gain = c.prior_snr / (1.0f + c.prior_snr);

  for (unsigned b = 0; b < bins; b += 8) {
    const Eight p = load (power + b), n = load (noise + b);
    const Eight ratio = dmix_eight_smaller (p / n, all (c.most_ratio));
    Eight speech =
        1.0f / (1.0f + (1.0f + c.prior_snr) * exponential (ratio * -gain));
    const Eight mean = (1.0f - c.presence_share) * load (presence + b)
        + c.presence_share * speech;
    const DmixEightBits stuck = mean > c.certain;

    speech = (Eight) (((DmixEightBits) speech & ~stuck)
        | ((DmixEightBits) dmix_eight_smaller (speech, all (c.stuck)) & stuck));
    dmix_eight_store (presence + b, mean);
    dmix_eight_store (noise + b,
        dmix_eight_larger (n + c.share * (1.0f - speech) * (p - n),
            all (c.lowest)));
  }
}

static inline void
approach (float *mean, float share, Eight value)
{
  const Eight old = load (mean);

  dmix_eight_store (mean, old + share * (value - old));
}

static void
learn (const DmixActivityBleed *bleed, const DmixActivitySpectra *spectra,
    const float *power, float share, float window_energy, float lowest,
    unsigned bins)
{
  for (unsigned b = 0; b < bins; b += 8) {
    const Eight kr = load (spectra->key_re + b),
                ki = load (spectra->key_im + b);
    const Eight br = load (spectra->bed_re + b),
                bi = load (spectra->bed_im + b);
    const Eight p = load (power + b);
    Eight weight;

    approach (bleed->usual + b, share, p);
    weight = 1.0f / (p + 0.01f * load (bleed->usual + b) + lowest);
    approach (bleed->cross_re + b, share, weight * (kr * br + ki * bi));
    approach (bleed->cross_im + b, share, weight * (ki * br - kr * bi));
    approach (bleed->bed_power + b, share, weight * (br * br + bi * bi));
    approach (bleed->key_power + b, share, weight * p * window_energy);
  }
}

static void
add_bleed (const DmixActivityBleed *bleed, const float *bed_re,
    const float *bed_im, float scale, float chance, float *noise, unsigned bins)
{
  for (unsigned b = 0; b < bins; b += 8) {
    const Eight xr = load (bleed->cross_re + b),
                xi = load (bleed->cross_im + b);
    const Eight br = load (bed_re + b), bi = load (bed_im + b);
    const Eight bed = load (bleed->bed_power + b), cross = xr * xr + xi * xi;
    const Eight power = scale * cross * (br * br + bi * bi)
        / dmix_eight_larger (bed * bed, all (1e-37f));
    const DmixEightBits known =
        (cross > chance * bed * load (bleed->key_power + b)) & (bed > 1e-18f);

    dmix_eight_store (noise + b,
        dmix_eight_larger (load (noise + b),
            (Eight) ((DmixEightBits) power & known)));
  }
}

static float
divergence (float *const *power, unsigned count, const float *noise,
    unsigned bins)
{
  Eight total = all (0.0f);

  for (unsigned b = 0; b < bins; b += 8) {
    Eight most = load (power[0] + b);

    for (unsigned i = 1; i < count; i++)
      most = dmix_eight_larger (most, load (power[i] + b));
    most /= load (noise + b);
    if (b + 8 > bins)
      most =
          (Eight) ((DmixEightBits) most & dmix_eight_first ((int) (bins - b)));
    total += most;
  }
  return dmix_eight_sum (total);
}

const DmixActivityLoops LOOPS = { energy, sum, power_of, smooth, follow, learn,
  add_bleed, divergence };
