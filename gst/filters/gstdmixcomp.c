/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixcomp
 * @title: dmixcomp
 *
 * Controls dynamic range: a compressor, true-peak limiter, expander, gate and
 * upward compressor for the ambience under a dialogue, for dialogue and for the
 * finished mix. It looks ahead, keeps timestamps exact and posts its gain
 * reduction and levels as messages.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=rain.flac ! decodebin ! audioconvert \
 *     ! dmixcomp threshold=-35 ratio=2.5 ! audioconvert ! autoaudiosink
 * ]| You hear the rain without its gusts.
 * |[
 * gst-launch-1.0 filesrc location=speech.wav ! decodebin ! audioconvert \
 *     ! dmixcomp mode=limit ceiling=-1 makeup=6 ! audioconvert ! wavenc ! filesink location=loud.wav
 * ]| The speech is 6 dB louder, and no true peak is above -1 dBTP.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixcomp.h"
#include "base/gstdmixenum.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixpresets.h"

#include "dynamics/dynamics.h"

#include <math.h>

GST_DEBUG_CATEGORY_STATIC (dmix_comp_debug);
#define GST_CAT_DEFAULT dmix_comp_debug

/* Largest ratio: control bindings need a property with a limit. */
#define INFINITE_RATIO 1000

/*** properties ***/

