/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* One sound at two gains, interleaved: the most usual way from mono to stereo,
 * built for several kinds of processor.
 */
#ifndef DMIX_GAINPAIR_H
#define DMIX_GAINPAIR_H

#include <stddef.h>

/* out[2 i] = x[i] * first, out[2 i + 1] = x[i] * second; what is no sound, as
 * sanitize.h names it, and -0 become 0. All versions give the same bits. */
typedef void DmixGainPair (float *out, const float *x, float first,
    float second, size_t frames);

DmixGainPair dmix_gainpair_plain, dmix_gainpair_avx2;

/* The fastest that this processor has. */
DmixGainPair *dmix_gainpair_get (void);

#endif
