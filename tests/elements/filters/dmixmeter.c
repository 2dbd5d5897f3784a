/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixmeter as an element: sound passes unchanged, the figures do not depend on
 * buffers and interval, and the measurement continues with the programme. The figures themselves are tested in tests/dsp. */
#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <math.h>
#include <string.h>

#include "voices.h"

typedef struct
{
  GstHarness *h;
  GstBus *bus;
  gint rate, channels;
  guint64 frame; /* next to be pushed */
} Rig;

static void
set_caps (Rig *rig, gint rate, gint channels, guint64 mask)
{
  gchar *caps =
      g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                           F32) ",layout=interleaved,rate=%d,channels=%d,"
                                "channel-mask=(bitmask)0x%" G_GINT64_MODIFIER
                                "x",
          rate, channels, mask);

  rig->rate = rate;
  rig->channels = channels;
  gst_harness_set_src_caps_str (rig->h, caps);
  g_free (caps);
}

static Rig
new_rig (const gchar *settings, gint rate)
{
  gchar *launch = g_strdup_printf ("dmixmeter %s", settings);
  Rig rig = { .h = gst_harness_new_parse (launch), .bus = gst_bus_new () };
  GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");

  gst_element_set_bus (meter, rig.bus);
  gst_object_unref (meter);
  set_caps (&rig, rate, 2, 0x3);
  g_free (launch);
  return rig;
}

static void
free_rig (Rig *rig)
{
  GstElement *meter = gst_harness_find_element (rig->h, "dmixmeter");

  gst_element_set_bus (meter, NULL);
  gst_object_unref (meter);
  gst_harness_teardown (rig->h);
  gst_object_unref (rig->bus);
}

static GstBuffer *
make_buffer (Rig *rig, const gfloat *samples, guint frames)
{
  GstBuffer *buffer =
      gst_buffer_new_memdup (samples, frames * rig->channels * sizeof (gfloat));

  GST_BUFFER_PTS (buffer) =
      gst_util_uint64_scale (rig->frame, GST_SECOND, rig->rate);
  rig->frame += frames;
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (rig->frame, GST_SECOND, rig->rate)
      - GST_BUFFER_PTS (buffer);
  return buffer;
}

/* 1 kHz in all channels; -200 dB: silence. */
static void
play (Rig *rig, gdouble seconds, gdouble peak_db, guint block)
{
  const guint frames = (guint) (seconds * rig->rate + 0.5);
  const gdouble peak = peak_db <= -200 ? 0 : pow (10, peak_db / 20);
  gfloat *samples = g_new (gfloat, (gsize) frames * rig->channels);

  for (guint i = 0; i < frames * rig->channels; i++)
    samples[i] = (gfloat) (peak
        * sin (2 * G_PI * 1000 * (i / rig->channels) / rig->rate));
  for (guint done = 0, n; done < frames; done += n) {
    n = MIN (block, frames - done);
    fail_unless_equals_int (gst_harness_push (rig->h,
                                make_buffer (rig,
                                    samples + done * rig->channels, n)),
        GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (rig->h));
  }
  g_free (samples);
}

/* The last message, all others are dropped; count: how many there were. */
static GstStructure *
last_message (Rig *rig, guint *count)
{
  GstStructure *last = NULL;
  GstMessage *message;

  if (count)
    *count = 0;
  while ((message = gst_bus_pop (rig->bus))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
      fail_unless (gst_structure_has_name (s, "dmixmeter"));
      g_clear_pointer (&last, gst_structure_free);
      last = gst_structure_copy (s);
      if (count)
        (*count)++;
    }
    gst_message_unref (message);
  }
  return last;
}

static gdouble
number (const GstStructure *s, const gchar *field)
{
  gdouble value;

  fail_unless (gst_structure_get_double (s, field, &value), "%s", field);
  return value;
}

static gdouble
true_peak (const GstStructure *s, guint channel)
{
  return g_value_get_double (
      gst_value_array_get_value (gst_structure_get_value (s, "true-peak"),
          channel));
}

static gdouble
integrated_at_end (Rig *rig)
{
  GstStructure *s;
  gdouble value;

  gst_harness_push_event (rig->h, gst_event_new_eos ());
  s = last_message (rig, NULL);
  fail_unless (s != NULL);
  value = number (s, "integrated");
  gst_structure_free (s);
  return value;
}

