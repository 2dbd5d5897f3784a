/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Memory that runs short: every _new() of dsp/ with its n-th allocation
 * failing, for all n, returns NULL and keeps nothing; and dialogue replacement,
 * which allocates while it works, says so. */
#include "shortmemory.h"
#include "spatial.h"
#include "speechrig.h"

#include "adr/adr.h"
#include "adr/adrcolour.h"
#include "adr/adrmarks.h"
#include "adr/adrqueue.h"
#include "adr/adrrender.h"
#include "adr/adrscene.h"
#include "adr/align.h"
#include "adr/alignpass.h"
#include "adr/eqmatch.h"
#include "adr/roomtone.h"
#include "adr/stretch.h"
#include "adr/warp.h"
#include "base/delay.h"
#include "base/fader.h"
#include "base/floats.h"
#include "base/lookahead.h"
#include "base/matrix.h"
#include "denoise/cepstralsnr.h"
#include "denoise/denoise.h"
#include "denoise/learnedgain.h"
#include "denoise/noisestart.h"
#include "denoise/noisetracker.h"
#include "denoise/speechgain.h"
#include "dialogue/dialogue.h"
#include "dialogue/learnedsplit.h"
#include "dialogue/loudnesskeeper.h"
#include "dialogue/splitfeatures.h"
#include "dialogue/splitter.h"
#include "dialogue/statisticalsplit.h"
#include "ducker/activity.h"
#include "ducker/dialoguelevel.h"
#include "ducker/duckcontrol.h"
#include "ducker/ducklistener.h"
#include "ducker/ducker.h"
#include "dynamics/ballistics.h"
#include "dynamics/detector.h"
#include "dynamics/dynamics.h"
#include "dynamics/dynamicsengine.h"
#include "dynamics/gaincurve.h"
#include "dynamics/levelcontrol.h"
#include "dynamics/leveller.h"
#include "dynamics/ringbuffer.h"
#include "dynamics/sidechain.h"
#include "meter/kweight.h"
#include "meter/dialoguemeter.h"
#include "meter/loudnesshistory.h"
#include "meter/stemmeter.h"
#include "meter/truepeak.h"
#include "net/net.h"
#include "net/netmodel.h"
#include "net/netrows.h"
#include "net/netsound.h"
#include "pan/air.h"
#include "pan/binaural.h"
#include "pan/doppler.h"
#include "pan/gainramp.h"
#include "pan/hrtfbank.h"
#include "pan/pan.h"
#include "pan/sofa.h"
#include "pan/sphere.h"
#include "pan/vbap.h"
#include "spectral/decimator.h"
#include "spectral/fft.h"
#include "spectral/fir.h"
#include "spectral/meanspectrum.h"
#include "spectral/powerframe.h"
#include "spectral/stft.h"
#include "speech/intelligibility.h"
#include "speech/melpower.h"
#include "speech/learnedactivity.h"
#include "speech/voicegain.h"
#include "speech/lowsound.h"
#include "speech/speechactivity.h"
#include "speech/speechbands.h"
#include "speech/voice.h"
#include "speech/voicefeatures.h"
#include "speech/voicemodel.h"
#include "speech/speechfeatures.h"

#define RATE 16000
#define HEAD_TAPS 32

static const DmixFormat format = { RATE, 6 };
static const DmixFormat mono = { RATE, 1 };
static const float weight[] = { 1, 1, 1, 0, 1.41f, 1.41f };
static DmixHrtf *head;    /* made before any test */
static DmixPan *space[3]; /* loudspeakers, headphones, Ambisonics */
static DmixBinaural *ears[2];
static DmixDopplerKernel *kernel;

/*** what takes arguments that have to be made ***/

static void *
make_head_again (void)
{
  DmixVector direction[14];
  float response[14 * 2 * HEAD_TAPS] = { 0 };
  const DmixHrtfData data = { 14, HEAD_TAPS, RATE, direction, response, NULL };

  for (unsigned d = 0; d < 14; d++) {
    direction[d] = dmix_vector_from_angles (d * 51.0, 60.0 * (d % 2));
    response[d * 2 * HEAD_TAPS + 5] = 1;
    response[(d * 2 + 1) * HEAD_TAPS + 7] = 1;
  }
  return dmix_hrtf_new (&data);
}

