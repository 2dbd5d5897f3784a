/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of stretch.h: a straight map copies bit by bit, another keeps the
 * pitch, and the timing is right within the tolerance and a period. */
#include "signals.h"

#include "adr/stretch.h"

#define RATE 48000
#define FRAMES (2 * RATE)

static size_t
stretch (const float *in, size_t in_frames, unsigned channels, double speed,
    double offset, size_t block, float *out, size_t frames)
{
  const DmixFormat format = { RATE, channels };
  DmixStretch *self = dmix_stretch_new (&format);
  const size_t knots = frames / 240 + 1;
  double *map = g_new (double, knots);
  const DmixStretchTake take = { in, 0, in_frames };
  const DmixStretchMap wish = { map, 0, knots };
  size_t splices;

  for (size_t k = 0; k < knots; k++)
    map[k] = offset + speed * 240.0 * (double) k;
  for (size_t at = 0; at < frames; at += block)
    dmix_stretch_process (self, &take, &wish, out + at * channels,
        MIN (block, frames - at));
  splices = dmix_stretch_get_splices (self);
  g_free (map);
  dmix_stretch_free (self);
  return splices;
}

/* The map is followed in digital silence, too: the click behind it comes in
 * time, within the drift of a decision. */
static void
test_silence (void)
{
  const double speed = 1.15;
  float *in = g_new0 (float, 3 * FRAMES), *out = g_new (float, FRAMES);
  size_t at = 0;

  in[RATE] = 1;
  g_assert_cmpuint (stretch (in, 3 * FRAMES, 1, speed, 0.0, 777, out, FRAMES),
      >, 10);
  while (at < FRAMES && fabsf (out[at]) < 0.1f)
    at++;
  g_assert_cmpfloat (fabs ((double) at - RATE / speed), <, 0.00875 * RATE);
  g_free (in);
  g_free (out);
}

static void
test_straight (void)
{
  float *in = g_new (float, 2 * FRAMES), *out = g_new (float, 2 * FRAMES);

  fill_noise (in, 2 * FRAMES, 0.1, 3);
  g_assert_cmpuint (stretch (in, FRAMES, 2, 1.0, 0.0, 1000, out, FRAMES), ==,
      0);
  g_assert_cmpmem (in, 2 * FRAMES * sizeof (float), out,
      2 * FRAMES * sizeof (float));
  /* a shift, and silence outside the take */
  stretch (in, FRAMES, 2, 1.0, -4800.0, 1000, out, FRAMES);
  for (size_t i = 0; i < 2 * 4800; i++)
    g_assert_cmpfloat (out[i], ==, 0.0f);
  g_assert_cmpmem (in, 2 * (FRAMES - 4800) * sizeof (float), out + 2 * 4800,
      2 * (FRAMES - 4800) * sizeof (float));
  g_free (in);
  g_free (out);
}

/* A sine keeps its frequency: the same number of rising zero crossings within
 * two (one at each end), and its level within 0.2 dB. A resampler would change
 * the number by the speed. */
static void
test_pitch (void)
{
  const double speeds[] = { 0.7, 0.9, 1.1, 1.4 };
  float *in = g_new (float, 3 * FRAMES), *out = g_new (float, FRAMES);

  fill_sine (in, 3 * FRAMES, 1, 200.0, RATE, 0.5);
  for (guint s = 0; s < G_N_ELEMENTS (speeds); s++) {
    int zeros = 0;
    double sum = 0.0;

    g_assert_cmpuint (stretch (in, 3 * FRAMES, 1, speeds[s], 0.0, 1024, out,
                          FRAMES),
        >, 10);
    for (size_t i = 1; i < FRAMES; i++) {
      zeros += out[i - 1] < 0.0f && out[i] >= 0.0f;
      sum += out[i] * out[i];
    }
    g_assert_cmpint (abs (zeros - 400), <=, 2);
    g_assert_cmpfloat (fabs (10 * log10 (sum / FRAMES / 0.125)), <, 0.2);
  }
  g_free (in);
  g_free (out);
}

