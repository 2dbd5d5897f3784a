/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the centre of a band is 100 sinh (0.13 band) Hz, a scale which is
 * linear below 100 Hz and logarithmic above, like that of hearing. A band holds
 * the mean density of the bins that are nearest to it; a band without a bin
 * gets the linear interpolation of the two bins around it.
 *
 * State: none.
 */
#include "denoise/noiseprofile.h"

#include "base/units.h"

#define BANDS DMIX_NOISEPROFILE_BANDS
#define NOTHING_DB DMIX_NOISEPROFILE_NOTHING_DB
#define LOW_HZ 100.0 /* the scale is linear below */
#define STEP 0.13    /* per band, of asinh (f / LOW_HZ) */

double
dmix_noiseprofile_band_hz (double band)
{
  return LOW_HZ * sinh (STEP * band);
}

static double
band_at (double hz)
{
  return asinh (hz / LOW_HZ) / STEP;
}

void
dmix_noiseprofile_clear (DmixNoiseProfile *profile)
{
  profile->seconds = 0.0f;
  for (int band = 0; band < BANDS; band++)
    profile->density_db[band] = NOTHING_DB;
}

static double
density_db (const DmixProfileScale *scale, double power)
{
  return dmix_db_from_power (fmax (power / scale->power_per_density, 1e-30));
}

void
dmix_noiseprofile_from_power (DmixNoiseProfile *profile,
    const DmixProfileScale *scale, const float *power)
{
  const double top = scale->bins - 1;

  for (int band = 0; band < BANDS; band++) {
    const double at = dmix_noiseprofile_band_hz (band) / scale->hz_per_bin;
    const double low = dmix_noiseprofile_band_hz (band - 0.5);
    const double high = dmix_noiseprofile_band_hz (band + 0.5);
    const double first = fmax (ceil (low / scale->hz_per_bin), 0.0);
    const double last = fmin (ceil (high / scale->hz_per_bin) - 1.0, top);
    double sum = 0.0;

    if (at > top)
      break;
    if (last < first) {
      const unsigned b = (unsigned) fmin (at, top - 1.0);

      sum = power[b] + (at - b) * (power[b + 1] - power[b]);
    } else {
      for (unsigned b = (unsigned) first; b <= (unsigned) last; b++)
        sum += power[b] / (last - first + 1.0);
    }
    profile->density_db[band] = (float) density_db (scale, sum);
  }
}

/* Density of a band; one that was not captured has the density of the nearest
 * captured band below it. */
static double
known_db (const DmixNoiseProfile *profile, int band)
{
  while (band > 0 && profile->density_db[band] <= NOTHING_DB)
    band--;
  return profile->density_db[band];
}

void
dmix_noiseprofile_to_power (const DmixNoiseProfile *profile,
    const DmixProfileScale *scale, float *power)
{
  for (unsigned b = 0; b < scale->bins; b++) {
    const double at = fmin (band_at (b * scale->hz_per_bin), BANDS - 1.0);
    const int band = (int) fmin (at, BANDS - 2.0);
    const double low = known_db (profile, band);
    const double high = known_db (profile, band + 1);
    const double db = low + (at - band) * (high - low);

    power[b] = (float) (dmix_power_from_db (db) * scale->power_per_density);
  }
}
