/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of loudness.h: the test signals of EBU Tech 3341 and 3342 that can
 * be synthesised, at half the tolerance of these documents, and independence of
 * block sizes, rates and earlier sound. */
#include "signals.h"

#include "meter/kweight.h"
#include "meter/loudness.h"

static const unsigned rates[] = { 32000, 44100, 48000, 96000, 192000 };

typedef struct
{
  double seconds, peak_db; /* of a 1 kHz sine; -200: silence */
} Part;

/* Summary of readings taken every 10 ms. */
typedef struct
{
  DmixLoudnessReading last;
  double least_momentary, least_shortterm; /* from settled_s on */
  double most_momentary, most_shortterm;
  double settled_s, now_s;
} Summary;

/* Processes the sound in blocks of odd lengths, with a reading every 10 ms. */
static void
feed (DmixLoudness *meter, const float *sound, size_t frames, unsigned channels,
    unsigned rate, Summary *summary)
{
  static const unsigned odd[] = { 1, 700, 33, 4096, 255 };
  size_t next_read = rate / 100;

  for (size_t done = 0, n, b = 0; done < frames; done += n, b++) {
    n = MIN (MIN (odd[b % 5], frames - done), next_read - done);
    dmix_loudness_process (meter, sound + done * channels, n);
    if (done + n < next_read)
      continue;
    dmix_loudness_read (meter, &summary->last);
    next_read += rate / 100;
    summary->now_s += 0.01;
    summary->most_momentary =
        fmax (summary->most_momentary, summary->last.momentary_lufs);
    summary->most_shortterm =
        fmax (summary->most_shortterm, summary->last.shortterm_lufs);
    if (summary->now_s < summary->settled_s)
      continue;
    summary->least_momentary =
        fmin (summary->least_momentary, summary->last.momentary_lufs);
    summary->least_shortterm =
        fmin (summary->least_shortterm, summary->last.shortterm_lufs);
  }
}

/* The sine starts at phase 0 in every part, as in the EBU's files. */
static void
run_parts (DmixLoudness *meter, unsigned rate, const Part *part, int parts,
    Summary *summary)
{
  for (int p = 0; p < parts; p++) {
    const size_t frames = (size_t) llrint (part[p].seconds * rate);
    const double peak =
        part[p].peak_db <= -200 ? 0.0 : pow (10.0, part[p].peak_db / 20.0);
    float *sound = g_new (float, 2 * frames);

    fill_sine (sound, frames, 2, 1000, rate, peak);
    feed (meter, sound, frames, 2, rate, summary);
    g_free (sound);
  }
}

static Summary
new_summary (double settled_s)
{
  return (Summary){ .least_momentary = 999,
    .least_shortterm = 999,
    .most_momentary = -999,
    .most_shortterm = -999,
    .settled_s = settled_s };
}

static Summary
run (unsigned rate, const Part *part, int parts, double settled_s)
{
  const DmixFormat format = { rate, 2 };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 0);
  Summary summary = new_summary (settled_s);

  run_parts (meter, rate, part, parts, &summary);
  dmix_loudness_free (meter);
  return summary;
}

#define RUN(rate, settled_s, ...)                                              \
  run (rate, (const Part[]){ __VA_ARGS__ },                                    \
      sizeof ((const Part[]){ __VA_ARGS__ }) / sizeof (Part), settled_s)

/* Tolerance: half of the +-0.1 LU of EBU Tech 3341. */
static void
assert_lufs (double read, double want)
{
  g_assert_cmpfloat_with_epsilon (read, want, 0.05);
}

static void
test_steady (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  const double levels[] = { -23, -33 };

  for (int i = 0; i < 2; i++) { /* cases 1 and 2 */
    Summary c = RUN (rate, 3.0, { 20, levels[i] });

    assert_lufs (c.last.momentary_lufs, levels[i]);
    assert_lufs (c.last.shortterm_lufs, levels[i]);
    assert_lufs (c.last.integrated_lufs, levels[i]);
    assert_lufs (c.least_momentary, levels[i]);
    assert_lufs (c.most_momentary, levels[i]);
    g_assert_cmpfloat (c.last.range_lu, <, 0.02);
  }
}

