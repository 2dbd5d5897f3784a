/* Mean power spectrum of chosen pieces of sound, and its third octaves.
 *
 * Windows are about 0.17 s, so that third octaves are resolved from 100 Hz on.
 * The powers of all bins add up to the mean square of the sound; the channels'
 * powers are averaged. Samples must be finite (dmix_finite_clean()).
 */
#ifndef DMIX_SPECTRUM_H
#define DMIX_SPECTRUM_H

#include "format.h"

#include <stddef.h>

#define DMIX_SPECTRUM_THIRDS 23 /* 80 Hz to 12.5 kHz */

typedef struct DmixSpectrum DmixSpectrum;

/* Rates from 4000 to 384000 Hz. NULL on bad arguments or short memory. */
DmixSpectrum *dmix_spectrum_new (const DmixFormat * format);
void dmix_spectrum_free (DmixSpectrum * self);
void dmix_spectrum_reset (DmixSpectrum * self);

/* Frames of a window, and bins: bin b lies at b * rate / window. */
unsigned dmix_spectrum_window_frames (const DmixSpectrum * self);
unsigned dmix_spectrum_bins (const DmixSpectrum * self);

/* Adds one window, interleaved. */
void dmix_spectrum_add (DmixSpectrum * self, const float *in);

/* Windows added, and the mean of their powers (all 0 if there is none). */
size_t dmix_spectrum_count (const DmixSpectrum * self);
const double *dmix_spectrum_power (DmixSpectrum * self);

/* Centre of third octave i (nominal frequencies' exact values), Hz. */
double dmix_spectrum_third_hz (unsigned i);

/* Sums up the bins of each third octave: mean squares. Those that are not all
 * below half the rate are 0. */
void dmix_spectrum_thirds (DmixSpectrum * self, double *third);

#endif
