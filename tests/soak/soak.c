/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Drives elements of the plugin with random input for as long as you like.
 * usage: soak [--runs N] [--seed N] ELEMENT...
 *
 * Each run has a seed, which is printed if it fails: --seed with --runs 1 does
 * it again (but for what the threads' timing adds). Buffers of any size, gaps,
 * holes, steps back, jitter, lost timestamps, channels that change, NaN and
 * infinity, properties that change, flushes, pads that are let go, states
 * that change under way. What comes out must be finite and without a hole
 * that nobody asked for, end when the leading input ends, and come at all.
 * Not part of the tests: see README.md. */
#include "soak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_S 120
#define SLACK (5 * GST_MSECOND) /* jitter, and some frames */
/* Elements with several inputs take deviations of up to 40 ms for jitter. */
#define END_SLACK (45 * GST_MSECOND)

/*** what comes out ***/

static void
blame (Run *run, gchar *what)
{
  if (!run->fault)
    run->fault = what;
  else
    g_free (what);
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  Run *run = gst_pad_get_element_private (pad);
  const GstClockTime start = GST_BUFFER_PTS (buffer);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_mutex_lock (&run->lock);
  if (run->channels < 1)
    blame (run, g_strdup ("data before caps"));
  else if (map.size % (sizeof (gfloat) * run->channels))
    blame (run, g_strdup ("part of a frame"));
  for (gsize i = 0; i < map.size / sizeof (gfloat); i++)
    if (!isfinite (((const gfloat *) map.data)[i])) {
      blame (run, g_strdup ("a sample is no number"));
      break;
    }
  if (run->in_order && GST_CLOCK_TIME_IS_VALID (run->end)
      && GST_CLOCK_TIME_IS_VALID (start)) {
    if (start + SLACK < run->end)
      blame (run,
          g_strdup_printf ("time goes back from %" GST_TIME_FORMAT
                           " to %" GST_TIME_FORMAT,
              GST_TIME_ARGS (run->end), GST_TIME_ARGS (start)));
    else if (start > run->end + 2 && !GST_BUFFER_IS_DISCONT (buffer))
      blame (run,
          g_strdup_printf ("a hole at %" GST_TIME_FORMAT " without "
                           "DISCONT",
              GST_TIME_ARGS (run->end)));
  }
  if (GST_CLOCK_TIME_IS_VALID (start))
    run->end = start
        + (GST_BUFFER_DURATION_IS_VALID (buffer) ? GST_BUFFER_DURATION (buffer)
                                                 : 0);
  g_mutex_unlock (&run->lock);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  if (run->slow)
    g_usleep (500);
  return GST_FLOW_OK;
}

static gboolean
event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  Run *run = gst_pad_get_element_private (pad);
  GstCaps *caps;

  g_mutex_lock (&run->lock);
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
        &run->channels);
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    run->end = GST_CLOCK_TIME_NONE;
  else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    run->eos = TRUE;
    g_cond_broadcast (&run->changed);
  }
  g_mutex_unlock (&run->lock);
  gst_event_unref (event);
  return TRUE;
}

static void
free_item (gpointer item)
{
  gst_mini_object_unref (item);
}

static void
stop_feeding (Run *run)
{
  for (guint i = 0; i < run->inputs; i++) {
    if (run->input[i].thread)
      g_thread_join (run->input[i].thread);
    run->input[i].thread = NULL;
    g_queue_clear_full (&run->input[i].items, free_item);
  }
}

static void
start_feeding (Run *run, gboolean to_the_end)
{
  for (guint i = 0; i < run->inputs; i++) {
    soak_write (run, &run->input[i]);
    if (to_the_end)
      g_queue_push_tail (&run->input[i].items, gst_event_new_eos ());
  }
  for (guint i = 0; i < run->inputs; i++)
    run->input[i].thread = g_thread_new ("feed", soak_feed, &run->input[i]);
}

/*** the element ***/

/* The element or, one in three times, one of its pads. */
static GObject *
any_object (Run *run)
{
  const Input *input =
      run->inputs > 0 ? &run->input[soak_any (run, run->inputs)] : NULL;

  return soak_one_in (run, 3) && input && input->peer ? G_OBJECT (input->peer)
                                                      : G_OBJECT (run->element);
}

/* Sets a property to any value that it may have; those that need READY only
 * before the start. */
