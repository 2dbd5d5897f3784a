/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of denoise.h with synthetic signals. tests/quality measures it with
 * recordings. */
#include "signals.h"

#include "denoise/denoise.h"

#define MOST_SECONDS 8
enum
{
  RATE = 48000,
  MOST = MOST_SECONDS * RATE * 2
};

static const DmixDenoiseParams usual = { .reduction_db = 12, .link = 1 };

static float input[MOST], output[MOST], other[MOST];

/* Each test runs with each estimator. */
static DmixDenoiseEstimator estimator;

static DmixDenoise *
make (unsigned rate, unsigned channels, DmixDenoiseLatency latency,
    const DmixDenoiseParams *params)
{
  const DmixFormat format = { rate, channels };
  DmixDenoise *denoise = dmix_denoise_new (&format, latency,
      dmix_denoise_find_estimator (estimator, &format, latency));

  g_assert_nonnull (denoise);
  dmix_denoise_set_params (denoise, params);
  return denoise;
}

/* Pink noise (-3 dB per octave, P. Kellet's filter). */
static void
fill_pink (float *out, size_t frames, unsigned channels, guint32 seed)
{
  for (unsigned c = 0; c < channels; c++) {
    GRand *rand = g_rand_new_with_seed (seed + c);
    double a = 0, b = 0, d = 0;

    for (size_t i = 0; i < frames; i++) {
      const double white = g_rand_double_range (rand, -1, 1);

      a = 0.99765 * a + white * 0.0990460;
      b = 0.96300 * b + white * 0.2965164;
      d = 0.57000 * d + white * 1.0526913;
      out[i * channels + c] = (float) (0.05 * (a + b + d + white * 0.1848));
    }
    g_rand_free (rand);
  }
}

/* Stand-in for speech: a buzz of 140 Hz in syllables with pauses, over pink
 * noise. */
static void
fill_speech (float *out, size_t frames, unsigned channels, guint32 seed)
{
  fill_pink (out, frames, channels, seed);
  for (size_t i = 0; i < frames; i++) {
    const double t = (double) i / RATE;
    const double syllable =
        fmax (0.0, sin (2 * G_PI * 3 * t)) * (fmod (t, 2.0) < 1.4);
    double buzz = 0;

    for (int h = 1; h < 20; h++)
      buzz += sin (2 * G_PI * 140 * h * t + h * h) / h;
    for (unsigned c = 0; c < channels; c++)
      out[i * channels + c] += (float) (0.2 * syllable * buzz / (c + 1));
  }
}

static double
rms (const float *samples, size_t count)
{
  double sum = 0;

  for (size_t i = 0; i < count; i++)
    sum += (double) samples[i] * samples[i];
  return sqrt (sum / count);
}

/* Clean output and residual add up to the delayed input within 1e-6: they are
 * made from the same numbers and differ by a float rounding (1.2e-7). */
static void
test_parts_add_up (void)
{
  for (int latency = 0; latency < 2; latency++) {
    DmixDenoiseParams params = usual;
    DmixDenoise *clean, *residual;
    size_t delay;

    params.reduction_db = 24;
    clean = make (RATE, 2, latency, &params);
    params.residual = 1;
    residual = make (RATE, 2, latency, &params);
    delay = dmix_denoise_latency_frames (clean) * 2;
    fill_speech (input, 3 * RATE, 2, 1);
    memcpy (output, input, sizeof output);
    memcpy (other, input, sizeof other);
    dmix_denoise_process (clean, output, 3 * RATE);
    dmix_denoise_process (residual, other, 3 * RATE);
    g_assert_cmpfloat (rms (other, 3 * RATE * 2), >, 0.01);
    for (size_t i = 0; i < 3 * RATE * 2; i++)
      g_assert_cmpfloat_with_epsilon (output[i] + other[i],
          i < delay ? 0.0f : input[i - delay], 1e-6);
    dmix_denoise_free (clean);
    dmix_denoise_free (residual);
  }
}

