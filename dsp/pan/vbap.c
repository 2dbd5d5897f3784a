/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: VBAP over a convex hull after BS.2127-1, 6.1.2 and 6.1.3 (see
 * panregion.c). The points of the hull are the loudspeakers, copies of the
 * loudspeakers at ear height above and below them where there is no other
 * loudspeaker, and the two poles. A point belongs to a node, which is a real or
 * imaginary loudspeaker. The gains of the nodes are scaled to power 1; then the
 * imaginary ones are mixed into real ones.
 *
 * State, constant after dmix_vbap_new()
 *   node[]       angles, and gains of imaginary nodes to each channel
 *   node_of[]    node of each point
 *   region[]     regions that cover the sphere
 *   rim[]        points around the poles, for fans
 */
#include "pan/vbap.h"

#include "pan/panregion.h"
#include "pan/spread.h"

#include <stdlib.h>
#include <string.h>

#define WIDEST_GAP_DEG 160.0
#define FULL_SPREAD_DEG 10.0 /* a wider source has power 1 in stereo, too */

#define MAX_NODES (DMIX_MAX_CHANNELS + 4u) /* at most 4 fill all gaps */
#define MAX_REGIONS (4 * DMIX_PANREGION_MAX_POINTS)
#define MID_DEG 10.0 /* highest elevation that counts as ear height */

typedef struct
{
  double azimuth_deg, elevation_deg;
  int channel;                    /* -1: imaginary */
  double send[DMIX_MAX_CHANNELS]; /* imaginary: gain to each channel */
} Node;

struct DmixVbap
{
  unsigned channels, nodes, points, regions, rims;
  int is_stereo, is_filled; /* filled: there are imaginary nodes */
  Node node[MAX_NODES];
  DmixVector point[DMIX_PANREGION_MAX_POINTS];
  unsigned node_of[DMIX_PANREGION_MAX_POINTS];
  unsigned rim[2 * DMIX_PANREGION_MAX_POINTS];
  DmixPanRegion region[MAX_REGIONS];
};

/*** nodes ***/

static Node *
add_node (DmixVbap *self, double azimuth_deg, double elevation_deg, int channel)
{
  Node *node = &self->node[self->nodes++];

  node->azimuth_deg = azimuth_deg;
  node->elevation_deg = elevation_deg;
  node->channel = channel;
  self->is_filled |= channel < 0;
  return node;
}

/* Stereo is panned as 5.0 and mixed down: BS.2127-1, 6.1.2.4. */
static void
fill_stereo (DmixVbap *self)
{
  const int left = self->node[0].channel, right = self->node[1].channel;
  Node *centre = add_node (self, 0, 0, -1);

  self->is_stereo = 1;
  centre->send[left] = centre->send[right] = sqrt (1 / 3.0);
  add_node (self, 110, 0, -1)->send[left] = sqrt (0.5);
  add_node (self, -110, 0, -1)->send[right] = sqrt (0.5);
}

