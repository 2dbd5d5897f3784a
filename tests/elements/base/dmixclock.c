/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Timestamps that are measured, of every element with several inputs: jitter,
 * clocks that drift, steps back of decoders, and jumps that are meant. */
#include "ducker_rig.h"

#include <gst/check/gstharness.h>

#include <math.h>
#include <string.h>

#define RATE 8000
#define BLOCK 160 /* 20 ms */
#define FLAGGED GST_BUFFER_FLAG_DISCONT

/* An element whose output is the sound on `pad`, beside silence on `other`. */
static const struct
{
  const gchar *text, *pad, *other;
} way[] = {
  { "dmixducker trigger=level bypass=true", "dialogue", "background" },
  { "dmixducker trigger=level bypass=true", "background", "dialogue" },
  { "dmixpanmix layout=mono", "sink_0", "sink_1" },
  { "dmixpanmix layout=mono", "sink_1", "sink_0" },
};

/* Time of buffer n minus its place in the row of frames, ns. */
typedef GstClockTimeDiff (*Deviation) (guint n);

typedef struct
{
  gfloat *sound; /* what goes in */
  gfloat *heard; /* what comes out */
  guint frames;  /* of `heard` */
  guint64 dropped, inserted, messages;
} Played;

static void
played_clear (Played *played)
{
  g_free (played->sound);
  g_free (played->heard);
}

static void
read_messages (Rig *rig, const gchar *pad, Played *played)
{
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 time;

    if (gst_structure_has_name (s, "dmix-clock")) {
      fail_unless_equals_string (gst_structure_get_string (s, "pad"), pad);
      fail_unless (gst_structure_get_uint64 (s, "running-time", &time));
      fail_unless (gst_structure_get_uint64 (s, "dropped", &played->dropped));
      fail_unless (gst_structure_get_uint64 (s, "inserted", &played->inserted));
      played->messages++;
    }
    gst_message_unref (message);
  }
}

/* Tone of 400 Hz (20 frames), which a wrong joint of any length clicks in. */
static gfloat *
tone (guint frames)
{
  gfloat *sound = g_new (gfloat, frames);

  for (guint i = 0; i < frames; i++)
    sound[i] = 0.5f * sinf (2.0f * (gfloat) G_PI * (i % 20) / 20.0f);
  return sound;
}

static guint silent_until; /* frame */

/* Plays `frames` frames (noise, or a tone) whose timestamps deviate. flags: of
 * the buffer `flagged`. */
static Played
play (guint w, const gchar *settings, gboolean is_tone, guint frames,
    Deviation deviation, guint flagged, guint flags)
{
  gchar *text = g_strdup_printf ("%s %s", way[w].text, settings);
  Rig *rig = rig_new_element (text);
  RigInput *input = rig_add (rig, way[w].pad, RATE, 1);
  RigInput *other = rig_add (rig, way[w].other, RATE, 1);
  gfloat *silence = g_new0 (gfloat, frames + RATE);
  Played played = { is_tone ? tone (frames) : rig_noise (frames, 0.3, 1) };
  guint n = 0;

  memset (played.sound, 0, silent_until * sizeof *played.sound);
  rig_queue (input, played.sound, frames, BLOCK, RATE, 1, 0);
  rig_queue (other, silence, frames, BLOCK, RATE, 1, 0);
  for (GList *i = input->items.head; i; i = i->next)
    if (GST_IS_BUFFER (i->data)) {
      GST_BUFFER_PTS (i->data) += deviation (n);
      GST_BUFFER_FLAG_SET (i->data, n == flagged ? flags : 0);
      n++;
    }
  rig_run (rig);
  played.frames = rig_frames (rig);
  played.heard =
      g_memdup2 (rig->samples->data, played.frames * sizeof (gfloat));
  read_messages (rig, way[w].pad, &played);
  rig_free (rig);
  g_free (silence);
  g_free (text);
  return played;
}

static void
assert_same (const gfloat *a, const gfloat *b, guint frames)
{
  for (guint i = 0; i < frames; i++)
    fail_unless (fabsf (a[i] - b[i]) < 1e-6f, "frame %u: %g is not %g", i, a[i],
        b[i]);
}

/*** jitter ***/

static GstClockTimeDiff
jitter (guint n)
{
  const guint32 mixed = (n + 1) * 2654435761u;

  return n == 0 ? 0 : (gint) (mixed >> 12) % 20001 * 1000 - 10 * GST_MSECOND;
}

