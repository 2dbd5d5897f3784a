/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of pan.h for all three kinds of output. */
#include "pan/pan.h"
#include "spectral/fft.h"
#include "spatial.h"

#define RATE 48000
#define MOST 64

static DmixHrtf *head;

static const DmixPanParams standard = {
  .width_deg = 60,
  .lfe_send_db = DMIX_PAN_OFF_DB,
  .distance = { .distance_m = 1,
      .reference_m = 1,
      .max_m = 1000,
      .rolloff = 1 },
};

typedef struct
{
  DmixPan *pan;
  DmixPanObject *object[MOST];
  unsigned objects;
  DmixLayout in;
} Scene;

static void
open_scene (Scene *self, DmixPanFormat format, const char *out, const char *in)
{
  DmixLayout layout;

  memset (self, 0, sizeof *self);
  if (out) {
    g_assert_true (dmix_layout_from_name (&layout, out));
    format.layout = &layout;
  }
  if (format.rate_hz == 0)
    format.rate_hz = RATE;
  format.hrtf = head;
  self->pan = dmix_pan_new (&format);
  g_assert_nonnull (self->pan);
  g_assert_true (dmix_layout_from_name (&self->in, in));
}

static DmixPanObject *
add_object (Scene *self, const DmixPanParams *params)
{
  DmixPanObject *object = dmix_panobject_new (self->pan, &self->in);

  dmix_panobject_set_params (object, params);
  self->object[self->objects++] = object;
  return object;
}

static void
close_scene (Scene *self)
{
  for (unsigned i = 0; i < self->objects; i++)
    dmix_panobject_free (self->object[i]);
  dmix_pan_free (self->pan);
}

static void
run (Scene *self, const float *in, float *out, size_t frames)
{
  const float *sample[MOST];

  for (unsigned i = 0; i < self->objects; i++)
    sample[i] = in;
  dmix_pan_process (self->pan, self->object, sample, self->objects, out,
      frames);
}

/* Sets the parameters for a time. */
typedef void Mover (DmixPanParams *params, double seconds);

/* Sets parameters at each point of the grid; rand: optional, for random splits
 * of the input. */
static void
run_moving (Scene *self, unsigned rate, Mover *mover, const float *in,
    float *out, size_t frames, GRand *rand)
{
  const unsigned channels = dmix_pan_channels (self->pan);

  for (size_t done = 0; done < frames;) {
    const unsigned left = dmix_pan_step_left_frames (self->pan);
    size_t part = left ? left : dmix_pan_step_frames (self->pan);

    if (left == 0) {
      DmixPanParams params = standard;

      mover (&params, (double) done / rate);
      for (unsigned i = 0; i < self->objects; i++)
        dmix_panobject_set_params (self->object[i], &params);
    }
    if (rand)
      part = g_rand_int_range (rand, 1, (gint32) part + 1);
    part = MIN (part, frames - done);
    run (self, in + done * self->in.channels, out + done * channels, part);
    done += part;
  }
}

static void
circle (DmixPanParams *params, double seconds)
{
  params->azimuth_deg = 90 * seconds;
  params->elevation_deg = 20 * sin (seconds);
  params->distance.distance_m = 3 + 2 * sin (3 * seconds);
  params->distance.model = DMIX_DISTANCE_INVERSE;
  params->spread_deg = 30 + 30 * sin (5 * seconds);
  params->gain_db = -6 + 3 * sin (seconds);
  params->air = 1;
  params->near_field = 1;
}

static const struct
{
  DmixPanFormat format;
  const char *out;
} kinds[] = {
  { { .output = DMIX_PAN_SPEAKERS }, "7.1.4" },
  { { .output = DMIX_PAN_SPEAKERS, .doppler = 1 }, "stereo" },
  { { .output = DMIX_PAN_AMBISONIC, .ambisonic_order = 3 }, NULL },
  { { .output = DMIX_PAN_BINAURAL }, NULL },
  { { .output = DMIX_PAN_BINAURAL, .doppler = 1 }, NULL },
  { { .output = DMIX_PAN_BINAURAL, .zero_latency = 1 }, NULL },
};