static void *
make_sphere (void)
{
  DmixVector point[50];

  for (unsigned i = 0; i < 50; i++)
    point[i] = dmix_vector_from_angles (i * 37.0, -80 + i * 3.2);
  return dmix_sphere_new (point, 50);
}

static void *
make_pan (DmixPanOutput output, int zero_latency)
{
  DmixLayout layout;
  const DmixPanFormat shape = { RATE, output, &layout, head, 3, zero_latency,
    1 };

  dmix_layout_from_name (&layout, "7.1.4");
  return dmix_pan_new (&shape);
}

/* From loudspeakers to headphones, and to another rate. */
static void *
make_pan_again (void)
{
  const DmixPanFormat shape = { RATE / 2, DMIX_PAN_BINAURAL, NULL, head, 0, 0,
    1 };
  DmixPan *old = make_pan (DMIX_PAN_SPEAKERS, 0);

  return old ? dmix_pan_renew (old, &shape) : NULL;
}

static void *
make_object (DmixPanOutput output)
{
  DmixLayout layout;

  dmix_layout_from_name (&layout, "5.1");
  return dmix_panobject_new (space[output], &layout);
}

static void *
make_stft (void)
{
  const DmixStftShape shape = {
    .channels = 6,
    .hop_frames = 64,
    .output_frames = 192,
    .window_frames = 192,
  };

  return dmix_stft_new (&shape);
}

extern const uint8_t dmix_net_trained[];
extern const size_t dmix_net_trained_size;

static const DmixSplitShape split = { 769, 31.25, 0.016, 768.0 };
static const DmixNetSpectrum spectrum = { 769, 31.25, 1.0 };
static const DmixGainShape gains = { 65, 62.5, 0.01, 1.0 };
static const DmixGainShape learned_gains = { 769, 31.25, 0.016, 1.0 };

static const DmixAdrShape adr_shape = {
  .learned = 1,
  .rate_hz = RATE,
  .guide_channels = 1,
  .take_channels = 2,
  .max_line_ms = 2000,
  .max_shift_ms = 300,
};
static const DmixAdrSync sync_point = { 0.5, 0.5 };
static const DmixAdrProtect protect = { 0.1, 0.2 };

/* Those that live in a struct of their owner. */
static void *
init_queue (void)
{
  static DmixAdrQueue queue;

  return dmix_adrqueue_init (&queue, &format) ? &queue : NULL;
}

static void *
init_marks (void)
{
  static DmixAdrMarks marks;

  return dmix_adrmarks_init (&marks, &sync_point, 1, &protect, 1, 0) ? &marks
                                                                     : NULL;
}

static void *
init_pass (void)
{
  static DmixAlignPass pass;

  return dmix_alignpass_init (&pass, 40, 40, 1600) ? &pass : NULL;
}

/*** all of them ***/

typedef void *Make (void);
typedef void Free (void *);

#define MAKER(name, call)                                                      \
  static void *make_##name (void)                                              \
  {                                                                            \
    return call;                                                               \
  }
