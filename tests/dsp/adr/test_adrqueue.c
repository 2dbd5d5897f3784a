/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrqueue.h. */
#include "signals.h"

#include "adr/adrqueue.h"

#define RATE 44100

static void
fill (DmixAdrQueue *queue, const float *in, size_t frames, size_t block)
{
  for (size_t at = 0; at < frames; at += block)
    g_assert_true (
        dmix_adrqueue_push (queue, in ? in + at * queue->format.channels : NULL,
            MIN (block, frames - at)));
}

/* Row r begins at frame r * rate / 200; the queue has a row for each such frame
 * within the sound. */
static void
test_rows (void)
{
  const unsigned rates[] = { 8000, 44100, 48000, 192000 };
  const size_t seconds[] = { 1, 7 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    for (guint s = 0; s < G_N_ELEMENTS (seconds); s++) {
      const DmixFormat format = { rates[r], 1 };
      DmixAdrQueue queue;

      g_assert_true (dmix_adrqueue_init (&queue, &format));
      fill (&queue, NULL, seconds[s] * rates[r], 1000);
      g_assert_true (dmix_adrqueue_end (&queue));
      g_assert_cmpint (queue.end, ==, (gint64) (seconds[s] * rates[r]));
      g_assert_cmpint (ABS (queue.end_row - (gint64) seconds[s] * 200), <=, 1);
      g_assert_cmpint (dmix_adrqueue_get_frame (&queue, 201), ==,
          (gint64) 201 * rates[r] / 200);
      g_assert_true (queue.ended);
      dmix_adrqueue_free (&queue);
    }
}

/* A sine of 1 kHz has five periods in each row: mean square 0.5 * peak^2,
 * 0.69 dB up by the K-weighting (ITU-R BS.1770-5: 0 dBFS at 997 Hz in one
 * channel are -3.01 LKFS, with an offset of -0.691); channels add up. */
static void
test_energy (void)
{
  const DmixFormat format = { 48000, 2 };
  const size_t frames = 48000;
  float *sine = g_new (float, 2 * frames);
  DmixAdrQueue queue;

  fill_sine (sine, frames, 2, 1000, 48000, 0.5);
  g_assert_true (dmix_adrqueue_init (&queue, &format));
  fill (&queue, sine, frames, 333);
  for (int64_t row = 100; row < queue.energy_row; row++)
    g_assert_cmpfloat_with_epsilon (db (sqrt (queue.energy[row])),
        db (sqrt (2 * 0.5 * 0.25)) + 0.691, 0.02);
  g_assert_cmpint (queue.energy_row, ==, 200);
  dmix_adrqueue_free (&queue);
  g_free (sine);
}

/* Block sizes and dropped frames do not change a bit of the rows. */
static void
test_blocks_and_drops (void)
{
  const DmixFormat format = { RATE, 2 };
  const size_t blocks[] = { 1, 441, 30000 }, frames = 2 * RATE;
  float *noise = g_new (float, 2 * frames);
  DmixAdrQueue whole;

  fill_noise (noise, 2 * frames, 0.1, 7);
  g_assert_true (dmix_adrqueue_init (&whole, &format));
  fill (&whole, noise, frames, frames);
  g_assert_true (dmix_adrqueue_end (&whole));
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    DmixAdrQueue parts;

    g_assert_true (dmix_adrqueue_init (&parts, &format));
    for (size_t at = 0; at < frames; at += blocks[b]) {
      fill (&parts, noise + 2 * at, MIN (blocks[b], frames - at), frames);
      if (at > RATE / 2)
        dmix_adrqueue_drop (&parts, (int64_t) at - RATE / 2);
    }
    g_assert_true (dmix_adrqueue_end (&parts));
    g_assert_cmpint (parts.end, ==, whole.end);
    g_assert_cmpint (parts.end_row, ==, whole.end_row);
    g_assert_cmpint (parts.start, >, 0);
    g_assert_cmpint (parts.first_row, >, 0);
    g_assert_cmpint (dmix_adrqueue_get_frame (&parts, parts.first_row), <=,
        parts.start);
    g_assert_cmpmem (parts.sample, (size_t) (parts.end - parts.start) * 8,
        whole.sample + 2 * parts.start, (size_t) (whole.end - parts.start) * 8);
    g_assert_cmpmem (parts.power,
        (size_t) (parts.end_row - parts.first_row) * DMIX_MEL_BANDS * 4,
        whole.power + parts.first_row * DMIX_MEL_BANDS,
        (size_t) (whole.end_row - parts.first_row) * DMIX_MEL_BANDS * 4);
    g_assert_cmpmem (parts.voice,
        (size_t) (parts.end_row - parts.first_row) * DMIX_MEL_BANDS * 4,
        whole.voice + parts.first_row * DMIX_MEL_BANDS,
        (size_t) (whole.end_row - parts.first_row) * DMIX_MEL_BANDS * 4);
    g_assert_cmpmem (parts.energy,
        (size_t) (parts.energy_row - parts.first_row) * 4,
        whole.energy + parts.first_row,
        (size_t) (whole.energy_row - parts.first_row) * 4);
    dmix_adrqueue_free (&parts);
  }
  dmix_adrqueue_free (&whole);
  g_free (noise);
}

