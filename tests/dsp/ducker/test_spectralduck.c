/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of spectralduck.h. */
#include "signals.h"

#include "base/delay.h"
#include "ducker/spectralduck.h"

#define STEP_S 0.002
#define DELAY_S 0.1

typedef struct
{
  unsigned rate, channels, delay, step;
  DmixSpectralDuck *duck;
  DmixDelay *plain;
  DmixSpectralGains gains;
  size_t frame;
} Rig;

static Rig
new_rig (unsigned rate, unsigned channels)
{
  const DmixFormat format = { rate, channels };
  const DmixSpectralDuckParams params = { 12, 15, 250 };
  Rig rig = {
    rate,
    channels,
    (unsigned) (DELAY_S * rate),
    (unsigned) (STEP_S * rate),
  };

  rig.duck = dmix_spectralduck_new (&format, rig.delay, STEP_S, 0.056);
  rig.plain = dmix_delay_new (rig.delay, channels);
  dmix_spectralduck_set_params (rig.duck, &params);
  return rig;
}

static void
free_rig (Rig *rig)
{
  dmix_spectralduck_free (rig->duck);
  dmix_delay_free (rig->plain);
}

/* Processes in place, in blocks of `block` frames, with a control step where
 * one is due. */
static void
run (Rig *rig, float *io, size_t frames, size_t block, int active)
{
  for (size_t done = 0, n; done < frames; done += n) {
    const size_t left = rig->step - rig->frame % rig->step;
    float *at = io + done * rig->channels;
    float *in;

    n = MIN (MIN (block, left), frames - done);
    in = g_memdup2 (at, n * rig->channels * sizeof *at);
    dmix_delay_process (rig->plain, at, n);
    dmix_spectralduck_process (rig->duck, in, at, &rig->gains, n);
    g_free (in);
    rig->frame += n;
    if (rig->frame % rig->step == 0)
      rig->gains = dmix_spectralduck_step (rig->duck, active);
  }
}

/* Dialogue 10 dB below the background in the first bands, 20 dB above it in the
 * others. */
static void
teach (Rig *rig, int frames, int hidden)
{
  DmixSpeechBandsFrame frame;

  for (int b = 0; b < DMIX_SPEECHBANDS; b++) {
    frame.background[b] = 1e-4;
    frame.dialogue[b] = b < hidden ? 1e-5 : 1e-2;
  }
  for (int i = 0; i < frames; i++)
    dmix_spectralduck_add (rig->duck, &frame, 1, 0);
}

/* Not engaged: the output is the delayed input, to the bit. */
static void
test_transparent (void)
{
  const unsigned rates[] = { 8000, 44100, 48000, 96000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const unsigned rate = rates[r];
    Rig rig = new_rig (rate, 2);
    float *sound = g_new (float, 2 * rate), *in;

    fill_noise (sound, 2 * rate, 0.3, r);
    in = g_memdup2 (sound, 2 * rate * sizeof *in);
    run (&rig, sound, rate, 1000, 0);
    g_assert_cmpmem (sound + 2 * rig.delay,
        (2 * rate - 2 * rig.delay) * sizeof *in, in,
        (2 * rate - 2 * rig.delay) * sizeof *in);
    g_free (in);
    g_free (sound);
    free_rig (&rig);
  }
}

static double
level (const float *sound, size_t frames)
{
  double sum = 0;

  for (size_t i = 0; i < frames; i++)
    sum += sound[i] * sound[i];
  return 10 * log10 (sum / frames + 1e-30);
}

/* Bands that mask the dialogue are lowered by the depth they need, the others
 * not at all; after the phrase all return to 0 dB. */
static void
test_bands (void)
{
  const int bands[] = { 1, 4, 6, 11, 13, 16 };
  const double outside[] = { 60, 12000 };

  for (guint i = 0; i < G_N_ELEMENTS (bands) + 2; i++) {
    const gboolean inside = i < G_N_ELEMENTS (bands);
    const double hz = inside ? dmix_speechbands_hz[bands[i]]
                             : outside[i - G_N_ELEMENTS (bands)];
    const double want = inside && bands[i] < 9 ? -12 : 0;
    Rig rig = new_rig (48000, 1);
    float *sound = g_new (float, 10 * 48000);
    double before;

    fill_sine (sound, 10 * 48000, 1, hz, 48000, 0.5);
    before = level (sound, 48000);
    run (&rig, sound, 48000, 480, 0);
    dmix_spectralduck_step (rig.duck, 1);
    teach (&rig, 1500, 9);
    run (&rig, sound + 48000, 4 * 48000, 480, 1);
    g_assert_cmpfloat_with_epsilon (level (sound + 3 * 48000, 48000) - before,
        want, 0.7);
    run (&rig, sound + 5 * 48000, 5 * 48000, 480, 0);
    g_assert_cmpfloat_with_epsilon (level (sound + 9 * 48000, 48000) - before,
        0, 1e-3);
    g_assert_true (dmix_spectralduck_is_flat (rig.duck));
    g_free (sound);
    free_rig (&rig);
  }
}

