/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Splice: synchronized overlap-add (Roucos and Wilgus 1985) with one joint. The
 * piece has the length at which the two sides of the cross-fade correlate most,
 * over all channels. The gains of the cross-fade are those that keep the power
 * of two signals with this correlation: linear for equal ones, equal-power for
 * noise. */
#include "base/splice.h"

#include <math.h>
#include <string.h>

/* Frames of the cross-fade that are compared: enough for a period of a low
 * voice at any rate, and bounds the cost at high rates. */
#define COMPARED 128

static double
correlation (const float *a, const float *b, size_t frames, unsigned channels)
{
  const size_t stride = (1 + (frames - 1) / COMPARED) * channels;
  double ab = 0.0, aa = 0.0, bb = 0.0;

  for (size_t i = 0; i < frames * channels; i += stride)
    for (unsigned c = 0; c < channels; c++) {
      ab += (double) a[i + c] * b[i + c];
      aa += (double) a[i + c] * a[i + c];
      bb += (double) b[i + c] * b[i + c];
    }
  return aa > 0.0 && bb > 0.0 ? ab / sqrt (aa * bb) : 0.0;
}

/* The distance, least to most frames, at which `sound` moved by it in
 * `direction` (1 or -1) is most like `sound`. */
static size_t
best_distance (const float *sound, int direction, unsigned channels,
    size_t least, size_t most, size_t fade, double *best)
{
  size_t distance = least;

  *best = -2.0;
  for (size_t d = least; d <= most; d++) {
    const ptrdiff_t offset = direction * (ptrdiff_t) (d * channels);
    const double match = correlation (sound, sound + offset, fade, channels);

    if (match > *best) {
      *best = match;
      distance = d;
    }
  }
  return distance;
}

static void
cross_fade (const float *from, const float *to, size_t frames,
    unsigned channels, double match, float *out)
{
  const double r = match > 0.0 ? match : 0.0;

  for (size_t i = 0; i < frames; i++) {
    const double t = (i + 0.5) / frames;
    const double power = (1 - t) * (1 - t) + t * t + 2 * r * t * (1 - t);
    const float gain_from = (float) ((1 - t) / sqrt (power));
    const float gain_to = (float) (t / sqrt (power));

    for (unsigned c = 0; c < channels; c++, from++, to++)
      *out++ = gain_from * *from + gain_to * *to;
  }
}

size_t
dmix_splice_drop (const float *in, size_t frames, unsigned channels,
    size_t least, size_t most, size_t fade, float *out)
{
  double match;
  const size_t piece =
      best_distance (in, 1, channels, least, most, fade, &match);
  const size_t behind = piece + fade;

  cross_fade (in, in + piece * channels, fade, channels, match, out);
  memcpy (out + fade * channels, in + behind * channels,
      (frames - behind) * channels * sizeof *out);
  return piece;
}

size_t
dmix_splice_repeat (const float *in, size_t frames, unsigned channels,
    size_t least, size_t most, size_t fade, float *out)
{
  const size_t head = frames - fade;
  const float *from = in + head * channels;
  double match;
  const size_t piece =
      best_distance (from, -1, channels, least, most, fade, &match);
  const float *to = from - piece * channels;

  memcpy (out, in, head * channels * sizeof *out);
  cross_fade (from, to, fade, channels, match, out + head * channels);
  memcpy (out + frames * channels, to + fade * channels,
      piece * channels * sizeof *out);
  return piece;
}
