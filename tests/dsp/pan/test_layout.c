/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of layout.h: the masks and angles of ITU-R BS.2051-3. */
#include "pan/layout.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define LFE 1000

/* Azimuth and elevation in the order of the mask's bits. */
static const struct
{
  const char *name;
  uint64_t mask;
  int angle[24][2];
} expected[] = {
  { "stereo", 0x3, { { 30, 0 }, { -30, 0 } } },
  { "5.1", 0x3f,
      { { 30, 0 }, { -30, 0 }, { 0, 0 }, { LFE }, { 110, 0 }, { -110, 0 } } },
  { "5.1.2", 0x303f,
      { { 30, 0 }, { -30, 0 }, { 0, 0 }, { LFE }, { 110, 0 }, { -110, 0 },
          { 30, 30 }, { -30, 30 } } },
  { "5.1.4", 0x3303f,
      { { 30, 0 }, { -30, 0 }, { 0, 0 }, { LFE }, { 110, 0 }, { -110, 0 },
          { 30, 30 }, { -30, 30 }, { 110, 30 }, { -110, 30 } } },
  { "7.1", 0xc3f,
      { { 30, 0 }, { -30, 0 }, { 0, 0 }, { LFE }, { 135, 0 }, { -135, 0 },
          { 90, 0 }, { -90, 0 } } },
  { "7.1.4", 0x33c3f,
      { { 30, 0 }, { -30, 0 }, { 0, 0 }, { LFE }, { 135, 0 }, { -135, 0 },
          { 90, 0 }, { -90, 0 }, { 45, 30 }, { -45, 30 }, { 135, 30 },
          { -135, 30 } } },
  { "9.1.6", 0x30f3c3f,
      { { 30, 0 }, { -30, 0 }, { 0, 0 }, { LFE }, { 135, 0 }, { -135, 0 },
          { 90, 0 }, { -90, 0 }, { 45, 30 }, { -45, 30 }, { 135, 30 },
          { -135, 30 }, { 90, 30 }, { -90, 30 }, { 60, 0 }, { -60, 0 } } },
  { "22.2", 0xffffff,
      { { 60, 0 }, { -60, 0 }, { 0, 0 }, { LFE }, { 135, 0 }, { -135, 0 },
          { 30, 0 }, { -30, 0 }, { 180, 0 }, { LFE }, { 90, 0 }, { -90, 0 },
          { 45, 30 }, { -45, 30 }, { 0, 30 }, { 0, 90 }, { 135, 30 },
          { -135, 30 }, { 90, 30 }, { -90, 30 }, { 180, 30 }, { 0, -30 },
          { 45, -30 }, { -45, -30 } } },
};

static void
check_angles (const DmixLayout *layout, const int (*angle)[2])
{
  for (unsigned c = 0; c < layout->channels; c++) {
    g_assert_cmpint (layout->speaker[c].is_lfe, ==, angle[c][0] == LFE);
    if (angle[c][0] == LFE)
      continue;
    g_assert_cmpfloat (layout->speaker[c].azimuth_deg, ==, angle[c][0]);
    g_assert_cmpfloat (layout->speaker[c].elevation_deg, ==, angle[c][1]);
  }
}

static void
test_names (void)
{
  DmixLayout layout, same;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_assert_true (dmix_layout_from_name (&layout, expected[i].name));
    g_assert_cmphex (layout.mask, ==, expected[i].mask);
    check_angles (&layout, expected[i].angle);
    g_assert_true (dmix_layout_from_mask (&same, layout.channels, layout.mask));
    g_assert_cmpmem (&layout, sizeof layout, &same, sizeof same);
  }
  g_assert_true (dmix_layout_from_name (&layout, "mono"));
  g_assert_cmpuint (layout.channels, ==, 1);
  g_assert_cmpfloat (layout.speaker[0].azimuth_deg, ==, 0);
}

/* 5.1 has the same angles with side as with rear surround channels. */
static void
test_masks (void)
{
  DmixLayout layout;

  g_assert_true (dmix_layout_from_mask (&layout, 6, 0xc0f));
  check_angles (&layout, expected[1].angle);
  g_assert_true (dmix_layout_from_mask (&layout, 2, 0));
  check_angles (&layout, expected[0].angle);
  for (unsigned bit = 0; bit < 28; bit++) {
    g_assert_true (dmix_layout_from_mask (&layout, 1, UINT64_C (1) << bit));
    g_assert_cmpfloat (fabs (layout.speaker[0].azimuth_deg), <=, 180);
  }
}

static void
test_bad_masks (void)
{
  DmixLayout layout = { .channels = 7 };

  g_assert_false (dmix_layout_from_mask (&layout, 0, 0));
  g_assert_false (dmix_layout_from_mask (&layout, 3, 0));
  g_assert_false (dmix_layout_from_mask (&layout, 5, 0x3f));
  g_assert_false (dmix_layout_from_mask (&layout, 65, 0));
  g_assert_false (dmix_layout_from_mask (&layout, 1, UINT64_C (1) << 28));
  g_assert_false (dmix_layout_from_name (&layout, "5.2"));
  g_assert_false (dmix_layout_from_name (&layout, NULL));
  g_assert_cmpuint (layout.channels, ==, 7);
}

static void
test_angles (void)
{
  DmixLayout layout;
  static const char *const bad[] = {
    "",
    "x",
    "30 0,",
    ",",
    "30 91",
    "400",
    "30 0 0",
    "1e2",
    "30;-30",
    "--3",
  };

  dmix_layout_from_name (&layout, "5.1");
  g_assert_true (
      dmix_layout_parse (&layout, " 22.5 0,-22.5, 0 ,lfe, 120 -5.25 ,-120 5"));
  g_assert_cmpuint (layout.channels, ==, 6);
  g_assert_cmphex (layout.mask, ==, 0x3f);
  g_assert_cmpfloat (layout.speaker[0].azimuth_deg, ==, 22.5);
  g_assert_cmpfloat (layout.speaker[1].azimuth_deg, ==, -22.5);
  g_assert_true (layout.speaker[3].is_lfe);
  g_assert_cmpfloat_with_epsilon (layout.speaker[4].elevation_deg, -5.25,
      1e-12);
  g_assert_true (dmix_layout_parse (&layout, "90, -90, 0 90"));
  g_assert_cmpuint (layout.channels, ==, 3);
  g_assert_cmphex (layout.mask, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (dmix_layout_parse (&layout, bad[i]))
      g_error ("'%s' was accepted", bad[i]);
  g_assert_cmpuint (layout.channels, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/names", test_names);
  g_test_add_func ("/layout/masks", test_masks);
  g_test_add_func ("/layout/bad-masks", test_bad_masks);
  g_test_add_func ("/layout/angles", test_angles);
  return g_test_run ();
}
