/* The slow inner loops of the training, for 16 clips side by side.
 *
 * Copyright (C) 2026 The dmix authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * front.py compiles this file and calls it:
 *   cc -O3 -march=native -ffast-math -fopenmp-simd -shared -fPIC kernel.c -lm
 *
 * A batch array is [column][frame][lane], lane = clip, 16 of them, so that
 * every loop over lanes is one vector. Contents:
 *   read_at_speed  a recording read at another speed
 *   row_targets    what gain each row should have, and how much that matters
 *   row_features   what the network sees
 *   gru_forward, gru_backward   the recurrence (PyTorch's own one needs many
 *                  times longer for such small layers on a CPU)
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 16
#define BINS 769 /* of a window of 1536 samples */
#define MAX_ROWS 160
#define MAX_UNITS 512

typedef float lanes __attribute__ ((vector_size (4 * LANES), aligned (4)));

static inline lanes
load (const float *p)
{
  return *(const lanes *) p;
}

static inline void
store (float *p, lanes v)
{
  *(lanes *) p = v;
}

/* ------------------------------------------------------------ sound */

/* out[i] = x at i * speed, between two samples on the straight line */
void
read_at_speed (const int16_t *x, long n, double speed, float *out, long count)
{
  for (long i = 0; i < count; i++) {
    double at = i * speed;
    long k = (long) at;
    if (k > n - 2)
      k = n - 2;
    float f = (float) (at - k), a = x[k], b = x[k + 1];
    out[i] = (a + f * (b - a)) * (1.f / 32768.f);
  }
}

/* ------------------------------------------------------------ targets */

/* The bins of one frame. The loss compares compressed magnitudes,
 * |X|^c with c = .3 (how loud it sounds) and .6 (nearer to energy), as in
 * Ephrat et al. 2018 (c = .3) and Braun and Tashev 2020. With a = |X|^c and
 * b = |S|^c of mixture and speech, a gain g applied to a row costs
 * sum (g^c a - b)^2 + a term for the phase that no real gain can mend; both
 * together are A (g^c - M / A)^2 + const. with A = sum a^2 and
 * M = sum a b (1 - q + q cos(phase difference)). */
static void
bin_products (const float *s, const float *n, float *power, float *a1,
    float *m1, float *a2, float *m2)
{
#pragma omp simd
  for (int k = 0; k < BINS; k++) {
    float sr = s[2 * k], si = s[2 * k + 1];
    float xr = sr + n[2 * k], xi = si + n[2 * k + 1];
    float px = xr * xr + xi * xi, ps = sr * sr + si * si;
    float lx = logf (px + 1e-12f), ls = logf (ps + 1e-12f);
    float both = expf (.15f * (lx + ls)); /* |X|^.3 |S|^.3 */
    float turn = (xr * sr + xi * si) * expf (-.5f * (lx + ls));
    power[k] = px;
    a1[k] = expf (.3f * lx);
    a2[k] = a1[k] * a1[k];
    m1[k] = both * (.7f + .3f * turn);
    m2[k] = both * both * (.5f + .5f * turn);
  }
}

static float
sum (const float *x, int from, int to)
{
  float s = 0;
  for (int k = from; k < to; k++)
    s += x[k];
  return s;
}

static inline float
ratio (float m, float a)
{
  float r = m / (a + 1e-6f);
  return r < 0 ? 0 : r > 1 ? 1 : r;
}

/* speech, rest: [frames][BINS] complex. Writes energy[frames][rows] and,
 * for one lane of a batch, target[4][rows][frames][LANES]: target gain^.3,
 * its weight, target gain^.6, its weight. Rows from `limit` on get weight 0:
 * the recording of the voice ends there. */
void
row_targets (long frames, int rows, const int *edge, int limit,
    const float *speech, const float *rest, float *energy, float *target)
{
  float p[BINS], a1[BINS], m1[BINS], a2[BINS], m2[BINS];
  long row = frames * LANES, part = rows * row;

  for (long t = 0; t < frames; t++) {
    bin_products (speech + t * BINS * 2, rest + t * BINS * 2, p, a1, m1, a2,
        m2);
    for (int r = 0; r < rows; r++) {
      int from = edge[r], to = edge[r + 1];
      float *o = target + r * row + t * LANES;
      float w1 = sum (a1, from, to), w2 = sum (a2, from, to);
      energy[t * rows + r] = sum (p, from, to);
      o[0] = ratio (sum (m1, from, to), w1);
      o[part] = r < limit ? w1 : 0;
      o[2 * part] = ratio (sum (m2, from, to), w2);
      o[3 * part] = r < limit ? w2 : 0;
    }
  }
}