/* With a reduction of 0 dB, and in bypass, every bit is kept. */
static void
test_no_reduction_keeps_every_bit (void)
{
  for (int bypass = 0; bypass < 2; bypass++) {
    DmixDenoiseParams params = usual;
    DmixDenoise *denoise;
    size_t delay;

    params.reduction_db = bypass ? 24 : 0;
    params.bypass = bypass;
    params.residual = bypass;
    denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &params);
    delay = dmix_denoise_latency_frames (denoise);
    fill_speech (input, 2 * RATE, 1, 2);
    memcpy (output, input, sizeof output);
    dmix_denoise_process (denoise, output, 2 * RATE);
    g_assert_cmpmem (output + delay, (2 * RATE - delay) * sizeof (float), input,
        (2 * RATE - delay) * sizeof (float));
    dmix_denoise_free (denoise);
  }
}

/* Pink noise falls by the reduction +- 1 dB, from 1 s on. */
static void
test_noise_falls_by_the_reduction (void)
{
  const double reductions[] = { 6, 12, 18, 24 };

  for (guint i = 0; i < G_N_ELEMENTS (reductions) * 2; i++) {
    DmixDenoiseParams params = usual;
    DmixDenoise *denoise;
    size_t delay;

    params.reduction_db = reductions[i / 2];
    denoise = make (RATE, 1, i % 2, &params);
    delay = dmix_denoise_latency_frames (denoise);
    fill_pink (input, 6 * RATE, 1, 3 + i);
    memcpy (output, input, sizeof output);
    dmix_denoise_process (denoise, output, 6 * RATE);
    for (int s = 1; s < 5; s++)
      g_assert_cmpfloat_with_epsilon (db (rms (input + s * RATE, RATE)
                                          / rms (output + s * RATE + delay,
                                              RATE)),
          reductions[i / 2], 1.0);
    dmix_denoise_free (denoise);
  }
}

/* Speech over quiet noise keeps its level within 0.2 dB. The network does not
 * take this buzz for speech; tests/quality plays recordings to it. */
static void
test_speech_stays (void)
{
  DmixDenoiseParams params = usual;
  DmixDenoise *denoise;
  double fall;

  params.reduction_db = 24;
  estimator = DMIX_DENOISE_STATISTICAL;
  denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &params);
  fill_pink (other, 6 * RATE, 1, 9);
  fill_speech (input, 6 * RATE, 1, 9);
  for (size_t i = 0; i < 6 * RATE; i++)
    input[i] -= 0.97f * other[i];
  memcpy (output, input, sizeof output);
  dmix_denoise_process (denoise, output, 6 * RATE);
  fall = db (rms (output + 2 * RATE, 4 * RATE)
      / rms (input + 2 * RATE - dmix_denoise_latency_frames (denoise),
          4 * RATE));
  g_assert_cmpfloat_with_epsilon (fall, 0.0, 0.2);
  dmix_denoise_free (denoise);
}

static void
test_splits_do_not_matter (void)
{
  for (int latency = 0; latency < 2; latency++) {
    DmixDenoiseParams params = usual;
    DmixDenoise *whole = make (RATE, 2, latency, &params);
    DmixDenoise *parts = make (RATE, 2, latency, &params);
    GRand *rand = g_rand_new_with_seed (4);

    fill_speech (input, 2 * RATE, 2, 4);
    memcpy (output, input, sizeof output);
    dmix_denoise_process (whole, input, 2 * RATE);
    for (int at = 0, n; at < 2 * RATE; at += n) {
      n = g_rand_int_range (rand, 0, 2000);
      n = MIN (n, 2 * RATE - at);
      dmix_denoise_process (parts, output + 2 * at, n);
    }
    g_assert_cmpmem (input, 4 * RATE * sizeof *input, output,
        4 * RATE * sizeof *output);
    g_rand_free (rand);
    dmix_denoise_free (whole);
    dmix_denoise_free (parts);
  }
}

