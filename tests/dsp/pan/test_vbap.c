/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of vbap.h with all layouts and many directions. */
#include "pan/vbap.h"

#include <glib.h>
#include <string.h>

static const char *const layouts[] = {
  "stereo",
  "5.1",
  "5.1.2",
  "5.1.4",
  "7.1",
  "7.1.4",
  "9.1.6",
  "22.2",
};

typedef struct
{
  DmixLayout layout;
  DmixVbap *vbap;
  unsigned hint;
  double gain[DMIX_MAX_CHANNELS];
} Panner;

static void
open_layout (Panner *self, const char *name)
{
  g_assert_true (dmix_layout_from_name (&self->layout, name));
  self->vbap = dmix_vbap_new (&self->layout);
  g_assert_nonnull (self->vbap);
  self->hint = 0;
}

static void
pan (Panner *self, DmixVector direction, double spread, double divergence)
{
  const DmixVbapParams params = { direction, spread, divergence };

  dmix_vbap_get_gains (self->vbap, &params, &self->hint, self->gain);
}

static double
power (const Panner *self)
{
  double sum = 0;

  for (unsigned c = 0; c < self->layout.channels; c++)
    sum += self->gain[c] * self->gain[c];
  return sum;
}

/* Directions spread evenly over the sphere. */
static DmixVector
on_sphere (unsigned i, unsigned count)
{
  return dmix_vector_from_angles (360 * fmod (i * 0.6180339887498949, 1),
      asin (1 - (2 * i + 1.0) / count) * 180 / DMIX_PI);
}

/* The power is 1 in every direction, with spread and divergence as well; in
 * stereo it is 1 at most. No gain is negative, and that of LFE is 0. */
static void
test_power (void)
{
  for (guint l = 0; l < G_N_ELEMENTS (layouts); l++) {
    Panner p;

    open_layout (&p, layouts[l]);
    for (unsigned i = 0; i < 3000; i++) {
      const double spread = i % 3 == 1 ? i % 360 : 0;
      const double divergence = i % 3 == 2 ? i % 100 / 99.0 : 0;

      pan (&p, on_sphere (i, 3000), spread, divergence);
      if (l > 0)
        g_assert_cmpfloat (fabs (10 * log10 (power (&p))), <, 1e-6);
      else
        g_assert_cmpfloat (power (&p), <=, 1 + 1e-9);
      for (unsigned c = 0; c < p.layout.channels; c++) {
        g_assert_cmpfloat (p.gain[c], >=, 0);
        if (p.layout.speaker[c].is_lfe)
          g_assert_cmpfloat (p.gain[c], ==, 0);
      }
    }
    dmix_vbap_free (p.vbap);
  }
}

/* In the direction of a loudspeaker only this loudspeaker has a gain. */
static void
test_loudspeakers (void)
{
  for (guint l = 0; l < G_N_ELEMENTS (layouts); l++) {
    Panner p;

    open_layout (&p, layouts[l]);
    for (unsigned s = 0; s < p.layout.channels; s++) {
      const DmixSpeaker *speaker = &p.layout.speaker[s];

      if (speaker->is_lfe)
        continue;
      pan (&p,
          dmix_vector_from_angles (speaker->azimuth_deg,
              speaker->elevation_deg),
          0, 0);
      for (unsigned c = 0; c < p.layout.channels; c++)
        g_assert_cmpfloat ((float) p.gain[c], ==, c == s);
    }
    dmix_vbap_free (p.vbap);
  }
}

/* Between real loudspeakers the velocity vector (sum of gain * direction over
 * sum of gain; Gerzon 1992) points to the source. From ear height to the height
 * layer these layouts have no imaginary loudspeakers. */
static void
test_velocity_vector (void)
{
  static const char *const full[] = { "5.1.4", "7.1.4", "9.1.6", "22.2" };

  for (guint l = 0; l < G_N_ELEMENTS (full); l++) {
    double largest = 0;
    Panner p;

    open_layout (&p, full[l]);
    for (unsigned i = 0; i < 1000; i++) {
      const DmixVector source = dmix_vector_from_angles (i * 0.36, i * 7 % 21);
      DmixVector sum = { 0, 0, 0 };

      pan (&p, source, 0, 0);
      for (unsigned c = 0; c < p.layout.channels; c++)
        sum = dmix_vector_add_scaled (sum,
            dmix_vector_from_angles (p.layout.speaker[c].azimuth_deg,
                p.layout.speaker[c].elevation_deg),
            p.gain[c]);
      largest = fmax (largest,
          dmix_vector_length (
              dmix_vector_cross (dmix_vector_unit (sum), source)));
    }
    g_assert_cmpfloat (largest * 180 / DMIX_PI, <, 0.001);
    dmix_vbap_free (p.vbap);
  }
}

/* Between +30 and -30 degrees BS.2127 pans stereo as 5.0 with the centre mixed
 * into both channels. Where only left and centre have a gain, this is left +
 * centre / sqrt 3 to the left and centre / sqrt 3 to the right. */
