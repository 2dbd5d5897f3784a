/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the gain of frame i is computed from i, not accumulated, so that
 * blocks may be split anywhere. Constant gains (nearly all of the time) use
 * the Orc kernels; a gain of 1 and a silenced signal cost nothing and keep
 * every bit. All code paths round products before adding them (no fused
 * multiply-add), so all give the same bits.
 */
#include "base/mixgain.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/blockloops.h"
#include "base/kernels.h"

static int
rests (DmixGainLine line)
{
  return line.from == line.to;
}

static void
mix_resting (float *io, const float *other, size_t count, float gain,
    float other_gain)
{
  const int samples = (int) count;

  if (other_gain == 0.0f) {
    if (gain != 1.0f)
      dmix_kernel_gain (io, gain, samples);
  } else if (gain == 1.0f && other_gain == 1.0f) {
    dmix_kernel_add (io, other, samples);
  } else {
    dmix_kernel_mix (io, other, gain, other_gain, samples);
  }
}

static DmixRamp
ramp_from (DmixGainLine line, size_t step)
{
  return (DmixRamp){ line.from, (line.to - line.from) / (float) step };
}

void
dmix_mixgain_process (float *io, const float *other, unsigned channels,
    size_t frames, DmixGainLine gain, DmixGainLine other_gain, size_t first,
    size_t step)
{
  const DmixRamp g = ramp_from (gain, step), h = ramp_from (other_gain, step);

  if (rests (gain) && rests (other_gain))
    mix_resting (io, other, frames * channels, gain.to, other_gain.to);
  else
    dmix_blockloops ()->mix (io, other, channels, frames, g, h, first);
}

void
dmix_mixgain_add (float *io, const float *other, size_t samples)
{
  dmix_kernel_add (io, other, (int) samples);
}
