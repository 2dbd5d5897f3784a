/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Integrated loudness and loudness range of any length of sound, in a fixed
 * amount of memory.
 *
 *   integrated  ITU-R BS.1770-5: mean of all blocks of 400 ms above -70 LUFS
 *               and above 10 LU below their mean
 *   range       EBU Tech 3342: from the 10th to the 95th percentile of the
 *               short-term loudness above -70 LUFS and above 20 LU below its
 *               mean
 *
 * Histories can be saved, loaded and merged: merging those of five reels gives
 * the history of the film. They do not depend on rates or channels.
 */
#ifndef DMIX_LOUDNESSHISTORY_H
#define DMIX_LOUDNESSHISTORY_H

#include <stddef.h>

typedef struct DmixLoudnessHistory DmixLoudnessHistory;

/* NULL if memory is short. */
DmixLoudnessHistory *dmix_loudnesshistory_new (void);
void dmix_loudnesshistory_free (DmixLoudnessHistory *self);

/* Clears all measurements. */
void dmix_loudnesshistory_reset (DmixLoudnessHistory *self);

/* Add a K-weighted mean square, summed over weighted channels (kweight.h): of a
 * block of 400 ms, and of a short-term window of 3 s; each every 100 ms. */
void dmix_loudnesshistory_add_block (DmixLoudnessHistory *self,
    double mean_square);
void dmix_loudnesshistory_add_shortterm (DmixLoudnessHistory *self,
    double mean_square);

/* LUFS; DMIX_KWEIGHT_SILENCE_LUFS if no block was above -70 LUFS. Equals
 * the exact gated value except for blocks within 0.01 LU of the relative gate:
 * each 0.1 % of such blocks can make an error of 0.004 LU. */
double dmix_loudnesshistory_get_integrated (DmixLoudnessHistory *self);

/* LU, within 0.01; 0 if no block passed the gates. */
double dmix_loudnesshistory_get_range (DmixLoudnessHistory *self);

/* Adds all blocks of `other`. */
void dmix_loudnesshistory_merge (DmixLoudnessHistory *self,
    const DmixLoudnessHistory *other);

/* Writes the history in a portable format. Returns its size in bytes; if that
 * is more than `room`, nothing is written. */
size_t dmix_loudnesshistory_save (const DmixLoudnessHistory *self,
    unsigned char *bytes, size_t room);

/* Adds a saved history. Returns 0, and adds nothing, if the data is invalid. */
int dmix_loudnesshistory_load (DmixLoudnessHistory *self,
    const unsigned char *bytes, size_t size);

#endif
