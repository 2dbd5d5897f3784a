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
#include "base/gstdmixdetector.h"
#include "base/gstdmixenum.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixpresets.h"
#include "filters/gstdmixhardranges.h"
#include "filters/gstdmixspecification.h"

#include "base/sanitize.h"
#include "base/units.h"
#include "meter/kweight.h"
#include "meter/loudness.h"

#include <math.h>

GST_DEBUG_CATEGORY_STATIC (dmix_meter_debug);
#define GST_CAT_DEFAULT dmix_meter_debug

#define STEP (GST_SECOND / DMIX_VOICE_STEPS_PER_S)
#define HOLD (STEP * DMIX_DIALOGUEMETER_HOLD)

typedef enum
{
  GST_DMIX_METER_DIALOGUE_OFF,
  GST_DMIX_METER_DIALOGUE_GATED,
  GST_DMIX_METER_DIALOGUE_BOTH
} GstDmixMeterDialogue;

static const GEnumValue meter_dialogue_values[] = {
  { GST_DMIX_METER_DIALOGUE_OFF,
      "Not measured; rules for dialogue apply to the whole sound", "off" },
  { GST_DMIX_METER_DIALOGUE_GATED, "Loudness while somebody speaks", "gated" },
  { GST_DMIX_METER_DIALOGUE_BOTH,
      "The same, and the loudness of the speech without its background",
      "both" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixMeterDialogue, gst_dmix_meter_dialogue,
    meter_dialogue_values)

/*** the element ***/

typedef struct
{
  GstDmixFilterSettings common;
  gint specification, dialogue, speech_detector;
  gdouble hard_to_hear;
} Settings;

static const GstDmixProperty properties[] = {
  { "specification", "Specification", "Delivery specification of the verdict",
      GST_DMIX_ENUM, 0, GST_DMIX_METER_SPECIFICATIONS - 1, GST_DMIX_METER_R128,
      G_STRUCT_OFFSET (Settings, specification), GST_PARAM_CONTROLLABLE,
      gst_dmix_meter_specification_get_type },
  { "dialogue", "Dialogue",
      "Find the dialogue in a finished mix and measure it, in LUFS",
      GST_DMIX_ENUM, 0, GST_DMIX_METER_DIALOGUE_BOTH,
      GST_DMIX_METER_DIALOGUE_OFF, G_STRUCT_OFFSET (Settings, dialogue),
      GST_PARAM_CONTROLLABLE, gst_dmix_meter_dialogue_get_type },
  { "speech-detector", "Speech detector",
      "Method that finds the dialogue (dialogue gated and both)", GST_DMIX_ENUM,
      0, DMIX_VOICE_LEARNED, DMIX_VOICE_LEARNED,
      G_STRUCT_OFFSET (Settings, speech_detector), GST_PARAM_CONTROLLABLE,
      gst_dmix_speech_detector_get_type },
  { "hard-to-hear", "Hard to hear",
      "Report phrases whose speech is less than this over the background, in "
      "LU (dialogue both; 0: none)",
      GST_DMIX_DOUBLE, 0, 40, 0, G_STRUCT_OFFSET (Settings, hard_to_hear),
      GST_PARAM_CONTROLLABLE, NULL },
};

enum
{
  SIGNAL_RESET,
  SIGNAL_JUDGE,
  SIGNALS,
};
static guint signals[SIGNALS];

struct _GstDmixMeter
{
  GstDmixFilter parent;

  Settings settings;         /* object lock */
  GstDmixProgramme measured; /* of the last message; object lock */
  gint reset_wanted;         /* atomic */

  /* streaming thread */
  DmixLoudness *loudness;
  guint channels;
  gint specification, dialogue;
  gdouble hard_to_hear; /* LU; 0: no ranges */
  GstDmixHardRanges hard;
  gboolean ended; /* the next message is about the whole file */
  gboolean bypass, warned, speaks;
  gboolean spoke;      /* in the sound of the next buffer to leave */
  gdouble energy;      /* of that sound, over all channels */
  guint64 samples;     /* that made it */
  GstClockTime latest; /* stream time of the end of the latest step, or NONE */
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

static void
gst_dmix_meter_finalize (GObject *object)
{
  gst_dmix_hard_ranges_clear (&GST_DMIX_METER (object)->hard);
  G_OBJECT_CLASS (gst_dmix_meter_parent_class)->finalize (object);
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
  DmixVoicePlace place[DMIX_MAX_CHANNELS];
  DmixLoudness *loudness;

  gst_dmix_layout_weights (in, weight);
  gst_dmix_layout_places (in, place);
  loudness = dmix_loudness_new (&format, weight, TRUE);
  if (!loudness || !dmix_loudness_add_dialogue (loudness, place)) {
    dmix_loudness_free (loudness);
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz: use fewer channels or a lower "
         "rate on pad 'sink'",
            format.channels, format.rate_hz));
    return FALSE;
  }
  if (self->loudness)
    dmix_loudness_take_over (loudness, self->loudness);
  else
    gst_dmix_hard_ranges_clear (&self->hard);
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

  GST_LOG_OBJECT (self, "specification %d, dialogue %d%s", s->specification,
      s->dialogue, s->common.bypass ? ", bypassed" : "");
  self->specification = s->specification;
  self->dialogue = s->dialogue;
  self->hard_to_hear =
      s->dialogue == GST_DMIX_METER_DIALOGUE_BOTH ? s->hard_to_hear : 0;
  dmix_loudness_set_detector (self->loudness,
      (DmixVoiceDetector) s->speech_detector);
  dmix_loudness_measure_dialogue (self->loudness,
      s->dialogue != GST_DMIX_METER_DIALOGUE_OFF);
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

/*** speech ***/

static void
post_speech (GstDmixMeter *self, const gchar *name, GstClockTime stream_time,
    gdouble probability)
{
  const GstDmixFilterSettings *common =
      gst_dmix_filter_get_settings (GST_DMIX_FILTER (self));
  const GstSegment *segment = &GST_BASE_TRANSFORM (self)->segment;
  GstClockTime running_time = GST_CLOCK_TIME_NONE;
  GstStructure *s;

  GST_DEBUG_OBJECT (self, "%s at %" GST_TIME_FORMAT, name,
      GST_TIME_ARGS (stream_time));
  if (!common->messages.post)
    return;
  if (GST_CLOCK_TIME_IS_VALID (stream_time))
    running_time = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
        gst_segment_position_from_stream_time (segment, GST_FORMAT_TIME,
            stream_time));
  s = gst_structure_new (name, "stream-time", G_TYPE_UINT64, stream_time,
      "running-time", G_TYPE_UINT64, running_time, "probability", G_TYPE_DOUBLE,
      probability, NULL);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), s));
}