/* Jitter of 10 ms: no sample is lost, added or moved. */
GST_START_TEST (test_jitter)
{
  const guint frames = 6 * RATE;
  Played played = play (__i__, "", FALSE, frames, jitter, 0, 0);

  fail_unless_equals_int (played.frames, frames);
  assert_same (played.heard, played.sound, frames);
  fail_unless_equals_int (played.messages, 0);
  played_clear (&played);
}
GST_END_TEST

/*** drift ***/

static gint drift_ppm;

static GstClockTimeDiff
drifting (guint n)
{
  return (gint64) n * BLOCK * drift_ppm * 1000 / RATE + jitter (n);
}

/* The part of the sound that is not a tone of 20 frames, dB. */
static gdouble
rest_db (const gfloat *x, guint frames)
{
  gdouble rest = 0.0, all = 0.0;

  for (guint i = 20; i < frames; i++) {
    rest += (x[i] - x[i - 20]) * (x[i] - x[i - 20]);
    all += x[i] * x[i];
  }
  return 10.0 * log10 (rest / all + 1e-20);
}

/* A clock that is off by 200 ppm, with jitter, for 100 s; and one off by
 * 1000 ppm. The tone stays a tone, the sound ends when its timestamps do, and
 * what was left out or put in is counted. */
GST_START_TEST (test_drift)
{
  static const gint off[] = { 200, -200, 1000, -1000 };

  for (guint o = 0; o < G_N_ELEMENTS (off); o++) {
    const guint frames = (ABS (off[o]) < 1000 ? 100 : 20) * RATE;
    const gint due = (gint) ((gint64) frames * off[o] / 1000000);
    Played played;

    drift_ppm = off[o];
    played = play (__i__, "", TRUE, frames, drifting, 0, 0);
    fail_unless_equals_int ((gint) played.inserted - (gint) played.dropped,
        off[o] > 0 ? (gint) played.inserted : -(gint) played.dropped);
    /* what is not corrected yet is less than 10 ms and one piece */
    fail_unless (ABS ((gint) played.inserted - (gint) played.dropped - due)
            < 25 * RATE / 1000,
        "%d ppm: %d frames for %d", off[o],
        (gint) played.inserted - (gint) played.dropped, due);
    fail_unless (played.messages >= 2 && played.messages < 40);
    /* the pad beside it may be longer */
    fail_unless (played.frames >= frames + played.inserted - played.dropped
        || off[o] < 0);
    fail_unless (rest_db (played.heard,
                     MIN (played.frames,
                         frames + played.inserted - played.dropped))
            < -60.0,
        "%d ppm: %g dB", off[o], rest_db (played.heard, frames / 2));
    played_clear (&played);
  }
}
GST_END_TEST

/*** jumps ***/

static guint jump_at; /* buffer */
static GstClockTimeDiff jump;

static GstClockTimeDiff
jumping (guint n)
{
  return n >= jump_at ? jump : 0;
}

/* A flagged jump, and one by more than the tolerance, is exact to the sample:
 * silence in a hole, and what overlaps is left out. */
GST_START_TEST (test_jumps)
{
  static const struct
  {
    gint ms;
    guint flags;
    const gchar *settings;
  } jumps[] = {
    { 5, FLAGGED, "" },
    { 41, 0, "" },
    { 300, 0, "" },
    { 3000, 0, "" },
    { -5, FLAGGED, "" },
    { -300, FLAGGED, "" },
    { -210, 0, "" },
    { -600, 0, "" },
    { 5, 0, "alignment-threshold=2000000" },
    { 25, 0, "alignment-threshold=20000000" },
  };
  const guint frames = 2 * RATE, at = RATE;

  for (guint j = 0; j < G_N_ELEMENTS (jumps); j++) {
    const gint by = jumps[j].ms * RATE / 1000;
    gfloat *want = g_new0 (gfloat, frames + 3 * RATE);
    Played played;

    jump_at = at / BLOCK;
    jump = jumps[j].ms * (GstClockTimeDiff) GST_MSECOND;
    played = play (__i__, jumps[j].settings, FALSE, frames, jumping, jump_at,
        jumps[j].flags);
    memcpy (want, played.sound, at * sizeof *want);
    if (by > 0)
      memcpy (want + at + by, played.sound + at, (frames - at) * sizeof *want);
    else
      memcpy (want + at, played.sound + at - by,
          (frames - at + by) * sizeof *want);
    fail_unless_equals_int (played.frames, frames + MAX (by, 0));
    assert_same (played.heard, want, frames + MAX (by, 0));
    fail_unless_equals_int (played.messages, 0);
    played_clear (&played);
    g_free (want);
  }
}
GST_END_TEST

