/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixdenoise
 * @title: dmixdenoise
 *
 * Reduces noise (fans, traffic, rain, hiss) in a dialogue by a chosen number of
 * dB and keeps the voice natural. It tracks the noise by itself, or works from
 * a profile that it has learned in a pause of the dialogue.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=speech.wav ! decodebin ! audioconvert \
 *     ! dmixdenoise reduction=12 ! audioconvert ! autoaudiosink
 * ]| You hear the speech with its noise 12 dB lower.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixdenoise.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixenum.h"
#include "base/gstdmixpresets.h"

#include "denoise/denoise.h"
#include "base/level.h"
#include "base/units.h"

#include <math.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (dmix_denoise_debug);
#define GST_CAT_DEFAULT dmix_denoise_debug

/* Speech probability from which the level meta of a buffer reports voice. */
#define VOICE 0.5

/*** properties ***/

static const GEnumValue denoise_noise_values[] = {
  { DMIX_NOISE_ADAPTIVE, "Track the noise", "adaptive" },
  { DMIX_NOISE_LEARNED, "Use the learned profile (adaptive without one)",
      "learned" },
  { DMIX_NOISE_LEARNED_FLOOR,
      "Track the noise, never below the learned profile", "learned-floor" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDenoiseNoise, gst_dmix_denoise_noise,
    denoise_noise_values)

typedef enum
{
  OUTPUT_CLEAN,
  OUTPUT_RESIDUAL
} Output;

static const GEnumValue denoise_output_values[] = {
  { OUTPUT_CLEAN, "Sound without the noise", "clean" },
  { OUTPUT_RESIDUAL, "The removed noise", "residual" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDenoiseOutput, gst_dmix_denoise_output,
    denoise_output_values)

static const GEnumValue denoise_latency_mode_values[] = {
  { DMIX_DENOISE_NORMAL, "32 ms, best sound", "normal" },
  { DMIX_DENOISE_LOW, "12 ms, for live monitoring", "low" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDenoiseLatencyMode, gst_dmix_denoise_latency_mode,
    denoise_latency_mode_values)

static const GEnumValue denoise_estimator_values[] = {
  { DMIX_DENOISE_STATISTICAL, "Statistics of speech and noise", "statistical" },
  { DMIX_DENOISE_LEARNED,
      "A trained network (statistical below 16 kHz and with latency-mode=low)",
      "learned" },
  { DMIX_DENOISE_AUTO,
      "The one that measures better on every score; for now statistical",
      "auto" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDenoiseEstimator, gst_dmix_denoise_estimator,
    denoise_estimator_values)

typedef struct
{
  GstDmixFilterSettings common;
  gdouble reduction, sensitivity;
  gint noise, output, latency_mode, estimator;
  gboolean learn, link;
} Settings;

#define PLACE(field) G_STRUCT_OFFSET (Settings, field)
#define LIVE GST_PARAM_CONTROLLABLE

static const GstDmixProperty properties[] = {
  { "reduction", "Reduction", "Noise reduction, in dB", GST_DMIX_DOUBLE, 0, 40,
      12, PLACE (reduction), LIVE, NULL },
  { "sensitivity", "Sensitivity",
      "Offset of the estimated noise level, in dB (higher values remove more "
      "noise, and more of the voice)",
      GST_DMIX_DOUBLE, -12, 12, 0, PLACE (sensitivity), LIVE, NULL },
  { "noise", "Noise", "Source of the noise estimate", GST_DMIX_ENUM, 0, 2,
      DMIX_NOISE_ADAPTIVE, PLACE (noise), LIVE,
      gst_dmix_denoise_noise_get_type },
  { "learn", "Learn",
      "Add the input to the noise profile while TRUE; play a pause of the "
      "dialogue then",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (learn), LIVE, NULL },
  { "output", "Output", "Signal to put out", GST_DMIX_ENUM, 0, 1, OUTPUT_CLEAN,
      PLACE (output), LIVE, gst_dmix_denoise_output_get_type },
  { "link", "Channel link",
      "Give all channels the same gains, which keeps the stereo image",
      GST_DMIX_BOOLEAN, 0, 1, TRUE, PLACE (link), LIVE, NULL },
  { "latency-mode", "Latency mode", "Trade-off between delay and sound",
      GST_DMIX_ENUM, 0, 1, DMIX_DENOISE_NORMAL, PLACE (latency_mode),
      GST_PARAM_MUTABLE_READY, gst_dmix_denoise_latency_mode_get_type },
  { "estimator", "Estimator", "Method that tells voice from noise",
      GST_DMIX_ENUM, 0, 2, DMIX_DENOISE_AUTO, PLACE (estimator),
      GST_PARAM_MUTABLE_READY, gst_dmix_denoise_estimator_get_type },
};

enum
{
  PROP_PROFILE = G_N_ELEMENTS (properties) + 1,
};

/*** the element ***/

struct _GstDmixDenoise
{
  GstDmixFilter parent;

  Settings settings;        /* object lock */
  DmixNoiseProfile profile; /* object lock */
  gboolean profile_given;   /* to be handed to the processor; object lock */

  /* streaming thread only */
  DmixDenoise *denoise;
  guint channels;
  gboolean learning;
  guint frames; /* since the last message; its sums and maximum: */
  gdouble voice, noise_sum, reduction_sum;
  gdouble buffer_voice; /* maximum since the last buffer */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixDenoise, gst_dmix_denoise,
    GST_TYPE_DMIX_FILTER,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixdenoise, "dmixdenoise",
    GST_RANK_NONE, GST_TYPE_DMIX_DENOISE,
    GST_DEBUG_CATEGORY_INIT (dmix_denoise_debug, "dmixdenoise", 0,
        "noise reduction"))

/*** noise profile as text: seconds, then the dB of each band ***/

/* GstPreset reads few separators back unchanged; this is one. */
#define SEPARATOR ':'

static gchar *
profile_to_text (const DmixNoiseProfile *profile)
{
  GString *text = g_string_new (NULL);
  gchar number[G_ASCII_DTOSTR_BUF_SIZE];

  if (profile->seconds > 0) {
    g_string_append (text,
        g_ascii_formatd (number, sizeof number, "%.3f", profile->seconds));
    for (guint b = 0; b < DMIX_NOISEPROFILE_BANDS; b++)
      g_string_append_printf (text, "%c%s", SEPARATOR,
          g_ascii_formatd (number, sizeof number, "%.2f",
              profile->density_db[b]));
  }
  return g_string_free (text, FALSE);
}

static gboolean
profile_from_text (const gchar *text, DmixNoiseProfile *profile)
{
  gchar *end = (gchar *) text;

  dmix_noiseprofile_clear (profile);
  if (!text || !*text)
    return TRUE;
  profile->seconds = (gfloat) g_ascii_strtod (text, &end);
  if (end == text || !isfinite (profile->seconds) || profile->seconds < 0)
    return FALSE;
  for (guint b = 0; b < DMIX_NOISEPROFILE_BANDS; b++) {
    const gchar *start = end;

    if (*start++ != SEPARATOR)
      return FALSE;
    profile->density_db[b] = (gfloat) g_ascii_strtod (start, &end);
    if (end == start || !isfinite (profile->density_db[b])
        || fabsf (profile->density_db[b]) > 400)
      return FALSE;
  }
  return *end == '\0';
}

static void
set_profile (GstDmixDenoise *self, const gchar *text)
{
  DmixNoiseProfile profile;

  if (!profile_from_text (text, &profile)) {
    GST_WARNING_OBJECT (self,
        "property 'profile' keeps its value: '%s' is not a profile; set a text "
        "of %d numbers that this property had after learning",
        GST_STR_NULL (text), DMIX_NOISEPROFILE_BANDS + 1);
    return;
  }
  GST_OBJECT_LOCK (self);
  self->profile = profile;
  self->profile_given = TRUE;
  GST_OBJECT_UNLOCK (self);
  GST_DEBUG_OBJECT (self, "property profile set to one of %.3f s",
      profile.seconds);
  gst_dmix_filter_settings_changed (GST_DMIX_FILTER (self));
}

/* Hands a profile that was set to the processor, else fetches the learned one
 * for get_property(), which runs in other threads. */
static void
exchange_profile (GstDmixDenoise *self)
{
  GST_OBJECT_LOCK (self);
  if (self->profile_given)
    dmix_denoise_set_profile (self->denoise, &self->profile);
  else
    dmix_denoise_get_profile (self->denoise, &self->profile);
  self->profile_given = FALSE;
  GST_OBJECT_UNLOCK (self);
}

/*** processor ***/

static void
gst_dmix_denoise_cleanup (GstDmixFilter *filter)
{
  g_clear_pointer (&GST_DMIX_DENOISE (filter)->denoise, dmix_denoise_free);
}

static gboolean
gst_dmix_denoise_setup (GstDmixFilter *filter, const GstAudioInfo *in,
    const GstAudioInfo *out, gconstpointer settings)
{
  GstDmixDenoise *self = GST_DMIX_DENOISE (filter);
  const Settings *s = settings;
  const DmixFormat format = {
    GST_AUDIO_INFO_RATE (in),
    GST_AUDIO_INFO_CHANNELS (in),
  };

  const DmixDenoiseLatency latency = (DmixDenoiseLatency) s->latency_mode;
  const DmixGainEstimator *estimator =
      dmix_denoise_find_estimator ((DmixDenoiseEstimator) s->estimator, &format,
          latency);
  gfloat weight[DMIX_MAX_CHANNELS];

  gst_dmix_denoise_cleanup (filter);
  self->denoise = dmix_denoise_new (&format, latency, estimator);
  self->channels = format.channels;
  if (!self->denoise) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz: use fewer channels or a lower "
         "rate on pad 'sink'",
            format.channels, format.rate_hz));
    return FALSE;
  }
  gst_dmix_layout_weights (in, weight);
  dmix_denoise_set_weights (self->denoise, weight);
  GST_DEBUG_OBJECT (self, "%s estimator",
      estimator
              == dmix_denoise_find_estimator (DMIX_DENOISE_STATISTICAL, &format,
                  latency)
          ? "statistical"
          : "learned");
  GST_OBJECT_LOCK (self);
  self->profile_given |= self->profile.seconds > 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static void
gst_dmix_denoise_apply (GstDmixFilter *filter, gconstpointer settings)
{
  GstDmixDenoise *self = GST_DMIX_DENOISE (filter);
  const Settings *s = settings;
  const gboolean learned = self->learning && !s->learn;
  const DmixDenoiseParams params = {
    .reduction_db = s->reduction,
    .sensitivity_db = s->sensitivity,
    .noise = (DmixDenoiseNoise) s->noise,
    .learn = s->learn,
    .residual = s->output == OUTPUT_RESIDUAL,
    .link = s->link,
    .bypass = s->common.bypass,
  };

  GST_LOG_OBJECT (self, "reduction %g dB, sensitivity %g dB, noise %d",
      s->reduction, s->sensitivity, s->noise);
  dmix_denoise_set_params (self->denoise, &params);
  exchange_profile (self);
  if (self->learning != s->learn)
    GST_DEBUG_OBJECT (self, "learning %s, profile covers %.3f s",
        s->learn ? "begins" : "ends", self->profile.seconds);
  self->learning = s->learn;
  if (learned)
    g_object_notify (G_OBJECT (self), "profile");
}

static void
gst_dmix_denoise_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  GstDmixDenoise *self = GST_DMIX_DENOISE (filter);
  DmixDenoiseMeter meter;

  dmix_denoise_process (self->denoise, out, frames);
  dmix_denoise_read_meter (self->denoise, &meter);
  self->voice = MAX (self->voice, meter.voice_activity);
  self->buffer_voice = MAX (self->buffer_voice, meter.voice_activity);
  self->noise_sum += frames * meter.noise_db;
  self->reduction_sum += frames * meter.reduction_db;
  self->frames += frames;
  if (self->learning)
    exchange_profile (self);
}

static void
gst_dmix_denoise_reset (GstDmixFilter *filter)
{
  GstDmixDenoise *self = GST_DMIX_DENOISE (filter);

  dmix_denoise_reset (self->denoise);
  self->frames = 0;
  self->voice = self->noise_sum = self->reduction_sum = 0;
  self->buffer_voice = 0;
}

static void
gst_dmix_denoise_forget (GstDmixFilter *filter)
{
  dmix_denoise_forget (GST_DMIX_DENOISE (filter)->denoise);
}

static guint
gst_dmix_denoise_latency (GstDmixFilter *filter)
{
  return dmix_denoise_latency_frames (GST_DMIX_DENOISE (filter)->denoise);
}

/*** messages and metas ***/

static GstStructure *
gst_dmix_denoise_meter (GstDmixFilter *filter)
{
  GstDmixDenoise *self = GST_DMIX_DENOISE (filter);
  const gdouble frames = MAX (self->frames, 1);
  const GstDmixNumber number[] = {
    { "voice-activity", self->voice },
    { "noise-level", self->noise_sum / frames },
    { "reduction", self->reduction_sum / frames },
  };
  GstStructure *s = gst_structure_new_empty ("dmixdenoise");

  gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  self->frames = 0;
  self->voice = self->noise_sum = self->reduction_sum = 0;
  return s;
}

/* Level of a buffer as in RFC 6464: 0 to 127 dB below full scale. */
static guint8
level_of (GstDmixDenoise *self, GstBuffer *buffer)
{
  gfloat energy[DMIX_MAX_CHANNELS], loudest = 0;
  gsize frames;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return 127;
  frames = map.size / sizeof (gfloat) / self->channels;
  dmix_level_energy ((const gfloat *) map.data, self->channels, frames, energy);
  gst_buffer_unmap (buffer, &map);
  for (guint c = 0; c < self->channels; c++)
    loudest = MAX (loudest, energy[c]);
  return (
      guint8) CLAMP (-dmix_db_from_power (loudest / MAX (frames, 1) + 1e-20), 0,
      127);
}

static void
gst_dmix_denoise_annotate (GstDmixFilter *filter, GstBuffer *buffer)
{
  GstDmixDenoise *self = GST_DMIX_DENOISE (filter);

  gst_buffer_add_audio_level_meta (buffer, level_of (self, buffer),
      self->buffer_voice >= VOICE);
  self->buffer_voice = 0;
}

/*** properties beside the table ***/

static void
gst_dmix_denoise_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  if (id == PROP_PROFILE)
    set_profile (GST_DMIX_DENOISE (object), g_value_get_string (value));
  else
    gst_dmix_filter_set_property (object, id, value, spec);
}

