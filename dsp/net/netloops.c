/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: whole numbers have the same sum in any order, so the long sums need
 * no care: a product is below 2^22, and the sum over a part of 256 inputs,
 * below 2^30, fits 32 bits. With AVX-512 half of the sum over 1024 does. The
 * other loops have no branch and no sum; the compiler makes vectors of them, and with nothing fused both
 * versions give the same bits.
 *
 * tanh and the logistic function come from 2^x: a polynomial (error 9e-8) and
 * the bits of the exponent.
 */
#include "net/netloops.h"

#include "base/units.h"
#include "base/cpu.h"

#include <string.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif
#ifdef __AVX512VNNI__
#define LOOPS dmix_netloops_vnni
#elif defined __AVX2__
#define LOOPS dmix_netloops_avx2
#else
#define LOOPS dmix_netloops_plain
#endif

#define PART 256u /* inputs of one 32-bit sum */
#define LARGEST 32767.0f
#define ROUND 12582912.0f /* 1.5 * 2^23: adding it rounds to an integer */
#define OCTAVES_PER_E 1.44269504088896341f
#define MOST_EXPONENT 40.0f /* 1 + e^-40 is 1 */

/* Keeps a unit from holding its value for ever: it forgets with a time constant
 * of 500 frames, 8 s. Without the limit what a network heard once, hours ago,
 * would go on to change its gains: after an hour of ambience PESQ fell by .025
 * against 2 minutes of it; with it, by nothing. */
#define MOST_UPDATE 0.998f

/* e^x, x within +-MOST_EXPONENT. */
static inline float
exp_of (float x)
{
  const float octaves = x * OCTAVES_PER_E;
  const float whole = (octaves + ROUND) - ROUND;
  const float f = octaves - whole;
  const int32_t bits = ((int32_t) whole + 127) << 23;
  float power, q = 0.00132647657f;

  memcpy (&power, &bits, sizeof power);
  q = q * f + 0.00967151206f;
  q = q * f + 0.0555073363f;
  q = q * f + 0.240222424f;
  q = q * f + 0.693147004f;
  return power * (1.0f + q * f);
}

static inline float
sigmoid_of (float x)
{
  x = dmix_larger (dmix_smaller (x, MOST_EXPONENT), -MOST_EXPONENT);
  return 1.0f / (1.0f + exp_of (-x));
}

static inline float
tanh_of (float x)
{
  x = dmix_larger (dmix_smaller (x, 0.5f * MOST_EXPONENT),
      -0.5f * MOST_EXPONENT);
  return 1.0f - 2.0f / (1.0f + exp_of (2.0f * x));
}

static float
quantize (int16_t *restrict q, const float *restrict x, unsigned count)
{
  float most = 1e-20f, scale;

  for (unsigned i = 0; i < count; i++) {
    const float size = x[i] < 0.0f ? -x[i] : x[i];

    most = dmix_larger (size, most);
  }
  scale = LARGEST / most;
  for (unsigned i = 0; i < count; i++)
    q[i] = (int16_t) ((x[i] * scale + ROUND) - ROUND);
  return most / LARGEST;
}

#ifdef __AVX512VNNI__
#define TOGETHER 8u /* rows that share a read of the input */
/* inputs of sums that are added in 64 bits at the end */
#define ROWS_PART 1024u
#else
#define TOGETHER 4u
#define ROWS_PART PART
#endif

#ifdef __AVX512VNNI__
/* sum + weight * x, two products for each of the 16 sums in one instruction. */
static inline __m512i
add_products (__m512i sum, const int8_t *weight, __m512i x)
{
  const __m256i w = _mm256_loadu_si256 ((const __m256i *) weight);

  return _mm512_dpwssd_epi32 (sum, _mm512_cvtepi8_epi16 (w), x);
}

static inline __m512i
add_last_products (__m512i sum, const int8_t *weight, __m512i x)
{
  const __m128i w = _mm_loadu_si128 ((const __m128i *) weight);

  return _mm512_dpwssd_epi32 (sum,
      _mm512_cvtepi8_epi16 (_mm256_zextsi128_si256 (w)), x);
}

static inline __m256i
halves (__m512i x)
{
  return _mm256_add_epi32 (_mm512_castsi512_si256 (x),
      _mm512_extracti64x4_epi64 (x, 1));
}

