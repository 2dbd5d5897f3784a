/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The parameters of dialogue replacement, and the sync points and protected
 * ranges that a user marks. */
#ifndef DMIX_ADR_PARAMS_H
#define DMIX_ADR_PARAMS_H

typedef enum
{
  DMIX_ADR_GUIDE,
  DMIX_ADR_TAKE
} DmixAdrSide;

typedef enum
{
  DMIX_ADR_TONE_OFF,
  DMIX_ADR_TONE_GAPS, /* in the guide's pauses */
  DMIX_ADR_TONE_FULL  /* always */
} DmixAdrTone;

/* Treatment of a line whose take does not match. */
typedef enum
{
  DMIX_ADR_SHIFT, /* placed by its offset, not stretched */
  DMIX_ADR_MUTE,
  DMIX_ADR_KEEP_GUIDE
} DmixAdrMismatch;

typedef struct
{
  unsigned rate_hz; /* 8000 to 384000 */
  unsigned guide_channels, take_channels;
  double max_line_ms;  /* 1000 to 120000 */
  double max_shift_ms; /* 0 to 10000 */
  double search_ms;    /* 0 to 30000: lines are looked for this far around in a
                        * take that has more than them; 0 without a search */
  double lag_ms;       /* the take starts this later than the guide */
  double drift_ppm;    /* the take's clock is this slow, if it is known; 0: the
                        * lines show it */
  int learned;         /* pauses by speech/voice.h, not by their level */
} DmixAdrShape;

typedef struct
{
  double line_gap_ms;                           /* pauses that end a line */
  double max_stretch, strength, min_confidence; /* see adrline.h */
  double tolerance_ms;                          /* see stretch.h */
  int match_level;
  double match_eq, eq_limit_db; /* see eqmatch.h; 0: no filter at all */
  DmixAdrTone tone;
  double tone_gain_db;
  DmixAdrMismatch mismatch;
  int analyse_only; /* the take passes unchanged */
} DmixAdrParams;

/* A sync point: both times, in seconds, are the same moment of the dialogue. */
typedef struct
{
  double guide_s, take_s;
} DmixAdrSync;

/* A protected range of the guide, in seconds: the take keeps its speed in
 * it. */
typedef struct
{
  double start_s, stop_s;
} DmixAdrProtect;

#endif
