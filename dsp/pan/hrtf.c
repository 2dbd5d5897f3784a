/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the arrival time of a response is the lag at which it correlates most
 * with its minimum-phase version (J. Nam, J. Abel, J. Smith, "A method for
 * estimating interaural time difference for binaural synthesis", AES 125th
 * Convention, 2008). The minimum phase is computed with the folded cepstrum (A.
 * Oppenheim, R. Schafer, Discrete-Time Signal Processing, 3rd ed., chapter 13),
 * the correlation at four times the rate, and its peak with a parabola.
 * sphere.c finds the directions around a given one.
 *
 * Level: makers scale their sets as they like, by up to 30 dB. The diffuse-field
 * level (V. Larcher, J.-M. Jot, G. Vandernoot, "Equalization methods in binaural
 * technology", AES 105th Convention, 1998) is the mean power of both ears for
 * sound from all directions, here of pink noise from 100 Hz to 10 kHz and of
 * 256 directions spread evenly over the sphere, whatever was measured. It is
 * made that of MIT KEMAR. Frontal sound would serve as well, but there sets
 * that are equalized for the free field and for the diffuse field differ most.
 *
 * State, constant after dmix_hrtf_new()
 *   response   [directions][2][taps]
 *   extra      [directions][2], delay on top of the response, frames
 *   arrival    [directions][2], arrival time in the response, frames
 *   length     longest response with its extra delay, frames
 */
#include "pan/hrtf.h"

#include "base/units.h"

#include "spectral/fft.h"
#include "spectral/sinc.h"
#include "pan/sphere.h"

#include <stdlib.h>
#include <string.h>

#define FINER 4         /* oversampling of the correlation */
#define FLOOR 1e-4      /* least magnitude over the largest: -80 dB */
#define SAME 0.99999962 /* cosine of 0.05 degrees */
#define POLE_DEG 15.0   /* a measurement within this angle serves a pole */
#define MAX_RIM 256u    /* directions around a pole */
#define BETA 10.0       /* Kaiser window of the resampling kernel: -100 dB */
#define KERNEL_POINTS (DMIX_HRTF_KERNEL_CROSSINGS * DMIX_HRTF_KERNEL_POINTS)

struct DmixHrtf
{
  unsigned directions, taps;
  double rate_hz, length;
  DmixVector *direction;
  float *response;
  double *extra, *arrival;
  DmixSphere *sphere;
  float kernel[KERNEL_POINTS + 2];
};

/* Level of MIT KEMAR (normal pinna, as libmysofa brings it), dB */
#define REFERENCE_DB 1.2
#define LEVEL_STEP_DB 0.1 /* of gains: the reference gets exactly 0 dB */
#define MOST_LEVEL_DB 100.0
#define LOWEST_HZ 100.0
#define HIGHEST_HZ 10000.0
#define LEVEL_DIRECTIONS 256

/*** arrival times ***/

typedef struct
{
  unsigned size;
  DmixFft *fft, *fine;
  float *time, *re, *im, *min_re, *min_im, *fine_time;
} Workspace;

static void
clear_workspace (Workspace *self)
{
  dmix_fft_free (self->fft);
  dmix_fft_free (self->fine);
  free (self->time);
}

static int
init_workspace (Workspace *self, unsigned taps)
{
  /* four times as long as the response, to keep the cepstrum from wrapping */
  self->size = dmix_fft_size_for (taps < 64 ? 256 : 4 * taps);
  if (self->size * FINER > DMIX_FFT_MAX_SIZE)
    self->size = DMIX_FFT_MAX_SIZE / FINER;
  self->fft = dmix_fft_new (self->size);
  self->fine = dmix_fft_new (self->size * FINER);
  self->time = calloc (10 * (size_t) self->size + 16, sizeof *self->time);
  if (!self->fft || !self->fine || !self->time)
    return 0;
  self->re = self->time + self->size;
  self->im = self->re + self->size / 2 + 1;
  self->fine_time = self->im + self->size / 2 + 1;
  self->min_re = self->fine_time + self->size * FINER;
  self->min_im = self->min_re + self->size * FINER / 2 + 1;
  return 1;
}

static void
transform (Workspace *self, const float *response, unsigned taps)
{
  const unsigned used = DMIX_MIN (taps, self->size);

  memset (self->time, 0, self->size * sizeof *self->time);
  memcpy (self->time, response, used * sizeof *response);
  dmix_fft_forward (self->fft, self->time, self->re, self->im);
}

/* Sets min_re, min_im to the minimum-phase spectrum with the magnitudes of re,
 * im. */
static void
make_minimum_phase (Workspace *self)
{
  const unsigned bins = self->size / 2 + 1;
  float largest = 0;

  for (unsigned k = 0; k < bins; k++) {
    self->min_re[k] = hypotf (self->re[k], self->im[k]);
    self->min_im[k] = 0;
    largest = fmaxf (largest, self->min_re[k]);
  }
  for (unsigned k = 0; k < bins; k++)
    self->min_re[k] =
        logf (fmaxf (self->min_re[k], fmaxf (largest * (float) FLOOR, 1e-20f)));
  dmix_fft_inverse (self->fft, self->min_re, self->min_im, self->time);
  for (unsigned n = 1; n < self->size / 2; n++) {
    self->time[n] *= 2;
    self->time[self->size - n] = 0;
  }
  dmix_fft_forward (self->fft, self->time, self->min_re, self->min_im);
  for (unsigned k = 0; k < bins; k++) {
    const float magnitude = expf (self->min_re[k]), phase = self->min_im[k];

    self->min_re[k] = magnitude * cosf (phase);
    self->min_im[k] = magnitude * sinf (phase);
  }
}

/* Lag of the maximum of the correlation, frames. */
static double
find_peak (const Workspace *self)
{
  const unsigned fine = self->size * FINER;
  unsigned best = 0;
  double before, at, after, bend;

  for (unsigned n = 1; n < fine / 2; n++)
    if (self->fine_time[n] > self->fine_time[best])
      best = n;
  before = self->fine_time[(best + fine - 1) % fine];
  at = self->fine_time[best];
  after = self->fine_time[best + 1];
  bend = before - 2 * at + after;
  return (best + (bend < 0 ? 0.5 * (before - after) / bend : 0)) / FINER;
}

static double
find_arrival (Workspace *self, const float *response, unsigned taps)
{
  const unsigned bins = self->size / 2 + 1, fine_bins = self->size * FINER / 2;

  transform (self, response, taps);
  make_minimum_phase (self);
  for (unsigned k = 0; k < bins; k++) {
    const float re =
        self->re[k] * self->min_re[k] + self->im[k] * self->min_im[k];

    self->min_im[k] =
        self->im[k] * self->min_re[k] - self->re[k] * self->min_im[k];
    self->min_re[k] = re;
  }
  /* both arrays have room for the longer spectrum: zeros oversample */
  memset (self->min_re + bins, 0, (fine_bins + 1 - bins) * sizeof (float));
  memset (self->min_im + bins, 0, (fine_bins + 1 - bins) * sizeof (float));
  dmix_fft_inverse (self->fine, self->min_re, self->min_im, self->fine_time);
  return find_peak (self);
}

/*** directions ***/

static const float *
response_of (const DmixHrtf *self, unsigned index, unsigned ear)
{
  return self->response + (2 * (size_t) index + ear) * self->taps;
}

/* Sets the response at `index` to the mean of the aligned responses of `count`
 * directions, with the mean of their arrival times and extra delays. */
static void
make_mean (DmixHrtf *self, Workspace *work, const unsigned *from,
    unsigned count, unsigned index)
{
  const unsigned bins = work->size / 2 + 1;

  for (unsigned ear = 0; ear < 2; ear++) {
    float *to = self->response + (2 * (size_t) index + ear) * self->taps;
    double *arrival = &self->arrival[2 * index + ear];
    double *extra = &self->extra[2 * index + ear];

    memset (work->min_re, 0, bins * sizeof (float));
    memset (work->min_im, 0, bins * sizeof (float));
    for (unsigned i = 0; i < count; i++) {
      *arrival += self->arrival[2 * from[i] + ear] / count;
      *extra += self->extra[2 * from[i] + ear] / count;
    }
    for (unsigned i = 0; i < count; i++) {
      const double later = *arrival - self->arrival[2 * from[i] + ear];

      transform (work, response_of (self, from[i], ear), self->taps);
      for (unsigned k = 0; k < bins; k++) {
        const double angle = -2 * DMIX_PI * k * later / work->size;
        const double c = cos (angle) / count, s = sin (angle) / count;

        work->min_re[k] += (float) (work->re[k] * c - work->im[k] * s);
        work->min_im[k] += (float) (work->re[k] * s + work->im[k] * c);
      }
    }
    dmix_fft_inverse (work->fft, work->min_re, work->min_im, work->time);
    for (unsigned n = 0; n < self->taps && n < work->size; n++)
      to[n] = work->time[n];
  }
}

/* Adds the pole z (-1 or 1), unless a measurement lies near it, as the last
 * direction with the mean of its neighbours. Returns 0 if memory is short. */
static int
add_pole (DmixHrtf *self, Workspace *work, double z)
{
  const DmixVector pole = { 0, 0, z };
  unsigned rim[MAX_RIM], count;

  for (unsigned i = 0; i < self->directions; i++)
    if (dmix_vector_dot (self->direction[i], pole)
        > cos (DMIX_RADIANS (POLE_DEG)))
      return 1;
  self->direction[self->directions] = pole;
  dmix_sphere_free (self->sphere);
  self->sphere = dmix_sphere_new (self->direction, self->directions + 1);
  if (!self->sphere)
    return 0;
  count =
      dmix_sphere_get_neighbours (self->sphere, self->directions, rim, MAX_RIM);
  count = DMIX_MIN (count, MAX_RIM);
  if (count > 0) {
    make_mean (self, work, rim, count, self->directions);
    self->directions++;
  }
  return 1;
}

static int
is_new_direction (const DmixHrtf *self, DmixVector direction)
{
  for (unsigned i = 0; i < self->directions; i++)
    if (dmix_vector_dot (self->direction[i], direction) > SAME)
      return 0;
  return 1;
}

static int
is_finite (const float *value, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!isfinite (value[i]))
      return 0;
  return 1;
}

