/* Method: plain loops that compilers make vector code of. Turning factors are
 * products of a coarse one for each group of bins, carried on in double, and
 * a fine one within the group, so that errors do not add up.
 */
#include "spectrum.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

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
  const double one_re = cos (radians), one_im = -sin (radians);
  float fine_re[WIDTH], fine_im[WIDTH];
  double step_re = 1, step_im = 0, coarse_re = 1, coarse_im = 0;

  for (unsigned k = 0; k < WIDTH; k++) {
    const double next_re = step_re * one_re - step_im * one_im;

    fine_re[k] = (float) step_re;
    fine_im[k] = (float) step_im;
    step_im = step_re * one_im + step_im * one_re;
    step_re = next_re;
  }
  for (size_t group = 0; group < stride; group += WIDTH) {
    const float group_re = (float) coarse_re, group_im = (float) coarse_im;
    const double next_re = coarse_re * step_re - coarse_im * step_im;
    const float *a_re = a + group, *a_im = a_re + stride;
    const float *b_re = b + group, *b_im = b_re + stride;
    const float *c_re = c + group, *c_im = c_re + stride;
    float turned_re[WIDTH], turned_im[WIDTH];

    for (size_t i = 0; i < WIDTH; i++) {
      const float re = a_re[i] * u + b_re[i] * v + c_re[i] * w;
      const float im = a_im[i] * u + b_im[i] * v + c_im[i] * w;
      const float turn_re = group_re * fine_re[i] - group_im * fine_im[i];
      const float turn_im = group_re * fine_im[i] + group_im * fine_re[i];

      turned_re[i] = re * turn_re - im * turn_im;
      turned_im[i] = re * turn_im + im * turn_re;
    }
    memcpy (to + group, turned_re, sizeof turned_re);
    memcpy (to + group + stride, turned_im, sizeof turned_im);
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
