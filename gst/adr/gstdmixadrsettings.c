/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties of dmixadr, their conversion to the parameters of dsp/, and lists of
 * times. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "adr/gstdmixadrsettings.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixenum.h"

GST_DMIX_LOG_CATEGORY ("dmixadrsettings", "parameters of dmixadr");

static const GEnumValue adr_room_tone_values[] = {
  { DMIX_ADR_TONE_OFF, "No room tone", "off" },
  { DMIX_ADR_TONE_GAPS, "Room tone in the pauses of the guide", "gaps" },
  { DMIX_ADR_TONE_FULL, "Room tone throughout", "full" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixAdrRoomTone, gst_dmix_adr_room_tone,
    adr_room_tone_values)

static const GEnumValue adr_on_mismatch_values[] = {
  { GST_DMIX_ADR_SHIFT, "The take, shifted but not stretched", "shift" },
  { GST_DMIX_ADR_MUTE, "Silence", "mute" },
  { GST_DMIX_ADR_GUIDE, "The guide", "guide" },
  { GST_DMIX_ADR_ERROR, "Stop with an error", "error" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixAdrOnMismatch, gst_dmix_adr_on_mismatch,
    adr_on_mismatch_values)

static const GEnumValue adr_speech_detector_values[] = {
  { 0, "Level against the background, for guides with a quiet one",
      "statistical" },
  { 1,
      "Speech, by a trained network and statistics, for guides with loud "
      "ambience or music (from 16 kHz on)",
      "learned" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixAdrSpeechDetector, gst_dmix_adr_speech_detector,
    adr_speech_detector_values)

#define PLACE(field) G_STRUCT_OFFSET (GstDmixAdrSettings, field)
#define START GST_PARAM_MUTABLE_READY
#define LINE GST_PARAM_MUTABLE_PLAYING

const GstDmixProperty gst_dmix_adr_properties[] = {
  { "max-shift", "Maximum shift",
      "Largest distance of the take from its expected time, in ms (for the "
      "first line the time of the guide, then that of the line before)",
      GST_DMIX_DOUBLE, 0, 10000, 2000, PLACE (max_shift), START, NULL },
  { "take-search", "Take search",
      "How far around its expected time a line is looked for in a take with "
      "retakes and slates, in s (of 1000 ms); 0 for a take without",
      GST_DMIX_DOUBLE, 0, 30, 0, PLACE (take_search), START, NULL },
  { "clock-drift", "Clock drift",
      "By how much the clock of the take is slow against that of the guide, in "
      "ppm, where it is known; 0: the lines show it, from the eighth on",
      GST_DMIX_DOUBLE, -1000, 1000, 0, PLACE (clock_drift), START, NULL },
  { "max-stretch", "Maximum stretch",
      "Largest factor by which speech is sped up or slowed down",
      GST_DMIX_DOUBLE, 1, 2, 2, PLACE (max_stretch), LINE, NULL },
  { "strength", "Strength",
      "How closely the take follows the guide, from 0 (shift each line only) "
      "to 1",
      GST_DMIX_DOUBLE, 0, 1, 1, PLACE (strength), LINE, NULL },
  { "tolerance", "Tolerance",
      "Deviation from the guide before the take is spliced, in ms (in voiced "
      "speech up to half a pitch period more)",
      GST_DMIX_DOUBLE, 0, 20, 3, PLACE (tolerance), LINE, NULL },
  { "line-gap", "Line gap", "Pause of the guide that ends a line, in ms",
      GST_DMIX_DOUBLE, 100, 10000, 700, PLACE (line_gap), LINE, NULL },
  { "speech-detector", "Speech detector",
      "Method that finds the pauses of the guide", GST_DMIX_ENUM, 0, 1, 0,
      PLACE (speech_detector), START, gst_dmix_adr_speech_detector_get_type },
  { "max-line", "Maximum line",
      "Longest line, in s (of 1000 ms); longer ones are cut at their softest "
      "moment",
      GST_DMIX_DOUBLE, 5, 120, 60, PLACE (max_line), START, NULL },
  { "match-level", "Match level", "Give each line the loudness of the guide",
      GST_DMIX_BOOLEAN, 0, 1, TRUE, PLACE (match_level), LINE, NULL },
  { "match-eq", "Match equalizer",
      "Strength of the equalizer towards the timbre of the guide, from 0 "
      "(none) to 1",
      GST_DMIX_DOUBLE, 0, 1, 0.7, PLACE (match_eq), START, NULL },
  { "eq-limit", "Equalizer limit",
      "Largest boost and cut of the equalizer, in dB", GST_DMIX_DOUBLE, 0, 24,
      12, PLACE (eq_limit), LINE, NULL },
  { "room-tone", "Room tone", "Add noise like that of the pauses of the guide",
      GST_DMIX_ENUM, 0, 2, DMIX_ADR_TONE_OFF, PLACE (room_tone), LINE,
      gst_dmix_adr_room_tone_get_type },
  { "room-tone-gain", "Room tone gain",
      "Gain of the room tone relative to the guide, in dB", GST_DMIX_DOUBLE,
      -60, 12, 0, PLACE (room_tone_gain), LINE, NULL },
  { "min-confidence", "Minimum confidence",
      "Confidence from which a line counts as matched, from 0 (always) to 1",
      GST_DMIX_DOUBLE, 0, 1, 0.57, PLACE (min_confidence), LINE, NULL },
  { "on-mismatch", "On mismatch", "Output for a line that does not match",
      GST_DMIX_ENUM, 0, 3, GST_DMIX_ADR_SHIFT, PLACE (on_mismatch), LINE,
      gst_dmix_adr_on_mismatch_get_type },
  { "analyse-only", "Analyse only",
      "Pass the take through unchanged and only post messages",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (analyse_only), START, NULL },
  { "post-messages", "Post messages", "Post an element message for each line",
      GST_DMIX_BOOLEAN, 0, 1, TRUE, PLACE (post_messages), LINE, NULL },
  { "post-map", "Post map", "Include the time map of the line in its message",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (post_map), LINE, NULL },
};

const guint gst_dmix_adr_property_count =
    G_N_ELEMENTS (gst_dmix_adr_properties);

void
gst_dmix_adr_settings_to_params (const GstDmixAdrSettings *settings,
    DmixAdrParams *params)
{
  *params = (DmixAdrParams){
    .line_gap_ms = settings->line_gap,
    .max_stretch = settings->max_stretch,
    .strength = settings->strength,
    .min_confidence = settings->min_confidence,
    .tolerance_ms = settings->tolerance,
    .match_level = settings->match_level && !settings->analyse_only,
    .match_eq = settings->analyse_only ? 0.0 : settings->match_eq,
    .eq_limit_db = settings->eq_limit,
    .tone = settings->analyse_only ? DMIX_ADR_TONE_OFF
                                   : (DmixAdrTone) settings->room_tone,
    .tone_gain_db = settings->room_tone_gain,
    .mismatch = settings->on_mismatch == GST_DMIX_ADR_MUTE ? DMIX_ADR_MUTE
        : settings->on_mismatch == GST_DMIX_ADR_GUIDE      ? DMIX_ADR_KEEP_GUIDE
                                                           : DMIX_ADR_SHIFT,
    .analyse_only = settings->analyse_only,
  };
}

static gboolean
parse_number (const gchar **text, gdouble *number)
{
  gchar *end;

  *number = g_ascii_strtod (*text, &end);
  if (end == *text || !(*number >= 0.0 && *number < 1e9))
    return FALSE;
  while (g_ascii_isspace (*end))
    end++;
  *text = end;
  return TRUE;
}

GArray *
gst_dmix_adr_parse_pairs (const gchar *text, gchar separator)
{
  GArray *pairs = g_array_new (FALSE, FALSE, 2 * sizeof (gdouble));

  while (text && g_ascii_isspace (*text))
    text++;
  while (text && *text) {
    gdouble pair[2];

    if (!parse_number (&text, &pair[0]) || *text++ != separator
        || !parse_number (&text, &pair[1]) || (*text != ',' && *text != '\0')) {
      GST_DEBUG ("list of times stops at '%s'", text);
      g_array_unref (pairs);
      return NULL;
    }
    g_array_append_val (pairs, pair);
    if (*text == ',')
      text++;
  }
  return pairs;
}
