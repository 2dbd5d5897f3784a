/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAggregator: base class of the elements with several inputs.
 *
 * GstAudioAggregator aligns the inputs in time. This class adds what every
 * subclass with look-ahead needs: named pads, one sample rate for all and any
 * channels on each, optional pads that never make the others wait, and the
 * delay, which it takes off the timestamps, reports and drains. It owns the
 * settings and the element messages in the same way as GstDmixFilter.
 *
 * A subclass makes a processor for a format (setup), hands it the settings
 * (apply) and lets it process blocks (process). */
#ifndef GST_DMIX_AGGREGATOR_H
#define GST_DMIX_AGGREGATOR_H

#include <gst/audio/gstaudioaggregator.h>

#include "base/gstdmixcaps.h"
#include "base/gstdmixinterval.h"
#include "base/gstdmixproperties.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_AGGREGATOR (gst_dmix_aggregator_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDmixAggregator, gst_dmix_aggregator, GST,
    DMIX_AGGREGATOR, GstAudioAggregator)

/* A block of output. */
typedef struct
{
  gfloat *samples; /* in the format of the src pad */
  guint frames;
  guint head;        /* frames at its start that the base drops */
  gint64 offset;     /* output frame number of the first one */
  gboolean draining; /* behind the last input */
} GstDmixBlock;

/* Messages that one interval can have. */
#define GST_DMIX_AGGREGATOR_MESSAGES 2

/**
 * GstDmixAggregatorClass:
 * @leading_pad: name of the pad that the output waits for and whose caps the
 *     src pad takes; all other pads are optional. NULL: all are optional
 * @src_caps: returns the caps that the src pad can have, given the caps of
 *     the sink `pads` and of `downstream`; NULL: their intersection
 * @setup: makes a processor for @info with these settings, which takes over
 *     the state of the old one if there is one; returns its delay in frames,
 *     or -1 after an element error
 * @reset: clears all sound and state of the processor
 * @apply: hands the settings to the processor; called before a block if they
 *     have changed. May be NULL
 * @begin: the block is collected and will be processed. May be NULL
 * @process: processes @frames frames of @block from its frame @first on, in
 *     place; @heard is FALSE for frames that the base drops
 * @tail: returns for how many frames sound can come out behind the delay of
 *     the last input; NULL: none
 * @meter: writes the messages about what happened since the last call to
 *     @message and returns how many (0: stays silent); the base adds the
 *     fields of time. Requires a settings struct that begins with
 *     GstDmixIntervalSettings. May be NULL
 * @leave: the buffer is complete and leaves next; may add meta. May be NULL
 * @end: returns the output frame at which the output ends, or -1: with the
 *     longest input. May be NULL
 *
 * The base calls all of them on the streaming thread, and holds the lock of
 * the pads from @begin to @leave.
 */
struct _GstDmixAggregatorClass
{
  GstAudioAggregatorClass parent_class;

  const gchar *leading_pad;
  GstCaps *(
      *src_caps) (GstDmixAggregator *self, GstCaps *pads, GstCaps *downstream);
  gint (*setup) (GstDmixAggregator *self, const GstAudioInfo *info,
      gconstpointer settings);
  void (*reset) (GstDmixAggregator *self);
  void (*apply) (GstDmixAggregator *self, gconstpointer settings);
  void (*begin) (GstDmixAggregator *self, const GstDmixBlock *block);
  void (*process) (GstDmixAggregator *self, const GstDmixBlock *block,
      guint first, guint frames, gboolean heard);
  guint (*tail) (GstDmixAggregator *self);
  guint (*meter) (GstDmixAggregator *self,
      GstStructure *message[GST_DMIX_AGGREGATOR_MESSAGES]);
  void (*leave) (GstDmixAggregator *self, GstBuffer *buffer);
  gint64 (*end) (GstDmixAggregator *self);

  /*< private > set by gst_dmix_aggregator_class_install() */
  const GstDmixProperty *properties;
  guint property_count;
  gsize settings_offset, settings_size;
};

/* From class_init: the table of properties, and where the settings struct lies
 * in the instance. */
void gst_dmix_aggregator_class_install (GstDmixAggregatorClass *klass,
    const GstDmixProperty *properties, guint count, gsize settings_offset,
    gsize settings_size);

/* set_property() and get_property() of the table, for a subclass that
 * overrides them. The first returns TRUE if the value has changed. */
gboolean gst_dmix_aggregator_set_property (GstDmixAggregator *self, guint id,
    const GValue *value);
void gst_dmix_aggregator_get_property (GstDmixAggregator *self, guint id,
    GValue *value);

/* Streaming thread: the settings of the current block. */
gconstpointer gst_dmix_aggregator_get_settings (GstDmixAggregator *self);

/* Sets the look-ahead that the LATENCY query reports, ns. Any thread. */
void gst_dmix_aggregator_set_lookahead (GstDmixAggregator *self,
    GstClockTime lookahead);

/* create_output_buffer() of GstAudioAggregator: an uninitialized buffer from the
 * allocator downstream. */
GstBuffer *gst_dmix_aggregator_new_buffer (GstDmixAggregator *self,
    guint frames);

/* Timestamp and stream time of an output frame. */
GstClockTime gst_dmix_aggregator_frame_pts (GstDmixAggregator *self,
    gint64 frame);
GstClockTime gst_dmix_aggregator_frame_stream_time (GstDmixAggregator *self,
    gint64 frame);

G_END_DECLS

#endif