static void
assert_near (gdouble value, gdouble want)
{
  fail_unless (fabs (value - want) <= 0.05, "%f instead of %f", value, want);
}

/*** sound ***/

/* Every bit passes with its timestamp and without delay; NaN and infinite samples
 * become 0, and shared buffers are not written to. */
GST_START_TEST (test_untouched)
{
  const gint rates[] = { 8000, 44100, 48000, 192000 };
  gfloat sound[64] = { -0.0f, 1e-40f, -1e-45f, 1e30f, -3e38f, 1.5f, -1.0f };

  for (guint i = 7; i < 64; i++)
    sound[i] = (gfloat) g_random_double_range (-2, 2);
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    Rig rig = new_rig ("", rates[r]);

    for (guint b = 0; b < 50; b++) {
      GstBuffer *in = make_buffer (&rig, sound, 32), *out;
      const GstClockTime pts = GST_BUFFER_PTS (in);

      gst_harness_push (rig.h, gst_buffer_ref (in));
      out = gst_harness_pull (rig.h);
      fail_unless_equals_uint64 (GST_BUFFER_PTS (out), pts);
      fail_unless (gst_buffer_memcmp (out, 0, sound, sizeof sound) == 0);
      fail_unless (gst_buffer_memcmp (in, 0, sound, sizeof sound) == 0);
      gst_buffer_unref (out);
      gst_buffer_unref (in);
    }
    fail_unless_equals_uint64 (gst_harness_query_latency (rig.h), 0);
    free_rig (&rig);
  }
}
GST_END_TEST

GST_START_TEST (test_no_number)
{
  gfloat sound[8] = { NAN, 0.5f, INFINITY, -0.5f, -INFINITY, 0.25f, 1, NAN };
  const gfloat want[8] = { 0, 0.5f, 0, -0.5f, 0, 0.25f, 1, 0 };
  Rig rig = new_rig ("", 48000);
  GstBuffer *in = make_buffer (&rig, sound, 4), *out;

  gst_harness_push (rig.h, gst_buffer_ref (in));
  out = gst_harness_pull (rig.h);
  fail_unless (gst_buffer_memcmp (out, 0, want, sizeof want) == 0);
  fail_unless (gst_buffer_memcmp (in, 0, sound, sizeof sound) == 0);
  gst_buffer_unref (in);
  gst_buffer_unref (out);
  play (&rig, 2, -23, 480);
  assert_near (integrated_at_end (&rig), -23);
  free_rig (&rig);
}
GST_END_TEST

/*** messages ***/

