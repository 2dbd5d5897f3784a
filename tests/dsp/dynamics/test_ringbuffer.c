/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of ringbuffer.h: reads return the frames written, by number. */
#include "signals.h"

#include "dynamics/ringbuffer.h"

enum
{
  CHANNELS = 2,
  STEP = 64,
  KEPT = 1000
};

static float
sample_at (uint64_t frame, unsigned channel)
{
  return (float) (frame % 100003) + 0.25f * channel;
}

/* Reads all frames kept, in their contiguous pieces. */
static void
check (const DmixRingBuffer *ring, uint64_t from, uint64_t end)
{
  while (from < end) {
    size_t frames = end - from;
    const float *in = dmix_ringbuffer_read (ring, from, &frames);

    g_assert_true (frames > 0 && frames <= end - from);
    for (size_t i = 0; i < frames; i++)
      for (unsigned c = 0; c < CHANNELS; c++)
        g_assert_true (in[i * CHANNELS + c] == sample_at (from + i, c));
    from += frames;
  }
}

static void
test_read_again (void)
{
  DmixRingBuffer *ring = dmix_ringbuffer_new (CHANNELS, STEP, KEPT);
  GRand *rand = g_rand_new_with_seed (1);
  uint64_t end = 0;

  while (end < 100000) {
    const guint frames = g_rand_int_range (rand, 1, 300);
    float in[300 * CHANNELS];

    for (guint i = 0; i < frames; i++)
      for (unsigned c = 0; c < CHANNELS; c++)
        in[i * CHANNELS + c] = sample_at (end + i, c);
    dmix_ringbuffer_write (ring, in, end, frames);
    end += frames;
    check (ring, end > KEPT ? end - KEPT : 0, end);
  }

  /* a step is contiguous */
  for (uint64_t step = (end - KEPT) / STEP + 1; step < end / STEP; step++) {
    size_t frames = STEP;

    dmix_ringbuffer_read (ring, step * STEP, &frames);
    g_assert_cmpuint (frames, ==, STEP);
  }
  g_rand_free (rand);
  dmix_ringbuffer_free (ring);
}

static void
test_reset (void)
{
  DmixRingBuffer *ring = dmix_ringbuffer_new (1, STEP, KEPT);
  const float one[3] = { 1, 1, 1 };
  size_t frames = 3;
  const float *in;

  dmix_ringbuffer_write (ring, one, 0, 3);
  dmix_ringbuffer_reset (ring);
  in = dmix_ringbuffer_read (ring, 0, &frames);
  for (size_t i = 0; i < frames; i++)
    g_assert_true (in[i] == 0);
  dmix_ringbuffer_free (ring);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/soundring/read-again", test_read_again);
  g_test_add_func ("/soundring/reset", test_reset);
  return g_test_run ();
}
