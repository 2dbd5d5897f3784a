/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixlevel as an element: time, layouts, settings, two passes and messages. How
 * well it levels is tested in tests/dsp/dynamics and tests/quality. */
#include "filter_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000
/* Of the limiter: its look-ahead, and 30 frames and 1 ms at most for the search for
 * true peaks. */
#define LIMITER_MS 5
#define PEAK_FRAMES 30u

static GstHarness *
level_new (const gchar *settings, gint rate, gint channels, guint64 mask)
{
  return filter_rig_new_layout ("dmixlevel", settings, rate, channels, mask);
}

/* A tone of two parts; the second has its own level. The same in each channel. */
static gfloat *
tones (guint frames, gint rate, guint channels, gdouble first, gdouble second)
{
  gfloat *made = g_new (gfloat, (gsize) frames * channels);

  for (guint i = 0; i < frames; i++)
    for (guint c = 0; c < channels; c++)
      made[i * channels + c] = (gfloat) ((2 * i < frames ? first : second)
          * sin (2 * G_PI * 997 * i / rate));
  return made;
}

/* In every mode, at every rate, the latency that the query returns is the
 * measured one, and bypass leaves the input bit by bit, also where the stream
 * is shorter than the delay. */
GST_START_TEST (test_time)
{
  const gint rates[] = { 8000, 22050, 44100, 48000, 96000, 192000 };
  const struct
  {
    const gchar *settings;
    guint least_ms, most_ms;
  } modes[] = {
    { "lookahead=0", 0, LIMITER_MS },
    { "lookahead=100", 100, 100 + LIMITER_MS },
    { "lookahead=3000", 3000, 3000 + LIMITER_MS },
    { "mode=gain gain=3 lookahead=3000", 0, LIMITER_MS },
    { "mode=analyse lookahead=3000", 0, 0 },
  };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    for (guint m = 0; m < G_N_ELEMENTS (modes); m++) {
      gchar *settings = g_strconcat (modes[m].settings, " bypass=true", NULL);
      GstHarness *h = level_new (settings, rates[r], 2, 0);
      const guint frames = rates[r] / 4 + 77;
      gfloat *sound = filter_rig_noise (2 * frames, 0.9f, 1);
      GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
      guint delay;

      filter_rig_push (h, sound, 0, frames, rates[r], 2);
      filter_rig_pull (h, out, rates[r], 2);
      delay =
          (guint) gst_util_uint64_scale_round (gst_harness_query_latency (h),
              rates[r], GST_SECOND);
      fail_unless_equals_int (out->len / 2,
          delay < frames ? frames - delay : 0);
      fail_unless (delay >= modes[m].least_ms * rates[r] / 1000
              && delay <= modes[m].most_ms * rates[r] / 1000
                      + (modes[m].most_ms > 0 ? PEAK_FRAMES + rates[r] / 1000
                                              : 0),
          "%u frames at %d Hz, %s", delay, rates[r], settings);
      gst_harness_push_event (h, gst_event_new_eos ());
      filter_rig_pull (h, out, rates[r], 2);
      fail_unless_equals_int (out->len, 2 * frames);
      fail_unless (!memcmp (out->data, sound, out->len * sizeof (gfloat)),
          "%d Hz, %s", rates[r], settings);
      g_array_unref (out);
      g_free (sound);
      g_free (settings);
      gst_harness_teardown (h);
    }
}
GST_END_TEST

/* How the stream is cut changes no bit. */
GST_START_TEST (test_splits)
{
  const gchar *settings[] = {
    "anchor=programme",
    "anchor=programme lookahead=1000 ceiling=-12 speed=100",
    "anchor=programme lookahead=0",
    "mode=gain gain=7.5 ceiling=-6",
  };
  const guint frames = 3 * RATE / 2;
  gfloat *sound = tones (frames, RATE, 2, 0.05, 0.3);

  filter_rig_check_splits ("dmixlevel", settings[__i__], sound, frames, RATE,
      2);
  g_free (sound);
}
GST_END_TEST

