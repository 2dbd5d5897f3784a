/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loudspeaker layouts: where each channel stands.
 *
 * The angles belong to the layout, not to the position alone: rear-left is at
 * 110 degrees in 5.1, at 135 in 7.1 (ITU-R BS.2051-3, systems A to H; 9.1.6,
 * which is not in it, adds wide loudspeakers at 60 degrees and top side ones
 * to its system J). Channels stand in the order of their bits in the mask,
 * which are GStreamer's channel positions (SMPTE ST 2036-2 and more).
 */
#ifndef DMIX_LAYOUT_H
#define DMIX_LAYOUT_H

#include "base/format.h"

#include <stdint.h>

typedef struct
{
  double azimuth_deg, elevation_deg;
  int is_lfe; /* gets no panned sound */
} DmixSpeaker;

typedef struct
{
  unsigned channels;
  uint64_t mask; /* 0: one channel, or positions unknown */
  DmixSpeaker speaker[DMIX_MAX_CHANNELS];
} DmixLayout;

/* The layouts that have names: "mono", "stereo", "5.1", "5.1.2", "5.1.4",
 * "7.1", "7.1.4", "9.1.6", "22.2". */
#define DMIX_NAMED_LAYOUTS 9
typedef struct
{
  const char *name;
  unsigned channels;
  uint64_t mask;
} DmixNamedLayout;
extern const DmixNamedLayout dmix_named_layout[DMIX_NAMED_LAYOUTS];

/* Non-zero if there is such a layout, which is then in `self`. A mask of any
 * positions will do, with the angles that its loudspeakers have in the layouts
 * above; it must have as many bits as there are channels. 5.1 may have its
 * surround channels as rear or as side (0x3f, 0xc0f). Mask 0 is good for one
 * channel, and for two, which are left and right. */
int dmix_layout_from_mask (DmixLayout *self, unsigned channels, uint64_t mask);
int dmix_layout_from_name (DmixLayout *self, const char *name);

/* Takes the true angles of the loudspeakers: "30 0, -30 0, 0 0", azimuth and
 * elevation (optional) for each channel in turn, "lfe" for one without a
 * direction. Sets the number of channels; the mask stays if that is the same,
 * else it is 0. Returns 0, and leaves `self` alone, if the text is none. */
int dmix_layout_parse (DmixLayout *self, const char *text);

#endif