/* Adds an imaginary loudspeaker that sends to the nearest real ones. */
static void
add_imaginary (DmixVbap *self, double azimuth_deg)
{
  const DmixVector at = dmix_vector_from_angles (azimuth_deg, 0);
  Node *node = add_node (self, azimuth_deg, 0, -1);
  double nearest = -2;

  for (unsigned pass = 0; pass < 2; pass++)
    for (unsigned i = 0; i < self->nodes; i++)
      if (self->node[i].channel >= 0) {
        const double near = dmix_vector_dot (at,
            dmix_vector_from_angles (self->node[i].azimuth_deg,
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

/* Fills the widest gap at ear height. Returns 0 if no gap is too wide. */
static int
fill_gap (DmixVbap *self)
{
  double from = 0, widest = 360;

  for (unsigned i = 0; i < self->nodes; i++) {
    double gap = 360;

    if (fabs (self->node[i].elevation_deg) > MID_DEG)
      continue;
    for (unsigned j = 0; j < self->nodes; j++) {
      const double there =
          wrapped (self->node[j].azimuth_deg - self->node[i].azimuth_deg);

      if (fabs (self->node[j].elevation_deg) <= MID_DEG && there > 1e-6)
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

/* Non-zero if a node has the direction of the loudspeaker. */
static int
is_taken (const DmixVbap *self, const DmixSpeaker *speaker)
{
  const DmixVector at =
      dmix_vector_from_angles (speaker->azimuth_deg, speaker->elevation_deg);

  for (unsigned i = 0; i < self->nodes; i++)
    if (dmix_vector_dot (at,
            dmix_vector_from_angles (self->node[i].azimuth_deg,
                self->node[i].elevation_deg))
        > 1 - 1e-5)
      return 1;
  return 0;
}

/* Makes nodes of the loudspeakers, and imaginary ones in gaps (for stereo after
 * BS.2127-1, 6.1.2.4; for layouts outside of the standard see vbap.h). */
static void
make_nodes (DmixVbap *self, const DmixLayout *layout)
{
  self->channels = layout->channels;
  for (unsigned c = 0; c < layout->channels; c++)
    if (!layout->speaker[c].is_lfe && !is_taken (self, &layout->speaker[c]))
      add_node (self, layout->speaker[c].azimuth_deg,
          layout->speaker[c].elevation_deg, (int) c);
  if (self->nodes < 2)
    return; /* a single loudspeaker needs no regions */
  if (self->nodes == 2 && fabs (self->node[0].elevation_deg) <= MID_DEG
      && fabs (self->node[1].elevation_deg) <= MID_DEG
      && self->node[0].azimuth_deg > 5 && self->node[0].azimuth_deg < 95
      && self->node[1].azimuth_deg < -5 && self->node[1].azimuth_deg > -95)
    fill_stereo (self);
  else
    while (fill_gap (self))
      ;
}

/*** points and regions ***/

static void
add_point (DmixVbap *self, DmixVector at, unsigned node)
{
  if (self->points < DMIX_PANREGION_MAX_POINTS) {
    self->node_of[self->points] = node;
    self->point[self->points++] = at;
  }
}

/* BS.2127-1, 6.1.2.2: copies the loudspeakers at ear height to the layer 30
 * degrees above or below them, if their azimuth exceeds those of the layer's
 * own loudspeakers by 40 degrees. */
static void
double_mid_layer (DmixVbap *self, double layer_deg)
{
  double sum = 0, widest = -40;
  unsigned there = 0;

  for (unsigned i = 0; i < self->nodes; i++)
    if (fabs (self->node[i].elevation_deg - layer_deg * 4 / 3) <= 30) {
      sum += self->node[i].elevation_deg;
      widest = fmax (widest, fabs (self->node[i].azimuth_deg));
      there++;
    }
  for (unsigned i = 0; i < self->nodes; i++)
    if (fabs (self->node[i].elevation_deg) <= MID_DEG
        && fabs (self->node[i].azimuth_deg) >= widest + 40 - 1e-5)
      add_point (self,
          dmix_vector_from_angles (self->node[i].azimuth_deg,
              there ? sum / there : layer_deg),
          i);
}

/* The poles, which are imaginary, come last. Returns the number of other
 * points. */
static unsigned
make_points (DmixVbap *self)
{
  double highest = -90, lowest = 90;
  unsigned real;

  for (unsigned i = 0; i < self->nodes; i++) {
    const double elevation = self->node[i].elevation_deg;

    highest = fmax (highest, elevation);
    lowest = fmin (lowest, elevation);
    add_point (self,
        dmix_vector_from_angles (self->node[i].azimuth_deg, elevation), i);
  }
  double_mid_layer (self, -30);
  double_mid_layer (self, 30);
  real = self->points;
  if (lowest > -89)
    add_point (self, (DmixVector){ 0, 0, -1 }, 0);
  if (highest < 89)
    add_point (self, (DmixVector){ 0, 0, 1 }, 0);
  return real;
}

static DmixPanRegion *
next_region (DmixVbap *self)
{
  return &self->region[self->regions < MAX_REGIONS ? self->regions
                                                   : MAX_REGIONS - 1];
}

static int
has_corner (const DmixPanRegionFace *face, unsigned point)
{
  for (unsigned i = 0; i < face->corners; i++)
    if (face->corner[i] == point)
      return 1;
  return 0;
}

/* Adds the regions around a pole: one for each edge of the rim. */
static void
add_fans (DmixVbap *self, const DmixPanRegionFace *face, unsigned faces,
    unsigned pole)
{
  unsigned *rim = self->rim + self->rims, size = 0;

  for (unsigned p = 0; p < self->points; p++)
    for (unsigned f = 0; p != pole && f < faces; f++)
      if (has_corner (&face[f], pole) && has_corner (&face[f], p)) {
        rim[size++] = p;
        break;
      }
  if (size < 3)
    return;
  dmix_panregion_sort (self->point, rim, size);
  self->rims += size;
  for (unsigned i = 0; i < size; i++)
    self->regions += dmix_panregion_set_fan (next_region (self), self->point,
        (unsigned[]){ rim[i], rim[(i + 1) % size], pole }, rim, size);
}

static void
add_face (DmixVbap *self, DmixPanRegionFace *face)
{
  dmix_panregion_sort (self->point, face->corner, face->corners);
  if (face->corners == 4) {
    self->regions +=
        dmix_panregion_set_quad (next_region (self), self->point, face->corner);
    return;
  }
  for (unsigned i = 1; i + 1 < face->corners; i++)
    self->regions += dmix_panregion_set_triplet (next_region (self),
        self->point,
        (unsigned[]){ face->corner[0], face->corner[i], face->corner[i + 1] });
}

static int
make_regions (DmixVbap *self)
{
  const unsigned most = 2 * DMIX_PANREGION_MAX_POINTS;
  const unsigned real = make_points (self);
  DmixPanRegionFace *face = malloc ((most + 1) * sizeof *face);
  unsigned faces;

  if (!face)
    return 0;
  faces = dmix_panregion_hull (self->point, self->points, face, most);
  for (unsigned pole = real; pole < self->points; pole++)
    add_fans (self, face, faces, pole);
  for (unsigned f = 0; f < faces; f++) {
    int has_pole = 0;

    for (unsigned pole = real; pole < self->points; pole++)
      has_pole |= has_corner (&face[f], pole);
    if (!has_pole)
      add_face (self, &face[f]);
  }
  free (face);
  return 1;
}

DmixVbap *
dmix_vbap_new (const DmixLayout *layout)
{
  DmixVbap *self;

  if (!layout || layout->channels < 1 || layout->channels > DMIX_MAX_CHANNELS
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  make_nodes (self, layout);
  if (self->nodes > 1 && !make_regions (self)) {
    dmix_vbap_free (self);
    return NULL;
  }
  return self;
}

void
dmix_vbap_free (DmixVbap *self)
{
  free (self);
}

/*** gains ***/

static double
power (const double *gain, unsigned count)
{
  double sum = 0;

  for (unsigned i = 0; i < count; i++)
    sum += gain[i] * gain[i];
  return sum;
}

/* Scales the gains to a power of length^2; zeros stay zeros. */
static void
scale (double *gain, unsigned count, double length)
{
  const double now = sqrt (power (gain, count));
  const double factor = now > 0 ? length / now : 0;

  for (unsigned i = 0; i < count; i++)
    gain[i] *= factor;
}

/* Gain 1 for the nearest loudspeaker, used where an unusual layout leaves a
 * hole in the hull. */
static void
nearest_node (const DmixVbap *self, DmixVector direction, double *gain)
{
  unsigned nearest = 0;

  for (unsigned i = 1; i < self->nodes; i++)
    if (dmix_vector_dot (direction, self->point[i])
        > dmix_vector_dot (direction, self->point[nearest]))
      nearest = i;
  gain[nearest] = 1;
}

static void
node_gains (const DmixVbap *self, DmixVector direction, unsigned *hint,
    double *gain)
{
  memset (gain, 0, self->nodes * sizeof *gain);
  for (unsigned i = 0, r = *hint; i < self->regions; i++, r++) {
    r = r < self->regions ? r : 0;
    if (dmix_panregion_add_gains (&self->region[r], direction, self->node_of,
            gain)) {
      *hint = r;
      scale (gain, self->nodes, 1);
      return;
    }
  }
  nearest_node (self, direction, gain);
}

/* Level of stereo: falls to -3 dB behind the listener. */
static double
stereo_level (const double *node)
{
  const double front = fmax (fmax (node[0], node[1]), node[2]);
  const double back = fmax (node[3], node[4]);

  return pow (0.5, 0.5 * back / (front + back));
}

static void
one_direction (const DmixVbap *self, DmixVector direction, unsigned *hint,
    double *gain)
{
  double node[MAX_NODES] = { 1 };

  memset (gain, 0, self->channels * sizeof *gain);
  if (self->nodes > 1)
    node_gains (self, direction, hint, node);
  for (unsigned i = 0; i < self->nodes; i++) {
    const Node *from = &self->node[i];

    if (from->channel >= 0)
      gain[from->channel] += node[i];
    else if (node[i] > 0)
      for (unsigned c = 0; c < self->channels; c++)
        gain[c] += node[i] * from->send[c];
  }
  if (self->is_filled)
    scale (gain, self->channels, self->is_stereo ? stereo_level (node) : 1);
}

static void
spread_gains (const DmixVbap *self, DmixVector direction, double spread_deg,
    unsigned *hint, double *gain)
{
  const double blend = fmin (spread_deg / FULL_SPREAD_DEG, 1);
  DmixVector part[DMIX_SPREAD_MOST];
  double weight[DMIX_SPREAD_MOST], one[DMIX_MAX_CHANNELS], level;
  const unsigned parts =
      dmix_spread_get_parts (direction, spread_deg, part, weight);

  one_direction (self, direction, hint, gain);
  if (parts == 1)
    return;
  level = power (gain, self->channels);
  for (unsigned i = 1; i < parts; i++) {
    one_direction (self, part[i], hint, one);
    for (unsigned c = 0; c < self->channels; c++)
      gain[c] += weight[i] * one[c];
  }
  scale (gain, self->channels, sqrt (level) * (1 - blend) + blend);
}

void
dmix_vbap_get_gains (const DmixVbap *self, const DmixVbapParams *params,
    unsigned *hint, double *gain)
{
  DmixVector part[3];
  double its_power[3], one[DMIX_MAX_CHANNELS];
  const unsigned parts = dmix_spread_get_divergence (params->direction,
      params->divergence, part, its_power);

  spread_gains (self, part[0], params->spread_deg, hint, gain);
  if (parts == 1)
    return;
  for (unsigned c = 0; c < self->channels; c++)
    gain[c] *= gain[c] * its_power[0];
  for (unsigned i = 1; i < parts; i++) {
    spread_gains (self, part[i], params->spread_deg, hint, one);
    for (unsigned c = 0; c < self->channels; c++)
      gain[c] += its_power[i] * one[c] * one[c];
  }
  for (unsigned c = 0; c < self->channels; c++)
    gain[c] = sqrt (gain[c]);
}
