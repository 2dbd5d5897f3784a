/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A filter for the tests of the base class: gain behind a delay that can change,
 * and streams whose samples are frame numbers. */
#ifndef TEST_FILTER_H
#define TEST_FILTER_H

#include "base/gstdmixfilter.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#define MAX_DELAY 10000

typedef struct
{
  GstDmixFilterSettings common;
  gdouble gain, delay, tail;
} TestFilterSettings;

typedef struct
{
  GstDmixFilter parent;
  TestFilterSettings settings;
  gfloat *line; /* the last MAX_DELAY samples */
  guint at, channels, delay, tail;
  gdouble gain;
  guint frames, resets, setups; /* frames since the last meter */
  gfloat peak;
} TestFilter;

typedef GstDmixFilterClass TestFilterClass;

#define TEST_FILTER(obj) ((TestFilter *) (obj))

GType test_filter_get_type (void);

/* Whether the filter compares the stream time of its input with the samples. */
extern gboolean test_filter_checks_time;

/* An element of a type with its properties. */
GstHarness *test_filter_harness (GType type, gint rate, gint channels,
    const gchar *first, ...);

/* The sample of a frame, and its timestamp. */
gfloat test_filter_value (guint64 frame);
GstClockTime test_filter_time (guint64 frame, gint rate);

/* Frames from `first` on of a stream whose samples are frame numbers. */
GstBuffer *test_filter_buffer (guint64 first, guint frames, gint rate,
    guint channels);
void test_filter_push (GstHarness *h, GstBuffer *buffer);
void test_filter_push_frames (GstHarness *h, guint64 first, guint frames,
    gint rate, guint channels);

/* Pulls all that is there: samples have to be those of `frame` and on, with
 * the timestamps they came with. Returns the frame after the last. */
guint64 test_filter_check_output (GstHarness *h, guint64 frame, gint rate,
    guint channels);

/* Pulls all that is there and returns its length. */
guint test_filter_pull_frames (GstHarness *h, guint channels);

#endif
