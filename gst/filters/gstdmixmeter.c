/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixmeter
 * @title: dmixmeter
 *
 * Measures loudness (EBU R 128, ITU-R BS.1770-5) and true peak of its input and
 * reports whether the programme meets a delivery specification. The sound
 * passes unchanged and without delay.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m filesrc location=speech.wav ! decodebin ! audioconvert \
 *     ! dmixmeter specification=podcast interval=1000000000 ! fakesink
 * ]| Prints a message a second; the last one has the figures of the whole file.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixmeter.h"
#include "base/gstdmixenum.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixpresets.h"

#include "base/sanitize.h"
#include "meter/kweight.h"
#include "meter/loudness.h"

#include <math.h>

GST_DEBUG_CATEGORY_STATIC (dmix_meter_debug);
#define GST_CAT_DEFAULT dmix_meter_debug

/*** delivery specifications ***/

typedef enum
{
  GST_DMIX_METER_R128,
  GST_DMIX_METER_A85,
  GST_DMIX_METER_NETFLIX,
  GST_DMIX_METER_STREAMING,
  GST_DMIX_METER_PODCAST
} GstDmixMeterSpecification;

typedef struct
{
  const gchar *name;
  gdouble target_lufs, tolerance_lu, max_peak_dbtp;
} Specification;

/* EBU R 128 (2020); ATSC A/85 (2013), section 5.2; Netflix Sound Mix
 * Specifications 1.1 (dialogue loudness); playback level of Spotify, YouTube
 * and others; Apple Podcasts */
static const Specification specifications[] = {
  [GST_DMIX_METER_R128] = { "r128", -23, 0.5, -1 },
  [GST_DMIX_METER_A85] = { "a85", -24, 2, -2 },
  [GST_DMIX_METER_NETFLIX] = { "netflix", -27, 2, -2 },
  [GST_DMIX_METER_STREAMING] = { "streaming", -14, 1, -1 },
  [GST_DMIX_METER_PODCAST] = { "podcast", -16, 1, -1 },
};

static const GEnumValue meter_specification_values[] = {
  { GST_DMIX_METER_R128, "EBU R 128: -23 +-0.5 LUFS, -1 dBTP", "r128" },
  { GST_DMIX_METER_A85, "ATSC A/85: -24 +-2 LKFS, -2 dBTP", "a85" },
  { GST_DMIX_METER_NETFLIX,
      "Netflix: -27 +-2 LKFS, -2 dBTP; for the dialogue stem", "netflix" },
  { GST_DMIX_METER_STREAMING,
      "Music and video streaming: -14 +-1 LUFS, "
      "-1 dBTP",
      "streaming" },
  { GST_DMIX_METER_PODCAST, "Podcasts: -16 +-1 LUFS, -1 dBTP", "podcast" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixMeterSpecification, gst_dmix_meter_specification,
    meter_specification_values)

/*** the element ***/

typedef struct
{
  GstDmixFilterSettings common;
  gint specification;
} Settings;

static const GstDmixProperty properties[] = {
  { "specification", "Specification", "Delivery specification of the verdict",
      GST_DMIX_ENUM, 0, G_N_ELEMENTS (specifications) - 1, GST_DMIX_METER_R128,
      G_STRUCT_OFFSET (Settings, specification), GST_PARAM_CONTROLLABLE,
      gst_dmix_meter_specification_get_type },
};

enum
{
  SIGNAL_RESET,
  SIGNALS,
};
static guint signals[SIGNALS];

struct _GstDmixMeter
{
  GstDmixFilter parent;

  Settings settings; /* object lock */
  gint reset_wanted; /* atomic */

  /* streaming thread */
  DmixLoudness *loudness;
  guint channels;
  gint specification;
  gboolean bypass, warned;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixMeter, gst_dmix_meter,
    GST_TYPE_DMIX_FILTER,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixmeter, "dmixmeter", GST_RANK_NONE,
    GST_TYPE_DMIX_METER,
    GST_DEBUG_CATEGORY_INIT (dmix_meter_debug, "dmixmeter", 0,
        "loudness meter"))

static void
gst_dmix_meter_cleanup (GstDmixFilter *filter)
{
  g_clear_pointer (&GST_DMIX_METER (filter)->loudness, dmix_loudness_free);
}

/* A change of format within a programme does not restart its measurement. */
static gboolean
gst_dmix_meter_setup (GstDmixFilter *filter, const GstAudioInfo *in,
    const GstAudioInfo *out, gconstpointer settings)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);
  const DmixFormat format = {
    GST_AUDIO_INFO_RATE (in),
    GST_AUDIO_INFO_CHANNELS (in),
  };
  gfloat weight[DMIX_MAX_CHANNELS];
  DmixLoudness *loudness;

  gst_dmix_layout_weights (in, weight);
  loudness = dmix_loudness_new (&format, weight, TRUE);
  if (!loudness) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz: use fewer channels or a lower "
         "rate on pad 'sink'",
            format.channels, format.rate_hz));
    return FALSE;
  }
  if (self->loudness)
    dmix_loudness_take_over (loudness, self->loudness);
  gst_dmix_meter_cleanup (filter);
  self->loudness = loudness;
  self->channels = format.channels;
  self->warned = FALSE;
  return TRUE;
}