/* Any split gives the same bits while all parameters change. */
static void
test_splits (void)
{
  enum
  {
    FRAMES = 30000
  };
  static float in[2 * FRAMES], out[2][16 * FRAMES];
  static const unsigned rates[] = { 8000, 44100, 48000, 192000 };

  fill_noise (in, 2 * FRAMES, 0.1, 1);
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
      const size_t frames = kinds[k].format.zero_latency ? 4000 : FRAMES;

      for (int way = 0; way < 2; way++) {
        GRand *rand = way ? g_rand_new_with_seed (k) : NULL;
        DmixPanFormat format = kinds[k].format;
        Scene scene;

        format.rate_hz = rates[r];
        open_scene (&scene, format, kinds[k].out, "stereo");
        add_object (&scene, &standard);
        add_object (&scene, &standard);
        run_moving (&scene, rates[r], circle, in, out[way], frames, rand);
        g_assert_cmpmem (out[0],
            way * frames * sizeof (float) * dmix_pan_channels (scene.pan),
            out[way],
            way * frames * sizeof (float) * dmix_pan_channels (scene.pan));
        close_scene (&scene);
        if (rand)
          g_rand_free (rand);
      }
    }
}

/* Many objects give the sum of the outputs of each alone. */
static void
test_sum (void)
{
  enum
  {
    FRAMES = 12000,
    OBJECTS = 5
  };
  static float in[FRAMES], all[16 * FRAMES], one[16 * FRAMES];
  static double sum[16 * FRAMES];

  fill_noise (in, FRAMES, 0.1, 1);
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    const size_t frames = kinds[k].format.zero_latency ? 4000 : FRAMES;
    double largest = 0;
    Scene scene;

    memset (sum, 0, sizeof sum);
    for (int i = -1; i < OBJECTS; i++) {
      open_scene (&scene, kinds[k].format, kinds[k].out, "mono");
      for (int o = 0; o < OBJECTS; o++)
        if (i < 0 || i == o) {
          DmixPanParams params = standard;

          params.azimuth_deg = 70 * o;
          add_object (&scene, &params);
        }
      run (&scene, in, i < 0 ? all : one, frames / 2);
      for (unsigned o = 0; o < scene.objects; o++) {
        DmixPanParams params = standard;

        params.elevation_deg = 20;
        dmix_panobject_set_params (scene.object[o], &params);
      }
      run (&scene, in,
          (i < 0 ? all : one) + frames / 2 * dmix_pan_channels (scene.pan),
          frames / 2);
      for (size_t n = 0; i >= 0 && n < frames * dmix_pan_channels (scene.pan);
           n++)
        sum[n] += one[n];
      if (i + 1 == OBJECTS)
        for (size_t n = 0; n < frames * dmix_pan_channels (scene.pan); n++)
          largest = MAX (largest, fabs (sum[n] - all[n]));
      close_scene (&scene);
    }
    g_assert_cmpfloat (largest, <, 1e-6);
  }
}

/* Binaural: a source at rest is convolved with its responses, delayed by the
 * latency, which is 0 with zero_latency. */
static void
test_convolution (void)
{
  enum
  {
    FRAMES = 5000
  };
  static float in[FRAMES], out[2 * FRAMES];
  unsigned hint = 0, index[3];
  double weight[3];

  dmix_hrtf_find (head, dmix_vector_from_angles (60, 10), &hint, index, weight);
  fill_noise (in, FRAMES, 0.1, 1);
  for (int zero = 0; zero < 2; zero++) {
    double error = 0, energy = 0;
    DmixPanParams params = standard;
    Scene scene;

    open_scene (&scene,
        (DmixPanFormat){ .output = DMIX_PAN_BINAURAL, .zero_latency = zero },
        NULL, "mono");
    params.azimuth_deg = 60;
    params.elevation_deg = 10;
    add_object (&scene, &params);
    run (&scene, in, out, FRAMES);
    g_assert_cmpuint (dmix_pan_latency_frames (scene.pan), ==, zero ? 0 : 256);
    for (int t = 0; t < FRAMES - 256; t++)
      for (unsigned ear = 0; ear < 2; ear++) {
        const unsigned nearest = weight[0] == 1 ? index[0]
            : weight[1] == 1                    ? index[1]
                                                : index[2];
        const float *response = dmix_hrtf_get_response (head, nearest, ear);
        double wanted = 0;

        for (int n = 0; n < HRTF_TAPS && n <= t; n++)
          wanted += response[n] * in[t - n];
        error += pow (out[2 * (t + dmix_pan_latency_frames (scene.pan)) + ear]
                - wanted,
            2);
        energy += wanted * wanted;
      }
    g_assert_cmpfloat (10 * log10 (error / energy), <, -110);
    close_scene (&scene);
  }
}

