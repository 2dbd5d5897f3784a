/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFormats: one sample rate for all pads of an element, and the format of
 * its output. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixformats.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixstartup.h"
#include "base/gstdmixupstream.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixformats", "one rate for all pads");

#define NARROW_BAND 32000 /* Hz; lower rates cut audible frequencies */
#define FULL_BAND 48000   /* Hz */

/* Waiting for other pads at the start. */
#define PAUSE_US 2000
#define LONGEST_WAIT_US (3 * G_TIME_SPAN_SECOND)
#define LONGEST_WAIT_OF_LEADER_US (1 * G_TIME_SPAN_SECOND)
#define LONGEST_LATE_US (10 * G_TIME_SPAN_SECOND) /* beside late elements */

void
gst_dmix_formats_init (GstDmixFormats *self, GstElement *element,
    const gchar *leading_pad)
{
  self->element = element;
  gst_dmix_leader_init (&self->leader, element, leading_pad);
  self->rate = self->promised_rate = 0;
  self->waiting = self->waited = FALSE;
}

static gboolean
forget_format (GstElement *element, GstPad *pad, gpointer data)
{
  GST_OBJECT_LOCK (pad);
  gst_audio_info_init (&GST_AUDIO_AGGREGATOR_PAD (pad)->info);
  GST_OBJECT_UNLOCK (pad);
  return TRUE;
}

void
gst_dmix_formats_forget (GstDmixFormats *self)
{
  GST_OBJECT_LOCK (self->element);
  self->rate = self->promised_rate = 0;
  GST_OBJECT_UNLOCK (self->element);
  g_atomic_int_set (&self->waited, FALSE);
  gst_dmix_leader_forget (&self->leader);
  gst_element_foreach_sink_pad (self->element, forget_format, NULL);
}

/*** one rate ***/

static gint
caps_rate (GstCaps *caps)
{
  gint rate = 0;

  if (caps && !gst_caps_is_any (caps) && !gst_caps_is_empty (caps))
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "rate", &rate);
  return rate;
}

/* Caps with nothing but the rates of `caps`, in their order of preference. */
static GstCaps *
only_rates (const GstCaps *caps)
{
  GstCaps *rates = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GValue *rate =
        gst_structure_get_value (gst_caps_get_structure (caps, i), "rate");
    GstStructure *s = gst_structure_new_empty ("audio/x-raw");

    if (rate)
      gst_structure_set_value (s, "rate", rate);
    gst_caps_append_structure (rates, s);
  }
  return rates;
}

/* Intersects the rates with those of `caps`, unless that leaves none. */
static void
narrow_down (GstCaps **rates, const GstCaps *caps)
{
  GstCaps *other = only_rates (caps);
  GstCaps *both =
      gst_caps_intersect_full (*rates, other, GST_CAPS_INTERSECT_FIRST);

  gst_caps_unref (other);
  if (gst_caps_is_empty (both)) {
    gst_caps_unref (both);
    return;
  }
  gst_caps_unref (*rates);
  *rates = both;
}

typedef struct
{
  GstPad *asking, *leading; /* pads that need no query */
  GstCaps *rates;
} Survey;

static GstCaps *
upstream_caps (GstPad *pad)
{
  GstCaps *filter = gst_pad_get_pad_template_caps (pad);
  GstCaps *caps = gst_pad_peer_query_caps (pad, filter);

  gst_caps_unref (filter);
  return caps;
}

static void
ask_upstream (GstPad *pad, GstCaps **rates)
{
  GstCaps *caps = upstream_caps (pad);

  narrow_down (rates, caps);
  gst_caps_unref (caps);
}

static gboolean
ask_other (GstElement *element, GstPad *pad, gpointer data)
{
  Survey *survey = data;

  if (pad != survey->asking && pad != survey->leading)
    ask_upstream (pad, &survey->rates);
  return TRUE;
}

static gboolean
contains_rate (const GstCaps *rates, gint rate)
{
  GstCaps *one =
      gst_caps_new_simple ("audio/x-raw", "rate", G_TYPE_INT, rate, NULL);
  const gboolean contained = gst_caps_can_intersect (rates, one);

  gst_caps_unref (one);
  return contained;
}

/* All rates, first the one that upstream of the leading pad will choose, which an
 * audioresample does not say itself. Returns it; 0: not known yet. */
