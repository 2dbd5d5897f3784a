/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A processor that has been reset after a loud, broken-off input equals a new
 * one: the same input gives the same bits. */
#include "signals.h"

#include "adr/roomtone.h"
#include "denoise/denoise.h"
#include "dialogue/dialogue.h"
#include "ducker/ducker.h"
#include "dynamics/dynamics.h"
#include "dynamics/leveller.h"
#include "meter/kweight.h"
#include "meter/stemmeter.h"
#include "pan/doppler.h"
#include "pan/gainramp.h"
#include "spectral/decimator.h"
#include "spectral/fir.h"
#include "speech/melpower.h"

enum
{
  RATE = 48000,
  FRAMES = 3 * RATE / 2,
  STEP = 64
};

static const DmixFormat stereo = { RATE, 2 };

/* Stereo in and out, FRAMES at most; mono processors take the first half. */
typedef struct
{
  const char *name;
  void *(*make) (int variant);
  void (*process) (void *self, const float *in, size_t frames, float *out);
  void (*reset) (void *self);
  void (*free_it) (void *self);
  int variants;
} Processor;

#define RESET_AND_FREE(name, Type)                                             \
  static void name##_reset (void *self)                                        \
  {                                                                            \
    dmix_##name##_reset ((Type *) self);                                       \
  }                                                                            \
  static void name##_free (void *self)                                         \
  {                                                                            \
    dmix_##name##_free ((Type *) self);                                        \
  }

RESET_AND_FREE (dialogue, DmixDialogue)
RESET_AND_FREE (ducker, DmixDucker)
RESET_AND_FREE (dynamics, DmixDynamics)
RESET_AND_FREE (leveller, DmixLeveller)
RESET_AND_FREE (stemmeter, DmixStemMeter)
RESET_AND_FREE (kweight, DmixKWeight)
RESET_AND_FREE (doppler, DmixDoppler)
RESET_AND_FREE (gainramp, DmixGainRamp)
RESET_AND_FREE (roomtone, DmixRoomTone)
RESET_AND_FREE (fir, DmixFir)
RESET_AND_FREE (decimator, DmixDecimator)
RESET_AND_FREE (melpower, DmixMelPower)

/*** noise reduction: latencies, link ***/

/* Another recording: the noise estimate outlives _reset() alone. */
static void
denoise_reset (void *self)
{
  dmix_denoise_reset (self);
  dmix_denoise_forget (self);
}

static void
denoise_free (void *self)
{
  dmix_denoise_free (self);
}

static void *
denoise_make (int variant)
{
  const DmixDenoiseParams params = {
    .reduction_db = 20,
    .link = variant < 2,
  };
  DmixDenoise *self = dmix_denoise_new (&stereo,
      variant % 2 ? DMIX_DENOISE_LOW : DMIX_DENOISE_NORMAL, NULL);

  dmix_denoise_set_params (self, &params);
  return self;
}

static void
denoise_process (void *self, const float *in, size_t frames, float *out)
{
  DmixDenoiseMeter meter;

  memcpy (out, in, 2 * frames * sizeof *in);
  dmix_denoise_process (self, out, frames);
  dmix_denoise_read_meter (self, &meter);
  out[0] = (float) meter.voice_activity;
  out[1] = (float) meter.noise_db;
  out[2] = (float) meter.reduction_db;
}

/*** dialogue: estimators, stems ***/

static void *
dialogue_make (int variant)
{
  const DmixDialogueParams params = {
    .boost_db = 6,
    .target_lu = 12,
    .range_db = 12,
    .spectral_db = variant == 1 ? 6 : 0,
    .hold_ms = 200,
    .release_ms = 200,
    .output = variant == 2 ? DMIX_DIALOGUE_VOICE : DMIX_DIALOGUE_MIX,
    .keep_loudness = 1,
    .ceiling_dbtp = -6,
  };
  DmixDialogue *self = dmix_dialogue_new (&stereo, NULL, NULL, 20,
      variant % 2 ? DMIX_DIALOGUE_STATISTICAL : DMIX_DIALOGUE_LEARNED);

  dmix_dialogue_set_params (self, &params);
  return self;
}

static void
dialogue_process (void *self, const float *in, size_t frames, float *out)
{
  DmixDialogueReport report;

  memcpy (out, in, 2 * frames * sizeof *in);
  dmix_dialogue_process (self, out, frames);
  dmix_dialogue_read_meter (self, &report);
  out[0] = (float) report.speech;
  out[1] = (float) report.duck_db;
  out[2] = (float) report.loudness_gain_db;
  out[3] = (float) report.background_lufs;
}

/*** ducker: triggers, goals, bands ***/