/* Whole transforms (after a movement) and partitions (at rest) give the same
 * output, so that changing from one to the other makes no step. */
static void
test_engines_agree (void)
{
  enum
  {
    FRAMES = 20000
  };
  static float in[FRAMES], out[2][2 * FRAMES];
  double largest = 0, peak = 0;

  fill_noise (in, FRAMES, 0.1, 1);
  for (int way = 0; way < 2; way++) {
    DmixPanParams params = standard;
    Scene scene;

    open_scene (&scene, (DmixPanFormat){ .output = DMIX_PAN_BINAURAL }, NULL,
        "mono");
    params.azimuth_deg = 33.3;
    add_object (&scene, &params);
    for (int done = 0; done < FRAMES; done += 500) {
      /* inaudible changes keep the whole transforms in use */
      params.gain_db = way * 1e-9 * (done % 1000);
      dmix_panobject_set_params (scene.object[0], &params);
      run (&scene, in + done, out[way] + 2 * done, 500);
    }
    close_scene (&scene);
  }
  for (int i = 0; i < 2 * FRAMES; i++) {
    largest = MAX (largest, fabs (out[0][i] - out[1][i]));
    peak = MAX (peak, fabs (out[0][i]));
  }
  g_test_message ("difference %.1f dB", db (largest / peak));
  g_assert_cmpfloat (db (largest / peak), <, -110);
}

/*** movement ***/

static double speed_deg, jump_s;

static void
turning (DmixPanParams *params, double seconds)
{
  params->azimuth_deg = -20 + speed_deg * seconds;
}

static void
jumping (DmixPanParams *params, double seconds)
{
  params->azimuth_deg = seconds < jump_s ? -90 : 90;
}

/* Energy above 2 kHz of a moving 200 Hz sine, in the worst channel, over the
 * energy of all channels, dB. Steps and corners in the gains put energy there.
 */
static double
artefacts_db (DmixPanFormat format, const char *out_name, Mover *mover)
{
  enum
  {
    FRAMES = 32768
  };
  static float in[FRAMES], out[16 * FRAMES], ear[FRAMES], re[FRAMES / 2 + 1],
      im[FRAMES / 2 + 1];
  DmixFft *fft = dmix_fft_new (FRAMES);
  double worst = 0, all = 0;
  Scene scene;

  fill_sine (in, FRAMES, 1, 200, RATE, 0.5);
  open_scene (&scene, format, out_name, "mono");
  add_object (&scene, &standard);
  run_moving (&scene, RATE, mover, in, out, FRAMES, NULL);
  for (unsigned c = 0; c < dmix_pan_channels (scene.pan); c++) {
    double high = 0;

    for (unsigned i = 0; i < FRAMES; i++)
      ear[i] = (float) (out[i * dmix_pan_channels (scene.pan) + c]
          * window (i, FRAMES));
    dmix_fft_forward (fft, ear, re, im);
    for (unsigned k = 0; k <= FRAMES / 2; k++) {
      const double energy = re[k] * re[k] + im[k] * im[k];

      all += energy;
      high += k > 2000.0 * FRAMES / RATE ? energy : 0;
    }
    worst = MAX (worst, high);
  }
  close_scene (&scene);
  dmix_fft_free (fft);
  return 10 * log10 (worst / all);
}

static void
test_movement (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    double slow, fast, jump;

    speed_deg = 90;
    slow = artefacts_db (kinds[k].format, kinds[k].out, turning);
    speed_deg = 360;
    fast = artefacts_db (kinds[k].format, kinds[k].out, turning);
    jump_s = 0.34;
    jump = artefacts_db (kinds[k].format, kinds[k].out, jumping);
    g_test_message ("kind %u: 90 degrees/s %.1f dB, 360 %.1f, jump %.1f", k,
        slow, fast, jump);
    g_assert_cmpfloat (slow, <, -100);
    g_assert_cmpfloat (fast, <, -85);
    g_assert_cmpfloat (jump, <, -70);
  }
}