static void
set_any (Run *run, gboolean ready)
{
  GObject *object = any_object (run);
  GParamSpec **specs, *spec;
  guint count;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &count);
  spec = specs[soak_any (run, count)];
  g_free (specs);
  if (!g_str_has_prefix (g_type_name (spec->owner_type), "GstDmix")
      || !(spec->flags & G_PARAM_WRITABLE)
      || (!ready && (spec->flags & GST_PARAM_MUTABLE_READY))
      || g_str_equal (spec->name, "on-mismatch")) /* may be an error */
    return;
  if (G_IS_PARAM_SPEC_DOUBLE (spec)) {
    const GParamSpecDouble *d = G_PARAM_SPEC_DOUBLE (spec);

    g_object_set (object, spec->name,
        soak_one_in (run, 4) ? d->minimum
            : soak_one_in (run, 3)
            ? d->maximum
            : g_rand_double_range (run->rand, d->minimum, d->maximum),
        NULL);
  } else if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    g_object_set (object, spec->name, (gint) soak_any (run, 2), NULL);
  else if (G_IS_PARAM_SPEC_ENUM (spec)) {
    const GEnumClass *e = G_PARAM_SPEC_ENUM (spec)->enum_class;

    g_object_set (object, spec->name,
        e->values[soak_any (run, e->n_values)].value, NULL);
  } else if (G_IS_PARAM_SPEC_UINT64 (spec))
    g_object_set (object, spec->name,
        CLAMP ((guint64) soak_any (run, 1000) * GST_MSECOND,
            G_PARAM_SPEC_UINT64 (spec)->minimum,
            G_PARAM_SPEC_UINT64 (spec)->maximum),
        NULL);
}

static void
add_input (Run *run, GstPadTemplate *template)
{
  Input *input = &run->input[run->inputs];
  GstPadTemplate *own =
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_CAPS_ANY);
  gchar *id = g_strdup_printf ("%u", run->inputs);

  input->peer = GST_PAD_TEMPLATE_PRESENCE (template) == GST_PAD_REQUEST
      ? gst_element_request_pad (run->element, template, NULL, NULL)
      : gst_element_get_static_pad (run->element,
          GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
  g_assert (input->peer);
  input->leads =
      g_strv_contains ((const gchar *[]){ "sink", "background", "guide", NULL },
          GST_PAD_NAME (input->peer));
  input->pad = gst_pad_new_from_template (own, id);
  gst_pad_set_active (input->pad, TRUE);
  g_assert (gst_pad_link (input->pad, input->peer) == GST_PAD_LINK_OK);
  g_queue_init (&input->items);
  gst_pad_push_event (input->pad, gst_event_new_stream_start (id));
  run->inputs++;
  gst_object_unref (own);
  g_free (id);
}

static void
build (Run *run)
{
  static const gint rates[] = { 8000, 16000, 44100, 48000, 96000 };
  GstPadTemplate *any_sink =
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_CAPS_ANY);
  GstPad *src;

  run->rate = rates[soak_any (run, G_N_ELEMENTS (rates))];
  run->slow = soak_one_in (run, 8);
  run->orderly = soak_one_in (run, 2);
  run->end = GST_CLOCK_TIME_NONE;
  run->element = gst_element_factory_make (run->name, NULL);
  if (!run->element) {
    g_printerr ("there is no element %s\n", run->name);
    exit (2);
  }
  gst_object_ref_sink (run->element);
  run->bus = gst_bus_new ();
  gst_element_set_bus (run->element, run->bus);
  run->sink = gst_pad_new_from_template (any_sink, "out");
  gst_object_unref (any_sink);
  gst_pad_set_element_private (run->sink, run);
  gst_pad_set_chain_function (run->sink, chain);
  gst_pad_set_event_function (run->sink, event);
  gst_pad_set_active (run->sink, TRUE);
  src = gst_element_get_static_pad (run->element, "src");
  g_assert (gst_pad_link (src, run->sink) == GST_PAD_LINK_OK);
  gst_object_unref (src);
  for (guint n = soak_any (run, 30); n > 0; n--)
    set_any (run, TRUE);
  gst_element_set_state (run->element, GST_STATE_PLAYING);
  for (GList *t = gst_element_get_pad_template_list (run->element); t;
       t = t->next)
    if (GST_PAD_TEMPLATE_DIRECTION (t->data) == GST_PAD_SINK
        && run->inputs < INPUTS)
      add_input (run, t->data);
  /* a filter puts out what it gets; who joins inputs has a time of its own */
  run->in_order = run->orderly || run->inputs > 1;
}

static void
tear_down (Run *run)
{
  gst_pad_set_active (run->sink, FALSE);
  gst_element_set_state (run->element, GST_STATE_NULL);
  for (guint i = 0; i < run->inputs; i++)
    gst_pad_set_active (run->input[i].pad, FALSE);
  stop_feeding (run);
  for (guint i = 0; i < run->inputs; i++) {
    gst_clear_object (&run->input[i].pad);
    gst_clear_object (&run->input[i].peer);
  }
  gst_element_set_bus (run->element, NULL);
  gst_clear_object (&run->bus);
  gst_clear_object (&run->element);
  gst_clear_object (&run->sink);
}

/*** one run ***/

/* One flush of all inputs, as from a seek, under way. */
static void
flush (Run *run)
{
  GstEvent *start = gst_event_new_flush_start ();
  GstEvent *stop = gst_event_new_flush_stop (TRUE);

  gst_event_set_seqnum (stop, gst_event_get_seqnum (start));
  for (guint i = 0; i < run->inputs; i++)
    gst_pad_push_event (run->input[i].pad, gst_event_ref (start));
  stop_feeding (run);
  for (guint i = 0; i < run->inputs; i++)
    gst_pad_push_event (run->input[i].pad, gst_event_ref (stop));
  gst_event_unref (start);
  gst_event_unref (stop);
}

