/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What dmixpan and dmixpanmix put their sound into: loudspeakers, headphones
 * or Ambisonics. It has the properties of that, knows which caps come out, and
 * makes the processor. */
#ifndef GST_DMIX_SPACE_H
#define GST_DMIX_SPACE_H

#include <gst/audio/audio.h>

#include "pan/gstdmixhrtf.h"
#include "base/gstdmixproperties.h"
#include "pan/pan.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DMIX_SPACE_AUTO, /* headphones if a SOFA file is set */
  GST_DMIX_SPACE_SPEAKERS,
  GST_DMIX_SPACE_BINAURAL,
  GST_DMIX_SPACE_AMBISONIC
} GstDmixSpaceOutput;

/* Part of the settings of the element; object lock. */
typedef struct
{
  gint output, layout;
  gboolean doppler, zero_latency;
  gdouble head_yaw, head_pitch, head_roll;
} GstDmixSpaceSettings;

#define GST_DMIX_SPACE_PROPERTIES 7

typedef struct
{
  GstElement *element;
  const GstDmixSpaceSettings *settings;
  gchar *sofa_location, *speaker_positions; /* object lock */
  gint ambisonic_order;                     /* object lock */
  GstDmixHrtf *hrtf;                        /* from READY on */
} GstDmixSpace;

void gst_dmix_space_fill_table (GstDmixProperty *table, gsize offset);

/* The properties that are no numbers in a struct: they get `first_id` and the
 * two ids after it. The other functions return FALSE for any other id. */
void gst_dmix_space_install (GObjectClass *klass, guint first_id);
gboolean gst_dmix_space_set (GstDmixSpace *self, guint number,
    const GValue *value);
gboolean gst_dmix_space_get (GstDmixSpace *self, guint number, GValue *value);

void gst_dmix_space_init (GstDmixSpace *self, GstElement *element,
    const GstDmixSpaceSettings *settings);
void gst_dmix_space_clear (GstDmixSpace *self);

/* From READY to PAUSED: reads the HRTFs if there have to be any; FALSE, after
 * an element error, if they cannot be had. And back. */
gboolean gst_dmix_space_open (GstDmixSpace *self);
void gst_dmix_space_close (GstDmixSpace *self);

/* Gives each structure the channels that can come out. */
GstCaps *gst_dmix_space_restrict (GstDmixSpace *self, GstCaps *caps);

/* Chooses one of the caps; prefers the layout `like`, if any. */
GstCaps *gst_dmix_space_fixate (GstDmixSpace *self, GstCaps *caps,
    const GstAudioInfo *like);

/* NULL after an element error. */
DmixPan *gst_dmix_space_new_pan (GstDmixSpace *self, const GstAudioInfo *out);

void gst_dmix_space_set_head (const GstDmixSpaceSettings *settings,
    DmixPan *pan);

/* The layout of what comes in: any that has no positions is a row. */
void gst_dmix_space_input_layout (const GstAudioInfo *in, DmixLayout *layout);

/* The enums, for gst_type_mark_as_plugin_api(). */
GType gst_dmix_space_output_get_type (void);
GType gst_dmix_space_layout_get_type (void);

G_END_DECLS

#endif
