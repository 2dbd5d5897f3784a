/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: mean spectra over windows that overlap by half (meanspectrum.h). A
 * window counts as speech if at least 60 % of its rows have speech, as
 * background if all of its rows are quiet. A row is quiet near the floor or,
 * because noise varies about its mean, within a spread estimated from the
 * softest tenth of the rows: measured, noise in windows of 25 ms reaches 2.2 to
 * 2.8 times its 10th percentile.
 *
 * State
 *   speech[], background[]   mean spectra of guide (0) and take (1)
 *   room      result of dmix_adrcolour_get_room(), one power per bin
 */
#include "adr/adrcolour.h"

#include "base/units.h"

#include <math.h>
#include <stdlib.h>

#define SPEECH_DB 3.0f     /* speech: over the floor, as in adrline.h */
#define QUIET_DB 1.0f      /* background: lowest limit over the floor */
#define QUIET_MOST_DB 2.5f /* highest limit: stays below SPEECH_DB */
#define QUIET_PART 0.1     /* quantile that measures the noise */
#define QUIET_SPREAD 2.5f  /* limit over that quantile, see above */
#define STEP_DB 0.05f      /* bin width of the histogram */
#define STEPS 20           /* bins: up to 1 dB */
#define SPEECH_PART 0.6    /* least share of a speech window's rows */
#define ROWS_LEAST 40      /* 0.2 s: fewer background rows give no level */
#define GAIN_LIMIT_DB 36.0 /* largest gain and loss */

struct DmixAdrColour
{
  unsigned rate_hz;
  DmixMeanSpectrum *speech[2], *background[2];
  double *room;
};

DmixAdrColour *
dmix_adrcolour_new (const DmixFormat *guide, const DmixFormat *take)
{
  const DmixFormat *format[2] = { guide, take };
  DmixAdrColour *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->rate_hz = guide->rate_hz;
  for (int s = 0; s < 2; s++) {
    self->speech[s] = dmix_meanspectrum_new (format[s]);
    self->background[s] = dmix_meanspectrum_new (format[s]);
  }
  if (self->speech[0])
    self->room =
        calloc (dmix_meanspectrum_bins (self->speech[0]), sizeof (double));
  if (!self->speech[0] || !self->speech[1] || !self->background[0]
      || !self->background[1] || !self->room) {
    dmix_adrcolour_free (self);
    return NULL;
  }
  return self;
}

void
dmix_adrcolour_free (DmixAdrColour *self)
{
  if (!self)
    return;
  for (int s = 0; s < 2; s++) {
    dmix_meanspectrum_free (self->speech[s]);
    dmix_meanspectrum_free (self->background[s]);
  }
  free (self->room);
  free (self);
}

void
dmix_adrcolour_leave_out (DmixAdrColour *self, int side, unsigned channel)
{
  dmix_meanspectrum_leave_out (self->speech[side], channel);
  dmix_meanspectrum_leave_out (self->background[side], channel);
}

void
dmix_adrcolour_reset (DmixAdrColour *self)
{
  for (int s = 0; s < 2; s++) {
    dmix_meanspectrum_reset (self->speech[s]);
    dmix_meanspectrum_reset (self->background[s]);
  }
}

/* The level below which a row is background, dB. */
static float
quiet_db (const float *level, size_t rows)
{
  const size_t wanted = (size_t) (QUIET_PART * (double) rows);
  size_t count[STEPS] = { 0 }, below = 0;
  int step = 0;

  for (size_t i = 0; i < rows; i++)
    if (level[i] < STEPS * STEP_DB)
      count[(int) (level[i] / STEP_DB)]++;
  while (step < STEPS && (below += count[step]) <= wanted)
    step++;
  return fminf (fmaxf (QUIET_SPREAD * STEP_DB * (float) (step + 1), QUIET_DB),
      QUIET_MOST_DB);
}

static void
gather (DmixAdrColour *self, int s, const DmixAdrQueue *queue,
    const float *level, int64_t row, size_t rows, int with_speech)
{
  const unsigned window = dmix_meanspectrum_window_frames (self->speech[s]);
  const size_t length =
      (size_t) window * DMIX_MEL_ROWS_PER_S / self->rate_hz + 1;
  const float limit_db = quiet_db (level, rows);

  for (size_t at = 0; at + length <= rows; at += length / 2) {
    const int64_t start = dmix_adrqueue_get_frame (queue, row + (int64_t) at);
    size_t speech = 0, quiet = 0;

    if (start < queue->start || start + window > queue->end)
      continue;
    for (size_t k = at; k < at + length; k++) {
      speech += level[k] > SPEECH_DB;
      quiet += level[k] < limit_db;
    }
    const float *in = queue->sample
        + (size_t) (start - queue->start) * queue->format.channels;

    if (with_speech && speech >= SPEECH_PART * length)
      dmix_meanspectrum_add (self->speech[s], in);
    else if (quiet == length)
      dmix_meanspectrum_add (self->background[s], in);
  }
}