static void
let_go (Run *run, Input *input)
{
  if (!input->leads && input->peer && GST_PAD_PAD_TEMPLATE (input->peer)
      && GST_PAD_TEMPLATE_PRESENCE (GST_PAD_PAD_TEMPLATE (input->peer))
          == GST_PAD_REQUEST) {
    gst_element_release_request_pad (run->element, input->peer);
    gst_clear_object (&input->peer);
  }
}

static void
fiddle (Run *run, guint times)
{
  for (; times > 0; times--) {
    set_any (run, FALSE);
    g_usleep (soak_any (run, 2000));
  }
}

/* The output has ended where the leading input does, or, of several inputs
 * that are mixed, where the last one does. A sound of dmixpan may sound on: the
 * way from its place (Doppler) and headphone filters, a second at most. */
static void
check_end (Run *run)
{
  const gboolean mix = !g_str_equal (run->name, "dmixadr") && run->inputs > 1;
  const GstClockTime rest = g_str_equal (run->name, "dmixpan") ? GST_SECOND : 0;

  for (guint i = 0; i < run->inputs; i++) {
    const Input *input = &run->input[i];

    if (!input->leads || input->end == 0 || !run->in_order)
      continue;
    if (!GST_CLOCK_TIME_IS_VALID (run->end) || run->end + END_SLACK < input->end
        || (!mix && run->end > input->end + rest + END_SLACK))
      blame (run,
          g_strdup_printf ("ends at %" GST_TIME_FORMAT ", its input at "
                           "%" GST_TIME_FORMAT,
              GST_TIME_ARGS (run->end), GST_TIME_ARGS (input->end)));
  }
}

static void
wait_for_end (Run *run)
{
  const gint64 until = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;
  gboolean in_time = TRUE;

  g_mutex_lock (&run->lock);
  while (!run->eos && in_time)
    in_time = g_cond_wait_until (&run->changed, &run->lock, until);
  if (!in_time)
    g_error ("%s hangs", run->name);
  check_end (run);
  g_mutex_unlock (&run->lock);
}

static void
drive (Run *run)
{
  for (guint flushes = soak_one_in (run, 3) ? soak_any (run, 5) : 0;
       flushes > 0; flushes--) {
    start_feeding (run, soak_one_in (run, 3));
    fiddle (run, soak_any (run, 20));
    flush (run);
    g_mutex_lock (&run->lock);
    run->eos = FALSE;
    g_mutex_unlock (&run->lock);
  }
  start_feeding (run, TRUE);
  fiddle (run, soak_any (run, 50));
  if (soak_one_in (run, 8))
    return;                                    /* stopped under way */
  if (soak_one_in (run, 8) && run->inputs > 1) /* without pads none ends */
    let_go (run, &run->input[soak_any (run, run->inputs)]);
  fiddle (run, soak_any (run, 20));
  wait_for_end (run);
}

/* Returns what was wrong, or NULL. */
static gchar *
do_run (const gchar *name, guint32 seed)
{
  Run run = { .name = name, .rand = g_rand_new_with_seed (seed) };
  GstMessage *message;

  g_mutex_init (&run.lock);
  g_cond_init (&run.changed);
  build (&run);
  drive (&run);
  message = gst_bus_pop_filtered (run.bus, GST_MESSAGE_ERROR);
  if (message) {
    GError *error;
    gchar *detail;

    gst_message_parse_error (message, &error, &detail);
    blame (&run, g_strdup_printf ("%s (%s)", error->message, detail));
    g_error_free (error);
    g_free (detail);
    gst_message_unref (message);
  }
  tear_down (&run);
  g_rand_free (run.rand);
  g_mutex_clear (&run.lock);
  g_cond_clear (&run.changed);
  return run.fault;
}

int
main (int argc, char **argv)
{
  gint runs = 100, seed = 0;
  gchar **names = NULL;
  const GOptionEntry entries[] = {
    { "runs", 0, 0, G_OPTION_ARG_INT, &runs, "Runs of each element", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of the first run", "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, NULL,
        "ELEMENT..." },
    { NULL },
  };
  GOptionContext *context = g_option_context_new (NULL);
  guint failed = 0, count = 0;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, NULL) || !names) {
    g_printerr ("usage: soak [--runs N] [--seed N] ELEMENT...\n");
    return 2;
  }
  g_option_context_free (context);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  if (seed == 0)
    seed = g_random_int_range (1, 1000000000);
  for (gchar **name = names; *name; name++)
    for (gint r = 0; r < runs; r++, count++) {
      gchar *fault;

      /* on one line, so that the last one is that of a crash */
      g_print ("\r%s --seed %d    ", *name, seed + r);
      fault = do_run (*name, (guint32) (seed + r));
      if (fault) {
        g_print ("\nFAILED %s --seed %d: %s\n", *name, seed + r, fault);
        failed++;
      }
      g_free (fault);
    }
  g_print ("\n%u runs, %u failed\n", count, failed);
  g_strfreev (names);
  return failed > 0;
}