static gint
prefer_leader (GstPad *leading, GstCaps **rates)
{
  const gint rate = gst_dmix_upstream_rate (leading);

  if (rate > 0) {
    gst_caps_unref (*rates);
    *rates =
        gst_caps_new_simple ("audio/x-raw", "rate", G_TYPE_INT, rate, NULL);
    gst_caps_append (*rates, gst_caps_new_empty_simple ("audio/x-raw"));
  }
  return rate;
}

/* The rate that upstream of the leading pad prefers, among the rates that
 * downstream and upstream of every pad can have. So the result does not depend
 * on which pad negotiates first, and a pad without audioresample gets its own
 * rate. While a decoder before the leading pad does not know its rate yet, a
 * dialogue in telephone quality does not determine the rate of the mix. 0: no
 * preference. wanted: rates that upstream of `asking` can have, or NULL: it does
 * not say, so that no other pad's preference may exclude them. */
static gint
preferred_rate (GstDmixFormats *self, GstPad *asking, GstCaps *wanted,
    GstCaps *downstream)
{
  GstPad *leading = gst_dmix_leader_get (&self->leader);
  Survey survey = {
    asking,
    leading,
    gst_caps_new_empty_simple ("audio/x-raw"),
  };
  const gboolean says = wanted && !gst_caps_is_any (wanted);
  gint rate, chosen = 0;

  if (leading && leading != asking && says)
    chosen = prefer_leader (leading, &survey.rates);
  if (leading && leading != asking)
    ask_upstream (leading, &survey.rates);
  if (says)
    narrow_down (&survey.rates, wanted);
  if (downstream)
    narrow_down (&survey.rates, downstream);
  gst_element_foreach_sink_pad (self->element, ask_other, &survey);
  rate = caps_rate (survey.rates);
  if (rate > 0 && rate < NARROW_BAND && chosen == 0 && leading
      && leading != asking && gst_pad_is_linked (leading)
      && contains_rate (survey.rates, FULL_BAND))
    rate = FULL_BAND;
  gst_caps_unref (survey.rates);
  gst_clear_object (&leading);
  return rate;
}

static gint
known_rate (GstDmixFormats *self)
{
  gint rate;

  GST_OBJECT_LOCK (self->element);
  rate = self->rate ? self->rate : self->promised_rate;
  GST_OBJECT_UNLOCK (self->element);
  return rate;
}

/*** waiting for other pads ***/

/* A pad with a lower number than the leading one may be to come. */
static gboolean
expects_leader (GstDmixFormats *self, GstPad *leader)
{
  return !gst_dmix_leader_is_certain (&self->leader)
      && gst_dmix_startup_has_late_element (self->element)
      && !gst_dmix_upstream_is_live (leader);
}

/* How long the query of this pad may still wait for that of the leading one, us:
 * the leading pad is to come, or a thread of its own has not got to it. */
static gint64
longest_wait (GstDmixFormats *self, GstPad *asking)
{
  GstPad *leader = gst_dmix_leader_get (&self->leader);
  gint64 wait = 0;

  if (leader != asking && gst_dmix_startup_has_late_element (self->element))
    wait = LONGEST_LATE_US;
  else if (leader && leader != asking && !gst_dmix_leader_has_ended (leader)
      && gst_dmix_upstream_is_apart (leader, asking))
    wait = LONGEST_WAIT_US;
  gst_clear_object (&leader);
  return wait;
}

typedef struct
{
  GstPad *leader;
  guint unknown;
} Absent;

static gboolean
count_absent (GstElement *element, GstPad *pad, gpointer data)
{
  Absent *absent = data;
  GstCaps *caps;

  if (pad == absent->leader || !gst_pad_is_linked (pad)
      || !gst_dmix_upstream_is_apart (absent->leader, pad))
    return TRUE;
  caps = upstream_caps (pad);
  if (!gst_dmix_upstream_has_rate (caps))
    absent->unknown++;
  gst_caps_unref (caps);
  return TRUE;
}

/* How long the query of the leading pad may still wait, us: another one may be to
 * lead, or a pad that has no audioresample before it, and does not know its rate,
 * will decide. */
static gint64
longest_wait_of_leader (GstDmixFormats *self, GstPad *leader)
{
  Absent absent = { leader, 0 };

  if (expects_leader (self, leader))
    return LONGEST_LATE_US;
  gst_element_foreach_sink_pad (self->element, count_absent, &absent);
  return (gint) absent.unknown > g_atomic_int_get (&self->waiting)
          && !gst_dmix_upstream_is_live (leader)
      ? LONGEST_WAIT_OF_LEADER_US
      : 0;
}

