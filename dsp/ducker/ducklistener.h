/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Detectors of the ducker, on mono sums of both signals: speech activity of the
 * dialogue (speech/speechactivity.h or speech/learnedactivity.h) and band levels
 * of both (speech/speechbands.h). Only the detectors that are on cost time.
 *
 * All memory is taken by dmix_ducklistener_new(). Not thread safe.
 */
#ifndef DMIX_DUCKLISTENER_H
#define DMIX_DUCKLISTENER_H

#include "ducker/activity.h"
#include "ducker/duckerparams.h"
#include "speech/speechbands.h"

#include <stddef.h>

typedef struct DmixDuckListener DmixDuckListener;

/* step_frames: the most frames per call of _process(). Returns NULL if memory
 * is short. At rates below 1600 Hz all detectors stay off. */
DmixDuckListener *dmix_ducklistener_new (unsigned rate_hz,
    unsigned step_frames);
void dmix_ducklistener_free (DmixDuckListener *self);
void dmix_ducklistener_reset (DmixDuckListener *self);

/* trigger: SPEECH switches a speech detector on; FLAG takes the flag of
 * _set_speech() in its place. learned: speech is what the network says; below
 * 16 kHz the statistical detector serves for both. bands: non-zero for band
 * levels. */
void dmix_ducklistener_set_detectors (DmixDuckListener *self,
    DmixDuckTrigger trigger, int learned, int bands);

/* Whether the frames from here on are speech; for the trigger FLAG. */
void dmix_ducklistener_set_speech (DmixDuckListener *self, int speech);

/* The channels ("lanes") as for dmix_kweight_process(), finite samples. loud:
 * samples may exceed 24 dB above full scale and are limited to it. */
void dmix_ducklistener_process (DmixDuckListener *self,
    const float *const *dialogue, const float *const *background,
    unsigned lanes, size_t stride, size_t frames, int loud);

/* Ends a step: its speech decision; UNASKED if nothing detects speech. By flag,
 * a step is speech if a frame of it is. */
DmixActivityOpinion dmix_ducklistener_read_opinion (DmixDuckListener *self);

/* The frame of band levels completed since the last call, or NULL. */
const DmixSpeechBandsFrame *dmix_ducklistener_read_bands (
    DmixDuckListener *self);

/* Takes over the state of the speech detectors; rates must be equal. */
void dmix_ducklistener_take_over (DmixDuckListener *self,
    const DmixDuckListener *from);

#endif
