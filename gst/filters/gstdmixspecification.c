/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Delivery specifications and the verdict. The sources of all limits stand in
 * docs/elements/dmixmeter.md. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixspecification.h"
#include "base/gstdmixenum.h"
#include "base/gstdmixlog.h"

#include "meter/kweight.h"

#include <math.h>

GST_DMIX_LOG_CATEGORY ("dmixspecification", "verdicts of dmixmeter");

/* Most of a loudness that has no limit. */
#define ANY G_MAXDOUBLE
/* Slack for figures that are equal to a limit but for rounding, LU and dB. */
#define ROUNDING 1e-6

typedef enum
{
  PROGRAMME,
  DIALOGUE,
  CINEMA, /* programme or dialogue, see fits_cinema() */
} Anchor;

typedef struct
{
  const gchar *name;
  Anchor anchor;
  gdouble target_lufs, tolerance_lu, max_peak_dbtp;
  /* with less speech than this the target is that of the programme */
  gdouble least_share, programme_lufs;
  gdouble max_shortterm_lufs, max_momentary_lufs; /* one of them has to fit */
} Specification;

static const Specification specifications[GST_DMIX_METER_SPECIFICATIONS] = {
  [GST_DMIX_METER_R128] = { "r128", PROGRAMME, -23, 0.5, -1, 0, 0, ANY, ANY },
  [GST_DMIX_METER_A85] = { "a85", PROGRAMME, -24, 2, -2, 0, 0, ANY, ANY },
  [GST_DMIX_METER_NETFLIX] = { "netflix", DIALOGUE, -27, 2, -2, 0.15, -24, ANY,
      ANY },
  [GST_DMIX_METER_STREAMING] = { "streaming", PROGRAMME, -14, 1, -1, 0, 0, ANY,
      ANY },
  [GST_DMIX_METER_PODCAST] = { "podcast", PROGRAMME, -16, 1, -1, 0, 0, ANY,
      ANY },
  [GST_DMIX_METER_R128_S1] = { "r128-s1", PROGRAMME, -23, 0.5, -1, 0, 0, -18,
      -15 },
  [GST_DMIX_METER_R128_S4] = { "r128-s4", CINEMA, -23, 0.5, -1, 0, -23, ANY,
      ANY },
  [GST_DMIX_METER_A85_ANCHOR] = { "a85-anchor", DIALOGUE, -24, 2, -2, 0, -24,
      ANY, ANY },
  [GST_DMIX_METER_TD1008] = { "td1008", DIALOGUE, -18, 2, -1, 0, -18, ANY,
      ANY },
};

/* EBU R 128 s4: largest loudness-to-dialogue ratio, the dialogue loudness of
 * the second scheme of normalisation, and its loudest programme. */
#define MAX_LDR_LU 5.0
#define MIN_CINEMA_LUFS -28.0
#define MAX_CINEMA_LUFS -23.0
#define MAX_CINEMA_PROGRAMME_LUFS -18.0