/*** distance ***/

static void
coming (DmixPanParams *params, double seconds)
{
  params->distance.distance_m = 100 - 20 * seconds;
}

static double
frequency_of (const float *x, unsigned frames, double rate)
{
  double first = -1, last = 0;
  int cycles = -1;

  for (unsigned i = 1; i < frames; i++)
    if (x[i - 1] < 0 && x[i] >= 0) {
      last = i - x[i] / (x[i] - x[i - 1]);
      if (first < 0)
        first = last;
      cycles++;
    }
  return cycles * rate / (last - first);
}

/* An approaching source has f c / (c - v) = 1000 * 343 / 323 = 1061.9 Hz; one
 * at rest is delayed by distance / c. */
static void
test_doppler (void)
{
  enum
  {
    FRAMES = 96000
  };
  static float in[FRAMES], out[FRAMES];
  DmixPanParams params = standard;
  Scene scene;
  unsigned first = 0;

  fill_sine (in, FRAMES, 1, 1000, RATE, 0.5);
  open_scene (&scene, (DmixPanFormat){ .doppler = 1 }, "mono", "mono");
  add_object (&scene, &standard);
  run_moving (&scene, RATE, coming, in, out, FRAMES, NULL);
  g_assert_cmpfloat_with_epsilon (frequency_of (out + 48000, 48000, RATE),
      1000 * 343.0 / 323, 0.1);
  close_scene (&scene);

  memset (in, 0, sizeof in);
  in[100] = 1;
  open_scene (&scene, (DmixPanFormat){ .doppler = 1 }, "mono", "mono");
  params.distance.distance_m = 34.3; /* 4800 frames */
  add_object (&scene, &params);
  run (&scene, in, out, 10000);
  for (unsigned i = 1; i < 10000; i++)
    if (fabs (out[i]) > fabs (out[first]))
      first = i;
  g_assert_cmpuint (first, ==, 4900);
  g_assert_cmpfloat_with_epsilon (out[first], 1, 1e-4);
  g_assert_cmpuint (dmix_pan_tail_frames (scene.pan, scene.object, 1), >=,
      4800);
  close_scene (&scene);
}

/* Rest of a jump after k steps of two one-pole filters in series, a = exp (-step
 * / time constant): a^k (1 + k (1 - a)). */
static double
rest_of (double k, double step, double time_frames)
{
  const double a = exp (-step / time_frames);

  return pow (a, k) * (1.0 + k * (1.0 - a));
}

/* Gains glide with 5 ms, the distance for the propagation delay with 20 ms. An
 * input that rises by 1e-5 a frame shows the delay within a frame: the sum of the
 * interpolator's weights is 1 within 1e-4, of 10000 frames. */
static void
test_glides (void)
{
  enum
  {
    FRAMES = 24000,
    JUMP = 9600
  };
  static float in[FRAMES], out[FRAMES];

  for (int way = 0; way < 2; way++) {
    const double time_frames = (way ? 0.02 : 0.005) * RATE;
    DmixPanParams params = standard;
    double largest = 0;
    unsigned step;
    Scene scene;

    for (int i = 0; i < FRAMES; i++)
      in[i] = way ? 1e-5f * (float) i : 1.0f;
    open_scene (&scene, (DmixPanFormat){ .doppler = way }, "mono", "mono");
    params.distance.distance_m = 10;
    params.distance.model = DMIX_DISTANCE_NONE;
    add_object (&scene, &params);
    run (&scene, in, out, JUMP);
    step = dmix_pan_step_frames (scene.pan);
    g_assert_cmpuint (JUMP % step, ==, 0);
    params.distance.distance_m = 10.5;
    params.gain_db = way ? 0.0 : 20 * log10 (0.5);
    dmix_panobject_set_params (scene.object[0], &params);
    run (&scene, in + JUMP, out + JUMP, FRAMES - JUMP);
    for (int i = JUMP + 2 * (int) step; i + (int) step < FRAMES; i++) {
      const double k = (double) (i + 1 - JUMP) / step;

      if (way) {
        /* what arrives now was emitted `delay` ago, with the distance of then */
        const double delay = i - out[i] / 1e-5;
        const double then = k - delay / step;
        const double far =
            then > 0 ? 0.5 * (1 - rest_of (then, step, time_frames)) : 0;

        largest = fmax (largest, fabs (delay - (10 + far) * RATE / 343.0));
      } else if ((i + 1 - JUMP) % (int) step == 0) {
        /* a curve without corners is half-way between steps at their ends */
        const double rest = 0.5 * rest_of (k - 1, step, time_frames)
            + 0.5 * rest_of (k, step, time_frames);

        largest = fmax (largest, fabs (out[i] - 0.5 - 0.5 * rest));
      }
    }
    g_test_message ("step %u, error %g", step, largest);
    g_assert_cmpfloat (largest, <, way ? 1.0 : 1e-6);
    close_scene (&scene);
  }
}