/* Behind digital silence, a hole of any length is exact. */
GST_START_TEST (test_behind_silence)
{
  const guint frames = 2 * RATE, at = RATE;
  static const gint holes[] = { 3, 10, 25, 40 };

  for (guint h = 0; h < G_N_ELEMENTS (holes); h++) {
    const guint by = holes[h] * RATE / 1000;
    Played played;

    jump_at = at / BLOCK;
    jump = holes[h] * (GstClockTimeDiff) GST_MSECOND;
    silent_until = at;
    played = play (__i__, "", FALSE, frames, jumping, 0, 0);
    silent_until = 0;
    fail_unless_equals_int (played.frames, frames + by);
    assert_same (played.heard + at + by, played.sound + at, frames - at);
    fail_unless_equals_float (played.heard[at + by - 1], 0.0f);
    played_clear (&played);
  }
}
GST_END_TEST

/* A jump that lasts for less than discont-wait is none. */
static GstClockTimeDiff
away_for_a_while (guint n)
{
  return n >= 50 && n < 75 ? 100 * GST_MSECOND : 0;
}

GST_START_TEST (test_wait)
{
  const guint frames = 4 * RATE;
  Played played = play (__i__, "discont-wait=1000000000", FALSE, frames,
      away_for_a_while, 0, 0);

  assert_same (played.heard, played.sound, frames);
  played_clear (&played);
  jump_at = 50;
  jump = 100 * GST_MSECOND;
  played =
      play (__i__, "discont-wait=1000000000", FALSE, frames, jumping, 0, 0);
  fail_unless_equals_int (played.frames, frames + RATE / 10);
  assert_same (played.heard, played.sound, 2 * RATE);
  assert_same (played.heard + 2 * RATE + RATE / 10, played.sound + 2 * RATE,
      frames - 2 * RATE);
  played_clear (&played);
}
GST_END_TEST

/*** steps back ***/

/* As adpcmdec of GStreamer 1.22: two buffers back at every fourth. */
static GstClockTimeDiff
stepping_back (guint n)
{
  return -(GstClockTimeDiff) (n / 6) * 4 * 20 * GST_MSECOND;
}

/* Steps back again and again lose nothing. */
GST_START_TEST (test_steps_back)
{
  const guint frames = 6 * RATE;
  Played played = play (__i__, "", FALSE, frames, stepping_back, 0, 0);

  fail_unless_equals_int (played.frames, frames);
  assert_same (played.heard, played.sound, frames);
  fail_unless_equals_int (played.messages, 0);
  played_clear (&played);
}
GST_END_TEST

/* One step back by 180 ms: the sound goes on, and is where its timestamps say
 * within some seconds. */
GST_START_TEST (test_one_step_back)
{
  const guint frames = 12 * RATE;
  Played played;

  jump_at = 50;
  jump = -180 * (GstClockTimeDiff) GST_MSECOND;
  played = play (__i__, "", TRUE, frames, jumping, 0, 0);
  fail_unless (
      played.dropped > 165 * RATE / 1000 && played.dropped < 195 * RATE / 1000);
  fail_unless_equals_int (played.inserted, 0);
  fail_unless (rest_db (played.heard, frames - played.dropped) < -60.0);
  played_clear (&played);
}
GST_END_TEST

/*** live ***/

static GstBuffer *
ten_ms (GstClockTime pts)
{
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, RATE / 100 * sizeof (gfloat), NULL);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (guint i = 0; i < RATE / 100; i++)
    ((gfloat *) map.data)[i] = 0.5f;
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = 10 * GST_MSECOND;
  return buffer;
}

/* Counts the frames with sound in the next block of 10 ms. */
static guint
pull_loud (GstHarness *h)
{
  GstBuffer *buffer = gst_harness_pull (h);
  guint loud = 0;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  fail_unless_equals_int (map.size, RATE / 100 * sizeof (gfloat));
  for (gsize i = 0; i < map.size / sizeof (gfloat); i++)
    loud += ((gfloat *) map.data)[i] > 0.1f;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return loud;
}

