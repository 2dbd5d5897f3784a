/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Rules of the proposal. Each looks at what was measured and appends settings
 * ("NAME=VALUE", as in a launch line) and one reason. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinproposal.h"
#include "base/gstdmixlog.h"

#include <math.h>
#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixbinproposal", "proposals of dmixbin");

#define SILENCE_LUFS (-70.0)
#define MET_LU 0.5 /* this close to the target nothing has to be done */
/* Where voices are levelled, what the ducking needs changes with them: the ducker
 * follows the target then, deeper than the mean need by this at most, dB. */
#define OVER_NEED 0.7
/* Speech less noise: from this on the noise is not heard in a mix. Below, 60 %
 * of what is missing is reduced, at most 12 dB: more costs the voice. */
#define CLEAN_DB 30.0
#define SHARE_OF_NOISE 0.6
#define LEAST_DENOISE_DB 3.0
#define MOST_DENOISE_DB 12.0
/* A background whose loudness range is larger has events that a compressor can
 * hold; it works above the mean loudness by OVER_LU. It lowers the mean by 2 to 5 LU,
 * which is known only once it has been heard: so this is advice for another analysis,
 * for with both in one proposal 5 of 20 scenes went 2 to 5 LU past the target. */
#define STEADY_RANGE_LU 12.0
#define STEADY_DB 6.0
#define OVER_LU 2.0
#define EQUAL_VOICES_LU 2.0
#define USUAL_CEILING_DBTP (-1.0)

typedef struct
{
  GstDmixBinReport *report;
  const GstDmixBinValues *values;
  const GList *pads;
  GString *settings;
  GValue reasons;
} Proposal;

static void G_GNUC_PRINTF (2, 3) set (Proposal *self, const gchar *format, ...)
{
  va_list arguments;

  if (self->settings->len > 0)
    g_string_append_c (self->settings, ' ');
  va_start (arguments, format);
  g_string_append_vprintf (self->settings, format, arguments);
  va_end (arguments);
}

static void G_GNUC_PRINTF (2, 3)
    because (Proposal *self, const gchar *format, ...)
{
  GValue text = G_VALUE_INIT;
  va_list arguments;

  g_value_init (&text, G_TYPE_STRING);
  va_start (arguments, format);
  g_value_take_string (&text, g_strdup_vprintf (format, arguments));
  va_end (arguments);
  gst_value_array_append_and_take_value (&self->reasons, &text);
}

static gboolean
is_dialogue (const gchar *pad)
{
  return g_str_has_prefix (pad, "dialogue");
}

/* A figure of the meter of a pad. */
static gboolean
pad_figure (Proposal *self, const gchar *pad, const gchar *field,
    gdouble *value)
{
  gchar *name = g_strdup_printf ("%s-meter", pad);
  const gboolean found =
      gst_dmix_bin_report_get (self->report, name, "dmixmeter", field, value);

  g_free (name);
  return found;
}

static gboolean
pad_loudness (Proposal *self, const gchar *pad, gdouble *lufs)
{
  return pad_figure (self, pad, "integrated", lufs) && *lufs > SILENCE_LUFS;
}

static const gchar *
loudest_background (Proposal *self)
{
  const gchar *loudest = "background";
  gdouble most = SILENCE_LUFS, lufs;

  for (const GList *item = self->pads; item; item = item->next)
    if (!is_dialogue (item->data) && pad_loudness (self, item->data, &lufs)
        && lufs > most) {
      most = lufs;
      loudest = item->data;
    }
  return loudest;
}

/* The softest and the loudest dialogue pad, if they are to be levelled. */
typedef struct
{
  const gchar *softest, *loudest;
  gdouble least, most; /* LUFS */
} Voices;

static gboolean
voices_differ (Proposal *self, Voices *v)
{
  gdouble lufs;

  *v = (Voices){ NULL, NULL, 0.0, 0.0 };
  for (const GList *item = self->pads; item; item = item->next)
    if (is_dialogue (item->data) && pad_loudness (self, item->data, &lufs)) {
      if (!v->softest || lufs < v->least) {
        v->least = lufs;
        v->softest = item->data;
      }
      if (!v->loudest || lufs > v->most) {
        v->most = lufs;
        v->loudest = item->data;
      }
    }
  return v->softest && v->most - v->least > EQUAL_VOICES_LU;
}

/* A fixed depth moves the mean difference by just that. (In mode target the ducker
 * follows phrases, and has to learn the voice: 16 of 20 scenes came within 1 LU.) */
