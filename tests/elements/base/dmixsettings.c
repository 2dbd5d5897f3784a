/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Settings and the clock of element messages, which both base classes and
 * dmixadr share. */
#include "base/gstdmixenum.h"
#include "base/gstdmixinterval.h"
#include "base/gstdmixsettings.h"

#include <gst/check/gstcheck.h>
#include <math.h>

/*** settings ***/

static const GEnumValue kind_values[] = {
  { 0, "The first kind", "first" },
  { 1, "The second kind", "second" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixTestKind, gst_dmix_test_kind, kind_values)

typedef struct
{
  gdouble level;
  gboolean on;
  guint64 time;
  gint kind;
} Values;

#define PLACE(field) G_STRUCT_OFFSET (Values, field)

static const GstDmixProperty table[] = {
  { "level", "Level", "Level, in dB", GST_DMIX_DOUBLE, -60, 0, -12,
      PLACE (level), GST_PARAM_CONTROLLABLE, NULL },
  { "on", "On", "Whether it is on", GST_DMIX_BOOLEAN, 0, 1, TRUE, PLACE (on),
      GST_PARAM_CONTROLLABLE, NULL, "0.7" },
  { "time", "Time", "Time, in ns", GST_DMIX_TIME, 0, 1e12, 5, PLACE (time),
      GST_PARAM_MUTABLE_READY, NULL },
  { "kind", "Kind", "The kind of it", GST_DMIX_ENUM, 0, 1, 1, PLACE (kind),
      GST_PARAM_CONTROLLABLE, gst_dmix_test_kind_get_type },
};

static gboolean
set_double (GstDmixSettings *settings, guint id, gdouble number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  return gst_dmix_settings_set (settings, id, &value);
}

/* The streaming thread sees a change at its next take, and only then. */
GST_START_TEST (test_settings)
{
  GstElement *owner = gst_pipeline_new (NULL);
  const Values *now;
  GstDmixSettings settings;
  Values values;
  GValue value = G_VALUE_INIT;

  gst_dmix_settings_init (&settings, owner, table, G_N_ELEMENTS (table),
      &values, sizeof values);
  now = gst_dmix_settings_get_current (&settings);
  fail_unless_equals_float (now->level, -12);
  fail_unless_equals_int (now->on, TRUE);
  fail_unless_equals_uint64 (now->time, 5);
  fail_unless_equals_int (now->kind, 1);
  fail_unless (gst_dmix_settings_take (&settings), "the first take applies");
  fail_unless (!gst_dmix_settings_take (&settings));

  fail_unless (set_double (&settings, 1, -20));
  fail_unless_equals_float (now->level, -12);
  fail_unless_equals_float (values.level, -20);
  fail_unless (gst_dmix_settings_take (&settings));
  fail_unless_equals_float (now->level, -20);
  fail_unless (!set_double (&settings, 1, -20), "same value");
  fail_unless (!set_double (&settings, 1, NAN), "refused");
  fail_unless (!gst_dmix_settings_take (&settings));

  g_value_init (&value, G_TYPE_DOUBLE);
  gst_dmix_settings_get (&settings, 1, &value);
  fail_unless_equals_float (g_value_get_double (&value), -20);

  gst_dmix_settings_mark_changed (&settings);
  fail_unless (gst_dmix_settings_take (&settings));
  fail_unless (!gst_dmix_settings_take (&settings));
  gst_dmix_settings_clear (&settings);
  gst_object_unref (owner);
}
GST_END_TEST

/* A property that is fixed from PAUSED on keeps its value there. */
GST_START_TEST (test_settings_fixed)
{
  GstElement *owner = gst_pipeline_new (NULL);
  GstDmixSettings settings;
  Values values;
  GValue value = G_VALUE_INIT;

  gst_dmix_settings_init (&settings, owner, table, G_N_ELEMENTS (table),
      &values, sizeof values);
  g_value_init (&value, G_TYPE_UINT64);
  g_value_set_uint64 (&value, 6);
  fail_unless (gst_dmix_settings_set (&settings, 3, &value));
  gst_element_set_state (owner, GST_STATE_PAUSED);
  g_value_set_uint64 (&value, 7);
  fail_unless (!gst_dmix_settings_set (&settings, 3, &value));
  fail_unless_equals_uint64 (values.time, 6);
  gst_element_set_state (owner, GST_STATE_NULL);
  gst_dmix_settings_clear (&settings);
  gst_object_unref (owner);
}
GST_END_TEST

GST_START_TEST (test_no_settings)
{
  GstElement *owner = gst_pipeline_new (NULL);
  GstDmixSettings settings;

  gst_dmix_settings_init (&settings, owner, NULL, 0, NULL, 0);
  fail_unless (!gst_dmix_settings_take (&settings));
  fail_unless (gst_dmix_settings_get_current (&settings) == NULL);
  gst_dmix_settings_clear (&settings);
  gst_object_unref (owner);
}
GST_END_TEST

/*** properties of a class: version, enum ***/

typedef GstElement Test;
typedef GstElementClass TestClass;

static GType test_get_type (void);
G_DEFINE_TYPE (Test, test, GST_TYPE_ELEMENT)

/* GObject wants both functions; no value is set here. */
static void
set_none (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
}

static void
get_none (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
}

static void
test_class_init (TestClass *klass)
{
  G_OBJECT_CLASS (klass)->set_property = set_none;
  G_OBJECT_CLASS (klass)->get_property = get_none;
  gst_dmix_properties_install (G_OBJECT_CLASS (klass), table,
      G_N_ELEMENTS (table));
}

static void
test_init (Test *self)
{
}

GST_START_TEST (test_install)
{
  GObjectClass *klass = g_type_class_ref (test_get_type ());
  GParamSpec *level = g_object_class_find_property (klass, "level");
  GParamSpec *on = g_object_class_find_property (klass, "on");
  GParamSpec *kind = g_object_class_find_property (klass, "kind");
  GstPluginAPIFlags flags;

  fail_unless_equals_string (g_param_spec_get_blurb (level), "Level, in dB");
  fail_unless_equals_string (g_param_spec_get_blurb (on),
      "Whether it is on (since 0.7)");
  fail_unless_equals_string (g_type_name (kind->value_type), "GstDmixTestKind");
  fail_unless (gst_type_is_plugin_api (kind->value_type, &flags));
  fail_unless_equals_string (g_enum_get_value (G_PARAM_SPEC_ENUM (kind)
                                                   ->enum_class,
                                 1)
                                 ->value_nick,
      "second");
  g_type_class_unref (klass);
}
GST_END_TEST

/*** the clock of messages ***/

#define RATE 48000

typedef struct
{
  GstElement *element;
  GstBus *bus;
  GstSegment segment;
  GstDmixInterval interval;
} Clock;

static const GstDmixIntervalSettings tenth = { TRUE, 100 * GST_MSECOND };

static Clock
clock_new (void)
{
  Clock clock = { .element = gst_pipeline_new (NULL), .bus = gst_bus_new () };

  gst_element_set_bus (clock.element, clock.bus);
  gst_segment_init (&clock.segment, GST_FORMAT_TIME);
  gst_dmix_interval_init (&clock.interval, clock.element);
  return clock;
}

static void
clock_free (Clock *clock)
{
  gst_dmix_interval_clear (&clock->interval);
  gst_element_set_bus (clock->element, NULL);
  gst_object_unref (clock->bus);
  gst_object_unref (clock->element);
}

/* Checks the next message and its fields of time. */
static void
check_message (Clock *clock, const gchar *name, GstClockTime timestamp,
    GstClockTime stream_time, GstClockTime running_time, GstClockTime duration)
{
  const gchar *field[] = { "timestamp", "stream-time", "running-time",
    "duration" };
  const GstClockTime expected[] = { timestamp, stream_time, running_time,
    duration };
  GstMessage *message = gst_bus_pop (clock->bus);

  fail_unless (message != NULL, "%s", name);
  fail_unless (gst_message_has_name (message, name));
  for (guint i = 0; i < 4; i++) {
    guint64 value;

    fail_unless (gst_structure_get_uint64 (gst_message_get_structure (message),
                     field[i], &value),
        "%s", field[i]);
    fail_unless_equals_uint64 (value, expected[i]);
  }
  gst_message_unref (message);
}

GST_START_TEST (test_interval_length)
{
  Clock clock = clock_new ();
  const GstDmixIntervalSettings none = { TRUE, 1 };

  fail_unless_equals_int (gst_dmix_interval_left (&clock.interval, &tenth,
                              RATE),
      4800);
  gst_dmix_interval_add (&clock.interval, 4000, 0);
  fail_unless_equals_int (gst_dmix_interval_left (&clock.interval, &tenth,
                              RATE),
      800);
  gst_dmix_interval_add (&clock.interval, 900, 0);
  fail_unless_equals_int (gst_dmix_interval_left (&clock.interval, &tenth,
                              RATE),
      1);
  gst_dmix_interval_next (&clock.interval);
  fail_unless_equals_int (gst_dmix_interval_left (&clock.interval, &tenth,
                              RATE),
      4800);
  fail_unless_equals_int (gst_dmix_interval_left (&clock.interval, &none, RATE),
      1);
  clock_free (&clock);
}
GST_END_TEST

/* The times are those of the first frame; two messages can share them. */
GST_START_TEST (test_interval_times)
{
  Clock clock = clock_new ();

  clock.segment.start = GST_SECOND;
  clock.segment.time = 20 * GST_SECOND;
  clock.segment.base = 3 * GST_SECOND;
  gst_dmix_interval_add (&clock.interval, 100, 2 * GST_SECOND);
  gst_dmix_interval_add (&clock.interval, 100, 9 * GST_SECOND);
  gst_dmix_interval_queue (&clock.interval, gst_structure_new_empty ("first"),
      &clock.segment, 5 * GST_SECOND);
  gst_dmix_interval_queue (&clock.interval, gst_structure_new_empty ("second"),
      &clock.segment, 5 * GST_SECOND);
  fail_unless (!gst_bus_have_pending (clock.bus), "queued, not posted");
  gst_dmix_interval_post (&clock.interval);
  for (guint i = 0; i < 2; i++)
    check_message (&clock, i ? "second" : "first", 2 * GST_SECOND,
        21 * GST_SECOND, 4 * GST_SECOND, 3 * GST_SECOND);
  fail_unless (!gst_bus_have_pending (clock.bus));
  clock_free (&clock);
}
GST_END_TEST

/* A time that is not known is NONE. */
GST_START_TEST (test_interval_unknown)
{
  const GstClockTime none = GST_CLOCK_TIME_NONE;
  Clock clock = clock_new ();

  gst_dmix_interval_add (&clock.interval, 100, none);
  gst_dmix_interval_queue (&clock.interval, gst_structure_new_empty ("t"),
      &clock.segment, 5 * GST_SECOND);
  gst_dmix_interval_post (&clock.interval);
  check_message (&clock, "t", none, none, none, none);

  gst_dmix_interval_next (&clock.interval);
  gst_dmix_interval_add (&clock.interval, 100, 7);
  gst_dmix_interval_queue (&clock.interval, gst_structure_new_empty ("t"),
      &clock.segment, none);
  gst_dmix_interval_post (&clock.interval);
  check_message (&clock, "t", 7, 7, 7, none);

  gst_segment_init (&clock.segment, GST_FORMAT_BYTES);
  gst_dmix_interval_queue (&clock.interval, gst_structure_new_empty ("t"),
      &clock.segment, 9);
  gst_dmix_interval_post (&clock.interval);
  check_message (&clock, "t", 7, none, none, none);
  clock_free (&clock);
}
GST_END_TEST

GST_START_TEST (test_interval_reset)
{
  Clock clock = clock_new ();

  gst_dmix_interval_add (&clock.interval, 100, 0);
  gst_dmix_interval_queue (&clock.interval, gst_structure_new_empty ("t"),
      &clock.segment, 5);
  gst_dmix_interval_reset (&clock.interval);
  gst_dmix_interval_post (&clock.interval);
  fail_unless (!gst_bus_have_pending (clock.bus));
  fail_unless_equals_int (gst_dmix_interval_left (&clock.interval, &tenth,
                              RATE),
      4800);
  clock_free (&clock);
}
GST_END_TEST

static Suite *
dmixsettings_suite (void)
{
  Suite *suite = suite_create ("dmixsettings");
  TCase *tc = tcase_create ("settings");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_settings);
  tcase_add_test (tc, test_settings_fixed);
  tcase_add_test (tc, test_no_settings);
  tcase_add_test (tc, test_install);
  tcase_add_test (tc, test_interval_length);
  tcase_add_test (tc, test_interval_times);
  tcase_add_test (tc, test_interval_unknown);
  tcase_add_test (tc, test_interval_reset);
  return suite;
}

GST_CHECK_MAIN (dmixsettings)
