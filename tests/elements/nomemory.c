/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Memory that runs short in an element: with the n-th allocation failing, for
 * all n, it posts an error (or, where it can do without, a warning) that names
 * the memory, keeps nothing, and plays again afterwards. The elements are
 * linked into this program, so that their allocations can be counted; buffers
 * come from an allocator that fails in the same way. */
#include "../dsp/shortmemory.h"
#include "../dsp/spatial.h"

#include "net/netmodel.h"

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>

gboolean gst_plugin_dmix_register (void);

/*** an allocator of buffers ***/

typedef struct
{
  GstAllocator parent;
  GstAllocator *real;
} ShortAllocator;

typedef struct
{
  GstAllocatorClass parent_class;
} ShortAllocatorClass;

static gint buffers_asked, buffers_at = -1, buffers_failed;

GType short_allocator_get_type (void);
G_DEFINE_TYPE (ShortAllocator, short_allocator, GST_TYPE_ALLOCATOR)

static GstMemory *
short_allocator_alloc (GstAllocator *allocator, gsize size,
    GstAllocationParams *params)
{
  const gint call = g_atomic_int_add (&buffers_asked, 1);

  if (call != g_atomic_int_get (&buffers_at))
    return gst_allocator_alloc (((ShortAllocator *) allocator)->real, size,
        params);
  g_atomic_int_set (&buffers_failed, 1);
  return NULL;
}

static void
short_allocator_class_init (ShortAllocatorClass *klass)
{
  GST_ALLOCATOR_CLASS (klass)->alloc = short_allocator_alloc;
}

static void
short_allocator_init (ShortAllocator *self)
{
  self->real = gst_allocator_find (GST_ALLOCATOR_SYSMEM);
}

static void
buffers_begin (gint fail_at)
{
  g_atomic_int_set (&buffers_asked, 0);
  g_atomic_int_set (&buffers_failed, 0);
  g_atomic_int_set (&buffers_at, fail_at);
}

/*** pipelines ***/

/* Caps of a source: two formats, one after the other. */
typedef struct
{
  const gchar *pad;
  const gchar *channels[2], *mask[2];
  gint rate[2];
} Source;

typedef struct
{
  const gchar *name, *element; /* `e` in the pipeline */
  Source source[2];
  gint blocks; /* of each format */
} Scene;

#define STEREO "2", "2"
#define BLOCK_S 0.1

