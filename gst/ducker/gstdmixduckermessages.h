/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Messages that dmixducker posts every interval. */
#ifndef GST_DMIX_DUCKER_MESSAGES_H
#define GST_DMIX_DUCKER_MESSAGES_H

#include <gst/gst.h>

#include "ducker/ducker.h"
#include "meter/stemmeter.h"

G_BEGIN_DECLS

/* Message `dmixducker`: the ducking of this interval. */
GstStructure *gst_dmix_ducker_messages_ducking (const DmixDuckerMeter *meter);

/* Message `dmixmeter`: loudness of the mix and of both stems,
 * intelligibility, and the difference as in the other message. */
GstStructure *gst_dmix_ducker_messages_stems (DmixStemMeter *meter,
    guint channels, const DmixDuckerMeter *ducking);

G_END_DECLS

#endif