#define EACH_NEW(X)                                                            \
  X (adr, dmix_adr_new (&adr_shape, &sync_point, 1, &protect, 1))              \
  X (adrcolour, dmix_adrcolour_new (&mono, &format))                           \
  X (adrline, dmix_adrline_new (60, 70, 300))                                  \
  X (adrrender, dmix_adrrender_new (&adr_shape))                               \
  X (align, dmix_align_new (60, 70, 20))                                       \
  X (roomtone, dmix_roomtone_new (&format, 1))                                 \
  X (stretch, dmix_stretch_new (&format))                                      \
  X (warp, dmix_warp_new (60))                                                 \
  X (delay, dmix_delay_new (100, 2))                                           \
  X (fader, dmix_fader_new (&format))                                          \
  X (floats, dmix_floats_new (100))                                            \
  X (lookahead, dmix_lookahead_new (20))                                       \
  X (matrix, dmix_matrix_new (6, 1, weight))                                   \
  X (cepstralsnr, dmix_cepstralsnr_new (&gains))                               \
  X (denoise, dmix_denoise_new (&format, DMIX_DENOISE_NORMAL, NULL))           \
  X (noisestart, dmix_noisestart_new (65, 46.9, 0.01))                         \
  X (noisetracker, dmix_noisetracker_new (65, 46.9, 0.01))                     \
  X (dialogue,                                                                 \
      dmix_dialogue_new (&format, weight, NULL, 50, DMIX_DIALOGUE_LEARNED))    \
  X (loudnesskeeper, dmix_loudnesskeeper_new (&format, weight, 32))            \
  X (splitfeatures, dmix_splitfeatures_new (&split))                           \
  X (splitter, dmix_splitter_new (&format, NULL, &dmix_statisticalsplit))      \
  X (net, dmix_net_new (NULL))                                                 \
  X (netmodel,                                                                 \
      dmix_netmodel_new (dmix_net_trained, dmix_net_trained_size, NULL))       \
  X (netrows, dmix_netrows_new (&spectrum))                                    \
  X (netsound, dmix_netsound_new (RATE))                                       \
  X (activity, dmix_activity_new (0.002))                                      \
  X (dialoguelevel, dmix_dialoguelevel_new (0.002))                            \
  X (duckcontrol, dmix_duckcontrol_new (&format, weight, 32, 800))             \
  X (duckdepth, dmix_duckdepth_new (0.002, 0.1))                               \
  X (ducker, dmix_ducker_new (&format, weight, 100))                           \
  X (duckgoal, dmix_duckgoal_new ())                                           \
  X (ducklistener, dmix_ducklistener_new (RATE, 32))                           \
  X (duckmeter, dmix_duckmeter_new (50))                                       \
  X (spectralduck, dmix_spectralduck_new (&format, 1600, 0.002, 0.05))         \
  X (ballistics, dmix_ballistics_new (256, 60))                                \
  X (detector, dmix_detector_new (&format, weight, 4, 60))                     \
  X (dynamics, dmix_dynamics_new (&format, weight))                            \
  X (dynamicsengine, dmix_dynamicsengine_new (&format, weight))                \
  X (gaincurve, dmix_gaincurve_new (6, 4, 64, 200))                            \
  X (levelcontrol, dmix_levelcontrol_new (20))                                 \
  X (leveller,                                                                 \
      dmix_leveller_new (&format, weight, NULL, DMIX_LEVELLER_ANALYSE, 0))     \
  X (ringbuffer, dmix_ringbuffer_new (6, 4, 100))                              \
  X (sidechain, dmix_sidechain_new (&format))                                  \
  X (kweight, dmix_kweight_new (RATE, 6))                                      \
  X (dialoguemeter, dmix_dialoguemeter_new (&format, NULL))                    \
  X (loudness, dmix_loudness_new (&format, weight, 1))                         \
  X (loudnesshistory, dmix_loudnesshistory_new ())                             \
  X (stemmeter, dmix_stemmeter_new (&format, weight))                          \
  X (truepeak, dmix_truepeak_new (&format, 0))                                 \
  X (air, dmix_air_new (RATE))                                                 \
  X (binaural, dmix_binaural_new (head, RATE, 0))                              \
  X (doppler_kernel, dmix_doppler_kernel_new ())                               \
  X (doppler, dmix_doppler_new (kernel, RATE, 16))                             \
  X (gainramp, dmix_gainramp_new (6, 16, 80))                                  \
  X (hrtfbank, dmix_hrtfbank_new (head, RATE, 64))                             \
  X (vbap, dmix_vbap_new (dmix_pan_layout ()))                                 \
  X (decimator, dmix_decimator_new (&format, 3, 2000))                         \
  X (fft, dmix_fft_new (256))                                                  \
  X (fir, dmix_fir_new (&format))                                              \
  X (meanspectrum, dmix_meanspectrum_new (&format))                            \
  X (powerframe, dmix_powerframe_new (400, 512, 1))                            \
  X (intelligibility, dmix_intelligibility_new ())                             \
  X (melpower, dmix_melpower_new (&format))                                    \
  X (learnedactivity, dmix_learnedactivity_new (RATE))                         \
  X (voicegain, dmix_voicegain_new (&format))                                  \
  X (lowsound, dmix_lowsound_new (RATE, 4, 1000.0, 240))                       \
  X (speechactivity, dmix_speechactivity_new (RATE))                           \
  X (speechbands, dmix_speechbands_new (RATE))                                 \
  X (voice, dmix_voice_new (&format, NULL))                                    \
  X (voicefeatures, dmix_voicefeatures_new (RATE))                             \
  X (voicemodel, dmix_voicemodel_new (&dmix_voice_learned))                    \
  X (speechfeatures, dmix_speechfeatures_new (60, 70))

/* Further shapes of some; their name is free, the first part of it chooses the
 * function that frees them. */
