/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix_pan_renew(): the new panner gives the bits of one that is made from
 * nothing, and makes again only what has changed. */
#include "pan/pan.h"
#include "pan/panprivate.h"
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

/* What serves again for the change of one thing. */
static void
test_what_stays (void)
{
  for (int i = 0; i < 3; i++) {
    const DmixPanFormat format = format_of ((DmixPanOutput) i);
    DmixPanFormat other = format;
    DmixPan *pan = dmix_pan_new (&format), before = *pan;

    pan = dmix_pan_renew (pan, &format); /* other sounds come in */
    g_assert_true (pan->air == before.air && pan->vbap == before.vbap
        && pan->binaural == before.binaural && pan->doppler == before.doppler);
    other.layout = &layout[1];
    other.ambisonic_order = 1;
    pan = dmix_pan_renew (pan, &other); /* the layout of the output */
    g_assert_true (pan->air == before.air && pan->doppler == before.doppler
        && pan->binaural == before.binaural);
    other.output = DMIX_PAN_SPEAKERS;
    pan = dmix_pan_renew (pan, &other); /* the kind of output */
    g_assert_true (pan->air == before.air && pan->doppler == before.doppler
        && !pan->binaural);
    other.rate_hz = 96000;
    pan = dmix_pan_renew (pan, &other); /* the rate */
    g_assert_true (pan->doppler == before.doppler);
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