/* Level of the output over that of the input, dB, from `from` for 0.2 s. */
static double
gain_db (const DmixDenoise *denoise, size_t from)
{
  const size_t late = dmix_denoise_latency_frames (denoise);

  return db (
      rms (output + from + late, RATE / 5) / rms (input + from, RATE / 5));
}

/* Holes of 20 ms in noise, 25 a second: the noise estimate stays within 0.5 dB,
 * and the noise is reduced as before. Then a pause of 1 s. */
static void
test_holes_are_no_noise (void)
{
  for (int low = 0; low < 2; low++) {
    DmixDenoise *denoise = make (RATE, 1, low, &usual);
    DmixDenoiseMeter before, after;

    fill_pink (input, 6 * RATE, 1, 21);
    for (size_t at = 2 * RATE; at < 4 * RATE; at += RATE / 25)
      memset (input + at, 0, RATE / 50 * sizeof (float));
    memset (input + 4 * RATE, 0, RATE * sizeof (float));
    memcpy (output, input, sizeof output);
    dmix_denoise_process (denoise, output, RATE);
    dmix_denoise_read_meter (denoise, &before); /* starts anew */
    dmix_denoise_process (denoise, output + RATE, RATE);
    dmix_denoise_read_meter (denoise, &before);
    dmix_denoise_process (denoise, output + 2 * RATE, 2 * RATE);
    dmix_denoise_read_meter (denoise, &after);
    dmix_denoise_process (denoise, output + 4 * RATE, 2 * RATE);
    g_assert_cmpfloat_with_epsilon (after.noise_db, before.noise_db, 0.5);
    for (size_t from = 1; from < 6; from += 2)
      g_assert_cmpfloat_with_epsilon (gain_db (denoise, from * RATE), -12.0,
          0.5);
    dmix_denoise_free (denoise);
  }
}

/* What comes first stays, as it may be speech; after a reset the noise is
 * known, and reduced from the first frame on, unless it is to be forgotten. */
static void
test_reset_and_forget (void)
{
  estimator =
      DMIX_DENOISE_STATISTICAL; /* the network knows pink noise at once */
  for (int forget = 0; forget < 2; forget++) {
    DmixDenoise *denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &usual);

    fill_pink (input, 4 * RATE, 1, 22);
    memcpy (output, input, sizeof output);
    dmix_denoise_process (denoise, output, 2 * RATE);
    g_assert_cmpfloat (db (rms (output + 1536, 2400) / rms (input, 2400)), >,
        -1.0);
    dmix_denoise_reset (denoise);
    if (forget)
      dmix_denoise_forget (denoise);
    dmix_denoise_set_params (denoise, &usual);
    memcpy (output, input, sizeof output);
    dmix_denoise_process (denoise, output, 4 * RATE);
    g_assert_cmpfloat_with_epsilon (db (rms (output + 1536, 2400)
                                        / rms (input, 2400)),
        forget ? 0.0 : -12.0, 1.0);
    dmix_denoise_free (denoise);
  }
}

/* Digital silence gives zeros, at the start and after sound. */
static void
test_silence (void)
{
  DmixDenoise *denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &usual);
  const size_t tail = dmix_denoise_tail_frames (denoise);

  memset (input, 0, sizeof input);
  dmix_denoise_process (denoise, input, RATE);
  for (size_t i = 0; i < RATE; i++)
    g_assert_cmpfloat (input[i], ==, 0.0f);
  fill_speech (input, RATE, 1, 5);
  dmix_denoise_process (denoise, input, 2 * RATE);
  for (size_t i = RATE + tail; i < 2 * RATE; i++)
    g_assert_cmpfloat (input[i], ==, 0.0f);
  dmix_denoise_free (denoise);
}

/* After one bad sample the output is finite, and 1 s later it is the same as
 * without that sample, within 1e-3. */