GST_START_TEST (test_fields)
{
  const gchar *numbers[] = {
    "momentary",
    "shortterm",
    "integrated",
    "range",
    "max-momentary",
    "max-shortterm",
  };
  const gchar *times[] = {
    "timestamp",
    "stream-time",
    "running-time",
    "duration",
  };
  Rig rig = new_rig ("interval=250000000", 48000);
  GstStructure *s;
  guint count;
  guint64 time;

  play (&rig, 4, -23, 1000);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  s = last_message (&rig, &count);
  fail_unless_equals_int (count, 17); /* the last one is about the whole file */
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    fail_unless (isfinite (number (s, numbers[i])), "%s", numbers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    fail_unless (gst_structure_get_uint64 (s, times[i], &time));
  fail_unless_equals_uint64 (time, 0);
  gst_structure_get_uint64 (s, "timestamp", &time);
  fail_unless_equals_uint64 (time, 4 * GST_SECOND);
  assert_near (number (s, "momentary"), -23);
  assert_near (number (s, "shortterm"), -23);
  assert_near (number (s, "integrated"), -23);
  assert_near (number (s, "max-momentary"), -23);
  assert_near (number (s, "max-shortterm"), -23);
  fail_unless_equals_int (gst_value_array_get_size (
                              gst_structure_get_value (s, "true-peak")),
      2);
  assert_near (true_peak (s, 0), -23);
  assert_near (true_peak (s, 1), -23);
  gst_structure_free (s);
  free_rig (&rig);
}
GST_END_TEST

/* EBU Tech 3341 case 13, with buffers and intervals of any length: a meter
 * that looks only when it posts would miss up to 0.5 LU. */
GST_START_TEST (test_any_buffers_and_interval)
{
  const guint blocks[] = { 64, 441, 1024, 100000 };
  const gchar *intervals[] = {
    "interval=7000000",
    "interval=100000000",
    "interval=333333333",
    "interval=3600000000000",
  };

  for (guint i = 0; i < 20; i++) {
    Rig rig = new_rig (intervals[i / 5], i % 3 ? 48000 : 44100);
    GstStructure *s;

    play (&rig, i * 0.02, -200, blocks[i % 4]);
    play (&rig, 0.4, -23, blocks[i % 4]);
    play (&rig, 1, -200, blocks[i % 4]);
    gst_harness_push_event (rig.h, gst_event_new_eos ());
    s = last_message (&rig, NULL);
    assert_near (number (s, "max-momentary"), -23);
    gst_structure_free (s);
    free_rig (&rig);
  }
}
GST_END_TEST

GST_START_TEST (test_no_messages)
{
  Rig rig = new_rig ("post-messages=false", 48000);
  GstStructure *s;
  guint count;

  play (&rig, 1, -23, 480);
  s = last_message (&rig, &count);
  fail_unless (s == NULL && count == 0);
  free_rig (&rig);
}
GST_END_TEST

/* EBU Tech 3341 case 6: the weights of 5.1, LFE left out. */
GST_START_TEST (test_surround)
{
  const gdouble peak_db[] = { -28, -28, -24, -6, -30, -30 };
  Rig rig = new_rig ("", 48000);
  gfloat *sound = g_new (gfloat, 6 * 48000);

  set_caps (&rig, 48000, 6, 0x3f);
  for (guint i = 0; i < 6 * 48000; i++)
    sound[i] = (gfloat) (pow (10, peak_db[i % 6] / 20)
        * sin (2 * G_PI * 1000 * (i / 6) / 48000));
  for (guint second = 0; second < 20; second++) {
    gst_harness_push (rig.h, make_buffer (&rig, sound, 48000));
    gst_buffer_unref (gst_harness_pull (rig.h));
  }
  assert_near (integrated_at_end (&rig), -23);
  g_free (sound);
  free_rig (&rig);
}
GST_END_TEST

/*** where a programme goes on and where it begins ***/

static void
flush (Rig *rig)
{
  GstSegment segment;

  gst_harness_push_event (rig->h, gst_event_new_flush_start ());
  gst_harness_push_event (rig->h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (rig->h, gst_event_new_segment (&segment));
}

/* EBU Tech 3341 case 5, with a flush, a jump, new caps or nothing between its
 * parts: the integrated loudness is that of all. */
GST_START_TEST (test_programme_goes_on)
{
  for (guint kind = 0; kind < 4; kind++) {
    Rig rig = new_rig ("", 48000);

    play (&rig, 20, -26, 480);
    play (&rig, 20.1, -20, 480);
    if (kind == 1)
      flush (&rig);
    if (kind == 2)
      rig.frame += 480000;
    if (kind == 3)
      set_caps (&rig, 44100, 2, 0x3);
    if (kind == 3)
      rig.frame = (guint64) (rig.frame * 44100.0 / 48000);
    play (&rig, 20, -26, 480);
    assert_near (integrated_at_end (&rig), -23);
    free_rig (&rig);
  }
}
GST_END_TEST

/* A window does not span a flush: nothing is heard before 400 ms are full. */
GST_START_TEST (test_windows_after_flush)
{
  Rig rig = new_rig ("interval=50000000", 48000);
  GstStructure *s;

  play (&rig, 5, -20, 480);
  flush (&rig);
  gst_structure_free (last_message (&rig, NULL));
  play (&rig, 0.4, -40, 480);
  s = last_message (&rig, NULL);
  assert_near (number (s, "momentary"), -40);
  assert_near (number (s, "max-momentary"), -20);
  gst_structure_free (s);
  free_rig (&rig);
}
GST_END_TEST

GST_START_TEST (test_reset)
{
  for (guint by_state = 0; by_state < 2; by_state++) {
    Rig rig = new_rig ("", 48000);
    GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");
    GstStructure *s;

    play (&rig, 5, -10, 480);
    if (by_state) {
      gst_element_set_state (meter, GST_STATE_READY);
      gst_element_set_state (meter, GST_STATE_PLAYING);
      set_caps (&rig, 48000, 2, 0x3);
      flush (&rig);
    } else {
      g_signal_emit_by_name (meter, "reset");
    }
    play (&rig, 5, -23, 480);
    gst_harness_push_event (rig.h, gst_event_new_eos ());
    s = last_message (&rig, NULL);
    assert_near (number (s, "integrated"), -23);
    assert_near (number (s, "max-momentary"), -23);
    assert_near (true_peak (s, 1), -23);
    gst_structure_free (s);
    gst_object_unref (meter);
    free_rig (&rig);
  }
}
GST_END_TEST

/* The signal judges as the message of a meter with that specification does. */
GST_START_TEST (test_judge)
{
  static const gchar *const names[] = { "r128", "a85", "netflix", "podcast",
    "td1008" };
  Rig rig = new_rig ("dialogue=both", 48000);
  GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");
  GstStructure *s = NULL;

  g_signal_emit_by_name (meter, "judge", "r128", &s);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "none");
  gst_structure_free (s);
  play (&rig, 5, -23, 480);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gchar *settings =
        g_strdup_printf ("dialogue=both specification=%s", names[i]);
    Rig other = new_rig (settings, 48000);
    GstStructure *wanted;

    play (&other, 5, -23, 480);
    gst_harness_push_event (other.h, gst_event_new_eos ());
    wanted = last_message (&other, NULL);
    g_signal_emit_by_name (meter, "judge", names[i], &s);
    fail_unless_equals_string (gst_structure_get_string (s, "verdict"),
        gst_structure_get_string (wanted, "verdict"));
    fail_unless_equals_string (gst_structure_get_string (s, "verdict-text"),
        gst_structure_get_string (wanted, "verdict-text"));
    gst_structure_free (s);
    gst_structure_free (wanted);
    free_rig (&other);
    g_free (settings);
  }
  g_signal_emit_by_name (meter, "judge", "nonsense", &s);
  fail_unless (s == NULL);
  gst_object_unref (meter);
  free_rig (&rig);
}
GST_END_TEST

