/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The rates, channels and other arguments that each header promises: the lowest
 * and the highest give a processor, one less and one more give NULL. */
#include "signals.h"

#include "adr/adr.h"
#include "adr/adrline.h"
#include "adr/align.h"
#include "adr/roomtone.h"
#include "adr/stretch.h"
#include "adr/warp.h"
#include "base/delay.h"
#include "base/lookahead.h"
#include "denoise/denoise.h"
#include "denoise/noisetracker.h"
#include "dialogue/dialogue.h"
#include "ducker/dialoguelevel.h"
#include "ducker/ducker.h"
#include "dynamics/detector.h"
#include "dynamics/dynamics.h"
#include "dynamics/levelcontrol.h"
#include "dynamics/leveller.h"
#include "meter/kweight.h"
#include "meter/loudness.h"
#include "pan/doppler.h"
#include "meter/truepeak.h"
#include "pan/gainramp.h"
#include "pan/pan.h"
#include "pan/sphere.h"
#include "spectral/decimator.h"
#include "spectral/fir.h"
#include "spectral/meanspectrum.h"
#include "spectral/powerframe.h"
#include "speech/melpower.h"
#include "speech/learnedactivity.h"
#include "speech/speechactivity.h"
#include "speech/speechbands.h"
#include "speech/speechfeatures.h"

/* Makes and frees one; whether it could be made. */
#define MAKER(name, new, free_it)                                              \
  static int make_##name (const DmixFormat *format)                            \
  {                                                                            \
    void *made = new;                                                          \
                                                                               \
    free_it (made);                                                            \
    return made != NULL;                                                       \
  }

static DmixAdr *
new_adr (const DmixFormat *format)
{
  const DmixAdrShape shape = {
    .rate_hz = format->rate_hz,
    .guide_channels = format->channels,
    .take_channels = format->channels,
    .max_line_ms = 1000,
    .max_shift_ms = 0,
  };

  return dmix_adr_new (&shape, NULL, 0, NULL, 0);
}

static DmixPan *
new_pan (const DmixFormat *format)
{
  const DmixPanFormat pan = {
    .rate_hz = format->rate_hz,
    .output = DMIX_PAN_AMBISONIC,
    .ambisonic_order = 1,
  };

  return dmix_pan_new (&pan);
}

static DmixDoppler *
new_doppler (const DmixFormat *format)
{
  DmixDopplerKernel *kernel = dmix_doppler_kernel_new ();
  DmixDoppler *doppler = dmix_doppler_new (kernel, format->rate_hz, 16);

  dmix_doppler_kernel_free (kernel); /* only _process() reads it */
  return doppler;
}

MAKER (adr, new_adr (format), dmix_adr_free)
MAKER (roomtone, dmix_roomtone_new (format, 1), dmix_roomtone_free)
MAKER (stretch, dmix_stretch_new (format), dmix_stretch_free)
MAKER (denoise, dmix_denoise_new (format, DMIX_DENOISE_LOW, NULL),
    dmix_denoise_free)
MAKER (dialogue,
    dmix_dialogue_new (format, NULL, NULL, 20, DMIX_DIALOGUE_LEARNED),
    dmix_dialogue_free)
MAKER (ducker, dmix_ducker_new (format, NULL, 20), dmix_ducker_free)
MAKER (dynamics, dmix_dynamics_new (format, NULL), dmix_dynamics_free)
MAKER (leveller,
    dmix_leveller_new (format, NULL, NULL, DMIX_LEVELLER_RIDE, 100),
    dmix_leveller_free)
MAKER (loudness, dmix_loudness_new (format, NULL, 0), dmix_loudness_free)
MAKER (kweight, dmix_kweight_new (format->rate_hz, format->channels),
    dmix_kweight_free)
MAKER (pan, new_pan (format), dmix_pan_free)
MAKER (doppler, new_doppler (format), dmix_doppler_free)
MAKER (fir, dmix_fir_new (format), dmix_fir_free)
MAKER (meanspectrum, dmix_meanspectrum_new (format), dmix_meanspectrum_free)
MAKER (melpower, dmix_melpower_new (format), dmix_melpower_free)
MAKER (learnedactivity, dmix_learnedactivity_new (format->rate_hz),
    dmix_learnedactivity_free)
MAKER (speechactivity, dmix_speechactivity_new (format->rate_hz),
    dmix_speechactivity_free)
MAKER (speechbands, dmix_speechbands_new (format->rate_hz),
    dmix_speechbands_free)