static void
test_bad_samples_do_not_stay (void)
{
  const float bad[] = { NAN, INFINITY, -INFINITY, 1e30f };

  for (guint b = 0; b < G_N_ELEMENTS (bad); b++) {
    DmixDenoise *denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &usual);

    fill_speech (input, 4 * RATE, 1, 6);
    memcpy (output, input, sizeof output);
    output[2 * RATE] = bad[b];
    dmix_denoise_process (denoise, output, 4 * RATE);
    dmix_denoise_free (denoise);
    denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &usual);
    dmix_denoise_process (denoise, input, 4 * RATE);
    for (size_t i = 0; i < 4 * RATE; i++) {
      g_assert_true (isfinite (output[i]));
      if (i > 3 * RATE)
        g_assert_cmpfloat_with_epsilon (output[i], input[i], 1e-3);
    }
    dmix_denoise_free (denoise);
  }
}

/* An input that is 24 dB louder or softer gives the same output, scaled. The
 * network's gains also depend on the level over silence: 0.05 dB here. */
static void
test_level_does_not_matter (void)
{
  const float scales[] = { 15.85f, 0.0631f };
  const double slack = estimator == DMIX_DENOISE_LEARNED ? 3e-3 : 1e-4;
  DmixDenoise *denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &usual);

  fill_speech (input, 3 * RATE, 1, 7);
  memcpy (output, input, sizeof output);
  dmix_denoise_process (denoise, output, 3 * RATE);
  dmix_denoise_free (denoise);
  for (int s = 0; s < 2; s++) {
    denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &usual);
    for (size_t i = 0; i < 3 * RATE; i++)
      other[i] = input[i] * scales[s];
    dmix_denoise_process (denoise, other, 3 * RATE);
    for (size_t i = 0; i < 3 * RATE; i++)
      g_assert_cmpfloat_with_epsilon (other[i] / scales[s], output[i], slack);
    dmix_denoise_free (denoise);
  }
}

/* Linked: a right channel that is the left one at half the level stays so
 * within 0.01 dB. Not linked: each channel has the bits of a mono denoiser. */
static void
test_link (void)
{
  DmixDenoiseParams params = usual;
  DmixDenoise *denoise = make (RATE, 2, DMIX_DENOISE_NORMAL, &params);

  fill_speech (other, 3 * RATE, 1, 8);
  for (size_t i = 0; i < 3 * RATE; i++) {
    output[2 * i] = other[i];
    output[2 * i + 1] = 0.5f * other[i];
  }
  dmix_denoise_process (denoise, output, 3 * RATE);
  for (size_t i = 0; i < 3 * RATE; i++)
    g_assert_cmpfloat_with_epsilon (output[2 * i], 2 * output[2 * i + 1],
        fabs (output[2 * i]) * 1e-3 + 1e-7);
  dmix_denoise_free (denoise);

  params.link = 0;
  denoise = make (RATE, 2, DMIX_DENOISE_NORMAL, &params);
  fill_speech (input, 3 * RATE, 2, 8);
  memcpy (output, input, sizeof output);
  dmix_denoise_process (denoise, output, 3 * RATE);
  dmix_denoise_free (denoise);
  for (int c = 0; c < 2; c++) {
    denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &params);
    for (size_t i = 0; i < 3 * RATE; i++)
      other[i] = input[2 * i + c];
    dmix_denoise_process (denoise, other, 3 * RATE);
    for (size_t i = 0; i < 3 * RATE; i++)
      g_assert_cmpfloat (other[i], ==, output[2 * i + c]);
    dmix_denoise_free (denoise);
  }
}

/* Toggles a parameter every 0.1 s while a 100 Hz sine plays. A click is a jump:
 * the largest difference between two samples must stay below 1.3 times that of
 * the sine. */