/* Adds the 16 sums of each of four rows to sum[4]. */
static inline void
add_four (const __m512i *part, int64_t *sum)
{
  const __m256i ab = _mm256_hadd_epi32 (halves (part[0]), halves (part[1]));
  const __m256i cd = _mm256_hadd_epi32 (halves (part[2]), halves (part[3]));
  const __m256i all = _mm256_hadd_epi32 (ab, cd);
  const __m256i low = _mm256_cvtepi32_epi64 (_mm256_castsi256_si128 (all));
  const __m256i high =
      _mm256_cvtepi32_epi64 (_mm256_extracti128_si256 (all, 1));
  const __m256i old = _mm256_loadu_si256 ((const __m256i *) sum);

  _mm256_storeu_si256 ((__m256i *) sum,
      _mm256_add_epi64 (old, _mm256_add_epi64 (low, high)));
}

/* Adds the sums of weight * q of TOGETHER rows over a part to sum[]; count is a
 * multiple of the grain. */
static inline void
add_parts (const int8_t *weight, unsigned stride, const int16_t *q,
    unsigned count, int64_t *sum)
{
  const size_t row = stride;
  const unsigned whole = count / 32 * 32;
  __m512i part[TOGETHER];

  for (unsigned r = 0; r < TOGETHER; r++)
    part[r] = _mm512_setzero_si512 ();
  for (unsigned i = 0; i < whole; i += 32) {
    const __m512i x = _mm512_loadu_si512 (q + i);

    for (unsigned r = 0; r < TOGETHER; r++)
      part[r] = add_products (part[r], weight + r * row + i, x);
  }
  if (whole < count) { /* one grain is left */
    const __m512i x = _mm512_zextsi256_si512 (
        _mm256_loadu_si256 ((const __m256i *) (q + whole)));

    for (unsigned r = 0; r < TOGETHER; r++)
      part[r] = add_last_products (part[r], weight + r * row + whole, x);
  }
  add_four (part, sum);
  add_four (part + 4, sum + 4);
}
#elif defined __AVX2__
static inline __m256i
products (const int8_t *weight, __m256i x)
{
  const __m128i w = _mm_loadu_si128 ((const __m128i *) weight);

  return _mm256_madd_epi16 (_mm256_cvtepi8_epi16 (w), x);
}

/* Adds the sums of weight * q of TOGETHER rows over a part to sum[]; count is a
 * multiple of the grain. */
static inline void
add_parts (const int8_t *weight, unsigned stride, const int16_t *q,
    unsigned count, int64_t *sum)
{
  __m256i a = _mm256_setzero_si256 (), b = a, c = a, d = a;
  __m128i all;
  int32_t part[TOGETHER];

  for (unsigned i = 0; i < count; i += DMIX_NETLOOPS_GRAIN, weight += 16) {
    const __m256i x = _mm256_loadu_si256 ((const __m256i *) (q + i));

    a = _mm256_add_epi32 (a, products (weight, x));
    b = _mm256_add_epi32 (b, products (weight + stride, x));
    c = _mm256_add_epi32 (c, products (weight + 2 * (size_t) stride, x));
    d = _mm256_add_epi32 (d, products (weight + 3 * (size_t) stride, x));
  }
  a = _mm256_hadd_epi32 (_mm256_hadd_epi32 (a, b), _mm256_hadd_epi32 (c, d));
  all = _mm_add_epi32 (_mm256_castsi256_si128 (a),
      _mm256_extracti128_si256 (a, 1));
  _mm_storeu_si128 ((__m128i *) part, all);
  for (unsigned r = 0; r < TOGETHER; r++)
    sum[r] += part[r];
}
#else
static inline void
add_parts (const int8_t *weight, unsigned stride, const int16_t *q,
    unsigned count, int64_t *sum)
{
  for (unsigned r = 0; r < TOGETHER; r++, weight += stride) {
    int32_t part = 0;

    for (unsigned i = 0; i < count; i++)
      part += (int32_t) weight[i] * q[i];
    sum[r] += part;
  }
}
#endif

