/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: level of all bands, smoothed over some 30 ms. The background level is
 * a tracked minimum that rises by 2 dB a second, the speech level a tracked
 * maximum that falls by 1 dB a second. A row is quiet if its level lies in the
 * lowest third between them, or within 4 dB of the background. (Minimum
 * tracking: R. Martin, EUSIPCO 1994.)
 */
#include "adr/pauses.h"

#include "base/units.h"

#include <math.h>

#define SMOOTHING 0.15
#define FLOOR_RISE_DB 0.01 /* per row: 2 dB a second */
#define PEAK_FALL_DB 0.005
#define QUIET_PART 0.33
#define QUIET_LEAST_DB 4.0
#define LOWEST_DB -100.0

void
dmix_pauses_reset (DmixPauses *self)
{
  *self = (DmixPauses){ .known = 0 };
}

void
dmix_pauses_cut (DmixPauses *self)
{
  self->speech_rows = 0;
}

void
dmix_pauses_count (DmixPauses *self, int speech)
{
  if (speech) {
    self->quiet_rows = 0;
    self->speech_rows++;
  } else
    self->quiet_rows++;
}

void
dmix_pauses_add (DmixPauses *self, const float *power)
{
  double sum = 1e-12, level;

  for (unsigned b = 0; b < DMIX_MEL_BANDS; b++)
    sum += power[b];
  level = fmax (dmix_db_from_power (sum), LOWEST_DB);
  if (!self->known) {
    self->level_db = self->floor_db = self->peak_db = level;
    self->known = 1;
  }
  self->level_db += SMOOTHING * (level - self->level_db);
  self->floor_db = fmin (self->level_db, self->floor_db + FLOOR_RISE_DB);
  self->peak_db = fmax (self->level_db, self->peak_db - PEAK_FALL_DB);
  dmix_pauses_count (self,
      self->level_db - self->floor_db > fmax (QUIET_LEAST_DB,
          QUIET_PART * (self->peak_db - self->floor_db)));
}