/* What passes in bypass is not measured. */
GST_START_TEST (test_bypass)
{
  Rig rig = new_rig ("", 48000);
  GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");

  play (&rig, 5, -23, 480);
  g_object_set (meter, "bypass", TRUE, NULL);
  play (&rig, 5, -10, 480);
  g_object_set (meter, "bypass", FALSE, NULL);
  play (&rig, 5, -23, 480);
  assert_near (integrated_at_end (&rig), -23);
  gst_object_unref (meter);
  free_rig (&rig);
}
GST_END_TEST

/*** verdicts ***/

static void
check_verdict (const gchar *preset, gdouble level, gdouble click,
    const gchar *want)
{
  gchar *settings = g_strconcat ("specification=", preset, NULL);
  Rig rig = new_rig (settings, 48000);
  GstStructure *s;

  play (&rig, 5, level, 480);
  play (&rig, 0.001, click, 480); /* a period of it, hardly heard */
  play (&rig, 10, level, 480);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  s = last_message (&rig, NULL);
  fail_unless_equals_string (gst_structure_get_string (s, "specification"),
      preset);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), want);
  fail_unless (gst_structure_get_string (s, "verdict-text") != NULL);
  gst_structure_free (s);
  free_rig (&rig);
  g_free (settings);
}

GST_START_TEST (test_verdict)
{
  static const struct
  {
    const gchar *preset;
    gdouble target, tolerance, peak;
  } specs[] = {
    { "r128", -23, 0.5, -1 },
    { "a85", -24, 2, -2 },
    { "netflix", -27, 2, -2 },
    { "streaming", -14, 1, -1 },
    { "podcast", -16, 1, -1 },
    { "r128-s1", -23, 0.5, -1 },
    { "r128-s4", -23, 0.5, -1 }, /* the rest: with dialogue, below */
    { "a85-anchor", -24, 2, -2 },
    { "td1008", -18, 2, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    const gdouble inside = specs[i].tolerance - 0.2;
    const gdouble outside = specs[i].tolerance + 0.2;
    const gdouble target = specs[i].target, peak = specs[i].peak;

    check_verdict (specs[i].preset, target, peak - 2, "pass");
    check_verdict (specs[i].preset, target + inside, peak - 2, "pass");
    check_verdict (specs[i].preset, target - inside, peak - 2, "pass");
    check_verdict (specs[i].preset, target + outside, peak - 2, "fail");
    check_verdict (specs[i].preset, target - outside, peak - 2, "fail");
    check_verdict (specs[i].preset, target, peak + 0.5, "fail");
  }
  check_verdict ("r128", -200, -200, "none");
}
GST_END_TEST

/* Short form: with 2 s at -12 LUFS the programme may be right, its short-term
 * loudness is not. */
GST_START_TEST (test_short_form)
{
  Rig rig = new_rig ("specification=r128-s1", 48000);
  GstStructure *s;

  play (&rig, 25, -27.1, 480);
  play (&rig, 3, -14.6, 480);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  s = last_message (&rig, NULL);
  assert_near (number (s, "max-shortterm"), -14.6);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "fail");
  fail_unless (strstr (gst_structure_get_string (s, "verdict-text"),
      "lower the loudest passages by 0.4 dB"));
  gst_structure_free (s);
  free_rig (&rig);
}
GST_END_TEST

