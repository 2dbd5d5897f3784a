/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the files of soak share. */
#ifndef SOAK_H
#define SOAK_H

#include <gst/gst.h>

#define INPUTS 4

typedef struct
{
  GstPad *pad, *peer;
  gboolean leads;
  GQueue items; /* GstBuffer and GstEvent */
  GThread *thread;
  GstClockTime end; /* running time at which it ends */
} Input;

typedef struct
{
  const gchar *name;
  GRand *rand;
  gint rate;
  GstElement *element;
  GstBus *bus;
  GstPad *sink;
  Input input[INPUTS];
  guint inputs;

  GMutex lock;
  GCond changed;
  gint channels;
  GstClockTime end; /* of what came out since the last flush */
  gboolean eos, slow;
  gboolean orderly;  /* the input has no holes, and the like */
  gboolean in_order; /* so the output has none, either */
  gchar *fault;      /* the first */
} Run;

/* A random number below count (0 if that is 0); true once in count times. */
guint soak_any (Run *run, guint count);
gboolean soak_one_in (Run *run, guint count);

/* Writes up to 60 buffers and events of input, from running time 0 on. */
void soak_write (Run *run, Input *input);

/* A thread: pushes what has been written. */
gpointer soak_feed (gpointer input);

#endif