int
dmix_hrtf_is_usable (const DmixHrtfData *data)
{
  if (!data || data->measurements < 1 || data->taps < 1
      || data->measurements > DMIX_SPHERE_MAX_POINTS - 2
      || data->taps > DMIX_HRTF_MAX_TAPS || !(data->rate_hz >= 1000)
      || !(data->rate_hz <= 1e6)
      || !is_finite (data->response,
          2 * (size_t) data->measurements * data->taps))
    return 0;
  for (unsigned m = 0; m < data->measurements; m++) {
    const double length = dmix_vector_length (data->direction[m]);

    if (!isfinite (length) || length <= 0)
      return 0;
  }
  for (unsigned i = 0; data->delay && i < 2 * data->measurements; i++)
    if (!(data->delay[i] >= 0 && data->delay[i] <= DMIX_HRTF_MAX_TAPS))
      return 0;
  return 1;
}

static void
take_measurements (DmixHrtf *self, const DmixHrtfData *data, Workspace *work)
{
  for (unsigned m = 0; m < data->measurements; m++) {
    const DmixVector direction = dmix_vector_unit (data->direction[m]);
    const size_t place = 2 * (size_t) self->directions;

    if (!is_new_direction (self, direction))
      continue;
    memcpy (self->response + place * self->taps,
        data->response + 2 * (size_t) m * self->taps,
        2 * self->taps * sizeof *self->response);
    for (unsigned ear = 0; ear < 2; ear++) {
      if (data->delay)
        self->extra[place + ear] = data->delay[2 * m + ear];
      self->arrival[place + ear] = find_arrival (work,
          response_of (self, self->directions, ear), self->taps);
      self->length = fmax (self->length, self->taps + self->extra[place + ear]);
    }
    self->direction[self->directions++] = direction;
  }
}

