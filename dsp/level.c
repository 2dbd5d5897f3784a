/* Method: eight accumulators side by side, the compiler's vectors. With 1, 2,
 * 4 or 8 channels an accumulator never sees more than one channel; other
 * numbers have one accumulator for each channel.
 */
#include "level.h"

#include "format.h"

#include <math.h>

#define LANES 8
#define NOTHING 1e-15f

static inline float
larger (float a, float b)
{
  return a > b ? a : b;
}

static inline float
square (float x)
{
  const float a = larger (fabsf (x), NOTHING);

  return a * a;
}

static int
fits_lanes (unsigned channels)
{
  return channels <= LANES && LANES % channels == 0;
}

/* Lane i takes samples i, i + lanes, ... Inlined with a constant number of
 * lanes it becomes vector code. */
static inline void
largest (const float *x, size_t count, float *restrict lane,
    const unsigned lanes)
{
  size_t i = 0;

  for (; i + lanes <= count; i += lanes)
    for (unsigned l = 0; l < lanes; l++)
      lane[l] = larger (fabsf (x[i + l]), lane[l]);
  for (unsigned l = 0; i + l < count; l++)
    lane[l] = larger (fabsf (x[i + l]), lane[l]);
}

static inline void
add_squares (const float *x, size_t count, float *restrict lane,
    const unsigned lanes)
{
  size_t i = 0;

  for (; i + lanes <= count; i += lanes)
    for (unsigned l = 0; l < lanes; l++)
      lane[l] += square (x[i + l]);
  for (unsigned l = 0; i + l < count; l++)
    lane[l] += square (x[i + l]);
}

/* Folds the eight lanes into `channels` of them. */
static void
fold_largest (float *lane, unsigned channels)
{
  for (unsigned half = LANES / 2; half >= channels; half /= 2)
    for (unsigned l = 0; l < half; l++)
      lane[l] = larger (lane[l], lane[l + half]);
}

static void
fold_sum (float *lane, unsigned channels)
{
  for (unsigned half = LANES / 2; half >= channels; half /= 2)
    for (unsigned l = 0; l < half; l++)
      lane[l] += lane[l + half];
}

void
dmix_level_peak (const float *x, unsigned channels, size_t frames,
    float *peak)
{
  float lane[LANES] = { 0.0f };

  if (!fits_lanes (channels)) {
    for (unsigned c = 0; c < channels; c++)
      peak[c] = 0.0f;
    largest (x, channels * frames, peak, channels);
    return;
  }
  largest (x, channels * frames, lane, LANES);
  fold_largest (lane, channels);
  for (unsigned c = 0; c < channels; c++)
    peak[c] = lane[c];
}

float
dmix_level_peak_all (const float *x, size_t count)
{
  float peak;

  dmix_level_peak (x, 1, count, &peak);
  return peak;
}

void
dmix_level_energy (const float *x, unsigned channels, size_t frames,
    float *energy)
{
  float lane[LANES] = { 0.0f };

  if (!fits_lanes (channels)) {
    for (unsigned c = 0; c < channels; c++)
      energy[c] = 0.0f;
    add_squares (x, channels * frames, energy, channels);
    return;
  }
  add_squares (x, channels * frames, lane, LANES);
  fold_sum (lane, channels);
  for (unsigned c = 0; c < channels; c++)
    energy[c] = lane[c];
}
