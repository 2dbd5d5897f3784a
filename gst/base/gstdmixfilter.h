/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilter: base of the elements with one input and one output.
 *
 * It owns time: what a processor delays leaves with the timestamp it came
 * with, the delay is told in the LATENCY query and drained at the end, before
 * new caps and where the stream is broken; flushes and DISCONT forget all
 * sound. It owns the settings, which change under the object lock and reach
 * the processor once a block, and the messages on the bus.
 *
 * Subclasses only say: format -> new processor (setup), settings -> processor
 * (apply), block -> samples (process). */
#ifndef GST_DMIX_FILTER_H
#define GST_DMIX_FILTER_H

#include <gst/audio/gstaudiofilter.h>

#include "base/gstdmixproperties.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_FILTER (gst_dmix_filter_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDmixFilter, gst_dmix_filter, GST, DMIX_FILTER,
    GstAudioFilter)

/* What every filter can be told. The settings struct of a subclass begins with
 * it. */
typedef struct
{
  gboolean bypass, post_messages;
  guint64 interval;
} GstDmixFilterSettings;

/**
 * GstDmixFilterClass:
 * @setup: a new processor in place of the old one, if any, for these formats;
 *     FALSE, after an element error, if there can be none
 * @cleanup: the processor is no longer needed; may be called twice
 * @apply: settings to the processor; before the first block, and whenever
 *     they have changed, at the start of a block
 * @process: @frames frames from @in to @out, which are the same memory where
 *     in and out have as many channels
 * @reset: forget all sound
 * @latency: the delay of the processor in frames, asked after @apply and after
 *     each block. Where it grows by d, the next d frames that come out are
 *     ones that were out before, and are dropped
 * @catch_up: @frames frames that are inside and due at once, for the delay has
 *     shrunk by as many; needed if the delay can shrink
 * @tail: frames for which sound can come out after the last that went in, on
 *     top of the delay; none if NULL
 * @meter: what happened since the last call, as a message named after the
 *     element; fields for the time are added. May be NULL
 * @has_news: whether @meter would tell what it has not told yet; asked before
 *     each message that is to be posted. Always, if NULL
 * @annotate: a buffer before it leaves, for metas. May be NULL
 *
 * All are called on the streaming thread with no lock held.
 */
struct _GstDmixFilterClass
{
  GstAudioFilterClass parent_class;

  gboolean (*setup) (GstDmixFilter *self, const GstAudioInfo *in,
      const GstAudioInfo *out, gconstpointer settings);
  void (*cleanup) (GstDmixFilter *self);
  void (*apply) (GstDmixFilter *self, gconstpointer settings);
  void (*process) (GstDmixFilter *self, const gfloat *in, gfloat *out,
      guint frames);
  void (*reset) (GstDmixFilter *self);
  guint (*latency) (GstDmixFilter *self);
  void (*catch_up) (GstDmixFilter *self, gfloat *out, guint frames);
  guint (*tail) (GstDmixFilter *self);
  GstStructure *(*meter) (GstDmixFilter *self);
  gboolean (*has_news) (GstDmixFilter *self);
  void (*annotate) (GstDmixFilter *self, GstBuffer *buffer);

  /*< private > set by gst_dmix_filter_class_install() */
  const GstDmixProperty *properties;
  guint property_count;
  gsize settings_offset, settings_size;
};

/* From class_init: the properties of the subclass, and where in the instance
 * its settings struct lies. */
void gst_dmix_filter_class_install (GstDmixFilterClass *klass,
    const GstDmixProperty *properties, guint count, gsize settings_offset,
    gsize settings_size);

/* What that sets as the class's functions: to be called by those of a subclass
 * that has properties beside the table. */
void gst_dmix_filter_set_property (GObject *object, guint id,
    const GValue *value, GParamSpec *spec);
void gst_dmix_filter_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec);

/* From any thread: @apply has something to do besides the properties of the
 * table. */
void gst_dmix_filter_settings_changed (GstDmixFilter *self);

/* From process(): the stream time of frame number `frame` of those that it was
 * given, or NONE. It does not depend on how the stream is cut into buffers. */
GstClockTime gst_dmix_filter_get_stream_time (GstDmixFilter *self, guint frame);

/* The caps that filters take, for gst_audio_filter_class_add_pad_templates()
 * and pad templates. */
#define GST_DMIX_FILTER_CAPS                                                   \
  "audio/x-raw, format = (string) " GST_AUDIO_NE (                             \
      F32) ", "                                                                \
           "layout = (string) interleaved, rate = (int) [ 8000, 384000 ], "    \
           "channels = (int) [ 1, 64 ]"

G_END_DECLS

#endif