/* The flag changed with the step that ended at self->latest. */
static void
change_speech (GstDmixMeter *self, gdouble probability)
{
  GstClockTime back, at = self->latest;

  self->speaks = !self->speaks;
  back = self->speaks ? STEP : HOLD;
  if (GST_CLOCK_TIME_IS_VALID (at))
    at = at > back ? at - back : 0;
  post_speech (self, self->speaks ? "speech-start" : "speech-stop", at,
      probability);
}

/* Nothing is measured from here on. */
static void
end_speech (GstDmixMeter *self)
{
  if (!self->speaks)
    return;
  self->speaks = FALSE;
  post_speech (self, "speech-stop", self->latest, 0.0);
}

/* Posts phrases that are hard to hear. */
static void
read_phrases (GstDmixMeter *self)
{
  const GstDmixFilterSettings *common =
      gst_dmix_filter_get_settings (GST_DMIX_FILTER (self));
  DmixPhrase phrase;

  while (dmix_loudness_read_phrase (self->loudness, &phrase)) {
    GstStructure *s =
        self->hard_to_hear > 0 && phrase.difference_lu < self->hard_to_hear
        ? gst_dmix_hard_ranges_add (&self->hard, &phrase, self->latest)
        : NULL;

    if (s && common->messages.post)
      gst_element_post_message (GST_ELEMENT (self),
          gst_message_new_element (GST_OBJECT (self), s));
    else if (s)
      gst_structure_free (s);
  }
}

