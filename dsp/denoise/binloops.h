/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loops over frequency bins, built for several kinds of processor. Private to
 * dsp/denoise.
 *
 * Arrays hold `bins` floats and must not overlap. All versions give the same
 * bits. */
#ifndef DMIX_BINLOOPS_H
#define DMIX_BINLOOPS_H

#define DMIX_BINLOOPS_LEAST_NOISE 1e-28f /* power of a bin, full scale 1.0 */

/* Constants of dmix_noisetracker_step(). */
typedef struct
{
  float slope, offset;       /* of the likelihood ratio's log2, over the SNR */
  float rise, presence_rise; /* smoothing coefficients of the means, 0 to 1 */
} DmixTrackLaw;

/* Constants of dmix_speechgain_step(). */
typedef struct
{
  float keep;  /* weight of the last frame's SNR, 0 to 1 */
  float least; /* lower limit of the a-priori SNR */
} DmixGainLaw;

typedef struct
{
  /* power = re^2 + im^2; with add: power += re^2 + im^2 */
  void (*power) (float *power, const float *re, const float *im, unsigned bins,
      int add);
  /* updates the noise power, the running mean of the presence of speech, and
   * the presence in this frame */
  void (*track) (const DmixTrackLaw *law, const float *power, float *noise,
      float *mean, float *presence, unsigned bins);
  /* noise = max (followed * louder, known * scale) */
  void (*choose) (float *noise, const float *followed, float louder,
      const float *known, float scale, unsigned bins);
  /* octaves = log2 (max (power / noise - 1, least)) */
  void (*octaves) (const float *power, const float *noise, float least,
      float *octaves, unsigned bins);
  /* ratio = max (scale * 2^octaves, least) */
  void (*ratios) (const float *octaves, float scale, float least, float *ratio,
      unsigned bins);
  /* a += share * (target - a) */
  void (*follow) (float *a, const float *target, const float *share,
      unsigned count);
  /* speech: estimated speech power / noise power, of the last frame in, of
   * this frame out; prior: a second estimate of the a-priori SNR in, the one
   * used out; gain: out */
  void (*gain) (const DmixGainLaw *law, const float *power, const float *noise,
      float *speech, float *prior, float *gain, unsigned bins);
  /* slow += share * (min (prior, most) - slow); wide is slow, smoothed by a
   * triangle of 2 * reach + 1 bins, reach = 2^octaves - 1 (mirrored at the
   * ends). wide has room for bins + 2 * reach floats */
  void (*widen) (const float *prior, float *slow, float *wide, unsigned bins,
      float share, float most, unsigned octaves);
  /* gain *= r^4 / (r^4 + 1), r = wide / half */
  void (*fade) (float *gain, const float *wide, float half, unsigned bins);
  /* gain = max (gain, floor) */
  void (*floor) (float *gain, float floor, unsigned bins);
  /* re, im *= 1 - gain */
  void (*remove) (float *re, float *im, const float *gain, unsigned bins);
  /* power *= gain^2 */
  void (*weigh) (float *power, const float *gain, unsigned bins);
  /* the place of the first of the largest values a[0] to a[count - 1], or -1 if it
   * is not above `least` */
  int (*peak) (const float *a, unsigned count, float least);
  /* the sum of a[], in eight interleaved partial sums */
  float (*sum) (const float *a, unsigned bins);
} DmixBinLoops;

extern const DmixBinLoops dmix_binloops_plain, dmix_binloops_avx2;

/* The fastest version that this processor can run. */
const DmixBinLoops *dmix_binloops_get (void);

#endif