/* Clicks 100 ms apart come at the map's times. From 8 ms of drift any splice is
 * accepted, and the drift may grow by 0.15 * 5 ms until the next decision. No
 * click is lost or doubled. */
static void
test_place (void)
{
  const double speed = 1.15;
  float *in = g_new0 (float, 3 * FRAMES), *out = g_new (float, FRAMES);
  int clicks = 0;

  fill_noise (in, 3 * FRAMES, 1e-4, 8);
  for (size_t i = 0; i < 3 * FRAMES; i += RATE / 10)
    for (size_t k = i; k < i + 200 && k < 3 * FRAMES; k++)
      in[k] = (float) (exp (-(double) (k - i) / 40.0) * sin (0.3 * (k - i)));
  stretch (in, 3 * FRAMES, 1, speed, 0.0, 777, out, FRAMES);
  for (size_t i = 480; i + 240 < FRAMES; i++) {
    gboolean first = fabsf (out[i]) > 0.2f;

    for (size_t k = i - 480; first && k < i; k++)
      first = fabsf (out[k]) <= 0.2f;
    if (first) {
      const double take = fmod ((double) i * speed, RATE / 10.0);

      g_assert_cmpfloat (fmin (take, RATE / 10.0 - take), <, 0.00875 * RATE);
      clicks++;
    }
  }
  g_assert_cmpint (abs (clicks - (int) (FRAMES * speed / (RATE / 10))), <=, 1);
  g_free (in);
  g_free (out);
}

/* A take that rises by 1e-6 a frame shows which take frame each output frame
 * came from, and all its splice points are equally good. A splice is due when
 * the drift at the end of the next hop (5 ms, 0.75 ms of drift at a speed of
 * 1.15) reaches half of the tolerance; the cross-fade of 10 ms adds up to 1.5
 * ms. So with the usual tolerance of 3 ms the timing is right within 3 ms. */
static void
test_tolerance (void)
{
  const double tolerances_ms[] = { 3.0, 12.0, 20.0, 30.0 }, speed = 1.15;
  const DmixFormat format = { RATE, 1 };
  float *in = g_new (float, 3 * FRAMES), *out = g_new (float, FRAMES);
  double map[FRAMES / 240 + 1];
  const DmixStretchTake take = { in, 0, 3 * FRAMES };
  const DmixStretchMap wish = { map, 0, G_N_ELEMENTS (map) };
  size_t splices = G_MAXSIZE;

  for (size_t i = 0; i < 3 * FRAMES; i++)
    in[i] = (float) (1e-6 * (double) i);
  for (size_t k = 0; k < G_N_ELEMENTS (map); k++)
    map[k] = speed * 240.0 * (double) k;
  for (guint t = 0; t < G_N_ELEMENTS (tolerances_ms); t++) {
    const DmixStretchParams params = { tolerances_ms[t] };
    DmixStretch *self = dmix_stretch_new (&format);
    double worst_ms = 0.0;

    dmix_stretch_set_params (self, &params);
    dmix_stretch_process (self, &take, &wish, out, FRAMES);
    for (size_t i = RATE / 10; i < FRAMES; i++)
      worst_ms = fmax (worst_ms,
          fabs (out[i] * 1e6 - speed * (double) i) * 1000.0 / RATE);
    const double used_ms = fmin (tolerances_ms[t], 20.0);

    g_assert_cmpfloat (worst_ms, >=, 0.5 * used_ms - 0.76);
    g_assert_cmpfloat (worst_ms, <=, 0.5 * used_ms + 1.5);
    if (tolerances_ms[t] <= 20.0)
      g_assert_cmpuint (dmix_stretch_get_splices (self), <, splices);
    else
      g_assert_cmpuint (dmix_stretch_get_splices (self), ==, splices);
    splices = dmix_stretch_get_splices (self);
    g_assert_cmpuint (splices, >, 0);
    dmix_stretch_free (self);
  }
  g_free (in);
  g_free (out);
}

/* A reset stretcher equals a new one: it begins at the map's frame, which is here
 * the 5000th of the take. It needs the take no further than the reach around the
 * map's frame. */
