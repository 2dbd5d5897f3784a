/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix_pan_renew(): the new panner gives the bits of one that is made from
 * nothing, and makes again only what has changed. Linked with the allocator of
 * shortmemory.h, which counts. */
#include "pan/air.h"
#include "pan/pan.h"
#include "pan/vbap.h"
#include "shortmemory.h"
#include "spatial.h"

#define FRAMES 4800

static DmixHrtf *head[2];
static DmixLayout layout[2]; /* 5.1, 7.1.4 */

static DmixPanFormat
format_of (DmixPanOutput output)
{
  return (DmixPanFormat){ 48000, output, &layout[0], head[0], 3, 0, 1 };
}

/* Output of a bed of 5.1 that moves. */
static float *
play (DmixPan *pan)
{
  DmixPanObject *object = dmix_panobject_new (pan, &layout[0]);
  DmixPanParams params = {
    .width_deg = 60,
    .spread_deg = 20,
    .air = 1,
    .lfe_send_db = -6,
    .distance = { DMIX_DISTANCE_INVERSE, 3, 1, 100, 1 },
  };
  float *in = g_new (float, 6 * FRAMES);
  float *out = g_new (float, dmix_pan_channels (pan) * FRAMES);
  const float *sample = in;

  fill_noise (in, 6 * FRAMES, 0.2, 1);
  for (int half = 0; half < 2; half++, sample += 6 * FRAMES / 2) {
    params.azimuth_deg = 30 + 50 * half;
    dmix_panobject_set_params (object, &params);
    dmix_pan_process (pan, &object, &sample, 1,
        out + half * (FRAMES / 2) * dmix_pan_channels (pan), FRAMES / 2);
  }
  dmix_panobject_free (object);
  g_free (in);
  return out;
}

/* From each format to each other one. */
static void
test_bits (void)
{
  DmixPanFormat format[9];

  for (int i = 0; i < 3; i++) {
    format[3 * i] = format[3 * i + 1] = format_of ((DmixPanOutput) i);
    format[3 * i + 1].rate_hz = 44100;
    format[3 * i + 2] = format[3 * i];
  }
  format[2].layout = &layout[1];
  format[5].hrtf = head[1];
  format[8].doppler = 0;
  for (int i = 0; i < 9; i++)
    for (int j = 0; j < 9; j++) {
      DmixPan *new = dmix_pan_new (&format[j]);
      DmixPan *renewed = dmix_pan_new (&format[i]);
      const size_t bytes = dmix_pan_channels (new) * FRAMES * sizeof (float);
      float *a = play (new), *b;

      g_free (play (renewed));
      renewed = dmix_pan_renew (renewed, &format[j]);
      b = play (renewed);
      g_assert_cmpmem (a, bytes, b, bytes);
      g_free (a);
      g_free (b);
      dmix_pan_free (new);
      dmix_pan_free (renewed);
    }
}

/* Allocations of a new panner of this format. */
static gint
calls_of_renewal (DmixPan **pan, const DmixPanFormat *format)
{
  short_begin (-1);
  *pan = dmix_pan_renew (*pan, format);
  g_assert_nonnull (*pan);
  return short_calls;
}

static gint
calls_of_vbap (const DmixLayout *of)
{
  short_begin (-1);
  dmix_vbap_free (dmix_vbap_new (of));
  return short_calls;
}

static gint
calls_of_air (unsigned rate_hz)
{
  short_begin (-1);
  dmix_air_free (dmix_air_new (rate_hz));
  return short_calls;
}

/* What is made for the change of one thing, told by the number of allocations:
 * OWN of the panner itself, and those of its parts. */
static void
test_what_stays (void)
{
  enum
  {
    OWN = 2
  };

  for (int i = 0; i < 3; i++) {
    const DmixPanFormat format = format_of ((DmixPanOutput) i);
    DmixPanFormat other = format;
    DmixPan *pan = dmix_pan_new (&format);
    const int speakers = i == DMIX_PAN_SPEAKERS;

    g_assert_cmpint (calls_of_renewal (&pan, &format), ==, OWN);
    other.layout = &layout[1];
    other.ambisonic_order = 1;
    g_assert_cmpint (calls_of_renewal (&pan, &other), ==,
        OWN + (speakers ? calls_of_vbap (&layout[1]) : 0));
    other.output = DMIX_PAN_SPEAKERS;
    g_assert_cmpint (calls_of_renewal (&pan, &other), ==,
        OWN + (speakers ? 0 : calls_of_vbap (&layout[1])));
    other.rate_hz = 96000;
    g_assert_cmpint (calls_of_renewal (&pan, &other), ==,
        OWN + calls_of_air (96000));
    dmix_pan_free (pan);
  }
}

/* Bad arguments free the old one. */
static void
test_bad_arguments (void)
{
  const DmixPanFormat format = format_of (DMIX_PAN_BINAURAL);
  DmixPanFormat bad = format;

  bad.hrtf = NULL;
  g_assert_null (dmix_pan_renew (dmix_pan_new (&format), &bad));
  g_assert_null (dmix_pan_renew (dmix_pan_new (&format), NULL));
  g_assert_null (dmix_pan_renew (NULL, NULL));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  head[0] = make_head (48000);
  head[1] = make_head (44100);
  dmix_layout_from_name (&layout[0], "5.1");
  dmix_layout_from_name (&layout[1], "7.1.4");
  g_test_add_func ("/panrenew/bits", test_bits);
  g_test_add_func ("/panrenew/what-stays", test_what_stays);
  g_test_add_func ("/panrenew/bad-arguments", test_bad_arguments);
  result = g_test_run ();
  dmix_hrtf_free (head[0]);
  dmix_hrtf_free (head[1]);
  return result;
}