static const Scene scenes[] = {
  { "comp", "dmixcomp name=e lookahead=20 interval=50000000",
      { { "sink", { "2", "6" }, { "0x3", "0x3f" }, { 8000, 16000 } } }, 2 },
  { "limit", "dmixcomp name=e mode=limit",
      { { "sink", { "6", "1" }, { "0x3f", "0" }, { 8000, 8000 } } }, 2 },
  { "denoise", "dmixdenoise name=e",
      { { "sink", { "2", "1" }, { "0x3", "0" }, { 8000, 16000 } } }, 2 },
  { "dialogue", "dmixdialogue name=e boost=6 interval=50000000",
      { { "sink", { "2", "6" }, { "0x3", "0x3f" }, { 8000, 16000 } } }, 2 },
  { "level", "dmixlevel name=e lookahead=50 interval=50000000",
      { { "sink", { "2", "6" }, { "0x3", "0x3f" }, { 8000, 16000 } } }, 2 },
  { "level-analyse", "dmixlevel name=e mode=analyse",
      { { "sink", { "2", "1" }, { "0x3", "0" }, { 8000, 8000 } } }, 2 },
  { "meter", "dmixmeter name=e interval=50000000",
      { { "sink", { "2", "6" }, { "0x3", "0x3f" }, { 8000, 16000 } } }, 2 },
  { "pan", "dmixpan name=e layout=7.1.4 azimuth=20 spread=30",
      { { "sink", { "1", "2" }, { "0", "0x3" }, { 8000, 16000 } } }, 2 },
  { "binaural", "dmixpan name=e output=binaural azimuth=20 doppler=true",
      { { "sink", { "1", "2" }, { "0", "0x3" }, { 8000, 8000 } } }, 2 },
  { "ambisonic", "dmixpan name=e output=ambisonic ambisonic-order=3",
      { { "sink", { "1", "2" }, { "0", "0x3" }, { 8000, 8000 } } }, 2 },
  { "panmix", "dmixpanmix name=e layout=5.1 sink_0::azimuth=30",
      { { "sink_0", { "1", "2" }, { "0", "0x3" }, { 8000, 8000 } },
          { "sink_1", { "2", "2" }, { "0x3", "0x3" }, { 8000, 8000 } } },
      2 },
  { "panmix-binaural", "dmixpanmix name=e output=binaural sink_0::azimuth=30",
      { { "sink_0", { "1", "2" }, { "0", "0x3" }, { 8000, 8000 } },
          { "sink_1", { "2", "1" }, { "0x3", "0" }, { 8000, 8000 } } },
      2 },
  { "ducker", "dmixducker name=e interval=50000000",
      { { "background", { "2", "6" }, { "0x3", "0x3f" }, { 8000, 8000 } },
          { "dialogue", { "1", "2" }, { "0", "0x3" }, { 8000, 8000 } } },
      2 },
  { "ducker-meter",
      "dmixducker name=e meter=true spectral=6 trigger=speech lookahead=0",
      { { "background", { "2", "2" }, { "0x3", "0x3" }, { 8000, 8000 } },
          { "dialogue", { "6", "1" }, { "0x3f", "0" }, { 8000, 8000 } } },
      2 },
  { "bin",
      "dmixbin name=e loudness=-20 voices=-20 lookahead=50 meter=true "
      "ambience_0::steady=6 dialogue_0::denoise=6",
      { { "ambience_0", { "2", "2" }, { "0x3", "0x3" }, { 8000, 8000 } },
          { "dialogue_0", { "1", "1" }, { "0", "0" }, { 8000, 8000 } } },
      2 },
  { "adr", "dmixadr name=e max-line=10 max-shift=200",
      { { "guide", { "1", "2" }, { "0", "0x3" }, { 8000, 8000 } },
          { "take", { "2", "1" }, { "0x3", "0" }, { 8000, 8000 } } },
      8 },
};

static GstBuffer *
sound (gint rate, gint channels, gint number)
{
  const gint frames = (gint) (rate * BLOCK_S);
  const gsize size = (gsize) frames * channels * sizeof (gfloat);
  gfloat *samples = g_malloc (size);
  GstBuffer *buffer;

  fill_noise (samples, (size_t) frames * channels, number % 3 ? 0.2 : 0.01,
      number + 1);
  buffer = gst_buffer_new_wrapped (samples, size);
  GST_BUFFER_PTS (buffer) = (GstClockTime) (number * BLOCK_S * GST_SECOND);
  GST_BUFFER_DURATION (buffer) = (GstClockTime) (BLOCK_S * GST_SECOND);
  return buffer;
}

/* Queues the whole stream in the source, and its end. */
static void
fill_source (GstElement *pipeline, const Scene *scene, guint number)
{
  const Source *source = &scene->source[number];
  gchar *name = g_strdup_printf ("s%u", number);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstFlowReturn ret;

  for (gint f = 0, n = 0; f < 2; f++) {
    gchar *text =
        g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                             F32) ",layout=interleaved,rate=%d,channels=%s,"
                                  "channel-mask=(bitmask)%s",
            source->rate[f], source->channels[f], source->mask[f]);
    GstCaps *caps = gst_caps_from_string (text);

    for (gint b = 0; b < scene->blocks; b++) {
      GstBuffer *buffer =
          sound (source->rate[f], atoi (source->channels[f]), n++);
      GstSample *sample = gst_sample_new (buffer, caps, NULL, NULL);

      if (b % 4 == 1) /* silence, whatever is in it */
        GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
      g_signal_emit_by_name (src, "push-sample", sample, &ret);
      gst_sample_unref (sample);
      gst_buffer_unref (buffer);
    }
    gst_caps_unref (caps);
    g_free (text);
  }
  g_signal_emit_by_name (src, "end-of-stream", &ret);
  gst_object_unref (src);
  g_free (name);
}

