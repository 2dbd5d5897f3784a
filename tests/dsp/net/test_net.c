/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What net.h promises: the network of tests/train/infer.py to 1e-4, finite for
 * any input, the same after a long time, and no trace of what was before. */
#include "netrig.h"

#include "net/netfeatures.h"

enum
{
  ROWS = DMIX_NET_ROWS,
  FEATURES = DMIX_NET_KINDS * ROWS
};

static DmixNetModel *
small_model (const char *shape)
{
  GByteArray *file = net_rig_file (shape);
  const char *fault;
  DmixNetModel *model = dmix_netmodel_new (file->data, file->len, &fault);

  g_assert_cmpstr (fault, ==, NULL);
  g_assert_nonnull (model);
  if (strcmp (shape, "direct") == 0) {
    g_assert_cmpuint (file->len, ==, REFERENCE_SIZE);
    g_assert_cmpuint (net_rig_crc (file->data, file->len - 4), ==,
        REFERENCE_CRC);
  }
  g_byte_array_unref (file);
  return model;
}

static void
compare (const float *ours, const float *reference, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    g_assert_cmpfloat_with_epsilon (ours[i], reference[i], 1e-4);
}

static void
test_reference (void)
{
  DmixNetModel *model = small_model ("direct");
  DmixNet *net = dmix_net_new (model);
  NetRig rig = { 1, NULL };
  unsigned kept = 0;

  for (unsigned t = 0; t < REFERENCE_FRAMES; t++) {
    float mid[ROWS], side[ROWS];
    DmixNetFrame frame;

    net_rig_energies (&rig, t, mid, side);
    dmix_net_step (net, mid, side, &frame);
    g_assert_cmpfloat_with_epsilon (frame.speech, reference_speech[t], 1e-4);
    if (kept < G_N_ELEMENTS (reference_kept) && t == reference_kept[kept]) {
      compare (frame.mid, reference_u + 2 * ROWS * kept, ROWS);
      compare (frame.side, reference_u + 2 * ROWS * kept + ROWS, ROWS);
      kept++;
    }
  }
  g_assert_cmpuint (kept, ==, G_N_ELEMENTS (reference_kept));
  dmix_net_free (net);
  dmix_netmodel_free (model);
}

static void
test_features (void)
{
  DmixNetFeatures features;
  float out[FEATURES] = { 0 };
  NetRig rig = { 1, NULL };

  dmix_netfeatures_reset (&features);
  for (unsigned t = 0; t < REFERENCE_FRAMES; t++) {
    float mid[ROWS], side[ROWS];

    net_rig_energies (&rig, t, mid, side);
    dmix_netfeatures_step (&features, dmix_netloops_get (), mid, side, out);
  }
  compare (out, reference_features, FEATURES);
}

/* Listening is the same step, in any mixture with whole ones. */
static void
test_listen (void)
{
  DmixNetModel *model = small_model ("direct");
  DmixNet *whole = dmix_net_new (model), *mixed = dmix_net_new (model);
  NetRig rig = { 1, NULL };
  DmixNetFrame a, b = { .speech = 0 };

  for (unsigned t = 0; t < 60; t++) {
    float mid[ROWS], side[ROWS];

    net_rig_energies (&rig, t, mid, side);
    dmix_net_step (whole, mid, t % 7 ? side : NULL, &a);
    if (t % 3)
      b.speech = dmix_net_listen (mixed, mid, t % 7 ? side : NULL);
    else {
      dmix_net_step (mixed, mid, t % 7 ? side : NULL, &b);
      g_assert_cmpmem (a.mid, sizeof a.mid, b.mid, sizeof b.mid);
      g_assert_cmpmem (a.side, sizeof a.side, b.side, sizeof b.side);
    }
    g_assert_cmpfloat (a.speech, ==, b.speech);
  }
  dmix_net_free (whole);
  dmix_net_free (mixed);
  dmix_netmodel_free (model);
}

