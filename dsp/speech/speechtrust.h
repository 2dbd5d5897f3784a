/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* How far the network's word on what is voice can be believed. Rows of
 * DMIX_MEL_BANDS values, as in DmixSpeechInput. Private to speechfeatures.c. */
#ifndef DMIX_SPEECH_TRUST_H
#define DMIX_SPEECH_TRUST_H

#include <stddef.h>
#include <stdint.h>

/* SNR by the network, dB: mean over the bands of the voice against the rest. */
float dmix_speechtrust_snr (const float *power, const float *voice,
    size_t frames);

/* Non-zero if the top bands are empty: a telephone line, or a recording of 8
 * kHz at a higher rate. The network was trained with sound in all bands, and
 * takes such a voice for noise in part. */
int dmix_speechtrust_is_narrow (const float *power, size_t frames);

/* Sets rest[band]: mean power of the frames without a voice, whose noise may come
 * and go; 0 where there are hardly any. */
void dmix_speechtrust_rest (const float *power, const float *voice,
    size_t frames, float *rest);

/* Sets trust[band * stride + frame], 0 to 255: how much of each band is voice, the
 * most within 10 ms, for a slope is of several frames. */
void dmix_speechtrust_spread (const float *voice, size_t frames, size_t stride,
    uint8_t *trust);

#endif
