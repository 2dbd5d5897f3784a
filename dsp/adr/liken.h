/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Likens a take to its guide, so that both change at the same moments: another
 * speaker's vocal tract moves all formants by one factor, and the guide's room
 * lets every sound die away slowly. Both can be measured once a first map says
 * which frames belong together, and put on the take's band powers. The sound that
 * is put out has neither: they only make the map more precise.
 */
#ifndef DMIX_LIKEN_H
#define DMIX_LIKEN_H

#include "speech/speechfeatures.h"

/* Work space, in values for each take frame. */
#define DMIX_LIKEN_WORK (2 * DMIX_MEL_BANDS)

typedef struct
{
  double scale;   /* frequency in the take / the same sound's in the guide */
  double tail;    /* energy of the guide's room / direct sound; 0: none */
  double decay_s; /* of the room, by 60 dB */
} DmixLikeness;

/* The factor between their frequencies, 0.78 to 1.28; 1 where another explains no
 * more. take_frame: the take frame of each guide frame. */
double dmix_liken_find_scale (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame);

/* Sets tail and decay_s. Both sides without a limit on their decay, and the take
 * at the guide's scale. work: DMIX_LIKEN_WORK values for each take frame. */
void dmix_liken_find_room (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, float *work, DmixLikeness *likeness);

/* The take as the guide would have it, in `work`. */
DmixSpeechInput dmix_liken_process (const DmixLikeness *likeness,
    const DmixSpeechInput *take, float *work);

#endif