/*** dialogue ***/

#define VOICE_SECONDS 12

/* A voice from 2 to 5 and from 7 to 10 s over a hiss, left and right. */
static gfloat *
make_voice (guint rate, gdouble gain)
{
  const gsize frames = VOICE_SECONDS * rate;
  gfloat *mono = g_new (gfloat, frames), *out = g_new (gfloat, 2 * frames);

  fill_noise (mono, frames, 0.003, 1);
  add_speech (mono, 2 * rate, 3, rate, 1);
  add_speech (mono, 7 * rate, 3, rate, 1);
  for (gsize i = 0; i < frames; i++)
    out[2 * i] = out[2 * i + 1] = (gfloat) gain * mono[i];
  g_free (mono);
  return out;
}

typedef struct
{
  GstClockTime at[8]; /* start, stop, start, ... */
  guint changes;
  GstStructure *last;
  GString
      *flags; /* of each second: share of buffers with the flag, in tenths */
} Speech;

static void
collect_speech (Rig *rig, Speech *speech)
{
  GstMessage *message;

  while ((message = gst_bus_pop (rig->bus))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT) {
      gst_message_unref (message);
      continue;
    }
    if (gst_structure_has_name (s, "dmixmeter")) {
      g_clear_pointer (&speech->last, gst_structure_free);
      speech->last = gst_structure_copy (s);
    } else {
      GstClockTime running_time;

      fail_unless (gst_structure_has_name (s,
          speech->changes % 2 ? "speech-stop" : "speech-start"));
      fail_unless (speech->changes < G_N_ELEMENTS (speech->at));
      fail_unless (gst_structure_get_uint64 (s, "stream-time",
          &speech->at[speech->changes]));
      fail_unless (gst_structure_get_uint64 (s, "running-time", &running_time));
      fail_unless_equals_uint64 (running_time, speech->at[speech->changes]);
      speech->changes++;
    }
    gst_message_unref (message);
  }
}

static Speech
play_voice (const gchar *settings, guint block, gdouble gain)
{
  const guint rate = 48000;
  Rig rig = new_rig (settings, rate);
  gfloat *voice = make_voice (rate, gain);
  Speech speech = { .flags = g_string_new (NULL) };
  guint with = 0, all = 0;

  for (guint done = 0, n; done < VOICE_SECONDS * rate; done += n) {
    GstAudioLevelMeta *meta;
    GstBuffer *out;

    n = MIN (block, VOICE_SECONDS * rate - done);
    fail_unless_equals_int (gst_harness_push (rig.h,
                                make_buffer (&rig, voice + 2 * done, n)),
        GST_FLOW_OK);
    out = gst_harness_pull (rig.h);
    meta = gst_buffer_get_audio_level_meta (out);
    with += meta && meta->voice_activity;
    all++;
    if (meta && !meta->voice_activity && n >= 480 && gain == 1)
      fail_unless (meta->level > 20 && meta->level < 60, "%u", meta->level);
    if ((done + n) / rate > done / rate) {
      g_string_append_c (speech.flags, (gchar) ('0' + 9 * with / all));
      with = all = 0;
    }
    gst_buffer_unref (out);
    collect_speech (&rig, &speech);
  }
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  collect_speech (&rig, &speech);
  g_free (voice);
  free_rig (&rig);
  return speech;
}

