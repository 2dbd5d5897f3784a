/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of ducker.h. Times are in steps of 2 ms (DMIX step) and depend on
 * the detector's window of 20 ms; tolerances follow from these two. */
#include "signals.h"

#include "ducker/ducker.h"

#include <stddef.h>

#define RATE 48000

static DmixDuckerParams
defaults (void)
{
  return (DmixDuckerParams){
    .mode = DMIX_DUCK_FIXED,
    .target_lu = 15,
    .depth_db = 12,
    .range_db = 15,
    .attack_ms = 10,
    .hold_ms = 400,
    .release_ms = 250,
    .open_db = -16,
    .close_db = -24,
    .floor_lufs = -50,
  };
}

typedef struct
{
  unsigned rate, channels;
  double lookahead_ms;
  DmixDuckerParams params;
} Setup;

static DmixDucker *
make (const Setup *s)
{
  const DmixFormat format = { s->rate, s->channels };
  DmixDucker *ducker = dmix_ducker_new (&format, NULL, s->lookahead_ms);

  g_assert_nonnull (ducker);
  dmix_ducker_set_params (ducker, &s->params);
  return ducker;
}

/* Runs copies of both signals through a new ducker; returns the output. */
static float *
run (const Setup *s, const float *background, const float *dialogue,
    size_t frames, size_t block)
{
  const size_t size = frames * s->channels * sizeof (float);
  float *out = g_memdup2 (background, size), *key = g_memdup2 (dialogue, size);
  DmixDucker *ducker = make (s);

  for (size_t done = 0, n; done < frames; done += n) {
    n = MIN (block, frames - done);
    dmix_ducker_process (ducker, out + done * s->channels,
        key + done * s->channels, n);
  }
  dmix_ducker_free (ducker);
  g_free (key);
  return out;
}

static float *
constant (size_t samples, float value)
{
  float *x = g_new (float, samples);

  for (size_t i = 0; i < samples; i++)
    x[i] = value;
  return x;
}

/* Mono noise at -20 dB RMS from `start` to `stop`, silence elsewhere. */
static float *
speech (size_t frames, size_t start, size_t stop)
{
  float *x = g_new0 (float, frames);

  fill_noise (x + start, stop - start, 0.1, 7);
  return x;
}

/* The gain at the content of input frame i, from a background of ones. */
static double
gain_db_at (const float *out, size_t i, const Setup *s)
{
  return db (out[i + (size_t) lround (s->lookahead_ms * s->rate / 1000)]);
}

/* The gain has its exact full depth when the first syllable comes out. */
static void
test_depth_at_onset (void)
{
  const double lookaheads[] = { 20, 100, 500 };

  for (int l = 0; l < 3; l++) {
    const Setup s = { RATE, 1, lookaheads[l], defaults () };
    const size_t frames = 3 * RATE, onset = RATE;
    float *ones = constant (frames, 1.0f);
    float *key = speech (frames, onset, 2 * RATE);
    float *out = run (&s, ones, key, frames, 480);

    g_assert_cmpfloat_with_epsilon (gain_db_at (out, onset, &s), -12.0, 0.01);
    g_assert_cmpfloat_with_epsilon (gain_db_at (out, onset + RATE / 2, &s),
        -12.0, 0.001);
    g_assert_cmpfloat (out[(size_t) (onset - RATE * 0.01)], ==, 1.0f);
    g_free (ones);
    g_free (key);
    g_free (out);
  }
}

/* First frame from `from` on whose gain is past `limit`. */
static size_t
when (const float *out, size_t from, double limit_db, gboolean falling)
{
  while (falling ? db (out[from]) > limit_db : db (out[from]) < limit_db)
    from++;
  return from;
}

/* Attack and release: 63.2 % of the dB step after the time constant; the hold
 * begins when the 20 ms window has fallen to -24 dB. */
