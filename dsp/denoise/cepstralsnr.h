/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A-priori SNR by temporal smoothing of the cepstrum. A speech spectrum has a
 * smooth envelope and harmonics; the coefficients of these follow each frame,
 * and the others, which hold the fluctuations of the noise, are averaged.
 *
 * All memory is taken by dmix_cepstralsnr_new(). Not thread safe.
 */
#ifndef DMIX_CEPSTRALSNR_H
#define DMIX_CEPSTRALSNR_H

#include "denoise/gainestimator.h"

typedef struct DmixCepstralSnr DmixCepstralSnr;

/* shape->bins: size / 2 + 1 of a size that spectral/fft.h supports.
 * Returns NULL on bad arguments or if memory is short. */
DmixCepstralSnr *dmix_cepstralsnr_new (const DmixGainShape *shape);
void dmix_cepstralsnr_free (DmixCepstralSnr *self);
void dmix_cepstralsnr_reset (DmixCepstralSnr *self);

/* Takes over the state of `from`; both of the same shape. */
void dmix_cepstralsnr_take_over (DmixCepstralSnr *self,
    const DmixCepstralSnr *from);

/* One frame. power[], noise[] (> 0): power of the input and of the noise in
 * each bin. Returns the a-priori SNR of each bin, a power ratio, >= `least`
 * (> 0). */
const float *dmix_cepstralsnr_step (DmixCepstralSnr *self, const float *power,
    const float *noise, float least);

#endif
