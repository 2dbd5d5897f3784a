/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: arrays that double in size when they are full. Dropping old frames
 * moves the rest to the front, once per scene.
 *
 * State
 *   weighed      position up to which frames are K-weighted
 *   row_energy   K-weighted energy of row `energy_row` so far
 *   lane         pointers to the channels' samples, for the K-weighting
 */
#include "adr/adrqueue.h"
#include "base/sanitize.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

int64_t
dmix_adrqueue_get_frame (const DmixAdrQueue *self, int64_t row)
{
  return row * self->format.rate_hz / DMIX_MEL_ROWS_PER_S;
}

int
dmix_adrqueue_init (DmixAdrQueue *self, const DmixFormat *format)
{
  memset (self, 0, sizeof *self);
  self->format = *format;
  self->mel = dmix_melpower_new (format);
  self->gain = dmix_voicegain_new (format);
  self->kweight = dmix_kweight_new (format->rate_hz, format->channels);
  self->lane = calloc (format->channels, sizeof *self->lane);
  self->lane_energy = calloc (format->channels, sizeof (double));
  if (!self->mel || !self->gain || !self->kweight || !self->lane
      || !self->lane_energy) {
    dmix_adrqueue_free (self);
    return 0;
  }
  dmix_adrqueue_reset (self);
  return 1;
}

void
dmix_adrqueue_free (DmixAdrQueue *self)
{
  dmix_melpower_free (self->mel);
  dmix_voicegain_free (self->gain);
  dmix_kweight_free (self->kweight);
  free (self->lane);
  free (self->lane_energy);
  free (self->sample);
  free (self->power);
  free (self->voice);
  free (self->energy);
  memset (self, 0, sizeof *self);
}

void
dmix_adrqueue_leave_out (DmixAdrQueue *self, unsigned channel)
{
  self->left_out[channel] = 1;
  dmix_melpower_leave_out (self->mel, channel);
  dmix_voicegain_leave_out (self->gain, channel);
}

void
dmix_adrqueue_reset (DmixAdrQueue *self)
{
  self->start = self->end = self->first_row = self->end_row = 0;
  self->weighed = self->energy_row = 0;
  self->power_row = self->voice_row = 0;
  self->row_energy = 0.0;
  self->ended = 0;
  dmix_melpower_reset (self->mel);
  dmix_voicegain_reset (self->gain);
  dmix_kweight_reset (self->kweight);
}

static int
make_room (float **array, size_t *room, size_t needed)
{
  size_t more = *room ? *room : 4096;
  float *larger;

  if (needed <= *room)
    return 1;
  while (more < needed)
    more *= 2;
  larger = realloc (*array, more * sizeof (float));
  if (!larger)
    return 0;
  *array = larger;
  *room = more;
  return 1;
}

/* K-weights all new frames, row by row. */
static void
weigh (DmixAdrQueue *self)
{
  const unsigned channels = self->format.channels;

  while (self->weighed < self->end) {
    const int64_t next = dmix_adrqueue_get_frame (self, self->energy_row + 1);
    const int64_t end = DMIX_MIN (next, self->end);
    const float *in =
        self->sample + (size_t) (self->weighed - self->start) * channels;

    for (unsigned c = 0; c < channels; c++) {
      self->lane[c] = in + c;
      self->lane_energy[c] = 0.0;
    }
    dmix_kweight_process (self->kweight, self->lane, channels,
        (size_t) (end - self->weighed), self->lane_energy);
    for (unsigned c = 0; c < channels; c++)
      self->row_energy += self->left_out[c] ? 0.0 : self->lane_energy[c];
    self->weighed = end;
    self->energy[self->energy_row - self->first_row] =
        (float) (self->row_energy * DMIX_MEL_ROWS_PER_S / self->format.rate_hz);
    if (end == next) {
      self->energy_row++;
      self->row_energy = 0.0;
      dmix_kweight_settle (self->kweight);
    }
  }
}

/* Adds the mel rows of `frames` frames at `in`. 0 if memory runs out. */
static int
add_powers (DmixAdrQueue *self, const float *in, size_t frames)
{
  const size_t rows = (size_t) (self->power_row - self->first_row);
  const size_t more = dmix_melpower_max_rows (self->mel, frames);

  if (!make_room (&self->power, &self->power_room,
          (rows + more) * DMIX_MEL_BANDS)
      || !make_room (&self->energy, &self->energy_room, rows + more + 8))
    return 0;
  self->power_row += (int64_t) dmix_melpower_process (self->mel, in, frames,
      self->power + rows * DMIX_MEL_BANDS);
  return 1;
}

/* The same for the voice rows, which come later. */
static int
add_voices (DmixAdrQueue *self, const float *in, size_t frames)
{
  const size_t rows = (size_t) (self->voice_row - self->first_row);
  const size_t more = dmix_voicegain_max_rows (self->gain, frames);

  if (!make_room (&self->voice, &self->voice_room,
          (rows + more) * DMIX_MEL_BANDS))
    return 0;
  self->voice_row += (int64_t) dmix_voicegain_process (self->gain, in, frames,
      self->voice + rows * DMIX_MEL_BANDS);
  return 1;
}

static void
count_rows (DmixAdrQueue *self)
{
  self->end_row = DMIX_MIN (self->power_row, self->voice_row);
}

int
dmix_adrqueue_push (DmixAdrQueue *self, const float *in, size_t frames)
{
  const unsigned channels = self->format.channels;
  const size_t held = (size_t) (self->end - self->start);
  float *to;

  if (!make_room (&self->sample, &self->sample_room,
          (held + frames) * channels))
    return 0;
  to = self->sample + held * channels;
  if (in) {
    memcpy (to, in, frames * channels * sizeof (float));
    dmix_sanitize_clean (to, frames * channels);
  } else
    memset (to, 0, frames * channels * sizeof (float));
  if (!add_powers (self, to, frames) || !add_voices (self, to, frames))
    return 0;
  count_rows (self);
  self->end += (int64_t) frames;
  weigh (self);
  return 1;
}

int
dmix_adrqueue_end (DmixAdrQueue *self)
{
  self->ended = 1;
  if (!add_powers (self, NULL, dmix_melpower_latency_frames (self->mel))
      || !add_voices (self, NULL, dmix_voicegain_latency_frames (self->gain)))
    return 0;
  count_rows (self);
  return 1;
}

void
dmix_adrqueue_drop (DmixAdrQueue *self, int64_t frame)
{
  const unsigned channels = self->format.channels;
  int64_t row = frame * DMIX_MEL_ROWS_PER_S / self->format.rate_hz;

  if (frame > self->end)
    frame = self->end;
  if (frame > self->start) {
    memmove (self->sample,
        self->sample + (size_t) (frame - self->start) * channels,
        (size_t) (self->end - frame) * channels * sizeof (float));
    self->start = frame;
  }
  if (row > self->end_row)
    row = self->end_row;
  if (row > self->energy_row)
    row = self->energy_row;
  if (row > self->first_row) {
    const size_t gone = (size_t) (row - self->first_row);
    const size_t powers = (size_t) (self->power_row - row);
    const size_t voices = (size_t) (self->voice_row - row);
    const size_t weighed = (size_t) (self->energy_row + 1 - row);

    memmove (self->power, self->power + gone * DMIX_MEL_BANDS,
        powers * DMIX_MEL_BANDS * sizeof (float));
    memmove (self->voice, self->voice + gone * DMIX_MEL_BANDS,
        voices * DMIX_MEL_BANDS * sizeof (float));
    memmove (self->energy, self->energy + gone, weighed * sizeof (float));
    self->first_row = row;
  }
}