static void
test_gates (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  /* cases 3, 4 and 5 */
  const Summary three = RUN (rate, 0, { 10, -36 }, { 60, -23 }, { 10, -36 });
  const Summary four = RUN (rate, 0, { 10, -72 }, { 10, -36 }, { 60, -23 },
      { 10, -36 }, { 10, -72 });
  const Summary five = RUN (rate, 0, { 20, -26 }, { 20.1, -20 }, { 20, -26 });

  assert_lufs (three.last.integrated_lufs, -23);
  assert_lufs (four.last.integrated_lufs, -23);
  assert_lufs (five.last.integrated_lufs, -23);
}

/* Case 6, with the weights of L R C LFE Ls Rs. */
static void
test_surround (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  const DmixFormat format = { rate, 6 };
  const float weight[] = { 1, 1, 1, 0, 1.41f, 1.41f };
  const double peak_db[] = { -28, -28, -24, -6, -30, -30 };
  DmixLoudness *meter = dmix_loudness_new (&format, weight, 0);
  DmixLoudnessReading reading;
  float *sound = g_new (float, 6 * rate), *mono = g_new (float, rate);

  fill_sine (mono, rate, 1, 1000, rate, 1.0);
  for (unsigned i = 0; i < 6 * rate; i++)
    sound[i] = (float) (mono[i / 6] * pow (10, peak_db[i % 6] / 20));
  for (int second = 0; second < 20; second++)
    dmix_loudness_process (meter, sound, rate);
  dmix_loudness_read (meter, &reading);
  assert_lufs (reading.integrated_lufs, -23);
  g_free (sound);
  g_free (mono);
  dmix_loudness_free (meter);
}

/* Cases 9 and 12: constant readings in spite of level changes. */
static void
test_windows (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  Part nine[10], twelve[50];
  Summary c;

  for (int i = 0; i < 10; i++)
    nine[i] = i % 2 ? (Part){ 1.66, -30 } : (Part){ 1.34, -20 };
  for (int i = 0; i < 50; i++)
    twelve[i] = i % 2 ? (Part){ 0.22, -30 } : (Part){ 0.18, -20 };
  c = run (rate, nine, 10, 3.0);
  assert_lufs (c.least_shortterm, -23);
  assert_lufs (c.most_shortterm, -23);
  c = run (rate, twelve, 50, 1.0);
  assert_lufs (c.least_momentary, -23);
  assert_lufs (c.most_momentary, -23);
}

/* Cases 10 and 13: each of twenty files. */
static void
test_bursts (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);

  for (int i = 0; i < 20; i++) {
    const Summary ten =
        RUN (rate, 0, { i * 0.15, -200 }, { 3, -23 }, { 1, -200 });
    const Summary thirteen =
        RUN (rate, 0, { i * 0.02, -200 }, { 0.4, -23 }, { 1, -200 });

    assert_lufs (ten.last.max_shortterm_lufs, -23);
    assert_lufs (ten.most_shortterm, -23);
    assert_lufs (thirteen.last.max_momentary_lufs, -23);
    assert_lufs (thirteen.most_momentary, -23);
  }
}

/* Cases 11 and 14: a live meter, successive maxima. */
static void
test_live_bursts (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  const DmixFormat format = { rate, 2 };

  for (int kind = 0; kind < 2; kind++) {
    const double length = kind ? 0.4 : 3.0, step = kind ? 0.02 : 0.15;
    DmixLoudness *meter = dmix_loudness_new (&format, NULL, 0);

    for (int i = 0; i < 20; i++) {
      const Part part[] = {
        { i * step, -200 },
        { length, -38 + i },
        { length - i * step, -200 },
      };
      Summary c = new_summary (0);

      run_parts (meter, rate, part, 3, &c);
      assert_lufs (kind ? c.most_momentary : c.most_shortterm, -38 + i);
      assert_lufs (kind ? c.last.max_momentary_lufs : c.last.max_shortterm_lufs,
          -38 + i);
    }
    dmix_loudness_free (meter);
  }
}

/* EBU Tech 3342, cases 1 to 4. Tolerance: half of its +-1 LU. */
static void
test_range (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  const Summary one = RUN (rate, 0, { 20, -20 }, { 20, -30 });
  const Summary two = RUN (rate, 0, { 20, -20 }, { 20, -15 });
  const Summary three = RUN (rate, 0, { 20, -40 }, { 20, -20 });
  const Summary four = RUN (rate, 0, { 20, -50 }, { 20, -35 }, { 20, -20 },
      { 20, -35 }, { 20, -50 });

  g_assert_cmpfloat_with_epsilon (one.last.range_lu, 10, 0.5);
  g_assert_cmpfloat_with_epsilon (two.last.range_lu, 5, 0.5);
  g_assert_cmpfloat_with_epsilon (three.last.range_lu, 20, 0.5);
  g_assert_cmpfloat_with_epsilon (four.last.range_lu, 15, 0.5);
}