static double
level_db (DmixPanFormat format, const char *out_name, const DmixPanParams *p,
    double frequency)
{
  enum
  {
    FRAMES = 24000
  };
  static float in[FRAMES], out[16 * FRAMES];
  double sum = 0;
  Scene scene;

  fill_sine (in, FRAMES, 1, frequency, RATE, 1);
  open_scene (&scene, format, out_name, "mono");
  add_object (&scene, p);
  run (&scene, in, out, FRAMES);
  for (size_t i = FRAMES / 2 * dmix_pan_channels (scene.pan);
       i < FRAMES * dmix_pan_channels (scene.pan); i++)
    sum += out[i] * out[i];
  close_scene (&scene);
  return 10 * log10 (2 * sum / (FRAMES / 2) + 1e-30);
}

static void
test_distance (void)
{
  DmixPanParams params = standard;
  double last = 0;

  params.distance.model = DMIX_DISTANCE_INVERSE;
  for (double d = 1; d < 1000; d *= 2) {
    const double level = (params.distance.distance_m = d,
        level_db (kinds[0].format, "5.1", &params, 1000));

    g_assert_cmpfloat_with_epsilon (level, last, 0.001);
    last = level - 20 * log10 (2);
  }
  params.distance.distance_m = 0;
  g_assert_cmpfloat (level_db (kinds[0].format, "5.1", &params, 1000), <=,
      40.001);
  g_assert_cmpfloat_with_epsilon (level_db (kinds[0].format, "5.1", &standard,
                                      1000),
      0, 1e-4);
}

/* ISO 9613-1, table 1, 20 degrees and 50 %: dB / km. */
static void
test_air (void)
{
  DmixPanParams params = standard;

  params.air = 1;
  for (int i = 0; i < 3; i++) {
    const double frequency = (double[]){ 1000, 4000, 8000 }[i];
    const double per_km = (double[]){ 4.66, 29.7, 105 }[i];

    params.distance.distance_m = 100;
    g_assert_cmpfloat_with_epsilon (level_db (kinds[0].format, "mono", &params,
                                        frequency),
        -per_km / 10, 0.3);
  }
}

/*** channels ***/

static void
levels (const char *in_name, const char *out_name, const DmixPanParams *p,
    unsigned channel, double *gain)
{
  enum
  {
    FRAMES = 100
  };
  static float in[24 * FRAMES], out[24 * FRAMES];
  Scene scene;

  open_scene (&scene, (DmixPanFormat){ .output = DMIX_PAN_SPEAKERS }, out_name,
      in_name);
  add_object (&scene, p);
  memset (in, 0, sizeof in);
  for (unsigned i = 0; i < FRAMES; i++)
    in[i * scene.in.channels + channel] = 1;
  run (&scene, in, out, FRAMES);
  for (unsigned c = 0; c < dmix_pan_channels (scene.pan); c++)
    gain[c] = out[(FRAMES - 1) * dmix_pan_channels (scene.pan) + c];
  close_scene (&scene);
}

/* A bed keeps its channels, bit for bit. Rotated by 90 degrees, the centre is
 * at side left. LFE stays LFE. */
