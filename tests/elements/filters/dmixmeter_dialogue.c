/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixmeter's dialogue: figures, messages and flags of a voice, and the verdicts
 * that need them. */
#include <math.h>
#include <string.h>

#include "meter_rig.h"
#include "voices.h"

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
collect_speech (MeterRig *rig, Speech *speech)
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
  MeterRig rig = meter_rig_new (settings, rate);
  gfloat *voice = make_voice (rate, gain);
  Speech speech = { .flags = g_string_new (NULL) };
  guint with = 0, all = 0;

  for (guint done = 0, n; done < VOICE_SECONDS * rate; done += n) {
    GstAudioLevelMeta *meta;
    GstBuffer *out;

    n = MIN (block, VOICE_SECONDS * rate - done);
    fail_unless_equals_int (gst_harness_push (rig.h,
                                meter_rig_make_buffer (&rig, voice + 2 * done,
                                    n)),
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
  meter_rig_free (&rig);
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
    fail_unless (ABS (meter_rig_number (speech.last, "speech-share") - 50) < 4);
    fail_unless (meter_rig_number (speech.last, "dialogue-loudness") < -10);
    fail_unless (meter_rig_number (speech.last, "dialogue-range") < 2);
    meter_rig_assert_near (meter_rig_number (speech.last, "ldr"),
        meter_rig_number (speech.last, "integrated")
            - meter_rig_number (speech.last, "dialogue-loudness"));
    fail_unless (ABS (meter_rig_number (speech.last, "speech-loudness")
                     - meter_rig_number (speech.last, "dialogue-loudness"))
        < 0.5);
    if (i > 0)
      meter_rig_assert_near (meter_rig_number (speech.last,
                                 "dialogue-loudness"),
          loudness);
    loudness = meter_rig_number (speech.last, "dialogue-loudness");
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
    const gdouble off =
        meter_rig_number (loud.last, "dialogue-loudness") - target[i];
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
    MeterRig rig =
        meter_rig_new ("specification=netflix dialogue=gated", 48000);
    GstStructure *s;

    meter_rig_play (&rig, 20, level[i], 480);
    gst_harness_push_event (rig.h, gst_event_new_eos ());
    s = meter_rig_last_message (&rig, NULL);
    fail_unless (meter_rig_number (s, "speech-share") < 15);
    fail_unless_equals_string (gst_structure_get_string (s, "verdict"),
        i == 0 ? "pass" : "fail");
    if (i == 1)
      fail_unless (strstr (gst_structure_get_string (s, "verdict-text"),
          "too little speech for a dialogue loudness; programme -27.0 LUFS "
          "instead of -24 +-2.0: raise by 3.0 dB"));
    gst_structure_free (s);
    meter_rig_free (&rig);
  }
}
GST_END_TEST

/* R 128 s4: a voice, then a tone. Within an LDR of 5 LU the second scheme allows
 * a dialogue at -26 LUFS. */
static GstStructure *
play_cinema (gdouble voice_gain, gdouble tone_dbfs)
{
  MeterRig rig = meter_rig_new ("specification=r128-s4 dialogue=gated", 48000);
  gfloat *voice = make_voice (48000, voice_gain);
  Speech speech = { 0 };

  fail_unless_equals_int (gst_harness_push (rig.h,
                              meter_rig_make_buffer (&rig, voice,
                                  VOICE_SECONDS * 48000)),
      GST_FLOW_OK);
  meter_rig_play (&rig, VOICE_SECONDS, tone_dbfs, 4800);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  collect_speech (&rig, &speech);
  g_free (voice);
  meter_rig_free (&rig);
  return speech.last;
}

GST_START_TEST (test_cinema)
{
  const Speech plain = play_voice ("dialogue=gated", 4800, 1);
  const gdouble gain =
      pow (10, (-26 - meter_rig_number (plain.last, "dialogue-loudness")) / 20);
  GstStructure *s = play_cinema (gain, -27);
  gchar *text;

  fail_unless (ABS (meter_rig_number (s, "dialogue-loudness") + 26) < 0.5);
  fail_unless (ABS (meter_rig_number (s, "integrated") + 23) > 0.5);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "pass");
  gst_structure_free (s);
  s = play_cinema (gain, -16);
  fail_unless (meter_rig_number (s, "ldr") > 5);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "fail");
  text = g_strdup_printf ("raise the dialogue against the rest by %.1f dB",
      meter_rig_number (s, "ldr") - 5);
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
dmixmeter_dialogue_suite (void)
{
  Suite *suite = suite_create ("dmixmeter_dialogue");
  TCase *tc = tcase_create ("dialogue");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_dialogue);
  tcase_add_test (tc, test_dialogue_off);
  tcase_add_test (tc, test_dialogue_verdict);
  tcase_add_test (tc, test_little_speech);
  tcase_add_test (tc, test_cinema);
  return suite;
}

GST_CHECK_MAIN (dmixmeter_dialogue)