/* ------------------------------------------------------------ features */

/* State of the front end for one signal (docs: README.md, "Front end") */
typedef struct
{
  float level;             /* running mean level of all rows, ln */
  float smooth[MAX_ROWS];  /* smoothed level of a row, ln */
  float floor[MAX_ROWS];   /* its slowly rising minimum, ln */
  float noise[MAX_ROWS];   /* tracked power of the noise */
  float present[MAX_ROWS]; /* running probability of speech */
  float clean[MAX_ROWS];   /* last estimate of speech over noise */
} Front;

static void
front_start (Front *f, int rows, const float *l, const float *p, float mean)
{
  f->level = mean;
  for (int r = 0; r < rows; r++) {
    f->smooth[r] = f->floor[r] = l[r];
    f->noise[r] = p[r];
    f->present[r] = .5f;
    f->clean[r] = 0;
  }
}

/* Gerkmann and Hendriks 2012: noise power by the probability of speech with a
 * fixed prior (15 dB); then the a-priori ratio of Ephraim and Malah 1984
 * ("decision-directed") with Wiener's gain. Returns ln of that ratio in xi. */
static void
front_ratio (Front *f, int rows, const float *p, float *xi)
{
  const float prior = 31.6228f;
#pragma omp simd
  for (int r = 0; r < rows; r++) {
    float snr = fminf (p[r] / f->noise[r], 200.f);
    float q = 1.f / (1.f + (1.f + prior) * expf (-snr * prior / (1 + prior)));
    f->present[r] += .14f * (q - f->present[r]);
    q = f->present[r] > .99f ? fminf (q, .99f) : q;
    f->noise[r] += .3f * (1.f - q) * (p[r] - f->noise[r]);
    f->noise[r] = fmaxf (f->noise[r], 1e-9f);
    snr = fminf (p[r] / f->noise[r], 1e4f);
    float x = fmaxf (.96f * f->clean[r] + .04f * fmaxf (snr - 1, 0), .0158f);
    float g = x / (1.f + x);
    f->clean[r] = g * g * snr;
    xi[r] = logf (x);
  }
}

/* Writes features[4][rows][frames][LANES] of one lane from the row energies
 * of mid and side (side may be NULL: mono), both scaled by volume. */
void
row_features (long frames, int rows, const int *edge, const float *mid,
    const float *side, float volume, float *features)
{
  Front f;
  float p[MAX_ROWS], l[MAX_ROWS], d[MAX_ROWS], xi[MAX_ROWS];
  long row = frames * LANES, part = rows * row;

  for (long t = 0; t < frames; t++) {
    float mean = 0;
    for (int r = 0; r < rows; r++) {
      float width = edge[r + 1] - edge[r];
      float s = side ? side[t * rows + r] * volume / width : 0;
      p[r] = mid[t * rows + r] * volume / width + 1e-9f;
      l[r] = logf (p[r]);
      d[r] = fminf (fmaxf (logf (s + 1e-9f) - l[r], -12.f), 8.f);
      mean += l[r] / rows;
    }
    if (t == 0)
      front_start (&f, rows, l, p, mean);
    f.level += (mean - f.level) * fmaxf (1.f / (t + 1), 1.f / 125);
    front_ratio (&f, rows, p, xi);
    for (int r = 0; r < rows; r++) {
      float *o = features + r * row + t * LANES;
      f.smooth[r] += .4f * (l[r] - f.smooth[r]);
      f.floor[r] = fminf (f.smooth[r],
          f.floor[r] + .016f + .008f * (f.smooth[r] - f.floor[r]));
      o[0] = .25f * (l[r] - f.level);
      o[part] = .25f * (l[r] - f.floor[r]);
      o[2 * part] = .25f * xi[r];
      o[3 * part] = .25f * d[r];
    }
  }
}

/* ------------------------------------------------------------ GRU */

