/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Mono to interleaved stereo with two constant gains, the most usual case of
 * panning; built for several kinds of processor.
 */
#ifndef DMIX_GAINPAIR_H
#define DMIX_GAINPAIR_H

#include <stddef.h>

/* out[2 i] = x[i] * first, out[2 i + 1] = x[i] * second, where samples that
 * dmix_sanitize_clean() replaces, and -0, become 0. All versions give the same
 * bits. */
typedef void DmixGainPair (float *out, const float *x, float first,
    float second, size_t frames);

DmixGainPair dmix_gainpair_plain, dmix_gainpair_avx2;

/* The fastest version that this processor can run. */
DmixGainPair *dmix_gainpair_get (void);

#endif
