/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* No allocation in anything that runs on a streaming thread: malloc and its
 * relatives are counted (the linker's --wrap). */
#include "signals.h"

#include "denoise/denoise.h"
#include "dialogue/dialogue.h"
#include "ducker/ducker.h"
#include "dynamics/dynamics.h"
#include "dynamics/leveller.h"
#include "meter/loudness.h"
#include "speech/learnedactivity.h"
#include "speech/speechactivity.h"
#include "meter/truepeak.h"
#include "pan/pan.h"
#include "spatial.h"

static volatile int counting, calls;

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *old, size_t size);
void __real_free (void *memory);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *old, size_t size);
void __wrap_free (void *memory);

void *
__wrap_malloc (size_t size)
{
  calls += counting;
  return __real_malloc (size);
}

void *
__wrap_calloc (size_t count, size_t size)
{
  calls += counting;
  return __real_calloc (count, size);
}

void *
__wrap_realloc (void *old, size_t size)
{
  calls += counting;
  return __real_realloc (old, size);
}

void
__wrap_free (void *memory)
{
  calls += counting;
  __real_free (memory);
}

static void
run_ducker (void)
{
  const DmixFormat format = { 48000, 6 };
  DmixDucker *ducker = dmix_ducker_new (&format, NULL, 100);
  DmixDuckerParams params = {
    .mode = DMIX_DUCK_TARGET,
    .target_lu = 15,
    .range_db = 15,
    .release_ms = 250,
    .open_db = -16,
    .close_db = -24,
    .floor_lufs = -50,
    .hold_ms = 400,
    .mix = 1,
  };
  DmixDuckerMeter meter;
  static float background[6 * 480], dialogue[6 * 480];

  dmix_ducker_set_params (ducker, &params); /* Orc compiles its kernels */
  dmix_ducker_process (ducker, background, dialogue, 480);
  for (int block = 0; block < 1000; block++) {
    fill_noise (background, 6 * 480, 0.1, block);
    fill_noise (dialogue, 6 * 480, block / 100 % 2 ? 0.2 : 0.0, block);
    params.dialogue_gain_db = block % 7 - 3;
    params.trigger =
        block / 40 % 2 ? DMIX_DUCK_TRIGGER_SPEECH : DMIX_DUCK_TRIGGER_LEVEL;
    params.goal = block / 60 % 3;
    params.spectral_db = block / 80 % 2 ? 12 : 0;
    params.spectral_target_lu = 20;
    counting = block > 300; /* by then every path has been taken once */
    dmix_ducker_set_params (ducker, &params);
    dmix_ducker_process (ducker, background, dialogue, 480);
    dmix_ducker_read_meter (ducker, &meter);
    if (block == 900)
      dmix_ducker_reset (ducker);
    counting = 0;
  }
  dmix_ducker_free (ducker);
}

static void
run_denoise (DmixDenoiseEstimator estimator)
{
  const DmixFormat format = { 48000, 6 };
  DmixDenoise *denoise = dmix_denoise_new (&format, DMIX_DENOISE_NORMAL,
      dmix_denoise_find_estimator (estimator, &format, DMIX_DENOISE_NORMAL));
  DmixDenoiseParams params = { 0 };
  DmixDenoiseMeter meter;
  DmixNoiseProfile profile;
  static float io[6 * 480];

  dmix_denoise_set_params (denoise, &params);
  for (int block = 0; block < 1000; block++) {
    fill_noise (io, 6 * 480, block / 100 % 2 ? 0.2 : 0.0, block);
    params = (DmixDenoiseParams){
      .reduction_db = block % 40,
      .noise = block / 50 % 3,
      .learn = block / 70 % 2,
      .residual = block / 30 % 2,
      .link = block / 110 % 2,
      .bypass = block / 130 % 2,
    };
    counting = block > 300;
    dmix_denoise_set_params (denoise, &params);
    dmix_denoise_process (denoise, io, 480);
    dmix_denoise_read_meter (denoise, &meter);
    dmix_denoise_get_profile (denoise, &profile);
    if (block % 200 == 0)
      dmix_denoise_set_profile (denoise, &profile);
    if (block == 900)
      dmix_denoise_reset (denoise);
    counting = 0;
  }
  dmix_denoise_free (denoise);
}