static void *
ducker_make (int variant)
{
  const DmixDuckerParams params = {
    .trigger = variant % 2 ? DMIX_DUCK_TRIGGER_SPEECH : DMIX_DUCK_TRIGGER_LEVEL,
    .mode = DMIX_DUCK_TARGET,
    .target_lu = 15,
    .range_db = 15,
    .goal = variant == 2 ? DMIX_DUCK_GOAL_SII : DMIX_DUCK_GOAL_DIFFERENCE,
    .intelligibility = 0.7,
    .spectral_db = variant == 3 ? 12 : 0,
    .spectral_target_lu = 10,
    .attack_ms = 20,
    .hold_ms = 200,
    .release_ms = 250,
    .open_db = -16,
    .close_db = -24,
    .floor_lufs = -60,
    .mix = 1,
  };
  DmixDucker *self = dmix_ducker_new (&stereo, NULL, variant == 1 ? 0 : 50);

  dmix_ducker_set_params (self, &params);
  return self;
}

static void
ducker_process (void *self, const float *in, size_t frames, float *out)
{
  float *dialogue = g_new (float, 2 * frames);
  DmixDuckerMeter meter;

  for (size_t i = 0; i < 2 * frames; i++) {
    const double syllable = fmod ((double) i / RATE, 0.5) < 0.3;

    dialogue[i] = (float) (0.3 * syllable * sin (0.02 * (double) i)
        * sin (3e-4 * (double) i));
  }
  memcpy (out, in, 2 * frames * sizeof *in);
  dmix_ducker_process (self, out, dialogue, frames);
  dmix_ducker_read_meter (self, &meter);
  g_free (dialogue);
}

/*** dynamics: modes and detectors ***/

static void *
dynamics_make (int variant)
{
  const DmixDynamicsParams params = {
    .mode = (DmixDynamicsMode) variant,
    .threshold_db = -24,
    .ratio = 4,
    .knee_db = 6,
    .attack_ms = 5,
    .hold_ms = 20,
    .release_ms = 80,
    .auto_release = variant == 0,
    .lookahead_ms = 3,
    .detector = (DmixDetectorKind) (variant % 3),
    .rms_window_ms = 20,
    .mix = 1,
    .range_db = 40,
    .link = 0.5,
    .highpass_hz = variant == 2 ? 100 : 0,
    .lowpass_hz = variant == 3 ? 5000 : 1e6,
    .ceiling_dbtp = -20,
  };
  DmixDynamics *self = dmix_dynamics_new (&stereo, NULL);

  dmix_dynamics_set_params (self, &params);
  return self;
}

static void
dynamics_process (void *self, const float *in, size_t frames, float *out)
{
  memcpy (out, in, 2 * frames * sizeof *in);
  dmix_dynamics_process (self, out, frames);
}

/*** leveller: modes ***/

static void *
leveller_make (int variant)
{
  const DmixLevellerParams params = {
    .control = { -20, 30, 30, 20, -70 },
    .anchor = DMIX_LEVELLER_PROGRAMME,
    .gain_db = 6,
    .ceiling_dbtp = -6,
  };
  DmixLeveller *self =
      dmix_leveller_new (&stereo, NULL, NULL, (DmixLevellerMode) variant, 100);

  dmix_leveller_set_params (self, &params);
  return self;
}

static void
leveller_process (void *self, const float *in, size_t frames, float *out)
{
  memcpy (out, in, 2 * frames * sizeof *in);
  dmix_leveller_process (self, out, frames);
}

/*** meters ***/

static void *
stemmeter_make (int variant)
{
  (void) variant;
  return dmix_stemmeter_new (&stereo, NULL);
}

static void
stemmeter_process (void *self, const float *in, size_t frames, float *out)
{
  DmixStemMeterReading r;
  float *dialogue = g_memdup2 (in, 2 * frames * sizeof *in);

  for (size_t i = 0; i < 2 * frames; i++)
    dialogue[i] *= (float) sin (1e-4 * (double) i);
  memset (&r, 0, sizeof r);
  dmix_stemmeter_process (self, in, dialogue, 0.5f, 0, frames);
  dmix_stemmeter_read (self, &r);
  g_assert_cmpuint (sizeof r, <=, 2 * frames * sizeof *out);
  memcpy (out, &r, sizeof r);
  out[sizeof r / sizeof *out] = (float) dmix_stemmeter_get_true_peak (self, 1);
  g_free (dialogue);
}

static void *
kweight_make (int variant)
{
  (void) variant;
  return dmix_kweight_new (RATE, 2);
}

static void
kweight_process (void *self, const float *in, size_t frames, float *out)
{
  for (size_t done = 0; done + STEP <= frames; done += STEP) {
    const float *lane[] = { in + 2 * done, in + 2 * done + 1 };
    double energy[2] = { 0.0 };

    dmix_kweight_process (self, lane, 2, STEP, energy);
    dmix_kweight_settle (self);
    out[done / STEP] = (float) (energy[0] + 3.0 * energy[1]);
  }
}

/*** pan ***/

static DmixDopplerKernel *kernel;

static void *
doppler_make (int variant)
{
  (void) variant;
  return dmix_doppler_new (kernel, RATE, STEP);
}

static void
doppler_process (void *self, const float *in, size_t frames, float *out)
{
  memcpy (out, in, frames * sizeof *in);
  for (size_t done = 0; done + STEP <= frames; done += STEP) {
    dmix_doppler_set_distance (self, 5.0 + 1e-4 * (double) done);
    dmix_doppler_process (self, out + done, 0, STEP);
  }
}

