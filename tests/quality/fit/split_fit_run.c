/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The features of dsp/dialogue/splitfeatures for fit_split.py. Reads sounds from
 * the standard input, 48 kHz: the number of channels (1 or 2) and of frames, each
 * uint32, then the mix, its dialogue and its background, interleaved float32.
 * Writes the number of spectra, uint32, then for each spectrum of the mix the
 * features of 144 rows, those of one kind together: shared ones, those of the
 * network; then for each spectrum of mix, dialogue and
 * background the energies of 144 rows. All float32.
 */
#include "dialogue/splitfeatures.h"
#include "dialogue/splitter.h"
#include "net/netrows.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An estimator that writes what it sees. */
typedef struct
{
  DmixSplitFeatures *features;
  DmixNetRows *rows;
  DmixNet *net;
} Recorder;

static FILE *features, *energies;

static void
recorder_reset (void *state)
{
  (void) state;
}

static void
recorder_free (void *state)
{
  Recorder *self = state;

  dmix_splitfeatures_free (self->features);
  dmix_netrows_free (self->rows);
  dmix_net_free (self->net);
  free (self);
}

static void *
recorder_make (const DmixSplitShape *shape)
{
  const DmixNetSpectrum spectrum = { shape->bins, shape->hz_per_bin,
    shape->window_energy };
  Recorder *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->features = dmix_splitfeatures_new (shape);
  self->rows = dmix_netrows_new (&spectrum);
  self->net = dmix_net_new (NULL);
  return self;
}

static DmixSplitAnswer
recorder_step (void *state, const DmixSplitSpectra *in, float *mid_gain,
    float *side_gain)
{
  Recorder *self = state;
  float mid[DMIX_NET_ROWS], side[DMIX_NET_ROWS];
  const DmixSplitAnswer absent = { -1.0f, 0.0f };
  DmixNetFrame frame;

  (void) mid_gain, (void) side_gain;
  dmix_netrows_energy (self->rows, in->mid, mid);
  fwrite (mid, sizeof *mid, DMIX_NET_ROWS, energies);
  if (!features)
    return absent;
  if (in->side)
    dmix_netrows_energy (self->rows, in->side, side);
  dmix_net_step (self->net, mid, in->side ? side : NULL, &frame);
  fwrite (dmix_splitfeatures_step (self->features, in, &frame), sizeof (float),
      DMIX_SPLIT_MOST * DMIX_NET_ROWS, features);
  return absent;
}

static const DmixSplitEstimator recorder = {
  recorder_make,
  recorder_free,
  recorder_reset,
  recorder_step,
  { 0.0f, 0.0f, 1.0f },
  { 0.0f, 0.0f, 1.0f },
};

/* Writes what a file holds to the standard output, and empties it. */
static void
pass_on (FILE *file)
{
  char block[4096];
  size_t n;

  rewind (file);
  while ((n = fread (block, 1, sizeof block, file)) > 0)
    fwrite (block, 1, n, stdout);
  fclose (file);
}

int
main (void)
{
  uint32_t head[2];

  while (fread (head, sizeof *head, 2, stdin) == 2) {
    const size_t frames = head[1], count = head[0] * frames;
    const DmixFormat format = { 48000, head[0] };
    float *sound = calloc (2 * count + 1, sizeof *sound);

    features = tmpfile ();
    energies = tmpfile ();
    if (!sound || !features || !energies)
      return 1;
    for (int signal = 0; signal < 3; signal++) {
      DmixSplitter *splitter = dmix_splitter_new (&format, NULL, &recorder);

      if (!splitter || fread (sound, sizeof *sound, count, stdin) != count)
        return 1;
      dmix_splitter_process (splitter, sound, sound + count, frames);
      dmix_splitter_free (splitter);
      if (signal == 0) {
        const uint32_t spectra = (uint32_t) (ftell (energies)
            / (long) (DMIX_NET_ROWS * sizeof (float)));

        fwrite (&spectra, sizeof spectra, 1, stdout);
        pass_on (features);
        features = NULL;
      }
    }
    pass_on (energies);
    free (sound);
  }
  return 0;
}
