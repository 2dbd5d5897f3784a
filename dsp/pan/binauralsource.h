/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the renderer of binaural sound and its sources know of each other.
 * Private to binaural.c and binauralsource.c.
 */
#ifndef DMIX_BINAURALSOURCE_H
#define DMIX_BINAURALSOURCE_H

#include "pan/binaural.h"
#include "spectral/fft.h"
#include "pan/binauralloops.h"

#define DMIX_BINAURAL_ROOM 4u  /* blocks between moves of the history */
#define DMIX_BINAURAL_STILL 4u /* blocks; then cutting into partitions pays */

enum
{
  DMIX_BINAURAL_OLD,
  DMIX_BINAURAL_NEW,
  DMIX_BINAURAL_PARTS,
  DMIX_BINAURAL_SUMS,
};

struct DmixBinaural
{
  DmixHrtfBank *bank;
  const DmixBinauralLoops *loops;
  DmixFft *fft, *small;
  unsigned block, size, stride, small_stride, parts, taps;
  int zero_latency;
  float *sum[DMIX_BINAURAL_SUMS];
  int used[DMIX_BINAURAL_SUMS];
  float *time, *next;
};

struct DmixBinauralSource
{
  unsigned block, size, stride, small_stride, parts, taps;
  float *memory, *history, *now, *part, *past, *tap[2];
  unsigned hint, still, newest, fresh, quiet;
  DmixHrtfBankParams wanted;
  int begun, moves, parted, turns;
};

#endif