/* Without `direct` the gains are others, speech is not: it does not use it. */
static void
test_plain (void)
{
  DmixNetModel *direct = small_model ("direct"), *plain = small_model ("plain");
  DmixNet *net[] = { dmix_net_new (direct), dmix_net_new (plain) };
  NetRig rig = { 1, NULL };
  DmixNetFrame frame[2];

  for (unsigned t = 0; t < 30; t++) {
    float mid[ROWS], side[ROWS];

    net_rig_energies (&rig, t, mid, side);
    for (int i = 0; i < 2; i++)
      dmix_net_step (net[i], mid, side, &frame[i]);
  }
  g_assert_cmpfloat (frame[0].speech, ==, frame[1].speech);
  g_assert_cmpfloat (fabsf (frame[0].mid[7] - frame[1].mid[7]), >, 1e-3);
  for (int i = 0; i < 2; i++)
    dmix_net_free (net[i]);
  dmix_netmodel_free (direct);
  dmix_netmodel_free (plain);
}

static void
assert_usable (const DmixNetFrame *frame)
{
  for (unsigned r = 0; r < ROWS; r++) {
    g_assert_true (frame->mid[r] >= 0.0f && frame->mid[r] <= 1.0f);
    g_assert_true (frame->side[r] >= 0.0f && frame->side[r] <= 1.0f);
  }
  g_assert_true (frame->speech >= 0.0f && frame->speech <= 1.0f);
}

/* Values that are no energies: outputs stay 0 to 1, and 48 s later the small
 * network is where it would be without them. */
static void
play_bad_values (const DmixNetModel *model, float bad, unsigned frames)
{
  DmixNet *net[] = { dmix_net_new (model), dmix_net_new (model) };
  NetRig rig = { 1, NULL };
  DmixNetFrame frame[2];

  for (unsigned t = 0; t < frames; t++) {
    float mid[ROWS], side[ROWS];

    net_rig_energies (&rig, t, mid, side);
    dmix_net_step (net[0], mid, side, &frame[0]);
    for (unsigned r = t % 5; r < ROWS && t < 100; r += 5)
      mid[r] = side[r] = bad;
    dmix_net_step (net[1], mid, t < 100 && t % 3 ? NULL : side, &frame[1]);
    assert_usable (&frame[1]);
    if (t > 3090)
      compare (frame[1].mid, frame[0].mid, ROWS);
  }
  dmix_net_free (net[0]);
  dmix_net_free (net[1]);
}

static void
test_any_input (void)
{
  const float bad[] = { NAN, INFINITY, -INFINITY, -1.0f, 1e38f, 1e-42f, -0.0f };
  DmixNetModel *small = small_model ("direct");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    play_bad_values (small, bad[i], 3100);
    play_bad_values (dmix_netmodel_trained (), bad[i], 300);
  }
  dmix_netmodel_free (small);
}

/* After an hour of sound, from digital silence to full scale, a minute gives
 * what it gives to a network that begins there. Its first 48 s are left out:
 * the levels jump by up to 66 dB each frame, which noise followers take long to
 * forget. */
static void
test_an_hour_later (void)
{
  DmixNetModel *model = small_model ("direct");
  DmixNet *old = dmix_net_new (model), *new = dmix_net_new (model);
  NetRig rig = { 1, NULL };
  float mid[ROWS], side[ROWS];
  DmixNetFrame a, b;

  for (unsigned t = 0; t < 225000; t++) {
    if (t % 64 == 0)
      net_rig_energies (&rig, t, mid, side);
    mid[t % ROWS] *= t % 2 ? 1.25f : 0.8f;
    dmix_net_step (old, mid, side, &a);
  }
  for (unsigned t = 0; t < 3750; t++) {
    net_rig_energies (&rig, t, mid, side);
    dmix_net_step (old, mid, side, &a);
    dmix_net_step (new, mid, side, &b);
    if (t > 3000) {
      compare (a.mid, b.mid, ROWS);
      compare (a.side, b.side, ROWS);
      g_assert_cmpfloat_with_epsilon (a.speech, b.speech, 1e-4);
    }
  }
  dmix_net_free (old);
  dmix_net_free (new);
  dmix_netmodel_free (model);
}

/* Noise with syllables, loud or soft. */
static void
fill_syllables (GRand *rand, unsigned t, float level, float *mid, float *side)
{
  const float voice = t % 120 < 80 && t % 20 < 12 ? 5.0f : 0.0f;

  for (unsigned r = 0; r < ROWS; r++) {
    const float width = (float) (r < 64 ? 1 : r < 96 ? 2 : 13);
    const float tilt = level * width / (1.0f + (float) r / 8.0f);

    mid[r] = tilt
        * (float) (-0.05 * log (1 - g_rand_double (rand))
            + (r % 4 == 1 ? voice : 0.0f));
    side[r] = tilt * (float) (-0.01 * log (1 - g_rand_double (rand)));
  }
}