static void
gst_dmix_denoise_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  GstDmixDenoise *self = GST_DMIX_DENOISE (object);
  DmixNoiseProfile profile;

  if (id == PROP_PROFILE) {
    GST_OBJECT_LOCK (self);
    profile = self->profile;
    GST_OBJECT_UNLOCK (self);
    g_value_take_string (value, profile_to_text (&profile));
  } else {
    gst_dmix_filter_get_property (object, id, value, spec);
  }
}

/*** object ***/

static const GstDmixFilterInfo filter_info = {
  .long_name = "Noise reduction",
  .classification = "Filter/Effect/Audio",
  .description = "Lowers the noise in a dialogue and keeps the voice natural",
  .properties = properties,
  .property_count = G_N_ELEMENTS (properties),
  .settings_offset = G_STRUCT_OFFSET (GstDmixDenoise, settings),
  .settings_size = sizeof (Settings),
};

static void
gst_dmix_denoise_class_init (GstDmixDenoiseClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstDmixFilterClass *filter_class = GST_DMIX_FILTER_CLASS (klass);

  gst_dmix_filter_class_install (filter_class, &filter_info);
  object_class->set_property = gst_dmix_denoise_set_property;
  object_class->get_property = gst_dmix_denoise_get_property;
  g_object_class_install_property (object_class, PROP_PROFILE,
      g_param_spec_string ("profile", "Profile",
          "Learned noise as text, for a preset (empty: none)", "",
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));

  filter_class->setup = gst_dmix_denoise_setup;
  filter_class->cleanup = gst_dmix_denoise_cleanup;
  filter_class->apply = gst_dmix_denoise_apply;
  filter_class->process = gst_dmix_denoise_process;
  filter_class->reset = gst_dmix_denoise_reset;
  filter_class->forget = gst_dmix_denoise_forget;
  filter_class->latency = gst_dmix_denoise_latency;
  filter_class->meter = gst_dmix_denoise_meter;
  filter_class->annotate = gst_dmix_denoise_annotate;
}

static void
gst_dmix_denoise_init (GstDmixDenoise *self)
{
  dmix_noiseprofile_clear (&self->profile);
}
