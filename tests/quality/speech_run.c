/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Runs a speech detector over a WAV file (mono, 16 bit) and prints, for every
 * 10 ms, 1 for speech and 0 for none: for scorers of detectors.
 *   speech_run [-b BACKGROUND.wav] KEY.wav   speech/speechactivity.h; the
 *                                            background may have bled in
 *   speech_run -l KEY.wav                    speech/learnedactivity.h
 *   speech_run -q KEY.wav                    its probability of speech
 *   speech_run -p KEY.wav                    the probability of speech/voice.h,
 *                                            for finished programmes
 *   speech_run -j KEY.wav                    the same, joined with the network */
#include "speech/learnedactivity.h"
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
run_statistical (unsigned rate, const float *key, const float *background,
    size_t frames)
{
  DmixSpeechActivity *detector = dmix_speechactivity_new (rate);
  const size_t hop = rate / 100;

  for (size_t i = 0; i + hop <= frames; i += hop) {
    dmix_speechactivity_process (detector, key + i,
        background ? background + i : NULL, hop);
    printf ("%d\n", dmix_speechactivity_is_speech (detector));
  }
  dmix_speechactivity_free (detector);
}

static int
run_learned (unsigned rate, const float *key, size_t frames, int probability)
{
  DmixLearnedActivity *detector = dmix_learnedactivity_new (rate);
  const size_t hop = rate / 100;

  if (!detector) {
    fprintf (stderr, "%u Hz: too low for the network\n", rate);
    return 2;
  }
  for (size_t i = 0; i + hop <= frames; i += hop) {
    dmix_learnedactivity_process (detector, key + i, NULL, hop);
    if (probability)
      printf ("%.4f\n", dmix_learnedactivity_get_probability (detector));
    else
      printf ("%d\n", dmix_learnedactivity_is_speech (detector));
  }
  dmix_learnedactivity_free (detector);
  return 0;
}

static void
run_programme (unsigned rate, const float *sound, size_t frames,
    DmixVoiceDetector detector)
{
  const DmixFormat format = { rate, 1 };
  const size_t hop = rate / 100;
  DmixVoice *voice = dmix_voice_new (&format, NULL);

  dmix_voice_set_detector (voice, detector);
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
  const int with_background = argc == 4 && !strcmp (argv[1], "-b");
  const int joined = argc == 3 && !strcmp (argv[1], "-j");
  const int is_programme = joined || (argc == 3 && !strcmp (argv[1], "-p"));
  const int probability = argc == 3 && !strcmp (argv[1], "-q");
  const int learned = probability || (argc == 3 && !strcmp (argv[1], "-l"));
  unsigned rate, background_rate;
  size_t frames, more = 0;
  float *key, *background = NULL;
  int status = 0;

  if (argc != 2 && !with_background && !learned && !is_programme) {
    fprintf (stderr,
        "usage: speech_run [-l | -q | -p | -j | -b BACKGROUND.wav] KEY.wav\n");
    return 2;
  }
  key = read_wav (argv[argc - 1], &rate, &frames);
  if (with_background)
    background = read_wav (argv[2], &background_rate, &more);
  if (with_background && more < frames)
    frames = more;
  if (learned)
    status = run_learned (rate, key, frames, probability);
  else if (is_programme)
    run_programme (rate, key, frames,
        joined ? DMIX_VOICE_LEARNED : DMIX_VOICE_STATISTICAL);
  else
    run_statistical (rate, key, background, frames);
  free (key);
  free (background);
  return status;
}
