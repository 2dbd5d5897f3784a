/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loudness meter after ITU-R BS.1770-5 and EBU Tech 3341 ("EBU Mode"), for
 * any rate and any number of channels.
 *
 *   momentary    the last 400 ms           \ not gated, updated every 10 ms;
 *   shortterm    the last 3 s              / also the largest since the start
 *   integrated   since the start, with both gates
 *   range        loudness range, EBU Tech 3342
 *   true peak    of each channel (truepeak.h), optional
 *   dialogue     loudness while somebody speaks (dialoguemeter.h), optional
 *
 * A reading depends neither on when or how often the meter is read, nor on
 * how the sound is split into blocks.
 *
 * All memory is taken by dmix_loudness_new(). Not thread safe.
 */
#ifndef DMIX_LOUDNESS_H
#define DMIX_LOUDNESS_H

#include "base/format.h"
#include "meter/dialoguemeter.h"

#include <stddef.h>

typedef struct DmixLoudness DmixLoudness;

/* LUFS, at least DMIX_KWEIGHT_SILENCE_LUFS: the reading for silence, and for
 * integrated loudness before the first 400 ms. */
typedef struct
{
  double momentary_lufs, shortterm_lufs;
  double max_momentary_lufs, max_shortterm_lufs;
  double integrated_lufs;
  double range_lu;
} DmixLoudnessReading;

/* weight: loudness weight of each channel (BS.1770-5 Annex 3: 1.0, surround
 * 1.41, LFE 0), or NULL for 1.0 each. true_peak: non-zero to measure it.
 * Returns NULL on bad arguments or if memory is short. */
DmixLoudness *dmix_loudness_new (const DmixFormat *format, const float *weight,
    int true_peak);
void dmix_loudness_free (DmixLoudness *self);

/* Adds a meter of the dialogue; place: as in speech/voice.h. It measures nothing
 * until it is switched on. Returns 0 if memory is short. */
int dmix_loudness_add_dialogue (DmixLoudness *self,
    const DmixVoicePlace *place);

/* The detector of speech from the next 10 ms on (speech/voice.h). */
void dmix_loudness_set_detector (DmixLoudness *self,
    DmixVoiceDetector detector);

/* Switches the meter of the dialogue on or off. What it has measured stays. */
void dmix_loudness_measure_dialogue (DmixLoudness *self, int on);

/* Clears all measurements. */
void dmix_loudness_reset (DmixLoudness *self);

/* For a discontinuity (a seek, lost sound): empties all windows, so that none
 * spans it. Integrated loudness, range and peaks continue. */
void dmix_loudness_interrupt (DmixLoudness *self);

/* The end of a file: the loudness range gets the 1.5 s of silence that EBU Tech
 * 3342 appends, true peaks are looked for up to the last sample, and the
 * dialogue up to the end is measured. Then interrupts, but momentary and
 * short-term loudness stay; what follows counts as more of the programme. */
void dmix_loudness_finish (DmixLoudness *self);

/* in: interleaved, not modified. NaN and Inf count as silence (sanitize.h). */
void dmix_loudness_process (DmixLoudness *self, const float *in, size_t frames);

void dmix_loudness_read (DmixLoudness *self, DmixLoudnessReading *reading);

/* Frames that are missing to the end of the current step of 10 ms, at least
 * 1. */
size_t dmix_loudness_get_frames_left (const DmixLoudness *self);

/* Is there speech in the latest step of 10 ms? Non-zero if so. Sets its
 * probability, 0 to 1. */
int dmix_loudness_get_speech (const DmixLoudness *self, double *probability);

/* As dmix_dialoguemeter_read_phrase(). */
int dmix_loudness_read_phrase (DmixLoudness *self, DmixPhrase *phrase);

/* Silence and zeros if there is no meter of the dialogue. */
void dmix_loudness_read_dialogue (DmixLoudness *self,
    DmixDialogueReading *reading);

/* Highest true peak of a channel since the start, dBTP, at least -120. The last
 * DMIX_TRUEPEAK_REACH frames count with their sample peak only, because values
 * between samples depend on later samples. */
double dmix_loudness_get_true_peak (const DmixLoudness *self, unsigned channel);

/* Highest true peak of all channels, dBTP, including meters taken over. */
double dmix_loudness_get_max_true_peak (const DmixLoudness *self);

/* Takes over the measurement of `from`, for a change of format; ends that of
 * `from`. */
void dmix_loudness_take_over (DmixLoudness *self, DmixLoudness *from);

#endif