static GstElement *
new_pipeline (const Scene *scene)
{
  GString *text = g_string_new (scene->element);
  GError *error = NULL;
  GstElement *pipeline;

  g_string_append (text, " ! fakesink sync=false");
  for (guint s = 0; s < 2 && scene->source[s].pad; s++)
    g_string_append_printf (text, " appsrc name=s%u format=time ! e.%s", s,
        scene->source[s].pad);
  pipeline = gst_parse_launch (text->str, &error);
  g_assert_no_error (error);
  g_string_free (text, TRUE);
  return pipeline;
}

/* What the messages said. */
typedef struct
{
  gboolean ended, error, warning, clear;
  gchar *text;
} Outcome;

/* The element, a pad of it, or an element inside. */
static gboolean
is_ours (GstObject *src)
{
  return g_str_has_prefix (GST_OBJECT_NAME (src), "e")
      || (GST_OBJECT_PARENT (src)
          && g_str_equal (GST_OBJECT_NAME (GST_OBJECT_PARENT (src)), "e"));
}

static void
note (Outcome *outcome, GstMessage *message)
{
  const gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  GError *error = NULL;
  gchar *debug = NULL;

  if (is_error)
    gst_message_parse_error (message, &error, &debug);
  else
    gst_message_parse_warning (message, &error, &debug);
  outcome->error |= is_error;
  outcome->warning |= !is_error;
  /* errors of sources, that nobody takes their data, come later */
  if (is_ours (GST_MESSAGE_SRC (message)) && error->domain == GST_RESOURCE_ERROR
      && debug
      && (strstr (debug, "memory") || strstr (error->message, "memory")))
    outcome->clear = TRUE;
  g_free (outcome->text);
  outcome->text = g_strdup_printf ("%s: %s | %s",
      GST_OBJECT_NAME (GST_MESSAGE_SRC (message)), error->message, debug);
  g_error_free (error);
  g_free (debug);
}