static const struct
{
  const char *name;
  int (*make) (const DmixFormat *format);
  unsigned lowest_hz, highest_hz;
  int many; /* up to 64 channels */
} processors[] = {
  { "adr", make_adr, 8000, 384000, 0 },
  { "roomtone", make_roomtone, 1, 384000, 1 },
  { "stretch", make_stretch, 4000, 768000, 1 },
  { "denoise", make_denoise, 4000, 768000, 1 },
  { "dialogue", make_dialogue, 4000, 768000, 1 },
  { "ducker", make_ducker, 1, 768000, 1 },
  { "dynamics", make_dynamics, 1, 768000, 1 },
  { "leveller", make_leveller, 1, 768000, 1 },
  { "loudness", make_loudness, 1, 768000, 1 },
  { "kweight", make_kweight, 1, 768000, 0 },
  { "pan", make_pan, 1, 768000, 0 },
  { "doppler", make_doppler, 1, 768000, 0 },
  { "fir", make_fir, 1, 384000, 1 },
  { "meanspectrum", make_meanspectrum, 4000, 384000, 1 },
  { "melpower", make_melpower, 4000, 384000, 1 },
  { "learnedactivity", make_learnedactivity, 16000, 768000, 0 },
  { "speechactivity", make_speechactivity, 1600, 768000, 0 },
  { "speechbands", make_speechbands, 1600, 768000, 0 },
};

static void
test_rates (void)
{
  for (guint p = 0; p < G_N_ELEMENTS (processors); p++) {
    const unsigned low = processors[p].lowest_hz,
                   high = processors[p].highest_hz;
    const struct
    {
      unsigned rate_hz;
      int good;
    } cases[] = { { low, 1 }, { low - 1, 0 }, { high, 1 }, { high + 1, 0 } };

    g_test_message ("%s", processors[p].name);
    for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
      const DmixFormat format = { cases[c].rate_hz, 1 };

      /* a rate of any height has a propagation delay */
      if (processors[p].make == make_doppler && cases[c].rate_hz > high)
        continue;
      g_assert_cmpint (processors[p].make (&format), ==, cases[c].good);
    }
  }
}

static void
test_channels (void)
{
  const unsigned channels[] = { 0, 1, 64, 65 };

  for (guint p = 0; p < G_N_ELEMENTS (processors); p++)
    for (guint c = 0; processors[p].many && c < G_N_ELEMENTS (channels); c++) {
      const DmixFormat format = { 8000, channels[c] };

      g_test_message ("%s", processors[p].name);
      g_assert_cmpint (processors[p].make (&format), ==,
          channels[c] == 1 || channels[c] == 64);
    }
}

/* adrparams.h and activity.h, duckdepth.h have limits of their own. */
static void
test_times (void)
{
  const double steps_s[] = { 0.99e-5, 1e-5, 1.0, 1.01 };
  const struct
  {
    double line_ms, shift_ms;
    int good;
  } shapes[] = {
    { 1000, 0, 1 },
    { 999, 0, 0 },
    { 120000, 10000, 1 },
    { 120001, 0, 0 },
    { 1000, -1, 0 },
    { 1000, 10001, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps_s); i++) {
    DmixActivity *activity = dmix_activity_new (steps_s[i]);
    DmixDuckDepth *depth = dmix_duckdepth_new (steps_s[i], 0.0);

    g_assert_cmpint (activity != NULL, ==, i == 1 || i == 2);
    g_assert_cmpint (depth != NULL, ==, i == 1 || i == 2);
    dmix_activity_free (activity);
    dmix_duckdepth_free (depth);
  }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    const DmixAdrShape shape = {
      .rate_hz = 8000,
      .guide_channels = 1,
      .take_channels = 1,
      .max_line_ms = shapes[i].line_ms,
      .max_shift_ms = shapes[i].shift_ms,
    };
    DmixAdr *adr = dmix_adr_new (&shape, NULL, 0, NULL, 0);

    g_assert_cmpint (adr != NULL, ==, shapes[i].good);
    dmix_adr_free (adr);
  }
}

/* Makes and frees one; fails if it could or could not be made against `wanted`.
 */
#define ASK(wanted, maker, free_it)                                            \
  do {                                                                         \
    void *made = maker;                                                        \
                                                                               \
    g_assert_cmpint (made != NULL, ==, wanted);                                \
    free_it (made);                                                            \
  } while (0)