static void
gst_dmix_meter_apply (GstDmixFilter *filter, gconstpointer settings)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);
  const Settings *s = settings;

  GST_LOG_OBJECT (self, "specification %s%s",
      specifications[s->specification].name,
      s->common.bypass ? ", bypassed" : "");
  self->specification = s->specification;
  if (s->common.bypass && !self->bypass)
    dmix_loudness_interrupt (self->loudness);
  self->bypass = s->common.bypass;
}

/* Do not forward NaN and infinite samples downstream. */
static void
mute_broken_samples (GstDmixMeter *self, gfloat *out, guint frames)
{
  const gsize muted = dmix_sanitize_mute (out, (gsize) frames * self->channels);

  if (muted > 0 && !self->warned) {
    self->warned = TRUE;
    GST_WARNING_OBJECT (self,
        "%" G_GSIZE_FORMAT " samples on pad 'sink' are NaN or infinite and "
        "become 0: look for the element upstream that makes them",
        muted);
  }
}

static void
gst_dmix_meter_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);

  if (g_atomic_int_compare_and_exchange (&self->reset_wanted, TRUE, FALSE))
    dmix_loudness_reset (self->loudness);
  mute_broken_samples (self, out, frames);
  if (!self->bypass)
    dmix_loudness_process (self->loudness, out, frames);
}

/* At flushes and jumps the programme continues, but no window spans them. */
static void
gst_dmix_meter_reset (GstDmixFilter *filter)
{
  dmix_loudness_interrupt (GST_DMIX_METER (filter)->loudness);
}

static guint
gst_dmix_meter_latency (GstDmixFilter *filter)
{
  return 0;
}

/*** messages ***/

/* The verdict, and in words by how much the programme misses the specification. */
static void
set_verdict (GstStructure *s, const Specification *spec, gdouble lufs,
    gdouble peak)
{
  const gdouble off = lufs - spec->target_lufs;
  const gboolean measured = lufs > DMIX_KWEIGHT_SILENCE_LUFS;
  const gboolean loud_enough = fabs (off) <= spec->tolerance_lu;
  const gboolean peaks_fit = peak <= spec->max_peak_dbtp;
  const gchar *verdict = "none";
  GString *text = g_string_new (NULL);

  if (!measured)
    g_string_append (text, "nothing heard yet above -70 LUFS");
  else if (!loud_enough)
    g_string_append_printf (text,
        "%.1f LUFS instead of %.0f +-%.1f: %s by "
        "%.1f dB",
        lufs, spec->target_lufs, spec->tolerance_lu,
        off > 0 ? "lower" : "raise", fabs (off));
  if (!peaks_fit)
    g_string_append_printf (text,
        "%strue peak of %.1f dBTP above %.0f: "
        "limit it",
        text->len ? "; " : "", peak, spec->max_peak_dbtp);
  if (measured)
    verdict = loud_enough && peaks_fit ? "pass" : "fail";
  gst_structure_set (s, "specification", G_TYPE_STRING, spec->name, NULL);
  gst_structure_set (s, "verdict", G_TYPE_STRING, verdict, NULL);
  gst_structure_set (s, "verdict-text", G_TYPE_STRING,
      text->len ? text->str : "met", NULL);
  g_string_free (text, TRUE);
}

static GstStructure *
gst_dmix_meter_meter (GstDmixFilter *filter)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);
  DmixLoudnessReading r;
  gdouble peak[DMIX_MAX_CHANNELS];
  GstStructure *s;

  dmix_loudness_read (self->loudness, &r);
  for (guint c = 0; c < self->channels; c++)
    peak[c] = dmix_loudness_get_true_peak (self->loudness, c);
  s = gst_dmix_message_new_loudness (&r, peak, self->channels);
  set_verdict (s, &specifications[self->specification], r.integrated_lufs,
      dmix_loudness_get_max_true_peak (self->loudness));
  return s;
}

/*** object ***/

static const GstDmixFilterInfo filter_info = {
  .long_name = "Loudness meter",
  .classification = "Filter/Analyzer/Audio",
  .description = "Measures loudness (EBU R 128, BS.1770-5) and true peak",
  .properties = properties,
  .property_count = G_N_ELEMENTS (properties),
  .settings_offset = G_STRUCT_OFFSET (GstDmixMeter, settings),
  .settings_size = sizeof (Settings),
};

static void
want_reset (GstDmixMeter *self)
{
  GST_DEBUG_OBJECT (self, "a new measurement begins with the next buffer");
  g_atomic_int_set (&self->reset_wanted, TRUE);
}

static void
gst_dmix_meter_class_init (GstDmixMeterClass *klass)
{
  GstDmixFilterClass *filter_class = GST_DMIX_FILTER_CLASS (klass);

  gst_dmix_filter_class_install (filter_class, &filter_info);

  filter_class->setup = gst_dmix_meter_setup;
  filter_class->cleanup = gst_dmix_meter_cleanup;
  filter_class->apply = gst_dmix_meter_apply;
  filter_class->process = gst_dmix_meter_process;
  filter_class->reset = gst_dmix_meter_reset;
  filter_class->latency = gst_dmix_meter_latency;
  filter_class->meter = gst_dmix_meter_meter;

  /**
   * GstDmixMeter::reset:
   *
   * Starts a new measurement with the next buffer. Going to READY does the
   * same; seeks and pauses do not.
   *
   * Since: 0.1
   */
  signals[SIGNAL_RESET] = g_signal_new_class_handler ("reset",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (want_reset), NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gst_dmix_meter_init (GstDmixMeter *self)
{
}