static void
test_stereo (void)
{
  Panner p;

  open_layout (&p, "stereo");
  for (double az = 0; az <= 30; az += 0.5) {
    /* two loudspeakers at 0 and 30 degrees: the law of sines */
    const double left = sin (DMIX_RADIANS (az));
    const double centre = sin (DMIX_RADIANS (30 - az)) / sqrt (3);
    const double length = hypot (left + centre, centre);

    pan (&p, dmix_vector_from_angles (az, 0), 0, 0);
    g_assert_cmpfloat_with_epsilon (p.gain[0], (left + centre) / length, 1e-9);
    g_assert_cmpfloat_with_epsilon (p.gain[1], centre / length, 1e-9);
  }
  pan (&p, dmix_vector_from_angles (180, 0), 0, 0);
  g_assert_cmpfloat_with_epsilon (10 * log10 (power (&p)), -3.0103, 1e-3);
  g_assert_cmpfloat_with_epsilon (p.gain[0], p.gain[1], 1e-9);
  dmix_vbap_free (p.vbap);
}

/* Gains of another implementation of BS.2127, the EBU ADM renderer (PyPI ear
 * 2.1.0), printed with six digits. */
static void
test_reference (void)
{
  static const struct
  {
    const char *layout;
    double azimuth, elevation;
    struct
    {
      unsigned channel;
      double gain;
    } loud[6];
  } known[] = {
    { "stereo", 12, 0, { { 0, 0.907863 }, { 1, 0.419268 } } },
    { "stereo", -75, 20, { { 1, 0.825840 } } },
    { "5.1", 70, 0, { { 0, 0.707107 }, { 4, 0.707107 } } },
    { "5.1", -150, 40, { { 4, 0.546579 }, { 5, 0.837408 } } },
    { "5.1.2", 100, 45,
        { { 4, 0.942994 }, { 5, 0.128385 }, { 6, 0.278919 },
            { 7, 0.128385 } } },
    { "5.1.4", -20, 17, { { 1, 0.214588 }, { 2, 0.482370 }, { 7, 0.849277 } } },
    { "7.1", 170, -25, { { 4, 0.819152 }, { 5, 0.573576 } } },
    { "7.1.4", 20, 10, { { 0, 0.378660 }, { 2, 0.759016 }, { 8, 0.529634 } } },
    { "7.1.4", -100, 20,
        { { 7, 0.698392 }, { 9, 0.287872 }, { 11, 0.655269 } } },
    { "22.2", 40, 12, { { 0, 0.233943 }, { 6, 0.736606 }, { 12, 0.634573 } } },
    { "22.2", -160, 60,
        { { 15, 0.780305 }, { 17, 0.393431 }, { 20, 0.486144 } } },
    { "22.2", 20, -20,
        { { 6, 0.602979 }, { 21, 0.735441 }, { 22, 0.309100 } } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    double wanted[DMIX_MAX_CHANNELS] = { 0 };
    Panner p;

    open_layout (&p, known[i].layout);
    for (guint j = 0; j < 6; j++)
      wanted[known[i].loud[j].channel] += known[i].loud[j].gain;
    pan (&p, dmix_vector_from_angles (known[i].azimuth, known[i].elevation), 0,
        0);
    for (unsigned c = 0; c < p.layout.channels; c++)
      g_assert_cmpfloat_with_epsilon (p.gain[c], wanted[c], 1e-6);
    dmix_vbap_free (p.vbap);
  }
}

/* Gains are continuous: on great circles in many orientations, across poles,
 * +-180 degrees and region borders, they change by less than 0.02 in 0.1
 * degrees. */
static void
test_no_steps (void)
{
  for (guint l = 0; l < G_N_ELEMENTS (layouts); l++) {
    double last[DMIX_MAX_CHANNELS], largest = 0;
    Panner p;

    open_layout (&p, layouts[l]);
    for (unsigned way = 0; way < 40; way++)
      for (unsigned i = 0; i <= 3600; i++) {
        const DmixVector flat = dmix_vector_from_angles (i * 0.1, 0);

        pan (&p,
            dmix_vector_rotate ((DmixVector){ flat.x * cos (way * 0.1), flat.y,
                                    flat.x * sin (way * 0.1) },
                way * 9, way * 13),
            0, 0);
        for (unsigned c = 0; c < p.layout.channels; c++) {
          if (i > 0)
            largest = fmax (largest, fabs (p.gain[c] - last[c]));
          last[c] = p.gain[c];
        }
      }
    /* loudspeakers 15 degrees apart: full scale within 150 steps */
    g_assert_cmpfloat (largest, <, 0.02);
    dmix_vbap_free (p.vbap);
  }
}

/* Length of the energy vector (Gerzon 1992): 1 for one loudspeaker, 0 for
 * sound from everywhere. */
static double
energy_vector (const Panner *self)
{
  DmixVector sum = { 0, 0, 0 };

  for (unsigned c = 0; c < self->layout.channels; c++)
    sum = dmix_vector_add_scaled (sum,
        dmix_vector_from_angles (self->layout.speaker[c].azimuth_deg,
            self->layout.speaker[c].elevation_deg),
        self->gain[c] * self->gain[c]);
  return dmix_vector_length (sum) / power (self);
}

/* A small spread changes the gains a little, and a wider source has a shorter
 * energy vector. */
static void
test_spread (void)
{
  Panner p;
  double one[DMIX_MAX_CHANNELS];

  for (guint l = 0; l < G_N_ELEMENTS (layouts); l++) {
    open_layout (&p, layouts[l]);
    for (unsigned i = 0; i < 100; i++) {
      pan (&p, on_sphere (i, 100), 0, 0);
      memcpy (one, p.gain, sizeof one);
      pan (&p, on_sphere (i, 100), 0.01, 0);
      for (unsigned c = 0; c < p.layout.channels; c++)
        g_assert_cmpfloat_with_epsilon (p.gain[c], one[c], 2e-3);
    }
    for (double spread = 0, last = 2; spread <= 360; spread += 90) {
      pan (&p, dmix_vector_from_angles (20, 5), spread, 0);
      if (l > 0 && spread <= 180) /* stereo covers too small an angle */
        g_assert_cmpfloat (energy_vector (&p), <, last + 1e-9);
      last = energy_vector (&p);
      if (l > 0 && spread == 360)
        g_assert_cmpfloat (last, <, 0.4);
    }
    dmix_vbap_free (p.vbap);
  }
}

/* BS.2127-1, 7.3.7: with divergence 1 a source in front becomes two at +45 and
 * -45 degrees, with no gain for the centre. */
static void
test_divergence (void)
{
  Panner p;

  open_layout (&p, "9.1.6");
  pan (&p, dmix_vector_from_angles (0, 0), 0, 1);
  g_assert_cmpfloat (p.gain[2], <, 1e-9);
  g_assert_cmpfloat_with_epsilon (p.gain[0], p.gain[1], 1e-9);
  g_assert_cmpfloat_with_epsilon (p.gain[14], p.gain[15], 1e-9);
  g_assert_cmpfloat (p.gain[14], >, 0.3);
  pan (&p, dmix_vector_from_angles (0, 0), 0, 0.5); /* a third each */
  g_assert_cmpfloat_with_epsilon (p.gain[2], sqrt (1 / 3.0), 1e-9);
  dmix_vbap_free (p.vbap);
}

/* Layouts outside of the standards: a power of 0.49 to 1 and no steps. */
static void
test_other_layouts (void)
{
  static const char *const strange[] = {
    "0",
    "10",
    "90, -90",
    "30, -30, 0",
    "0, 180",
    "0 90",
    "0 90, 0 -90",
    "30, 31",
    "45 30, -45 30, 180 30",
    "30, -30, 110, -110",
    "60, 0, -60, 120, 180, -120",
    "lfe, 30, -30",
    "0 -90, 0 90, 0, 90, 180, -90",
    "20, 20, -20, -20",
  };

  for (guint l = 0; l < G_N_ELEMENTS (strange); l++) {
    double last[DMIX_MAX_CHANNELS];
    Panner p = { .hint = 0 };

    g_assert_true (dmix_layout_parse (&p.layout, strange[l]));
    p.vbap = dmix_vbap_new (&p.layout);
    for (unsigned i = 0; i <= 3600; i++) {
      pan (&p, dmix_vector_from_angles (i * 0.1, 20 * sin (i * 0.01)), 0, 0);
      g_assert_true (power (&p) > 0.49 && power (&p) < 1 + 1e-9);
      for (unsigned c = 0; i > 0 && c < p.layout.channels; c++)
        if (fabs (p.gain[c] - last[c]) > 0.2)
          g_error ("layout '%s' jumps at %g", strange[l], i * 0.1);
      memcpy (last, p.gain, sizeof last);
    }
    dmix_vbap_free (p.vbap);
  }
}

static void
test_bad_arguments (void)
{
  const DmixLayout none = { .channels = 0 }, many = { .channels = 65 };

  g_assert_null (dmix_vbap_new (NULL));
  g_assert_null (dmix_vbap_new (&none));
  g_assert_null (dmix_vbap_new (&many));
  dmix_vbap_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vbap/power", test_power);
  g_test_add_func ("/vbap/loudspeakers", test_loudspeakers);
  g_test_add_func ("/vbap/velocity-vector", test_velocity_vector);
  g_test_add_func ("/vbap/stereo", test_stereo);
  g_test_add_func ("/vbap/reference", test_reference);
  g_test_add_func ("/vbap/no-steps", test_no_steps);
  g_test_add_func ("/vbap/spread", test_spread);
  g_test_add_func ("/vbap/divergence", test_divergence);
  g_test_add_func ("/vbap/other-layouts", test_other_layouts);
  g_test_add_func ("/vbap/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
