/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loudspeaker layouts: the angles of each channel.
 *
 * The angles of a position depend on the layout: rear-left is at 110 degrees in
 * 5.1 and at 135 degrees in 7.1 (ITU-R BS.2051-3, systems A to H). 9.1.6, which
 * the standard lacks, is its system J with wide loudspeakers at 60 degrees and
 * top side loudspeakers. Channels are in the order of their bits in the mask,
 * which are GStreamer's channel positions (SMPTE ST 2036-2 and more).
 */
#ifndef DMIX_LAYOUT_H
#define DMIX_LAYOUT_H

#include "base/format.h"

#include <stdint.h>

typedef struct
{
  double azimuth_deg, elevation_deg;
  int is_lfe; /* excluded from panning */
} DmixSpeaker;

typedef struct
{
  unsigned channels;
  uint64_t mask; /* 0: unknown positions, or a single channel */
  DmixSpeaker speaker[DMIX_MAX_CHANNELS];
} DmixLayout;

/* Named layouts: "mono", "stereo", "5.1", "5.1.2", "5.1.4", "7.1", "7.1.4",
 * "9.1.6", "22.2". */
#define DMIX_NAMED_LAYOUTS 9
typedef struct
{
  const char *name;
  unsigned channels;
  uint64_t mask;
} DmixNamedLayout;
extern const DmixNamedLayout dmix_named_layout[DMIX_NAMED_LAYOUTS];

/* Set the layout and return non-zero, or return 0 if there is no such layout.
 * The mask may combine any positions, which get their angles in the layouts
 * above; it must have one bit for each channel. In 5.1 the surround channels
 * may be rear or side (0x3f, 0xc0f). Mask 0 is valid for one channel, and for
 * two channels, which are left and right. */
int dmix_layout_from_mask (DmixLayout *self, unsigned channels, uint64_t mask);
int dmix_layout_from_name (DmixLayout *self, const char *name);

/* Sets the layout from the true angles of the loudspeakers, as in "30 0, -30 0,
 * 0 0": azimuth and optional elevation of each channel, degrees, or "lfe". The
 * mask stays if the number of channels does, otherwise it becomes 0. Returns 0
 * without a change if the text is invalid. */
int dmix_layout_parse (DmixLayout *self, const char *text);

#endif