static void
test_nothing_clicks (void)
{
  for (int which = 0; which < 6; which++) {
    DmixDenoiseParams params = usual;
    DmixDenoise *denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &params);
    double step = 0;

    fill_sine (output, 4 * RATE, 1, 100, RATE, 0.5);
    for (int i = 0; i < 40; i++) {
      params.bypass = which == 0 && i % 2;
      params.residual = which == 1 && i % 2;
      params.reduction_db = which == 2 && i % 2 ? 40 : 12;
      params.sensitivity_db = which == 3 && i % 2 ? 12 : 0;
      params.link = which != 4 || i % 2;
      params.learn = which == 5 && i % 2;
      params.noise = which == 5 ? DMIX_NOISE_LEARNED : DMIX_NOISE_ADAPTIVE;
      dmix_denoise_set_params (denoise, &params);
      dmix_denoise_process (denoise, output + i * RATE / 10, RATE / 10);
    }
    for (size_t i = RATE / 2; i < 4 * RATE; i++)
      step = fmax (step, fabs (output[i] - output[i - 1]));
    g_assert_cmpfloat (step, <, 0.5 * 2 * G_PI * 100 / RATE * 1.3);
    dmix_denoise_free (denoise);
  }
}

static void
test_rates_and_channels (void)
{
  const unsigned rates[] = {
    4000,
    8000,
    11025,
    16000,
    22050,
    32000,
    44100,
    48000,
    88200,
    96000,
    192000,
    384000,
    768000,
  };
  const unsigned counts[] = { 1, 2, 3, 6, 64 };

  for (guint r = 0; r < G_N_ELEMENTS (rates) * 2; r++) {
    const unsigned rate = rates[r / 2];
    DmixDenoise *denoise = make (rate, 1, r % 2, &usual);
    const double ms = dmix_denoise_latency_frames (denoise) * 1e3 / rate;
    const size_t frames = MIN (MOST, rate * 2);

    g_assert_cmpfloat (ms, <=, r % 2 ? 12.0 : 32.0);
    g_assert_cmpfloat (ms, >, r % 2 ? 11.0 : 30.0);
    fill_noise (input, frames, 0.1, r);
    memcpy (output, input, sizeof output);
    dmix_denoise_process (denoise, output, frames);
    g_assert_cmpfloat_with_epsilon (db (rms (output + frames * 3 / 4,
                                            frames / 4)
                                        / rms (input + frames * 3 / 4,
                                            frames / 4)),
        -12.0, 1.0);
    dmix_denoise_free (denoise);
  }
  for (guint i = 0; i < G_N_ELEMENTS (counts) * 2; i++) {
    DmixDenoiseParams params = usual;
    const unsigned channels = counts[i / 2];
    const size_t frames = MOST / channels / 2;
    DmixDenoise *denoise;

    params.link = i % 2;
    denoise = make (8000, channels, DMIX_DENOISE_NORMAL, &params);
    fill_noise (output, frames * channels, 0.1, i);
    dmix_denoise_process (denoise, output, frames);
    g_assert_cmpfloat_with_epsilon (db (rms (output + MOST / 4, MOST / 4)
                                        / 0.1),
        -12.0, 1.5);
    dmix_denoise_free (denoise);
  }
}

/* A hiss is learned, and captures add up. In a second denoiser with another
 * rate this profile removes the hiss but not a new tone. */