static void
run_dialogue (DmixDialogueEstimator estimator)
{
  const DmixFormat format = { 48000, 6 };
  const DmixVoicePlace place[6] = { DMIX_VOICE_LEFT, DMIX_VOICE_RIGHT,
    DMIX_VOICE_CENTRE };
  DmixDialogue *dialogue =
      dmix_dialogue_new (&format, NULL, place, 50, estimator);
  DmixDialogueReport report;
  static float io[6 * 480];

  for (int block = 0; block < 700; block++) {
    const DmixDialogueParams params = {
      .boost_db = block / 50 % 7,
      .duck_db = block / 30 % 20,
      .target_lu = block / 90 % 2 * 15,
      .goal = block / 60 % 3,
      .intelligibility = 0.5,
      .range_db = 20,
      .spectral_db = block / 80 % 2 * 6,
      .hold_ms = 100,
      .release_ms = 100,
      .output = block / 70 % 3,
      .keep_loudness = block / 40 % 2,
      .ceiling_dbtp = -1,
      .bypass = block / 130 % 2,
    };

    fill_noise (io, 6 * 480, block / 100 % 2 ? 0.2 : 0.0, block);
    counting = 1;
    dmix_dialogue_set_params (dialogue, &params);
    dmix_dialogue_process (dialogue, io, 480);
    dmix_dialogue_read_meter (dialogue, &report);
    if (block == 600)
      dmix_dialogue_reset (dialogue);
    counting = 0;
  }
  dmix_dialogue_free (dialogue);
}

static void
run_meter (void)
{
  const DmixFormat format = { 44100, 6 };
  DmixLoudness *loudness = dmix_loudness_new (&format, NULL, 1);
  DmixSpeechActivity *speech = dmix_speechactivity_new (44100);
  DmixLearnedActivity *learned = dmix_learnedactivity_new (44100);
  DmixLoudnessReading reading;
  DmixDialogueReading dialogue;
  static float sound[6 * 480];

  g_assert_true (dmix_loudness_add_dialogue (loudness, NULL));
  for (int block = 0; block < 500; block++) {
    fill_noise (sound, 6 * 480, 0.1, block);
    counting = 1;
    dmix_loudness_measure_dialogue (loudness, block % 100 < 80);
    dmix_loudness_set_detector (loudness,
        block % 50 < 25 ? DMIX_VOICE_LEARNED : DMIX_VOICE_STATISTICAL);
    dmix_loudness_process (loudness, sound, 480);
    dmix_loudness_read (loudness, &reading);
    dmix_loudness_read_dialogue (loudness, &dialogue);
    dmix_speechactivity_process (speech, sound, sound + 480, 480);
    dmix_learnedactivity_process (learned, sound, NULL, 480);
    if (block == 400)
      dmix_loudness_interrupt (loudness);
    if (block == 425)
      dmix_loudness_finish (loudness);
    if (block == 450) {
      dmix_loudness_reset (loudness);
      dmix_speechactivity_reset (speech);
      dmix_learnedactivity_reset (learned);
    }
    counting = 0;
  }
  dmix_loudness_free (loudness);
  dmix_speechactivity_free (speech);
  dmix_learnedactivity_free (learned);
}

static void
run_leveller (DmixLevellerMode mode)
{
  const DmixFormat format = { 48000, 3 };
  DmixLeveller *leveller = dmix_leveller_new (&format, NULL, NULL, mode, 500);
  DmixLevellerMeter reading;
  static float block[3 * 480];

  for (int n = 0; n < 1000; n++) {
    const DmixLevellerParams params = {
      .control = { -20 - n % 10, 12, 12, 6, -50 },
      .anchor = (DmixLevellerAnchor) (n / 200 % 2),
      .gain_db = n % 7,
      .ceiling_dbtp = -1 - n / 50 % 10,
      .bypass = n % 90 < 10,
    };

    fill_noise (block, 3 * 480, n % 20 < 12 ? 0.2 : 0.01, n);
    counting = n > 0; /* Orc compiles its kernels */
    dmix_leveller_set_params (leveller, &params);
    dmix_leveller_process (leveller, block, 480);
    dmix_leveller_read_meter (leveller, &reading);
    if (n % 300 == 299)
      dmix_leveller_reset (leveller);
    counting = 0;
  }
  dmix_leveller_free (leveller);
}