static void
test_times (void)
{
  const double attacks[] = { 5, 20, 100 }, releases[] = { 50, 250, 1000 };

  for (int t = 0; t < 3; t++) {
    Setup s = { RATE, 1, 0, defaults () };
    const size_t frames = 10 * RATE, onset = RATE, stop = 3 * RATE;
    float *ones = constant (frames, 1.0f), *key, *out;
    size_t down, start, up;

    s.params.attack_ms = attacks[t];
    s.params.release_ms = releases[t];
    s.params.hold_ms = 300;
    key = speech (frames, onset, stop);
    out = run (&s, ones, key, frames, 480);
    start = when (out, onset, -0.001, TRUE);
    down = when (out, onset, -12.0 * (1 - exp (-1)), TRUE);
    g_assert_cmpfloat_with_epsilon ((down - start) * 1000.0 / RATE, attacks[t],
        MAX (2.5, 0.03 * attacks[t]));
    start = when (out, stop, -11.9999, FALSE);
    g_assert_cmpfloat_with_epsilon ((start - stop) * 1000.0 / RATE, 300 + 20,
        6.0);
    up = when (out, stop, -12.0 * exp (-1), FALSE);
    g_assert_cmpfloat_with_epsilon ((up - start) * 1000.0 / RATE, releases[t],
        MAX (2.5, 0.03 * releases[t]));
    g_free (ones);
    g_free (key);
    g_free (out);
  }
}

/* Returns to exactly 0 dB: within 0.001 dB, after 9.4 time constants, it
 * snaps. */
static void
test_returns_to_unity (void)
{
  const Setup s = { RATE, 1, 100, defaults () };
  const size_t frames = 6 * RATE;
  float *ones = constant (frames, 1.0f), *key = speech (frames, RATE, 2 * RATE);
  float *out = run (&s, ones, key, frames, 480);

  for (size_t i = 5.2 * RATE; i < frames; i++)
    g_assert_cmpfloat (out[i], ==, 1.0f);
  g_free (ones);
  g_free (key);
  g_free (out);
}

/* The output is the input, exactly latency_frames later. */
static void
test_latency (void)
{
  const unsigned rates[] = { 8000, 44100, 48000, 96000, 192000 };
  const double lookaheads[] = { 0, 1.37, 5, 100, 500 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint l = 0; l < G_N_ELEMENTS (lookaheads); l++) {
      Setup s = { rates[r], 2, lookaheads[l], defaults () };
      const size_t frames = rates[r];
      const unsigned latency = lround (lookaheads[l] * rates[r] / 1000);
      float *in = g_new0 (float, 2 * frames), *silence, *out;
      DmixDucker *ducker = make (&s);

      g_assert_cmpuint (dmix_ducker_latency_frames (ducker), ==, latency);
      g_assert_cmpuint (dmix_ducker_tail_frames (ducker), ==, latency);
      dmix_ducker_free (ducker);
      silence = g_new0 (float, 2 * frames);
      fill_noise (in, 2 * frames, 0.1, 8);
      out = run (&s, in, silence, frames, 333);
      for (size_t i = 0; i < 2 * frames; i++)
        g_assert_cmpfloat (out[i], ==,
            i < 2 * latency ? 0.0f : in[i - 2 * latency]);
      g_free (out);
      s.params.mix = 1; /* likewise for the dialogue, over silence */
      out = run (&s, silence, in, frames, 1024);
      for (size_t i = 0; i < 2 * frames; i++)
        g_assert_cmpfloat (out[i], ==,
            i < 2 * latency ? 0.0f : in[i - 2 * latency]);
      g_free (out);
      g_free (in);
      g_free (silence);
    }
  }
}

static void
blocks_do_not_matter (DmixDuckTrigger trigger, DmixDuckGoalKind goal,
    double spectral_db)
{
  const size_t blocks[] = { 1, 7, 64, 480, 4096, 60000 };
  const unsigned channel_counts[] = { 1, 2, 6 };

  for (guint c = 0; c < G_N_ELEMENTS (channel_counts); c++) {
    Setup s = { RATE, channel_counts[c], 37.3, defaults () };
    const size_t frames = 2 * RATE, samples = frames * s.channels;
    float *background = g_new (float, samples), *key = g_new0 (float, samples);
    float *whole;

    s.params.mode = DMIX_DUCK_TARGET;
    s.params.mix = 1;
    s.params.dialogue_gain_db = 3;
    s.params.trigger = trigger;
    s.params.goal = goal;
    s.params.intelligibility = 0.7;
    s.params.spectral_db = spectral_db;
    s.params.spectral_target_lu = 20;
    fill_noise (background, samples, 0.1, 9);
    fill_noise (key + samples / 4, samples / 4, 0.1, 10);
    whole = run (&s, background, key, frames, frames);
    for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
      float *parts = run (&s, background, key, frames, blocks[b]);

      g_assert_cmpmem (whole, samples * sizeof *whole, parts,
          samples * sizeof *parts);
      g_free (parts);
    }
    g_free (whole);
    g_free (background);
    g_free (key);
  }
}