static void
test_profile (void)
{
  DmixDenoiseParams params = usual;
  DmixDenoise *denoise, *next;
  DmixNoiseProfile profile, more;

  params.learn = 1;
  denoise = make (RATE, 1, DMIX_DENOISE_NORMAL, &params);
  dmix_denoise_get_profile (denoise, &profile);
  g_assert_cmpfloat (profile.seconds, ==, 0.0f);
  fill_noise (output, 2 * RATE, 0.01, 10);
  dmix_denoise_process (denoise, output, 2 * RATE);
  dmix_denoise_get_profile (denoise, &profile);
  g_assert_cmpfloat_with_epsilon (profile.seconds, 2.0, 0.02);
  /* white noise of -40 dBFS in 24 kHz */
  for (int band = 10; dmix_noiseprofile_band_hz (band) < 20000; band++)
    g_assert_cmpfloat_with_epsilon (profile.density_db[band],
        -40 - 10 * log10 (24000), 1.5);
  dmix_denoise_process (denoise, output, RATE);
  dmix_denoise_get_profile (denoise, &more);
  /* the silence that the output begins with is no noise */
  g_assert_cmpfloat_with_epsilon (more.seconds, 3.0, 0.07);

  params.learn = 0;
  params.noise = DMIX_NOISE_LEARNED;
  next = make (96000, 1, DMIX_DENOISE_NORMAL, &params);
  dmix_denoise_set_profile (next, &profile);
  fill_noise (input, 3 * RATE, 0.01, 11);
  memcpy (output, input, sizeof output);
  dmix_denoise_process (next, output, 3 * RATE);
  g_assert_cmpfloat_with_epsilon (db (rms (output + RATE, RATE)
                                      / rms (input + RATE, RATE)),
      -12.0, 3.5);
  for (size_t i = 0; i < 3 * RATE; i++)
    input[i] = output[i] = (float) (0.1 * sin (0.05 * i));
  dmix_denoise_process (next, output, 3 * RATE);
  g_assert_cmpfloat_with_epsilon (db (rms (output + 2 * RATE, RATE)
                                      / rms (input + RATE, RATE)),
      0.0, 0.1);
  dmix_denoise_free (denoise);
  dmix_denoise_free (next);
}

static void
test_meter (void)
{
  DmixDenoiseParams params = usual;
  DmixDenoise *denoise = make (RATE, 2, DMIX_DENOISE_NORMAL, &params);
  DmixDenoiseMeter meter;

  fill_pink (output, 3 * RATE, 2, 12);
  dmix_denoise_process (denoise, output, 2 * RATE);
  dmix_denoise_read_meter (denoise, &meter);
  fill_pink (output, RATE, 2, 13);
  fill_pink (other, RATE, 2, 13);
  dmix_denoise_process (denoise, output, RATE);
  dmix_denoise_read_meter (denoise, &meter);
  g_assert_cmpfloat (meter.voice_activity, <,
      estimator == DMIX_DENOISE_LEARNED ? 0.5 : 0.1);
  g_assert_cmpfloat_with_epsilon (meter.noise_db, db (rms (other, 2 * RATE)),
      1.0);
  g_assert_cmpfloat_with_epsilon (meter.reduction_db, 12.0, 1.0);
  if (estimator == DMIX_DENOISE_LEARNED) { /* knows recorded speech only */
    dmix_denoise_free (denoise);
    return;
  }
  fill_speech (output, RATE, 2, 14);
  dmix_denoise_process (denoise, output, RATE);
  dmix_denoise_read_meter (denoise, &meter);
  g_assert_cmpfloat (meter.voice_activity, >, 0.7);
  g_assert_cmpfloat (meter.reduction_db, <, 8.0);
  dmix_denoise_free (denoise);
}

