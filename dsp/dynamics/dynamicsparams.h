/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The parameters of the dynamics processor: types, ranges and comparison.
 * dynamics.h says how they sound. */
#ifndef DMIX_DYNAMICSPARAMS_H
#define DMIX_DYNAMICSPARAMS_H

#define DMIX_DYNAMICS_MAX_LOOKAHEAD_MS 100.0
#define DMIX_DYNAMICS_MAX_WINDOW_MS 1000.0
#define DMIX_DYNAMICS_MAX_RANGE_DB 120.0

typedef enum
{
  DMIX_DYNAMICS_COMPRESS,
  DMIX_DYNAMICS_LIMIT,
  DMIX_DYNAMICS_EXPAND,
  DMIX_DYNAMICS_GATE,
  DMIX_DYNAMICS_UPWARD
} DmixDynamicsMode;

typedef enum
{
  DMIX_DETECTOR_RMS,
  DMIX_DETECTOR_PEAK,
  DMIX_DETECTOR_K_WEIGHTED
} DmixDetectorKind;

typedef struct
{
  DmixDynamicsMode mode;
  double threshold_db; /* -120 to 24; LUFS if K-weighted */
  double ratio;        /* 1 to INFINITY; expand: 1 to 1000 */
  double knee_db;      /* 0 to 60, whole width */
  double attack_ms;    /* 0 to 10000 */
  double hold_ms;      /* 0 to 10000 */
  double release_ms;   /* 0 to 10000 */
  int auto_release;
  double lookahead_ms; /* 0 to DMIX_DYNAMICS_MAX_LOOKAHEAD_MS */
  DmixDetectorKind detector;
  double rms_window_ms; /* one step to DMIX_DYNAMICS_MAX_WINDOW_MS;
                                   of the detectors rms and K-weighted */
  double makeup_db;     /* -60 to 60 */
  int auto_makeup;
  double mix;          /* 0 to 1 */
  double range_db;     /* 0 to DMIX_DYNAMICS_MAX_RANGE_DB */
  double link;         /* 0 to 1 */
  double highpass_hz;  /* side chain, 2nd order Butterworth; 0: none */
  double lowpass_hz;   /* the same; beyond 0.49 * rate: none */
  double ceiling_dbtp; /* -60 to 20, mode limit */
  int bypass;          /* gain 1, no makeup; the delay stays */
} DmixDynamicsParams;

/* Returns a copy with every value limited to its range; NaN becomes the lower
 * limit. */
DmixDynamicsParams dmix_dynamicsparams_clamp (const DmixDynamicsParams *params);

/* The true-peak limiter behind a programme: all channels linked, 5 ms of look-ahead,
 * a release of 100 ms that adapts. ceiling_dbtp: dBTP */
DmixDynamicsParams dmix_dynamicsparams_ceiling (double ceiling_dbtp,
    int bypass);

/* Returns non-zero if all parameters are equal. */
int dmix_dynamicsparams_equal (const DmixDynamicsParams *a,
    const DmixDynamicsParams *b);

#endif