/*** level ***/

/* Mean power of pink noise from one direction at the ears. */
static double
pink_power (const DmixHrtf *self, Workspace *work, unsigned index)
{
  const double hz_per_bin = self->rate_hz / work->size;
  double sum = 0, weights = 0;

  for (unsigned ear = 0; ear < 2; ear++) {
    transform (work, response_of (self, index, ear), self->taps);
    for (unsigned k = 1; k < work->size / 2; k++) {
      const double hz = k * hz_per_bin, re = work->re[k], im = work->im[k];

      if (hz < LOWEST_HZ || hz > HIGHEST_HZ)
        continue;
      sum += (re * re + im * im) / hz;
      weights += 1 / hz;
    }
  }
  return weights > 0 ? sum / weights : 0;
}

/* A point of a spiral that covers the sphere evenly. */
static DmixVector
spiral (unsigned i, unsigned count)
{
  const double z = 1 - (2.0 * i + 1) / count;
  const double angle = DMIX_PI * (3 - sqrt (5.0)) * i; /* the golden one */

  return (DmixVector){ sqrt (1 - z * z) * cos (angle),
    sqrt (1 - z * z) * sin (angle), z };
}

/* power: room for one value of each direction. */
static double
diffuse_power (const DmixHrtf *self, Workspace *work, double *power)
{
  double sum = 0, weight[3];
  unsigned hint = 0, index[3];

  for (unsigned d = 0; d < self->directions; d++)
    power[d] = pink_power (self, work, d);
  for (unsigned i = 0; i < LEVEL_DIRECTIONS; i++) {
    dmix_hrtf_find (self, spiral (i, LEVEL_DIRECTIONS), &hint, index, weight);
    for (unsigned j = 0; j < 3; j++)
      sum += weight[j] * power[index[j]];
  }
  return sum / LEVEL_DIRECTIONS;
}

