/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* See filter_rig.h. */
#include "filter_rig.h"

#include <math.h>
#include <string.h>

GstHarness *
filter_rig_new (const gchar *element, const gchar *settings, gint rate,
    gint channels)
{
  gchar *launch = g_strdup_printf ("%s %s", element, settings);
  gchar *caps =
      g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                           F32) ",layout=interleaved,rate=%d,channels=%d%s",
          rate, channels,
          channels == 1       ? ""
              : channels == 2 ? ",channel-mask=(bitmask)0x3"
                              : ",channel-mask=(bitmask)0x0");
  GstHarness *h = gst_harness_new_parse (launch);

  gst_harness_set_src_caps_str (h, caps);
  g_free (launch);
  g_free (caps);
  return h;
}

void
filter_rig_push_at (GstHarness *h, guint64 first, const gfloat *samples,
    guint frames, gint rate, guint channels)
{
  GstBuffer *buffer =
      gst_buffer_new_memdup (samples, frames * channels * sizeof (gfloat));

  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (first, GST_SECOND, rate);
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (first + frames, GST_SECOND, rate)
      - GST_BUFFER_PTS (buffer);
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

GstHarness *
filter_rig_new_layout (const gchar *element, const gchar *settings, gint rate,
    gint channels, guint64 mask)
{
  GstHarness *h = filter_rig_new (element, settings, rate, channels);

  if (channels > 2 && mask) {
    gchar *caps =
        g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                             F32) ",layout=interleaved,rate=%d,channels=%d,"
                                  "channel-mask="
                                  "(bitmask)0x%" G_GINT64_MODIFIER "x",
            rate, channels, mask);

    gst_harness_set_src_caps_str (h, caps);
    g_free (caps);
  }
  return h;
}

void
filter_rig_push (GstHarness *h, const gfloat *samples, guint64 first,
    guint frames, gint rate, guint channels)
{
  filter_rig_push_at (h, first, samples + first * channels, frames, rate,
      channels);
}

/* Appends all that is there, and checks that it follows in time. */
void
filter_rig_pull (GstHarness *h, GArray *out, gint rate, guint channels)
{
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h))) {
    GstMapInfo map;

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        gst_util_uint64_scale (out->len / channels, GST_SECOND, rate));
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    g_array_append_vals (out, map.data, map.size / sizeof (gfloat));
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
}

GArray *
filter_rig_play (GstHarness *h, const gfloat *samples, guint frames,
    guint block, gint rate, guint channels)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));

  for (guint done = 0, n; done < frames; done += n) {
    n = MIN (block, frames - done);
    filter_rig_push (h, samples, done, n, rate, channels);
    filter_rig_pull (h, out, rate, channels);
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  filter_rig_pull (h, out, rate, channels);
  fail_unless_equals_int (out->len, frames * channels);
  return out;
}

static GArray *
play (const gchar *element, const gchar *settings, const gfloat *sound,
    guint frames, guint block, gint rate, gint channels)
{
  GstHarness *h = filter_rig_new (element, settings, rate, channels);
  GArray *out = filter_rig_play (h, sound, frames, block, rate, channels);

  gst_harness_teardown (h);
  return out;
}

void
filter_rig_check_splits (const gchar *element, const gchar *settings,
    const gfloat *sound, guint frames, gint rate, gint channels)
{
  const guint blocks[] = { 1024, 100, 64, 7 };
  const gsize bytes = (gsize) frames * channels * sizeof *sound;
  GArray *whole =
      play (element, settings, sound, frames, frames, rate, channels);

  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    GArray *out =
        play (element, settings, sound, frames, blocks[b], rate, channels);

    fail_unless (!memcmp (out->data, whole->data, bytes), "%s in blocks of %u",
        settings, blocks[b]);
    g_array_unref (out);
  }
  fail_if (!memcmp (whole->data, sound, bytes), "%s does nothing", settings);
  g_array_unref (whole);
}

void
filter_rig_check_bad_samples (const gchar *element, const gchar *settings,
    gfloat *sound, guint frames, gint rate)
{
  const gfloat bad[] = { NAN, INFINITY, -INFINITY };
  const gsize bytes = (gsize) frames * sizeof *sound;
  GArray *want, *out;

  memset (sound + 1000, 0, sizeof bad);
  want = play (element, settings, sound, frames, 1024, rate, 1);
  memcpy (sound + 1000, bad, sizeof bad);
  out = play (element, settings, sound, frames, 1024, rate, 1);
  memset (sound + 1000, 0, sizeof bad);
  fail_unless (!memcmp (out->data, want->data, bytes), "%s", settings);
  g_array_unref (out);
  g_array_unref (want);
}

gfloat *
filter_rig_noise (guint samples, gfloat peak, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  gfloat *made = g_new (gfloat, samples);

  for (guint i = 0; i < samples; i++)
    made[i] = peak * (gfloat) g_rand_double_range (rand, -1, 1);
  g_rand_free (rand);
  return made;
}

void
filter_rig_check_steps (GstHarness *h, GArray *out, guint frames, gint rate,
    gfloat most)
{
  gfloat largest = 0;
  guint at = 0;

  gst_harness_push_event (h, gst_event_new_eos ());
  filter_rig_pull (h, out, rate, 1);
  fail_unless_equals_int (out->len, frames);
  for (guint i = (guint) rate / 10; i < out->len; i++) {
    const gfloat step = fabsf (
        g_array_index (out, gfloat, i) - g_array_index (out, gfloat, i - 1));

    if (step > largest) {
      largest = step;
      at = i;
    }
  }
  fail_unless (largest < most, "a step of %g at frame %u", largest, at);
}

gdouble
filter_rig_rms_db (const gfloat *samples, guint first, guint frames)
{
  gdouble sum = 0;

  for (guint i = first; i < first + frames; i++)
    sum += samples[i] * samples[i];
  return 10 * log10 (sum / frames + 1e-30);
}
