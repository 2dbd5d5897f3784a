/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Samples of dmixadr: from the pads to the aligner (dsp/adr), and its finished
 * lines to the src pad. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "adr/gstdmixadrprivate.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixadrflow", "samples through dmixadr");

#define BLOCK 4096 /* largest output buffer, frames */

void
gst_dmix_adr_forget_sound (GstDmixAdr *self)
{
  g_clear_pointer (&self->adr, dmix_adr_free);
  gst_audio_info_init (&self->info);
  self->frames = 0;
  self->summary = (Summary){ .lowest = 1.0, .stretch = 1.0 };
}

/* The settings of this moment. */
static const GstDmixAdrSettings *
take_settings (GstDmixAdr *self)
{
  gst_dmix_settings_take (&self->settings);
  return gst_dmix_settings_get_current (&self->settings);
}

static GArray *
get_pairs (GstDmixAdr *self, gchar **text, gchar separator)
{
  GArray *pairs;

  GST_OBJECT_LOCK (self);
  pairs = gst_dmix_adr_parse_pairs (*text, separator);
  GST_OBJECT_UNLOCK (self);
  return pairs ? pairs : g_array_new (FALSE, FALSE, 2 * sizeof (gdouble));
}

/* Start of the take minus start of the guide, ms. */
static gdouble
take_lag (GstDmixAdr *self)
{
  GstClockTime guide, take, timestamp;

  if (!self->pad[DMIX_ADR_TAKE]
      || !gst_dmix_adr_pad_start (self->pad[DMIX_ADR_TAKE], &take, &timestamp)
      || !gst_dmix_adr_pad_start (self->pad[DMIX_ADR_GUIDE], &guide,
          &timestamp))
    return 0.0;
  return (gdouble) GST_CLOCK_DIFF (guide, take) / GST_MSECOND;
}

/* Leaves the LFE out of the analysis, unless there is nothing else. */
static void
leave_out_lfe (GstDmixAdr *self, DmixAdrSide side, const GstAudioInfo *info)
{
  const gint channels = GST_AUDIO_INFO_CHANNELS (info);
  gfloat weight[DMIX_MAX_CHANNELS];
  gboolean any = FALSE;

  gst_dmix_layout_weights (info, weight);
  for (gint c = 0; c < channels; c++)
    any |= weight[c] > 0.0f;
  for (gint c = 0; any && c < channels; c++)
    if (weight[c] == 0.0f)
      dmix_adr_leave_out (self->adr, side, c);
}

static gboolean
make_adr (GstDmixAdr *self, const GstDmixAdrSettings *settings)
{
  const GstAudioInfo *guide = gst_dmix_adr_pad_info (self->pad[DMIX_ADR_GUIDE]);
  const DmixAdrShape shape = {
    .rate_hz = GST_AUDIO_INFO_RATE (guide),
    .guide_channels = GST_AUDIO_INFO_CHANNELS (guide),
    .take_channels = GST_AUDIO_INFO_CHANNELS (&self->info),
    .max_line_ms = settings->max_line * 1000.0,
    .max_shift_ms = settings->max_shift,
    .search_ms = settings->take_search * 1000.0,
    .lag_ms = take_lag (self),
    .drift_ppm = settings->clock_drift,
    .learned = settings->speech_detector,
  };
  GArray *sync = get_pairs (self, &self->sync_points, ':');
  GArray *protect = get_pairs (self, &self->protect, '-');
  DmixAdrParams params;

  self->adr = dmix_adr_new (&shape, (DmixAdrSync *) sync->data, sync->len,
      (DmixAdrProtect *) protect->data, protect->len);
  g_array_unref (sync);
  g_array_unref (protect);
  if (!self->adr) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for lines of %.0f s with %u channels at %u Hz: set "
         "property "
         "max-line to less, or use fewer channels on pad 'take'",
            settings->max_line, shape.take_channels, shape.rate_hz));
    return FALSE;
  }
  leave_out_lfe (self, DMIX_ADR_GUIDE, guide);
  leave_out_lfe (self, DMIX_ADR_TAKE, &self->info);
  gst_dmix_adr_settings_to_params (settings, &params);
  dmix_adr_set_params (self->adr, &params);
  dmix_adr_reset (self->adr);
  GST_DEBUG_OBJECT (self,
      "processor set up: %u Hz, %u channels of guide, %u of take, latency up "
      "to "
      "%g s of line",
      shape.rate_hz, shape.guide_channels, shape.take_channels,
      settings->max_line);
  return TRUE;
}