/* A live source that stalls for 30 ms: the output goes on with silence, then
 * comes the sound, all of it, though its timestamps say that it overlaps with
 * what has been put out. The next stall is in time. */
GST_START_TEST (test_late_live)
{
  GstElement *ducker = gst_element_factory_make ("dmixducker", NULL);
  GstHarness *h;

  g_object_set (ducker, "lookahead", 0.0, "bypass", TRUE,
      "output-buffer-duration", 10 * GST_MSECOND, NULL);
  h = gst_harness_new_with_element (ducker, "background", "src");
  gst_harness_use_testclock (h);
  gst_harness_play (h);
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=8000,channels=1");
  for (guint i = 0; i < 200; i++) {
    /* packets are stamped when they arrive; 4 arrive together after a stall */
    const guint arrival = i % 30 >= 20 && i % 30 < 23 ? i - i % 30 + 23 : i;

    if (i == 20) /* the output passes three deadlines */
      for (guint missed = 0; missed < 3; missed++) {
        fail_unless (gst_harness_crank_single_clock_wait (h));
        fail_unless_equals_int (pull_loud (h), 0);
      }
    fail_unless_equals_int (gst_harness_push (h,
                                ten_ms (arrival * 10 * GST_MSECOND)),
        GST_FLOW_OK);
    fail_unless_equals_int (pull_loud (h), RATE / 100);
  }
  gst_object_unref (ducker);
  gst_harness_teardown (h);
}
GST_END_TEST

/*** filters ***/

/* Sound through a filter, with timestamps that deviate. */
static Rig *
filter (const gchar *text, const gfloat *sound, guint frames,
    Deviation deviation)
{
  Rig *rig = rig_new_element (text);
  RigInput *input = rig_add (rig, "sink", RATE, 1);
  guint n = 0;

  gst_clear_object (&input->peer); /* rig_free() would release it */
  rig_queue (input, sound, frames, BLOCK, RATE, 1, 0);
  for (GList *i = input->items.head; i; i = i->next)
    if (GST_IS_BUFFER (i->data))
      GST_BUFFER_PTS (i->data) += deviation (n++);
  rig_queue_event (input, gst_event_new_eos ());
  rig_feed (rig);
  rig_wait_eos (rig);
  return rig;
}

static GstClockTimeDiff
exact (guint n)
{
  return 0;
}

/* Neither jitter nor steps back of a decoder restart a filter or cut its
 * sound. */
GST_START_TEST (test_filters)
{
  static const gchar *const text[] = {
    "dmixcomp threshold=-30 ratio=8 lookahead=5",
    "dmixdenoise reduction=12",
    "dmixlevel lookahead=200",
    "dmixmeter",
    "dmixpan azimuth=40 layout=stereo",
  };
  static const Deviation deviation[] = { jitter, stepping_back };
  const guint frames = 4 * RATE;
  gfloat *sound = rig_noise (frames, 0.3, 3);
  Rig *want = filter (text[__i__], sound, frames, exact);

  for (guint d = 0; d < G_N_ELEMENTS (deviation); d++) {
    Rig *rig = filter (text[__i__], sound, frames, deviation[d]);

    fail_unless_equals_int (rig_frames (rig), rig_frames (want));
    assert_same ((gfloat *) rig->samples->data, (gfloat *) want->samples->data,
        want->samples->len);
    rig_free (rig);
  }
  rig_free (want);
  g_free (sound);
}
GST_END_TEST

static Suite *
dmixclock_suite (void)
{
  Suite *suite = suite_create ("dmixclock");
  TCase *tc = tcase_create ("clock");
  const gint ways = G_N_ELEMENTS (way);

  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_jitter, 0, ways);
  tcase_add_loop_test (tc, test_drift, 0, ways);
  tcase_add_loop_test (tc, test_jumps, 0, ways);
  tcase_add_loop_test (tc, test_behind_silence, 0, ways);
  tcase_add_loop_test (tc, test_wait, 0, ways);
  tcase_add_loop_test (tc, test_steps_back, 0, ways);
  tcase_add_loop_test (tc, test_one_step_back, 0, ways);
  tcase_add_test (tc, test_late_live);
  tcase_add_loop_test (tc, test_filters, 0, 4);
  return suite;
}

GST_CHECK_MAIN (dmixclock)
