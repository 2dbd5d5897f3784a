/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The parameters of the ducker. */
#ifndef DMIX_DUCKERPARAMS_H
#define DMIX_DUCKERPARAMS_H

#include "ducker/duckdepth.h"
#include "ducker/duckgoal.h"

/* The event that starts ducking. */
typedef enum
{
  DMIX_DUCK_TRIGGER_LEVEL,  /* dialogue above its usual level */
  DMIX_DUCK_TRIGGER_SPEECH, /* speech in the dialogue: no hum, no bleed */
  DMIX_DUCK_TRIGGER_FLAG    /* the flag of dmix_ducker_set_speech() */
} DmixDuckTrigger;

/* The detector of the trigger `speech`. */
typedef enum
{
  DMIX_DUCK_DETECTOR_STATISTICAL, /* above the noise: knows the bleed */
  DMIX_DUCK_DETECTOR_LEARNED      /* a network, from 16 kHz on; below that the
                                     other one */
} DmixDuckDetector;

typedef struct
{
  DmixDuckTrigger trigger;
  DmixDuckDetector detector;
  DmixDuckMode mode;
  double target_lu;          /* 0 to 60, loudness difference aimed at */
  double depth_db;           /* 0 to 60, depth of the mode `fixed` */
  double range_db;           /* 0 to 60, never duck by more; < 0: see
                                   duckdepth.h */
  DmixDuckGoalKind goal;     /* of the mode `target` */
  double intelligibility;    /* 0 to 1, aimed at by other goals than
                                   difference */
  double spectral_db;        /* 0 (off) to 24, most for a band; needs a
                                   look-ahead of 6 ms */
  double spectral_target_lu; /* 0 to 40, difference in each band */
  double attack_ms;          /* 0 to 1000, time constant (63 % of the dB
                                   step); used when there is no look-ahead */
  double hold_ms;            /* 0 to 10000 */
  double release_ms;         /* 1 to 10000, time constant */
  double open_db;            /* see activity.h; trigger `level` */
  double close_db;
  double dialogue_lufs;      /* -70 to 0: of the voice; 0: unknown */
  double floor_lufs;         /* -120 to 0: below it nothing is dialogue */
  double dialogue_gain_db;   /* -100 to 24 */
  double background_gain_db; /* -100 to 24 */
  int mix;                   /* add the dialogue to the output */
  int bypass;                /* do not duck; faders and delay stay */
} DmixDuckerParams;

#endif
