/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: each object is processed in steps and adds its channels to planar
 * buffers, the planes. A step is the largest power of two of frames up to 1.6
 * ms, 16 to 256; blocks of binaural filters are whole steps.
 *
 * State: in panprivate.h. For binaural output with latency the planes hold the
 * last rendered block while the sources collect the next one.
 */
#include "pan/pan.h"

#include "base/units.h"
#include "pan/ambisonic.h"
#include "pan/panprivate.h"

#include <stdlib.h>
#include <string.h>

static unsigned
step_for (unsigned rate_hz)
{
  unsigned step = 16;

  while (step < DMIX_PAN_LONGEST_STEP && step * 2 * 640 <= rate_hz)
    step *= 2;
  return step;
}

static int
same_layout (const DmixLayout *a, const DmixLayout *b)
{
  if (a->channels != b->channels)
    return 0;
  for (unsigned c = 0; c < a->channels; c++)
    if (a->speaker[c].azimuth_deg != b->speaker[c].azimuth_deg
        || a->speaker[c].elevation_deg != b->speaker[c].elevation_deg
        || a->speaker[c].is_lfe != b->speaker[c].is_lfe)
      return 0;
  return 1;
}

/* Takes the parts of another panner that do not depend on what has changed. */
static void
take_parts (DmixPan *self, DmixPan *from)
{
  const DmixPanFormat *a = &self->format, *b = &from->format;

  if (a->rate_hz == b->rate_hz) {
    self->air = from->air;
    from->air = NULL;
  }
  self->doppler = from->doppler;
  from->doppler = NULL;
  if (from->vbap && same_layout (&self->layout, &from->layout)) {
    self->vbap = from->vbap;
    from->vbap = NULL;
  }
  if (a->output == DMIX_PAN_BINAURAL && a->output == b->output
      && a->rate_hz == b->rate_hz && a->hrtf == b->hrtf
      && !a->zero_latency == !b->zero_latency) {
    self->binaural = from->binaural;
    from->binaural = NULL;
  }
}

static int
set_layout (DmixPan *self)
{
  const DmixPanFormat *format = &self->format;

  switch (format->output) {
    case DMIX_PAN_SPEAKERS:
      if (!format->layout)
        return 0;
      self->layout = *format->layout;
      self->channels = self->layout.channels;
      for (unsigned c = 0; c < self->channels; c++)
        if (self->layout.speaker[c].is_lfe)
          self->lfe[self->lfes++] = c;
      return 1;
    case DMIX_PAN_BINAURAL:
      dmix_layout_from_name (&self->layout, "stereo");
      self->channels = 2;
      return 1;
    default:
      self->channels = dmix_ambisonic_channels (format->ambisonic_order);
      return format->ambisonic_order >= 1
          && format->ambisonic_order <= DMIX_AMBISONIC_MAX_ORDER;
  }
}

static int
make_parts (DmixPan *self)
{
  const DmixPanFormat *format = &self->format;
  const int binaural = format->output == DMIX_PAN_BINAURAL;

  if (format->output != DMIX_PAN_AMBISONIC && !self->vbap
      && !(self->vbap = dmix_vbap_new (&self->layout)))
    return 0;
  if (binaural && !self->binaural
      && !(self->binaural = dmix_binaural_new (format->hrtf, format->rate_hz,
               format->zero_latency)))
    return 0;
  if (binaural)
    self->block = dmix_binaural_block_frames (self->binaural);
  if (!self->air && !(self->air = dmix_air_new (format->rate_hz)))
    return 0;
  if (format->doppler && !self->doppler
      && !(self->doppler = dmix_doppler_kernel_new ()))
    return 0;
  self->plane = calloc ((size_t) (self->channels + 1) * DMIX_PAN_LONGEST_STEP,
      sizeof *self->plane);
  return self->plane != NULL;
}

DmixPan *
dmix_pan_renew (DmixPan *old, const DmixPanFormat *format)
{
  DmixPan *self = NULL;
  int good = 0;

  if (format && format->rate_hz >= DMIX_MIN_RATE_HZ
      && format->rate_hz <= DMIX_MAX_RATE_HZ)
    self = calloc (1, sizeof *self);
  if (self) {
    self->format = *format;
    self->step = step_for (format->rate_hz);
    good = set_layout (self);
  }
  if (good && old)
    take_parts (self, old);
  dmix_pan_free (old);
  if (good && make_parts (self))
    return self;
  dmix_pan_free (self);
  return NULL;
}

DmixPan *
dmix_pan_new (const DmixPanFormat *format)
{
  return dmix_pan_renew (NULL, format);
}

void
dmix_pan_free (DmixPan *self)
{
  if (!self)
    return;
  dmix_vbap_free (self->vbap);
  dmix_binaural_free (self->binaural);
  dmix_air_free (self->air);
  dmix_doppler_kernel_free (self->doppler);
  free (self->plane);
  free (self);
}