/* NaN, Inf and a NULL input count as silence; reset empties the queue. */
static void
test_silence (void)
{
  const DmixFormat format = { RATE, 1 };
  float *bad = g_new (float, RATE);
  DmixAdrQueue queue, silent;

  for (int i = 0; i < RATE; i++)
    bad[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
  g_assert_true (dmix_adrqueue_init (&queue, &format));
  g_assert_true (dmix_adrqueue_init (&silent, &format));
  fill (&queue, bad, RATE, 1000);
  fill (&silent, NULL, RATE, 777);
  g_assert_cmpmem (queue.sample, RATE * 4, silent.sample, RATE * 4);
  g_assert_cmpmem (queue.power, (size_t) queue.end_row * DMIX_MEL_BANDS * 4,
      silent.power, (size_t) silent.end_row * DMIX_MEL_BANDS * 4);
  for (int i = 0; i < RATE; i++)
    g_assert_cmpfloat (queue.sample[i], ==, 0.0f);
  dmix_adrqueue_reset (&queue);
  g_assert_cmpint (queue.end, ==, 0);
  g_assert_cmpint (queue.end_row, ==, 0);
  dmix_adrqueue_drop (&queue, 1000); /* beyond its empty content */
  g_assert_cmpint (queue.end, ==, 0);
  dmix_adrqueue_free (&queue);
  dmix_adrqueue_free (&silent);
  g_free (bad);
}

/* A channel that is left out counts as silent; its samples stay. */
static void
test_leave_out (void)
{
  const DmixFormat format = { RATE, 2 };
  float *loud = g_new (float, 2 * RATE), *silent = g_new (float, 2 * RATE);
  DmixAdrQueue a, b;

  fill_noise (loud, 2 * RATE, 0.1, 1);
  memcpy (silent, loud, 2 * RATE * sizeof *loud);
  for (int i = 0; i < RATE; i++)
    silent[2 * i + 1] = 0;
  g_assert_true (dmix_adrqueue_init (&a, &format));
  g_assert_true (dmix_adrqueue_init (&b, &format));
  dmix_adrqueue_leave_out (&a, 1);
  fill (&a, loud, RATE, 1000);
  fill (&b, silent, RATE, 1000);
  g_assert_cmpmem (a.power, (size_t) a.end_row * DMIX_MEL_BANDS * 4, b.power,
      (size_t) b.end_row * DMIX_MEL_BANDS * 4);
  g_assert_cmpmem (a.energy, (size_t) a.end_row * 4, b.energy,
      (size_t) b.end_row * 4);
  g_assert_cmpmem (a.sample, 2 * RATE * 4, loud, 2 * RATE * 4);
  dmix_adrqueue_free (&a);
  dmix_adrqueue_free (&b);
  g_free (loud);
  g_free (silent);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrqueue/rows", test_rows);
  g_test_add_func ("/adrqueue/energy", test_energy);
  g_test_add_func ("/adrqueue/leave-out", test_leave_out);
  g_test_add_func ("/adrqueue/blocks-and-drops", test_blocks_and_drops);
  g_test_add_func ("/adrqueue/silence", test_silence);
  return g_test_run ();
}