/* All bands mask the dialogue: the lowest one is lowered to its edge (half a
 * band into the fade of two: three quarters in dB), the band at 8 kHz, 160 Hz
 * times 2^(17/3), is kept. Half of a tone's amplitude is in its bin and a
 * quarter in each bin beside it (Hann window), 23 Hz away: so -9 dB can become
 * -8.1 and -12 dB -10.9, and a tone two bins below the fade is kept, too. */
static void
test_edges (void)
{
  const struct
  {
    double hz, least_db, most_db;
  } tones[] = {
    { 50, -0.1, 0.1 },
    { 142.5, -9.1, -8.0 },
    { 160, -12.1, -10.9 },
    { 6300, -12.3, -11.7 },
    { 8127, -0.1, 0.1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tones); i++) {
    Rig rig = new_rig (48000, 1);
    float *sound = g_new (float, 3 * 48000);
    double change;

    fill_sine (sound, 3 * 48000, 1, tones[i].hz, 48000, 0.5);
    change = -level (sound, 48000);
    dmix_spectralduck_step (rig.duck, 1);
    teach (&rig, 1500, DMIX_SPEECHBANDS);
    run (&rig, sound, 3 * 48000, 480, 1);
    change += level (sound + 2 * 48000, 48000);
    g_assert_cmpfloat (change, >=, tones[i].least_db);
    g_assert_cmpfloat (change, <=, tones[i].most_db);
    g_free (sound);
    free_rig (&rig);
  }
}

/* The full depth is reached before the delay ends. */
static void
test_in_time (void)
{
  Rig rig = new_rig (48000, 1);
  float *sound = g_new (float, 2 * 48000);
  double before, after;

  fill_sine (sound, 2 * 48000, 1, 500, 48000, 0.5);
  run (&rig, sound, 48000, 480, 0);
  rig.gains = dmix_spectralduck_step (rig.duck, 1);
  teach (&rig, 3, 18); /* one band frame per 20 ms of look-ahead */
  run (&rig, sound + 48000, 48000, 480, 1);
  before = level (sound + 40000, 4800);
  after = level (sound + 48000 + 4800, 4800);
  g_assert_cmpfloat (after - before, <,
      0.9 * -dmix_spectralduck_get_depth_db (rig.duck)[5]);
  g_assert_cmpfloat (dmix_spectralduck_get_depth_db (rig.duck)[5], >, 6);
  g_free (sound);
  free_rig (&rig);
}

static void
test_blocks_do_not_matter (void)
{
  Rig a = new_rig (44100, 2), b = new_rig (44100, 2);
  float *one = g_new (float, 6 * 44100), *two;

  fill_noise (one, 6 * 44100, 0.2, 1);
  two = g_memdup2 (one, 6 * 44100 * sizeof *two);
  for (int part = 0; part < 3; part++) {
    dmix_spectralduck_step (a.duck, part == 1);
    dmix_spectralduck_step (b.duck, part == 1);
    if (part == 1) {
      teach (&a, 5, 9);
      teach (&b, 5, 9);
    }
    run (&a, one + part * 2 * 44100, 44100, 44100, part == 1);
    run (&b, two + part * 2 * 44100, 44100, 13, part == 1);
  }
  g_assert_cmpmem (one, 6 * 44100 * sizeof *one, two, 6 * 44100 * sizeof *two);
  g_free (one);
  g_free (two);
  free_rig (&a);
  free_rig (&b);
}

/* A band ducker that takes over another's state within a phrase has the same
 * gains from then on, in the phrase and in the release. */