/* The trained network, whatever its weights: 2 minutes are enough to forget a
 * quarter of an hour at changing levels. */
static void
test_trained_forgets (void)
{
  DmixNet *old = dmix_net_new (NULL), *new = dmix_net_new (NULL);
  GRand *rand = g_rand_new_with_seed (2);
  float mid[ROWS], side[ROWS];
  DmixNetFrame a, b;

  for (unsigned t = 0; t < 56000; t++) {
    fill_syllables (rand, t, (float) (t / 1000 % 7), mid, side);
    dmix_net_step (old, mid, side, &a);
  }
  for (unsigned t = 0; t < 7500; t++) {
    fill_syllables (rand, t, 1.0f, mid, side);
    dmix_net_step (old, mid, side, &a);
    dmix_net_step (new, mid, side, &b);
    if (t > 7000) {
      compare (a.mid, b.mid, ROWS);
      compare (a.side, b.side, ROWS);
      g_assert_cmpfloat_with_epsilon (a.speech, b.speech, 1e-4);
    }
  }
  g_rand_free (rand);
  dmix_net_free (old);
  dmix_net_free (new);
}

/* As new after _reset(); where the other one is after _take_over(). */
static void
test_reset_and_take_over (void)
{
  DmixNet *net[] = { dmix_net_new (NULL), dmix_net_new (NULL) };
  NetRig rig = { 1, NULL };
  float mid[ROWS], side[ROWS];
  DmixNetFrame frame[2];

  memset (frame, 0, sizeof frame);
  for (unsigned t = 0; t < 200; t++) {
    net_rig_energies (&rig, t, mid, side);
    dmix_net_step (net[0], mid, side, &frame[0]);
    if (t == 50)
      dmix_net_take_over (net[1], net[0]);
    if (t == 100) {
      dmix_net_reset (net[0]);
      dmix_net_free (net[1]);
      net[1] = dmix_net_new (NULL);
    }
    if ((t > 50 && t < 100) || t > 100) {
      dmix_net_step (net[1], mid, side, &frame[1]);
      g_assert_cmpmem (&frame[0], sizeof *frame, &frame[1], sizeof *frame);
    }
  }
  dmix_net_take_over (net[0], net[0]);
  dmix_net_free (net[0]);
  dmix_net_free (net[1]);
  dmix_net_free (NULL);
}

/* The weights that are compiled in, whatever they are: steady noise is no
 * speech, and most of it is to go. */
static void
test_trained (void)
{
  DmixNet *net = dmix_net_new (NULL);
  GRand *rand = g_rand_new_with_seed (1);
  DmixNetFrame frame;
  double speech = 0, gain = 0;

  for (unsigned t = 0; t < 500; t++) {
    float mid[ROWS];

    for (unsigned r = 0; r < ROWS; r++) {
      const unsigned bins = r < 64 ? 1 : r < 96 ? 2 : 10;

      mid[r] = 0.0f;
      for (unsigned b = 0; b < bins; b++)
        mid[r] -= 0.01f * (float) log (1 - g_rand_double (rand));
    }
    dmix_net_step (net, mid, NULL, &frame);
    for (unsigned r = 0; r < ROWS && t >= 250; r++)
      gain += pow (frame.mid[r], 1 / 0.3) / ROWS / 250;
    speech += t >= 250 ? frame.speech / 250 : 0.0;
  }
  g_assert_cmpfloat (speech, <, 0.1);
  g_assert_cmpfloat (gain, <, 0.2);
  g_rand_free (rand);
  dmix_net_free (net);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/net/" name, test)
  ADD ("reference", test_reference);
  ADD ("features", test_features);
  ADD ("plain", test_plain);
  ADD ("listen", test_listen);
  ADD ("any-input", test_any_input);
  ADD ("an-hour-later", test_an_hour_later);
  ADD ("trained-forgets", test_trained_forgets);
  ADD ("reset-and-take-over", test_reset_and_take_over);
  ADD ("trained", test_trained);
#undef ADD
  return g_test_run ();
}
