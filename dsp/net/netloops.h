/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The loops of the network, built for several kinds of processor; private to
 * dsp/net but for tanh and sigmoid. All versions give the same bits.
 *
 * Weights are 8 bits wide with a scale for each row, inputs are rounded to 16
 * bits of their largest value: products and their sums are whole numbers.
 */
#ifndef DMIX_NETLOOPS_H
#define DMIX_NETLOOPS_H

#include <stddef.h>
#include <stdint.h>

#define DMIX_NETLOOPS_GRAIN 16u /* inputs are padded to a multiple of it */

/* Rows of weights, those of one row side by side. */
typedef struct
{
  unsigned outs;
  unsigned stride;      /* ins, padded with zeros: a multiple of the grain */
  unsigned blocks;      /* parts of `outs`, each with inputs of its own */
  const int8_t *weight; /* outs x stride, -127 to 127, 32-byte aligned */
  const float *scale;   /* outs */
} DmixNetRowsOfWeights;

/* Constants of the noise tracker in the features; see there. */
typedef struct
{
  float prior, most_likely_snr, presence_rise, noise_rise, sure;
  float most_snr, keep, least, least_power;
} DmixNetRatioLaw;

typedef struct
{
  /* x = q * step, rounded; |x| finite. Returns step. */
  float (*quantize) (int16_t *q, const float *x, unsigned count);
  /* y[o] += scale[o] * step * sum of weight[o][i] q[i]; q: blocks x stride */
  void (*multiply) (const DmixNetRowsOfWeights *m, const int16_t *q, float step,
      float *y);
  /* the gates of a GRU: in[3 units] from its input, own[3 units] from h; both
   * with bias, for reset, update and candidate; h[units] goes on. The update
   * gate keeps .998 of h at most */
  void (*gates) (float *h, const float *in, const float *own, unsigned units);
  void (*tanh) (float *x, unsigned count);
  void (*sigmoid) (float *x, unsigned count);
  /* power of this frame; noise, presence of speech and the last frame's
   * speech over noise (state); ratio: the a-priori SNR */
  void (*ratio) (const DmixNetRatioLaw *law, const float *power, float *noise,
      float *presence, float *clean, float *ratio, unsigned count);
} DmixNetLoops;

extern const DmixNetLoops dmix_netloops_plain, dmix_netloops_avx2;
extern const DmixNetLoops dmix_netloops_vnni; /* AVX-512 with VNNI */

/* The fastest ones of this processor. */
const DmixNetLoops *dmix_netloops_get (void);

#endif
