/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Match score: the confidence that guide and take have the same text.
 *
 * Measures the similarity of the frames that an alignment has matched, and the
 * part of the speech that it could match. Any two texts can be aligned somehow,
 * and similar voices align better; the reference is therefore an alignment with
 * the reversed take, which has the same voice and sounds but no text.
 */
#ifndef DMIX_MATCHSCORE_H
#define DMIX_MATCHSCORE_H

#include "adr/align.h"

#include <stddef.h>

typedef struct
{
  double cosine;   /* of matched frames, -1 to 1 */
  double fit;      /* of their slopes along the map, -1 to 1 */
  double rival;    /* the best fit with the take 80 to 800 ms off the map */
  double bend;     /* mean |log speed| of the take in speech, at most log 2 */
  double coverage; /* part of the speech that is matched */
  size_t guide_speech, take_speech; /* frames that have speech */
  size_t skipped; /* the guide's of them that are not matched */
} DmixMatchScore;

/* guide and take may be parts of what has been aligned, which begin at frames
 * first_guide and first_take of it: only what lies in both parts counts. */
void dmix_matchscore_measure (const DmixSpeech *guide, size_t first_guide,
    const DmixSpeech *take, size_t first_take, const DmixAlignStep *path,
    size_t steps, DmixMatchScore *score);

/* Sets `fit`, `rival` and `bend`: how well guide frames first to before end follow
 * the map take_frame (dmix_warp_process()). */
void dmix_matchscore_follow (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, size_t first, size_t end, DmixMatchScore *score);

/* `fit`: whether guide frames first to before end change as the take does
 * where take_frame says that they are in it (dmix_warp_process()). */
double dmix_matchscore_fit (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, size_t first, size_t end);

/* What the confidence is made of: cosine, coverage, cosine of the reversed take,
 * lead of the fit over its rival, and bend. */
#define DMIX_MATCHSCORE_TERMS 5
void dmix_matchscore_get_terms (const DmixMatchScore *score,
    const DmixMatchScore *backward, double *term);

/* The confidence, 0 to 1, that the texts are the same: 0.5 is where right and
 * wrong are as likely. backward: of the alignment with the reversed take. */
double dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward);

/* Plays speech backwards: writes its features to feature and level_db, which
 * have room for `take->frames` frames. */
DmixSpeech dmix_matchscore_reverse (const DmixSpeech *take, float *feature,
    float *level_db);

#endif
