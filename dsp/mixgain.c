/* Method: the gain of frame i is computed from i, not added up, so that blocks
 * may be split anywhere. Resting gains (nearly all of the time) go through
 * the Orc kernels; a gain of 1 and a silenced signal cost nothing and keep
 * every bit. Products are rounded before they are added on every way (no
 * fused multiply-add), so all of them agree.
 */
#include "mixgain.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "kernels.h"

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

void
dmix_mixgain_process (float *io, const float *other, unsigned channels,
    size_t frames, DmixGainLine gain, DmixGainLine other_gain,
    size_t first, size_t step)
{
  const float slope = (gain.to - gain.from) / (float) step;
  const float other_slope = (other_gain.to - other_gain.from) / (float) step;

  if (rests (gain) && rests (other_gain)) {
    mix_resting (io, other, frames * channels, gain.to, other_gain.to);
    return;
  }
  for (size_t i = 0; i < frames; i++) {
    const float place = (float) (first + i + 1);
    const float g = gain.from + slope * place;
    const float h = other_gain.from + other_slope * place;

    for (unsigned c = 0; c < channels; c++, io++, other++)
      *io = *io * g + *other * h;
  }
}

void
dmix_mixgain_add (float *io, const float *other, size_t samples)
{
  dmix_kernel_add (io, other, (int) samples);
}