/* TOGETHER rows. */
static inline void
multiply_rows (const DmixNetRowsOfWeights *m, unsigned row, const int16_t *q,
    float step, float *y)
{
  const int8_t *weight = m->weight + (size_t) row * m->stride;
  int64_t sum[TOGETHER] = { 0 };

  for (unsigned at = 0; at < m->stride; at += ROWS_PART)
    add_parts (weight + at, m->stride, q + at,
        DMIX_MIN (m->stride - at, ROWS_PART), sum);
  for (unsigned r = 0; r < TOGETHER; r++)
    y[row + r] += m->scale[row + r] * step * (float) sum[r];
}

static void
multiply_row (const DmixNetRowsOfWeights *m, unsigned row, const int16_t *q,
    float step, float *y)
{
  const int8_t *weight = m->weight + (size_t) row * m->stride;
  int64_t sum = 0;

  for (unsigned at = 0; at < m->stride; at += PART) {
    const unsigned end = DMIX_MIN (m->stride, at + PART);
    int32_t part = 0;

    for (unsigned i = at; i < end; i++)
      part += (int32_t) weight[i] * q[i];
    sum += part;
  }
  y[row] += m->scale[row] * step * (float) sum;
}

static void
multiply (const DmixNetRowsOfWeights *m, const int16_t *q, float step, float *y)
{
  const unsigned outs = m->outs / m->blocks;

  for (unsigned b = 0, row = 0; b < m->blocks; b++, q += m->stride) {
    const unsigned end = row + outs;

    for (; row + TOGETHER <= end; row += TOGETHER)
      multiply_rows (m, row, q, step, y);
    for (; row < end; row++)
      multiply_row (m, row, q, step, y);
  }
}

static void
gates (float *restrict h, const float *restrict in, const float *restrict own,
    unsigned units)
{
  const float *in_update = in + units, *in_new = in + 2 * units;
  const float *own_update = own + units, *own_new = own + 2 * units;

  for (unsigned i = 0; i < units; i++) {
    const float reset = sigmoid_of (in[i] + own[i]);
    const float update =
        dmix_smaller (sigmoid_of (in_update[i] + own_update[i]), MOST_UPDATE);
    const float candidate = tanh_of (in_new[i] + reset * own_new[i]);

    h[i] = candidate + update * (h[i] - candidate);
  }
}

static void
tanh_all (float *x, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    x[i] = tanh_of (x[i]);
}

static void
sigmoid_all (float *x, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    x[i] = sigmoid_of (x[i]);
}

static void
ratio_of (const DmixNetRatioLaw *law, const float *restrict power,
    float *restrict noise, float *restrict presence, float *restrict clean,
    float *restrict ratio, unsigned count)
{
  const float odds = 1.0f + law->prior, slope = law->prior / odds;
  const float top = law->most_likely_snr, rise = law->presence_rise;
  const float noise_rise = law->noise_rise, sure = law->sure;
  const float most = law->most_snr, keep = law->keep, least = law->least;
  const float least_power = law->least_power;

  for (unsigned i = 0; i < count; i++) {
    const float x = slope * dmix_smaller (power[i] / noise[i], top);
    float q = 1.0f / (1.0f + odds * exp_of (-dmix_smaller (x, MOST_EXPONENT)));
    float snr, xi, gain;

    presence[i] += rise * (q - presence[i]);
    q = presence[i] > sure ? dmix_smaller (q, sure) : q;
    noise[i] =
        dmix_larger (noise[i] + noise_rise * (1.0f - q) * (power[i] - noise[i]),
            least_power);
    snr = dmix_smaller (power[i] / noise[i], most);
    xi = dmix_larger (keep * clean[i]
            + (1.0f - keep) * dmix_larger (snr - 1.0f, 0.0f),
        least);
    gain = xi / (1.0f + xi);
    clean[i] = gain * gain * snr;
    ratio[i] = xi;
  }
}

const DmixNetLoops LOOPS = {
  quantize,
  multiply,
  gates,
  tanh_all,
  sigmoid_all,
  ratio_of,
};

#ifndef __AVX2__
const DmixNetLoops *
dmix_netloops_get (void)
{
#ifdef HAVE_AVX512VNNI
  if (dmix_cpu_has_vnni ())
    return &dmix_netloops_vnni;
#endif
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return &dmix_netloops_avx2;
#endif
  return &dmix_netloops_plain;
}
#endif