static const DmixLayout *
dmix_pan_layout (void)
{
  static DmixLayout layout;

  dmix_layout_from_name (&layout, "9.1.6");
  return &layout;
}

EACH_NEW (MAKER)
MAKER (ducker_at_once, dmix_ducker_new (&format, weight, 0))
MAKER (denoise_low, dmix_denoise_new (&mono, DMIX_DENOISE_LOW, NULL))
MAKER (splitter_learned, dmix_splitter_new (&format, NULL, &dmix_learnedsplit))
MAKER (binaural_at_once, dmix_binaural_new (head, RATE, 1))
MAKER (source, dmix_binaural_source_new (ears[0]))
MAKER (source_at_once, dmix_binaural_source_new (ears[1]))
MAKER (pan_speakers, make_pan (DMIX_PAN_SPEAKERS, 0))
MAKER (pan_binaural, make_pan (DMIX_PAN_BINAURAL, 0))
MAKER (pan_at_once, make_pan (DMIX_PAN_BINAURAL, 1))
MAKER (pan_ambisonic, make_pan (DMIX_PAN_AMBISONIC, 0))
MAKER (object_speakers, make_object (DMIX_PAN_SPEAKERS))
MAKER (object_binaural, make_object (DMIX_PAN_BINAURAL))
MAKER (object_ambisonic, make_object (DMIX_PAN_AMBISONIC))
MAKER (speechgain, dmix_speechgain.make (&gains))
MAKER (learnedgain, dmix_learnedgain.make (&learned_gains))

static void
free_learnedgain (void *state)
{
  dmix_learnedgain.free (state);
}

static void
free_speechgain (void *state)
{
  dmix_speechgain.free (state);
}

typedef struct
{
  const char *name;
  Make *make;
  Free *free;
} Case;

#define ROW(name, call) { #name, make_##name, (Free *) dmix_##name##_free },
#define MORE(name, free)                                                       \
  {                                                                            \
#name, make_##name, (Free *) free                                          \
  }

static const Case all[] = {
  EACH_NEW (ROW) MORE (ducker_at_once, dmix_ducker_free),
  MORE (denoise_low, dmix_denoise_free),
  MORE (splitter_learned, dmix_splitter_free),
  MORE (binaural_at_once, dmix_binaural_free),
  MORE (source, dmix_binaural_source_free),
  MORE (source_at_once, dmix_binaural_source_free),
  MORE (pan_speakers, dmix_pan_free),
  MORE (pan_binaural, dmix_pan_free),
  MORE (pan_at_once, dmix_pan_free),
  MORE (pan_ambisonic, dmix_pan_free),
  MORE (object_speakers, dmix_panobject_free),
  MORE (object_binaural, dmix_panobject_free),
  MORE (object_ambisonic, dmix_panobject_free),
  MORE (speechgain, free_speechgain),
  MORE (learnedgain, free_learnedgain),
  { "pan_renewed", make_pan_again, (Free *) dmix_pan_free },
  { "hrtf", make_head_again, (Free *) dmix_hrtf_free },
  { "sphere", make_sphere, (Free *) dmix_sphere_free },
  { "stft", make_stft, (Free *) dmix_stft_free },
  { "adrqueue", init_queue, (Free *) dmix_adrqueue_free },
  { "adrmarks", init_marks, (Free *) dmix_adrmarks_free },
  { "alignpass", init_pass, (Free *) dmix_alignpass_free },
};

static void
test_new (gconstpointer data)
{
  const Case *c = data;
  const gint before = short_live;
  gboolean failed = TRUE;

  for (gint n = 0; failed; n++) {
    void *made;

    short_begin (n);
    made = c->make ();
    failed = short_failed;
    short_begin (-1);
    if (failed && made)
      g_error ("%s: allocation %d failed, and nothing is said of it", c->name,
          n);
    g_assert_true (failed || made);
    if (made)
      c->free (made);
    if (short_live != before)
      g_error ("%s: with allocation %d failing %d blocks are kept", c->name, n,
          short_live - before);
  }
}

/*** dialogue replacement allocates while it works ***/

typedef struct
{
  float *guide, *take;
  size_t frames[2];
} Dialogue;

/* FALSE if memory ran short. */
static gboolean
push (DmixAdr *adr, DmixAdrSide side, const float *in, size_t frames,
    size_t *at)
{
  while (dmix_adr_wants (adr, side)) {
    const size_t now = MIN (4000, frames - *at);

    if (!(now > 0 ? dmix_adr_push (adr, side, in + *at, now)
                  : dmix_adr_end (adr, side)))
      return FALSE;
    *at += now;
  }
  return TRUE;
}