static gboolean
has_leader (GstDmixFormats *self, GstPad *pad)
{
  GstPad *leader = gst_dmix_leader_get (&self->leader);
  const gboolean leads = leader == pad;

  gst_clear_object (&leader);
  return leads;
}

/* At the start, a query waits until the rate does not depend any more on which
 * thread came first. */
static void
wait_for_others (GstDmixFormats *self, GstPad *asking)
{
  const gint64 start = g_get_monotonic_time ();
  gint64 passed = 0, most = 1;
  gboolean leads = TRUE;

  if (g_atomic_int_get (&self->waited))
    return;
  while (known_rate (self) == 0 && !GST_PAD_IS_FLUSHING (asking)) {
    if (leads != has_leader (self, asking)) {
      leads = !leads;
      g_atomic_int_add (&self->waiting, leads ? -1 : 1);
    }
    most = leads ? longest_wait_of_leader (self, asking)
                 : longest_wait (self, asking);
    if (most <= passed)
      break;
    g_usleep (PAUSE_US);
    passed = g_get_monotonic_time () - start;
  }
  if (!leads)
    g_atomic_int_add (&self->waiting, -1);
  if (most > 0 && passed >= most)
    g_atomic_int_set (&self->waited, TRUE);
  GST_DEBUG_OBJECT (asking, "waited %g ms for the rates of other pads",
      passed / 1e3);
}

/* The common rate of all pads. Two threads may query at the same time, before
 * one has sent caps: the first answer is kept and given to the others. */
static gint
common_rate (GstDmixFormats *self, GstPad *asking, GstCaps *wanted,
    GstCaps *downstream)
{
  gint rate;

  if (wanted)
    wait_for_others (self, asking);
  rate = known_rate (self);
  if (rate == 0)
    rate = preferred_rate (self, asking, wanted, downstream);
  GST_OBJECT_LOCK (self->element);
  if (self->rate)
    rate = self->rate;
  else if (self->promised_rate)
    rate = self->promised_rate;
  else if (wanted)
    self->promised_rate = rate;
  GST_OBJECT_UNLOCK (self->element);
  GST_DEBUG_OBJECT (asking, "common rate is %d Hz%s", rate,
      rate == 0 ? " (none yet)" : "");
  return rate;
}

/* TRUE: the output has all of its format, and not its rate alone. */
static gboolean
is_leading (GstDmixFormats *self, GstPad *pad)
{
  return self->leader.name && has_leader (self, pad);
}

/*** caps of sink pads ***/

/* The caps that downstream allows: channels and rate on the leading pad, whose
 * format is that of the output; the rate alone on the others. */
static GstCaps *
sink_caps (GstDmixFormats *self, GstPad *pad, GstCaps *filter)
{
  GstCaps *caps = gst_pad_get_pad_template_caps (pad);
  GstCaps *downstream =
      gst_pad_get_allowed_caps (GST_AGGREGATOR_SRC_PAD (self->element));
  gint rate = common_rate (self, pad, filter, downstream);

  caps = gst_caps_make_writable (caps);
  if (rate > 0)
    gst_caps_set_simple (caps, "rate", G_TYPE_INT, rate, NULL);
  if (downstream) {
    GstCaps *both;

    if (!is_leading (self, pad)) {
      downstream = gst_caps_make_writable (downstream);
      for (guint i = 0; i < gst_caps_get_size (downstream); i++)
        gst_structure_remove_fields (gst_caps_get_structure (downstream, i),
            "channels", "channel-mask", NULL);
    }
    both = gst_caps_intersect_full (downstream, caps, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref (caps);
    gst_caps_unref (downstream);
    caps = both;
  }
  return caps;
}

static GstCaps *
filtered (GstCaps *caps, GstCaps *filter)
{
  GstCaps *both;

  if (!filter)
    return caps;
  both = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (caps);
  return both;
}

gboolean
gst_dmix_formats_query (GstDmixFormats *self, GstPad *pad, GstQuery *query)
{
  GstCaps *filter, *caps;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_ACCEPT_CAPS:
      /* the rate is checked with the CAPS event, whose error explains more */
      gst_query_parse_accept_caps (query, &filter);
      caps = gst_pad_get_pad_template_caps (pad);
      gst_query_set_accept_caps_result (query,
          gst_caps_is_subset (filter, caps));
      break;
    case GST_QUERY_CAPS:
      gst_query_parse_caps (query, &filter);
      caps = filtered (sink_caps (self, pad, filter), filter);
      gst_query_set_caps_result (query, caps);
      break;
    default:
      return FALSE;
  }
  gst_caps_unref (caps);
  return TRUE;
}