static void
test_bad_arguments (void)
{
  const DmixFormat good = { RATE, 2 };
  const DmixFormat bad[] = {
    { 0, 1 },
    { 1000, 1 },
    { RATE, 0 },
    { RATE, 65 },
    { 1000000, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (dmix_denoise_new (&bad[i], DMIX_DENOISE_NORMAL, NULL));
  g_assert_null (dmix_denoise_new (&good, 7, NULL));
  g_assert_null (dmix_denoise_new (NULL, DMIX_DENOISE_NORMAL, NULL));
  dmix_denoise_free (NULL);
}

/* Values beyond their range act as its limit, and the limit acts otherwise than
 * a value near it. */
static void
test_limits (void)
{
  const struct
  {
    DmixDenoiseParams limit, beyond, inside;
  } cases[] = {
    { { .reduction_db = 40 }, { .reduction_db = 60 }, { .reduction_db = 38 } },
    { { .reduction_db = 0 }, { .reduction_db = -9 }, { .reduction_db = 1 } },
    { { .reduction_db = 40, .sensitivity_db = 12 },
        { .reduction_db = 40, .sensitivity_db = 20 },
        { .reduction_db = 40, .sensitivity_db = 11 } },
    { { .reduction_db = 20, .sensitivity_db = -12 },
        { .reduction_db = 20, .sensitivity_db = -20 },
        { .reduction_db = 20, .sensitivity_db = -11 } },
  };
  const size_t frames = 2 * RATE;

  fill_speech (input, frames, 1, 5);
  fill_pink (other, frames, 1, 6);
  for (size_t i = 0; i < frames; i++) /* the noise alone, then loud speech */
    input[i] = 0.05f * other[i]
        + (i < RATE / 2 ? 0.0f : 5 * input[i] * fabsf (input[i]));
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    const DmixDenoiseParams *params[] = { &cases[c].limit, &cases[c].beyond,
      &cases[c].inside };

    for (int p = 0; p < 3; p++) {
      DmixDenoise *denoise = make (RATE, 1, DMIX_DENOISE_LOW, params[p]);
      float *to = p == 0 ? other : output;

      memcpy (to, input, frames * sizeof *to);
      dmix_denoise_process (denoise, to, frames);
      dmix_denoise_free (denoise);
      if (p > 0)
        g_assert_cmpint (memcmp (other, output, frames * sizeof *to) == 0, ==,
            p == 1);
    }
  }
}

/* The captured length of a profile counts up to an hour. */
static void
test_longest_profile (void)
{
  const float seconds[] = { -1, 3590, 3600, 4000 };
  DmixDenoise *denoise = make (RATE, 1, DMIX_DENOISE_LOW, &usual);

  for (guint s = 0; s < G_N_ELEMENTS (seconds); s++) {
    DmixNoiseProfile profile = { .seconds = seconds[s] };

    for (int b = 0; b < DMIX_NOISEPROFILE_BANDS; b++)
      profile.density_db[b] = -100;
    dmix_denoise_set_profile (denoise, &profile);
    dmix_denoise_get_profile (denoise, &profile);
    g_assert_cmpfloat_with_epsilon (profile.seconds,
        CLAMP (seconds[s], 0, 3600), 0.001);
  }
  dmix_denoise_free (denoise);
}

typedef struct
{
  DmixDenoiseEstimator estimator;
  void (*test) (void);
} Run;

static void
run (gconstpointer data)
{
  const Run *one = data;

  estimator = one->estimator;
  one->test ();
}

static void
add (const char *name, void (*test) (void))
{
  const char *kinds[] = { "statistical", "learned" };

  for (int k = 0; k < 2; k++) {
    char *path = g_strdup_printf ("/denoise/%s/%s", kinds[k], name);
    Run *one = g_new (Run, 1);

    *one = (Run){ (DmixDenoiseEstimator) k, test };
    g_test_add_data_func_full (path, one, run, g_free);
    g_free (path);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("parts-add-up", test_parts_add_up);
  add ("no-reduction-keeps-every-bit", test_no_reduction_keeps_every_bit);
  add ("noise-falls-by-the-reduction", test_noise_falls_by_the_reduction);
  g_test_add_func ("/denoise/statistical/speech-stays", test_speech_stays);
  add ("splits-do-not-matter", test_splits_do_not_matter);
  add ("holes-are-no-noise", test_holes_are_no_noise);
  g_test_add_func ("/denoise/statistical/reset-and-forget",
      test_reset_and_forget);
  add ("silence", test_silence);
  add ("bad-samples-do-not-stay", test_bad_samples_do_not_stay);
  add ("level-does-not-matter", test_level_does_not_matter);
  add ("link", test_link);
  add ("nothing-clicks", test_nothing_clicks);
  add ("rates-and-channels", test_rates_and_channels);
  add ("profile", test_profile);
  add ("meter", test_meter);
  add ("limits", test_limits);
  g_test_add_func ("/denoise/longest-profile", test_longest_profile);
  g_test_add_func ("/denoise/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
