/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A ducker, or another element, between pads of the test: each input is fed from
 * a thread of its own, the output is kept. Not live, so that every run gives the
 * same. */
#ifndef DUCKER_RIG_H
#define DUCKER_RIG_H

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>

typedef struct
{
  GstPad *pad;  /* the test's src pad */
  GstPad *peer; /* the element's sink pad */
  GQueue items; /* GstBuffer and GstEvent, in order */
  GThread *thread;
  GstFlowReturn flow;
} RigInput;

typedef struct
{
  GstElement *element;
  GstBus *bus;
  GstPad *sink;
  RigInput input[4];
  guint inputs;

  /* output; the lock is for threads of the element */
  GMutex lock;
  GCond changed;
  GArray *samples; /* gfloat */
  GPtrArray *caps; /* as strings, in order */
  gint channels;
  guint64 next_frame; /* offset expected next */
  GstClockTime first_pts;
  GstSegment segment; /* the last one */
  guint buffers, gaps;
  gboolean eos, contiguous;
} Rig;

/* settings: "property=value ..." of the element, or NULL */
Rig *rig_new (const gchar *settings);
/* text: the element and its settings */
Rig *rig_new_element (const gchar *text);
void rig_free (Rig *rig);

/* Requests a pad if there is none, links it, and queues stream-start, caps and segment. */
RigInput *rig_add (Rig *rig, const gchar *pad_name, gint rate, gint channels);

/* The same, but CAPS queries know the format from the start, as that of an element:
 * else the thread that comes first decides about the rate. */
RigInput *rig_add_fixed (Rig *rig, const gchar *pad_name, gint rate,
    gint channels);

/* Caps with the usual positions for 1, 2 and 6 channels, else none. */
GstCaps *rig_caps (gint rate, gint channels);

/* Queues frames of sound from the running time of `first` on. */
void rig_queue (RigInput *input, const gfloat *data, guint frames, guint block,
    gint rate, gint channels, guint first);
void rig_queue_gap (RigInput *input, guint frames, gint rate, guint first);
void rig_queue_event (RigInput *input, GstEvent *event);
void rig_queue_caps (RigInput *input, gint rate, gint channels);

GstEvent *rig_segment (GstClockTime start, GstClockTime stop,
    GstClockTime base);

/* Starts the element and the feeding; ends when EOS has come out, or fails
 * after 20 s. rig_feed() does not wait. */
void rig_run (Rig *rig);
void rig_feed (Rig *rig);
void rig_wait_eos (Rig *rig);

/* Waits for the error about different rates, which names a pad and the remedy. */
void rig_wait_rate_error (Rig *rig);

/* What has passed a pad since the last flush. */
typedef struct
{
  GstClockTime first; /* timestamp, NONE: nothing yet */
  guint64 bytes;
} RigReceived;

void rig_receive (GstPad *pad, RigReceived *received);

/* Flushing seeks to any place and back in a pipeline with `sink`, 48 kHz, mono:
 * the first sample is the one of that time, and all of the part are there. */
void rig_check_seeks (const gchar *text);

guint rig_frames (Rig *rig);
gfloat rig_sample (Rig *rig, guint frame, gint channel);
gfloat *rig_noise (guint samples, gfloat peak, guint32 seed);

#endif