static void
test_take_over (void)
{
  Rig a = new_rig (48000, 1), b = new_rig (48000, 1);
  DmixSpectralGains x = { 0 }, y;

  dmix_spectralduck_step (a.duck, 1);
  teach (&a, 1500, 9);
  for (int i = 0; i < 100; i++)
    x = dmix_spectralduck_step (a.duck, 1);
  g_assert_cmpfloat (x.engaged, ==, 1.0);
  g_assert_cmpfloat (x.depth_db[4], >, 6.0);
  dmix_spectralduck_take_over (b.duck, a.duck);
  for (int i = 0; i < 400; i++) {
    teach (&a, i < 200, DMIX_SPEECHBANDS);
    teach (&b, i < 200, DMIX_SPEECHBANDS);
    x = dmix_spectralduck_step (a.duck, i < 200);
    y = dmix_spectralduck_step (b.duck, i < 200);
    g_assert_true (x.engaged == y.engaged);
    g_assert_cmpmem (x.depth_db, sizeof x.depth_db, y.depth_db,
        sizeof y.depth_db);
  }
  g_assert_cmpfloat (x.engaged, >, 0.0);
  g_assert_cmpfloat (x.engaged, <, 0.5);
  free_rig (&a);
  free_rig (&b);
}

/* A reset band ducker equals a new one: no depth, no audio inside, and the same
 * dialogue gives the same bits. */
static void
test_reset (void)
{
  Rig a = new_rig (48000, 1), b = new_rig (48000, 1);
  float *one = g_new (float, 48000), *two;

  fill_noise (one, 48000, 0.2, 6);
  a.gains = dmix_spectralduck_step (a.duck, 1);
  teach (&a, 500, DMIX_SPEECHBANDS);
  run (&a, one, 48000, 480, 1);
  g_assert_false (dmix_spectralduck_is_flat (a.duck));
  dmix_spectralduck_reset (a.duck);
  dmix_delay_reset (a.plain);
  a.frame = 0;
  a.gains = b.gains;
  g_assert_true (dmix_spectralduck_is_flat (a.duck));
  for (int i = 0; i < DMIX_SPEECHBANDS; i++)
    g_assert_true (dmix_spectralduck_get_depth_db (a.duck)[i] == 0.0);
  fill_noise (one, 48000, 0.2, 9);
  two = g_memdup2 (one, 48000 * sizeof *two);
  a.gains = dmix_spectralduck_step (a.duck, 1);
  b.gains = dmix_spectralduck_step (b.duck, 1);
  teach (&a, 5, 9);
  teach (&b, 5, 9);
  run (&a, one, 48000, 480, 1);
  run (&b, two, 48000, 480, 1);
  g_assert_cmpmem (one, 48000 * sizeof *one, two, 48000 * sizeof *two);
  g_free (one);
  g_free (two);
  free_rig (&a);
  free_rig (&b);
}

/* The first frame of a dialogue counts by its level alone (here it is all in
 * the first band): depths differ as the bands of normal speech do. ANSI
 * S3.5-1997, table 3: spectrum levels of 34.27 dB at 500 Hz and 9.33 dB at 4
 * kHz, and bands 8 times as wide. */
static void
test_normal_speech (void)
{
  const DmixSpectralDuckParams params = { 24, 20, 250 };
  const double difference = 34.27 - 9.33 - 10.0 * log10 (8.0);
  Rig rig = new_rig (48000, 1);
  DmixSpeechBandsFrame frame;
  const double *depth = dmix_spectralduck_get_depth_db (rig.duck);

  for (int b = 0; b < DMIX_SPEECHBANDS; b++) {
    frame.background[b] = 5e-3;
    frame.dialogue[b] = b == 0 ? 1.0 : 0.0;
  }
  dmix_spectralduck_set_params (rig.duck, &params);
  dmix_spectralduck_step (rig.duck, 1);
  dmix_spectralduck_add (rig.duck, &frame, 1, 0.0);
  g_assert_cmpfloat (depth[5], >, 0.0); /* neither depth is at a limit */
  g_assert_cmpfloat (depth[14], <, 24.0);
  g_assert_cmpfloat_with_epsilon (depth[14] - depth[5], difference, 0.05);
  free_rig (&rig);
}

#define HOP_S DMIX_SPEECHBANDS_HOP_S

/* A ducker with room for depths from 0 to 24 dB, and frames of equal bands. */
static Rig
new_deep_rig (void)
{
  const DmixSpectralDuckParams params = { 24, 20, 250 };
  Rig rig = new_rig (48000, 1);

  dmix_spectralduck_set_params (rig.duck, &params);
  return rig;
}

/* Passes a frame, with the dialogue in the first band only. */
static void
pass (Rig *rig, double dialogue, double background, int active)
{
  DmixSpeechBandsFrame frame;

  for (int b = 0; b < DMIX_SPEECHBANDS; b++) {
    frame.background[b] = background;
    frame.dialogue[b] = b == 0 ? dialogue : 0.0;
  }
  dmix_spectralduck_add (rig->duck, &frame, active, 0.0);
}

