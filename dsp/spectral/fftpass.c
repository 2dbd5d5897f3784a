/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the passes of fft.c. Compiled once for any processor and on x86 once
 * more for AVX2 (-mavx2 defines __AVX2__). No sum crosses lanes or uses fused
 * multiply-add, so both versions give the same bits.
 */
#include "spectral/fftpass.h"

#include <stddef.h>

#ifdef __AVX2__
#define FORWARD dmix_fft_forward_avx2
#define INVERSE dmix_fft_inverse_avx2
#else
#define FORWARD dmix_fft_forward_plain
#define INVERSE dmix_fft_inverse_plain
#endif

#define INLINE static inline __attribute__ ((always_inline))
#define WIDTH DMIX_FFT_WIDTH
#define SIN_60 0.866025403784438647f
#define SHUFFLE __builtin_shufflevector

/* Lanes: eight values in registers (several registers where vectors are
 * shorter). Stored: eight values in memory, at any address. */
typedef float Lanes __attribute__ ((vector_size (WIDTH * sizeof (float))));
typedef Lanes Stored __attribute__ ((aligned (sizeof (float)), may_alias));

typedef struct
{
  Lanes re, im;
} Points; /* eight complex numbers */

typedef struct
{
  float *re, *im;
} Array;

INLINE Points
get (Array x, size_t i)
{
  return (Points){ *(Stored *) (x.re + i), *(Stored *) (x.im + i) };
}

INLINE void
put (Array z, size_t i, Points a)
{
  *(Stored *) (z.re + i) = a.re;
  *(Stored *) (z.im + i) = a.im;
}

/* One complex number in all lanes. */
INLINE Points
broadcast (Array x, size_t i)
{
  const Lanes zero = { 0 };

  return (Points){ zero + x.re[i], zero + x.im[i] };
}

INLINE Array
twiddles (const DmixFftPass *pass)
{
  return (Array){ pass->twiddle_re, pass->twiddle_im };
}

INLINE Points
add (Points a, Points b)
{
  return (Points){ a.re + b.re, a.im + b.im };
}

INLINE Points
sub (Points a, Points b)
{
  return (Points){ a.re - b.re, a.im - b.im };
}

/* a - i b */
INLINE Points
sub_i (Points a, Points b)
{
  return (Points){ a.re + b.im, a.im - b.re };
}

/* a + i b */
INLINE Points
add_i (Points a, Points b)
{
  return (Points){ a.re - b.im, a.im + b.re };
}