static const GEnumValue meter_specification_values[] = {
  { GST_DMIX_METER_R128, "EBU R 128: -23 +-0.5 LUFS, -1 dBTP", "r128" },
  { GST_DMIX_METER_A85, "ATSC A/85: -24 +-2 LKFS, -2 dBTP", "a85" },
  { GST_DMIX_METER_NETFLIX,
      "Netflix: dialogue -27 +-2 LKFS (with less than 15 % speech: programme "
      "-24 +-2), -2 dBTP",
      "netflix" },
  { GST_DMIX_METER_STREAMING,
      "Music and video streaming: -14 +-1 LUFS, "
      "-1 dBTP",
      "streaming" },
  { GST_DMIX_METER_PODCAST, "Podcasts: -16 +-1 LUFS, -1 dBTP", "podcast" },
  { GST_DMIX_METER_R128_S1,
      "EBU R 128 s1, short form: as r128, and short-term at most -18 or "
      "momentary at most -15 LUFS",
      "r128-s1" },
  { GST_DMIX_METER_R128_S4,
      "EBU R 128 s4, cinematic: loudness-to-dialogue ratio at most 5 LU; "
      "programme -23 +-0.5 LUFS, or dialogue -28 to -23 LUFS with a programme "
      "of at most -18 LUFS; -1 dBTP",
      "r128-s4" },
  { GST_DMIX_METER_A85_ANCHOR,
      "ATSC A/85 by its anchor: dialogue -24 +-2 LKFS, -2 dBTP", "a85-anchor" },
  { GST_DMIX_METER_TD1008,
      "AES TD1008, internet audio: dialogue -18 +-2 LUFS, -1 dBTP", "td1008" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixMeterSpecification, gst_dmix_meter_specification,
    meter_specification_values)

/*** rules: each appends what it misses to the text ***/

static void
separate (GString *text)
{
  if (text->len > 0)
    g_string_append (text, "; ");
}

static void
judge_loudness (const gchar *what, gdouble lufs, gdouble target_lufs,
    gdouble tolerance_lu, GString *text)
{
  const gdouble off = lufs - target_lufs;

  if (fabs (off) <= tolerance_lu + ROUNDING)
    return;
  separate (text);
  g_string_append_printf (text,
      "%s%.1f LUFS instead of %.0f +-%.1f: %s by %.1f dB", what, lufs,
      target_lufs, tolerance_lu, off > 0 ? "lower" : "raise", fabs (off));
}

static void
judge_peak (gdouble peak, gdouble most, GString *text)
{
  if (peak <= most)
    return;
  separate (text);
  g_string_append_printf (text,
      "true peak of %.1f dBTP above %.0f: limit it, or lower by %.1f dB", peak,
      most, peak - most);
}

/* One of both has to be below its limit. */
static void
judge_short_form (const Specification *spec, const DmixLoudnessReading *r,
    GString *text)
{
  const gdouble over = MIN (r->max_shortterm_lufs - spec->max_shortterm_lufs,
      r->max_momentary_lufs - spec->max_momentary_lufs);

  if (over <= ROUNDING)
    return;
  separate (text);
  g_string_append_printf (text,
      "short-term up to %.1f above %.0f and momentary up to %.1f above %.0f "
      "LUFS: lower the loudest passages by %.1f dB",
      r->max_shortterm_lufs, spec->max_shortterm_lufs, r->max_momentary_lufs,
      spec->max_momentary_lufs, over);
}

/* R 128 s4: either the programme has the loudness of R 128, or the dialogue is
 * within the range of cinematic content. */
static void
judge_cinema (const Specification *spec, const GstDmixProgramme *p,
    GString *text)
{
  const gdouble programme = p->loudness.integrated_lufs;
  const gdouble dialogue = p->dialogue.dialogue_lufs;
  const gdouble ldr = programme - dialogue;
  const gdouble off = programme - spec->target_lufs;

  if (ldr > MAX_LDR_LU + ROUNDING) {
    separate (text);
    g_string_append_printf (text,
        "loudness-to-dialogue ratio of %.1f LU above %.0f: raise the dialogue "
        "against the rest by %.1f dB",
        ldr, MAX_LDR_LU, ldr - MAX_LDR_LU);
  }
  if (fabs (off) <= spec->tolerance_lu + ROUNDING
      || (dialogue >= MIN_CINEMA_LUFS - ROUNDING
          && dialogue <= MAX_CINEMA_LUFS + ROUNDING
          && programme <= MAX_CINEMA_PROGRAMME_LUFS + ROUNDING))
    return;
  separate (text);
  g_string_append_printf (text,
      "programme %.1f and dialogue %.1f LUFS instead of programme %.0f +-%.1f "
      "or dialogue %.0f to %.0f LUFS: %s by %.1f dB",
      programme, dialogue, spec->target_lufs, spec->tolerance_lu,
      MIN_CINEMA_LUFS, MAX_CINEMA_LUFS, off > 0 ? "lower" : "raise",
      fabs (off));
}

/*** the verdict ***/

/* TRUE if the rules for dialogue apply to the dialogue of a mix. */
static gboolean
has_dialogue (const Specification *spec, const GstDmixProgramme *p)
{
  return p->with_dialogue
      && p->dialogue.dialogue_lufs > DMIX_KWEIGHT_SILENCE_LUFS
      && p->dialogue.share >= spec->least_share;
}

static void
judge_level (const Specification *spec, const GstDmixProgramme *p,
    GString *text)
{
  const gdouble programme = p->loudness.integrated_lufs;

  if (spec->anchor == PROGRAMME || !p->with_dialogue)
    judge_loudness ("", programme, spec->target_lufs, spec->tolerance_lu, text);
  else if (!has_dialogue (spec, p))
    judge_loudness ("too little speech for a dialogue loudness; programme ",
        programme, spec->programme_lufs, spec->tolerance_lu, text);
  else if (spec->anchor == CINEMA)
    judge_cinema (spec, p, text);
  else
    judge_loudness ("dialogue ", p->dialogue.dialogue_lufs, spec->target_lufs,
        spec->tolerance_lu, text);
}

void
gst_dmix_specification_judge (gint specification,
    const GstDmixProgramme *programme, GstStructure *message)
{
  const Specification *spec = &specifications[specification];
  const gboolean measured =
      programme->loudness.integrated_lufs > DMIX_KWEIGHT_SILENCE_LUFS;
  GString *text = g_string_new (NULL);
  const gchar *verdict;

  if (measured) {
    judge_level (spec, programme, text);
    judge_short_form (spec, &programme->loudness, text);
  } else
    g_string_append (text, "nothing heard yet above -70 LUFS");
  judge_peak (programme->true_peak_dbtp, spec->max_peak_dbtp, text);
  verdict = !measured ? "none" : text->len > 0 ? "fail" : "pass";
  GST_LOG ("%s: %s, %s", spec->name, verdict, text->str);
  gst_structure_set (message, "specification", G_TYPE_STRING, spec->name, NULL);
  gst_structure_set (message, "verdict", G_TYPE_STRING, verdict, NULL);
  gst_structure_set (message, "verdict-text", G_TYPE_STRING,
      text->len > 0 ? text->str : "met", NULL);
  g_string_free (text, TRUE);
}
