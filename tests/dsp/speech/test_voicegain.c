/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of voicegain.h, on synthetic sounds. */
#include "speechrig.h"

#include "speech/melpower.h"
#include "speech/voicegain.h"

enum
{
  RATE = 48000,
  BANDS = DMIX_MEL_BANDS
};

/* All rows of a sound and of the silence that completes them. */
static float *
rows_of (const DmixFormat *format, const float *in, size_t frames, size_t block,
    size_t *rows)
{
  DmixVoiceGain *self = dmix_voicegain_new (format);
  const size_t late = dmix_voicegain_latency_frames (self);
  float *row = g_new (float,
      (dmix_voicegain_max_rows (self, frames)
          + dmix_voicegain_max_rows (self, late) + frames / block)
          * BANDS);

  *rows = 0;
  for (size_t at = 0; at < frames; at += block) {
    const size_t now = MIN (block, frames - at);
    const size_t count = dmix_voicegain_process (self,
        in ? in + at * format->channels : NULL, now, row + *rows * BANDS);

    g_assert_cmpuint (count, <=, dmix_voicegain_max_rows (self, now));
    *rows += count;
  }
  *rows += dmix_voicegain_process (self, NULL, late, row + *rows * BANDS);
  dmix_voicegain_free (self);
  return row;
}

/* After the latency there is a row for each of the mel powers', at any rate. */
static void
test_rows (void)
{
  const unsigned rates[] = { 8000, 16000, 44100, 48000, 96000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const DmixFormat format = { rates[r], 1 };
    const size_t frames = 3 * rates[r] + 17;
    size_t rows;

    g_free (rows_of (&format, NULL, frames, 1000, &rows));
    g_assert_cmpuint (rows, >=, 600);
    g_assert_cmpuint (rows, <=, 608);
  }
}

/* 2 s of noise at -20 dB of the speech that follows; the second channel is
 * silent. */
static float *
make_sound (size_t *frames, size_t *first)
{
  const RigText text = rig_text (3);
  double start_s[RIG_SYLLABLES + 1];
  size_t spoken;
  float *voice = rig_speak (&text, NULL, 120, RATE, start_s, &spoken);
  float *sound, *noise;

  *first = 2 * RATE;
  *frames = *first + spoken;
  sound = g_new0 (float, 2 * *frames);
  noise = g_new (float, *frames);
  fill_noise (noise, *frames, 0.003, 7);
  for (size_t i = 0; i < *frames; i++)
    sound[2 * i] = noise[i] + (i < *first ? 0 : voice[i - *first]);
  g_free (noise);
  g_free (voice);
  return sound;
}

static double
mean_of (const float *row, size_t from, size_t to)
{
  double sum = 0;

  for (size_t i = from * BANDS; i < to * BANDS; i++)
    sum += row[i];
  return sum / (double) ((to - from) * BANDS);
}

/* Noise has little voice, once it is known; speech has most. */
static void
test_voice (void)
{
  const DmixFormat format = { RATE, 2 };
  size_t frames, first, rows;
  float *sound = make_sound (&frames, &first);
  float *row = rows_of (&format, sound, frames, 4096, &rows);
  double loudest = 0;

  for (size_t i = 0; i < rows * BANDS; i++) {
    g_assert_cmpfloat (row[i], >=, 0);
    g_assert_cmpfloat (row[i], <=, 1);
  }
  for (size_t t = 420; t + 20 < rows; t += 20)
    loudest = MAX (loudest, mean_of (row, t, t + 20));
  g_test_message ("noise %.3f, speech %.3f, at most %.3f",
      mean_of (row, 200, 380), mean_of (row, 420, rows - 10), loudest);
  g_assert_cmpfloat (mean_of (row, 200, 380), <, 0.05);
  g_assert_cmpfloat (loudest, >, 0.5);
  g_free (row);
  g_free (sound);
}

/* Any split of the input gives the same bits, and so does a reset. */
static void
test_splits_and_reset (void)
{
  const DmixFormat format = { RATE, 2 };
  const size_t blocks[] = { 1, 767, 768, 30000 };
  size_t frames, first, rows, again;
  float *sound = make_sound (&frames, &first);
  float *whole = rows_of (&format, sound, frames, frames, &rows);
  DmixVoiceGain *self = dmix_voicegain_new (&format);
  float *row;

  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    row = rows_of (&format, sound, frames, blocks[b], &again);
    g_assert_cmpmem (row, again * BANDS * 4, whole, rows * BANDS * 4);
    g_free (row);
  }
  row = g_new (float, dmix_voicegain_max_rows (self, frames) * BANDS);
  dmix_voicegain_process (self, sound, frames / 3, row);
  dmix_voicegain_reset (self);
  again = dmix_voicegain_process (self, sound, frames, row);
  g_assert_cmpuint (again, >, 400);
  g_assert_cmpmem (row, again * BANDS * 4, whole, again * BANDS * 4);
  dmix_voicegain_free (self);
  g_free (row);
  g_free (whole);
  g_free (sound);
}

/* A channel that is left out changes nothing, however loud it is. */
static void
test_leave_out (void)
{
  const DmixFormat format = { RATE, 2 };
  size_t frames, first, rows, count;
  float *sound = make_sound (&frames, &first);
  float *quiet = rows_of (&format, sound, frames, frames, &rows);
  DmixVoiceGain *self = dmix_voicegain_new (&format);
  float *row = g_new (float, dmix_voicegain_max_rows (self, frames) * BANDS);

  for (size_t i = 0; i < frames; i++)
    sound[2 * i + 1] = (float) sin (0.01 * (double) i);
  dmix_voicegain_leave_out (self, 1);
  dmix_voicegain_leave_out (self, 2); /* there is none: ignored */
  count = dmix_voicegain_process (self, sound, frames, row);
  g_assert_cmpmem (row, count * BANDS * 4, quiet, count * BANDS * 4);
  dmix_voicegain_free (self);
  g_free (row);
  g_free (quiet);
  g_free (sound);
}

/* Below 16 kHz the network cannot judge: all is voice. */
static void
test_low_rate (void)
{
  const DmixFormat format = { 8000, 1 }, bad[] = { { 3999, 1 }, { 8000, 0 } };
  float sound[8000];
  float *row;
  size_t rows;

  fill_noise (sound, 8000, 0.3, 3);
  row = rows_of (&format, sound, 8000, 100, &rows);
  for (size_t i = 0; i < rows * BANDS; i++)
    g_assert_cmpfloat (row[i], ==, 1);
  g_free (row);
  for (guint k = 0; k < G_N_ELEMENTS (bad); k++)
    g_assert_null (dmix_voicegain_new (&bad[k]));
  dmix_voicegain_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/voicegain/rows", test_rows);
  g_test_add_func ("/voicegain/voice", test_voice);
  g_test_add_func ("/voicegain/splits-and-reset", test_splits_and_reset);
  g_test_add_func ("/voicegain/leave-out", test_leave_out);
  g_test_add_func ("/voicegain/low-rate", test_low_rate);
  return g_test_run ();
}
