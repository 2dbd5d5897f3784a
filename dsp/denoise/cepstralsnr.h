/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A-priori SNR by temporal smoothing of the cepstrum: speech is smooth over
 * frequency and harmonic, and so is what is kept of it from frame to frame;
 * what is neither is taken for the noise's own irregularity.
 *
 * All memory is taken by dmix_cepstralsnr_new(). Not thread safe.
 */
#ifndef DMIX_CEPSTRALSNR_H
#define DMIX_CEPSTRALSNR_H

#include "denoise/gainestimator.h"

typedef struct DmixCepstralSnr DmixCepstralSnr;

/* shape->bins: those of a transform that there is (dsp/fft.h), size / 2 + 1.
 * Returns NULL on bad arguments or if memory is short. */
DmixCepstralSnr *dmix_cepstralsnr_new (const DmixGainShape *shape);
void dmix_cepstralsnr_free (DmixCepstralSnr *self);
void dmix_cepstralsnr_reset (DmixCepstralSnr *self);

/* Goes on where `from` is; both made with the same shape. */
void dmix_cepstralsnr_take_over (DmixCepstralSnr *self,
    const DmixCepstralSnr *from);

/* power[], noise[] (> 0): of a frame. Returns the a-priori SNR of each bin, a
 * power ratio, >= `least` (> 0). */
const float *dmix_cepstralsnr_step (DmixCepstralSnr *self, const float *power,
    const float *noise, float least);

#endif