/* Scales all responses to the reference level. */
static int
equalize_level (DmixHrtf *self, Workspace *work)
{
  double *power = calloc (self->directions, sizeof *power);
  double level, gain_db;
  float gain;

  if (!power)
    return 0;
  level = diffuse_power (self, work, power);
  free (power);
  if (!(level > 0) || !isfinite (level))
    return 1;
  gain_db = LEVEL_STEP_DB
      * round ((REFERENCE_DB - dmix_db_from_power (level)) / LEVEL_STEP_DB);
  gain = (float) dmix_gain_from_db (
      dmix_clamp (gain_db, -MOST_LEVEL_DB, MOST_LEVEL_DB));
  for (size_t n = 0; n < 2 * (size_t) self->directions * self->taps; n++)
    self->response[n] *= gain;
  return 1;
}

static int
fill (DmixHrtf *self, const DmixHrtfData *data)
{
  Workspace work = { 0 };
  int good = init_workspace (&work, self->taps);

  if (good) {
    take_measurements (self, data, &work);
    good = add_pole (self, &work, -1) && add_pole (self, &work, 1);
  }
  if (good) {
    dmix_sphere_free (self->sphere);
    self->sphere = dmix_sphere_new (self->direction, self->directions);
    good = self->sphere && (!data->equal_level || equalize_level (self, &work));
  }
  clear_workspace (&work);
  return good;
}

static void
make_kernel (DmixHrtf *self)
{
  for (unsigned i = 0; i < KERNEL_POINTS; i++)
    self->kernel[i] =
        (float) dmix_sinc_kaiser ((double) i / DMIX_HRTF_KERNEL_POINTS,
            DMIX_HRTF_KERNEL_CROSSINGS, BETA);
}

DmixHrtf *
dmix_hrtf_new (const DmixHrtfData *data)
{
  const size_t most = dmix_hrtf_is_usable (data) ? data->measurements + 2 : 0;
  DmixHrtf *self;

  if (most == 0 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->taps = data->taps;
  self->rate_hz = data->rate_hz;
  self->direction = calloc (most, sizeof *self->direction);
  self->response = calloc (2 * most * self->taps, sizeof *self->response);
  self->extra = calloc (2 * most, sizeof *self->extra);
  self->arrival = calloc (2 * most, sizeof *self->arrival);
  if (!self->direction || !self->response || !self->extra || !self->arrival
      || !fill (self, data)) {
    dmix_hrtf_free (self);
    return NULL;
  }
  make_kernel (self);
  return self;
}

void
dmix_hrtf_free (DmixHrtf *self)
{
  if (!self)
    return;
  dmix_sphere_free (self->sphere);
  free (self->direction);
  free (self->response);
  free (self->extra);
  free (self->arrival);
  free (self);
}

/*** access ***/

double
dmix_hrtf_rate_hz (const DmixHrtf *self)
{
  return self->rate_hz;
}

unsigned
dmix_hrtf_taps (const DmixHrtf *self)
{
  return self->taps;
}

unsigned
dmix_hrtf_directions (const DmixHrtf *self)
{
  return self->directions;
}

DmixVector
dmix_hrtf_get_direction (const DmixHrtf *self, unsigned index)
{
  return self->direction[index];
}

const float *
dmix_hrtf_get_response (const DmixHrtf *self, unsigned index, unsigned ear)
{
  return response_of (self, index, ear);
}

double
dmix_hrtf_get_extra_delay (const DmixHrtf *self, unsigned index, unsigned ear)
{
  return self->extra[2 * index + ear];
}

double
dmix_hrtf_get_arrival (const DmixHrtf *self, unsigned index, unsigned ear)
{
  return self->arrival[2 * index + ear];
}

double
dmix_hrtf_length_frames (const DmixHrtf *self)
{
  return self->length;
}

const float *
dmix_hrtf_get_kernel (const DmixHrtf *self)
{
  return self->kernel;
}

void
dmix_hrtf_find (const DmixHrtf *self, DmixVector direction, unsigned *hint,
    unsigned index[3], double weight[3])
{
  dmix_sphere_find (self->sphere, direction, hint, index, weight);
}