static void
be_quiet (Rig *rig, double seconds)
{
  for (int i = 0; i < lround (seconds / STEP_S); i++)
    dmix_spectralduck_step (rig->duck, 0);
}

/* Depth of band 10 in the first frame of a phrase after a pause of 2 s, where
 * it is that needed. */
static double
first_depth_db (Rig *rig, double background)
{
  be_quiet (rig, 2);
  dmix_spectralduck_step (rig->duck, 1);
  pass (rig, 1.0, background, 1);
  return dmix_spectralduck_get_depth_db (rig->duck)[10];
}

/* The dialogue's mean begins as normal speech with the weight of 20 frames, and
 * runs over 3 s once it has been heard for longer: in a band that falls silent
 * after the first frame it sinks as 20 / (20 + n), and then by the hop over 3
 * s. */
static void
test_dialogue_mean (void)
{
  Rig rig = new_deep_rig ();
  const double start = first_depth_db (&rig, 2e-3);
  const int frames[] = { 2, 10, 60, 129, 160 };
  int heard = 1;

  g_assert_cmpfloat (start, >, 0);
  for (guint f = 0; f < G_N_ELEMENTS (frames); f++) {
    const int plain = MIN (frames[f], 130);
    double want;

    for (; heard + 1 < frames[f]; heard++)
      pass (&rig, 1.0, 2e-3, 1);
    want = 10 * log10 ((20.0 + plain) / 21.0)
        - (frames[f] - plain) * 10 * log10 (1 - HOP_S / 3.0);
    g_assert_cmpfloat_with_epsilon (first_depth_db (&rig, 2e-3) - start, want,
        1e-6);
    heard++;
  }
  free_rig (&rig);
}

/* That of the background is plain at first and runs over 3 s (150 frames)
 * later, in pauses, too. */
static void
test_background_mean (void)
{
  const int before[] = { 10, 149, 400 };

  for (guint k = 0; k < G_N_ELEMENTS (before); k++) {
    const int after = 20;
    Rig rig = new_deep_rig (), same = new_deep_rig ();
    double share = 0.0; /* of the later level */

    for (int i = 0; i < before[k] + after; i++) {
      pass (&rig, 0.0, i < before[k] ? 5e-4 : 5e-3, 0);
      pass (&same, 0.0, 5e-4, 0);
      if (i >= before[k])
        share += fmax (1.0 / (i + 1), HOP_S / 3.0) * (1.0 - share);
    }
    share += fmax (1.0 / (before[k] + after + 1), HOP_S / 3.0) * (1.0 - share);
    g_assert_cmpfloat_with_epsilon (first_depth_db (&rig, 5e-3)
            - first_depth_db (&same, 5e-4),
        10 * log10 (1 + 9 * share), 1e-6);
    free_rig (&rig);
    free_rig (&same);
  }
}

/* The first four frames of a phrase set the depth; from then on it moves by 18
 * dB a second until the dialogue has been heard for 2 s, and by 1 dB a second
 * later. */
static void
test_depth_speed (void)
{
  Rig rig = new_deep_rig ();
  double last;

  for (int i = 0; i < 50; i++)
    pass (&rig, 0.0, 5e-4, 0);
  last = first_depth_db (&rig, 5e-4);
  for (int heard = 2; heard <= 130; heard++) {
    /* the background rises all the time, faster than the depth may */
    pass (&rig, 1.0, 5e-4 * pow (10, 0.5 * heard), 1);
    const double depth = dmix_spectralduck_get_depth_db (rig.duck)[10];
    const double most = (heard < 100 ? 18 : 1) * HOP_S;

    if (last < 23.5 && heard <= 4)
      g_assert_cmpfloat (depth - last, >, most + 0.01);
    else if (last < 23.5)
      g_assert_cmpfloat_with_epsilon (depth - last, most, 1e-9);
    last = depth;
  }
  free_rig (&rig);
}

