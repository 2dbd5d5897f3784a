/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Upstream of the sink pads of one element. */
#ifndef GST_DMIX_UPSTREAM_H
#define GST_DMIX_UPSTREAM_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* TRUE if different threads push to the two sink pads, so that one may wait for
 * the other. FALSE also where no thread is found: upstream is not linked, or an
 * application pushes. */
gboolean gst_dmix_upstream_is_apart (GstPad *one, GstPad *other);

/* TRUE if upstream of the pad is live, as far as it knows by now. */
gboolean gst_dmix_upstream_is_live (GstPad *pad);

/* The rate that upstream of the sink pad has or will choose, Hz: that of the first
 * element upstream that says one, with which audioresample and the like pass the
 * sound on unchanged. 0: not known yet. */
gint gst_dmix_upstream_rate (GstPad *pad);

/* TRUE if upstream knows which rate it prefers; `caps` is its answer to a CAPS
 * query. Elements that can have any rate answer with a range. */
gboolean gst_dmix_upstream_has_rate (const GstCaps *caps);

G_END_DECLS

#endif
