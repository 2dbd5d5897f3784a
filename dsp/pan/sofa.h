/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Reads HRTFs from a SOFA file (AES69, convention SimpleFreeFieldHRIR) with
 * libmysofa. From a file with several distances it uses the largest.
 */
#ifndef DMIX_SOFA_H
#define DMIX_SOFA_H

#include "pan/hrtf.h"

#include <stddef.h>

/* Default file, in Debian's package libmysofa1: MIT KEMAR (W. Gardner, K.
 * Martin, "HRTF measurements of a KEMAR", JASA 97, 1995). */
#define DMIX_SOFA_DEFAULT "/usr/share/libmysofa/default.sofa"

/* path: NULL for the default file. Returns NULL on failure and writes the cause
 * to `reason`, which may be NULL; size: of `reason`, bytes. Takes a fifth of a
 * second or more. */
DmixHrtf *dmix_sofa_load (const char *path, char *reason, size_t size);

#endif
