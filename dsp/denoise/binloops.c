/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: loops over bins without branches, which the compiler vectorises;
 * compiled once for any processor and on x86 once more for AVX2 (with -mavx2,
 * which defines __AVX2__). Only sum() adds over bins, in a fixed order, and
 * multiply-adds are not fused, so both versions give the same bits.
 *
 * The gain is Ephraim and Malah's for the log spectrum ("Speech enhancement
 * using a minimum mean-square error log-spectral amplitude estimator", IEEE
 * Trans. ASSP 33, 1985): with the a-priori SNR x, the a-posteriori SNR g and
 * v = g x / (1 + x)
 *
 *   gain = x / (1 + x) exp (E1 (v) / 2),     gain^2 = x / (1 + x) f (v) / g,
 *
 * where f (v) = v exp (E1 (v)) is smooth: exp (-Euler) at 0, and close to v
 * for large v. The difference f (v) - v is fitted by one over a polynomial,
 * within 6e-4 of f (0.003 dB). The decision-directed a-priori SNR of the next
 * frame is made from gain^2 * g, the speech power over the noise power.
 */
#include "denoise/binloops.h"

#include "base/units.h"
#include "base/cpu.h"
#include "base/eight.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX2__
#define LOOPS dmix_binloops_avx2
#else
#define LOOPS dmix_binloops_plain
#endif

#define MOST_SNR 1e4f  /* limit of power / noise in the gain: 40 dB */
#define SURE_SNR 40.0f /* here the presence of speech is 1 to float precision */
#define DOUBT 0.01f    /* least 1 - presence in a bin that seems stuck */
#define EXP_MINUS_EULER 0.561459483567f

/* 2^x for -126 <= x <= 126, within 2e-7: a polynomial for the fraction
 * (Chebyshev fit), the exponent's bits for the rest. */
static inline float
exp2_of (float x)
{
  const int32_t whole = (int32_t) (x + 127.0f);
  const float part = x + 127.0f - (float) whole;
  const int32_t bits = whole << 23;
  float power;

  memcpy (&power, &bits, sizeof power);
  return power
      * (0.999999898f
          + part
              * (0.693154490f
                  + part
                      * (0.240141818f
                          + part
                              * (0.055860337f
                                  + part
                                      * (0.008949590f
                                          + part * 0.001893754f)))));
}

/* log2 (x) for normal x > 0, within 2e-5: the exponent's bits and a
 * polynomial for the mantissa, 1 to 2 (Chebyshev fit). */
static inline float
log2_of (float x)
{
  int32_t bits;
  float part;

  memcpy (&bits, &x, sizeof bits);
  const int32_t whole = (bits >> 23) - 127;

  bits = (bits & 0x007fffff) | 0x3f800000;
  memcpy (&part, &bits, sizeof part);
  return (float) whole
      + (-3.02915154f
          + part
              * (6.06687145f
                  + part
                      * (-5.26168251f
                          + part
                              * (3.21280029f
                                  + part
                                      * (-1.22929101f
                                          + part
                                              * (0.26502429f
                                                  + part * -0.02456853f))))));
}

static void
power_of (float *restrict power, const float *restrict re,
    const float *restrict im, unsigned bins, int add)
{
  if (add)
    for (unsigned b = 0; b < bins; b++)
      power[b] += re[b] * re[b] + im[b] * im[b];
  else
    for (unsigned b = 0; b < bins; b++)
      power[b] = re[b] * re[b] + im[b] * im[b];
}

static void
track (const DmixTrackLaw *law, const float *restrict power,
    float *restrict noise, float *restrict mean, float *restrict presence,
    unsigned bins)
{
  const DmixTrackLaw l = *law;

  for (unsigned b = 1; b + 1 < bins; b++)
    presence[b] = 0.5f * power[b] + 0.25f * (power[b - 1] + power[b + 1]);
  presence[0] = power[0];
  presence[bins - 1] = power[bins - 1];
  for (unsigned b = 0; b < bins; b++) {
    const float snr = dmix_smaller (presence[b] / noise[b], SURE_SNR);
    const float p = 1.0f / (1.0f + exp2_of (l.offset - l.slope * snr));
    const float m = mean[b] + l.presence_rise * (p - mean[b]);
    const float held =
        dmix_smaller (p, 1.0f - DOUBT * (float) (m > 1.0f - DOUBT));
    const float n = noise[b] + l.rise * (1.0f - held) * (power[b] - noise[b]);

    mean[b] = m;
    presence[b] = held;
    noise[b] = dmix_larger (n, DMIX_BINLOOPS_LEAST_NOISE);
  }
}

static void
octaves_of (const float *restrict power, const float *restrict noise,
    float least, float *restrict octaves, unsigned bins)
{
  for (unsigned b = 0; b < bins; b++)
    octaves[b] = log2_of (
        dmix_larger (dmix_smaller (power[b] / noise[b], MOST_SNR) - 1.0f,
            least));
}

static void
ratios_of (const float *restrict octaves, float scale, float least,
    float *restrict ratio, unsigned bins)
{
  for (unsigned b = 0; b < bins; b++)
    ratio[b] = dmix_larger (scale * exp2_of (octaves[b]), least);
}

static void
follow (float *restrict a, const float *restrict target,
    const float *restrict share, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    a[i] += share[i] * (target[i] - a[i]);
}

