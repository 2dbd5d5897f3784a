/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The features of dsp/speech/voicefeatures for fit_voice.py. Reads sounds from
 * the standard input, 48 kHz: the number of signals (1: mid, 2: mid and side)
 * and of frames, each uint32, then the signals, one after the other, float32.
 * Writes DMIX_VOICEFEATURES float32 for each 10 ms. */
#include "speech/voicefeatures.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define HOP 480

int
main (void)
{
  uint32_t head[2];

  while (fread (head, sizeof *head, 2, stdin) == 2) {
    const size_t signals = head[0], frames = head[1];
    float *sound = calloc (signals * frames, sizeof *sound);
    DmixVoiceFeatures *features = dmix_voicefeatures_new (48000);
    float feature[DMIX_VOICEFEATURES];

    if (!sound || !features
        || fread (sound, sizeof *sound, signals * frames, stdin)
            != signals * frames)
      return 1;
    for (size_t i = 0; i + HOP <= frames; i += HOP) {
      dmix_voicefeatures_step (features, sound + i,
          signals > 1 ? sound + frames + i : NULL, HOP, feature);
      fwrite (feature, sizeof *feature, DMIX_VOICEFEATURES, stdout);
    }
    fflush (stdout);
    dmix_voicefeatures_free (features);
    free (sound);
  }
  return 0;
}
