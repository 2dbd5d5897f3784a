/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Reduces noise in recordings and writes what the noise tracker believed.
 *
 *   denoise_fit_run REDUCTION_DB < LIST
 *
 * A line of LIST: rate, mixture and its noise alone (files of raw float, mono,
 * native endian, of the same length), the file for the reduced mixture (delay
 * taken out; "-": none) and the file for the tracker ("-": none): for each
 * frame of 32 ms, 10.7 ms apart, as in denoise.c, the tracked noise power in
 * each bin and then the power of the noise alone. */
#include "fitinput.h"

#include "denoise/denoise.h"
#include "denoise/noisetracker.h"
#include "spectral/stft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  DmixNoiseTracker *tracker;
  FILE *file;
  unsigned bins;
  float *power, *truth;
} Tracking;

static void
write_floats (FILE *file, const float *values, size_t count)
{
  if (!file || fwrite (values, sizeof *values, count, file) != count)
    fail ("cannot write", "an output");
}

/* A DmixStftChange on two channels: the mixture, and the noise alone. */
static int
track (void *user, float *const *re, float *const *im, int audible)
{
  Tracking *self = user;

  if (!audible)
    return 0;
  for (unsigned b = 0; b < self->bins; b++) {
    self->power[b] = re[0][b] * re[0][b] + im[0][b] * im[0][b];
    self->truth[b] = re[1][b] * re[1][b] + im[1][b] * im[1][b];
  }
  dmix_noisetracker_step (self->tracker, self->power);
  write_floats (self->file, dmix_noisetracker_get_noise (self->tracker),
      self->bins);
  write_floats (self->file, self->truth, self->bins);
  return 0;
}

static void
run_tracker (unsigned rate, const float *mixture, const float *noise,
    size_t frames, const char *path)
{
  const unsigned hop = (unsigned) (rate * 0.032 / 3);
  const DmixStftShape shape = {
    .channels = 2,
    .hop_frames = hop,
    .output_frames = 3 * hop,
    .window_frames = 3 * hop,
  };
  DmixStft *stft = dmix_stft_new (&shape);
  float *both = malloc (2 * frames * sizeof *both);
  Tracking self;

  if (!stft || !both)
    fail ("no memory for", path);
  self.bins = dmix_stft_bins (stft);
  self.tracker = dmix_noisetracker_new (self.bins,
      rate / (2.0 * (self.bins - 1)), (double) hop / rate);
  self.power = malloc (2 * self.bins * sizeof *self.power);
  self.file = fopen (path, "wb");
  if (!self.tracker || !self.power || !self.file)
    fail ("cannot write", path);
  self.truth = self.power + self.bins;
  for (size_t i = 0; i < frames; i++) {
    both[2 * i] = mixture[i];
    both[2 * i + 1] = noise[i];
  }
  dmix_stft_process (stft, both, frames, track, &self);
  if (fclose (self.file))
    fail ("cannot write", path);
  dmix_noisetracker_free (self.tracker);
  dmix_stft_free (stft);
  free (self.power);
  free (both);
}

static void
run_denoise (unsigned rate, const float *mixture, size_t frames,
    double reduction_db, const char *path)
{
  const DmixFormat format = { .rate_hz = rate, .channels = 1 };
  const DmixDenoiseParams params = { .reduction_db = reduction_db, .link = 1 };
  DmixDenoise *denoise = dmix_denoise_new (&format, DMIX_DENOISE_NORMAL, NULL);
  FILE *file = fopen (path, "wb");
  size_t late;
  float *io;

  if (!denoise || !file)
    fail ("cannot write", path);
  late = dmix_denoise_latency_frames (denoise);
  io = calloc (frames + late, sizeof *io);
  if (!io)
    fail ("no memory for", path);
  memcpy (io, mixture, frames * sizeof *io);
  dmix_denoise_set_params (denoise, &params);
  dmix_denoise_process (denoise, io, frames + late);
  write_floats (file, io + late, frames);
  if (fclose (file))
    fail ("cannot write", path);
  dmix_denoise_free (denoise);
  free (io);
}

int
main (int argc, char **argv)
{
  char mixture_path[1024], noise_path[1024], out[1024], tracked[1024];
  unsigned rate;
  int fields;

  if (argc != 2)
    fail ("usage:", "denoise_fit_run REDUCTION_DB < LIST");
  while ((fields = scanf ("%u %1023s %1023s %1023s %1023s", &rate, mixture_path,
              noise_path, out, tracked))
      == 5) {
    size_t frames, more;
    float *mixture = read_floats (mixture_path, &frames);
    float *noise = read_floats (noise_path, &more);

    if (more != frames)
      fail ("not as long as its mixture:", noise_path);
    if (strcmp (tracked, "-"))
      run_tracker (rate, mixture, noise, frames, tracked);
    if (strcmp (out, "-"))
      run_denoise (rate, mixture, frames, atof (argv[1]), out);
    free (mixture);
    free (noise);
  }
  if (fields != EOF)
    fail ("bad line in", "the list");
  return 0;
}