/* The end of a file: 1.5 s of silence count for the range alone. 10 s of a tone
 * have 71 values of -23 LUFS and 15 that fall to -26; the 10th percentile is the
 * 9th lowest of the 86, with 7 of 30 tenths of a second silent: -1.15 LU. */
static void
test_finish_range (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  const DmixFormat format = { rate, 2 };
  const double level[3][2] = { { -23, -23 }, { -20, -30 }, { -20, -15 } };
  const double seconds[] = { 5, 20, 20 }, range[] = { 1.15, 10, 5 };
  float *sine = g_new (float, 2 * 20 * rate);

  for (int k = 0; k < 3; k++) {
    DmixLoudness *meter = dmix_loudness_new (&format, NULL, 1);
    DmixLoudnessReading before, after;
    const size_t frames = (size_t) (seconds[k] * rate);

    for (int part = 0; part < 2; part++) {
      fill_sine (sine, frames, 2, 1000, rate, pow (10, level[k][part] / 20));
      dmix_loudness_process (meter, sine, frames);
    }
    dmix_loudness_read (meter, &before);
    dmix_loudness_finish (meter);
    dmix_loudness_read (meter, &after);
    g_assert_cmpfloat_with_epsilon (after.range_lu, range[k],
        k == 0 ? 0.1 : 0.5);
    after.range_lu = before.range_lu;
    g_assert_cmpmem (&after, sizeof after, &before, sizeof before);
    dmix_loudness_free (meter);
  }
  g_free (sine);
}

/*** true peak ***/

/* Tolerance: half of the +0.2 / -0.4 dB of EBU Tech 3341. */
static void
assert_peak (unsigned rate, float *mono, size_t frames, double want)
{
  const DmixFormat format = { rate, 1 };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 1);
  double read;

  dmix_loudness_process (meter, mono, frames / 3);
  dmix_loudness_process (meter, mono + frames / 3, frames - frames / 3);
  read = dmix_loudness_get_true_peak (meter, 0);
  g_assert_cmpfloat (read, >=, want - 0.2);
  g_assert_cmpfloat (read, <=, want + 0.1);
  g_assert_cmpfloat (read, ==, dmix_loudness_get_max_true_peak (meter));
  dmix_loudness_free (meter);
}

static double
fade (size_t i, size_t frames, size_t length)
{
  const size_t edge = MIN (i, frames - 1 - i);

  return edge < length ? (double) edge / length : 1.0;
}

/* Cases 15 to 19. */
static void
test_true_peak (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  static const struct
  {
    int divisor;
    double peak, degrees, dbtp;
  } cases[] = {
    { 4, 0.5, 0, -6 },
    { 4, 0.5, 45, -6 },
    { 6, 0.5, 60, -6 },
    { 8, 0.5, 67.5, -6 },
    { 4, 1.41, 45, 3 },
  };
  const size_t frames = rate / 2;
  float *sine = g_new (float, frames);

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++) {
    for (size_t i = 0; i < frames; i++)
      sine[i] = (float) (fade (i, frames, rate / 100) * cases[k].peak
          * sin (
              2 * G_PI * i / cases[k].divisor + cases[k].degrees * G_PI / 180));
    assert_peak (rate, sine, frames, cases[k].dbtp);
  }
  g_free (sine);
}

/* A peak between the last frames of a file is found by finish(): a tone of fs/4
 * and 45 degrees, whose samples are 3 dB below its peaks, ends abruptly. Until
 * then only its samples count. */
static void
test_finish_peak (gconstpointer data)
{
  const unsigned rate = GPOINTER_TO_UINT (data);
  const DmixFormat format = { rate, 1 };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 1);
  float end[1024 + 20] = { 0 };

  for (int i = 0; i < 20; i++)
    end[1024 + i] = (float) (0.5 * sin (G_PI / 2 * i + G_PI / 4));
  dmix_loudness_process (meter, end, G_N_ELEMENTS (end));
  g_assert_cmpfloat_with_epsilon (dmix_loudness_get_true_peak (meter, 0), -9.03,
      0.01);
  dmix_loudness_finish (meter);
  g_assert_cmpfloat (dmix_loudness_get_true_peak (meter, 0), >, -6.4);
  g_assert_cmpfloat (dmix_loudness_get_true_peak (meter, 0), <, -4);
  dmix_loudness_free (meter);
}

