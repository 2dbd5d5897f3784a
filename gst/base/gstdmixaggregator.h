/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAggregator: base of the elements with several inputs.
 *
 * GstAudioAggregator puts the inputs in time; this class adds what it leaves
 * to every subclass that looks ahead: pads with names of their own, one rate
 * for all, channels free on each, the delay kept out of the timestamps,
 * reported and drained, optional pads that never make the others wait.
 *
 * Subclasses only say: format -> new processor (setup), settings -> processor
 * (prepare), block -> samples (process). */
#ifndef GST_DMIX_AGGREGATOR_H
#define GST_DMIX_AGGREGATOR_H

#include <gst/audio/gstaudioaggregator.h>

G_BEGIN_DECLS

#define GST_TYPE_DMIX_AGGREGATOR (gst_dmix_aggregator_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDmixAggregator, gst_dmix_aggregator, GST,
    DMIX_AGGREGATOR, GstAudioAggregator)

/* A block on its way out. */
typedef struct
{
  gfloat *samples; /* in the format of the src pad */
  guint frames;
  guint head;        /* frames at its start that are not put out */
  gint64 offset;     /* output frame of the first one */
  gboolean draining; /* after the last input */
} GstDmixBlock;

/**
 * GstDmixAggregatorClass:
 * @leading_pad: name of the pad whose caps the src pad takes and which is
 *     waited for; all other pads are optional. NULL: all pads are
 * @src_caps: what the src pad can have, by what `pads` have and `downstream`
 *     can take; those that both have if NULL
 * @setup: a new processor for @info, going on where the old one is if there
 *     is one; returns its delay in frames, or -1 (and posts an error)
 * @reset: forget all sound
 * @prepare: once a block, on the streaming thread, before @process: settings
 *     to the processor
 * @process: the block, in place; @samples goes in as collected
 * @tail: frames for which sound can come out after the last that went in, on
 *     top of the delay; none if NULL
 * @announce: post messages, with no lock held; @last: the stream ends here;
 *     may be NULL
 * @end: the output frame at which the output has to end, or -1: with the last
 *     input
 */
struct _GstDmixAggregatorClass
{
  GstAudioAggregatorClass parent_class;

  const gchar *leading_pad;
  GstCaps *(
      *src_caps) (GstDmixAggregator *self, GstCaps *pads, GstCaps *downstream);
  gint (*setup) (GstDmixAggregator *self, const GstAudioInfo *info);
  void (*reset) (GstDmixAggregator *self);
  void (*prepare) (GstDmixAggregator *self);
  void (*process) (GstDmixAggregator *self, const GstDmixBlock *block);
  guint (*tail) (GstDmixAggregator *self);
  void (*announce) (GstDmixAggregator *self, gboolean last);
  gint64 (*end) (GstDmixAggregator *self);
};

/* Declares how long the processor looks ahead, for the LATENCY query. */
void gst_dmix_aggregator_set_lookahead (GstDmixAggregator *self,
    GstClockTime lookahead);

/* Running time, stream time and timestamp of an output frame. */
typedef struct
{
  GstClockTime timestamp, stream_time, running_time;
} GstDmixTimes;
void gst_dmix_aggregator_get_times (GstDmixAggregator *self, gint64 frame,
    GstDmixTimes *times);

/* The sink pad of that name, or NULL; unref after use. */
GstAggregatorPad *gst_dmix_aggregator_get_pad (GstDmixAggregator *self,
    const gchar *name);

G_END_DECLS

#endif