static void
test_blocks_do_not_matter (void)
{
  blocks_do_not_matter (DMIX_DUCK_TRIGGER_LEVEL, DMIX_DUCK_GOAL_DIFFERENCE, 0);
  blocks_do_not_matter (DMIX_DUCK_TRIGGER_SPEECH, DMIX_DUCK_GOAL_GLIMPSE, 12);
  blocks_do_not_matter (DMIX_DUCK_TRIGGER_LEVEL, DMIX_DUCK_GOAL_SII, 6);
}

/* Steady noise for dialogue and background: the difference of the K-weighted
 * levels is the difference of their RMS values, and the depth is known. */
static void
test_target (void)
{
  const double levels[] = { -35, -24, -12 }, differences[] = { 0, 6, 12, 17 };

  for (guint l = 0; l < G_N_ELEMENTS (levels); l++) {
    for (guint d = 0; d < G_N_ELEMENTS (differences); d++) {
      Setup s = { RATE, 1, 100, defaults () };
      const size_t frames = 8 * RATE;
      const double want = -MAX (0.0, 15.0 - differences[d]);
      const double rms = pow (10.0, (levels[l] - 3.2) / 20); /* K: +3.2 dB */
      float *background = g_new (float, frames), *key = g_new0 (float, frames);
      float *out;

      s.params.mode = DMIX_DUCK_TARGET;
      fill_noise (background, frames, rms * pow (10.0, -differences[d] / 20),
          11);
      fill_noise (key + 2 * RATE, 6 * RATE, rms, 12);
      out = run (&s, background, key, frames, 480);
      for (size_t i = 6 * RATE; i < 7 * RATE; i++) {
        const float in = background[i - 4800];

        if (want == 0.0 && levels[l] == -24)
          g_assert_cmpfloat (out[i], ==, in);
        else if (fabsf (in) > 1e-4f)
          g_assert_cmpfloat_with_epsilon (db (out[i] / in), want, 0.3);
      }
      g_free (out);
      g_free (background);
      g_free (key);
    }
  }
}

static void
test_range (void)
{
  Setup s = { RATE, 1, 100, defaults () };
  float *ones = constant (3 * RATE, 1.0f),
        *key = speech (3 * RATE, RATE, 3 * RATE), *out;

  s.params.depth_db = 30;
  s.params.range_db = 7;
  out = run (&s, ones, key, 3 * RATE, 480);
  g_assert_cmpfloat_with_epsilon (db (out[2 * RATE]), -7.0, 0.001);
  g_free (out);
  s.params.bypass = 1;
  out = run (&s, ones, key, 3 * RATE, 480);
  g_assert_cmpfloat (out[2 * RATE], ==, 1.0f);
  g_free (out);
  g_free (ones);
  g_free (key);
}

/* A quiet speaker after a loud one is detected within some seconds. */
static void
test_quiet_after_loud (void)
{
  const Setup s = { RATE, 1, 0, defaults () };
  const size_t frames = 14 * RATE;
  float *ones = constant (frames, 1.0f), *key = speech (frames, RATE, 4 * RATE),
        *out;

  fill_noise (key + 5 * RATE, 9 * RATE, 0.01, 13); /* 20 dB quieter */
  out = run (&s, ones, key, frames, 480);
  g_assert_cmpfloat (db (out[frames - 1]), <, -11.9);
  g_free (ones);
  g_free (key);
  g_free (out);
}