static void
gain_of (const DmixGainLaw *law, const float *restrict power,
    const float *restrict noise, float *restrict speech, float *restrict prior,
    float *restrict gain, unsigned bins)
{
  const float keep = law->keep, fresh = 1.0f - keep, least = law->least;

  for (unsigned b = 0; b < bins; b++) {
    const float snr = dmix_smaller (power[b] / noise[b], MOST_SNR) + 1e-6f;
    const float directed =
        keep * speech[b] + fresh * dmix_larger (snr - 1.0f, 0.0f);
    const float x = sqrtf (dmix_larger (directed, least) * prior[b]);
    const float wiener = x / (1.0f + x), v = snr * wiener;
    const float rest = EXP_MINUS_EULER
        / (1.0f
            + v
                * (0.77679103f
                    + v * (0.39760428f + v * (0.03576592f + v * 0.0757997f))));
    const float clean = dmix_smaller (wiener * (v + rest), snr);

    speech[b] = clean;
    prior[b] = x;
    gain[b] = sqrtf (clean / snr);
  }
}

/* Adds to each bin the one `apart` bins above, and then the sum of both `twice` bins
 * above (0: not): each is read before it changes. */
static void
add_ahead (float *sum, unsigned count, unsigned apart, unsigned twice)
{
  unsigned b = 0;

  for (; b + 8 <= count; b += 8) {
    const float *x = sum + b;
    DmixEight all = dmix_eight_load (x) + dmix_eight_load (x + apart);

    if (twice)
      all += dmix_eight_load (x + twice) + dmix_eight_load (x + twice + apart);
    dmix_eight_store (sum + b, all);
  }
  for (; b < count; b++) {
    sum[b] += sum[b + apart];
    if (twice)
      sum[b] += sum[b + twice] + sum[b + twice + apart];
  }
}

/* Adds a copy shifted by 1 bin, then by 2, 4, ... bins, two copies in one walk
 * through memory: a running sum. The second round makes a triangle of it. */
static void
widen (const float *restrict prior, float *restrict slow, float *wide,
    unsigned bins, float share, float most, unsigned octaves)
{
  const unsigned reach = (1u << octaves) - 1;
  const float scale = 1.0f / (float) (1u << 2 * octaves);
  float *restrict middle = wide + reach;
  unsigned count = bins + 2 * reach;

  for (unsigned b = 0; b < bins; b++) {
    slow[b] += share * (dmix_smaller (prior[b], most) - slow[b]);
    middle[b] = slow[b] * scale;
  }
  for (unsigned b = 0; b < reach; b++) {
    wide[reach - 1 - b] = middle[b + 1];
    middle[bins + b] = middle[bins - 2 - b];
  }
  for (unsigned round = 0; round < 2; round++)
    for (unsigned i = 0; i < octaves; i += 2) {
      const unsigned apart = 1u << i, twice = i + 1 < octaves ? 2 * apart : 0;

      count -= apart + twice;
      add_ahead (wide, count, apart, twice);
    }
}

static void
fade (float *restrict gain, const float *restrict wide, float half,
    unsigned bins)
{
  for (unsigned b = 0; b < bins; b++) {
    const float square = wide[b] * wide[b] / (half * half);

    gain[b] *= square * square / (square * square + 1.0f);
  }
}

static void
keep_above (float *restrict gain, float floor, unsigned bins)
{
  for (unsigned b = 0; b < bins; b++)
    gain[b] = dmix_larger (gain[b], floor);
}

static void
remove_part (float *restrict re, float *restrict im, const float *restrict gain,
    unsigned bins)
{
  for (unsigned b = 0; b < bins; b++) {
    const float away = 1.0f - gain[b];

    re[b] *= away;
    im[b] *= away;
  }
}

static void
choose (float *restrict noise, const float *restrict followed, float louder,
    const float *restrict known, float scale, unsigned bins)
{
  for (unsigned b = 0; b < bins; b++)
    noise[b] =
        dmix_larger (dmix_larger (known[b] * scale, followed[b] * louder),
            DMIX_BINLOOPS_LEAST_NOISE);
}

static void
weigh (float *restrict power, const float *restrict gain, unsigned bins)
{
  for (unsigned b = 0; b < bins; b++)
    power[b] *= gain[b] * gain[b];
}

static int
peak_of (const float *a, unsigned count, float least)
{
  DmixEight most = dmix_eight_all (least);
  float parts[8], top = least;
  unsigned i = 0;

  for (; i + 8 <= count; i += 8)
    most = dmix_eight_larger (dmix_eight_load (a + i), most);
  dmix_eight_store (parts, most);
  for (int k = 0; k < 8; k++)
    top = dmix_larger (parts[k], top);
  for (; i < count; i++)
    top = dmix_larger (a[i], top);
  if (!(top > least))
    return -1;
  for (i = 0; i < count && a[i] != top;)
    i++;
  return (int) i;
}

static float
sum_of (const float *a, unsigned bins)
{
  DmixEight sum = dmix_eight_all (0.0f);
  float rest[8] = { 0.0f };
  unsigned b = 0;

  for (; b + 8 <= bins; b += 8)
    sum += dmix_eight_load (a + b);
  memcpy (rest, a + b, (bins - b) * sizeof *rest);
  return dmix_eight_sum (sum + dmix_eight_load (rest));
}

const DmixBinLoops LOOPS = {
  power_of,
  track,
  choose,
  octaves_of,
  ratios_of,
  follow,
  gain_of,
  widen,
  fade,
  keep_above,
  remove_part,
  weigh,
  peak_of,
  sum_of,
};

#ifndef __AVX2__
const DmixBinLoops *
dmix_binloops_get (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return &dmix_binloops_avx2;
#endif
  return &dmix_binloops_plain;
}
#endif