/* Each argument alone beyond its limit, and all of them at it. */
static void
test_arguments (void)
{
  const DmixFormat mono = { 48000, 1 };
  const DmixVector ahead = { 0, 1, 0 };
  DmixDopplerKernel *kernel = dmix_doppler_kernel_new ();

  ASK (1, dmix_adrline_new (1, 1, 0), dmix_adrline_free);
  ASK (0, dmix_adrline_new (0, 1, 0), dmix_adrline_free);
  ASK (0, dmix_adrline_new (1, 0, 0), dmix_adrline_free);
  ASK (1, dmix_align_new (1, 1, 1), dmix_align_free);
  ASK (0, dmix_align_new (0, 1, 1), dmix_align_free);
  ASK (0, dmix_align_new (1, 0, 1), dmix_align_free);
  ASK (0, dmix_align_new (1, 1, 0), dmix_align_free);
  ASK (1, dmix_warp_new (1), dmix_warp_free);
  ASK (0, dmix_warp_new (0), dmix_warp_free);
  ASK (1, dmix_speechfeatures_new (1, 1), dmix_speechfeatures_free);
  ASK (1, dmix_delay_new (0, 1), dmix_delay_free);
  ASK (1, dmix_lookahead_new (1u << 18), dmix_lookahead_free);
  ASK (1, dmix_noisetracker_new (1, 1, 0.01), dmix_noisetracker_free);
  ASK (1, dmix_detector_new (&mono, NULL, 1, 1), dmix_detector_free);
  ASK (1, dmix_truepeak_new (&mono, 1024), dmix_truepeak_free);
  ASK (0, dmix_truepeak_new (&mono, 1025), dmix_truepeak_free);
  ASK (1, dmix_kweight_new (48000, 1), dmix_kweight_free);
  ASK (0, dmix_kweight_new (48000, 0), dmix_kweight_free);
  ASK (1, dmix_levelcontrol_new (DMIX_LEVELCONTROL_MAX_AHEAD),
      dmix_levelcontrol_free);
  ASK (1, dmix_dialoguelevel_new (1e-5), dmix_dialoguelevel_free);
  ASK (1, dmix_dialoguelevel_new (1.0), dmix_dialoguelevel_free);
  ASK (0, dmix_dialoguelevel_new (0.99e-5), dmix_dialoguelevel_free);
  ASK (0, dmix_dialoguelevel_new (1.01), dmix_dialoguelevel_free);
  ASK (1, dmix_decimator_new (&mono, 1, 1000), dmix_decimator_free);
  ASK (1, dmix_decimator_new (&mono, 64, 300), dmix_decimator_free);
  ASK (0, dmix_decimator_new (&mono, 0, 300), dmix_decimator_free);
  ASK (0, dmix_decimator_new (&mono, 65, 300), dmix_decimator_free);
  ASK (0, dmix_decimator_new (&mono, 8, 0), dmix_decimator_free);
  ASK (0, dmix_decimator_new (&mono, 8, 3000), dmix_decimator_free);
  ASK (1, dmix_powerframe_new (3, 64, 1), dmix_powerframe_free);
  ASK (1, dmix_powerframe_new (64, 64, 1), dmix_powerframe_free);
  ASK (0, dmix_powerframe_new (2, 64, 1), dmix_powerframe_free);
  ASK (0, dmix_powerframe_new (65, 64, 1), dmix_powerframe_free);
  ASK (0, dmix_powerframe_new (3, 64, 0), dmix_powerframe_free);
  ASK (1, dmix_gainramp_new (1, 1, 0), dmix_gainramp_free);
  ASK (0, dmix_gainramp_new (0, 1, 0), dmix_gainramp_free);
  ASK (0, dmix_gainramp_new (1, 0, 0), dmix_gainramp_free);
  ASK (1, dmix_doppler_new (kernel, 48000, 1), dmix_doppler_free);
  ASK (1, dmix_doppler_new (kernel, 48000, 256), dmix_doppler_free);
  ASK (0, dmix_doppler_new (NULL, 48000, 1), dmix_doppler_free);
  ASK (0, dmix_doppler_new (kernel, 0, 1), dmix_doppler_free);
  ASK (0, dmix_doppler_new (kernel, 48000, 0), dmix_doppler_free);
  ASK (0, dmix_doppler_new (kernel, 48000, 257), dmix_doppler_free);
  ASK (1, dmix_sphere_new (&ahead, 1), dmix_sphere_free);
  ASK (0, dmix_sphere_new (&ahead, 0), dmix_sphere_free);
  ASK (0, dmix_sphere_new (NULL, 1), dmix_sphere_free);
  dmix_doppler_kernel_free (kernel);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ranges/rates", test_rates);
  g_test_add_func ("/ranges/channels", test_channels);
  g_test_add_func ("/ranges/times", test_times);
  g_test_add_func ("/ranges/arguments", test_arguments);
  return g_test_run ();
}