/* NaN and Inf are silence and leave no trace. */
GST_START_TEST (test_bad_samples)
{
  const gchar *settings[] = {
    "anchor=programme",
    "anchor=dialogue speech-detector=learned",
    "anchor=dialogue speech-detector=statistical",
    "mode=gain gain=6",
    "anchor=programme lookahead=500",
  };
  gfloat *sound = tones (RATE, RATE, 1, 0.05, 0.3);

  for (guint s = 0; s < G_N_ELEMENTS (settings); s++)
    filter_rig_check_bad_samples ("dmixlevel", settings[s], sound, RATE, RATE);
  g_free (sound);
}
GST_END_TEST

typedef struct
{
  guint channels;
  guint64 mask;
  gint lfe; /* channel that does not count, or -1 */
} Layout;

static const Layout layouts[] = {
  { 1, 0, -1 },
  { 2, 0, -1 },
  { 3, 0x7, -1 },     /* L R C */
  { 6, 0x3f, 3 },     /* 5.1 */
  { 8, 0xc3f, 3 },    /* 7.1 */
  { 12, 0x2d63f, 3 }, /* 7.1.4 */
  { 7, 0, -1 },       /* without positions */
  { 64, 0, -1 },
};

/* The ratio of output and input at a frame. */
static gdouble
gain_at (const gfloat *out, const gfloat *in, guint sample)
{
  return out[sample] / (gdouble) in[sample];
}

/* All channels get the same gain, also the LFE, whose level does not move it. */
GST_START_TEST (test_layouts)
{
  const Layout *l = layouts + __i__;
  const guint frames = 6 * RATE, channels = l->channels;
  const gchar *settings = "anchor=programme lookahead=0 ceiling=20 speed=50";
  gfloat *sound = tones (frames, RATE, channels, 0.02, 0.02);
  GArray *out[2];
  guint peak = 5 * RATE;

  for (guint loud = 0; loud < 2; loud++) {
    GstHarness *h = level_new (settings, RATE, channels, l->mask);

    if (loud && l->lfe >= 0)
      for (guint i = 0; i < frames; i++)
        sound[i * channels + l->lfe] *= 20;
    out[loud] = filter_rig_play (h, sound, frames, 4096, RATE, channels);
    gst_harness_teardown (h);
  }
  while (fabsf (sound[peak * channels]) < 0.019f)
    peak++;
  for (guint c = 0; c < channels; c++) {
    const gdouble gain =
        gain_at ((gfloat *) out[1]->data, sound, peak * channels + c);
    const gdouble first =
        gain_at ((gfloat *) out[1]->data, sound, peak * channels);

    fail_unless (fabs (gain / first - 1) < 1e-5, "channel %u: %g for %g", c,
        gain, first);
    fail_unless (fabs (20 * log10 (gain)) > 1, "%g dB", 20 * log10 (gain));
    if ((gint) c != l->lfe) /* the other one has been scaled meanwhile */
      fail_unless_equals_float (((gfloat *) out[0]->data)[peak * channels + c],
          ((gfloat *) out[1]->data)[peak * channels + c]);
  }
  g_array_unref (out[0]);
  g_array_unref (out[1]);
  g_free (sound);
}
GST_END_TEST

/* A tone of -43 LUFS and then -30 in both channels: by 12 dB up, not more; the
 * louder half reaches the target within 0.3 LU, at the given speed. */
GST_START_TEST (test_levels)
{
  const guint frames = 40 * RATE;
  const gdouble low = pow (10, -43 / 20.0), high = pow (10, -30 / 20.0);
  GstHarness *h =
      level_new ("anchor=programme target=-23 lookahead=0", RATE, 2, 0);
  gfloat *sound = tones (frames, RATE, 2, low, high);
  GArray *out = filter_rig_play (h, sound, frames, 4800, RATE, 2);
  const gfloat *y = (gfloat *) out->data;

  /* Two channels of a sine of peak p have p^2 / 2 each: p in LUFS (997 Hz). */
  fail_unless (
      fabs (filter_rig_rms_db (y, 2 * 18 * RATE, 2 * RATE) + 3 - (-43 + 12))
      < 0.1);
  fail_unless (
      fabs (filter_rig_rms_db (y, 2 * 38 * RATE, 2 * RATE) + 3 + 23) < 0.3);
  /* 5 dB down at 6 dB/s: after 0.3 s not yet there */
  fail_unless (
      filter_rig_rms_db (y, 2 * (20 * RATE + RATE / 5), RATE / 5) + 3 > -21);
  g_array_unref (out);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* The last message of a run, or of a bus. */
static gdouble
last_value (GstBus *bus, const gchar *field)
{
  gdouble value = NAN;
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    gst_structure_get_double (gst_message_get_structure (message), field,
        &value);
    gst_message_unref (message);
  }
  return value;
}