/* Cases 20 to 23: fs/6 with one period of fs/4 at full scale, synthesised at
 * four times the rate, low-passed, and decimated with the offsets 0 to 3. */
static void
test_true_peak_transient (gconstpointer data)
{
  enum
  {
    HALF = 512,
    SIDE = 4 * 2400,
    PERIOD = 16,
    ALL = 2 * SIDE + PERIOD
  };
  const unsigned rate = GPOINTER_TO_UINT (data);
  double *high = g_new (double, ALL), tap[2 * HALF + 1], sum = 0;
  float *low = g_new (float, ALL / 4);

  for (int i = 0; i < ALL; i++) {
    const int j = i - SIDE;

    high[i] = j >= 0 && j < PERIOD
        ? sin (2 * G_PI * j / 16)
        : 0.5 * sin (2 * G_PI * (j < 0 ? j : j - PERIOD) / 24);
    high[i] *= fade (i, ALL, 1920);
  }
  for (int k = -HALF; k <= HALF; k++) { /* Blackman, to 0.45 of the low rate */
    const double x = G_PI * k / 4, w = G_PI * k / HALF;

    tap[k + HALF] =
        (k ? sin (x) / x : 1.0) * (0.42 + 0.5 * cos (w) + 0.08 * cos (2 * w));
    sum += tap[k + HALF];
  }
  for (int offset = 0; offset < 4; offset++) {
    for (int i = 0; i < ALL / 4; i++) {
      double y = 0;

      for (int k = -HALF; k <= HALF; k++) {
        const int at = 4 * i + offset - k;

        if (at >= 0 && at < ALL)
          y += tap[k + HALF] * high[at];
      }
      low[i] = (float) (y / sum);
    }
    assert_peak (rate, low, ALL / 4, 0);
  }
  g_free (high);
  g_free (low);
}

/*** any signal ***/

/* Bursts of noise with pauses. */
static float *
bursts (size_t frames, unsigned channels, guint32 seed)
{
  float *sound = g_new (float, frames *channels);
  GRand *rand = g_rand_new_with_seed (seed);
  double gain = 0.1;

  fill_noise (sound, frames * channels, 1.0, seed);
  for (size_t i = 0; i < frames * channels; i++) {
    if (i % (1000 * channels) == 0)
      gain = g_rand_int_range (rand, 0, 4)
          ? pow (10, g_rand_double_range (rand, -3, -0.5))
          : 0.0;
    sound[i] *= (float) gain;
  }
  g_rand_free (rand);
  return sound;
}

static void
test_blocks (void)
{
  enum
  {
    FRAMES = 200000,
    CHANNELS = 3
  };
  const DmixFormat format = { 44100, CHANNELS };
  float *sound = bursts (FRAMES, CHANNELS, 5);
  DmixLoudness *whole = dmix_loudness_new (&format, NULL, 1);
  DmixLoudness *parts = dmix_loudness_new (&format, NULL, 1);
  DmixLoudnessReading a, b;

  dmix_loudness_process (whole, sound, FRAMES);
  for (int done = 0, n; done < FRAMES; done += n) {
    n = g_test_rand_int_range (0, 900);
    n = MIN (n, FRAMES - done);
    dmix_loudness_process (parts, sound + done * CHANNELS, n);
    dmix_loudness_read (parts, &b);
  }
  dmix_loudness_read (whole, &a);
  dmix_loudness_read (parts, &b);
  g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
  for (int c = 0; c < CHANNELS; c++)
    g_assert_cmpfloat (dmix_loudness_get_true_peak (whole, c), ==,
        dmix_loudness_get_true_peak (parts, c));
  dmix_loudness_free (whole);
  dmix_loudness_free (parts);
  g_free (sound);
}

/* The definition: sums of K-weighted squares over the windows. At 11025 Hz
 * sub-blocks differ in length. */
