/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Queue of a guide or a take: audio that waits for its line, with mel band
 * powers, the part of them that is voice, and K-weighted energy, 200 rows a
 * second.
 *
 * The queue grows without a limit of its own; its owner stops pushing. Frames
 * and rows are counted from the first one: row r belongs to frame r * rate /
 * 200.
 */
#ifndef DMIX_ADR_QUEUE_H
#define DMIX_ADR_QUEUE_H

#include "base/format.h"
#include "meter/kweight.h"
#include "speech/melpower.h"
#include "speech/voicegain.h"

#include <stddef.h>
#include <stdint.h>

typedef struct
{
  DmixFormat format;
  float *sample; /* frames [start, end) */
  int64_t start, end;
  float *power;  /* rows [first_row, end_row) */
  float *voice;  /* the part of these powers that is voice, 0 to 1 */
  float *energy; /* K-weighted mean square of each row's 5 ms */
  int64_t first_row, end_row;
  int ended;

  DmixMelPower *mel;
  DmixVoiceGain *gain;
  DmixKWeight *kweight;
  size_t sample_room, power_room, voice_room, energy_room;
  int64_t power_row, voice_row; /* after the last one known */
  double *lane_energy, row_energy;
  const float **lane;
  unsigned char left_out[DMIX_MAX_CHANNELS]; /* of powers and energy */
  int64_t weighed, energy_row;
} DmixAdrQueue;

/* 0 if memory is short; the queue is then empty, and free() does no harm. */
int dmix_adrqueue_init (DmixAdrQueue *self, const DmixFormat *format);
void dmix_adrqueue_free (DmixAdrQueue *self);

/* Treats a channel (LFE) as silent in powers and energy. Call before the first
 * push. */
void dmix_adrqueue_leave_out (DmixAdrQueue *self, unsigned channel);

/* Empty; the next frame is frame 0. */
void dmix_adrqueue_reset (DmixAdrQueue *self);

/* Adds frames; `in` is NULL for silence. NaN and the like become 0. Returns 0
 * if memory is short; the frames are then not added. */
int dmix_adrqueue_push (DmixAdrQueue *self, const float *in, size_t frames);

/* Ends the stream: completes the last rows. 0 if memory is short. */
int dmix_adrqueue_end (DmixAdrQueue *self);

/* Drops all audio and rows before a frame. */
void dmix_adrqueue_drop (DmixAdrQueue *self, int64_t frame);

/* The first frame of a row. */
int64_t dmix_adrqueue_get_frame (const DmixAdrQueue *self, int64_t row);

#endif