/* The output has the segment of the guide and the format of the take, or of the
 * guide if there is no take. */
static void
open_output (GstDmixAdr *self)
{
  GstDmixAdrPad *take = self->pad[DMIX_ADR_TAKE];
  GstClockTime running_time;
  GstSegment segment;

  self->info = *gst_dmix_adr_pad_info (
      take && GST_AUDIO_INFO_IS_VALID (gst_dmix_adr_pad_info (take))
          ? take
          : self->pad[DMIX_ADR_GUIDE]);
  gst_dmix_adr_pad_start (self->pad[DMIX_ADR_GUIDE], &running_time,
      &self->timestamp);
  GST_OBJECT_LOCK (self->pad[DMIX_ADR_GUIDE]);
  segment = GST_AGGREGATOR_PAD (self->pad[DMIX_ADR_GUIDE])->segment;
  GST_OBJECT_UNLOCK (self->pad[DMIX_ADR_GUIDE]);
  if (segment.format == GST_FORMAT_TIME) {
    segment.position = self->timestamp;
    gst_aggregator_update_segment (GST_AGGREGATOR (self), &segment);
  }
  self->frames = 0;
}

/*** flow ***/

static gboolean
push_piece (GstDmixAdr *self, DmixAdrSide side, GstDmixAdrPiece *piece)
{
  const gsize bpf =
      GST_AUDIO_INFO_BPF (gst_dmix_adr_pad_info (self->pad[side]));
  GstMapInfo map;
  gboolean ok;

  if (!piece->buffer)
    return dmix_adr_push (self->adr, side, NULL, piece->frames);
  if (!gst_buffer_map (piece->buffer, &map, GST_MAP_READ))
    return FALSE;
  ok = dmix_adr_push (self->adr, side,
      (const gfloat *) (map.data + piece->first * bpf), piece->frames);
  gst_buffer_unmap (piece->buffer, &map);
  return ok;
}

/* Feeds the aligner from a pad, as far as it wants data. FALSE: out of
 * memory. */
static gboolean
fill (GstDmixAdr *self, DmixAdrSide side, gboolean *moved)
{
  GstDmixAdrPad *pad = self->pad[side];
  GstDmixAdrPiece piece;
  gboolean ok = TRUE;

  while (ok && dmix_adr_wants (self->adr, side)) {
    if (pad && gst_dmix_adr_pad_next (pad, &piece)) {
      ok = push_piece (self, side, &piece);
      gst_clear_buffer (&piece.buffer);
    } else if (!pad || gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad)))
      ok = dmix_adr_end (self->adr, side);
    else
      break;
    *moved = TRUE;
  }
  return ok && !(pad && gst_dmix_adr_pad_lacks_memory (pad));
}

static GstFlowReturn
gst_dmix_adr_flow_put_out (GstDmixAdr *self, GstBuffer *buffer, gsize frames)
{
  const GstClockTime start = gst_dmix_adr_frame_time (self, self->frames);
  GstFlowReturn ret;

  gst_buffer_set_size (buffer, frames * GST_AUDIO_INFO_BPF (&self->info));
  GST_BUFFER_PTS (buffer) = start;
  GST_BUFFER_OFFSET (buffer) = self->frames;
  if (frames == 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->frames += frames;
  GST_BUFFER_OFFSET_END (buffer) = self->frames;
  GST_LOG_OBJECT (self,
      "block at frame %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT
      " frames, pts %" GST_TIME_FORMAT,
      GST_BUFFER_OFFSET (buffer), frames, GST_TIME_ARGS (start));
  GST_BUFFER_DURATION (buffer) =
      gst_dmix_adr_frame_time (self, self->frames) - start;
  GST_OBJECT_LOCK (self);
  GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self))->segment.position =
      start + GST_BUFFER_DURATION (buffer);
  GST_OBJECT_UNLOCK (self);
  gst_dmix_starvation_set_pushing (&self->starvation, TRUE);
  ret = gst_aggregator_finish_buffer (GST_AGGREGATOR (self), buffer);
  gst_dmix_starvation_set_pushing (&self->starvation, FALSE);
  if (self->tags && ret == GST_FLOW_OK)
    gst_pad_push_event (GST_AGGREGATOR_SRC_PAD (self),
        gst_event_new_tag (g_steal_pointer (&self->tags)));
  return ret;
}

