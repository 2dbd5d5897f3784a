/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixLeader: which sink pad of an element with several inputs has the format of
 * the output.
 *
 * With a name, as "background": the pad of that name; without such a pad, that with
 * the lowest number among "background_%u", as far as they are linked and have not
 * ended. Without a name: the pad with the lowest number, whose rate alone counts.
 *
 * Once the output has a format, no other pad takes its leader's place: pads come and
 * go without a change of the output. Any thread. */
#ifndef GST_DMIX_LEADER_H
#define GST_DMIX_LEADER_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GstElement *element;
  const gchar *name;    /* or NULL */
  gchar settled[32];    /* name of the pad that leads; object lock */
  gboolean has_settled; /* object lock */
} GstDmixLeader;

void gst_dmix_leader_init (GstDmixLeader *self, GstElement *element,
    const gchar *name);

/* The pad, referenced; NULL: none is there yet, or it has gone. */
GstPad *gst_dmix_leader_get (GstDmixLeader *self);

/* TRUE if a pad that is still to come cannot take its place. */
gboolean gst_dmix_leader_is_certain (GstDmixLeader *self);

/* The output has its format now: from `pad`, or from no leader (NULL). */
void gst_dmix_leader_settle (GstDmixLeader *self, GstPad *pad);

/* The next output may have another leader. */
void gst_dmix_leader_forget (GstDmixLeader *self);

/* TRUE if `pad` comes before `other`, by the numbers of their names. */
gboolean gst_dmix_leader_is_before (GstPad *pad, GstPad *other);

/* TRUE if the stream of `pad` has ended. */
gboolean gst_dmix_leader_has_ended (GstPad *pad);

G_END_DECLS

#endif