static void
test_definition (void)
{
  enum
  {
    RATE = 11025,
    FRAMES = 12 * RATE
  };
  const DmixFormat format = { RATE, 1 };
  float *sound = bursts (FRAMES, 1, 6);
  double *sum = g_new (double, FRAMES + 1);
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 0);
  DmixKWeight *k = dmix_kweight_new (RATE, 1);
  DmixLoudnessReading reading;
  size_t done = 0;

  sum[0] = 0;
  for (size_t i = 0; i < FRAMES; i++) {
    const float *lane[] = { sound + i };

    sum[i + 1] = sum[i];
    dmix_kweight_process (k, lane, 1, 1, &sum[i + 1]);
  }
  for (unsigned block = 1; block <= 1200; block++) {
    const size_t end = (size_t) block * RATE / 100;
    const size_t m = (size_t) (block > 40 ? block - 40 : 0) * RATE / 100;
    const size_t s = (size_t) (block > 300 ? block - 300 : 0) * RATE / 100;

    dmix_loudness_process (meter, sound + done, end - done);
    done = end;
    dmix_loudness_read (meter, &reading);
    g_assert_cmpfloat_with_epsilon (reading.momentary_lufs,
        dmix_kweight_lufs ((sum[end] - sum[m]) / (0.4 * RATE)), 1e-6);
    g_assert_cmpfloat_with_epsilon (reading.shortterm_lufs,
        dmix_kweight_lufs ((sum[end] - sum[s]) / (3.0 * RATE)), 1e-6);
  }
  dmix_loudness_free (meter);
  dmix_kweight_free (k);
  g_free (sum);
  g_free (sound);
}

/* A burst of +160 dBFS leaves no trace in later windows. */
static void
test_burst_leaves_no_trace (void)
{
  const DmixFormat format = { 48000, 1 };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 0);
  float *sound = g_new (float, 48000);
  DmixLoudnessReading reading;

  fill_sine (sound, 48000, 1, 1000, 48000, 1e8);
  dmix_loudness_process (meter, sound, 4800);
  fill_sine (sound, 48000, 1, 1000, 48000, pow (10, -60 / 20.0));
  for (int second = 0; second < 4; second++)
    dmix_loudness_process (meter, sound, 48000);
  dmix_loudness_read (meter, &reading);
  g_assert_cmpfloat_with_epsilon (reading.momentary_lufs, -63.01, 0.01);
  g_assert_cmpfloat_with_epsilon (reading.shortterm_lufs, -63.01, 0.01);
  g_free (sound);
  dmix_loudness_free (meter);
}

