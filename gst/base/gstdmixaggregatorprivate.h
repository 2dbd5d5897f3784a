/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* State that the files of GstDmixAggregator share. Private to
 * gstdmixaggregator*.c. */
#ifndef GST_DMIX_AGGREGATOR_PRIVATE_H
#define GST_DMIX_AGGREGATOR_PRIVATE_H

#include "base/gstdmixaggregator.h"
#include "base/gstdmixformats.h"
#include "base/gstdmixsettings.h"
#include "base/gstdmixstartup.h"
#include "base/gstdmixstarvation.h"

G_BEGIN_DECLS

/* A block that somebody waits for, or that automation changes: 10 ms more live
 * latency than the default of GstAudioAggregator, for a third less of its cost.
 * Applications that need every millisecond set it back. */
#define GST_DMIX_AGGREGATOR_BLOCK (20 * GST_MSECOND)

typedef struct
{
  GstDmixFormats formats;
  GstDmixSettings settings;
  GstClockTime lookahead; /* object lock */
  gint news;              /* a pad has something to report; atomic */
  gint tolerance_us;      /* property alignment-threshold; atomic */
  gint wait_us;           /* property discont-wait; atomic */
  gint ended;             /* the output has ended by itself; atomic */
  gint block_is_chosen;   /* the user has set the length of a block; atomic */
  GThread *fitting;       /* the thread in which the element sets it; atomic */
  gint stores;            /* sink pads store QUEUE of sound; atomic */
  GRecMutex pads_lock;    /* held while the base class walks over the pads;
                             taken before the object lock */

  /* streaming thread only */
  GstAudioInfo info; /* of the processor */
  guint delay;       /* of the processor, frames */
  guint skip;        /* frames of the delay that are still to be dropped */
  gint64 next;       /* input frame expected next, -1: any */
  gint64 sound_end;  /* end of the last block that had sound, -1: none yet */
  gint64 metered;    /* output frame behind the last one in a message */
  gboolean drained;
  gboolean between_blocks; /* the base class has begun no block */
  guint blocks;            /* since the start or a flush */
  GstDmixInterval interval;
  GstDmixStartup startup;
  GstDmixStarvation starvation;
} GstDmixAggregatorPrivate;

#define GST_DMIX_AGGREGATOR_PRIVATE(self)                                      \
  ((GstDmixAggregatorPrivate *)                                                \
          g_type_instance_get_private ((GTypeInstance *) (self),               \
              GST_TYPE_DMIX_AGGREGATOR))
/* The parent class, to chain up to. */
#define GST_DMIX_AGGREGATOR_PARENT                                             \
  GST_AGGREGATOR_CLASS (g_type_class_peek (GST_TYPE_AUDIO_AGGREGATOR))

/* gstdmixaggregatortime.c: frames, latency, deadlines, position */

/* Sets the vfuncs for time. */
void gst_dmix_aggregator_time_class_init (GstDmixAggregatorClass *klass);
/* Reports look-ahead and block length to GstAggregator. */
void gst_dmix_aggregator_update_latency (GstDmixAggregator *self);
/* Between two blocks: sets the length of the next one, and what the pads store,
 * to what the pipeline needs, unless the user has chosen it. No lock held. */
void gst_dmix_aggregator_fit_blocks (GstDmixAggregator *self);
/* The segment of the output; a copy, since a seek may change it. */
GstSegment gst_dmix_aggregator_segment (GstDmixAggregator *self);

/* gstdmixaggregatorinput.c: pads that come and go, and their data */

/* Sets the vfuncs for pads and their data. */
void gst_dmix_aggregator_input_class_init (GstDmixAggregatorClass *klass);
/* Sends EOS to each optional pad that nothing is linked to, if another pad is
 * linked: pads wait for the first stream together. */
void gst_dmix_aggregator_end_unlinked (GstDmixAggregator *self);
/* TRUE if all pads have ended, also if there are none. */
gboolean gst_dmix_aggregator_inputs_have_ended (GstDmixAggregator *self);
/* TRUE if a pad was skipped and is linked by now: its stream is to come. */
gboolean gst_dmix_aggregator_has_late_pad (GstDmixAggregator *self);
/* TRUE if all pads have ended, but one was skipped and is linked by now. */
gboolean gst_dmix_aggregator_awaits_stream (GstDmixAggregator *self);
/* aggregate() as long as no pad has a format. */
GstFlowReturn gst_dmix_aggregator_without_format (GstDmixAggregator *self,
    gboolean timeout);
/* TRUE if memory is short for the sound of a pad. */
gboolean gst_dmix_aggregator_lacks_memory (GstDmixAggregator *self);
/* Posts the errors about that; FALSE if there are none. No lock held. */
gboolean gst_dmix_aggregator_complain (GstDmixAggregator *self);
/* After a block that was made at a live deadline: finds pads that miss data. */
void gst_dmix_aggregator_check_late (GstDmixAggregator *self);
/* Posts what the pads have to report. No lock held. */
void gst_dmix_aggregator_report (GstDmixAggregator *self);

G_END_DECLS

#endif
