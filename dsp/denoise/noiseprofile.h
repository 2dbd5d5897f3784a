/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A captured noise, independent of sample rate and transform: its power
 * density in bands, 13 Hz wide at the low end and a seventh of their
 * frequency from some 200 Hz on. Plain data, to be stored and read back.
 */
#ifndef DMIX_NOISEPROFILE_H
#define DMIX_NOISEPROFILE_H

#define DMIX_NOISEPROFILE_BANDS 64
#define DMIX_NOISEPROFILE_NOTHING_DB -300.0f

typedef struct
{
  float seconds; /* of noise that were captured; 0: empty */
  /* mean square (full scale 1.0) in 1 Hz, dB; NOTHING_DB where unknown */
  float density_db[DMIX_NOISEPROFILE_BANDS];
} DmixNoiseProfile;

/* Bins of a transform: bin b lies at b * hz_per_bin, and noise of density d
 * has power d * power_per_density in it. */
typedef struct
{
  unsigned bins;
  double hz_per_bin, power_per_density;
} DmixProfileScale;

/* Middle of a band, Hz. */
double dmix_noiseprofile_band_hz (double band);

void dmix_noiseprofile_clear (DmixNoiseProfile *profile);

/* From mean powers; bands above the last bin stay as they are. */
void dmix_noiseprofile_from_power (DmixNoiseProfile *profile,
    const DmixProfileScale *scale, const float *power);

/* To powers, straight lines (in dB over bands) from band to band. */
void dmix_noiseprofile_to_power (const DmixNoiseProfile *profile,
    const DmixProfileScale *scale, float *power);

#endif