static GstBus *
bus_of (GstHarness *h)
{
  GstElement *level = gst_harness_find_element (h, "dmixlevel");
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (level, bus);
  gst_object_unref (level);
  return bus;
}

static void
drop_bus (GstHarness *h, GstBus *bus)
{
  GstElement *level = gst_harness_find_element (h, "dmixlevel");

  gst_element_set_bus (level, NULL);
  gst_object_unref (level);
  gst_object_unref (bus);
}

/* The first pass leaves each bit and tells the gain; the second is the input
 * times it, rounded once, and has the target. */
GST_START_TEST (test_two_passes)
{
  const guint frames = 5 * RATE;
  gfloat *sound = tones (frames, RATE, 1, 0.01, 0.01);
  GstHarness *h =
      level_new ("mode=analyse anchor=programme target=-20", RATE, 1, 0);
  GstBus *bus = bus_of (h);
  GArray *out = filter_rig_play (h, sound, frames, 1024, RATE, 1);
  const gdouble gain_db = last_value (bus, "gain");
  const gfloat gain = (gfloat) pow (10, gain_db / 20);
  gchar *settings =
      g_strdup_printf ("mode=gain ceiling=20 gain=%.17g", gain_db);

  fail_unless (!memcmp (out->data, sound, frames * sizeof *sound));
  /* a mono sine of peak 0.01 is -40 dB, -3 for its RMS: -43.01 LUFS */
  fail_unless (fabs (gain_db - 23.01) < 0.05, "%g dB", gain_db);
  g_array_unref (out);
  drop_bus (h, bus);
  gst_harness_teardown (h);
  h = level_new (settings, RATE, 1, 0);
  out = filter_rig_play (h, sound, frames, 1024, RATE, 1);
  for (guint i = 0; i < frames; i++)
    if (g_array_index (out, gfloat, i) != sound[i] * gain)
      fail ("frame %u: %g for %g", i, g_array_index (out, gfloat, i),
          sound[i] * gain);
  g_array_unref (out);
  g_free (settings);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Sends sound of a level; returns the gain that the analysis wants then. */
static gdouble
analysed (GstHarness *h, GstBus *bus, guint64 *at, gdouble peak, gint rate,
    gint channels)
{
  gfloat *sound = tones (5 * rate, rate, channels, peak, peak);

  for (guint i = 0; i < 5 * (guint) rate; i += rate / 10)
    filter_rig_push_at (h, *at + i, sound + i * channels, rate / 10, rate,
        channels);
  *at += 5 * rate;
  g_free (sound);
  return last_value (bus, "gain");
}

/* A seek and a change of format continue the measurement of a programme;
 * another stream begins another one. */
GST_START_TEST (test_analysis_continues)
{
  GstHarness *h =
      level_new ("mode=analyse anchor=programme target=-20", RATE, 1, 0);
  GstBus *bus = bus_of (h);
  GstSegment segment;
  guint64 at = 0;
  const gdouble loud = analysed (h, bus, &at, 0.1, RATE, 1);
  gdouble both;

  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  at = 0;
  both = analysed (h, bus, &at, 0.05, RATE, 1);
  /* energy mean of 0.1 and 0.05: 10 log (1.25 / 2) under the first */
  fail_unless (fabs (both - loud - 2.04) < 0.1, "%g, then %g dB", loud, both);

  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=24000,channels=2,channel-mask=("
               "bitmask)0x3");
  at = 5 * 24000;
  /* 5 s more of 0.1 in two channels: (1 + .25 + 2) / 3 of the first */
  both = analysed (h, bus, &at, 0.1, 24000, 2);
  fail_unless (fabs (both - loud + 0.35) < 0.1, "%g, then %g dB", loud, both);

  gst_harness_push_event (h, gst_event_new_stream_start ("another"));
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  both = analysed (h, bus, &at, 0.01, 24000, 2);
  fail_unless (fabs (both - 20) < 0.1, "another programme: %g dB", both);
  drop_bus (h, bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* After a flush the output is the one of a new stream, to the bit. */
GST_START_TEST (test_flush)
{
  const gchar *settings = "anchor=programme lookahead=300 ceiling=-9";
  gfloat *loud = filter_rig_noise (4 * RATE, 1.0f, 7);
  gfloat *sound = tones (2 * RATE, RATE, 2, 0.02, 0.3);
  GstHarness *h = level_new (settings, RATE, 2, 0);
  GArray *want = filter_rig_play (h, sound, 2 * RATE, 1000, RATE, 2);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstSegment segment;
  GstBuffer *buffer;

  gst_harness_teardown (h);
  h = level_new (settings, RATE, 2, 0);
  filter_rig_push (h, loud, 0, 2 * RATE, RATE, 2);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  while ((buffer = gst_harness_try_pull (h)))
    gst_buffer_unref (buffer);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  for (guint i = 0; i < 2 * RATE; i += 1000)
    filter_rig_push (h, sound, i, 1000, RATE, 2);
  gst_harness_push_event (h, gst_event_new_eos ());
  filter_rig_pull (h, out, RATE, 2);
  fail_unless_equals_int (out->len, want->len);
  fail_unless (!memcmp (out->data, want->data, out->len * sizeof (gfloat)));
  g_array_unref (want);
  g_array_unref (out);
  g_free (loud);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Properties that change while playing glide: no step in the output is larger
 * than the sound's own times the gain, and no frame is lost. */
GST_START_TEST (test_changes_while_playing)
{
  const gchar *changes[][2] = { { "bypass", "true" }, { "bypass", "false" },
    { "target", "-50" }, { "max-cut", "0" }, { "anchor", "dialogue" },
    { "ceiling", "-40" }, { "ceiling", "20" }, { "anchor", "programme" },
    { "speed", "100" }, { "gate", "0" }, { "speech-detector", "statistical" },
    { "speech-detector", "learned" } };
  const gchar *fixed[][2] = { { "gain", "-20" }, { "bypass", "true" },
    { "gain", "0" }, { "bypass", "false" }, { "ceiling", "-40" },
    { "ceiling", "20" } };
  const gboolean rides = __i__ == 0;
  const guint count = rides ? G_N_ELEMENTS (changes) : G_N_ELEMENTS (fixed);
  const guint part = RATE / 2, frames = (count + 2) * part;
  GstHarness *h =
      level_new (rides ? "anchor=programme target=-30 lookahead=0 ceiling=20"
                       : "mode=gain gain=0 ceiling=20",
          RATE, 1, 0);
  GstElement *level = gst_harness_find_element (h, "dmixlevel");
  const gdouble w = 2 * G_PI * 200 / RATE;
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  gfloat *tone = g_new (gfloat, frames);

  for (guint i = 0; i < frames; i++)
    tone[i] = 0.1f * (gfloat) sin (w * i);
  for (guint i = 0; i < frames; i += 480) {
    const guint n = i / part;

    if (i % part == 0 && n >= 2) {
      const gchar **change = rides ? changes[n - 2] : fixed[n - 2];

      gst_util_set_object_arg (G_OBJECT (level), change[0], change[1]);
    }
    filter_rig_push (h, tone, i, 480, RATE, 1);
    filter_rig_pull (h, out, RATE, 1);
  }
  /* The gain never exceeds 0 dB here; the glides take 50 ms (bypass) or 5 ms
   * (the limiter), which adds .1 / 240 to the step of the tone. */
  filter_rig_check_steps (h, out, frames, RATE, 0.1f * (gfloat) w + 0.1f / 200);
  gst_object_unref (level);
  g_array_unref (out);
  g_free (tone);
  gst_harness_teardown (h);
}
GST_END_TEST

/* From READY the mode can change; the delay and the output follow. */
GST_START_TEST (test_mode_from_ready)
{
  GstHarness *h = level_new ("mode=analyse lookahead=1000", RATE, 1, 0);
  GstElement *level = gst_harness_find_element (h, "dmixlevel");
  gfloat *sound = tones (RATE, RATE, 1, 0.1, 0.1);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));

  filter_rig_push (h, sound, 0, RATE, RATE, 1);
  filter_rig_pull (h, out, RATE, 1);
  fail_unless_equals_int (out->len, RATE);
  fail_unless_equals_uint64 (gst_harness_query_latency (h), 0);
  gst_element_set_state (level, GST_STATE_READY);
  gst_util_set_object_arg (G_OBJECT (level), "mode", "live");
  gst_harness_play (h);
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=48000,channels=1");
  filter_rig_push (h, sound, 0, RATE, RATE, 1);
  fail_unless (gst_harness_query_latency (h) >= GST_SECOND);
  gst_object_unref (level);
  g_array_unref (out);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* In each mode messages follow each other without a hole up to the end, and
 * carry the fields that the documentation lists. */
GST_START_TEST (test_messages)
{
  static const gchar *fields[][5] = {
    { "loudness", "gain", "limiter", "speech" },
    { "loudness", "gain", "true-peak", "speech" },
    { "gain", "limiter" },
  };
  const gchar *modes[] = { "live lookahead=700", "analyse", "gain gain=-3" };
  const guint frames = 4 * RATE + 777;
  gfloat *sound = tones (frames, RATE, 2, 0.05, 0.5);
  gchar *settings =
      g_strdup_printf ("anchor=programme interval=50000000 mode=%s ceiling=-12",
          modes[__i__]);
  GstHarness *h = level_new (settings, RATE, 2, 0);
  GstBus *bus = bus_of (h);
  GArray *out = filter_rig_play (h, sound, frames, 1013, RATE, 2);
  guint64 next = 0;
  gdouble limiter = 0;
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 timestamp, duration;
    gdouble value;

    fail_unless (gst_structure_has_name (s, "dmixlevel"));
    fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
        "duration", G_TYPE_UINT64, &duration, NULL));
    fail_unless_equals_uint64 (timestamp, next);
    next += duration;
    for (guint f = 0; fields[__i__][f]; f++)
      fail_unless (gst_structure_get_double (s, fields[__i__][f], &value), "%s",
          fields[__i__][f]);
    if (gst_structure_get_double (s, "limiter", &value))
      limiter = MIN (limiter, value);
    gst_message_unref (message);
  }
  fail_unless_equals_uint64 (next,
      gst_util_uint64_scale (frames, GST_SECOND, RATE));
  /* gain -3: from -6 to -12 dBTP, of -9 dB 3 are the limiter's */
  if (__i__ == 2)
    fail_unless (limiter < -2.5 && limiter > -4, "limiter %g dB", limiter);
  drop_bus (h, bus);
  g_array_unref (out);
  g_free (settings);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

static Suite *
dmixlevel_suite (void)
{
  Suite *suite = suite_create ("dmixlevel");
  TCase *tc = tcase_create ("general");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_time);
  tcase_add_loop_test (tc, test_splits, 0, 4);
  tcase_add_test (tc, test_bad_samples);
  tcase_add_loop_test (tc, test_layouts, 0, G_N_ELEMENTS (layouts));
  tcase_add_test (tc, test_levels);
  tcase_add_test (tc, test_two_passes);
  tcase_add_test (tc, test_analysis_continues);
  tcase_add_test (tc, test_flush);
  tcase_add_loop_test (tc, test_changes_while_playing, 0, 2);
  tcase_add_test (tc, test_mode_from_ready);
  tcase_add_loop_test (tc, test_messages, 0, 3);
  return suite;
}

GST_CHECK_MAIN (dmixlevel)
