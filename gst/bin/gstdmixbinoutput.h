/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinOutput: the elements behind the ducker of dmixbin:
 *
 *   ducker ! [tap of the stems] ! [dmixlevel or dmixcomp as limiter] ! [dmixmeter] ! src
 *
 * Elements in brackets are there only if a property asks for them. */
#ifndef GST_DMIX_BIN_OUTPUT_H
#define GST_DMIX_BIN_OUTPUT_H

#include "bin/gstdmixbintap.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DMIX_BIN_LEVELLER,
  GST_DMIX_BIN_LIMITER,
  GST_DMIX_BIN_MIX_METER,
  GST_DMIX_BIN_STAGES
} GstDmixBinStage;

typedef struct
{
  GstBin *bin;
  GstElement *ducker; /* in the bin */
  GstPad *src;        /* ghost pad of the bin */
  GstElement *stage[GST_DMIX_BIN_STAGES];
  GstDmixBinTap *tap; /* NULL: no stem has been asked for */
} GstDmixBinOutput;

/* Links the ducker to the ghost pad. */
void gst_dmix_bin_output_init (GstDmixBinOutput *self, GstBin *bin,
    GstElement *ducker, GstPad *src);
void gst_dmix_bin_output_clear (GstDmixBinOutput *self);

/* Puts the wanted elements into the chain and takes the others out. In READY and
 * below. FALSE, after an element error, if one is missing. */
gboolean gst_dmix_bin_output_build (GstDmixBinOutput *self,
    const gboolean wanted[GST_DMIX_BIN_STAGES]);

/* A new pad `dialogue` or `background` of a tap, which joins the chain, also while
 * sound flows; not referenced. */
GstPad *gst_dmix_bin_output_add_stem (GstDmixBinOutput *self,
    const gchar *name);
void gst_dmix_bin_output_remove_stem (GstDmixBinOutput *self,
    const gchar *name);

G_END_DECLS

#endif
