/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Data behind the end of the output. An element whose output ends before all
 * its inputs have ended takes what still comes and drops it: the answer EOS
 * would also end the other branches of a tee upstream. */
#ifndef GST_DMIX_PAST_END_H
#define GST_DMIX_PAST_END_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* Puts a chain function before that of the pad: while *ended (atomic) is not 0,
 * buffers are dropped, and the flow return is OK instead of EOS. A flush of the
 * pad sets it to 0. `ended` must live as long as the pad. */
void gst_dmix_past_end_install (GstPad *pad, gint *ended);

/* Monotonic times in s, 0: never. *entered: since when the chain function of
 * the pad has been running, 0: it is not; *left: when it returned last. Any
 * thread. */
void gst_dmix_past_end_times (GstPad *pad, gint *entered, gint *left);

G_END_DECLS

#endif