static void
clear_speech (Speech *speech)
{
  g_clear_pointer (&speech->last, gst_structure_free);
  g_string_free (speech->flags, TRUE);
}

/* The figures, the messages and the flags of a voice, for buffers of any
 * length. */
GST_START_TEST (test_dialogue)
{
  const guint blocks[] = { 480, 441, 4800, 17 };
  GstClockTime changed[8] = { 0 };
  gdouble loudness = 0;

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++) {
    const gdouble want[] = { 2, 4, 7, 9 }, most[] = { 2.15, 5.25, 7.15, 10.25 };
    Speech speech = play_voice ("dialogue=both", blocks[i], 1);

    fail_unless_equals_int (speech.changes, 4);
    for (guint k = 0; k < 4; k++) {
      fail_unless (speech.at[k] >= want[k] * GST_SECOND);
      fail_unless (speech.at[k] <= most[k] * GST_SECOND,
          "%u: %" GST_TIME_FORMAT, k, GST_TIME_ARGS (speech.at[k]));
      if (i > 0)
        fail_unless_equals_uint64 (speech.at[k], changed[k]);
    }
    memcpy (changed, speech.at, sizeof changed);
    fail_unless (ABS (number (speech.last, "speech-share") - 50) < 4);
    fail_unless (number (speech.last, "dialogue-loudness") < -10);
    fail_unless (number (speech.last, "dialogue-range") < 2);
    assert_near (number (speech.last, "ldr"),
        number (speech.last, "integrated")
            - number (speech.last, "dialogue-loudness"));
    fail_unless (ABS (number (speech.last, "speech-loudness")
                     - number (speech.last, "dialogue-loudness"))
        < 0.5);
    if (i > 0)
      assert_near (number (speech.last, "dialogue-loudness"), loudness);
    loudness = number (speech.last, "dialogue-loudness");
    fail_unless (speech.flags->str[0] == '0' && speech.flags->str[3] == '9'
            && speech.flags->str[8] == '9' && speech.flags->str[11] == '0',
        "%s", speech.flags->str);
    clear_speech (&speech);
  }
}
GST_END_TEST

/* Without dialogue: no meta, no messages, no fields; with gated alone no
 * loudness of the speech; without messages still the meta. */
GST_START_TEST (test_dialogue_off)
{
  Speech off = play_voice ("", 480, 1);
  Speech gated = play_voice ("dialogue=gated", 480, 1);
  Speech silent = play_voice ("dialogue=both post-messages=false", 480, 1);

  fail_unless_equals_int (off.changes, 0);
  fail_unless_equals_string (off.flags->str, "000000000000");
  fail_if (gst_structure_has_field (off.last, "dialogue-loudness"));
  fail_unless_equals_int (gated.changes, 4);
  fail_unless (gst_structure_has_field (gated.last, "dialogue-loudness"));
  fail_if (gst_structure_has_field (gated.last, "speech-loudness"));
  fail_unless_equals_int (silent.changes, 0);
  fail_unless (silent.last == NULL);
  fail_unless_equals_string (silent.flags->str, gated.flags->str);
  clear_speech (&off);
  clear_speech (&gated);
  clear_speech (&silent);
}
GST_END_TEST

/* Rules for dialogue look at the dialogue of a mix: the gain that the text asks
 * for makes it pass. */
GST_START_TEST (test_dialogue_verdict)
{
  const gchar *presets[] = { "netflix", "a85-anchor", "td1008" };
  const gdouble target[] = { -27, -24, -18 };

  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    gchar *settings =
        g_strdup_printf ("dialogue=gated specification=%s", presets[i]);
    Speech loud = play_voice (settings, 480, 4), right;
    const gdouble off = number (loud.last, "dialogue-loudness") - target[i];
    gchar *text = g_strdup_printf ("lower by %.1f dB", off);

    fail_unless_equals_string (gst_structure_get_string (loud.last, "verdict"),
        "fail");
    fail_unless (
        strstr (gst_structure_get_string (loud.last, "verdict-text"), text));
    right = play_voice (settings, 480, 4 * pow (10, -off / 20));
    fail_unless_equals_string (gst_structure_get_string (right.last, "verdict"),
        "pass");
    clear_speech (&loud);
    clear_speech (&right);
    g_free (text);
    g_free (settings);
  }
}
GST_END_TEST

