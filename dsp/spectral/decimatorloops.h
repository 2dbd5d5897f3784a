/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Inner loops of the decimator, in one version for any processor and one for
 * AVX2, which give the same bits. Frame i of the input is column i / factor of
 * row i % factor.
 */
#ifndef DMIX_DECIMATORLOOPS_H
#define DMIX_DECIMATORLOOPS_H

#include <stddef.h>

typedef struct
{
  unsigned pairs;   /* of frames that have the same tap */
  const float *tap; /* of the pairs, and of the frame in the middle */
  /* Where in the rows the frames of column 0 are: the first of each pair and the
   * middle; the last of each pair. */
  const unsigned *early, *late;
} DmixDecimatorTaps;

typedef struct
{
  /* Writes four successive frames of each column to four rows, `room` apart. step:
   * frames of a column, the factor. */
  void (*split_four) (const float *in, size_t step, float *row, size_t room,
      size_t columns);
  /* out[k], 0 <= k < count: the sum of the taps times the frames from column k
   * on. Reads up to seven columns too many. */
  void (*filter) (const DmixDecimatorTaps *taps, const float *rows, float *out,
      size_t count);
} DmixDecimatorLoops;

/* The fastest version for this processor. */
const DmixDecimatorLoops *dmix_decimatorloops (void);

extern const DmixDecimatorLoops dmix_decimatorloops_plain;
#ifdef HAVE_AVX2
extern const DmixDecimatorLoops dmix_decimatorloops_avx2;
#endif

#endif
