/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilter: base class of the elements with one input and one output.
 *
 * It owns time: it gives delayed frames their original timestamps back,
 * reports the delay in the LATENCY query, fills short holes between buffers
 * with silence, drains the processor at EOS, before new caps and at longer
 * jumps, and resets it on flush. It owns the
 * settings, which change under the object lock and reach the processor once a
 * block, and the element messages.
 *
 * A subclass makes a processor for a format (setup), hands it the settings
 * (apply) and lets it process samples (process). */
#ifndef GST_DMIX_FILTER_H
#define GST_DMIX_FILTER_H

#include <gst/audio/gstaudiofilter.h>

#include "base/gstdmixcaps.h"
#include "base/gstdmixinterval.h"
#include "base/gstdmixproperties.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_FILTER (gst_dmix_filter_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDmixFilter, gst_dmix_filter, GST, DMIX_FILTER,
    GstAudioFilter)

/* Settings of every filter. The settings struct of a subclass begins with
 * them. */
typedef struct
{
  gboolean bypass;
  GstDmixIntervalSettings messages;
} GstDmixFilterSettings;

/**
 * GstDmixFilterClass:
 * @setup: makes a processor for these formats in place of the old one, if
 *     any; returns FALSE, after an element error, if that fails
 * @cleanup: frees the processor; may be called twice
 * @apply: hands the settings to the processor; called after @setup, and at
 *     the start of a block if they have changed
 * @process: processes @frames frames from @in to @out, which are the same
 *     memory if both formats have as many channels
 * @reset: clears all sound and state of the processor: the stream goes on
 *     elsewhere (flush, new segment, a long hole) or has ended. What stays true
 *     for other parts of the stream may stay
 * @forget: another stream begins: clears that, too. May be NULL
 * @latency: returns the delay of the processor in frames; called after @apply
 *     and after each block. If the delay grows by d frames, the next d frames
 *     of output repeat earlier ones, and the base drops them
 * @catch_up: writes the @frames frames that are inside the processor and due
 *     at once because the delay has shrunk; required if the delay can shrink
 * @tail: returns for how many frames sound can come out behind the delay of
 *     the last input; NULL: none
 * @meter: returns what happened since the last call, as a message named after
 *     the element; the base adds the fields of time. May be NULL
 * @has_news: returns FALSE if the message of this interval would repeat the
 *     last one and shall not be posted; NULL: posts always
 * @end: the stream has ended; called before the last message, which is then
 *     posted even if no frame has passed since the one before. May be NULL
 * @annotate: adds metas to a buffer before it leaves. May be NULL
 *
 * The base calls all of them on the streaming thread, with no lock held.
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
  void (*forget) (GstDmixFilter *self);
  guint (*latency) (GstDmixFilter *self);
  void (*catch_up) (GstDmixFilter *self, gfloat *out, guint frames);
  guint (*tail) (GstDmixFilter *self);
  GstStructure *(*meter) (GstDmixFilter *self);
  gboolean (*has_news) (GstDmixFilter *self);
  void (*end) (GstDmixFilter *self);
  void (*annotate) (GstDmixFilter *self, GstBuffer *buffer);

  /*< private > set by gst_dmix_filter_class_install() */
  const GstDmixProperty *properties;
  guint property_count;
  gsize settings_offset, settings_size;
};

/* What class_init of a subclass has to say about the element. */
typedef struct
{
  const gchar *long_name, *classification, *description;
  const GstDmixProperty *properties;
  guint property_count;
  gsize settings_offset; /* of the settings struct in the instance */
  gsize settings_size;
} GstDmixFilterInfo;

/* From class_init: installs pad templates with GST_DMIX_CAPS, metadata and
 * properties. */
void gst_dmix_filter_class_install (GstDmixFilterClass *klass,
    const GstDmixFilterInfo *info);

/* set_property() and get_property() of the table, for a subclass that adds
 * properties of other types and overrides both. */
void gst_dmix_filter_set_property (GObject *object, guint id,
    const GValue *value, GParamSpec *spec);
void gst_dmix_filter_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec);

/* From any thread: makes the base call @apply before the next block, for
 * settings that are not in the table. */
void gst_dmix_filter_settings_changed (GstDmixFilter *self);

/* Streaming thread: the settings of the current block. */
gconstpointer gst_dmix_filter_get_settings (GstDmixFilter *self);

/* From process(): the stream time of frame number `frame` of its input, or
 * NONE. Does not depend on the size of input buffers. */
GstClockTime gst_dmix_filter_get_stream_time (GstDmixFilter *self, guint frame);

G_END_DECLS

#endif