INLINE Points
mul (Points a, Points b)
{
  return (Points){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

typedef struct
{
  Points y0, y1, y2, y3;
} Four; /* the results of a butterfly */

INLINE Four
four (Points a, Points b, Points c, Points d)
{
  const Points even = add (a, c), odd = sub (a, c);
  const Points sum = add (b, d), difference = sub (b, d);

  return (Four){
    add (even, sum),
    sub_i (odd, difference),
    sub (even, sum),
    add_i (odd, difference),
  };
}

INLINE Four
get_four (Array x, size_t i, size_t apart)
{
  return four (get (x, i), get (x, i + apart), get (x, i + 2 * apart),
      get (x, i + 3 * apart));
}

/* Radix 4, a stride of 8 or more: the lanes are signals, which share their
 * twiddle factors. Those of the first group are 1. */
static void
pass_four (const DmixFftPass *pass, Array x, Array z)
{
  const size_t stride = pass->stride, groups = pass->groups;
  const Array t = twiddles (pass);

  for (size_t q = 0; q < stride; q += WIDTH) {
    const Four y = get_four (x, q, groups * stride);

    put (z, q, y.y0);
    put (z, q + stride, y.y1);
    put (z, q + 2 * stride, y.y2);
    put (z, q + 3 * stride, y.y3);
  }
  for (size_t p = 1; p < groups; p++) {
    const Points t1 = broadcast (t, p), t2 = broadcast (t, p + groups);
    const Points t3 = broadcast (t, p + 2 * groups);

    for (size_t q = 0; q < stride; q += WIDTH) {
      const Four y = get_four (x, q + stride * p, groups * stride);
      const size_t to = q + 4 * stride * p;

      put (z, to, y.y0);
      put (z, to + stride, mul (y.y1, t1));
      put (z, to + 2 * stride, mul (y.y2, t2));
      put (z, to + 3 * stride, mul (y.y3, t3));
    }
  }
}

static void
pass_two (const DmixFftPass *pass, Array x, Array z)
{
  const size_t stride = pass->stride, apart = pass->groups * stride;

  for (size_t p = 0; p < pass->groups; p++) {
    const Points t = broadcast (twiddles (pass), p);

    for (size_t q = 0; q < stride; q += WIDTH) {
      const Points a = get (x, q + stride * p);
      const Points b = get (x, q + stride * p + apart);

      put (z, q + 2 * stride * p, add (a, b));
      put (z, q + 2 * stride * p + stride, mul (sub (a, b), t));
    }
  }
}

/* The same as the last pass. */
static void
pass_last_two (const DmixFftPass *pass, Array x, Array z)
{
  const size_t stride = pass->stride;

  for (size_t q = 0; q < stride; q += WIDTH) {
    const Points a = get (x, q), b = get (x, q + stride);

    put (z, q, add (a, b));
    put (z, q + stride, sub (a, b));
  }
}

/* Radix 4 for two groups and the last pass of radix 2 at once, which spares a
 * walk through memory. The twiddle factors of the first group are 1. */
static void
pass_last_eight (const DmixFftPass *pass, Array x, Array z)
{
  const size_t stride = pass->stride;
  const Array t = twiddles (pass);
  const Points t1 = broadcast (t, 1), t2 = broadcast (t, 3);
  const Points t3 = broadcast (t, 5);

  for (size_t q = 0; q < stride; q += WIDTH) {
    const Four b = get_four (x, q + stride, 2 * stride);
    const Points b1 = mul (b.y1, t1), b2 = mul (b.y2, t2);
    const Points b3 = mul (b.y3, t3);
    const Four a = get_four (x, q, 2 * stride);

    put (z, q, add (a.y0, b.y0));
    put (z, q + 4 * stride, sub (a.y0, b.y0));
    put (z, q + stride, add (a.y1, b1));
    put (z, q + 5 * stride, sub (a.y1, b1));
    put (z, q + 2 * stride, add (a.y2, b2));
    put (z, q + 6 * stride, sub (a.y2, b2));
    put (z, q + 3 * stride, add (a.y3, b3));
    put (z, q + 7 * stride, sub (a.y3, b3));
  }
}

/* Radix 3, always the last pass: all twiddle factors are 1. */
static void
pass_three (const DmixFftPass *pass, Array x, Array z)
{
  const size_t stride = pass->stride;

  for (size_t q = 0; q < stride; q += WIDTH) {
    const Points a = get (x, q), b = get (x, q + stride);
    const Points c = get (x, q + 2 * stride), sum = add (b, c);
    const Points side = { (b.re - c.re) * SIN_60, (b.im - c.im) * SIN_60 };
    const Points middle = { a.re - sum.re * 0.5f, a.im - sum.im * 0.5f };

    put (z, q, add (a, sum));
    put (z, q + stride, sub_i (middle, side));
    put (z, q + 2 * stride, add_i (middle, side));
  }
}

/* Stores the first halves of a, b, c and d, then the second halves. */
INLINE void
put_halves (float *z, Lanes a, Lanes b, Lanes c, Lanes d)
{
  Stored *out = (Stored *) z;

  out[0] = SHUFFLE (a, b, 0, 1, 2, 3, 8, 9, 10, 11);
  out[1] = SHUFFLE (c, d, 0, 1, 2, 3, 8, 9, 10, 11);
  out[2] = SHUFFLE (a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  out[3] = SHUFFLE (c, d, 4, 5, 6, 7, 12, 13, 14, 15);
}

/* Stores a0 b0 c0 d0 a1 b1 c1 d1 ... */
INLINE void
put_interleaved (float *z, Lanes a, Lanes b, Lanes c, Lanes d)
{
  const Lanes e = SHUFFLE (a, b, 0, 8, 1, 9, 4, 12, 5, 13);
  const Lanes f = SHUFFLE (a, b, 2, 10, 3, 11, 6, 14, 7, 15);
  const Lanes g = SHUFFLE (c, d, 0, 8, 1, 9, 4, 12, 5, 13);
  const Lanes h = SHUFFLE (c, d, 2, 10, 3, 11, 6, 14, 7, 15);
  const Lanes r0 = SHUFFLE (e, g, 0, 1, 8, 9, 4, 5, 12, 13);
  const Lanes r1 = SHUFFLE (e, g, 2, 3, 10, 11, 6, 7, 14, 15);
  const Lanes r2 = SHUFFLE (f, h, 0, 1, 8, 9, 4, 5, 12, 13);
  const Lanes r3 = SHUFFLE (f, h, 2, 3, 10, 11, 6, 7, 14, 15);

  put_halves (z, r0, r1, r2, r3);
}

/* Eight points of a real signal, from the point i on: even samples are real
 * parts, odd samples imaginary ones. */
INLINE Points
get_samples (const float *time, size_t i)
{
  const Stored *from = (const Stored *) (time + 2 * i);
  const Lanes a = from[0], b = from[1];

  return (Points){
    SHUFFLE (a, b, 0, 2, 4, 6, 8, 10, 12, 14),
    SHUFFLE (a, b, 1, 3, 5, 7, 9, 11, 13, 15),
  };
}

INLINE void
put_first (const DmixFftPass *pass, Array z, size_t p, Four y)
{
  const size_t groups = pass->groups;
  const Array t = twiddles (pass);
  const Points y1 = mul (y.y1, get (t, p));
  const Points y2 = mul (y.y2, get (t, p + groups));
  const Points y3 = mul (y.y3, get (t, p + 2 * groups));

  put_interleaved (z.re + 4 * p, y.y0.re, y1.re, y2.re, y3.re);
  put_interleaved (z.im + 4 * p, y.y0.im, y1.im, y2.im, y3.im);
}

/* Radix 4, stride 1 (one signal): the lanes are butterflies. */
static void
pass_first (const DmixFftPass *pass, Array x, Array z)
{
  for (size_t p = 0; p < pass->groups; p += WIDTH)
    put_first (pass, z, p, get_four (x, p, pass->groups));
}

/* The same of a real signal. */
static void
pass_samples (const DmixFftPass *pass, const float *time, Array z)
{
  const size_t groups = pass->groups;

  for (size_t p = 0; p < groups; p += WIDTH)
    put_first (pass, z, p,
        four (get_samples (time, p), get_samples (time, p + groups),
            get_samples (time, p + 2 * groups),
            get_samples (time, p + 3 * groups)));
}

/* The twiddle factors of two butterflies, each in four lanes. */
INLINE Points
two_twiddles (const DmixFftPass *pass, size_t place)
{
  const float *r = pass->twiddle_re + place, *i = pass->twiddle_im + place;

  return (Points){
    { r[0], r[0], r[0], r[0], r[1], r[1], r[1], r[1] },
    { i[0], i[0], i[0], i[0], i[1], i[1], i[1], i[1] },
  };
}

/* Radix 4, stride 4: the lanes are the four signals of two butterflies. */
static void
pass_second (const DmixFftPass *pass, Array x, Array z)
{
  const size_t groups = pass->groups;

  for (size_t p = 0; p < groups; p += 2) {
    const Four y = get_four (x, 4 * p, 4 * groups);
    const Points y1 = mul (y.y1, two_twiddles (pass, p));
    const Points y2 = mul (y.y2, two_twiddles (pass, p + groups));
    const Points y3 = mul (y.y3, two_twiddles (pass, p + 2 * groups));

    put_halves (z.re + 16 * p, y.y0.re, y1.re, y2.re, y3.re);
    put_halves (z.im + 16 * p, y.y0.im, y1.im, y2.im, y3.im);
  }
}

/* Radix 4, one butterfly at a time, for small sizes. */
static void
pass_small (const DmixFftPass *pass, Array x, Array z)
{
  const size_t stride = pass->stride, groups = pass->groups;
  const size_t apart = stride * groups;
  const Array t = twiddles (pass);

  for (size_t i = 0; i < apart; i++) {
    const size_t p = i / stride, to = i % stride + 4 * stride * p;
    const Four y = four (broadcast (x, i), broadcast (x, i + apart),
        broadcast (x, i + 2 * apart), broadcast (x, i + 3 * apart));
    const Points out[4] = {
      y.y0,
      mul (y.y1, broadcast (t, p)),
      mul (y.y2, broadcast (t, p + groups)),
      mul (y.y3, broadcast (t, p + 2 * groups)),
    };

    for (size_t j = 0; j < 4; j++) {
      z.re[to + j * stride] = out[j].re[0];
      z.im[to + j * stride] = out[j].im[0];
    }
  }
}

static int
is_first (const DmixFftPass *pass)
{
  return pass->radix == 4 && pass->stride == 1 && pass->groups % WIDTH == 0;
}

/* Non-zero if pass_last_eight() does this pass and the next one. */
static int
is_last_eight (const DmixFftPass *pass)
{
  return pass->radix == 4 && pass->groups == 2 && pass->stride % WIDTH == 0;
}

static void
run_pass (const DmixFftPass *pass, Array x, Array z)
{
  const int last = pass->groups == 1;

  if (pass->radix == 3)
    pass_three (pass, x, z);
  else if (pass->radix == 2 && last)
    pass_last_two (pass, x, z);
  else if (pass->radix == 2)
    pass_two (pass, x, z);
  else if (is_last_eight (pass))
    pass_last_eight (pass, x, z);
  else if (pass->stride % WIDTH == 0)
    pass_four (pass, x, z);
  else if (pass->stride == 4 && pass->groups % 2 == 0)
    pass_second (pass, x, z);
  else if (is_first (pass))
    pass_first (pass, x, z);
  else
    pass_small (pass, x, z);
}

/* The passes from number `first` on of the complex transform of work[first %
 * 2]; returns the index of the buffer with the result. */
static unsigned
transform (const DmixFftPlan *plan, unsigned first)
{
  unsigned from = first % 2;

  for (unsigned i = first; i < plan->passes; i++, from ^= 1) {
    float *const *x = plan->work[from], *const *z = plan->work[from ^ 1];

    run_pass (&plan->pass[i], (Array){ x[0], x[1] }, (Array){ z[0], z[1] });
    i += is_last_eight (&plan->pass[i]);
  }
  return from;
}

/* The lanes in reverse order. */
INLINE Points
reversed (Points a)
{
  return (Points){
    SHUFFLE (a.re, a.re, 7, 6, 5, 4, 3, 2, 1, 0),
    SHUFFLE (a.im, a.im, 7, 6, 5, 4, 3, 2, 1, 0),
  };
}

/* Takes the samples, and does the first pass where the size allows it; returns
 * the number of the next pass. */
static unsigned
begin (const DmixFftPlan *plan, const float *time)
{
  float *const *z = plan->work[0];

  if (is_first (&plan->pass[0])) {
    z = plan->work[1];
    pass_samples (&plan->pass[0], time, (Array){ z[0], z[1] });
    return 1;
  }
  for (size_t i = 0; i < plan->half; i++) {
    z[0][i] = time[2 * i];
    z[1][i] = time[2 * i + 1];
  }
  return 0;
}

static void
interleave (const float *restrict even, const float *restrict odd,
    float *restrict time, size_t count, float scale)
{
  for (size_t i = 0; i < count; i++) {
    time[2 * i] = even[i] * scale;
    time[2 * i + 1] = odd[i] * scale;
  }
}

typedef struct
{
  Points low, high;
} Pair; /* bins k and half - k */

/* Bins k and half - k from points k and half - k, 0 < k <= half / 2:
 * E = (Z[k] + Z*[h - k]) / 2 and O = (Z[k] - Z*[h - k]) / 2i are the spectra
 * of the even and the odd samples; X[k] = E + t O, X*[h - k] = E - t O. */
INLINE Pair
split_pair (Points a, Points c, Points t)
{
  const Points e = { (a.re + c.re) * 0.5f, (a.im - c.im) * 0.5f };
  const Points o = { (a.im + c.im) * 0.5f, (c.re - a.re) * 0.5f };
  const Points r = mul (o, t);

  return (Pair){ add (e, r), { e.re - r.re, r.im - e.im } };
}

/* Inverse of split_pair(), without the factors 1/2: Z[k] = E + i O. */
INLINE Pair
join_pair (Points a, Points c, Points t)
{
  const Points e = { a.re + c.re, a.im - c.im };
  const Points o =
      mul ((Points){ a.re - c.re, a.im + c.im }, (Points){ t.re, -t.im });

  return (Pair){ add_i (e, o), { e.re + o.im, o.re - e.im } };
}

/* Applies split_pair() or join_pair() to the bins 1 to `last` (at most half / 2) and
 * their mirror images: WIDTH pairs at a time until both ends would overlap in the
 * middle, then one by one. */
INLINE void
run_pairs (const DmixFftPlan *plan, Array from, Array to, size_t last,
    Pair (*pair) (Points, Points, Points))
{
  const size_t half = plan->half;
  const Array t = { plan->half_re, plan->half_im };
  size_t k = 1;

  for (; k <= last && k + WIDTH <= half / 2; k += WIDTH) {
    const size_t mirror = half - k - (WIDTH - 1);
    const Pair y =
        pair (get (from, k), reversed (get (from, mirror)), get (t, k));

    put (to, k, y.low);
    put (to, mirror, reversed (y.high));
  }
  for (; k <= last; k++) {
    const Pair y = pair (broadcast (from, k), broadcast (from, half - k),
        broadcast (t, k));

    to.re[k] = y.low.re[0];
    to.im[k] = y.low.im[0];
    to.re[half - k] = y.high.re[0];
    to.im[half - k] = y.high.im[0];
  }
}

void
FORWARD (const DmixFftPlan *plan, const float *time, size_t bins, float *re,
    float *im)
{
  const size_t half = plan->half, last = bins <= half / 2 ? bins - 1 : half / 2;
  float *const *z = plan->work[transform (plan, begin (plan, time))];

  run_pairs (plan, (Array){ z[0], z[1] }, (Array){ re, im }, last, split_pair);
  re[0] = z[0][0] + z[1][0];
  re[half] = z[0][0] - z[1][0];
  im[0] = im[half] = 0.0f;
}

/* A forward transform with real and imaginary parts exchanged. */
void
INVERSE (const DmixFftPlan *plan, const float *re, const float *im, float *time)
{
  const size_t half = plan->half;
  float *const *z = plan->work[0];

  run_pairs (plan, (Array){ (float *) re, (float *) im }, (Array){ z[1], z[0] },
      half / 2, join_pair);
  z[1][0] = re[0] + re[half];
  z[0][0] = re[0] - re[half];
  z = plan->work[transform (plan, 0)];
  interleave (z[1], z[0], time, half, 0.5f / (float) half);
}
