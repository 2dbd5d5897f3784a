/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Inner loops of the true peak (meter/truepeak.c describes the method), in one
 * version for any processor and one for AVX2, which give the same bits.
 */
#ifndef DMIX_TRUEPEAKLOOPS_H
#define DMIX_TRUEPEAKLOOPS_H

enum
{
  DMIX_TRUEPEAK_SCAN = 10,  /* taps on each side, short filters (scan) */
  DMIX_TRUEPEAK_FIND = 24,  /* the same, long filters */
  DMIX_TRUEPEAK_WIDTH = 8,  /* intervals scanned together */
  DMIX_TRUEPEAK_SHORT = 24, /* taps of a short filter, with zeros at the end */
  /* The short filters of WIDTH intervals see 32 samples, so many of them before the
   * first sample. */
  DMIX_TRUEPEAK_BEFORE = DMIX_TRUEPEAK_SCAN + 2
};

/* Times a level that a rounded bound is compared with. */
#define DMIX_TRUEPEAK_ROUNDED_DOWN 0.99999f

typedef struct
{
  float scan[8][DMIX_TRUEPEAK_SHORT]; /* at 0/8 .. 7/8 of an interval */
  float find[8][2 * DMIX_TRUEPEAK_FIND];
  /* Taps k and 19 - k of `scan` are multiplied with the sum or the difference
   * of their samples: at 4/8 by `half`; at 2/8 and 6/8, which are each other's
   * mirror image, by even +/- odd. Each tap eight times. */
  float half[DMIX_TRUEPEAK_SCAN][DMIX_TRUEPEAK_WIDTH];
  float even[DMIX_TRUEPEAK_SCAN][DMIX_TRUEPEAK_WIDTH];
  float odd[DMIX_TRUEPEAK_SCAN][DMIX_TRUEPEAK_WIDTH];
  float near, far; /* largest sum |h| of the inner taps, of the others */
} DmixTruePeakFilters;

typedef struct
{
  /* Sets group[i] to the largest absolute value of x[8 i] to x[8 i + 7]; the last
   * may be of fewer. Returns the largest. */
  float (*groups) (const float *x, int count, float *group);
  /* Sets near[] to the largest samples that the short filters reach at each WIDTH
   * intervals of each of `steps` steps of so many frames, the first of them at
   * x[first]. Reads up to 11 groups behind the last, writes up to 7 values more. */
  void (*reach) (const float *group, int first, int frames, int steps,
      float *near);
  /* Sets near[], as of reach(), to -1 where no peak can reach `least`; x: the first
   * interval of the steps. around: as of highest(). */
  void (*thin) (const DmixTruePeakFilters *f, const float *x, int frames,
      int steps, float least, float around, float *near);
  /* The largest samples from x[0] to x[count], from x[count] to x[2 * count], ...
   * of so many steps; `group` begins at x[0]. */
  void (*tops) (const float *x, int count, int steps, const float *group,
      float *top);
  /* The highest peak from x[0] to x[count]; top: the largest of these samples, which
   * is all where near[] is -1. Below `precise`: to the highest point at a quarter of
   * a sample; below `least`: anything below it. around: largest |x| that the filters
   * can reach. Reads up to DMIX_TRUEPEAK_FIND + DMIX_TRUEPEAK_WIDTH samples behind
   * x[count]. */
  float (*highest) (const DmixTruePeakFilters *f, const float *x, int count,
      float top, const float *near, float least, float precise, float around);
  /* Takes one channel out of interleaved sound. */
  void (*take) (float *to, const float *from, unsigned channels, int frames);
} DmixTruePeakLoops;

extern const DmixTruePeakLoops dmix_truepeak_loops_plain;
#ifdef HAVE_AVX2
extern const DmixTruePeakLoops dmix_truepeak_loops_avx2;
#endif

#endif
