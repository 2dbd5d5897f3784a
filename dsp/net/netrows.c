/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a bin b of any spectrum covers b - 1/2 to b + 1/2 of its width, a row
 * the same of the bins that it has in the front end; the energy of a bin
 * belongs to the rows that it overlaps, in proportion. With the front end's
 * own spectra that is a plain sum. (ERB rate: B. R. Glasberg, B. C. J. Moore,
 * "Derivation of auditory filter shapes from notched-noise data", Hearing
 * Research 47, 1990.)
 */
#include "net/netrows.h"

#include "base/units.h"
#include "base/decibel.h"

#include <math.h>
#include <stdlib.h>

#define ROWS DMIX_NET_ROWS
#define OWN_BINS (DMIX_NET_WINDOW / 2 + 1)
#define OWN_HZ ((double) DMIX_NET_RATE_HZ / DMIX_NET_WINDOW)
#define OWN_ENERGY (DMIX_NET_WINDOW / 2.0) /* of the root-Hann window */
#define SINGLE 65u                         /* first bin of the pairs */
#define WIDE 129u                          /* first bin of the ERB rows */
#define WIDE_ROWS 48u
#define LEAST_DB -400.0f
#define ABOVE_RISE 0.003f /* a frame: 5 s */
#define LEAST_COVER 0.5   /* of a row, below half the rate */

/* first .. last are bins; the shares of these two lie in the row */
typedef struct
{
  unsigned first, last;
  float first_share, last_share;
} Part;

/* gain^.3 = u[below] + place * (u[above] - u[below]) */
typedef struct
{
  unsigned char below, above;
  float place;
} Between;

struct DmixNetRows
{
  unsigned bins;
  unsigned rows; /* below half the rate */
  float scale[ROWS];
  Part part[ROWS];
  Between *between;
};

/* First bins of the ERB rows, and the end of the last. */
static const unsigned short wide_edge[WIDE_ROWS + 1] = { 129, 134, 139, 145,
  150, 156, 162, 168, 175, 182, 188, 196, 203, 211, 219, 227, 236, 245, 254,
  264, 274, 284, 295, 306, 318, 330, 342, 355, 368, 382, 397, 412, 427, 443,
  460, 477, 495, 513, 532, 552, 573, 594, 617, 640, 663, 688, 714, 740, 769 };

static unsigned
edge (unsigned row)
{
  const unsigned pairs = SINGLE - 1, wide = pairs + (WIDE - SINGLE) / 2;

  return row < pairs ? row + 1
      : row < wide   ? SINGLE + 2 * (row - pairs)
                     : wide_edge[row - wide];
}

unsigned
dmix_netrows_width (unsigned row)
{
  return edge (row + 1) - edge (row);
}

static double
centre (unsigned row)
{
  return (edge (row) + edge (row + 1) - 1) / 2.0;
}

/* Returns the share of the row that lies below half the rate. */
static double
find_part (Part *part, unsigned row, const DmixNetSpectrum *s)
{
  const double bin = OWN_HZ / s->hz_per_bin, end = s->bins;
  const double low = (edge (row) - 0.5) * bin + 0.5;
  const double wanted = (edge (row + 1) - 0.5) * bin + 0.5;
  const double high = DMIX_MIN (wanted, end);

  if (low >= high)
    return 0.0;
  part->first = (unsigned) low;
  part->last = (unsigned) ceil (high) - 1;
  part->first_share = (float) (fmin (part->first + 1, high) - low);
  part->last_share =
      part->last > part->first ? (float) (high - part->last) : 0.0f;
  return (high - low) / (wanted - low);
}

static void
find_parts (DmixNetRows *self, const DmixNetSpectrum *s)
{
  const double scale =
      OWN_ENERGY * DMIX_NET_WINDOW / (s->window_energy * 2.0 * (s->bins - 1));

  for (unsigned r = 0; r < ROWS; r++) {
    const double cover = find_part (&self->part[r], r, s);

    if (cover < LEAST_COVER)
      break;
    self->scale[r] = (float) (scale / cover);
    self->rows = r + 1;
  }
}

