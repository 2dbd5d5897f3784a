/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The features of dsp/speech/voicefeatures for fit_voice.py. Reads sounds from
 * the standard input, 48 kHz: the number of signals (1: mid, 2: mid and side)
 * and of frames, each uint32, then the signals, one after the other, float32.
 * Writes for each 10 ms DMIX_VOICEFEATURES float32, then both answers of
 * speech/voice.h, statistical, and the probability of the network. */
#include "speech/learnedactivity.h"
#include "speech/voice.h"
#include "speech/voicefeatures.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define HOP 480

typedef struct
{
  DmixVoiceFeatures *features;
  DmixVoice *voice;
  DmixLearnedActivity *network;
} Detectors;

/* side: NULL for none. */
static void
write_step (Detectors *d, const float *mid, const float *side)
{
  float feature[DMIX_VOICEFEATURES], answer[3], sound[2 * HOP];

  dmix_voicefeatures_step (d->features, mid, side, HOP, feature);
  fwrite (feature, sizeof *feature, DMIX_VOICEFEATURES, stdout);
  for (int i = 0; i < HOP; i++)
    if (side) {
      sound[2 * i] = mid[i] + side[i];
      sound[2 * i + 1] = mid[i] - side[i];
    } else
      sound[i] = mid[i];
  dmix_voice_add (d->voice, sound, HOP);
  dmix_voice_step (d->voice);
  dmix_learnedactivity_process (d->network, mid, side, HOP);
  answer[0] = (float) dmix_voice_get_latest (d->voice);
  answer[1] = (float) dmix_voice_get_settled (d->voice);
  answer[2] = dmix_learnedactivity_get_probability (d->network);
  fwrite (answer, sizeof *answer, 3, stdout);
}

int
main (void)
{
  uint32_t head[2];

  while (fread (head, sizeof *head, 2, stdin) == 2) {
    const size_t signals = head[0], frames = head[1];
    float *sound = calloc (signals * frames, sizeof *sound);
    const DmixFormat format = { 48000, (unsigned) signals };
    Detectors d = { dmix_voicefeatures_new (48000),
      dmix_voice_new (&format, NULL), dmix_learnedactivity_new (48000) };

    if (!sound || !d.features || !d.voice || !d.network
        || fread (sound, sizeof *sound, signals * frames, stdin)
            != signals * frames)
      return 1;
    for (size_t i = 0; i + HOP <= frames; i += HOP)
      write_step (&d, sound + i, signals > 1 ? sound + frames + i : NULL);
    fflush (stdout);
    dmix_voicefeatures_free (d.features);
    dmix_voice_free (d.voice);
    dmix_learnedactivity_free (d.network);
    free (sound);
  }
  return 0;
}