/* Measures step by step, so that changes of speech have exact times, whatever
 * the buffers. */
static void
measure_steps (GstDmixMeter *self, const gfloat *in, guint frames)
{
  gdouble probability;
  guint done = 0;

  while (done < frames) {
    const guint left = (guint) dmix_loudness_get_frames_left (self->loudness);
    const guint run = MIN (left, frames - done);

    dmix_loudness_process (self->loudness, in + (gsize) done * self->channels,
        run);
    done += run;
    if (run < left)
      break;
    self->latest =
        gst_dmix_filter_get_stream_time (GST_DMIX_FILTER (self), done);
    if (dmix_loudness_get_speech (self->loudness, &probability) != self->speaks)
      change_speech (self, probability);
    self->spoke |= self->speaks;
    read_phrases (self);
  }
  for (gsize i = 0; i < (gsize) frames * self->channels; i++)
    self->energy += in[i] * in[i];
  self->samples += (guint64) frames * self->channels;
}

/* RFC 6464: the level in dB below full scale, 127 for silence. */
static void
gst_dmix_meter_annotate (GstDmixFilter *filter, GstBuffer *buffer)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);
  GstAudioLevelMeta *meta = gst_buffer_get_audio_level_meta (buffer);
  gdouble level_db = 127;

  if (self->dialogue == GST_DMIX_METER_DIALOGUE_OFF || self->bypass)
    return;
  if (self->energy > 0)
    level_db = -dmix_db_from_power (self->energy / self->samples);
  if (!meta)
    meta = gst_buffer_add_audio_level_meta (buffer, 127, FALSE);
  meta->level = (guint8) CLAMP (level_db + 0.5, 0, 127);
  meta->voice_activity = self->spoke || self->speaks;
  self->spoke = FALSE;
  self->energy = 0;
  self->samples = 0;
}

static void
gst_dmix_meter_forget (GstDmixMeter *self)
{
  dmix_loudness_reset (self->loudness);
  gst_dmix_hard_ranges_clear (&self->hard);
}

static void
gst_dmix_meter_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);

  if (g_atomic_int_compare_and_exchange (&self->reset_wanted, TRUE, FALSE))
    gst_dmix_meter_forget (self);
  mute_broken_samples (self, out, frames);
  if (self->bypass)
    end_speech (self);
  else if (self->dialogue == GST_DMIX_METER_DIALOGUE_OFF) {
    dmix_loudness_process (self->loudness, out, frames);
    end_speech (self);
  } else
    measure_steps (self, out, frames);
}

/* At flushes and jumps the programme continues, but no window spans them. */
static void
gst_dmix_meter_reset (GstDmixFilter *filter)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);

  end_speech (self);
  dmix_loudness_interrupt (self->loudness);
  read_phrases (self);
  self->spoke = FALSE;
  self->energy = 0;
  self->samples = 0;
  self->latest = GST_CLOCK_TIME_NONE;
}

/* The last message has the figures of the whole file. */
static void
gst_dmix_meter_end (GstDmixFilter *filter)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);

  end_speech (self);
  dmix_loudness_finish (self->loudness);
  read_phrases (self);
  self->ended = TRUE;
}

static guint
gst_dmix_meter_latency (GstDmixFilter *filter)
{
  return 0;
}

/*** messages ***/

static void
set_dialogue (GstDmixMeter *self, const GstDmixProgramme *p, GstStructure *s)
{
  const DmixDialogueReading *r = &p->dialogue;
  const gboolean heard = r->dialogue_lufs > DMIX_KWEIGHT_SILENCE_LUFS;
  const GstDmixNumber number[] = {
    { "dialogue-loudness", r->dialogue_lufs },
    { "dialogue-shortterm", r->shortterm_lufs },
    { "dialogue-range", r->range_lu },
    { "speech-share", 100 * r->share },
    { "speech-probability", r->probability },
    { "ldr", heard ? p->loudness.integrated_lufs - r->dialogue_lufs : NAN },
    { "speech-loudness", r->speech_is_valid ? r->speech_lufs : NAN },
  };
  const guint count = G_N_ELEMENTS (number);

  gst_dmix_message_set_numbers (s, number,
      self->dialogue == GST_DMIX_METER_DIALOGUE_BOTH ? count : count - 1);
}