void
dmix_adrcolour_add (DmixAdrColour *self, const DmixAdrColourLine *line)
{
  gather (self, 0, line->guide, line->guide_level, line->guide_row, line->rows,
      line->map != NULL);
  if (line->map) {
    const double first = fmax (line->map[0], 0.0);
    const double last = fmin (line->map[line->rows], (double) line->take_rows);

    if (last > first)
      gather (self, 1, line->take, line->take_level + (size_t) first,
          line->take_row + (int64_t) first, (size_t) (last - first), 1);
  }
}

static double
energy_of (const DmixAdrQueue *queue, int64_t row)
{
  return row >= queue->first_row && row < queue->energy_row
      ? queue->energy[row - queue->first_row]
      : 0.0;
}

/* Mean energy of the background rows; 0 if there are under ROWS_LEAST. */
static double
quiet_energy (const DmixAdrQueue *queue, const float *level, int64_t row,
    size_t rows)
{
  const float limit_db = quiet_db (level, rows);
  double sum = 0.0;
  size_t count = 0;

  for (size_t i = 0; i < rows; i++)
    if (level[i] < limit_db) {
      sum += energy_of (queue, row + (int64_t) i);
      count++;
    }
  return count >= ROWS_LEAST ? sum / (double) count : 0.0;
}

double
dmix_adrcolour_get_gain_db (const DmixAdrColourLine *line, double otherwise)
{
  const double guide_quiet = quiet_energy (line->guide, line->guide_level,
      line->guide_row, line->rows);
  const double take_quiet = quiet_energy (line->take, line->take_level,
      line->take_row, line->take_rows);
  double guide = 0.0, take = 0.0, gain;
  size_t count = 0;

  for (size_t i = 0; i < line->rows; i++) {
    const double at = floor (line->map[i] + 0.5);

    if (at < 0.0 || at >= (double) line->take_rows
        || line->guide_level[i] <= SPEECH_DB
        || line->take_level[(size_t) at] <= SPEECH_DB)
      continue;
    guide +=
        energy_of (line->guide, line->guide_row + (int64_t) i) - guide_quiet;
    take += energy_of (line->take, line->take_row + (int64_t) at) - take_quiet;
    count++;
  }
  if (count < ROWS_LEAST || guide <= 0.0 || take <= 0.0)
    return otherwise;
  gain = dmix_db_from_power (guide / take);
  return dmix_clamp (gain, -GAIN_LIMIT_DB, GAIN_LIMIT_DB);
}

int
dmix_adrcolour_get_curve (DmixAdrColour *self, const DmixEqMatchParams *params,
    double *gain_db)
{
  double speech[2][DMIX_MEANSPECTRUM_THIRDS],
      background[2][DMIX_MEANSPECTRUM_THIRDS];
  const DmixEqMatchSide guide = { speech[0], background[0] };
  const DmixEqMatchSide take = { speech[1], background[1] };

  if (!dmix_meanspectrum_get_count (self->speech[0])
      || !dmix_meanspectrum_get_count (self->speech[1]))
    return 0;
  for (int s = 0; s < 2; s++) {
    dmix_meanspectrum_get_thirds (self->speech[s], speech[s]);
    dmix_meanspectrum_get_thirds (self->background[s], background[s]);
  }
  dmix_eqmatch_get_curve (params, &guide, &take, gain_db);
  return 1;
}

const double *
dmix_adrcolour_get_room (DmixAdrColour *self, double take_gain_db,
    unsigned *bins)
{
  const double part = dmix_power_from_db (take_gain_db);
  const double *guide = dmix_meanspectrum_get_power (self->background[0]);
  const double *take = dmix_meanspectrum_get_power (self->background[1]);

  *bins = dmix_meanspectrum_bins (self->background[0]);
  if (!dmix_meanspectrum_get_count (self->background[0]))
    return NULL;
  for (unsigned b = 0; b < *bins; b++)
    self->room[b] = fmax (guide[b] - part * take[b], 0.0);
  return self->room;
}