/* The speed after 2 s. */
static void
test_slow_depth (void)
{
  Rig rig = new_deep_rig ();
  double last;

  for (int i = 0; i < 50; i++)
    pass (&rig, 0.0, 5e-4, 0);
  last = first_depth_db (&rig, 5e-4);
  for (int heard = 2; heard <= 95; heard++)
    pass (&rig, 1.0, 5e-4, 1);
  last = dmix_spectralduck_get_depth_db (rig.duck)[10];
  for (int heard = 96; heard <= 110; heard++) {
    pass (&rig, 1.0, 1.0, 1);
    const double depth = dmix_spectralduck_get_depth_db (rig.duck)[10];

    g_assert_cmpfloat_with_epsilon (depth - last,
        (heard < 100 ? 18 : 1) * HOP_S, 1e-9);
    last = depth;
  }
  free_rig (&rig);
}

/* A phrase may begin with another depth only where the last one is released to a
 * tenth: 0.58 s after its end with a release of 250 ms. */
static void
test_fresh_phrase (void)
{
  for (int fresh = 0; fresh < 2; fresh++) {
    Rig rig = new_deep_rig ();
    double last, depth;

    for (int i = 0; i < 50; i++)
      pass (&rig, 0.0, 5e-4, 0);
    last = first_depth_db (&rig, 5e-4);
    for (int i = 0; i < 100; i++)
      dmix_spectralduck_step (rig.duck, 1);
    /* the ramp first ends its minimum over 56 ms */
    while (dmix_spectralduck_step (rig.duck, 0).engaged == 1.0)
      ;
    be_quiet (&rig, 0.25 * log (10) + (fresh ? 0.03 : -0.03));
    dmix_spectralduck_step (rig.duck, 1);
    pass (&rig, 1.0, 1.0, 1);
    depth = dmix_spectralduck_get_depth_db (rig.duck)[10];
    if (fresh)
      g_assert_cmpfloat (depth - last, >, 10.0);
    else
      g_assert_cmpfloat_with_epsilon (depth - last, 18 * HOP_S, 1e-9);
    free_rig (&rig);
  }
}

/* After a phrase the depths fade exponentially with the release, to exactly 0
 * from 1e-4 on. */
static void
test_release (void)
{
  Rig rig = new_deep_rig ();
  double last = 1.0;

  for (int i = 0; i < 100; i++)
    dmix_spectralduck_step (rig.duck, 1);
  while (dmix_spectralduck_step (rig.duck, 0).engaged > 0.9)
    ;
  last = dmix_spectralduck_step (rig.duck, 0).engaged;
  while (last > 1.02e-4) {
    const double engaged = dmix_spectralduck_step (rig.duck, 0).engaged;

    g_assert_cmpfloat_with_epsilon (engaged / last, exp (-STEP_S / 0.25), 1e-6);
    last = engaged;
  }
  be_quiet (&rig, 0.01);
  g_assert_cmpfloat (dmix_spectralduck_step (rig.duck, 0).engaged, ==, 0.0);
  free_rig (&rig);
}

static void
test_limits (void)
{
  const DmixFormat format = { 48000, 1 }, low = { 1000, 1 }, bad = { 48000, 0 };
  DmixSpectralDuck *shortest =
      dmix_spectralduck_new (&format, 256, 0.002, 0.01);

  g_assert_null (dmix_spectralduck_new (&bad, 4800, 0.002, 0.05));
  g_assert_null (dmix_spectralduck_new (&low, 4800, 0.002, 0.05));
  g_assert_null (dmix_spectralduck_new (&format, 250, 0.002, 0.05));
  g_assert_null (dmix_spectralduck_new (&format, 0, 0.002, 0.05));
  g_assert_nonnull (shortest);
  dmix_spectralduck_free (shortest);
  dmix_spectralduck_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spectralduck/transparent", test_transparent);
  g_test_add_func ("/spectralduck/bands", test_bands);
  g_test_add_func ("/spectralduck/edges", test_edges);
  g_test_add_func ("/spectralduck/in-time", test_in_time);
  g_test_add_func ("/spectralduck/blocks", test_blocks_do_not_matter);
  g_test_add_func ("/spectralduck/take-over", test_take_over);
  g_test_add_func ("/spectralduck/reset", test_reset);
  g_test_add_func ("/spectralduck/normal-speech", test_normal_speech);
  g_test_add_func ("/spectralduck/limits", test_limits);
  g_test_add_func ("/spectralduck/dialogue-mean", test_dialogue_mean);
  g_test_add_func ("/spectralduck/background-mean", test_background_mean);
  g_test_add_func ("/spectralduck/depth-speed", test_depth_speed);
  g_test_add_func ("/spectralduck/slow-depth", test_slow_depth);
  g_test_add_func ("/spectralduck/fresh-phrase", test_fresh_phrase);
  g_test_add_func ("/spectralduck/release", test_release);
  return g_test_run ();
}
