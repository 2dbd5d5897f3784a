/* Method: plain loops that compilers make vector code of. Turning factors are
 * products of a coarse one for each group of bins, carried on in double, and
 * a fine one within the group, so that errors do not add up.
 */
#include "spectrum.h"

#include <math.h>

#define WIDTH DMIX_SPECTRUM_WIDTH

#ifdef __AVX2__
#define LOOPS dmix_spectrum_avx2
#else
#define LOOPS dmix_spectrum_plain
#endif

static void
multiply_add (float *restrict sum, const float *restrict a,
    const float *restrict b, unsigned stride)
{
  const float *a_im = a + stride, *b_im = b + stride;
  float *restrict sum_im = sum + stride;

  for (unsigned k = 0; k < stride; k++) {
    const float re = a[k] * b[k] - a_im[k] * b_im[k];
    const float im = a[k] * b_im[k] + a_im[k] * b[k];

    sum[k] += re;
    sum_im[k] += im;
  }
}

static void
multiply_add_twice (float *restrict old, float *restrict new,
    const float *restrict x, const float *restrict before,
    const float *restrict after, unsigned stride)
{
  multiply_add (old, x, before, stride);
  multiply_add (new, x, after, stride);
}

static void
mix (float *restrict to, const float *const from[3], const float weight[3],
    double radians, unsigned stride)
{
  const float *restrict a = from[0], *restrict b = from[1];
  const float *restrict c = from[2];
  const float u = weight[0], v = weight[1], w = weight[2];
  const double step_re = cos (WIDTH * radians), step_im = -sin (WIDTH * radians);
  float fine_re[WIDTH], fine_im[WIDTH];
  double coarse_re = 1, coarse_im = 0;

  for (unsigned k = 0; k < WIDTH; k++) {
    fine_re[k] = (float) cos (radians * k);
    fine_im[k] = (float) -sin (radians * k);
  }
  for (unsigned group = 0; group < stride; group += WIDTH) {
    const float group_re = (float) coarse_re, group_im = (float) coarse_im;
    const double next_re = coarse_re * step_re - coarse_im * step_im;

    for (unsigned i = 0; i < WIDTH; i++) {
      const unsigned k = group + i, m = stride + k;
      const float re = a[k] * u + b[k] * v + c[k] * w;
      const float im = a[m] * u + b[m] * v + c[m] * w;
      const float turn_re = group_re * fine_re[i] - group_im * fine_im[i];
      const float turn_im = group_re * fine_im[i] + group_im * fine_re[i];

      to[k] = re * turn_re - im * turn_im;
      to[m] = re * turn_im + im * turn_re;
    }
    coarse_im = coarse_re * step_im + coarse_im * step_re;
    coarse_re = next_re;
  }
}

const DmixSpectrumLoops LOOPS = { multiply_add, multiply_add_twice, mix };

#ifndef __AVX2__
const DmixSpectrumLoops *
dmix_spectrum_loops (void)
{
#ifdef HAVE_AVX2
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2"))
    return &dmix_spectrum_avx2;
#endif
  return &dmix_spectrum_plain;
}
#endif