/* out[o] += sum over k of w[o][k] x[k], eight outputs at a time */
static void
multiply (int outs, int ins, const float *w, const lanes *x, lanes *out)
{
  int o = 0;

  for (; o + 8 <= outs; o += 8, w += 8 * (long) ins) {
    lanes a[8];
    memcpy (a, out + o, sizeof a);
    for (int k = 0; k < ins; k++)
      for (int i = 0; i < 8; i++)
        a[i] += w[i * (long) ins + k] * x[k];
    memcpy (out + o, a, sizeof a);
  }
  for (; o < outs; o++, w += ins)
    for (int k = 0; k < ins; k++)
      out[o] += w[k] * x[k];
}

/* 1 / (1 + exp (-x)), `most` at most */
static inline lanes
sigmoid (lanes x, float most)
{
  float v[LANES];
  store (v, x);
#pragma omp simd
  for (int i = 0; i < LANES; i++)
    v[i] =
        fminf (1.f / (1.f + expf (-fmaxf (fminf (v[i], 40.f), -40.f))), most);
  return load (v);
}

/* A unit forgets within some 8 s, so that no sound changes the gains for ever; in
 * dsp/net/netmodel.c, too. At the limit the gradient is that of z just below it. */
#define KEPT .998f

/* r = sig(gr + Wr h + br), z = min(sig(gz + Wz h + bz), KEPT),
 * c = tanh(gn + r (Wn h + bn)), h = c + z (h - c)      (PyTorch's form)
 * in[3 units], h[units], keep[4 units] (r, z, c, Wn h + bn) are
 * [unit][position][frame][LANES]; the positions share the weights. */
void
gru_forward (int positions, long frames, int units, const float *w,
    const float *bias, const float *in, float *h, float *keep)
{
  long stride = positions * frames * LANES, block = units * stride;
  lanes state[MAX_UNITS], a[3 * MAX_UNITS];

  for (long at = 0; at < stride; at += LANES) {
    if (at % (frames * LANES) == 0)
      memset (state, 0, sizeof (lanes) * units);
    for (int o = 0; o < 3 * units; o++)
      a[o] = bias[o] - (lanes){ 0 };
    multiply (3 * units, units, w, state, a);
    for (int k = 0; k < units; k++) {
      long i = k * stride + at;
      lanes r = sigmoid (load (in + i) + a[k], 1.f);
      lanes z = sigmoid (load (in + block + i) + a[k + units], KEPT);
      lanes n = a[k + 2 * units];
      lanes c =
          2.f * sigmoid (2.f * (load (in + 2 * block + i) + r * n), 1.f) - 1.f;
      state[k] = c + z * (state[k] - c);
      store (keep + i, r);
      store (keep + block + i, z);
      store (keep + 2 * block + i, c);
      store (keep + 3 * block + i, n);
      store (h + i, state[k]);
    }
  }
}

/* d: gradient of h; wt: weights transposed, [units][3 units]. Writes the
 * gradients [4 units] of the sums inside r, z, c and of Wn h + bn. */
void
gru_backward (int positions, long frames, int units, const float *wt,
    const float *h, const float *keep, const float *d, float *grad)
{
  long stride = positions * frames * LANES, block = units * stride;
  lanes carry[MAX_UNITS], g[3 * MAX_UNITS];

  for (long at = stride - LANES; at >= 0; at -= LANES) {
    int first = at % (frames * LANES) == 0;
    if ((at / LANES + 1) % frames == 0)
      memset (carry, 0, sizeof (lanes) * units);
    for (int k = 0; k < units; k++) {
      long i = k * stride + at;
      lanes r = load (keep + i), z = load (keep + block + i);
      lanes c = load (keep + 2 * block + i), n = load (keep + 3 * block + i);
      lanes before = first ? (lanes){ 0 } : load (h + i - LANES);
      lanes dh = load (d + i) + carry[k];
      lanes dc = dh * (1.f - z) * (1.f - c * c);
      g[k] = dc * n * r * (1.f - r);
      g[k + units] = dh * (before - c) * z * (1.f - z);
      g[k + 2 * units] = dc * r;
      carry[k] = dh * z;
      store (grad + i, g[k]);
      store (grad + block + i, g[k + units]);
      store (grad + 2 * block + i, dc);
      store (grad + 3 * block + i, g[k + 2 * units]);
    }
    multiply (units, 3 * units, wt, g, carry);
  }
}
