/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: two histograms with bins of 0.01 LU from -70 to +30 LUFS. A bin also
 * sums its values, so that means are exact. Only the relative gate is rounded
 * to a bin: the bin that contains it counts as a whole or not at all.
 *
 * Gates and percentiles: ITU-R BS.1770-5 Annex 1, equations 4 to 7; EBU Tech
 * 3342 section 2.2, with the ranks of its reference code, round ((n - 1) * p).
 *
 * State, of each histogram
 *   count[], sum[]  of a bin: number of values, and sum of their mean squares
 *   low, high       first and last bin that is not empty
 * `stale` is set while integrated_lufs and range_lu are older than the bins.
 */
#include "meter/loudnesshistory.h"

#include "base/units.h"
#include "meter/kweight.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BINS 10000
#define BINS_PER_LU 100.0
#define LOWEST_LUFS -70.0 /* the absolute gate of both standards */
#define BLOCK_GATE 0.1    /* -10 LU */
#define RANGE_GATE 0.01   /* -20 LU */
#define MAGIC "dmixlh1"   /* 8 bytes with the 0 */
#define ENTRY 18          /* bytes of a saved bin */

typedef struct
{
  uint64_t count[BINS];
  double sum[BINS];
  unsigned low, high; /* low > high: empty */
} Histogram;

struct DmixLoudnessHistory
{
  Histogram blocks, shortterm;
  double gate; /* mean square of LOWEST_LUFS */
  int stale;
  double integrated_lufs, range_lu;
};

DmixLoudnessHistory *
dmix_loudnesshistory_new (void)
{
  DmixLoudnessHistory *self = malloc (sizeof *self);

  if (self)
    dmix_loudnesshistory_reset (self);
  return self;
}

void
dmix_loudnesshistory_free (DmixLoudnessHistory *self)
{
  free (self);
}

void
dmix_loudnesshistory_reset (DmixLoudnessHistory *self)
{
  memset (self, 0, sizeof *self);
  self->blocks.low = self->shortterm.low = BINS;
  self->gate = dmix_kweight_mean_square (LOWEST_LUFS);
  self->stale = 1;
}

/*** bins ***/

static void
add_to_bin (Histogram *h, unsigned bin, uint64_t count, double sum)
{
  h->count[bin] += count;
  h->sum[bin] += sum;
  h->low = DMIX_MIN (bin, h->low);
  h->high = DMIX_MAX (bin, h->high);
}

static void
add (DmixLoudnessHistory *self, Histogram *h, double mean_square)
{
  double place;

  if (!(mean_square > self->gate))
    return;
  place = (dmix_kweight_lufs (mean_square) - LOWEST_LUFS) * BINS_PER_LU;
  place = fmin (fmax (place, 0.0), BINS - 1);
  add_to_bin (h, (unsigned) place, 1, mean_square);
  self->stale = 1;
}

void
dmix_loudnesshistory_add_block (DmixLoudnessHistory *self, double mean_square)
{
  add (self, &self->blocks, mean_square);
}

void
dmix_loudnesshistory_add_shortterm (DmixLoudnessHistory *self,
    double mean_square)
{
  add (self, &self->shortterm, mean_square);
}

/* The first bin whose values are above `gate`, a mean square. */
static unsigned
first_above (const Histogram *h, double gate)
{
  unsigned bin = h->low;

  while (bin <= h->high && !(h->sum[bin] > gate * h->count[bin]))
    bin++;
  return bin;
}

typedef struct
{
  uint64_t count;
  double sum;
} Total;

static Total
total_from (const Histogram *h, unsigned first)
{
  Total total = { 0, 0.0 };

  for (unsigned bin = first; bin <= h->high; bin++) {
    total.count += h->count[bin];
    total.sum += h->sum[bin];
  }
  return total;
}

/* The first bin above the relative gate. */
static unsigned
gated (const Histogram *h, double relative)
{
  const Total all = total_from (h, h->low);

  return all.count == 0 ? BINS
                        : first_above (h, relative * all.sum / all.count);
}

/*** readings ***/

static double
integrated (const Histogram *h)
{
  const Total loud = total_from (h, gated (h, BLOCK_GATE));

  return loud.count == 0 ? DMIX_KWEIGHT_SILENCE_LUFS
                         : dmix_kweight_lufs (loud.sum / loud.count);
}

/* Loudness of the value with this rank among the values from bin `first` on,
 * LU above LOWEST_LUFS. */