static GstStructure *
gst_dmix_meter_meter (GstDmixFilter *filter)
{
  GstDmixMeter *self = GST_DMIX_METER (filter);
  GstDmixProgramme p;
  gdouble peak[DMIX_MAX_CHANNELS];
  GstStructure *s;

  dmix_loudness_read (self->loudness, &p.loudness);
  dmix_loudness_read_dialogue (self->loudness, &p.dialogue);
  p.true_peak_dbtp = dmix_loudness_get_max_true_peak (self->loudness);
  p.with_dialogue = self->dialogue != GST_DMIX_METER_DIALOGUE_OFF;
  for (guint c = 0; c < self->channels; c++)
    peak[c] = dmix_loudness_get_true_peak (self->loudness, c);
  s = gst_dmix_message_new_loudness (&p.loudness, peak, self->channels);
  if (p.with_dialogue)
    set_dialogue (self, &p, s);
  if (self->ended && self->hard_to_hear > 0)
    gst_dmix_hard_ranges_set (&self->hard, s);
  self->ended = FALSE;
  gst_dmix_specification_judge (self->specification, &p, s);
  GST_OBJECT_LOCK (self);
  self->measured = p;
  GST_OBJECT_UNLOCK (self);
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

static GstStructure *
judge (GstDmixMeter *self, const gchar *specification)
{
  GEnumClass *names =
      g_type_class_ref (gst_dmix_meter_specification_get_type ());
  const GEnumValue *value =
      specification ? g_enum_get_value_by_nick (names, specification) : NULL;
  GstStructure *s = NULL;
  GstDmixProgramme p;

  GST_OBJECT_LOCK (self);
  p = self->measured;
  GST_OBJECT_UNLOCK (self);
  if (value) {
    s = gst_structure_new_empty ("verdict");
    gst_dmix_specification_judge (value->value, &p, s);
  }
  g_type_class_unref (names);
  return s;
}

static void
gst_dmix_meter_class_init (GstDmixMeterClass *klass)
{
  GstDmixFilterClass *filter_class = GST_DMIX_FILTER_CLASS (klass);

  gst_dmix_filter_class_install (filter_class, &filter_info);
  G_OBJECT_CLASS (klass)->finalize = gst_dmix_meter_finalize;

  filter_class->setup = gst_dmix_meter_setup;
  filter_class->cleanup = gst_dmix_meter_cleanup;
  filter_class->apply = gst_dmix_meter_apply;
  filter_class->process = gst_dmix_meter_process;
  filter_class->reset = gst_dmix_meter_reset;
  filter_class->latency = gst_dmix_meter_latency;
  filter_class->meter = gst_dmix_meter_meter;
  filter_class->end = gst_dmix_meter_end;
  filter_class->annotate = gst_dmix_meter_annotate;

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

  /**
   * GstDmixMeter::judge:
   * @specification: a value of the property specification, as "netflix"
   *
   * Judges what the last message measured by another specification.
   *
   * Returns: (transfer full) (nullable): the fields specification, verdict and
   * verdict-text, or %NULL for an unknown specification
   *
   * Since: 0.1
   */
  signals[SIGNAL_JUDGE] =
      g_signal_new_class_handler ("judge", G_TYPE_FROM_CLASS (klass),
          G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (judge), NULL, NULL,
          NULL, GST_TYPE_STRUCTURE, 1, G_TYPE_STRING);
}

static void
gst_dmix_meter_init (GstDmixMeter *self)
{
  self->measured.loudness.integrated_lufs = DMIX_KWEIGHT_SILENCE_LUFS;
}
