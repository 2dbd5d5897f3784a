/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Profile of a captured noise, independent of sample rate and transform: the
 * power density in bands, which are 13 Hz wide at the low end and a seventh of
 * their frequency above some 200 Hz. A plain struct that can be stored.
 */
#ifndef DMIX_NOISEPROFILE_H
#define DMIX_NOISEPROFILE_H

#define DMIX_NOISEPROFILE_BANDS 64
#define DMIX_NOISEPROFILE_NOTHING_DB -300.0f

typedef struct
{
  float seconds; /* length of the captured noise, s; 0: no profile */
  /* mean square (full scale 1.0) in 1 Hz, dB; NOTHING_DB: not captured */
  float density_db[DMIX_NOISEPROFILE_BANDS];
} DmixNoiseProfile;

/* Scale of a spectrum: bin b lies at b * hz_per_bin, and noise of density d
 * has the power d * power_per_density in each bin. */
typedef struct
{
  unsigned bins;
  double hz_per_bin, power_per_density;
} DmixProfileScale;

/* Centre of a band, Hz. */
double dmix_noiseprofile_band_hz (double band);

void dmix_noiseprofile_clear (DmixNoiseProfile *profile);

/* Sets the densities from the mean power of each bin. Bands above the last bin
 * keep their density. */
void dmix_noiseprofile_from_power (DmixNoiseProfile *profile,
    const DmixProfileScale *scale, const float *power);

/* Sets the power of each bin; the density is interpolated linearly between
 * bands, in dB. */
void dmix_noiseprofile_to_power (const DmixNoiseProfile *profile,
    const DmixProfileScale *scale, float *power);

#endif