static double
ranked (const Histogram *h, unsigned first, uint64_t rank)
{
  unsigned bin = first;

  while (bin < h->high && rank >= h->count[bin])
    rank -= h->count[bin++];
  return bin / BINS_PER_LU;
}

static double
range (const Histogram *h)
{
  const unsigned first = gated (h, RANGE_GATE);
  const uint64_t count = total_from (h, first).count;

  if (count == 0)
    return 0.0;
  return ranked (h, first, (uint64_t) llrint ((count - 1) * 0.95))
      - ranked (h, first, (uint64_t) llrint ((count - 1) * 0.10));
}

static void
refresh (DmixLoudnessHistory *self)
{
  if (!self->stale)
    return;
  self->integrated_lufs = integrated (&self->blocks);
  self->range_lu = range (&self->shortterm);
  self->stale = 0;
}

double
dmix_loudnesshistory_get_integrated (DmixLoudnessHistory *self)
{
  refresh (self);
  return self->integrated_lufs;
}

double
dmix_loudnesshistory_get_range (DmixLoudnessHistory *self)
{
  refresh (self);
  return self->range_lu;
}

/*** merge, save, load ***/

static void
merge (Histogram *h, const Histogram *other)
{
  for (unsigned bin = other->low; bin <= other->high; bin++)
    if (other->count[bin] > 0)
      add_to_bin (h, bin, other->count[bin], other->sum[bin]);
}

void
dmix_loudnesshistory_merge (DmixLoudnessHistory *self,
    const DmixLoudnessHistory *other)
{
  merge (&self->blocks, &other->blocks);
  merge (&self->shortterm, &other->shortterm);
  self->stale = 1;
}

static unsigned
bins_in_use (const Histogram *h)
{
  unsigned used = 0;

  for (unsigned bin = h->low; bin <= h->high; bin++)
    used += h->count[bin] > 0;
  return used;
}

static unsigned char *
put (unsigned char *to, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++)
    *to++ = (unsigned char) (value >> 8 * i);
  return to;
}

static uint64_t
get (const unsigned char *from, int bytes)
{
  uint64_t value = 0;

  for (int i = 0; i < bytes; i++)
    value |= (uint64_t) from[i] << 8 * i;
  return value;
}

/* Bins of the short-term histogram are numbered from BINS on. */
static unsigned char *
put_bins (unsigned char *to, const Histogram *h, unsigned offset)
{
  for (unsigned bin = h->low; bin <= h->high; bin++) {
    uint64_t bits;

    if (h->count[bin] == 0)
      continue;
    memcpy (&bits, &h->sum[bin], sizeof bits);
    to = put (put (put (to, bin + offset, 2), h->count[bin], 8), bits, 8);
  }
  return to;
}

size_t
dmix_loudnesshistory_save (const DmixLoudnessHistory *self,
    unsigned char *bytes, size_t room)
{
  const size_t size = sizeof MAGIC
      + (size_t) ENTRY
          * (bins_in_use (&self->blocks) + bins_in_use (&self->shortterm));

  if (size > room)
    return size;
  memcpy (bytes, MAGIC, sizeof MAGIC);
  put_bins (put_bins (bytes + sizeof MAGIC, &self->blocks, 0), &self->shortterm,
      BINS);
  return size;
}

/* Reads one saved bin. Returns 0 if a value is out of range. */
static int
get_bin (const unsigned char *from, unsigned *bin, uint64_t *count, double *sum)
{
  const uint64_t bits = get (from + 10, 8);

  *bin = (unsigned) get (from, 2);
  *count = get (from + 2, 8);
  memcpy (sum, &bits, sizeof bits);
  return *bin<2 * BINS && * count> 0 && *count < (uint64_t) 1 << 48
      && *sum > 0.0 && *sum < 1e30;
}

int
dmix_loudnesshistory_load (DmixLoudnessHistory *self,
    const unsigned char *bytes, size_t size)
{
  unsigned bin;
  uint64_t count;
  double sum;

  if (size < sizeof MAGIC || memcmp (bytes, MAGIC, sizeof MAGIC) != 0
      || (size - sizeof MAGIC) % ENTRY != 0)
    return 0;
  for (size_t at = sizeof MAGIC; at < size; at += ENTRY)
    if (!get_bin (bytes + at, &bin, &count, &sum))
      return 0;
  for (size_t at = sizeof MAGIC; at < size; at += ENTRY) {
    get_bin (bytes + at, &bin, &count, &sum);
    add_to_bin (bin < BINS ? &self->blocks : &self->shortterm, bin % BINS,
        count, sum);
  }
  self->stale = 1;
  return 1;
}
