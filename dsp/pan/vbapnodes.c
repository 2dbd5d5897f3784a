/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: ITU-R BS.2127-1, 6.1.2.4 for stereo; see vbap.h for layouts that
 * BS.2127 does not know.
 */
#include "pan/vbapnodes.h"

#define WIDEST_GAP_DEG 160.0

static DmixVbapNode *
add_node (DmixVbap *self, double azimuth_deg, double elevation_deg, int channel)
{
  DmixVbapNode *node = &self->node[self->nodes++];

  node->azimuth_deg = azimuth_deg;
  node->elevation_deg = elevation_deg;
  node->channel = channel;
  self->is_filled |= channel < 0;
  return node;
}

/* Stereo is mixed down from 5.0: BS.2127-1, 6.1.2.4. */
static void
fill_stereo (DmixVbap *self)
{
  const int left = self->node[0].channel, right = self->node[1].channel;
  DmixVbapNode *centre = add_node (self, 0, 0, -1);

  self->is_stereo = 1;
  centre->send[left] = centre->send[right] = sqrt (1 / 3.0);
  add_node (self, 110, 0, -1)->send[left] = sqrt (0.5);
  add_node (self, -110, 0, -1)->send[right] = sqrt (0.5);
}

/* An imaginary loudspeaker that speaks through the nearest real ones. */
static void
add_imaginary (DmixVbap *self, double azimuth_deg)
{
  const unsigned real = self->nodes;
  const DmixVector at = dmix_direction (azimuth_deg, 0);
  DmixVbapNode *node = add_node (self, azimuth_deg, 0, -1);
  double nearest = -2;

  for (unsigned pass = 0; pass < 2; pass++)
    for (unsigned i = 0; i < real; i++)
      if (self->node[i].channel >= 0) {
        const double near = dmix_dot (at,
            dmix_direction (self->node[i].azimuth_deg,
                self->node[i].elevation_deg));

        if (pass == 0)
          nearest = fmax (nearest, near);
        else if (near > nearest - 1e-6)
          node->send[self->node[i].channel] = sqrt (0.5);
      }
}

static double
wrapped (double deg)
{
  return deg - 360 * floor (deg / 360);
}

/* Fills the widest gap at ear height; 0 if it is narrow enough. */
static int
fill_gap (DmixVbap *self)
{
  double from = 0, widest = 360;

  for (unsigned i = 0; i < self->nodes; i++) {
    double gap = 360;

    if (fabs (self->node[i].elevation_deg) > DMIX_VBAP_MID_DEG)
      continue;
    for (unsigned j = 0; j < self->nodes; j++) {
      const double there =
          wrapped (self->node[j].azimuth_deg - self->node[i].azimuth_deg);

      if (fabs (self->node[j].elevation_deg) <= DMIX_VBAP_MID_DEG
          && there > 1e-6)
        gap = fmin (gap, there);
    }
    if (widest == 360 || gap > widest) {
      widest = gap;
      from = self->node[i].azimuth_deg;
    }
  }
  if (widest > WIDEST_GAP_DEG) {
    const int parts = (int) ceil (widest / 120) + (widest > 320);

    for (int i = 1; i < parts; i++)
      add_imaginary (self, from + widest * i / parts);
  }
  return widest > WIDEST_GAP_DEG;
}

/* Of two loudspeakers in one place, the first gets the sound. */
static int
is_taken (const DmixVbap *self, const DmixSpeaker *speaker)
{
  const DmixVector at =
      dmix_direction (speaker->azimuth_deg, speaker->elevation_deg);

  for (unsigned i = 0; i < self->nodes; i++)
    if (dmix_dot (at,
            dmix_direction (self->node[i].azimuth_deg,
                self->node[i].elevation_deg))
        > 1 - 1e-5)
      return 1;
  return 0;
}

void
dmix_vbap_make_nodes (DmixVbap *self, const DmixLayout *layout)
{
  self->channels = layout->channels;
  for (unsigned c = 0; c < layout->channels; c++)
    if (!layout->speaker[c].is_lfe && !is_taken (self, &layout->speaker[c]))
      add_node (self, layout->speaker[c].azimuth_deg,
          layout->speaker[c].elevation_deg, (int) c);
  if (self->nodes < 2)
    return; /* a single loudspeaker has no choice */
  if (self->nodes == 2
      && fabs (self->node[0].elevation_deg) <= DMIX_VBAP_MID_DEG
      && fabs (self->node[1].elevation_deg) <= DMIX_VBAP_MID_DEG
      && self->node[0].azimuth_deg > 5 && self->node[0].azimuth_deg < 95
      && self->node[1].azimuth_deg < -5 && self->node[1].azimuth_deg > -95)
    fill_stereo (self);
  else
    while (fill_gap (self))
      ;
}