static unsigned
row_of (unsigned bin)
{
  unsigned row = 0;

  while (row + 1 < ROWS && edge (row + 1) <= bin)
    row++;
  return row;
}

/* at: in bins of the front end */
static Between
find_between (double at)
{
  unsigned row = 0;

  if (at < WIDE) {
    const unsigned bin = (unsigned) at;
    const unsigned next = at > bin ? bin + 1 : bin;

    return (Between){ (unsigned char) row_of (bin),
      (unsigned char) row_of (next), (float) (at - bin) };
  }
  while (row + 2 < ROWS && centre (row + 1) < at)
    row++;
  return (Between){ (unsigned char) row, (unsigned char) (row + 1),
    (float) fmin (fmax ((at - centre (row)) / (centre (row + 1) - centre (row)),
                      0.0),
        1.0) };
}

DmixNetRows *
dmix_netrows_new (const DmixNetSpectrum *spectrum)
{
  DmixNetRows *self;

  if (!spectrum || spectrum->bins < 2 || !(spectrum->hz_per_bin > 0.0)
      || !(spectrum->window_energy > 0.0) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->bins = spectrum->bins;
  find_parts (self, spectrum);
  self->between = calloc (self->bins, sizeof *self->between);
  if (!self->between || !self->rows) {
    dmix_netrows_free (self);
    return NULL;
  }
  for (unsigned b = 0; b < self->bins; b++)
    self->between[b] = find_between (b * spectrum->hz_per_bin / OWN_HZ);
  return self;
}

void
dmix_netrows_free (DmixNetRows *self)
{
  if (!self)
    return;
  free (self->between);
  free (self);
}

void
dmix_netrows_energy (const DmixNetRows *self, const float *power, float *energy)
{
  for (unsigned r = 0; r < self->rows; r++) {
    const Part *p = &self->part[r];
    float sum = p->first_share * power[p->first];

    for (unsigned b = p->first + 1; b < p->last; b++)
      sum += power[b];
    if (p->last > p->first)
      sum += p->last_share * power[p->last];
    energy[r] = sum * self->scale[r];
  }
  for (unsigned r = self->rows; r < ROWS; r++)
    energy[r] = 0.0f;
}

unsigned
dmix_netrows_count (const DmixNetRows *self)
{
  return self->rows;
}

/* The noise is the mean of the highest row below half the rate: at 16 kHz that
 * loses .6 dB less of the speech than what that row has at the moment. */
float
dmix_netrows_fill_above (const DmixNetRows *self, float above, float *energy)
{
  const unsigned rows = self->rows;
  const float now = energy[rows - 1] / (float) dmix_netrows_width (rows - 1);

  if (above < 0.0f)
    above = now;
  above += ABOVE_RISE * (now - above);
  for (unsigned r = rows; r < ROWS; r++)
    energy[r] = above * (float) dmix_netrows_width (r);
  return above;
}

void
dmix_netrows_gain_db (const DmixNetRows *self, const float *u, float *db)
{
  for (unsigned b = 0; b < self->bins; b++) {
    const Between *x = &self->between[b];

    db[b] = u[x->below] + x->place * (u[x->above] - u[x->below]);
  }
  /* 20 log10 (u^(10 / 3)) */
  dmix_decibel_from_power (db, self->bins);
  for (unsigned b = 0; b < self->bins; b++)
    db[b] = db[b] > LEAST_DB * 0.15f ? db[b] * (20.0f / 3.0f) : LEAST_DB;
}

void
dmix_netrows_gain (const DmixNetRows *self, const float *u, float *gain)
{
  dmix_netrows_gain_db (self, u, gain);
  dmix_decibel_to_gain (gain, self->bins);
}
