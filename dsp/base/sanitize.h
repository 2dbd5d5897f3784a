/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Keeps values that are not audio out of every state: NaN, infinities and
 * values beyond 1e9 (+180 dBFS) become 0, and so do denormals, which would slow
 * every later sum down without being heard (< -758 dBFS), and -0. All other
 * values keep their bits.
 */
#ifndef DMIX_SANITIZE_H
#define DMIX_SANITIZE_H

#include <stddef.h>

/* Cleans `count` samples in place. Returns non-zero if any sample of the
 * result is not 0, that is, if there is any sound in it. */
int dmix_sanitize_clean (float *sample, size_t count);

/* Only NaN and infinities become 0; all other values keep their bits. For
 * processors that pass audio on without state. Returns the number of samples
 * changed. */
size_t dmix_sanitize_mute (float *sample, size_t count);

/* Limits finite values to 24 dB above full scale, for detectors: data of another
 * format read as float reaches 1e38, and its power would rule every average for
 * ever. */
void dmix_sanitize_limit (float *sample, size_t count);

#endif
