/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: difference of the long-term third-octave levels of speech, after
 * subtracting the background's power (as S. Boll's spectral subtraction).
 * Further smoothing, by a third of the neighbours, would spoil the match, so
 * the bands' own width is the only smoothing. A common level offset keeps the
 * loudness, with the K-weighting of ITU-R BS.1770-5 at the band centres.
 */
#include "adr/eqmatch.h"

#include "base/units.h"
#include <math.h>

#define THIRDS DMIX_MEANSPECTRUM_THIRDS
#define CLEAR 2.0 /* least power of a speech band over its background */

/* K-weighting at a frequency, as a power gain: second-order high shelf of 4 dB
 * and high pass (BS.1770-5 Annex 1, analogue prototypes). */
static double
k_weight (double hz)
{
  const double high = dmix_gain_from_db (3.999843853973347);
  const double band = pow (high, 0.4996667741545416);
  const double f = hz / 1681.974450955533, g = hz / 38.13547087602444;
  const double qs = 0.7071752369554196, qp = 0.5003270373238773;
  const double below = (1 - f * f) * (1 - f * f) + f * f / (qs * qs);
  const double above =
      (1 - high * f * f) * (1 - high * f * f) + band * band * f * f / (qs * qs);
  const double pass =
      g * g * g * g / ((1 - g * g) * (1 - g * g) + g * g / (qp * qp));

  return above / below * pass;
}

/* Power of speech without background in a band; 0 if not CLEAR over it. */
static double
speech_alone (const DmixEqMatchSide *side, int band)
{
  return side->speech[band] > CLEAR * side->background[band]
      ? side->speech[band] - side->background[band]
      : 0.0;
}

/* Loudness change that the curve makes to the take's speech, dB. */
static double
loudness_gain (const DmixEqMatchSide *take, const double *gain_db)
{
  double with = 0.0, without = 0.0;

  for (int b = 0; b < THIRDS; b++) {
    const double part = speech_alone (take, b)
        * k_weight (dmix_meanspectrum_third_hz ((unsigned) b));

    without += part;
    with += part * dmix_power_from_db (gain_db[b]);
  }
  return without > 0.0 && with > 0.0 ? dmix_db_from_power (with / without)
                                     : 0.0;
}

static int
find_differences (const DmixEqMatchSide *guide, const DmixEqMatchSide *take,
    double *difference_db, int *known)
{
  int any = 0;

  for (int b = 0; b < THIRDS; b++) {
    const double g = speech_alone (guide, b), t = speech_alone (take, b);

    known[b] = g > 0.0 && t > 0.0;
    difference_db[b] = known[b] ? dmix_db_from_power (g / t) : 0.0;
    any += known[b];
  }
  return any;
}

static void
fill_unknown (double *value, const int *known)
{
  for (int b = 0; b < THIRDS; b++)
    for (int far = 1; !known[b] && far < THIRDS; far++) {
      const int low = b - far, high = b + far;

      if (low >= 0 && known[low])
        value[b] = value[low];
      else if (high < THIRDS && known[high])
        value[b] = value[high];
      else
        continue;
      break;
    }
}

void
dmix_eqmatch_get_curve (const DmixEqMatchParams *params,
    const DmixEqMatchSide *guide, const DmixEqMatchSide *take, double *gain_db)
{
  double difference[THIRDS], level = 0.0;
  int known[THIRDS];

  if (!find_differences (guide, take, difference, known)) {
    for (int b = 0; b < THIRDS; b++)
      gain_db[b] = 0.0;
    return;
  }
  fill_unknown (difference, known);
  /* iterate: clamping to the limit changes the loudness again */
  for (int round = 0; round < 8; round++) {
    for (int b = 0; b < THIRDS; b++)
      gain_db[b] = dmix_clamp (params->amount * difference[b] - level,
          -params->limit_db, params->limit_db);
    level += loudness_gain (take, gain_db);
  }
}

void
dmix_eqmatch_get_response (const double *gain_db, unsigned rate_hz,
    unsigned bins, float *magnitude)
{
  for (unsigned b = 0; b < bins; b++) {
    const double hz = fmax ((double) b * rate_hz / (2.0 * (bins - 1)), 1.0);
    const double place =
        dmix_clamp (dmix_db_from_power (hz / dmix_meanspectrum_third_hz (0)),
            0.0, THIRDS - 1.0);
    const int below = (int) fmin (place, THIRDS - 2.0);
    const double db = gain_db[below]
        + (place - below) * (gain_db[below + 1] - gain_db[below]);

    magnitude[b] = (float) dmix_gain_from_db (db);
  }
}