static void
test_bed (void)
{
  DmixPanParams params = standard;
  double gain[24];

  for (unsigned in = 0; in < 12; in++) {
    levels ("7.1.4", "7.1.4", &params, in, gain);
    for (unsigned out = 0; out < 12; out++)
      g_assert_cmpfloat (gain[out], ==, in == out);
  }
  params.azimuth_deg = 90;
  levels ("7.1.4", "7.1.4", &params, 2, gain);       /* centre */
  g_assert_cmpfloat_with_epsilon (gain[6], 1, 1e-6); /* to side left */
  levels ("7.1.4", "7.1.4", &params, 3, gain);
  g_assert_cmpfloat (gain[3], ==, 1);
  params.bypass = 1;
  levels ("7.1.4", "7.1.4", &params, 2, gain);
  g_assert_cmpfloat (gain[2], ==, 1);
}

static void
test_pair (void)
{
  DmixPanParams params = standard;
  double gain[24];

  levels ("stereo", "stereo", &params, 0, gain);
  g_assert_cmpfloat (gain[0], ==, 1);
  g_assert_cmpfloat (gain[1], ==, 0);
  params.width_deg = 220;
  levels ("stereo", "5.1", &params, 1, gain);
  g_assert_cmpfloat_with_epsilon (gain[5], 1, 1e-6);
  params.width_deg = 0;
  levels ("stereo", "5.1", &params, 1, gain);
  g_assert_cmpfloat_with_epsilon (gain[2], 1, 1e-6);
}

static void
test_lfe_send (void)
{
  DmixPanParams params = standard;
  double gain[24];

  params.lfe_send_db = -6;
  levels ("mono", "5.1", &params, 0, gain);
  g_assert_cmpfloat_with_epsilon (gain[3], pow (10, -6 / 20.0), 1e-6);
  levels ("mono", "22.2", &params, 0, gain);
  g_assert_cmpfloat_with_epsilon (hypot (gain[3], gain[9]), pow (10, -6 / 20.0),
      1e-6);
}

/* A head rotated to the left is equivalent to a source rotated to the right;
 * with a roll of 90 degrees, the left ear points up. */
static void
test_head (void)
{
  enum
  {
    FRAMES = 4000
  };
  static const struct
  {
    DmixPanHead head;
    double azimuth, elevation;
  } same[] = {
    { { 0, 0, 0 }, 40, 0 },
    { { 40, 0, 0 }, 80, 0 },
    { { 0, 30, 0 }, 0, 30 },
    { { 0, 0, 0 }, 0, 0 },
    { { 0, 0, 90 }, 0, 90 },
    { { 0, 0, 0 }, 90, 0 },
    { { 25, 10, 0 }, 25, 10 },
    { { 0, 0, 0 }, 0, 0 },
  };
  static float in[FRAMES], out[2][2 * FRAMES];
  static const unsigned pairs[][2] = { { 0, 1 }, { 2, 3 }, { 4, 5 }, { 6, 7 } };

  fill_noise (in, FRAMES, 0.1, 1);
  for (guint p = 0; p < G_N_ELEMENTS (pairs); p++) {
    for (int i = 0; i < 2; i++) {
      DmixPanParams params = standard;
      Scene scene;

      open_scene (&scene, kinds[3].format, NULL, "mono");
      params.azimuth_deg = same[pairs[p][i]].azimuth;
      params.elevation_deg = same[pairs[p][i]].elevation;
      dmix_pan_set_head (scene.pan, &same[pairs[p][i]].head);
      add_object (&scene, &params);
      run (&scene, in, out[i], FRAMES);
      close_scene (&scene);
    }
    for (int i = 0; i < 2 * FRAMES; i++)
      g_assert_cmpfloat_with_epsilon (out[0][i], out[1][i], 1e-5);
  }
}

/* NaN, infinities and denormals in the input give a finite output, and a reset
 * clears all state. */