static const GEnumValue comp_mode_values[] = {
  { DMIX_DYNAMICS_COMPRESS, "Reduce levels above the threshold", "compress" },
  { DMIX_DYNAMICS_LIMIT, "Keep true peaks at or below the ceiling", "limit" },
  { DMIX_DYNAMICS_EXPAND, "Reduce levels below the threshold", "expand" },
  { DMIX_DYNAMICS_GATE, "Reduce levels below the threshold by the range",
      "gate" },
  { DMIX_DYNAMICS_UPWARD, "Raise levels below the threshold", "upward" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixCompMode, gst_dmix_comp_mode, comp_mode_values)

static const GEnumValue comp_detector_values[] = {
  { DMIX_DETECTOR_RMS, "RMS over the window (a full-scale sine reads -3 dB)",
      "rms" },
  { DMIX_DETECTOR_PEAK, "Sample peak (a full-scale sine reads 0 dB)", "peak" },
  { DMIX_DETECTOR_K_WEIGHTED,
      "K-weighted loudness over the window, in LUFS (BS.1770)", "k-weighted" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixCompDetector, gst_dmix_comp_detector,
    comp_detector_values)

typedef struct
{
  GstDmixFilterSettings common;
  gint mode, detector;
  gdouble threshold, ratio, knee, range;
  gdouble attack, hold, release, lookahead, rms_window;
  gdouble makeup, mix, link, highpass, lowpass, ceiling;
  gboolean auto_release, auto_makeup;
} Settings;

#define PLACE(field) G_STRUCT_OFFSET (Settings, field)
#define LIVE GST_PARAM_CONTROLLABLE

static const GstDmixProperty properties[] = {
  { "mode", "Mode", "Kind of dynamic range control", GST_DMIX_ENUM, 0, 4,
      DMIX_DYNAMICS_COMPRESS, PLACE (mode), LIVE, gst_dmix_comp_mode_get_type },
  { "threshold", "Threshold",
      "Level at which the gain begins to change, in dB (in LUFS with the "
      "k-weighted detector; no effect in mode limit)",
      GST_DMIX_DOUBLE, -120, 24, -24, PLACE (threshold), LIVE, NULL },
  { "ratio", "Ratio",
      "Change of input level in dB for 1 dB of output change; in mode expand, "
      "change of output level in dB for 1 dB of input change (1000: infinite)",
      GST_DMIX_DOUBLE, 1, INFINITE_RATIO, 2.5, PLACE (ratio), LIVE, NULL },
  { "knee", "Knee", "Width of the soft knee around the threshold, in dB",
      GST_DMIX_DOUBLE, 0, 60, 6, PLACE (knee), LIVE, NULL },
  { "attack", "Attack",
      "Time constant for rising levels, in ms (63 % of the change in dB; in "
      "modes expand and gate, of the opening)",
      GST_DMIX_DOUBLE, 0, 10000, 20, PLACE (attack), LIVE, NULL },
  { "hold", "Hold", "Time before the release begins, in ms", GST_DMIX_DOUBLE, 0,
      10000, 0, PLACE (hold), LIVE, NULL },
  { "release", "Release",
      "Time constant for falling levels, in ms (63 % of the change in dB; in "
      "modes expand and gate, of the closing)",
      GST_DMIX_DOUBLE, 0, 10000, 250, PLACE (release), LIVE, NULL },
  { "auto-release", "Auto release",
      "Release slower after long gain reduction: fast after single peaks, up "
      "to ten times slower after sustained sound",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (auto_release), LIVE, NULL },
  { "lookahead", "Look-ahead",
      "Look-ahead of the detector, in ms; the sound is delayed by as much",
      GST_DMIX_DOUBLE, 0, DMIX_DYNAMICS_MAX_LOOKAHEAD_MS, 5, PLACE (lookahead),
      LIVE, NULL },
  { "detector", "Detector", "Level detector", GST_DMIX_ENUM, 0, 2,
      DMIX_DETECTOR_RMS, PLACE (detector), LIVE,
      gst_dmix_comp_detector_get_type },
  { "rms-window", "RMS window",
      "Window of the detectors rms and k-weighted, in ms", GST_DMIX_DOUBLE, 1,
      DMIX_DYNAMICS_MAX_WINDOW_MS, 10, PLACE (rms_window), LIVE, NULL },
  { "makeup", "Makeup gain",
      "Gain behind the compressor, before the limiter in mode limit, in dB",
      GST_DMIX_DOUBLE, -60, 60, 0, PLACE (makeup), LIVE, NULL },
  { "auto-makeup", "Auto makeup",
      "Add half of the gain reduction at an input level of 0 dB (mode "
      "compress)",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (auto_makeup), LIVE, NULL },
  { "mix", "Mix", "Share of the processed sound, from 0 (dry) to 1 (processed)",
      GST_DMIX_DOUBLE, 0, 1, 1, PLACE (mix), LIVE, NULL },
  { "range", "Range", "Largest change of gain, in dB", GST_DMIX_DOUBLE, 0,
      DMIX_DYNAMICS_MAX_RANGE_DB, 60, PLACE (range), LIVE, NULL },
  { "link", "Channel link",
      "Channel link, from 0 (each channel has its own gain) to 1 (all follow "
      "the loudest one, which keeps the stereo image)",
      GST_DMIX_DOUBLE, 0, 1, 1, PLACE (link), LIVE, NULL },
  { "highpass", "Side-chain high-pass",
      "Cut-off frequency of the high-pass before the detector, in Hz (0: off)",
      GST_DMIX_DOUBLE, 0, 20000, 0, PLACE (highpass), LIVE, NULL },
  { "lowpass", "Side-chain low-pass",
      "Cut-off frequency of the low-pass before the detector, in Hz (0: off)",
      GST_DMIX_DOUBLE, 0, 20000, 0, PLACE (lowpass), LIVE, NULL },
  { "ceiling", "Ceiling", "Highest true peak in mode limit, in dBTP",
      GST_DMIX_DOUBLE, -60, 20, -1, PLACE (ceiling), LIVE, NULL },
};

/*** the element ***/

struct _GstDmixComp
{
  GstDmixFilter parent;

  Settings settings; /* object lock */
  DmixDynamics *dynamics;
  guint channels;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixComp, gst_dmix_comp, GST_TYPE_DMIX_FILTER,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixcomp, "dmixcomp", GST_RANK_NONE,
    GST_TYPE_DMIX_COMP,
    GST_DEBUG_CATEGORY_INIT (dmix_comp_debug, "dmixcomp", 0,
        "dynamic range control"))

static void
gst_dmix_comp_cleanup (GstDmixFilter *filter)
{
  g_clear_pointer (&GST_DMIX_COMP (filter)->dynamics, dmix_dynamics_free);
}

static gboolean
gst_dmix_comp_setup (GstDmixFilter *filter, const GstAudioInfo *in,
    const GstAudioInfo *out, gconstpointer settings)
{
  GstDmixComp *self = GST_DMIX_COMP (filter);
  const DmixFormat format = {
    GST_AUDIO_INFO_RATE (in),
    GST_AUDIO_INFO_CHANNELS (in),
  };
  gfloat weight[DMIX_MAX_CHANNELS];

  gst_dmix_comp_cleanup (filter);
  gst_dmix_layout_weights (in, weight);
  self->dynamics = dmix_dynamics_new (&format, weight);
  self->channels = format.channels;
  if (!self->dynamics)
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz: use fewer channels or a lower "
         "rate on pad 'sink'",
            format.channels, format.rate_hz));
  return self->dynamics != NULL;
}

