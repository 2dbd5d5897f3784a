/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of dynamicsparams.h: the range of each value, and comparison. */
#include "signals.h"

#include "dynamics/dynamicsparams.h"

#include <stddef.h>

typedef struct
{
  size_t place; /* of the field, bytes */
  double low, high;
} Range;

#define FIELD(name) offsetof (DmixDynamicsParams, name)

/* as the header has them */
static const Range ranges[] = {
  { FIELD (threshold_db), -120, 24 },
  { FIELD (ratio), 1, INFINITY },
  { FIELD (knee_db), 0, 60 },
  { FIELD (attack_ms), 0, 10000 },
  { FIELD (hold_ms), 0, 10000 },
  { FIELD (release_ms), 0, 10000 },
  { FIELD (lookahead_ms), 0, DMIX_DYNAMICS_MAX_LOOKAHEAD_MS },
  { FIELD (rms_window_ms), 0, DMIX_DYNAMICS_MAX_WINDOW_MS },
  { FIELD (makeup_db), -60, 60 },
  { FIELD (mix), 0, 1 },
  { FIELD (range_db), 0, DMIX_DYNAMICS_MAX_RANGE_DB },
  { FIELD (link), 0, 1 },
  { FIELD (highpass_hz), 0, 1e6 },
  { FIELD (lowpass_hz), 0, 1e6 },
  { FIELD (ceiling_dbtp), -60, 20 },
};

static double *
value_of (DmixDynamicsParams *params, const Range *range)
{
  return (double *) ((char *) params + range->place);
}

static double
limited (const Range *range, double value)
{
  DmixDynamicsParams params = { 0 };

  *value_of (&params, range) = value;
  params = dmix_dynamicsparams_clamp (&params);
  return *value_of (&params, range);
}

static void
test_ranges (void)
{
  for (guint r = 0; r < G_N_ELEMENTS (ranges); r++) {
    const Range *range = &ranges[r];
    const double high = fmin (range->high, 1e9);

    g_assert_cmpfloat (limited (range, range->low), ==, range->low);
    g_assert_cmpfloat (limited (range, range->low - 1e-3), ==, range->low);
    g_assert_cmpfloat (limited (range, -INFINITY), ==, range->low);
    g_assert_cmpfloat (limited (range, NAN), ==, range->low);
    g_assert_cmpfloat (limited (range, high), ==, high);
    g_assert_cmpfloat (limited (range, INFINITY), ==, range->high);
    g_assert_cmpfloat (limited (range, 0.3 * range->low + 0.7 * high), ==,
        0.3 * range->low + 0.7 * high);
  }
}

/* Two sets are equal if no field differs. Switches may be any number but 0. */
static void
test_equal (void)
{
  DmixDynamicsParams a = { 0 }, b;

  for (guint r = 0; r < G_N_ELEMENTS (ranges); r++)
    *value_of (&a, &ranges[r]) = ranges[r].low + 0.5;
  b = a;
  g_assert_true (dmix_dynamicsparams_equal (&a, &b));
  for (guint r = 0; r < G_N_ELEMENTS (ranges); r++) {
    *value_of (&b, &ranges[r]) += 0.1;
    g_assert_false (dmix_dynamicsparams_equal (&a, &b));
    b = a;
  }
  b.mode = DMIX_DYNAMICS_GATE;
  g_assert_false (dmix_dynamicsparams_equal (&a, &b));
  b = a;
  b.detector = DMIX_DETECTOR_PEAK;
  g_assert_false (dmix_dynamicsparams_equal (&a, &b));
  b = a;
  b.auto_release = 1;
  g_assert_false (dmix_dynamicsparams_equal (&a, &b));
  b = a;
  b.auto_makeup = 1;
  g_assert_false (dmix_dynamicsparams_equal (&a, &b));
  b = a;
  b.bypass = 1;
  g_assert_false (dmix_dynamicsparams_equal (&a, &b));
  a.mode = DMIX_DYNAMICS_LIMIT;
  a.detector = DMIX_DETECTOR_K_WEIGHTED;
  a.auto_release = a.auto_makeup = a.bypass = 7;
  b = dmix_dynamicsparams_clamp (&a);
  g_assert_cmpint (b.mode, ==, DMIX_DYNAMICS_LIMIT);
  g_assert_cmpint (b.detector, ==, DMIX_DETECTOR_K_WEIGHTED);
  g_assert_true (b.auto_release == 1 && b.auto_makeup == 1 && b.bypass == 1);
}

/* The limiter behind a programme is within all ranges. */
static void
test_ceiling (void)
{
  const DmixDynamicsParams limit = dmix_dynamicsparams_ceiling (-1.5, 0);
  const DmixDynamicsParams off = dmix_dynamicsparams_ceiling (-1.5, 1);
  const DmixDynamicsParams clamped = dmix_dynamicsparams_clamp (&limit);

  g_assert_true (dmix_dynamicsparams_equal (&limit, &clamped));
  g_assert_cmpint (limit.mode, ==, DMIX_DYNAMICS_LIMIT);
  g_assert_cmpfloat (limit.ceiling_dbtp, ==, -1.5);
  g_assert_false (limit.bypass);
  g_assert_true (off.bypass);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamicsparams/ranges", test_ranges);
  g_test_add_func ("/dynamicsparams/equal", test_equal);
  g_test_add_func ("/dynamicsparams/ceiling", test_ceiling);
  return g_test_run ();
}
