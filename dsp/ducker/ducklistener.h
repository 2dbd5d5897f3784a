/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What a ducker hears: both signals as the sums of their channels, whether
 * there is speech in the dialogue (dsp/speechactivity.h), and the bands of both
 * (dsp/speechbands.h). It does no more than it is asked for.
 *
 * All memory is taken by dmix_ducklistener_new(). Not thread safe.
 */
#ifndef DMIX_DUCKLISTENER_H
#define DMIX_DUCKLISTENER_H

#include "ducker/activity.h"
#include "speech/speechbands.h"

#include <stddef.h>

typedef struct DmixDuckListener DmixDuckListener;

/* step_frames: the most frames that _process() is given at a time. NULL if
 * memory is short. Below 1600 Hz it hears nothing. */
DmixDuckListener *dmix_ducklistener_new (unsigned rate_hz,
    unsigned step_frames);
void dmix_ducklistener_free (DmixDuckListener *self);
void dmix_ducklistener_reset (DmixDuckListener *self);

/* What it is to listen for from now on. */
void dmix_ducklistener_set_detectors (DmixDuckListener *self, int speech,
    int bands);

/* The channels ("lanes") as for dmix_kweight_process(), finite samples. */
void dmix_ducklistener_process (DmixDuckListener *self,
    const float *const *dialogue, const float *const *background,
    unsigned lanes, size_t stride, size_t frames);

/* Is there speech in the dialogue? UNASKED if it does not listen for it. */
DmixActivityOpinion dmix_ducklistener_get_opinion (
    const DmixDuckListener *self);

/* The frame of bands that has become complete since the last call, or NULL. */
const DmixSpeechBandsFrame *dmix_ducklistener_read_bands (
    DmixDuckListener *self);

/* Takes over what `from` has learned; both of one rate. */
void dmix_ducklistener_take_over (DmixDuckListener *self,
    const DmixDuckListener *from);

#endif