static void *
gainramp_make (int variant)
{
  (void) variant;
  return dmix_gainramp_new (1, STEP, 240.0);
}

static void
gainramp_process (void *self, const float *in, size_t frames, float *out)
{
  for (size_t done = 0; done + STEP <= frames; done += STEP) {
    const double gain = 0.2 + (double) (done / RATE % 2);

    dmix_gainramp_set_gains (self, &gain);
    dmix_gainramp_step (self);
    dmix_gainramp_add (self, in + done, 0, STEP, out + done, FRAMES);
  }
}

/*** ADR and filters ***/

static void *
roomtone_make (int variant)
{
  double power[257];
  DmixRoomTone *self = dmix_roomtone_new (&stereo, 5);

  (void) variant;
  for (int b = 0; b < 257; b++)
    power[b] = 1e-6 / (1 + b);
  dmix_roomtone_set_spectrum (self, power, 257);
  return self;
}

static void
roomtone_process (void *self, const float *in, size_t frames, float *out)
{
  double power[257];

  (void) in;
  for (int b = 0; b < 257; b++)
    power[b] = 1e-6 / (1 + b);
  dmix_roomtone_set_spectrum (self, power, 257);
  dmix_roomtone_process (self, out, frames);
}

static void *
fir_make (int variant)
{
  DmixFir *self = dmix_fir_new (&stereo);

  (void) variant;
  return self;
}

static void
fir_process (void *self, const float *in, size_t frames, float *out)
{
  const unsigned bins = dmix_fir_bins (self);
  float *magnitude = g_new (float, bins);

  for (unsigned b = 0; b < bins; b++)
    magnitude[b] = 1.0f / (1.0f + 0.01f * (float) b);
  dmix_fir_set_response (self, magnitude);
  memcpy (out, in, 2 * frames * sizeof *in);
  dmix_fir_process (self, out, frames);
  g_free (magnitude);
}

static void *
decimator_make (int variant)
{
  (void) variant;
  return dmix_decimator_new (&stereo, 3, 7000.0);
}

static void
decimator_process (void *self, const float *in, size_t frames, float *out)
{
  for (size_t done = 0, count = 0; done < frames; done += 500)
    count += dmix_decimator_process (self, in + 2 * done,
        MIN (500, frames - done), out + count, FRAMES);
}

static void *
melpower_make (int variant)
{
  (void) variant;
  return dmix_melpower_new (&stereo);
}

static void
melpower_process (void *self, const float *in, size_t frames, float *out)
{
  float *rows =
      g_new0 (float, DMIX_MEL_BANDS *dmix_melpower_max_rows (self, frames));
  const size_t count = dmix_melpower_process (self, in, frames, rows);

  memcpy (out, rows, MIN (count * DMIX_MEL_BANDS, FRAMES) * sizeof *rows);
  out[FRAMES] = (float) count;
  g_free (rows);
}

#define PROCESSOR(name, variants)                                              \
  {                                                                            \
#name, name##_make, name##_process, name##_reset, name##_free, variants    \
  }

static const Processor processors[] = {
  PROCESSOR (denoise, 3),
  PROCESSOR (dialogue, 3),
  PROCESSOR (ducker, 4),
  PROCESSOR (dynamics, 5),
  PROCESSOR (leveller, 3),
  PROCESSOR (stemmeter, 1),
  PROCESSOR (kweight, 1),
  PROCESSOR (doppler, 1),
  PROCESSOR (gainramp, 1),
  PROCESSOR (roomtone, 1),
  PROCESSOR (fir, 1),
  PROCESSOR (decimator, 1),
  PROCESSOR (melpower, 1),
};

static void
test_reset (void)
{
  static float before[2 * FRAMES], in[2 * FRAMES], out[2][2 * FRAMES];

  kernel = dmix_doppler_kernel_new ();
  fill_noise (before, 2 * FRAMES, 0.5, 3);
  fill_noise (in, 2 * FRAMES, 0.1, 4);
  for (size_t i = 0; i < 2 * FRAMES; i++)
    in[i] *= (float) (0.6 + 0.4 * sin (2e-4 * (double) i));
  for (guint p = 0; p < G_N_ELEMENTS (processors); p++)
    for (int v = 0; v < processors[p].variants; v++) {
      g_test_message ("%s %d", processors[p].name, v);
      for (int again = 0; again < 2; again++) {
        void *self = processors[p].make (v);

        g_assert_nonnull (self);
        memset (out[again], 0, sizeof out[again]);
        if (again) {
          /* not a multiple of any block or step */
          processors[p].process (self, before, FRAMES - 12345, out[1]);
          processors[p].reset (self);
          memset (out[1], 0, sizeof out[1]);
        }
        processors[p].process (self, in, FRAMES, out[again]);
        processors[p].free_it (self);
      }
      for (size_t i = 0; i < 2 * FRAMES; i++)
        if (out[0][i] != out[1][i])
          g_error ("%s %d: sample %zu: %g, %g", processors[p].name, v, i,
              out[0][i], out[1][i]);
    }
  dmix_doppler_kernel_free (kernel);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reset/equals-new", test_reset);
  return g_test_run ();
}