static gboolean
is_silent (const gfloat *samples, gsize count)
{
  while (count > 0 && samples[count - 1] == 0.0f)
    count--;
  return count == 0;
}

static GstFlowReturn
out_of_memory (GstDmixAdr *self)
{
  GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
      ("No memory for the lines of this dialogue: set property max-line to "
       "less"));
  return GST_FLOW_ERROR;
}

/* Pushes the aligned line. Silent blocks (of a muted line, or in a pause of a
 * clean take) get the flag GAP. */
static GstFlowReturn
put_out_line (GstDmixAdr *self)
{
  GstFlowReturn ret = GST_FLOW_OK;
  gsize frames = 1;

  while (ret == GST_FLOW_OK && frames > 0) {
    GstBuffer *buffer =
        gst_buffer_new_and_alloc (BLOCK * GST_AUDIO_INFO_BPF (&self->info));
    GstMapInfo map;

    if (!buffer || !gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
      gst_clear_buffer (&buffer);
      return out_of_memory (self);
    }
    frames = dmix_adr_read (self->adr, (gfloat *) map.data, BLOCK);
    if (is_silent ((const gfloat *) map.data,
            frames * GST_AUDIO_INFO_CHANNELS (&self->info)))
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
    gst_buffer_unmap (buffer, &map);
    if (frames > 0)
      ret = gst_dmix_adr_flow_put_out (self, buffer, frames);
    else
      gst_buffer_unref (buffer);
  }
  return ret;
}

/* Aligns and pushes all complete lines. */
static GstFlowReturn
do_lines (GstDmixAdr *self, gboolean *moved)
{
  GstFlowReturn ret = GST_FLOW_OK;
  const GstDmixAdrSettings *settings = take_settings (self);
  DmixAdrParams params;
  DmixAdrReport report;
  gint ready;

  gst_dmix_adr_settings_to_params (settings, &params);
  dmix_adr_set_params (self->adr, &params);
  while (ret == GST_FLOW_OK
      && (ready = dmix_adr_next_line (self->adr, &report)) != 0) {
    *moved = TRUE;
    if (ready < 0)
      return out_of_memory (self);
    if (!gst_dmix_adr_report_line (self, &report, settings))
      return GST_FLOW_ERROR;
    ret = put_out_line (self);
  }
  return ret;
}

static GstFlowReturn
work (GstDmixAdr *self)
{
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean moved = TRUE;

  while (moved && ret == GST_FLOW_OK) {
    moved = FALSE;
    if (!fill (self, DMIX_ADR_GUIDE, &moved)
        || !fill (self, DMIX_ADR_TAKE, &moved))
      return out_of_memory (self);
    ret = do_lines (self, &moved);
  }
  return ret;
}

/* Begins the output. The first frames of guide and take (if it has any) must
 * have arrived: their times give the lag. */
static GstFlowReturn
begin (GstDmixAdr *self)
{
  open_output (self);
  if (!make_adr (self, take_settings (self)))
    return GST_FLOW_ERROR;
  /* An empty buffer shows at once whether downstream accepts data, before a
   * whole line has been collected. */
  return gst_dmix_adr_flow_put_out (self, gst_buffer_new (), 0);
}

static gboolean
is_live (GstDmixAdr *self)
{
  return GST_CLOCK_TIME_IS_VALID (
      gst_aggregator_get_latency (GST_AGGREGATOR (self)));
}

