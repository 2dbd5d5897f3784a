/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the real signal is treated as a complex one of half the length, even
 * samples real, odd samples imaginary; its transform is split into the spectra
 * of both, which combine to the spectrum of the signal (Cooley, Lewis, Welch,
 * "The fast Fourier transform algorithm", J. Sound Vib. 12, 1970). The complex
 * transform is Stockham's: passes of radix 4 (and one each of radix 2 and 3 if
 * the size needs them) from one buffer to another, which keep the points in
 * order without a bit reversal (W. T. Cochran et al., "What is the fast Fourier
 * transform?", Proc. IEEE 55, 1967). Radix 3 comes last, where all twiddle
 * factors are 1. The loops are in fftpass.c.
 *
 * State: only the tables and the work space of the plan.
 */
#include "spectral/fft.h"
#include "base/cpu.h"
#include "base/floats.h"
#include "base/units.h"
#include "spectral/fftpass.h"

#include <math.h>
#include <stdlib.h>

struct DmixFft
{
  DmixFftPlan plan;
  DmixFftForward *forward;
  DmixFftInverse *inverse;
  float *memory;
};

static int
size_is_valid (unsigned size)
{
  const unsigned power = size % 3 ? size : size / 3;

  return power >= DMIX_FFT_MIN_SIZE && size <= DMIX_FFT_MAX_SIZE
      && (power & (power - 1)) == 0;
}

unsigned
dmix_fft_size_for (unsigned samples)
{
  for (unsigned power = DMIX_FFT_MIN_SIZE; power <= DMIX_FFT_MAX_SIZE;
       power *= 2) {
    if (power >= samples)
      return power;
    if (power / 2 * 3 >= samples && size_is_valid (power / 2 * 3))
      return power / 2 * 3;
  }
  return 0;
}

/* exp (-2 pi i place / size) */
static void
put_twiddle (float *re, float *im, unsigned place, unsigned size)
{
  *re = (float) cos (2.0 * DMIX_PI * place / size);
  *im = (float) -sin (2.0 * DMIX_PI * place / size);
}

/* Splits `half` into passes; returns the size of their tables, floats. */
static size_t
plan_passes (DmixFftPlan *plan)
{
  unsigned left = plan->half, stride = 1;
  size_t floats = 0;

  while (left > 1) {
    const unsigned radix = left % 4 == 0 ? 4 : left % 2 == 0 ? 2 : 3;
    DmixFftPass *pass = &plan->pass[plan->passes++];

    pass->radix = radix;
    pass->groups = left / radix;
    pass->stride = stride;
    floats += 2 * (size_t) (radix - 1) * pass->groups;
    left /= radix;
    stride *= radix;
  }
  return floats;
}

static float *
fill_pass (DmixFftPass *pass, float *memory)
{
  const unsigned size = pass->radix * pass->groups;
  const unsigned count = (pass->radix - 1) * pass->groups;

  pass->twiddle_re = memory;
  pass->twiddle_im = memory + count;
  for (unsigned i = 0; i < count; i++)
    put_twiddle (&pass->twiddle_re[i], &pass->twiddle_im[i],
        (i / pass->groups + 1) * (i % pass->groups), size);
  return memory + 2 * count;
}

static void
fill_tables (DmixFftPlan *plan, float *memory)
{
  for (int i = 0; i < 4; i++, memory += plan->half)
    plan->work[i / 2][i % 2] = memory;
  plan->half_re = memory;
  plan->half_im = memory + plan->half / 2 + 1;
  for (unsigned k = 0; k <= plan->half / 2; k++)
    put_twiddle (&plan->half_re[k], &plan->half_im[k], k, 2 * plan->half);
  memory += plan->half + 2;
  for (unsigned i = 0; i < plan->passes; i++)
    memory = fill_pass (&plan->pass[i], memory);
}

static void
choose_loops (DmixFft *self)
{
  self->forward = dmix_fft_forward_plain;
  self->inverse = dmix_fft_inverse_plain;
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ()) {
    self->forward = dmix_fft_forward_avx2;
    self->inverse = dmix_fft_inverse_avx2;
  }
#endif
}

DmixFft *
dmix_fft_new (unsigned size)
{
  DmixFft *self;
  size_t floats;

  if (!size_is_valid (size) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->plan.half = size / 2;
  floats = plan_passes (&self->plan) + 5 * (size_t) self->plan.half + 2;
  self->memory = dmix_floats_new (floats);
  if (!self->memory) {
    dmix_fft_free (self);
    return NULL;
  }
  fill_tables (&self->plan, self->memory);
  choose_loops (self);
  return self;
}

void
dmix_fft_free (DmixFft *self)
{
  if (!self)
    return;
  dmix_floats_free (self->memory);
  free (self);
}

void
dmix_fft_forward (DmixFft *self, const float *time, float *re, float *im)
{
  self->forward (&self->plan, time, self->plan.half + 1, re, im);
}

void
dmix_fft_forward_low (DmixFft *self, const float *time, unsigned bins,
    float *re, float *im)
{
  self->forward (&self->plan, time, bins, re, im);
}

void
dmix_fft_inverse (DmixFft *self, const float *re, const float *im, float *time)
{
  self->inverse (&self->plan, re, im, time);
}