/* A rate that was answered to a query binds the optional pads: the leading pad
 * may be about to send it. */
gboolean
gst_dmix_formats_accept (GstDmixFormats *self, GstPad *pad, GstCaps *caps)
{
  const gboolean leads = is_leading (self, pad);
  GstAudioInfo info;
  gint rate;

  if (!gst_audio_info_from_caps (&info, caps))
    return FALSE;
  GST_OBJECT_LOCK (self->element);
  rate = self->rate;
  if (rate == 0 && !leads)
    rate = self->promised_rate;
  if (rate == 0)
    rate = GST_AUDIO_INFO_RATE (&info);
  if (rate == GST_AUDIO_INFO_RATE (&info))
    self->rate = rate;
  GST_OBJECT_UNLOCK (self->element);
  GST_DEBUG_OBJECT (pad, "caps with %d Hz, element at %d Hz: %s",
      GST_AUDIO_INFO_RATE (&info), rate,
      rate == GST_AUDIO_INFO_RATE (&info) ? "accepted" : "refused");
  return rate == GST_AUDIO_INFO_RATE (&info);
}

void
gst_dmix_formats_complain (GstDmixFormats *self, GstPad *pad, GstCaps *caps)
{
  GstAudioInfo info;

  if (gst_audio_info_from_caps (&info, caps))
    GST_ELEMENT_ERROR (self->element, STREAM, FORMAT, (NULL),
        ("Pad '%s' gets %d Hz, but this element runs at %d Hz: put "
         "audioresample before each sink pad",
            GST_PAD_NAME (pad), GST_AUDIO_INFO_RATE (&info),
            known_rate (self)));
  else
    GST_ELEMENT_ERROR (self->element, STREAM, FORMAT, (NULL),
        ("Pad '%s' cannot take caps %" GST_PTR_FORMAT ": put audioconvert "
         "before it",
            GST_PAD_NAME (pad), (gpointer) caps));
}

/*** caps of the output ***/

typedef struct
{
  GstPad *leader, *source; /* of `other` */
  GstCaps *leading, *other;
  gboolean wait; /* the leading pad can still get a format */
} Gathered;

static gboolean
gather_format (GstElement *element, GstPad *pad, gpointer data)
{
  Gathered *gathered = data;
  GstAudioAggregatorPad *audio = GST_AUDIO_AGGREGATOR_PAD (pad);
  const gboolean leads = pad == gathered->leader;
  GstCaps *caps = NULL;

  GST_OBJECT_LOCK (pad);
  if (GST_AUDIO_INFO_IS_VALID (&audio->info))
    caps = gst_audio_info_to_caps (&audio->info);
  GST_OBJECT_UNLOCK (pad);
  if (leads && !caps)
    gathered->wait = !gst_dmix_leader_has_ended (pad);
  if (leads) {
    gst_caps_replace (&gathered->leading, caps);
  } else if (caps
      && (!gathered->source
          || gst_dmix_leader_is_before (pad, gathered->source))) {
    gst_caps_replace (&gathered->other, caps);
    gathered->source = pad;
  }
  gst_clear_caps (&caps);
  return TRUE;
}

/* Without a leading pad the output keeps its format, so that pads come and go
 * without a change of layout; at first it has that of the first pad. */
static void
keep_output (GstDmixFormats *self, GstCaps **caps)
{
  GstCaps *now =
      gst_pad_get_current_caps (GST_AGGREGATOR_SRC_PAD (self->element));

  if (*caps && now && caps_rate (now) == caps_rate (*caps))
    gst_caps_replace (caps, now);
  gst_clear_caps (&now);
}

GstCaps *
gst_dmix_formats_output (GstDmixFormats *self)
{
  Gathered gathered = { NULL };
  GstCaps *own;

  if (self->leader.name)
    gathered.leader = gst_dmix_leader_get (&self->leader);
  gst_element_foreach_sink_pad (self->element, gather_format, &gathered);
  if (self->leader.name && !gathered.leading && !gathered.wait)
    keep_output (self, &gathered.other);
  own = gathered.leading ? gathered.leading
      : gathered.wait    ? NULL
                         : gathered.other;
  if (own) {
    gst_caps_ref (own);
    gst_dmix_leader_settle (&self->leader,
        gathered.leading ? gathered.leader : NULL);
  }
  gst_clear_object (&gathered.leader);
  gst_clear_caps (&gathered.leading);
  gst_clear_caps (&gathered.other);
  return own;
}