static GstFlowReturn
refuse_live (GstDmixAdr *self)
{
  if (g_atomic_int_compare_and_exchange (&self->refused, FALSE, TRUE))
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("Dialogue cannot be replaced live."),
        ("Pads 'guide' and 'take' must not be live, since this element needs "
         "complete lines before it can put anything out: record both, and "
         "replace the dialogue from the files"));
  return GST_FLOW_ERROR;
}

/* FALSE, which stops the iteration, for a live pad. */
static gboolean
is_not_live (GstElement *element, GstPad *pad, gpointer data)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;

  if (gst_pad_peer_query (pad, query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  gst_query_unref (query);
  return !live;
}

/* GstAggregator knows of live inputs only after a latency has been configured,
 * and waits for ever for a silent live input without one. */
void
gst_dmix_adr_refuse_if_live (GstDmixAdr *self)
{
  if (!gst_element_foreach_sink_pad (GST_ELEMENT (self), is_not_live, NULL))
    refuse_live (self);
}

static gboolean
pad_has_ended (GstDmixAdrPad *pad)
{
  return !pad || gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad));
}

static GstFlowReturn
refuse_formless (GstDmixAdr *self)
{
  GST_ELEMENT_ERROR (self, STREAM, FORMAT, (NULL),
      ("Pad 'guide' or 'take' got data before its caps: send a CAPS event "
       "before "
       "the first buffer, or put audioconvert before both pads"));
  return GST_FLOW_NOT_NEGOTIATED;
}

/* The take may have more data: it is dropped from now on. */
static GstFlowReturn
end_output (GstDmixAdr *self)
{
  g_atomic_int_set (&self->ended, TRUE);
  return GST_FLOW_EOS;
}

static GstFlowReturn
aggregate_pads (GstDmixAdr *self)
{
  GstDmixAdrPad *guide = self->pad[DMIX_ADR_GUIDE];
  GstDmixAdrPad *take = self->pad[DMIX_ADR_TAKE];
  GstFlowReturn ret = GST_FLOW_OK;

  if (!self->adr) {
    const gboolean guide_there = guide && gst_dmix_adr_pad_look (guide);
    const gboolean take_there = take && gst_dmix_adr_pad_look (take);

    if ((guide && gst_dmix_adr_pad_is_formless (guide))
        || (take && gst_dmix_adr_pad_is_formless (take)))
      return refuse_formless (self);
    if (!guide_there && pad_has_ended (guide))
      return end_output (self);
    if (!guide_there || !(take_there || pad_has_ended (take)))
      return GST_AGGREGATOR_FLOW_NEED_DATA;
    ret = begin (self);
  }
  if (ret == GST_FLOW_OK)
    ret = work (self);
  if (ret == GST_FLOW_OK && dmix_adr_is_finished (self->adr)) {
    GST_DEBUG_OBJECT (self,
        "end of stream: drained after %" G_GUINT64_FORMAT " frames",
        self->frames);
    if (take_settings (self)->post_messages)
      gst_dmix_adr_post_summary (self);
    return end_output (self);
  }
  return ret == GST_FLOW_OK ? GST_AGGREGATOR_FLOW_NEED_DATA : ret;
}

static void
hold_pads (GstDmixAdr *self)
{
  static const gchar *name[2] = { "guide", "take" };

  for (guint s = 0; s < 2; s++)
    self->pad[s] =
        (GstDmixAdrPad *) gst_element_get_static_pad (GST_ELEMENT (self),
            name[s]);
}

static void
release_pads (GstDmixAdr *self)
{
  gst_clear_object (&self->pad[DMIX_ADR_GUIDE]);
  gst_clear_object (&self->pad[DMIX_ADR_TAKE]);
}

GstFlowReturn
gst_dmix_adr_aggregate (GstAggregator *agg, gboolean timeout)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);
  GstFlowReturn ret;

  if (timeout || g_atomic_int_get (&self->refused)
      || (!self->adr && is_live (self)))
    return refuse_live (self);
  hold_pads (self);
  ret = aggregate_pads (self);
  for (guint s = 0; s < 2; s++)
    if (self->pad[s])
      gst_dmix_adr_pad_report (self->pad[s], GST_ELEMENT (self));
  release_pads (self);
  return ret;
}
