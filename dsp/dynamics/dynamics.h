/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Dynamic range control: compressor, true-peak limiter, expander, gate and
 * upward compressor.
 *
 *   side-chain filters -> detector -> gain computer -> channel link -> range
 *   -> hold, attack, release -> look-ahead -> gain of the delayed sound
 *
 * Units
 *   level      rms: true RMS over the window, so that a sine of full scale
 *              reads -3.01 dB; peak: of the samples, such a sine reads 0 dB;
 *              K-weighted: loudness in LUFS (BS.1770-5), the same sine at
 *              1 kHz in one channel reads -3.01
 *   times      63 % of the way, in dB (time constants). Attack is the reaction
 *              to sound getting louder, release to it getting softer: for
 *              expander and gate attack opens, release closes. Hold goes
 *              before every release
 *   curve      d = level - threshold, knee W (quadratic, Giannoulis et al.):
 *                compress  gain = (1/R - 1) d       above, 0 below
 *                upward    gain = (1/R - 1) d       below, 0 above
 *                expand    gain = (R - 1) d         below, 0 above
 *                gate      gain = -range            below, 0 above; the knee
 *                          is the width of an S-shaped way between them
 *              |gain| <= range
 *   link       gain of a channel, in dB, is (1 - link) * its own + link * that
 *              of the loudest channel (K-weighted: of all channels together)
 *   LFE        channels of loudness weight 0 do not count in the level of all
 *              channels, whatever the detector, so that an explosion does not
 *              pull the dialogue down. They get the linked gain; with link < 1
 *              their own level counts in their own gain (K-weighted: it has
 *              none). A limiter lowers them alone where they pass the ceiling
 *   auto_release  release is the time after a single peak; the longer the
 *              reduction has lasted, the more of it goes ten times slower
 *   makeup     with auto_makeup another half of the reduction that a level of
 *              0 dB gets (compress only)
 *   mix        1: all compressed, 0: the dry signal
 *   limit      a look-ahead limiter: the true peak stays at or below
 *              ceiling_dbtp for look-aheads of 0.5 ms and more and mix 1; with
 *              less, the samples do. It aims 0.1 dB lower, for by that much
 *              interpolators differ (on noise up to the end of the band by
 *              more). Makeup drives it. Threshold, ratio, knee, attack, range,
 *              detector and side-chain filters are not used
 *
 * All of it ends in one gain for each channel; a gain of 1 (bypass, mix 0,
 * ratio 1, a level out of reach) changes no bit of a sample, except that NaN,
 * infinities and denormals become 0: see base/sanitize.h.
 *
 * In steps. Decisions are made once a step of S = dmix_dynamics_step_frames ()
 * frames, 1/6000 s rounded to frames; step k is frames k S to k S + S - 1,
 * counted from the first one. Exactly:
 *   - the level of step k is that of its largest sample, or the mean square
 *     over the window, rounded to steps, that ends with it (limit mode: the
 *     true peak from frame k S to frame k S + S);
 *   - attack and release go share = 1 - exp (-S / (rate * time)) of the way
 *     that is left in a step; hold is rounded to steps; auto_release goes to
 *     the lower of the target and its mean, a follower ten times as slow. All
 *     of this on v, the gain in dB, for expander and gate its negative;
 *   - the gain at frame j S, with M = floor ((N + 1) / S), N the look-ahead in
 *     frames (limit mode: 2 S more): for M < 2 v of step j - 2 + M; else the
 *     mean, weighted by the convolution of two boxes of floor (n / 2) + 1 and n
 *     - floor (n / 2) + 1 steps, n = M - 2, of the minima of v over M steps
 *     that end with step j, j + 1, ... j + n;
 *   - from there gains go in a straight line (linear, makeup and mix in it), of
 *     which frame i of a step has the part (i + 1) / S.
 * So without look-ahead a gain is one to two steps late.
 *
 * Changes. A new set of parameters applies to the sound that comes in after
 * it (from the next step on) and is faded in: for some 50 ms two complete
 * engines run, the old and the new one, and their gains are mixed with a
 * raised cosine. A set that comes while one is being faded in waits; the last
 * one wins. So no parameter can click.
 *
 * Latency. It is the look-ahead, in limit mode about 1 ms more: the true-peak
 * filter, and two steps that a limiter cannot do without. It changes between
 * calls only, and no content is lost:
 *   it grows by d in dmix_dynamics_set_params(): the next d frames that
 *     dmix_dynamics_process() puts out are repeats. Drop them;
 *   it shrinks by d in dmix_dynamics_process(), as soon as the shorter
 *     look-ahead has been faded in: fetch d frames with
 *     dmix_dynamics_catch_up(); until then the delay is longer than the
 *     reported latency.
 * The output without the repeats does not depend on the block sizes.
 *
 * D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor
 * design - a tutorial and analysis", J. Audio Eng. Soc. 60(6), 2012.
 */
#ifndef DMIX_DYNAMICS_H
#define DMIX_DYNAMICS_H

#include "base/format.h"
#include "dynamics/dynamicsmeter.h"
#include "dynamics/dynamicsparams.h"

#include <stddef.h>

typedef struct DmixDynamics DmixDynamics;

/* loudness_weight: of each channel, for the K-weighted detector (BS.1770-5
 * Annex 3: 1.0, surround 1.41, LFE 0), or NULL for 1.0 each. Only whether it is
 * 0 matters to the other detectors.
 * Starts bypassed. Returns NULL on bad arguments or if memory is short. */
DmixDynamics *dmix_dynamics_new (const DmixFormat *format,
    const float *loudness_weight);
void dmix_dynamics_free (DmixDynamics *self);

/* Clears audio and gains; the last parameters set apply at once. */
void dmix_dynamics_reset (DmixDynamics *self);

/* Call between blocks. Values beyond their range are taken as the nearest
 * limit, NaN as the lowest. The first call after dmix_dynamics_new() or
 * _reset(), with nothing processed in between, applies at once and shifts no
 * content. A set that equals the last one costs nothing. */
void dmix_dynamics_set_params (DmixDynamics *self,
    const DmixDynamicsParams *params);

/* In place. */
void dmix_dynamics_process (DmixDynamics *self, float *io, size_t frames);

/* Writes output without input after the latency has shrunk: at most as many
 * frames as it has shrunk by. Returns their number. */
size_t dmix_dynamics_catch_up (DmixDynamics *self, float *out, size_t frames);

/* The delay of the next block, in frames. */
unsigned dmix_dynamics_latency_frames (const DmixDynamics *self);

/* Frames of silence that flush the delay line. */
unsigned dmix_dynamics_tail_frames (const DmixDynamics *self);

/* Frames between two decisions. */
unsigned dmix_dynamics_step_frames (const DmixDynamics *self);

/* Reads the meter and starts a new interval. */
void dmix_dynamics_read_meter (DmixDynamics *self, DmixDynamicsMeter *meter);

#endif
