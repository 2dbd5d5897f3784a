/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Reads HRTFs from a SOFA file (AES69, convention SimpleFreeFieldHRIR),
 * through libmysofa. Of several distances the largest counts.
 */
#ifndef DMIX_SOFA_H
#define DMIX_SOFA_H

#include "pan/hrtf.h"

#include <stddef.h>

/* The file that is read for NULL: the one of Debian's libmysofa1, MIT KEMAR
 * (W. Gardner, K. Martin, "HRTF measurements of a KEMAR", JASA 97, 1995). */
#define DMIX_SOFA_DEFAULT "/usr/share/libmysofa/default.sofa"

/* NULL if it cannot be read; then `reason` (may be NULL) says why. Takes a
 * fifth of a second or more. */
DmixHrtf *dmix_sofa_load (const char *path, char *reason, size_t size);

#endif