static void
test_no_sound (void)
{
  const DmixFormat format = { 48000, 2 };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 1);
  DmixLoudnessReading reading;
  float *sound = g_new0 (float, 96000);

  dmix_loudness_read (meter, &reading);
  g_assert_cmpfloat (reading.integrated_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  sound[100] = NAN;
  sound[2001] = INFINITY;
  sound[3000] = -INFINITY;
  dmix_loudness_process (meter, sound, 48000);
  dmix_loudness_read (meter, &reading);
  g_assert_cmpfloat (reading.integrated_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (reading.max_momentary_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (reading.range_lu, ==, 0.0);
  g_assert_cmpfloat (dmix_loudness_get_max_true_peak (meter), ==, -120.0);
  fill_sine (sound, 48000, 2, 1000, 48000, pow (10, -23 / 20.0));
  dmix_loudness_process (meter, sound, 48000);
  dmix_loudness_read (meter, &reading);
  assert_lufs (reading.momentary_lufs, -23);
  sound[47999 * 2 + 1] = -1.0f; /* the last sample is the peak */
  dmix_loudness_process (meter, sound, 48000);
  g_assert_cmpfloat_with_epsilon (dmix_loudness_get_true_peak (meter, 1), 0,
      1e-6);
  g_free (sound);
  dmix_loudness_free (meter);
}

/* No window spans an interruption; earlier measurements stay. */
static void
test_interruption (void)
{
  const DmixFormat format = { 48000, 2 };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 1);
  Summary c = new_summary (0);
  DmixLoudnessReading reading;

  run_parts (meter, 48000, &(Part){ 10, -20 }, 1, &c);
  dmix_loudness_interrupt (meter);
  dmix_loudness_read (meter, &reading);
  g_assert_cmpfloat (reading.momentary_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (reading.shortterm_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  assert_lufs (reading.max_shortterm_lufs, -20);
  run_parts (meter, 48000, &(Part){ 0.35, -20 }, 1, &c);
  dmix_loudness_interrupt (meter);
  run_parts (meter, 48000, &(Part){ 10, -20 }, 1, &c);
  dmix_loudness_read (meter, &reading);
  assert_lufs (reading.integrated_lufs, -20);
  g_assert_cmpfloat_with_epsilon (dmix_loudness_get_true_peak (meter, 0), -20,
      0.1);
  g_assert_cmpfloat (reading.range_lu, <, 0.02);
  dmix_loudness_reset (meter);
  dmix_loudness_read (meter, &reading);
  g_assert_cmpfloat (reading.integrated_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (dmix_loudness_get_max_true_peak (meter), ==, -120.0);
  dmix_loudness_free (meter);
}

/* Case 5 with a change of format in the middle: the second meter takes over the
 * measurement of the first. */
static void
test_take_over (void)
{
  const DmixFormat a = { 48000, 2 }, b = { 44100, 2 };
  DmixLoudness *first = dmix_loudness_new (&a, NULL, 1);
  DmixLoudness *second = dmix_loudness_new (&b, NULL, 1);
  const Part before[] = { { 20, -26 }, { 20.1, -20 } };
  const Part after[] = { { 20, -26 } };
  Summary c = new_summary (0);
  DmixLoudnessReading reading;

  run_parts (first, 48000, before, 2, &c);
  dmix_loudness_take_over (second, first);
  dmix_loudness_free (first);
  run_parts (second, 44100, after, 1, &c);
  dmix_loudness_read (second, &reading);
  assert_lufs (reading.integrated_lufs, -23);
  assert_lufs (reading.max_momentary_lufs, -20);
  g_assert_cmpfloat_with_epsilon (dmix_loudness_get_max_true_peak (second), -20,
      0.1);
  g_assert_cmpfloat_with_epsilon (dmix_loudness_get_true_peak (second, 0), -26,
      0.1);
  dmix_loudness_free (second);
}

static void
test_formats (void)
{
  const DmixFormat bad[] = { { 0, 2 }, { 48000, 0 }, { 48000, 65 } };
  const DmixFormat odd[] = { { 1, 1 }, { 70, 2 }, { 8001, 64 }, { 768000, 1 } };
  const float silent[] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (dmix_loudness_new (&bad[i], NULL, 1));
  g_assert_null (dmix_loudness_new (NULL, NULL, 0));
  dmix_loudness_free (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++) {
    DmixLoudness *meter = dmix_loudness_new (&odd[i], NULL, 1);
    DmixLoudness *lfe =
        dmix_loudness_new (&odd[i], odd[i].channels == 1 ? silent : NULL, 0);
    float *sound = bursts (5000, odd[i].channels, 8);
    DmixLoudnessReading reading;

    dmix_loudness_process (meter, sound, 5000);
    dmix_loudness_process (lfe, sound, 5000);
    dmix_loudness_read (meter, &reading);
    g_assert_true (isfinite (reading.momentary_lufs));
    dmix_loudness_read (lfe, &reading);
    if (odd[i].channels == 1)
      g_assert_cmpfloat (reading.momentary_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
    g_free (sound);
    dmix_loudness_free (meter);
    dmix_loudness_free (lfe);
  }
}

static void
add (const gchar *name, GTestDataFunc test)
{
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    gchar *path = g_strdup_printf ("/loudness/%s/%u", name, rates[r]);

    g_test_add_data_func (path, GUINT_TO_POINTER (rates[r]), test);
    g_free (path);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("steady", test_steady);
  add ("gates", test_gates);
  add ("surround", test_surround);
  add ("windows", test_windows);
  add ("bursts", test_bursts);
  add ("live-bursts", test_live_bursts);
  add ("range", test_range);
  add ("finish-range", test_finish_range);
  add ("true-peak", test_true_peak);
  add ("finish-peak", test_finish_peak);
  add ("true-peak-transient", test_true_peak_transient);
  g_test_add_func ("/loudness/blocks", test_blocks);
  g_test_add_func ("/loudness/definition", test_definition);
  g_test_add_func ("/loudness/burst", test_burst_leaves_no_trace);
  g_test_add_func ("/loudness/no-sound", test_no_sound);
  g_test_add_func ("/loudness/interruption", test_interruption);
  g_test_add_func ("/loudness/take-over", test_take_over);
  g_test_add_func ("/loudness/formats", test_formats);
  return g_test_run ();
}