static void
propose_ducking (Proposal *self)
{
  const gdouble target = self->values->target;
  gdouble difference;
  Voices voices;

  if (!gst_dmix_bin_report_get (self->report, "ducker", "dmixducker",
          "difference", &difference)) {
    because (self, "no speech over a background was heard: nothing to duck");
    return;
  }
  set (self, "target=%g", target);
  if (target - difference <= MET_LU) {
    because (self,
        "the dialogue is %.1f LU louder than the background: target %g is met "
        "without ducking",
        difference, target);
    return;
  }
  because (self, "%s is %.1f LU too loud under speech: target %g needs %.0f dB",
      loudest_background (self), target - difference, target,
      ceil (target - difference));
  if (voices_differ (self, &voices))
    set (self, "ducker::range=%.1f",
        MIN (60.0, target - difference + OVER_NEED));
  else
    set (self, "ducker::mode=fixed ducker::depth=%.1f",
        MIN (60.0, target - difference));
}

static void
propose_denoise (Proposal *self, const gchar *pad)
{
  gchar *name = g_strdup_printf ("%s-denoise", pad);
  gdouble lufs, noise, missing, reduction;

  if (pad_loudness (self, pad, &lufs)
      && gst_dmix_bin_report_get (self->report, name, "dmixdenoise",
          "noise-level", &noise)) {
    missing = CLEAN_DB - (lufs - noise);
    reduction = MIN (MOST_DENOISE_DB, floor (SHARE_OF_NOISE * missing));
    if (reduction >= LEAST_DENOISE_DB) {
      set (self, "%s::denoise=%g", pad, reduction);
      because (self, "%s is only %.0f dB above its noise: denoise %g", pad,
          lufs - noise, reduction);
    }
  }
  g_free (name);
}

static void
advise_steady (Proposal *self, const gchar *pad)
{
  gdouble lufs, range;

  if (!pad_loudness (self, pad, &lufs)
      || !pad_figure (self, pad, "range", &range) || range <= STEADY_RANGE_LU)
    return;
  because (self,
      "%s has a loudness range of %.0f LU: if its events are too loud, steady "
      "%g "
      "with a threshold of %.1f dB, and analyse again",
      pad, range, STEADY_DB, MAX (-60.0, lufs + OVER_LU));
}

static void
propose_voices (Proposal *self)
{
  Voices v;
  gdouble lufs;

  if (!voices_differ (self, &v))
    return;
  lufs = self->values->loudness < 0.0 ? self->values->loudness : v.most;
  set (self, "voices=%.1f", lufs);
  because (self, "%s is %.1f LU louder than %s: voices %.1f", v.loudest,
      v.most - v.least, v.softest, lufs);
}

static void
propose_delivery (Proposal *self)
{
  const gdouble loudness = self->values->loudness;
  gdouble lufs, peak, gain = 0.0, ceiling = self->values->ceiling;

  if (!gst_dmix_bin_report_get (self->report, "meter", "dmixmeter",
          "integrated", &lufs)
      || lufs <= SILENCE_LUFS
      || !gst_dmix_bin_report_get_peak (self->report, "meter", &peak))
    return;
  if (loudness < 0.0) {
    gain = loudness - lufs;
    set (self, "loudness=%g", loudness);
    because (self, "the mix has %.1f LUFS: loudness %g needs %+.1f dB", lufs,
        loudness, gain);
    if (fabs (gain)
        > (gain > 0 ? self->values->max_gain : self->values->max_cut))
      set (self, "%s=%.0f", gain > 0 ? "max-gain" : "max-cut",
          ceil (fabs (gain)) + 3.0);
  }
  ceiling = MIN (ceiling, USUAL_CEILING_DBTP);
  if (peak + gain > ceiling) {
    set (self, "ceiling=%g", ceiling);
    because (self, "peaks reach %.1f dBTP: ceiling %g", peak + gain, ceiling);
  }
}

GstStructure *
gst_dmix_bin_proposal_new (GstDmixBinReport *report,
    const GstDmixBinValues *values, const GList *pads)
{
  Proposal self = { report, values, pads, g_string_new (NULL), G_VALUE_INIT };
  GstStructure *message = gst_structure_new_empty ("dmixbin-proposal");

  g_value_init (&self.reasons, GST_TYPE_ARRAY);
  propose_ducking (&self);
  for (const GList *item = pads; item; item = item->next) {
    if (is_dialogue (item->data))
      propose_denoise (&self, item->data);
    else
      advise_steady (&self, item->data);
  }
  propose_voices (&self);
  propose_delivery (&self);
  GST_DEBUG ("proposal: %s", self.settings->str);
  gst_structure_take_value (message, "reasons", &self.reasons);
  gst_structure_set (message, "settings", G_TYPE_STRING, self.settings->str,
      NULL);
  g_string_free (self.settings, TRUE);
  return message;
}
