/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: spectra of 32 ms every 16 ms, the mean power of all channels, and the
 * network's gain of the dialogue in its 144 rows. A mel band's value is the
 * mean of the power gains of the rows around its centre, weighted by their
 * energy: the part of the band's power that the gains let through. Rows of 5 ms
 * lie between two frames of the network.
 *
 * State
 *   key        the latest two hops of each channel; `at` frames in the newer one
 *   before     band values of the network's last frame but one, `now` of the
 *              last; `count` frames so far, frame n is centred on n * hop
 *   row        number of the next row
 */
#include "speech/voicegain.h"

#include "base/units.h"
#include "net/net.h"
#include "net/netrows.h"
#include "net/netsound.h"
#include "speech/melpower.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BANDS DMIX_MEL_BANDS
#define HOP_S 0.016
#define ROW_HZ 31.25              /* bins of the network's front end */
#define POWER_GAIN (20.0f / 3.0f) /* of the network's gain^.3 */
#define LEAST_ENERGY 1e-20f

struct DmixVoiceGain
{
  unsigned rate_hz, channels, hop, at;
  unsigned char left_out[DMIX_MAX_CHANNELS];
  DmixNetSound *sound; /* NULL, as net: the rate is too low */
  DmixNet *net;
  float *key;
  unsigned first[BANDS], end[BANDS]; /* the network's rows of a band */
  float before[BANDS], now[BANDS];
  int64_t count, row;
};

/* Finds the rows with a centre within each band; at least the nearest one. */
static void
find_rows (DmixVoiceGain *self)
{
  for (unsigned b = 0; b < BANDS; b++) {
    const double from = dmix_melpower_hz (b + 0.5) / ROW_HZ;
    const double to = dmix_melpower_hz (b + 1.5) / ROW_HZ;
    double bin = 1.0;
    unsigned row = 0;

    /* bin: the first one of the row; the front end begins with bin 1 */
    while (row + 1 < DMIX_NET_ROWS
        && bin + (dmix_netrows_width (row) - 1) / 2.0 < from)
      bin += dmix_netrows_width (row++);
    self->first[b] = row;
    while (
        row < DMIX_NET_ROWS && bin + (dmix_netrows_width (row) - 1) / 2.0 < to)
      bin += dmix_netrows_width (row++);
    self->end[b] = row > self->first[b] ? row : self->first[b] + 1;
  }
}

static int
take_memory (DmixVoiceGain *self)
{
  self->net = dmix_net_new (NULL);
  self->sound = dmix_netsound_new (self->rate_hz);
  self->key = calloc ((size_t) 2 * self->hop * self->channels, sizeof (float));
  return self->net && self->sound && self->key;
}

DmixVoiceGain *
dmix_voicegain_new (const DmixFormat *format)
{
  DmixVoiceGain *self;

  if (!dmix_format_is_valid (format) || format->rate_hz < 4000
      || format->rate_hz > 384000 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->rate_hz = format->rate_hz;
  self->channels = format->channels;
  self->hop = (unsigned) lround (HOP_S * format->rate_hz);
  if (format->rate_hz >= DMIX_VOICEGAIN_MIN_RATE_HZ) {
    if (!take_memory (self)) {
      dmix_voicegain_free (self);
      return NULL;
    }
    find_rows (self);
  }
  dmix_voicegain_reset (self);
  return self;
}

void
dmix_voicegain_free (DmixVoiceGain *self)
{
  if (!self)
    return;
  dmix_netsound_free (self->sound);
  dmix_net_free (self->net);
  free (self->key);
  free (self);
}

void
dmix_voicegain_leave_out (DmixVoiceGain *self, unsigned channel)
{
  if (channel < self->channels)
    self->left_out[channel] = 1;
}

void
dmix_voicegain_reset (DmixVoiceGain *self)
{
  self->at = 0;
  self->count = self->row = 0;
  for (unsigned b = 0; b < BANDS; b++)
    self->before[b] = self->now[b] = 1.0f;
  if (!self->net)
    return;
  dmix_net_reset (self->net);
  dmix_netsound_reset (self->sound);
  memset (self->key, 0,
      (size_t) 2 * self->hop * self->channels * sizeof (float));
}

unsigned
dmix_voicegain_latency_frames (const DmixVoiceGain *self)
{
  return 2 * self->hop;
}

size_t
dmix_voicegain_max_rows (const DmixVoiceGain *self, size_t frames)
{
  return (frames + self->hop) * DMIX_MEL_ROWS_PER_S / self->rate_hz + 2;
}

/* One frame of the network, to the bands of `now`. */
static void
process_frame (DmixVoiceGain *self)
{
  float energy[DMIX_NET_ROWS], gain[DMIX_NET_ROWS];
  DmixNetFrame frame;

  for (unsigned c = 0; c < self->channels; c++)
    if (!self->left_out[c])
      dmix_netsound_add (self->sound, self->key + (size_t) 2 * self->hop * c,
          1.0f / (float) self->channels);
  dmix_netsound_take_mid (self->sound, energy);
  dmix_net_step (self->net, energy, NULL, &frame);
  for (unsigned r = 0; r < DMIX_NET_ROWS; r++)
    gain[r] = powf (frame.mid[r], POWER_GAIN);
  for (unsigned b = 0; b < BANDS; b++) {
    float voice = 0.0f, all = LEAST_ENERGY;

    for (unsigned r = self->first[b]; r < self->end[b]; r++) {
      voice += gain[r] * energy[r];
      all += energy[r];
    }
    self->now[b] = voice / all;
  }
}

/* Adds frames up to the end of the hop to `key`. */
static void
append (DmixVoiceGain *self, const float *in, size_t frames)
{
  for (unsigned c = 0; c < self->channels; c++) {
    float *key = self->key + (size_t) 2 * self->hop * c + self->hop + self->at;

    for (size_t i = 0; i < frames; i++)
      key[i] = in ? in[i * self->channels + c] : 0.0f;
  }
}

static void
end_hop (DmixVoiceGain *self)
{
  memcpy (self->before, self->now, sizeof self->before);
  process_frame (self);
  for (unsigned c = 0; c < self->channels; c++) {
    float *key = self->key + (size_t) 2 * self->hop * c;

    memcpy (key, key + self->hop, self->hop * sizeof (float));
  }
}

/* Writes the rows between the last two frames. */
static size_t
write_rows (DmixVoiceGain *self, float *rows)
{
  const int64_t start = (self->count - 2) * self->hop, end = start + self->hop;
  size_t written = 0;

  for (; self->count > 1; self->row++) {
    const int64_t place = self->row * self->rate_hz / DMIX_MEL_ROWS_PER_S;
    const float part = (float) (place - start) / (float) self->hop;

    if (place >= end)
      break;
    for (unsigned b = 0; b < BANDS; b++)
      rows[written * BANDS + b] =
          self->before[b] + part * (self->now[b] - self->before[b]);
    written++;
  }
  return written;
}

size_t
dmix_voicegain_process (DmixVoiceGain *self, const float *in, size_t frames,
    float *rows)
{
  size_t written = 0;

  while (frames > 0) {
    const size_t left = self->hop - self->at, n = DMIX_MIN (frames, left);

    if (self->net)
      append (self, in, n);
    in = in ? in + n * self->channels : NULL;
    frames -= n;
    self->at += (unsigned) n;
    if (self->at < self->hop)
      break;
    self->at = 0;
    if (self->net)
      end_hop (self);
    self->count++;
    written += write_rows (self, rows + written * BANDS);
  }
  return written;
}