/* Netflix: with less than 15 % of speech the programme is measured instead, and
 * has to be at -24 LUFS. */
GST_START_TEST (test_little_speech)
{
  const gdouble level[] = { -24, -27 };

  for (guint i = 0; i < 2; i++) {
    Rig rig = new_rig ("specification=netflix dialogue=gated", 48000);
    GstStructure *s;

    play (&rig, 20, level[i], 480);
    gst_harness_push_event (rig.h, gst_event_new_eos ());
    s = last_message (&rig, NULL);
    fail_unless (number (s, "speech-share") < 15);
    fail_unless_equals_string (gst_structure_get_string (s, "verdict"),
        i == 0 ? "pass" : "fail");
    if (i == 1)
      fail_unless (strstr (gst_structure_get_string (s, "verdict-text"),
          "too little speech for a dialogue loudness; programme -27.0 LUFS "
          "instead of -24 +-2.0: raise by 3.0 dB"));
    gst_structure_free (s);
    free_rig (&rig);
  }
}
GST_END_TEST

/* R 128 s4: a voice, then a tone. Within an LDR of 5 LU the second scheme allows
 * a dialogue at -26 LUFS. */
static GstStructure *
play_cinema (gdouble voice_gain, gdouble tone_dbfs)
{
  Rig rig = new_rig ("specification=r128-s4 dialogue=gated", 48000);
  gfloat *voice = make_voice (48000, voice_gain);
  Speech speech = { 0 };

  fail_unless_equals_int (gst_harness_push (rig.h,
                              make_buffer (&rig, voice, VOICE_SECONDS * 48000)),
      GST_FLOW_OK);
  play (&rig, VOICE_SECONDS, tone_dbfs, 4800);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  collect_speech (&rig, &speech);
  g_free (voice);
  free_rig (&rig);
  return speech.last;
}

GST_START_TEST (test_cinema)
{
  const Speech plain = play_voice ("dialogue=gated", 4800, 1);
  const gdouble gain =
      pow (10, (-26 - number (plain.last, "dialogue-loudness")) / 20);
  GstStructure *s = play_cinema (gain, -27);
  gchar *text;

  fail_unless (ABS (number (s, "dialogue-loudness") + 26) < 0.5);
  fail_unless (ABS (number (s, "integrated") + 23) > 0.5);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "pass");
  gst_structure_free (s);
  s = play_cinema (gain, -16);
  fail_unless (number (s, "ldr") > 5);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "fail");
  text = g_strdup_printf ("raise the dialogue against the rest by %.1f dB",
      number (s, "ldr") - 5);
  fail_unless (strstr (gst_structure_get_string (s, "verdict-text"), text));
  g_free (text);
  gst_structure_free (s);
  s = play_cinema (gain / 4, -40); /* too soft for either scheme */
  fail_unless (strstr (gst_structure_get_string (s, "verdict-text"),
      "instead of programme -23 +-0.5 or dialogue -28 to -23 LUFS: raise by"));
  gst_structure_free (s);
  g_string_free (plain.flags, TRUE);
  gst_structure_free (plain.last);
}
GST_END_TEST

static Suite *
dmixmeter_suite (void)
{
  Suite *suite = suite_create ("dmixmeter");
  TCase *tc = tcase_create ("meter");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_untouched);
  tcase_add_test (tc, test_no_number);
  tcase_add_test (tc, test_fields);
  tcase_add_test (tc, test_any_buffers_and_interval);
  tcase_add_test (tc, test_no_messages);
  tcase_add_test (tc, test_surround);
  tcase_add_test (tc, test_programme_goes_on);
  tcase_add_test (tc, test_windows_after_flush);
  tcase_add_test (tc, test_reset);
  tcase_add_test (tc, test_judge);
  tcase_add_test (tc, test_bypass);
  tcase_add_test (tc, test_verdict);
  tcase_add_test (tc, test_short_form);
  tcase_add_test (tc, test_dialogue);
  tcase_add_test (tc, test_dialogue_off);
  tcase_add_test (tc, test_dialogue_verdict);
  tcase_add_test (tc, test_little_speech);
  tcase_add_test (tc, test_cinema);
  return suite;
}

GST_CHECK_MAIN (dmixmeter)