void
dmix_pan_reset (DmixPan *self)
{
  self->at = self->block_at = 0;
  memset (self->plane, 0,
      (size_t) self->channels * DMIX_PAN_LONGEST_STEP * sizeof *self->plane);
}

unsigned
dmix_pan_channels (const DmixPan *self)
{
  return self->channels;
}

unsigned
dmix_pan_latency_frames (const DmixPan *self)
{
  return self->binaural ? dmix_binaural_latency_frames (self->binaural) : 0;
}

unsigned
dmix_pan_tail_frames (const DmixPan *self, DmixPanObject *const *object,
    unsigned objects)
{
  unsigned longest = 0;

  for (unsigned i = 0; i < objects; i++) {
    const unsigned tail = dmix_panobject_tail_frames (object[i]);

    longest = DMIX_MAX (tail, longest);
  }
  return longest
      + (self->binaural ? dmix_binaural_tail_frames (self->binaural) : 0);
}

/* Parameters take effect once per block for binaural filters, but in each step
 * for propagation delays. */
static int
is_set_per_block (const DmixPan *self)
{
  return self->binaural && !self->format.doppler;
}

unsigned
dmix_pan_step_frames (const DmixPan *self)
{
  return is_set_per_block (self) ? self->block : self->step;
}

unsigned
dmix_pan_step_left_frames (const DmixPan *self)
{
  const unsigned at = is_set_per_block (self) ? self->block_at : self->at;

  return at == 0 ? 0 : dmix_pan_step_frames (self) - at;
}

void
dmix_pan_set_head (DmixPan *self, const DmixPanHead *head)
{
  self->head_moves |= self->binaural
      && (head->yaw_deg != self->head.yaw_deg
          || head->pitch_deg != self->head.pitch_deg
          || head->roll_deg != self->head.roll_deg);
  self->head = *head;
}

/*** samples ***/

static void
interleave (const DmixPan *self, const float *plane, float *out,
    unsigned frames)
{
  for (unsigned c = 0; c < self->channels; c++) {
    const float *from = plane + (size_t) c * DMIX_PAN_LONGEST_STEP;

    for (unsigned i = 0; i < frames; i++)
      out[(size_t) i * self->channels + c] = from[i];
  }
}

static void
clear (DmixPan *self, unsigned frames)
{
  for (unsigned c = 0; c < self->channels; c++)
    memset (self->plane + (size_t) c * DMIX_PAN_LONGEST_STEP, 0,
        frames * sizeof *self->plane);
}

/* Processes part of a step. */
static void
process_part (DmixPan *self, DmixPanObject *const *object,
    const float *const *sample, size_t done, unsigned objects, float *out,
    unsigned frames)
{
  const int delayed = self->binaural && !self->format.zero_latency;

  if (!delayed)
    clear (self, frames);
  for (unsigned i = 0; i < objects; i++) {
    const size_t skip = done * dmix_panobject_channels (object[i]);

    if (self->at == 0)
      dmix_panobject_step (self, object[i]);
    dmix_panobject_add (self, object[i], sample[i] ? sample[i] + skip : NULL,
        frames);
  }
  if (self->block_at == 0 && self->at == 0)
    self->head_moves = 0;
  interleave (self, self->plane + (delayed ? self->block_at : 0), out, frames);
}

static void
finish_block (DmixPan *self, DmixPanObject *const *object, unsigned objects)
{
  self->block_at = 0;
  if (self->format.zero_latency)
    return;
  for (unsigned i = 0; i < objects; i++)
    dmix_panobject_add_block (self, object[i]);
  dmix_binaural_read (self->binaural, self->plane,
      self->plane + DMIX_PAN_LONGEST_STEP);
}

/* A single object with constant gains needs neither steps nor planes. */
static void
process_plain (DmixPan *self, DmixPanObject *object, const float *sample,
    float *out, size_t frames)
{
  if (sample)
    dmix_panobject_process_plain (object, sample, frames, out);
  else
    memset (out, 0, frames * self->channels * sizeof *out);
  self->at = (self->at + frames) % self->step;
}

void
dmix_pan_process (DmixPan *self, DmixPanObject *const *object,
    const float *const *sample, unsigned objects, float *out, size_t frames)
{
  if (objects == 1 && dmix_panobject_is_plain (self, object[0])) {
    process_plain (self, object[0], sample[0], out, frames);
    return;
  }
  for (size_t done = 0; done < frames;) {
    const unsigned left = self->step - self->at;
    const unsigned part =
        frames - done < left ? (unsigned) (frames - done) : left;

    process_part (self, object, sample, done, objects,
        out + done * self->channels, part);
    done += part;
    self->at = (self->at + part) % self->step;
    if (self->binaural && (self->block_at += part) == self->block)
      finish_block (self, object, objects);
  }
}