/* All modes and detectors, with changes of everything while it runs. */
static void
run_dynamics (void)
{
  const DmixFormat format = { 48000, 3 };
  DmixDynamics *dynamics = dmix_dynamics_new (&format, NULL);
  DmixTruePeak *meter = dmix_truepeak_new (&format, 0);
  DmixDynamicsMeter reading;
  static float block[3 * 480];

  for (int n = 0; n < 2000; n++) {
    const DmixDynamicsParams params = {
      .mode = (DmixDynamicsMode) (n / 20 % 5),
      .threshold_db = -30,
      .ratio = 4,
      .detector = (DmixDetectorKind) (n / 100 % 3),
      .rms_window_ms = n % 50,
      .attack_ms = 1,
      .release_ms = 50,
      .lookahead_ms = n / 10 % 4 * 30,
      .link = n % 3 / 2.0,
      .highpass_hz = n % 4 * 100,
      .range_db = 60,
      .mix = 1,
      .bypass = n % 17 == 0,
    };

    fill_noise (block, 3 * 480, 0.1, n);
    counting = 1;
    dmix_dynamics_set_params (dynamics, &params);
    dmix_dynamics_process (dynamics, block, 480);
    dmix_dynamics_read_meter (dynamics, &reading);
    while (dmix_dynamics_catch_up (dynamics, block, 480) > 0)
      ;
    dmix_truepeak_process (meter, block, 480);
    if (n % 900 == 0)
      dmix_dynamics_reset (dynamics);
    counting = 0;
  }
  dmix_dynamics_free (dynamics);
  dmix_truepeak_free (meter);
}

/* Three sources that move all the time, to each kind of output. */
static void
run_pan (void)
{
  DmixHrtf *head = make_head (44100);
  DmixLayout layout, stereo;

  dmix_layout_from_name (&layout, "7.1.4");
  dmix_layout_from_name (&stereo, "stereo");
  for (int kind = 0; kind < 3; kind++) {
    const DmixPanFormat format = {
      48000,
      (DmixPanOutput) kind,
      &layout,
      head,
      3,
      0,
      1,
    };
    DmixPanParams params = {
      .width_deg = 60,
      .air = 1,
      .near_field = 1,
      .distance = { DMIX_DISTANCE_INVERSE, 1, 1, 100, 1 },
    };
    DmixPan *space = dmix_pan_new (&format);
    DmixPanObject *object[3];
    static float in[2 * 480], out[16 * 480];
    const float *sample[3] = { in, in, in };

    for (int o = 0; o < 3; o++)
      object[o] = dmix_panobject_new (space, &stereo);
    for (int block = 0; block < 200; block++) {
      fill_noise (in, 2 * 480, 0.1, block);
      counting = 1;
      for (int o = 0; o < 3; o++) {
        params.azimuth_deg = block * 7 + o * 90;
        params.distance.distance_m = 1 + block % 50;
        params.spread_deg = block % 3 * 30;
        params.bypass = block % 40 == 39;
        dmix_panobject_set_params (object[o], &params);
      }
      dmix_pan_process (space, object, sample, 3, out, 480);
      if (block == 150)
        dmix_pan_reset (space);
      counting = 0;
    }
    for (int o = 0; o < 3; o++)
      dmix_panobject_free (object[o]);
    dmix_pan_free (space);
  }
  dmix_hrtf_free (head);
}

int
main (void)
{
  run_ducker ();
  run_dynamics ();
  for (int mode = 0; mode < 3; mode++)
    run_leveller ((DmixLevellerMode) mode);
  run_denoise (DMIX_DENOISE_STATISTICAL);
  run_denoise (DMIX_DENOISE_LEARNED);
  run_dialogue (DMIX_DIALOGUE_STATISTICAL);
  run_dialogue (DMIX_DIALOGUE_LEARNED);
  run_pan ();
  run_meter ();
  g_print ("%d calls of the allocator\n", calls);
  return calls ? 1 : 0;
}