static void
test_reset_and_reach (void)
{
  const double speed = 1.2;
  const DmixFormat format = { RATE, 1 };
  float *in = g_new (float, 3 * FRAMES), *whole = g_new (float, FRAMES);
  float *out = g_new (float, FRAMES);
  DmixStretch *self = dmix_stretch_new (&format);
  const int64_t reach = dmix_stretch_reach_frames (self);
  double map[FRAMES / 240 + 1];
  const DmixStretchMap wish = { map, 0, G_N_ELEMENTS (map) };
  const DmixStretchTake all = { in, 0, 3 * FRAMES };
  size_t splices;

  fill_noise (in, 3 * FRAMES, 0.1, 4);
  for (size_t k = 0; k < G_N_ELEMENTS (map); k++)
    map[k] = 5000 + speed * 240.0 * (double) k;
  dmix_stretch_process (self, &all, &wish, whole, FRAMES);
  splices = dmix_stretch_get_splices (self);
  g_assert_cmpuint (splices, >, 10);
  dmix_stretch_process (self, &all, &wish, out,
      100); /* in the middle of a hop */
  dmix_stretch_reset (self);
  g_assert_cmpuint (dmix_stretch_get_splices (self), ==, 0);
  for (size_t at = 0; at < FRAMES; at += 240) {
    const int64_t place = 5000 + (int64_t) (speed * (double) at);
    const int64_t start = MAX (place - reach, 0);
    const int64_t end = (int64_t) (place + speed * 240.0) + reach;
    const DmixStretchTake piece = { in + start, start, (size_t) (end - start) };

    dmix_stretch_process (self, &piece, &wish, out + at, 240);
  }
  g_assert_cmpuint (dmix_stretch_get_splices (self), ==, splices);
  g_assert_cmpmem (out, FRAMES * sizeof *out, whole, FRAMES * sizeof *whole);
  dmix_stretch_free (self);
  g_free (in);
  g_free (whole);
  g_free (out);
}

static void
test_blocks (void)
{
  const size_t blocks[] = { 1, 13, 240, 5000 };
  float *in = g_new (float, 2 * 3 * FRAMES);
  float *whole = g_new (float, 2 * FRAMES), *out = g_new (float, 2 * FRAMES);

  fill_noise (in, 2 * 3 * FRAMES, 0.1, 4);
  stretch (in, 3 * FRAMES, 2, 1.2, 100.0, FRAMES, whole, FRAMES);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    stretch (in, 3 * FRAMES, 2, 1.2, 100.0, blocks[b], out, FRAMES);
    g_assert_cmpmem (out, 2 * FRAMES * sizeof (float), whole,
        2 * FRAMES * sizeof (float));
  }
  g_free (in);
  g_free (whole);
  g_free (out);
}

/* Channels that cancel each other are compared one by one and stay opposite. */
static void
test_opposite_channels (void)
{
  float *in = g_new (float, 2 * 3 * FRAMES), *out = g_new (float, 2 * FRAMES);
  double level = 0.0;

  fill_sine (in, 3 * FRAMES, 2, 150.0, RATE, 0.5);
  for (size_t i = 0; i < 3 * FRAMES; i++)
    in[2 * i + 1] = -in[2 * i];
  stretch (in, 3 * FRAMES, 2, 1.2, 0.0, 1024, out, FRAMES);
  for (size_t i = 0; i < FRAMES; i++) {
    g_assert_cmpfloat (out[2 * i + 1], ==, -out[2 * i]);
    level += out[2 * i] * out[2 * i];
  }
  g_assert_cmpfloat (fabs (10 * log10 (level / FRAMES / 0.125)), <, 0.2);
  g_free (in);
  g_free (out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stretch/silence", test_silence);
  g_test_add_func ("/stretch/straight", test_straight);
  g_test_add_func ("/stretch/pitch", test_pitch);
  g_test_add_func ("/stretch/place", test_place);
  g_test_add_func ("/stretch/tolerance", test_tolerance);
  g_test_add_func ("/stretch/reset-and-reach", test_reset_and_reach);
  g_test_add_func ("/stretch/blocks", test_blocks);
  g_test_add_func ("/stretch/opposite-channels", test_opposite_channels);
  return g_test_run ();
}
