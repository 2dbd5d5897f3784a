/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: dmix_clamp() to the ranges in dynamicsparams.h. */
#include "dynamics/dynamicsparams.h"

#include "base/units.h"

#include <math.h>

DmixDynamicsParams
dmix_dynamicsparams_clamp (const DmixDynamicsParams *p)
{
  return (DmixDynamicsParams){
    .mode = p->mode,
    .threshold_db = dmix_clamp (p->threshold_db, -120.0, 24.0),
    .ratio = fmax (p->ratio, 1.0),
    .knee_db = dmix_clamp (p->knee_db, 0.0, 60.0),
    .attack_ms = dmix_clamp (p->attack_ms, 0.0, 10000.0),
    .hold_ms = dmix_clamp (p->hold_ms, 0.0, 10000.0),
    .release_ms = dmix_clamp (p->release_ms, 0.0, 10000.0),
    .auto_release = p->auto_release != 0,
    .lookahead_ms =
        dmix_clamp (p->lookahead_ms, 0.0, DMIX_DYNAMICS_MAX_LOOKAHEAD_MS),
    .detector = p->detector,
    .rms_window_ms =
        dmix_clamp (p->rms_window_ms, 0.0, DMIX_DYNAMICS_MAX_WINDOW_MS),
    .makeup_db = dmix_clamp (p->makeup_db, -60.0, 60.0),
    .auto_makeup = p->auto_makeup != 0,
    .mix = dmix_clamp (p->mix, 0.0, 1.0),
    .range_db = dmix_clamp (p->range_db, 0.0, DMIX_DYNAMICS_MAX_RANGE_DB),
    .link = dmix_clamp (p->link, 0.0, 1.0),
    .highpass_hz = dmix_clamp (p->highpass_hz, 0.0, 1e6),
    .lowpass_hz = dmix_clamp (p->lowpass_hz, 0.0, 1e6),
    .ceiling_dbtp = dmix_clamp (p->ceiling_dbtp, -60.0, 20.0),
    .bypass = p->bypass != 0,
  };
}

DmixDynamicsParams
dmix_dynamicsparams_ceiling (double ceiling_dbtp, int bypass)
{
  return (DmixDynamicsParams){
    .mode = DMIX_DYNAMICS_LIMIT,
    .ratio = 1,
    .lookahead_ms = 5,
    .release_ms = 100,
    .auto_release = 1,
    .mix = 1,
    .range_db = DMIX_DYNAMICS_MAX_RANGE_DB,
    .link = 1,
    .ceiling_dbtp = ceiling_dbtp,
    .bypass = bypass,
  };
}

int
dmix_dynamicsparams_equal (const DmixDynamicsParams *a,
    const DmixDynamicsParams *b)
{
  return a->mode == b->mode && a->threshold_db == b->threshold_db
      && a->ratio == b->ratio && a->knee_db == b->knee_db
      && a->attack_ms == b->attack_ms && a->hold_ms == b->hold_ms
      && a->release_ms == b->release_ms && a->auto_release == b->auto_release
      && a->lookahead_ms == b->lookahead_ms && a->detector == b->detector
      && a->rms_window_ms == b->rms_window_ms && a->makeup_db == b->makeup_db
      && a->auto_makeup == b->auto_makeup && a->mix == b->mix
      && a->range_db == b->range_db && a->link == b->link
      && a->highpass_hz == b->highpass_hz && a->lowpass_hz == b->lowpass_hz
      && a->ceiling_dbtp == b->ceiling_dbtp && a->bypass == b->bypass;
}