static void
test_bad_samples (void)
{
  enum
  {
    FRAMES = 8000
  };
  static float in[FRAMES], out[16 * FRAMES];

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    DmixPanParams params = standard;
    Scene scene;

    open_scene (&scene, kinds[k].format, kinds[k].out, "mono");
    params.distance.model = DMIX_DISTANCE_EXPONENTIAL;
    params.distance.distance_m = 0;
    params.air = params.near_field = 1;
    add_object (&scene, &params);
    for (int i = 0; i < FRAMES; i++)
      in[i] = i % 7 == 1 ? NAN
          : i % 7 == 2   ? INFINITY
          : i % 7 == 3   ? 1e-40f
                         : 0.1f;
    run (&scene, in, out, FRAMES);
    for (size_t i = 0; i < FRAMES * dmix_pan_channels (scene.pan); i++)
      g_assert_true (isfinite (out[i]));
    /* after a reset silence gives zeros */
    dmix_pan_reset (scene.pan);
    dmix_panobject_reset (scene.object[0]);
    memset (in, 0, sizeof in);
    run (&scene, in, out, FRAMES);
    for (size_t i = 0; i < FRAMES * dmix_pan_channels (scene.pan); i++)
      g_assert_cmpfloat (out[i], ==, 0);
    close_scene (&scene);
  }
}

/* After latency and tail the output is silent. */
static void
test_tail (void)
{
  enum
  {
    FRAMES = 3000
  };
  static float in[60000], out[16 * 60000];

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    DmixPanParams params = standard;
    unsigned end;
    Scene scene;

    open_scene (&scene, kinds[k].format, kinds[k].out, "mono");
    params.air = 1;
    params.distance.distance_m = 50;
    add_object (&scene, &params);
    fill_noise (in, FRAMES, 0.1, 1);
    memset (in + FRAMES, 0, sizeof in - FRAMES * sizeof *in);
    run (&scene, in, out, FRAMES);
    end = FRAMES + dmix_pan_latency_frames (scene.pan)
        + dmix_pan_tail_frames (scene.pan, scene.object, 1);
    run (&scene, in, out, FRAMES);
    dmix_pan_reset (scene.pan);
    dmix_panobject_reset (scene.object[0]);
    run (&scene, in, out, end + 3000);
    for (size_t i = end * dmix_pan_channels (scene.pan);
         i < (end + 3000) * dmix_pan_channels (scene.pan); i++)
      g_assert_cmpfloat (fabs (out[i]), <, 1e-6);
    close_scene (&scene);
  }
}

static void
test_bad_arguments (void)
{
  const DmixLayout none = { 0 };
  DmixPanFormat format = { 0 };
  Scene scene;

  g_assert_null (dmix_pan_new (NULL));
  g_assert_null (dmix_pan_new (&format));
  format.rate_hz = RATE;
  g_assert_null (dmix_pan_new (&format)); /* no layout */
  format.output = DMIX_PAN_BINAURAL;
  g_assert_null (dmix_pan_new (&format)); /* no head */
  format.output = DMIX_PAN_AMBISONIC;
  g_assert_null (dmix_pan_new (&format));
  format.ambisonic_order = 4;
  g_assert_null (dmix_pan_new (&format));
  open_scene (&scene, kinds[0].format, "5.1", "mono");
  g_assert_null (dmix_panobject_new (scene.pan, NULL));
  g_assert_null (dmix_panobject_new (scene.pan, &none));
  close_scene (&scene);
  dmix_pan_free (NULL);
  dmix_panobject_free (NULL);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  head = make_head (RATE);
  g_assert_nonnull (head);
  g_test_add_func ("/pan/splits", test_splits);
  g_test_add_func ("/pan/sum", test_sum);
  g_test_add_func ("/pan/convolution", test_convolution);
  g_test_add_func ("/pan/engines-agree", test_engines_agree);
  g_test_add_func ("/pan/movement", test_movement);
  g_test_add_func ("/pan/doppler", test_doppler);
  g_test_add_func ("/pan/glides", test_glides);
  g_test_add_func ("/pan/distance", test_distance);
  g_test_add_func ("/pan/air", test_air);
  g_test_add_func ("/pan/bed", test_bed);
  g_test_add_func ("/pan/pair", test_pair);
  g_test_add_func ("/pan/lfe-send", test_lfe_send);
  g_test_add_func ("/pan/head", test_head);
  g_test_add_func ("/pan/bad-samples", test_bad_samples);
  g_test_add_func ("/pan/tail", test_tail);
  g_test_add_func ("/pan/bad-arguments", test_bad_arguments);
  result = g_test_run ();
  dmix_hrtf_free (head);
  return result;
}
