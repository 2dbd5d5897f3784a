/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Runs dsp/speechactivity over a WAV file (mono, 16 bit) and prints, for every
 * 10 ms, 1 for speech and 0 for none: for scorers of detectors. With a second
 * file of the same kind, that one is the background which may have bled in.
 * With -p the detector for finished programmes, dsp/speech/voice, prints the
 * probability of speech.
 *   speech_run [-b BACKGROUND.wav | -p] KEY.wav */
#include "speech/speechactivity.h"
#include "speech/voice.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float *
read_wav (const char *path, unsigned *rate, size_t *frames)
{
  unsigned char header[44];
  FILE *file = fopen (path, "rb");
  int16_t block[512];
  float *sound = NULL;
  size_t n;

  *frames = 0;
  if (!file || fread (header, 1, 44, file) != 44
      || memcmp (header + 36, "data", 4) || header[22] != 1
      || header[34] != 16) {
    fprintf (stderr, "%s: not a plain mono WAV file of 16 bits\n", path);
    exit (2);
  }
  *rate = header[24] | header[25] << 8 | header[26] << 16;
  while ((n = fread (block, sizeof *block, 512, file)) > 0) {
    sound = realloc (sound, (*frames + n) * sizeof *sound);
    for (size_t i = 0; i < n; i++)
      sound[(*frames)++] = block[i] / 32768.0f;
  }
  fclose (file);
  return sound;
}

static void
run_programme (const float *sound, size_t frames, unsigned rate)
{
  const DmixFormat format = { rate, 1 };
  const size_t hop = rate / 100;
  DmixVoice *voice = dmix_voice_new (&format, NULL);

  for (size_t i = 0; i + hop <= frames; i += hop) {
    dmix_voice_add (voice, sound + i, hop);
    dmix_voice_step (voice);
    printf ("%.4f\n", dmix_voice_get_latest (voice));
  }
  dmix_voice_free (voice);
}

int
main (int argc, char **argv)
{
  const int is_programme = argc == 3 && !strcmp (argv[1], "-p");
  const int with_background = argc == 4 && !strcmp (argv[1], "-b");
  unsigned rate, background_rate;
  size_t frames, more = 0, hop;
  float *key, *background = NULL;
  DmixSpeechActivity *detector;

  if (argc != 2 && !with_background && !is_programme) {
    fprintf (stderr, "usage: speech_run [-b BACKGROUND.wav | -p] KEY.wav\n");
    return 2;
  }
  key = read_wav (argv[argc - 1], &rate, &frames);
  if (is_programme) {
    run_programme (key, frames, rate);
    free (key);
    return 0;
  }
  if (with_background)
    background = read_wav (argv[2], &background_rate, &more);
  if (with_background && more < frames)
    frames = more;
  hop = rate / 100;
  detector = dmix_speechactivity_new (rate);
  for (size_t i = 0; i + hop <= frames; i += hop) {
    dmix_speechactivity_process (detector, key + i,
        background ? background + i : NULL, hop);
    printf ("%d\n", dmix_speechactivity_is_speech (detector));
  }
  dmix_speechactivity_free (detector);
  free (key);
  free (background);
  return 0;
}
