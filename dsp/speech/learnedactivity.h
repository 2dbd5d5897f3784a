/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Speech activity by the network of net/net.h: finds speech that is as loud as
 * the ambience around it, where speech/speechactivity.h finds less than half of
 * it. It knows no background: a voice that bleeds into the key is speech. It
 * costs more.
 *
 * One decision every 16 ms, from the last 32 ms and what came before.
 *
 * All memory is taken by dmix_learnedactivity_new(). Any split of the input
 * gives the same decisions. Not thread safe.
 */
#ifndef DMIX_LEARNEDACTIVITY_H
#define DMIX_LEARNEDACTIVITY_H

#include <stddef.h>

typedef struct DmixLearnedActivity DmixLearnedActivity;

/* The network was trained with sound up to 24 kHz; with less than 8 kHz of it
 * the statistical detector is the better one. */
#define DMIX_LEARNEDACTIVITY_MIN_RATE_HZ 16000u

/* rate_hz: DMIX_LEARNEDACTIVITY_MIN_RATE_HZ to 768000. NULL on bad arguments or
 * short memory. */
DmixLearnedActivity *dmix_learnedactivity_new (unsigned rate_hz);
void dmix_learnedactivity_free (DmixLearnedActivity *self);

/* To silence, as new. */
void dmix_learnedactivity_reset (DmixLearnedActivity *self);

/* key: finite samples, mono or (L + R) / 2. side: (L - R) / 2 of the same frames,
 * or NULL for none. */
void dmix_learnedactivity_process (DmixLearnedActivity *self, const float *key,
    const float *side, size_t frames);

/* The latest decision, without hold: non-zero for speech. */
int dmix_learnedactivity_is_speech (const DmixLearnedActivity *self);

/* The latest probability of speech, 0 to 1. */
float dmix_learnedactivity_get_probability (const DmixLearnedActivity *self);

/* Takes over the state of `from`, which has the same rate. */
void dmix_learnedactivity_take_over (DmixLearnedActivity *self,
    const DmixLearnedActivity *from);

#endif