static gboolean
replace (const Dialogue *d)
{
  const DmixAdrShape shape = { RATE, 1, 1, 3000, 300, 0 };
  const DmixAdrParams params = {
    .line_gap_ms = 300,
    .max_stretch = 2,
    .strength = 1,
    .min_confidence = 0.5,
    .tolerance_ms = 3,
    .match_eq = 1,
    .eq_limit_db = 12,
    .match_level = 1,
    .tone = DMIX_ADR_TONE_FULL,
  };
  DmixAdr *adr = dmix_adr_new (&shape, NULL, 0, NULL, 0);
  size_t at[2] = { 0, 0 };
  gboolean good = adr != NULL;
  DmixAdrReport report;
  float out[1000];
  int ready;

  if (!adr)
    return FALSE;
  dmix_adr_set_params (adr, &params);
  dmix_adr_reset (adr);
  while (good && !dmix_adr_is_finished (adr)) {
    good = push (adr, DMIX_ADR_GUIDE, d->guide, d->frames[0], &at[0])
        && push (adr, DMIX_ADR_TAKE, d->take, d->frames[1], &at[1]);
    ready = good ? dmix_adr_next_line (adr, &report) : -1;
    good = ready >= 0;
    while (ready > 0 && dmix_adr_read (adr, out, 1000) > 0)
      ;
  }
  dmix_adr_free (adr);
  return good;
}

static void
test_replace (void)
{
  const RigText text = rig_text (1);
  const gint before = short_live;
  double start[RIG_SYLLABLES + 1];
  gboolean failed = TRUE;
  gint calls = 0;
  Dialogue d;

  d.guide = rig_speak (&text, NULL, 110, RATE, start, &d.frames[0]);
  d.take = rig_speak (&text, NULL, 140, RATE, start, &d.frames[1]);
  d.frames[0] = d.frames[1] = 2 * RATE;
  for (gint n = 0; failed; n++, calls++) {
    gboolean good;

    short_begin (n);
    good = replace (&d);
    failed = short_failed;
    short_begin (-1);
    g_assert_true (good == !failed);
    g_assert_cmpint (short_live, ==, before);
  }
  g_assert_cmpint (calls, >, 100);
  g_free (d.guide);
  g_free (d.take);
}

/*** files ***/

static void
test_sofa (void)
{
  const gint before = short_live;
  gboolean failed = TRUE;
  char reason[200];
  DmixHrtf *made = dmix_sofa_load (NULL, reason, sizeof reason);

  if (!made) {
    g_test_skip (reason);
    return;
  }
  dmix_hrtf_free (made);
  for (gint n = 0; failed; n++) {
    *reason = '\0';
    short_begin (n);
    made = dmix_sofa_load (NULL, reason, sizeof reason);
    failed = short_failed;
    short_begin (-1);
    g_assert_true ((made == NULL) == failed);
    if (failed)
      g_assert_nonnull (strstr (reason, "memory"));
    dmix_hrtf_free (made);
    g_assert_cmpint (short_live, ==, before);
  }
}

int
main (int argc, char **argv)
{
  int failures, shared;

  g_test_init (&argc, &argv, NULL);
  dmix_netmodel_trained (); /* stays, shared by all */
  shared = short_live;
  head = make_head (RATE);
  for (int i = 0; i < 3; i++)
    space[i] = make_pan ((DmixPanOutput) i, 0);
  for (int i = 0; i < 2; i++)
    ears[i] = dmix_binaural_new (head, RATE, i);
  kernel = dmix_doppler_kernel_new ();
  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    char *path = g_strconcat ("/nomemory/", all[i].name, NULL);

    g_test_add_data_func (path, &all[i], test_new);
    g_free (path);
  }
  g_test_add_func ("/nomemory/replace", test_replace);
  g_test_add_func ("/nomemory/sofa-file", test_sofa);
  failures = g_test_run ();
  for (int i = 0; i < 3; i++)
    dmix_pan_free (space[i]);
  for (int i = 0; i < 2; i++)
    dmix_binaural_free (ears[i]);
  dmix_hrtf_free (head);
  dmix_doppler_kernel_free (kernel);
  g_assert_cmpint (short_live, ==, shared);
  return failures;
}