/* Hum below the floor does not duck; with a floor of -120 LUFS it does. */
static void
test_floor (void)
{
  Setup s = { RATE, 1, 0, defaults () };
  float *ones = constant (2 * RATE, 1.0f), *key = g_new (float, 2 * RATE);
  float *out;

  fill_noise (key, 2 * RATE, 0.0008, 14); /* about -59 LUFS */
  out = run (&s, ones, key, 2 * RATE, 480);
  for (size_t i = 0; i < 2 * RATE; i++)
    g_assert_cmpfloat (out[i], ==, 1.0f);
  g_free (out);
  g_free (ones);
  g_free (key);
}

static void
test_bad_samples (void)
{
  const Setup s = { RATE, 1, 20, defaults () };
  const size_t frames = 4 * RATE;
  float *background = g_new (float, frames),
        *key = speech (frames, RATE, RATE * 3 / 2), *clean, *out;

  fill_noise (background, frames, 0.1, 15);
  clean = run (&s, background, key, frames, 480);
  background[100] = NAN;
  background[200] = INFINITY;
  background[300] = 1e30f;
  key[400] = -INFINITY;
  key[500] = NAN;
  key[600] = 1e-42f;
  out = run (&s, background, key, frames, 480);
  for (size_t i = 0; i < frames; i++) {
    g_assert_true (isfinite (out[i]));
    if (i > 2000)
      g_assert_cmpfloat (out[i], ==, clean[i]);
  }
  g_free (background);
  g_free (key);
  g_free (clean);
  g_free (out);
}

/* Controls that jump are smoothed: over 2 ms a gain moves by at most 1 - exp
 * (-2/10) = 18 % of its jump (faders, 10 ms), so by 0.002 of it a frame. */
static void
test_no_clicks (void)
{
  Setup s = { RATE, 1, 0, defaults () };
  DmixDucker *ducker = make (&s);
  float last = 1.0f;

  for (int block = 0; block < 400; block++) {
    float ones[480], key[480];

    for (int i = 0; i < 480; i++)
      ones[i] = 1.0f;
    fill_noise (key, 480, 0.1, 16);
    s.params.bypass = block / 20 % 2;
    s.params.background_gain_db = block / 30 % 2 ? -100 : 0;
    s.params.depth_db = block / 25 % 2 ? 12 : 3;
    s.params.attack_ms = 10;
    dmix_ducker_set_params (ducker, &s.params);
    dmix_ducker_process (ducker, ones, key, 480);
    for (int i = 0; i < 480; i++) {
      g_assert_cmpfloat (fabsf (ones[i] - last), <, 0.005);
      last = ones[i];
    }
  }
  dmix_ducker_free (ducker);
}

/* Spectral ducking switched on and off within a phrase starts and stops without
 * a gap or step: the slope of a sine in a band stays below the sine's own. */
static void
test_spectral_switched (void)
{
  Setup s = { RATE, 1, 100, defaults () };
  DmixDucker *ducker = make (&s);
  const double slope = 0.5 * 2 * G_PI * 1000 / RATE;
  float sound[4800], key[4800], last = 0.0f;
  double lowest = 1.0;

  s.params.depth_db = 0;
  s.params.spectral_target_lu = 40;
  for (int block = 0; block < 120; block++) {
    for (int i = 0; i < 4800; i++)
      sound[i] = (float) (0.5 * sin (2 * G_PI * 1000 * i / RATE));
    fill_noise (key, 4800, 0.1, 17);
    s.params.spectral_db = block / 30 % 2 ? 12 : 0;
    dmix_ducker_set_params (ducker, &s.params);
    dmix_ducker_process (ducker, sound, key, 4800);
    if (block > 0) /* the delay is a whole number of blocks */
      for (int i = 0; i < 4800; i++) {
        g_assert_cmpfloat (fabsf (sound[i] - last), <, 1.05 * slope);
        last = sound[i];
      }
    if (block % 30 == 29) {
      double sum = 0;

      for (int i = 0; i < 4800; i++)
        sum += sound[i] * sound[i];
      lowest = db (sqrt (sum / 4800) / sqrt (0.125));
      g_assert_cmpfloat_with_epsilon (lowest, block / 30 % 2 ? -12 : 0, 0.5);
    }
  }
  dmix_ducker_free (ducker);
}