/* Plays to the end or to an error. */
static Outcome
play (GstElement *pipeline, const Scene *scene)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  Outcome outcome = { 0 };
  GstMessage *message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (guint s = 0; s < 2 && scene->source[s].pad; s++)
    fill_source (pipeline, scene, s);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!outcome.ended && !outcome.error) {
    message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
    if (!message)
      g_error ("%s: neither end nor error", scene->name);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
      outcome.ended = TRUE;
    else
      note (&outcome, message);
    gst_message_unref (message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  return outcome;
}

/* One run with a failure, and on success of the test another one without, of
 * the same element. FALSE: nothing has failed. */
static gboolean
play_short (const Scene *scene, gint call, gint buffer)
{
  const gint before = short_live;
  GstElement *pipeline = new_pipeline (scene);
  Outcome outcome;
  gboolean failed;

  short_begin (call);
  buffers_begin (buffer);
  outcome = play (pipeline, scene);
  failed = short_failed || buffers_failed;
  short_begin (-1);
  buffers_begin (-1);
  if (failed && !outcome.clear)
    g_error ("%s: allocation %d, buffer %d: no clear message (%s)", scene->name,
        call, buffer, outcome.text);
  if (!failed && (outcome.error || outcome.warning))
    g_error ("%s: %s", scene->name, outcome.text);
  g_free (outcome.text);
  if (failed) {
    outcome = play (pipeline, scene);
    if (!outcome.ended)
      g_error ("%s: allocation %d, buffer %d: does not play again (%s)",
          scene->name, call, buffer, outcome.text);
    g_free (outcome.text);
  }
  gst_object_unref (pipeline);
  /* a thread that posts a message may hold an element for a moment */
  for (guint i = 0; i < 100 && g_atomic_int_get (&short_live) != before; i++)
    g_usleep (10000);
  if (short_live != before)
    g_error ("%s: allocation %d, buffer %d: %d blocks are kept", scene->name,
        call, buffer, short_live - before);
  return failed;
}

/* DMIX_SCENE in the environment: only the scene of this name. */
static gboolean
can_play (const Scene *scene)
{
  const gchar *only = g_getenv ("DMIX_SCENE");

  if (only && !g_str_equal (only, scene->name))
    return FALSE;
  return !strstr (scene->name, "binaural") || !g_getenv ("DMIX_WITHOUT_SOFA");
}

/* The first run fills what lives as long as the process. */
static void
warm_up (const Scene *scene)
{
  GstElement *pipeline = new_pipeline (scene);
  Outcome outcome = play (pipeline, scene);

  if (!outcome.ended)
    g_error ("%s: %s", scene->name, outcome.text);
  gst_object_unref (pipeline);
  dmix_netmodel_trained (); /* not at rates below 16 kHz */
}

GST_START_TEST (test_allocations)
{
  const Scene *scene = &scenes[__i__];
  gint n = 0;

  if (!can_play (scene))
    return;
  warm_up (scene);
  while (play_short (scene, n, -1))
    n++;
  fail_unless (n > 5, "%s: only %d allocations", scene->name, n);
  g_print ("%s: %d allocations\n", scene->name, n);
}
GST_END_TEST

GST_START_TEST (test_buffers)
{
  const Scene *scene = &scenes[__i__];
  gint n = 0;

  if (!can_play (scene))
    return;
  warm_up (scene);
  while (play_short (scene, -1, n))
    n++;
  g_print ("%s: %d buffers\n", scene->name, n);
}
GST_END_TEST

/* KiB that a run takes. */
static gint
memory_of (const Scene *scene)
{
  GstElement *pipeline = new_pipeline (scene);
  Outcome outcome;

  short_begin (-1);
  outcome = play (pipeline, scene);
  if (!outcome.ended)
    g_error ("%s: %s", scene->name, outcome.text);
  gst_object_unref (pipeline);
  return short_kib;
}

/* Caps with other channels in the middle: the filters of the HRTFs, some MiB,
 * are not made again. */
GST_START_TEST (test_reuse)
{
  for (guint i = 0; i < G_N_ELEMENTS (scenes); i++) {
    Scene same = scenes[i];
    gint once, twice;

    if (!strstr (same.name, "binaural") || !can_play (&same))
      continue;
    warm_up (&same);
    twice = memory_of (&same);
    same.source[0].channels[1] = same.source[0].channels[0];
    same.source[0].mask[1] = same.source[0].mask[0];
    same.source[1].channels[1] = same.source[1].channels[0];
    same.source[1].mask[1] = same.source[1].mask[0];
    once = memory_of (&same);
    fail_unless (once > 1000 && twice < once + once / 4,
        "%s: %d KiB, with other channels %d", same.name, once, twice);
  }
}
GST_END_TEST

static Suite *
nomemory_suite (void)
{
  Suite *s = suite_create ("nomemory");
  TCase *tc = tcase_create ("short");

  gst_plugin_dmix_register ();
  gst_allocator_set_default (
      g_object_ref_sink (g_object_new (short_allocator_get_type (), NULL)));
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_allocations, 0, G_N_ELEMENTS (scenes));
  tcase_add_loop_test (tc, test_buffers, 0, G_N_ELEMENTS (scenes));
  tcase_add_test (tc, test_reuse);
  return s;
}

GST_CHECK_MAIN (nomemory)
