/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Inner loops of the statistical speech detector (speech/speechactivity.c
 * describes the method), in one version for any processor and one for AVX2,
 * which give the same bits. Arrays over bins are read and written up to the
 * next multiple of eight.
 */
#ifndef DMIX_ACTIVITYLOOPS_H
#define DMIX_ACTIVITYLOOPS_H

#include <stddef.h>

/* Spectra of the key (the dialogue) and of the background in one frame. */
typedef struct
{
  const float *key_re, *key_im, *bed_re, *bed_im;
} DmixActivitySpectra;

/* Running means of the transfer from background to key. */
typedef struct
{
  float *cross_re, *cross_im, *bed_power, *key_power, *usual;
} DmixActivityBleed;

/* Constants of the noise follower. */
typedef struct
{
  float lowest, share, presence_share, prior_snr, most_ratio, certain, stuck;
} DmixActivityNoise;

typedef struct
{
  float (*energy) (const float *x, unsigned count);
  float (*sum) (const float *x, unsigned count);
  /* power = scale * |spectrum|^2 */
  void (*power) (const float *re, const float *im, float scale, float *power,
      unsigned bins);
  /* power: the mean with `last`, which becomes what power was. */
  void (*smooth) (float *power, float *last, unsigned bins);
  void (*follow) (const DmixActivityNoise *constants, const float *power,
      float *noise, float *presence, unsigned bins);
  void (*learn) (const DmixActivityBleed *bleed,
      const DmixActivitySpectra *spectra, const float *power, float share,
      float window_energy, float lowest, unsigned bins);
  /* noise: the larger of it and the bleed; scale: of the bleed's power; chance:
   * coherence of independent sounds. */
  void (*add_bleed) (const DmixActivityBleed *bleed, const float *bed_re,
      const float *bed_im, float scale, float chance, float *noise,
      unsigned bins);
  /* The sum over the bins of the largest power of `count` frames / noise. */
  float (*divergence) (float *const *power, unsigned count, const float *noise,
      unsigned bins);
} DmixActivityLoops;

extern const DmixActivityLoops dmix_activityloops_plain;
#ifdef HAVE_AVX2
extern const DmixActivityLoops dmix_activityloops_avx2;
#endif

#endif