static void
test_meter (void)
{
  const Setup s = { RATE, 1, 50, defaults () };
  DmixDucker *ducker = make (&s);
  float *key = speech (4 * RATE, RATE, 3 * RATE);

  for (int block = 0; block < 40; block++) {
    float ones[4800], lowest = 2.0f;
    DmixDuckerMeter meter;

    for (int i = 0; i < 4800; i++)
      ones[i] = 1.0f;
    dmix_ducker_process (ducker, ones, key + block * 4800, 4800);
    dmix_ducker_read_meter (ducker, &meter);
    for (int i = 0; i < 4800; i++)
      if (block > 0 && ones[i] < lowest)
        lowest = ones[i];
    if (block > 0)
      g_assert_cmpfloat_with_epsilon (meter.gain_min_db, db (lowest), 0.35);
    if (block > 12 && block < 30) {
      g_assert_true (meter.dialogue_active);
      g_assert_cmpfloat_with_epsilon (meter.gain_mean_db, -12.0, 0.1);
    }
    if (block < 10)
      g_assert_false (meter.dialogue_active);
  }
  g_free (key);
  dmix_ducker_free (ducker);
}

/* A ducker for a new layout takes over the gain of the old one. */
static void
test_continue (void)
{
  const Setup mono = { RATE, 1, 20, defaults () };
  const Setup stereo = { RATE, 2, 20, defaults () };
  DmixDucker *a = make (&mono), *b = make (&stereo);
  float *ones = constant (2 * RATE, 1.0f),
        *key = speech (2 * RATE, 0, 2 * RATE);

  dmix_ducker_process (a, ones, key, RATE);
  g_assert_cmpfloat_with_epsilon (db (ones[RATE - 1]), -12.0, 0.01);
  dmix_ducker_take_over (b, a);
  for (size_t i = 0; i < 2 * RATE; i++)
    ones[i] = 1.0f;
  dmix_ducker_process (b, ones, key, 4800);
  for (size_t i = 2 * 960; i < 2 * 4800; i++)
    g_assert_cmpfloat_with_epsilon (db (ones[i]), -12.0, 0.01);
  g_free (ones);
  g_free (key);
  dmix_ducker_free (a);
  dmix_ducker_free (b);
}

static void
test_bad_arguments (void)
{
  const DmixFormat good = { 48000, 2 }, none = { 48000, 0 };
  const DmixFormat many = { 48000, 65 }, still = { 0, 2 };
  const float no_weight[] = { 0, 0 };
  DmixDucker *ducker = dmix_ducker_new (&good, no_weight, 1);

  g_assert_nonnull (ducker);
  dmix_ducker_free (ducker);
  g_assert_null (dmix_ducker_new (&none, NULL, 0));
  g_assert_null (dmix_ducker_new (&many, NULL, 0));
  g_assert_null (dmix_ducker_new (&still, NULL, 0));
  g_assert_null (dmix_ducker_new (NULL, NULL, 0));
  g_assert_null (dmix_ducker_new (&good, NULL, -1));
  g_assert_null (dmix_ducker_new (&good, NULL, NAN));
  g_assert_null (dmix_ducker_new (&good, NULL, 501));
  dmix_ducker_free (NULL);
}

/* A second of speech over another noise, with one parameter. */
static float *
play_with (const Setup *setup, size_t place, double value)
{
  enum
  {
    FRAMES = 4 * RATE / 3
  };
  Setup s = *setup;
  float *background = g_new (float, FRAMES), *out;
  float *key = speech (FRAMES, RATE / 8, RATE);

  fill_noise (background, FRAMES, 0.1, 5);
  *(double *) ((char *) &s.params + place) = value;
  out = run (&s, background, key, FRAMES, 480);
  g_free (background);
  g_free (key);
  return out;
}

#define FIELD(name) offsetof (DmixDuckerParams, name)

/* Values beyond their range act as its limit, and the limit acts otherwise than
 * a value near it. */
