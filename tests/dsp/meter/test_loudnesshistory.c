/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of loudnesshistory.h, against a list of all values. */
#include "signals.h"

#include "meter/kweight.h"
#include "meter/loudnesshistory.h"

static double
mean_of_above (const double *value, int count, double gate)
{
  double sum = 0;
  int n = 0;

  for (int i = 0; i < count; i++)
    if (value[i] > gate) {
      sum += value[i];
      n++;
    }
  return n ? sum / n : 0.0;
}

/* Number of values within a bin of the relative gate. */
static int
count_at_gate (const double *value, int count, double relative)
{
  const double gate = dmix_kweight_lufs (
      relative * mean_of_above (value, count, dmix_kweight_mean_square (-70)));
  int n = 0;

  for (int i = 0; i < count; i++)
    n += fabs (dmix_kweight_lufs (value[i]) - gate) < 0.011;
  return n;
}

static int
ascending (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* BS.1770-5, equations 5 to 7, and Tech 3342, section 2.2, literally. */
static double
listed_integrated (const double *value, int count)
{
  const double absolute = dmix_kweight_mean_square (-70);
  const double gate = mean_of_above (value, count, absolute) / 10;

  return dmix_kweight_lufs (
      mean_of_above (value, count, fmax (gate, absolute)));
}

static double
listed_range (double *value, int count)
{
  const double absolute = dmix_kweight_mean_square (-70);
  const double gate =
      fmax (absolute, mean_of_above (value, count, absolute) / 100);
  int first = 0;

  qsort (value, count, sizeof *value, ascending);
  while (first < count && value[first] <= gate)
    first++;
  if (first == count)
    return 0;
  value += first;
  count -= first;
  return dmix_kweight_lufs (value[lrint ((count - 1) * 0.95)])
      - dmix_kweight_lufs (value[lrint ((count - 1) * 0.10)]);
}

static void
fill_values (double *value, int count, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  const double centre = g_rand_double_range (rand, -45, -25);
  const double width = g_rand_double_range (rand, 1, 50);

  for (int i = 0; i < count; i++)
    value[i] = dmix_kweight_mean_square (
        centre + width * g_rand_double_range (rand, -1, 1));
  g_rand_free (rand);
}

static void
test_against_list (void)
{
  enum
  {
    COUNT = 3000
  };
  double value[COUNT];
  int clear = 0, at_gate;

  for (guint32 seed = 0; seed < 200; seed++) {
    DmixLoudnessHistory *history = dmix_loudnesshistory_new ();
    const int count = 1 + (int) (seed * seed) % COUNT;

    fill_values (value, count, seed);
    for (int i = 0; i < count; i++) {
      dmix_loudnesshistory_add_block (history, value[i]);
      dmix_loudnesshistory_add_shortterm (history, value[i]);
    }
    g_assert_cmpfloat_with_epsilon (dmix_loudnesshistory_get_integrated (
                                        history),
        listed_integrated (value, count),
        1e-9 + 4.0 * count_at_gate (value, count, 0.1) / count);
    at_gate = count_at_gate (value, count, 0.01);
    /* a value on the wrong side of the gate would shift the ranks */
    if (at_gate == 0)
      g_assert_cmpfloat_with_epsilon (dmix_loudnesshistory_get_range (history),
          listed_range (value, count), 0.0101);
    clear += at_gate == 0;
    dmix_loudnesshistory_free (history);
  }
  g_assert_cmpint (clear, >, 50);
}

/* Means are exact, not rounded to bins, if no value is near a gate. */
static void
test_means_are_exact (void)
{
  DmixLoudnessHistory *history = dmix_loudnesshistory_new ();

  dmix_loudnesshistory_add_block (history, 0.0123456);
  dmix_loudnesshistory_add_block (history, 0.0234567);
  dmix_loudnesshistory_add_block (history, 1e-9); /* below -70 */
  dmix_loudnesshistory_add_block (history, 1e-5); /* below the mean - 10 */
  g_assert_cmpfloat_with_epsilon (dmix_loudnesshistory_get_integrated (history),
      dmix_kweight_lufs ((0.0123456 + 0.0234567) / 2), 1e-9);
  dmix_loudnesshistory_free (history);
}

static void
test_empty (void)
{
  DmixLoudnessHistory *history = dmix_loudnesshistory_new ();

  for (int i = 0; i < 2; i++) {
    g_assert_cmpfloat (dmix_loudnesshistory_get_integrated (history), ==,
        DMIX_KWEIGHT_SILENCE_LUFS);
    g_assert_cmpfloat (dmix_loudnesshistory_get_range (history), ==, 0.0);
    dmix_loudnesshistory_add_block (history, 0.0);
    dmix_loudnesshistory_add_shortterm (history, 0.0);
    dmix_loudnesshistory_add_block (history, NAN);
  }
  dmix_loudnesshistory_add_block (history, 1e18); /* beyond the last bin */
  g_assert_cmpfloat_with_epsilon (dmix_loudnesshistory_get_integrated (history),
      179.309, 1e-6);
  dmix_loudnesshistory_reset (history);
  g_assert_cmpfloat (dmix_loudnesshistory_get_integrated (history), ==,
      DMIX_KWEIGHT_SILENCE_LUFS);
  dmix_loudnesshistory_free (history);
  dmix_loudnesshistory_free (NULL);
}

/* Two halves, one of them saved and loaded, merge to the whole. */
static void
test_merge_and_save (void)
{
  enum
  {
    COUNT = 2000
  };
  DmixLoudnessHistory *whole = dmix_loudnesshistory_new ();
  DmixLoudnessHistory *half[2] = {
    dmix_loudnesshistory_new (),
    dmix_loudnesshistory_new (),
  };
  DmixLoudnessHistory *sum = dmix_loudnesshistory_new ();
  double value[COUNT];
  unsigned char *bytes;
  size_t size;

  fill_values (value, COUNT, 77);
  for (int i = 0; i < COUNT; i++) {
    dmix_loudnesshistory_add_block (whole, value[i]);
    dmix_loudnesshistory_add_shortterm (whole, value[i] / 2);
    dmix_loudnesshistory_add_block (half[i % 2], value[i]);
    dmix_loudnesshistory_add_shortterm (half[i % 2], value[i] / 2);
  }
  size = dmix_loudnesshistory_save (half[1], NULL, 0);
  g_assert_cmpuint (size, >, 8);
  bytes = g_malloc (size);
  g_assert_cmpuint (dmix_loudnesshistory_save (half[1], bytes, size), ==, size);
  dmix_loudnesshistory_merge (sum, half[0]);
  g_assert_true (dmix_loudnesshistory_load (sum, bytes, size));
  g_assert_cmpfloat_with_epsilon (dmix_loudnesshistory_get_integrated (sum),
      dmix_loudnesshistory_get_integrated (whole), 1e-9);
  g_assert_cmpfloat (dmix_loudnesshistory_get_range (sum), ==,
      dmix_loudnesshistory_get_range (whole));
  g_assert_false (dmix_loudnesshistory_load (sum, bytes, size - 1));
  g_assert_false (dmix_loudnesshistory_load (sum, bytes, 4));
  memset (bytes + 8, 0xff, 18); /* no such bin */
  g_assert_false (dmix_loudnesshistory_load (sum, bytes, size));
  bytes[0] = 'x';
  g_assert_false (dmix_loudnesshistory_load (sum, bytes, size));
  g_assert_cmpfloat_with_epsilon (dmix_loudnesshistory_get_integrated (sum),
      dmix_loudnesshistory_get_integrated (whole), 1e-9);
  g_free (bytes);
  dmix_loudnesshistory_free (whole);
  dmix_loudnesshistory_free (half[0]);
  dmix_loudnesshistory_free (half[1]);
  dmix_loudnesshistory_free (sum);
}

/* Saved bins, behind the 8 bytes of the signature, with a value out of its range
 * are refused: 18 bytes each, number (2), count (8) and sum as a double (8),
 * little endian. */
static void
test_broken (void)
{
  const struct
  {
    unsigned place, count;
    unsigned char bytes[8];
  } broken[] = {
    { 0, 2, { 0x20, 0x4e } },                    /* bin 20000 */
    { 2, 8, { 0 } },                             /* count 0 */
    { 2, 8, { 0, 0, 0, 0, 0, 0, 1 } },           /* 2^48 */
    { 10, 8, { 0 } },                            /* sum 0 */
    { 10, 8, { 0, 0, 0, 0, 0, 0, 0xf0, 0xbf } }, /* -1 */
    { 10, 8, { 0, 0, 0, 0, 0, 0, 0xf0, 0x7f } }, /* infinity */
    { 10, 8, { 0, 0, 0, 0, 0, 0, 0x50, 0x46 } }, /* 5e30 */
  };
  DmixLoudnessHistory *history = dmix_loudnesshistory_new ();
  unsigned char bytes[26];

  dmix_loudnesshistory_add_block (history, 0.01);
  g_assert_cmpuint (dmix_loudnesshistory_save (history, NULL, 0), ==, 26);
  for (guint b = 0; b < G_N_ELEMENTS (broken); b++) {
    dmix_loudnesshistory_save (history, bytes, sizeof bytes);
    memcpy (bytes + 8 + broken[b].place, broken[b].bytes, broken[b].count);
    g_assert_false (dmix_loudnesshistory_load (history, bytes, sizeof bytes));
  }
  dmix_loudnesshistory_free (history);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loudnesshistory/list", test_against_list);
  g_test_add_func ("/loudnesshistory/means", test_means_are_exact);
  g_test_add_func ("/loudnesshistory/empty", test_empty);
  g_test_add_func ("/loudnesshistory/merge", test_merge_and_save);
  g_test_add_func ("/loudnesshistory/broken", test_broken);
  return g_test_run ();
}