static void
gst_dmix_comp_apply (GstDmixFilter *filter, gconstpointer settings)
{
  const Settings *s = settings;
  const DmixDynamicsParams params = {
    .mode = (DmixDynamicsMode) s->mode,
    .threshold_db = s->threshold,
    .ratio = s->ratio < INFINITE_RATIO ? s->ratio : INFINITY,
    .knee_db = s->knee,
    .attack_ms = s->attack,
    .hold_ms = s->hold,
    .release_ms = s->release,
    .auto_release = s->auto_release,
    .lookahead_ms = s->lookahead,
    .detector = (DmixDetectorKind) s->detector,
    .rms_window_ms = s->rms_window,
    .makeup_db = s->makeup,
    .auto_makeup = s->auto_makeup,
    .mix = s->mix,
    .range_db = s->range,
    .link = s->link,
    .highpass_hz = s->highpass,
    .lowpass_hz = s->lowpass,
    .ceiling_dbtp = s->ceiling,
    .bypass = s->common.bypass,
  };

  GST_LOG_OBJECT (filter,
      "mode %d, threshold %g dB, ratio %g, attack %g ms, release %g ms",
      s->mode, s->threshold, s->ratio, s->attack, s->release);
  dmix_dynamics_set_params (GST_DMIX_COMP (filter)->dynamics, &params);
}

static void
gst_dmix_comp_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  dmix_dynamics_process (GST_DMIX_COMP (filter)->dynamics, out, frames);
}

static void
gst_dmix_comp_reset (GstDmixFilter *filter)
{
  dmix_dynamics_reset (GST_DMIX_COMP (filter)->dynamics);
}

static guint
gst_dmix_comp_latency (GstDmixFilter *filter)
{
  return dmix_dynamics_latency_frames (GST_DMIX_COMP (filter)->dynamics);
}

static void
gst_dmix_comp_catch_up (GstDmixFilter *filter, gfloat *out, guint frames)
{
  dmix_dynamics_catch_up (GST_DMIX_COMP (filter)->dynamics, out, frames);
}

/*** messages ***/

static GstStructure *
message_of (const DmixDynamicsMeter *meter, guint channels)
{
  const GstDmixNumber number[] = {
    { "gain-reduction", meter->gain_min_db },
    { "gain-reduction-mean", meter->gain_mean_db },
    { "makeup", meter->rest_db },
  };
  GstStructure *s = gst_structure_new_empty ("dmixcomp");

  gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  gst_dmix_message_set_doubles (s, "input-rms", meter->in_rms_db, channels);
  gst_dmix_message_set_doubles (s, "input-peak", meter->in_peak_db, channels);
  gst_dmix_message_set_doubles (s, "output-rms", meter->out_rms_db, channels);
  gst_dmix_message_set_doubles (s, "output-peak", meter->out_peak_db, channels);
  return s;
}

static GstStructure *
gst_dmix_comp_meter (GstDmixFilter *filter)
{
  GstDmixComp *self = GST_DMIX_COMP (filter);
  DmixDynamicsMeter meter;

  dmix_dynamics_read_meter (self->dynamics, &meter);
  return message_of (&meter, self->channels);
}

/*** object ***/

static const GstDmixFilterInfo filter_info = {
  .long_name = "Compressor, limiter and expander",
  .classification = "Filter/Effect/Audio",
  .description =
      "Controls dynamic range, with look-ahead and a true-peak limiter",
  .properties = properties,
  .property_count = G_N_ELEMENTS (properties),
  .settings_offset = G_STRUCT_OFFSET (GstDmixComp, settings),
  .settings_size = sizeof (Settings),
};

static void
gst_dmix_comp_class_init (GstDmixCompClass *klass)
{
  GstDmixFilterClass *filter_class = GST_DMIX_FILTER_CLASS (klass);

  gst_dmix_filter_class_install (filter_class, &filter_info);

  filter_class->setup = gst_dmix_comp_setup;
  filter_class->cleanup = gst_dmix_comp_cleanup;
  filter_class->apply = gst_dmix_comp_apply;
  filter_class->process = gst_dmix_comp_process;
  filter_class->reset = gst_dmix_comp_reset;
  filter_class->latency = gst_dmix_comp_latency;
  filter_class->catch_up = gst_dmix_comp_catch_up;
  filter_class->meter = gst_dmix_comp_meter;
}

static void
gst_dmix_comp_init (GstDmixComp *self)
{
}
