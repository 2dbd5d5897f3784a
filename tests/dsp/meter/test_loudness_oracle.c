/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Compares readings and speed of dsp/loudness with libebur128, another
 * implementation of the same standards. Built only with that library.
 *
 *   test_loudness_oracle                       synthetic, 1 to 12 channels
 *   test_loudness_oracle RAW RATE CHANNELS     a file of interleaved floats
 *
 * Loudness range is not compared: libebur128 uses one value a second, EBU Tech
 * 3342 requires at least ten. */
#include "signals.h"

#include "meter/loudness.h"

#include <ebur128.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct
{
  const char *name;
  unsigned rate, channels;
  size_t frames;
  float *sound;
} Material;

/* Positions of channels: 0 LFE, 1 front or above, 2 side at ear height. */
static const char *const layouts[] = {
  [1] = "1",
  [2] = "11",
  [6] = "111022",
  [8] = "11102211",
  [12] = "111022111111",
};

static int
place (unsigned channels, unsigned c)
{
  return channels <= 12 && layouts[channels] ? layouts[channels][c] - '0' : 1;
}

static double
cpu_s (void)
{
  struct timespec t;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static ebur128_state *
new_oracle (const Material *m, int mode)
{
  static const int position[] = {
    EBUR128_UNUSED,
    EBUR128_CENTER,
    EBUR128_LEFT_SURROUND,
  };
  ebur128_state *state = ebur128_init (m->channels, m->rate, mode);

  for (unsigned c = 0; c < m->channels; c++)
    ebur128_set_channel (state, c, position[place (m->channels, c)]);
  return state;
}

static DmixLoudness *
new_meter (const Material *m, int true_peak)
{
  static const float weights[] = { 0.0f, 1.0f, 1.41f };
  const DmixFormat format = { m->rate, m->channels };
  float weight[DMIX_MAX_CHANNELS];

  for (unsigned c = 0; c < m->channels; c++)
    weight[c] = weights[place (m->channels, c)];
  return dmix_loudness_new (&format, weight, true_peak);
}

static double
difference (double ours, double theirs)
{
  return ours < -70 || !(theirs > -70) ? 0.0 : fabs (ours - theirs);
}

/* Returns the largest difference of the loudness figures, LU. */
static double
compare (const Material *m)
{
  DmixLoudness *meter = new_meter (m, 1);
  ebur128_state *oracle =
      new_oracle (m, EBUR128_MODE_I | EBUR128_MODE_S | EBUR128_MODE_TRUE_PEAK);
  const size_t step = m->rate / 10;
  DmixLoudnessReading r;
  double momentary = 0, shortterm = 0, integrated, peak = -200, value;

  for (size_t done = 0; done + step <= m->frames; done += step) {
    const float *at = m->sound + done * m->channels;

    dmix_loudness_process (meter, at, step);
    ebur128_add_frames_float (oracle, at, step);
    dmix_loudness_read (meter, &r);
    ebur128_loudness_momentary (oracle, &value);
    momentary = fmax (momentary, difference (r.momentary_lufs, value));
    ebur128_loudness_shortterm (oracle, &value);
    shortterm = fmax (shortterm, difference (r.shortterm_lufs, value));
  }
  ebur128_loudness_global (oracle, &value);
  integrated = difference (r.integrated_lufs, value);
  for (unsigned c = 0; c < m->channels; c++) {
    ebur128_true_peak (oracle, c, &value);
    peak = fmax (peak, db (value));
  }
  printf ("%-20s %2u ch %6u Hz  I %7.2f LUFS  off by M %.4f S %.4f I %.4f LU, "
          "true peak %+.2f dB\n",
      m->name, m->channels, m->rate, r.integrated_lufs, momentary, shortterm,
      integrated, dmix_loudness_get_max_true_peak (meter) - peak);
  dmix_loudness_free (meter);
  ebur128_destroy (&oracle);
  return fmax (momentary, fmax (shortterm, integrated));
}

/* CPU time for blocks of 10 ms, all measurements and one reading a second. */
static double
seconds_of_meter (const Material *m)
{
  DmixLoudness *meter = new_meter (m, 1);
  const size_t step = m->rate / 100;
  DmixLoudnessReading r;
  const double start = cpu_s ();

  for (size_t done = 0, b = 0; done + step <= m->frames; done += step) {
    dmix_loudness_process (meter, m->sound + done * m->channels, step);
    if (++b % 100 == 0)
      dmix_loudness_read (meter, &r);
  }
  dmix_loudness_free (meter);
  return cpu_s () - start;
}

static double
seconds_of_oracle (const Material *m)
{
  ebur128_state *oracle = new_oracle (m,
      EBUR128_MODE_I | EBUR128_MODE_S | EBUR128_MODE_LRA
          | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_HISTOGRAM);
  const size_t step = m->rate / 100;
  const double start = cpu_s ();
  double value;

  for (size_t done = 0, b = 0; done + step <= m->frames; done += step) {
    ebur128_add_frames_float (oracle, m->sound + done * m->channels, step);
    if (++b % 100 == 0) {
      ebur128_loudness_momentary (oracle, &value);
      ebur128_loudness_shortterm (oracle, &value);
      ebur128_loudness_global (oracle, &value);
      ebur128_loudness_range (oracle, &value);
    }
  }
  ebur128_destroy (&oracle);
  return cpu_s () - start;
}

/* Returns the CPU time of libebur128 over that of the meter, each the best of
 * three runs. */
static double
race (const Material *m)
{
  double ours = 1e9, theirs = 1e9;
  const double length = (double) m->frames / m->rate;

  for (int i = 0; i < 3; i++) {
    ours = fmin (ours, seconds_of_meter (m));
    theirs = fmin (theirs, seconds_of_oracle (m));
  }
  printf ("%-20s %2u ch %6u Hz  with true peak: %.0f x real time, libebur128 "
          "%.0f: %.1f times as fast\n",
      m->name, m->channels, m->rate, length / ours, length / theirs,
      theirs / ours);
  return theirs / ours;
}

static void
fill_bursts (Material *m, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  double gain = 0;

  fill_noise (m->sound, m->frames * m->channels, 1.0, seed);
  for (size_t i = 0; i < m->frames * m->channels; i++) {
    if (i % (3000 * m->channels) == 0)
      gain = pow (10, g_rand_double_range (rand, -2.5, -0.5));
    m->sound[i] *= (float) gain;
  }
  g_rand_free (rand);
}

static int
synthetic_sound (void)
{
  static const unsigned channels[] = { 1, 2, 6, 8, 12 };
  int failed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (channels); i++) {
    Material m = { "bursts", 48000, channels[i], 10 * 48000, NULL };

    m.sound = g_new (float, m.frames *m.channels);
    fill_bursts (&m, i);
    failed += compare (&m) > 0.02;
    if (channels[i] == 2)
      race (&m);
    g_free (m.sound);
  }
  return failed;
}

int
main (int argc, char **argv)
{
  gsize size;

  if (argc == 4) {
    Material m = { argv[1], atoi (argv[2]), atoi (argv[3]), 0, NULL };

    if (!g_file_get_contents (argv[1], (gchar **) &m.sound, &size, NULL)) {
      fprintf (stderr, "cannot read %s\n", argv[1]);
      return 2;
    }
    m.name = g_path_get_basename (argv[1]);
    m.frames = size / sizeof (float) / m.channels;
    compare (&m);
    race (&m);
    return 0;
  }
  return synthetic_sound () ? 1 : 0;
}