static void
test_limits (void)
{
  static const struct
  {
    size_t place;
    double limit, inside;
    double lookahead_ms;
    DmixDuckerParams other; /* in place of the defaults where not 0 */
  } limits[] = {
    { FIELD (target_lu), 60, 57, 20, { .range_db = 60 } },
    { FIELD (target_lu), 0, 3, 20, { .range_db = 60 } },
    { FIELD (depth_db), 60, 57, 20,
        { .mode = DMIX_DUCK_FIXED, .range_db = 60 } },
    { FIELD (range_db), 60, 57, 20,
        { .mode = DMIX_DUCK_FIXED, .depth_db = 60 } },
    { FIELD (spectral_db), 24, 22, 20,
        { .spectral_target_lu = 40, .target_lu = 1e-9, .range_db = 24 } },
    { FIELD (spectral_target_lu), 40, 36, 20,
        { .spectral_db = 24, .target_lu = 1e-9, .background_gain_db = -25 } },
    { FIELD (attack_ms), 1000, 950, 0, { .mode = DMIX_DUCK_FIXED } },
    { FIELD (release_ms), 1, 1.3, 0,
        { .mode = DMIX_DUCK_FIXED, .hold_ms = 1e-9 } },
    { FIELD (release_ms), 10000, 9500, 0,
        { .mode = DMIX_DUCK_FIXED, .hold_ms = 1e-9 } },
    { FIELD (dialogue_gain_db), 24, 23, 20, { .mix = 1 } },
    { FIELD (dialogue_gain_db), -100, -60, 20, { .mix = 1 } },
    { FIELD (background_gain_db), 24, 23, 20, { .mix = 1 } },
    { FIELD (background_gain_db), -100, -60, 20, { .mix = 1 } },
  };

  for (guint l = 0; l < G_N_ELEMENTS (limits); l++) {
    const double limit = limits[l].limit, inside = limits[l].inside;
    const double beyond =
        limit + (limit > inside ? 1 : -1) * 0.5 * fmax (1, fabs (limit));
    Setup s = { RATE, 1, limits[l].lookahead_ms, defaults () };
    DmixDuckerParams *p = &s.params;
    const DmixDuckerParams *other = &limits[l].other;
    float *at_limit, *outside, *within;

    p->mode = other->mode;
    p->mix = other->mix;
    p->spectral_db = other->spectral_db;
    p->background_gain_db = other->background_gain_db;
    p->target_lu = other->target_lu > 0 ? other->target_lu : p->target_lu;
    p->depth_db = other->depth_db > 0 ? other->depth_db : p->depth_db;
    p->range_db = other->range_db > 0 ? other->range_db : p->range_db;
    p->hold_ms = other->hold_ms > 0 ? other->hold_ms : p->hold_ms;
    p->spectral_target_lu = other->spectral_target_lu;
    at_limit = play_with (&s, limits[l].place, limit);
    outside = play_with (&s, limits[l].place, beyond);
    within = play_with (&s, limits[l].place, inside);
    g_test_message ("limit %u", l);
    g_assert_cmpmem (at_limit, 4 * RATE / 3 * sizeof (float), outside,
        4 * RATE / 3 * sizeof (float));
    g_assert_true (
        memcmp (at_limit, within, 4 * RATE / 3 * sizeof (float)) != 0);
    g_free (at_limit);
    g_free (outside);
    g_free (within);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ducker/depth-at-onset", test_depth_at_onset);
  g_test_add_func ("/ducker/times", test_times);
  g_test_add_func ("/ducker/returns-to-unity", test_returns_to_unity);
  g_test_add_func ("/ducker/latency", test_latency);
  g_test_add_func ("/ducker/blocks-do-not-matter", test_blocks_do_not_matter);
  g_test_add_func ("/ducker/spectral-switched", test_spectral_switched);
  g_test_add_func ("/ducker/target", test_target);
  g_test_add_func ("/ducker/range", test_range);
  g_test_add_func ("/ducker/quiet-after-loud", test_quiet_after_loud);
  g_test_add_func ("/ducker/floor", test_floor);
  g_test_add_func ("/ducker/bad-samples", test_bad_samples);
  g_test_add_func ("/ducker/no-clicks", test_no_clicks);
  g_test_add_func ("/ducker/meter", test_meter);
  g_test_add_func ("/ducker/continue", test_continue);
  g_test_add_func ("/ducker/bad-arguments", test_bad_arguments);
  g_test_add_func ("/ducker/limits", test_limits);
  return g_test_run ();
}
