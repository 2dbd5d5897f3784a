/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixSpace: output configuration (loudspeakers, headphones, Ambisonics) that
 * dmixpan and dmixpanmix share: its properties, its caps, its panner. */
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
  GstDmixHrtf *hrtf;                        /* from PAUSED on, or NULL */
} GstDmixSpace;

void gst_dmix_space_fill_table (GstDmixProperty *table, gsize offset);

/* Installs the properties that are not in the table, with the ids `first_id` and
 * the two after it. number: id - first_id; the functions return FALSE for any
 * other number. */
void gst_dmix_space_install (GObjectClass *klass, guint first_id);
gboolean gst_dmix_space_set (GstDmixSpace *self, guint number,
    const GValue *value);
gboolean gst_dmix_space_get (GstDmixSpace *self, guint number, GValue *value);

void gst_dmix_space_init (GstDmixSpace *self, GstElement *element,
    const GstDmixSpaceSettings *settings);
void gst_dmix_space_clear (GstDmixSpace *self);

/* From READY to PAUSED: reads the HRTFs if the output is binaural; FALSE, after
 * an element error, if that fails. And back. */
gboolean gst_dmix_space_open (GstDmixSpace *self);
void gst_dmix_space_close (GstDmixSpace *self);

/* Sets the channels of each structure to those of the output. */
GstCaps *gst_dmix_space_restrict (GstDmixSpace *self, GstCaps *caps);

/* Fixates caps; prefers the layout of `like` (may be NULL). */
GstCaps *gst_dmix_space_fixate (GstDmixSpace *self, GstCaps *caps,
    const GstAudioInfo *like);

/* A panner for the configuration and these output caps; NULL after an element
 * error. old: the panner so far, or NULL: it is freed, in any case, and its
 * parts serve again where nothing has changed. */
DmixPan *gst_dmix_space_new_pan (GstDmixSpace *self, const GstAudioInfo *out,
    DmixPan *old);

void gst_dmix_space_set_head (const GstDmixSpaceSettings *settings,
    DmixPan *pan);

/* The layout of an input; channels without positions are a row. */
void gst_dmix_space_input_layout (const GstAudioInfo *in, DmixLayout *layout);

/* Enum types of the table. */
GType gst_dmix_space_output_get_type (void);
GType gst_dmix_space_layout_get_type (void);

G_END_DECLS

#endif
