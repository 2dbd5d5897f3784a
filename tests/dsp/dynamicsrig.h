/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* For the tests of dynamics.h: processes whole signals with the latency
 * removed, as the element does. */
#ifndef DYNAMICSRIG_H
#define DYNAMICSRIG_H

#include "signals.h"

#include "dynamics/dynamics.h"

#define SOME_FRAMES 1024

typedef struct
{
  DmixDynamics *dynamics;
  unsigned channels, latency;
  int running; /* a frame went in */
  size_t drop; /* frames that are repeats */
  float *out;
  size_t written, most; /* frames */
} Rig;

/* A compressor of 4:1 at -20 dB, without knee, attack or release. */
static inline DmixDynamicsParams
rig_params (void)
{
  return (DmixDynamicsParams){
    .mode = DMIX_DYNAMICS_COMPRESS,
    .threshold_db = -20,
    .ratio = 4,
    .detector = DMIX_DETECTOR_PEAK,
    .rms_window_ms = 10,
    .mix = 1,
    .range_db = 60,
    .link = 1,
    .ceiling_dbtp = -1,
  };
}

static inline Rig
rig_new (unsigned rate, unsigned channels, const DmixDynamicsParams *params,
    size_t frames)
{
  const DmixFormat format = { rate, channels };
  Rig rig = {
    .dynamics = dmix_dynamics_new (&format, NULL),
    .channels = channels,
    .most = frames,
  };

  g_assert_nonnull (rig.dynamics);
  dmix_dynamics_set_params (rig.dynamics, params);
  rig.latency = dmix_dynamics_latency_frames (rig.dynamics);
  rig.drop = rig.latency;
  rig.out = g_new0 (float, frames *channels + 1);
  return rig;
}

static inline void
rig_take (Rig *rig, const float *x, size_t frames)
{
  const size_t dropped = MIN (rig->drop, frames);

  rig->drop -= dropped;
  x += dropped * rig->channels;
  frames = MIN (frames - dropped, rig->most - rig->written);
  memcpy (rig->out + rig->written * rig->channels, x,
      frames * rig->channels * sizeof *x);
  rig->written += frames;
}

static inline void
rig_follow_latency (Rig *rig)
{
  const unsigned now = dmix_dynamics_latency_frames (rig->dynamics);
  float *late = g_new (float, SOME_FRAMES * rig->channels);

  if (!rig->running) /* it starts anew with each set of parameters */
    rig->drop = now;
  else if (now > rig->latency)
    rig->drop += now - rig->latency;
  else if (now < rig->latency) {
    size_t left = rig->latency - now;

    while (left > 0) {
      const size_t n =
          dmix_dynamics_catch_up (rig->dynamics, late, MIN (left, SOME_FRAMES));

      g_assert_cmpuint (n, ==, MIN (left, SOME_FRAMES));
      rig_take (rig, late, n);
      left -= n;
    }
  }
  g_assert_cmpuint (dmix_dynamics_catch_up (rig->dynamics, late, 1), ==, 0);
  rig->latency = now;
  g_free (late);
}

static inline void
rig_set_params (Rig *rig, const DmixDynamicsParams *params)
{
  dmix_dynamics_set_params (rig->dynamics, params);
  rig_follow_latency (rig);
}

/* block 0: blocks of random length. */
static inline void
rig_process (Rig *rig, const float *x, size_t frames, size_t block)
{
  while (frames > 0) {
    const size_t want = block ? block : (size_t) g_test_rand_int_range (1, 900);
    const size_t n = MIN (want, frames);
    float *io = g_memdup2 (x, n * rig->channels * sizeof *x);

    rig->running = 1;
    dmix_dynamics_process (rig->dynamics, io, n);
    rig_take (rig, io, n);
    rig_follow_latency (rig);
    g_free (io);
    x += n * rig->channels;
    frames -= n;
  }
}

/* Drains the processor; returns the whole output and frees the rest. */
static inline float *
rig_finish (Rig *rig)
{
  float *silence = g_new0 (float, SOME_FRAMES * rig->channels);

  while (rig->written < rig->most)
    rig_process (rig, silence, SOME_FRAMES, SOME_FRAMES);
  g_free (silence);
  dmix_dynamics_free (rig->dynamics);
  return rig->out;
}

static inline float *
rig_run (unsigned rate, unsigned channels, const DmixDynamicsParams *params,
    const float *x, size_t frames, size_t block)
{
  Rig rig = rig_new (rate, channels, params, frames);

  rig_process (&rig, x, frames, block);
  return rig_finish (&rig);
}

/* RMS of every stride-th sample. */
static inline double
rms (const float *x, size_t frames, size_t stride)
{
  double sum = 0;

  for (size_t i = 0; i < frames; i++)
    sum += (double) x[i * stride] * x[i * stride];
  return sqrt (sum / frames);
}

#endif
