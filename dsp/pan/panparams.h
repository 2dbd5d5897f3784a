/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Format and parameters of a DmixPan and of its objects. */
#ifndef DMIX_PANPARAMS_H
#define DMIX_PANPARAMS_H

#include "pan/distance.h"
#include "pan/hrtf.h"
#include "pan/layout.h"

#define DMIX_PAN_OFF_DB -120.0 /* gains and sends at or below this are 0 */

typedef enum
{
  DMIX_PAN_SPEAKERS,
  DMIX_PAN_BINAURAL,
  DMIX_PAN_AMBISONIC
} DmixPanOutput;

typedef struct
{
  unsigned rate_hz;
  DmixPanOutput output;
  const DmixLayout *layout; /* speakers; copied */
  const DmixHrtf *hrtf;     /* binaural; must outlive the pan */
  unsigned ambisonic_order; /* 1 to 3 */
  int zero_latency;         /* binaural: see binaural.h */
  int doppler;              /* propagation delay and Doppler shift */
} DmixPanFormat;

typedef struct
{
  double azimuth_deg;   /* positive to the left */
  double elevation_deg; /* positive upwards, -90 to 90 */
  double width_deg;     /* between the channels of a pair, 0 to 360 */
  double spread_deg;    /* 0 to 360 */
  double divergence;    /* 0 to 1 */
  double gain_db;
  double lfe_send_db; /* of the sum of the channels */
  DmixDistanceParams distance;
  int air, near_field; /* near field: binaural only */
  int bypass;          /* in front, without distance effects or HRTF */
} DmixPanParams;

/* Orientation of the head: yaw to the left, pitch up, roll to the right. */
typedef struct
{
  double yaw_deg, pitch_deg, roll_deg;
} DmixPanHead;

typedef struct DmixPan DmixPan;
typedef struct DmixPanObject DmixPanObject;

#endif
