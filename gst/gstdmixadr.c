/**
 * SECTION:element-dmixadr
 * @title: dmixadr
 *
 * Puts a new take of a dialogue (pad `take`) exactly where the old one was
 * (pad `guide`): the same words at the same time, with the level, the colour
 * and the room of the guide. What comes out has the guide's length and
 * timestamps, and the take's channels.
 *
 * It works line by line and needs whole lines: it is not for live pipelines.
 * A line whose take says something else is reported, and not stretched.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m dmixadr name=a ! audioconvert ! wavenc ! filesink location=new.wav \
 *     filesrc location=guide.wav ! decodebin ! audioconvert ! audioresample ! queue ! a.guide \
 *     filesrc location=take.wav ! decodebin ! audioconvert ! audioresample ! queue ! a.take
 * ]| Each line of the dialogue is reported as a message.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "gstdmixadr.h"
#include "gstdmixadrpad.h"
#include "gstdmixadrsettings.h"
#include "gstdmixformats.h"

#include "adr.h"

GST_DEBUG_CATEGORY_STATIC (dmix_adr_debug);
#define GST_CAT_DEFAULT dmix_adr_debug

#define BLOCK 4096              /* frames of an output buffer, at most */

enum
{
  PROP_PROTECT = 1000,
  PROP_SYNC_POINTS,
  PROP_CONFIDENCE,
  PROP_OFFSET
};

/* What the lines so far were like. */
typedef struct
{
  guint lines, matched, mismatched;
  gdouble lowest, stretch;
} Summary;

struct _GstDmixAdr
{
  GstAggregator parent;

  GstDmixFormats formats;

  /* object lock */
  GstDmixAdrSettings settings;
  gchar *protect, *sync_points;
  gdouble confidence, offset;   /* of the last line; ms */

  /* streaming thread only */
  GstDmixAdrPad *pad[2];        /* by DmixAdrSide; held while aggregating */
  DmixAdr *adr;
  GstAudioInfo info;            /* of the src pad */
  GstClockTime timestamp;       /* of the first frame of the guide */
  guint64 frames;               /* put out since then */
  GstTagList *tags;             /* of the guide, to be sent */
  Summary summary;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixAdr, gst_dmix_adr, GST_TYPE_AGGREGATOR,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, NULL))
    GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixadr, "dmixadr", GST_RANK_NONE,
    GST_TYPE_DMIX_ADR,
    GST_DEBUG_CATEGORY_INIT (dmix_adr_debug, "dmixadr", 0,
        "dialogue replacement"))
#define PARENT GST_AGGREGATOR_CLASS (gst_dmix_adr_parent_class)
#define CAPS "audio/x-raw, format = (string) " GST_AUDIO_NE (F32) ", " \
    "layout = (string) interleaved, rate = (int) [ 8000, 384000 ], " \
    "channels = (int) [ 1, 64 ]"
     static GstStaticPadTemplate guide_template =
         GST_STATIC_PAD_TEMPLATE ("guide", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (CAPS));
     static GstStaticPadTemplate take_template =
         GST_STATIC_PAD_TEMPLATE ("take", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (CAPS));
     static GstStaticPadTemplate src_template =
         GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (CAPS));

/*** messages ***/

     static void
         add_map (GstStructure * structure, const DmixAdrReport * report)
{
  GValue map = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&map, GST_TYPE_ARRAY);
  g_value_init (&value, G_TYPE_DOUBLE);
  for (gsize i = 0; i < report->map_points; i++) {
    g_value_set_double (&value, report->take_s[i]);
    gst_value_array_append_value (&map, &value);
  }
  gst_structure_take_value (structure, "map", &map);
  gst_structure_set (structure, "map-interval", G_TYPE_UINT64,
      GST_SECOND / DMIX_MEL_ROWS_PER_S, NULL);
  g_value_unset (&value);
}

static GstClockTime
frame_time (GstDmixAdr * self, gint64 frame)
{
  return self->timestamp + gst_util_uint64_scale (frame, GST_SECOND,
      GST_AUDIO_INFO_RATE (&self->info));
}

static void
post_line (GstDmixAdr * self, const DmixAdrReport * report, gboolean map)
{
  const DmixAdrLineInfo *line = &report->line;
  const GstSegment *segment =
      &GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self))->segment;
  const GstClockTime start = frame_time (self, report->start_frame);
  const GstClockTime stop = frame_time (self, report->stop_frame);
  GstStructure *structure = gst_structure_new ("dmixadr-line",
      "index", G_TYPE_UINT, report->index,
      "timestamp", G_TYPE_UINT64, start,
      "stream-time", G_TYPE_UINT64, gst_segment_to_stream_time (segment,
          GST_FORMAT_TIME, start),
      "running-time", G_TYPE_UINT64, gst_segment_to_running_time (segment,
          GST_FORMAT_TIME, start),
      "duration", G_TYPE_UINT64, stop - start,
      "start", G_TYPE_UINT64, start, "stop", G_TYPE_UINT64, stop,
      "speech", G_TYPE_BOOLEAN, line->speech,
      "matched", G_TYPE_BOOLEAN, line->speech && line->matched,
      "confidence", G_TYPE_DOUBLE, line->confidence,
      "offset", G_TYPE_INT64, (gint64) (report->offset_s * GST_SECOND),
      "stretch", G_TYPE_DOUBLE, line->stretch,
      "speech-skipped", G_TYPE_UINT64,
      (guint64) (report->skipped_s * GST_SECOND),
      "gain", G_TYPE_DOUBLE, report->gain_db, NULL);

  if (map)
    add_map (structure, report);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
post_summary (GstDmixAdr * self)
{
  const Summary *sum = &self->summary;

  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("dmixadr-summary",
              "lines", G_TYPE_UINT, sum->lines,
              "matched", G_TYPE_UINT, sum->matched,
              "mismatched", G_TYPE_UINT, sum->mismatched,
              "lowest-confidence", G_TYPE_DOUBLE, sum->lowest,
              "stretch", G_TYPE_DOUBLE, sum->stretch,
              "duration", G_TYPE_UINT64,
              frame_time (self, self->frames) - self->timestamp, NULL)));
}

/* Tells of a line. FALSE if it is to stop everything. */
static gboolean
report_line (GstDmixAdr * self, const DmixAdrReport * report,
    const GstDmixAdrSettings * settings)
{
  const DmixAdrLineInfo *line = &report->line;
  const GstClockTime start = frame_time (self, report->start_frame);
  Summary *sum = &self->summary;

  sum->lines++;
  if (line->speech) {
    sum->matched += line->matched;
    sum->mismatched += !line->matched;
    sum->lowest = MIN (sum->lowest, line->confidence);
    sum->stretch = MAX (sum->stretch, line->stretch);
    GST_OBJECT_LOCK (self);
    self->confidence = line->confidence;
    self->offset = report->offset_s * 1000.0;
    GST_OBJECT_UNLOCK (self);
  }
  if (settings->post_messages)
    post_line (self, report, settings->post_map);
  if (!line->speech || line->matched)
    return TRUE;
  if (settings->on_mismatch == GST_DMIX_ADR_ERROR) {
    GST_ELEMENT_ERROR (self, STREAM, FAILED,
        ("The take does not say what the guide says."),
        ("Line %u at %" GST_TIME_FORMAT ": confidence %.2f, wanted %.2f",
            report->index, GST_TIME_ARGS (start), line->confidence,
            settings->min_confidence));
    return FALSE;
  }
  GST_ELEMENT_WARNING (self, STREAM, FAILED,
      ("The take does not say what the guide says at %" GST_TIME_FORMAT ".",
          GST_TIME_ARGS (start)),
      ("Line %u: confidence %.2f, wanted %.2f. It is not stretched",
          report->index, line->confidence, settings->min_confidence));
  return TRUE;
}

/*** set up ***/

static void
forget_sound (GstDmixAdr * self)
{
  g_clear_pointer (&self->adr, dmix_adr_free);
  gst_audio_info_init (&self->info);
  self->frames = 0;
  self->summary = (Summary) {
  .lowest = 1.0,.stretch = 1.0};
}

static GstDmixAdrSettings
get_settings (GstDmixAdr * self)
{
  GstDmixAdrSettings settings;

  GST_OBJECT_LOCK (self);
  settings = self->settings;
  GST_OBJECT_UNLOCK (self);
  return settings;
}

static GArray *
get_pairs (GstDmixAdr * self, gchar ** text, gchar separator)
{
  GArray *pairs;

  GST_OBJECT_LOCK (self);
  pairs = gst_dmix_adr_parse_pairs (*text, separator);
  GST_OBJECT_UNLOCK (self);
  return pairs ? pairs : g_array_new (FALSE, FALSE, 2 * sizeof (gdouble));
}

static GstAudioInfo
pad_info (GstDmixAdrPad * pad)
{
  GstAudioInfo info;

  gst_audio_info_init (&info);
  if (pad) {
    GST_OBJECT_LOCK (pad);
    info = GST_AUDIO_AGGREGATOR_PAD (pad)->info;
    GST_OBJECT_UNLOCK (pad);
  }
  return info;
}

/* How much later than the guide the take starts, ms. */
static gdouble
take_lag (GstDmixAdr * self)
{
  GstClockTime guide, take, timestamp;

  if (!self->pad[DMIX_ADR_TAKE]
      || !gst_dmix_adr_pad_start (self->pad[DMIX_ADR_TAKE], &take, &timestamp)
      || !gst_dmix_adr_pad_start (self->pad[DMIX_ADR_GUIDE], &guide,
          &timestamp))
    return 0.0;
  return (gdouble) GST_CLOCK_DIFF (guide, take) / GST_MSECOND;
}

static gboolean
make_adr (GstDmixAdr * self, const GstDmixAdrSettings * settings)
{
  const GstAudioInfo guide = pad_info (self->pad[DMIX_ADR_GUIDE]);
  const GstAudioInfo take = pad_info (self->pad[DMIX_ADR_TAKE]);
  const DmixAdrShape shape = {
    .rate_hz = GST_AUDIO_INFO_RATE (&guide),
    .guide_channels = GST_AUDIO_INFO_CHANNELS (&guide),
    .take_channels = GST_AUDIO_INFO_IS_VALID (&take)
        ? GST_AUDIO_INFO_CHANNELS (&take) : GST_AUDIO_INFO_CHANNELS (&guide),
    .max_line_ms = settings->max_line * 1000.0,
    .max_shift_ms = settings->max_shift,
    .lag_ms = take_lag (self),
  };
  GArray *sync = get_pairs (self, &self->sync_points, ':');
  GArray *protect = get_pairs (self, &self->protect, '-');
  DmixAdrParams params;

  self->adr = dmix_adr_new (&shape, (DmixAdrSync *) sync->data, sync->len,
      (DmixAdrProtect *) protect->data, protect->len);
  g_array_unref (sync);
  g_array_unref (protect);
  if (!self->adr) {
    GST_ELEMENT_ERROR (self, RESOURCE, FAILED, (NULL),
        ("No memory for lines of %.0f s of %u channels at %u Hz: set a "
            "smaller max-line", settings->max_line, shape.take_channels,
            shape.rate_hz));
    return FALSE;
  }
  gst_dmix_adr_settings_to_params (settings, &params);
  dmix_adr_set_params (self->adr, &params);
  dmix_adr_reset (self->adr);
  return TRUE;
}

/* The guide's segment is that of the output. */
static gboolean
open_output (GstDmixAdr * self)
{
  GstCaps *caps = gst_dmix_formats_output (&self->formats);
  GstClockTime running_time;
  GstSegment segment;

  if (!caps || !gst_audio_info_from_caps (&self->info, caps)) {
    gst_clear_caps (&caps);
    return FALSE;
  }
  gst_caps_unref (caps);
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
  return TRUE;
}

/*** flow ***/

static gboolean
push_piece (GstDmixAdr * self, DmixAdrSide side, GstDmixAdrPiece * piece)
{
  const GstAudioInfo info = pad_info (self->pad[side]);
  const gsize bpf = GST_AUDIO_INFO_BPF (&info);
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

/* Takes what a pad has, as far as it is wanted. FALSE: out of memory. */
static gboolean
fill (GstDmixAdr * self, DmixAdrSide side, gboolean * moved)
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
  return ok;
}

static GstFlowReturn
put_out (GstDmixAdr * self, GstBuffer * buffer, gsize frames)
{
  const GstClockTime start = frame_time (self, self->frames);
  GstFlowReturn ret;

  gst_buffer_set_size (buffer, frames * GST_AUDIO_INFO_BPF (&self->info));
  GST_BUFFER_PTS (buffer) = start;
  GST_BUFFER_OFFSET (buffer) = self->frames;
  if (frames == 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->frames += frames;
  GST_BUFFER_OFFSET_END (buffer) = self->frames;
  GST_BUFFER_DURATION (buffer) = frame_time (self, self->frames) - start;
  GST_OBJECT_LOCK (self);
  GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self))->segment.position =
      start + GST_BUFFER_DURATION (buffer);
  GST_OBJECT_UNLOCK (self);
  ret = gst_aggregator_finish_buffer (GST_AGGREGATOR (self), buffer);
  if (self->tags && ret == GST_FLOW_OK)
    gst_pad_push_event (GST_AGGREGATOR_SRC_PAD (self),
        gst_event_new_tag (g_steal_pointer (&self->tags)));
  return ret;
}

/* The sound of the line that has been aligned. */
static GstFlowReturn
put_out_line (GstDmixAdr * self)
{
  GstFlowReturn ret = GST_FLOW_OK;
  gsize frames = 1;

  while (ret == GST_FLOW_OK && frames > 0) {
    GstBuffer *buffer = gst_buffer_new_and_alloc (BLOCK
        * GST_AUDIO_INFO_BPF (&self->info));
    GstMapInfo map;

    gst_buffer_map (buffer, &map, GST_MAP_WRITE);
    frames = dmix_adr_read (self->adr, (gfloat *) map.data, BLOCK);
    gst_buffer_unmap (buffer, &map);
    if (frames > 0)
      ret = put_out (self, buffer, frames);
    else
      gst_buffer_unref (buffer);
  }
  return ret;
}

static GstFlowReturn
out_of_memory (GstDmixAdr * self)
{
  GST_ELEMENT_ERROR (self, RESOURCE, FAILED, (NULL),
      ("Out of memory: set a smaller max-line"));
  return GST_FLOW_ERROR;
}

/* All lines that are complete. */
static GstFlowReturn
do_lines (GstDmixAdr * self, gboolean * moved)
{
  GstFlowReturn ret = GST_FLOW_OK;
  GstDmixAdrSettings settings = get_settings (self);
  DmixAdrParams params;
  DmixAdrReport report;
  gint ready;

  gst_dmix_adr_settings_to_params (&settings, &params);
  dmix_adr_set_params (self->adr, &params);
  while (ret == GST_FLOW_OK
      && (ready = dmix_adr_next_line (self->adr, &report)) != 0) {
    *moved = TRUE;
    if (ready < 0)
      return out_of_memory (self);
    if (!report_line (self, &report, &settings))
      return GST_FLOW_ERROR;
    ret = put_out_line (self);
  }
  return ret;
}

static GstFlowReturn
work (GstDmixAdr * self)
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

/* The first frame of the guide, and of the take if it has one, must be there
 * before the two can be put in relation. */
static GstFlowReturn
begin (GstDmixAdr * self)
{
  GstDmixAdrPad *guide = self->pad[DMIX_ADR_GUIDE];
  const GstDmixAdrSettings settings = get_settings (self);

  if (!GST_AUDIO_INFO_IS_VALID (&GST_AUDIO_AGGREGATOR_PAD (guide)->info)) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT, (NULL),
        ("Data came before its format: send a CAPS event before the first "
            "buffer"));
    return GST_FLOW_NOT_NEGOTIATED;
  }
  if (!open_output (self))
    return GST_FLOW_NOT_NEGOTIATED;
  if (!make_adr (self, &settings))
    return GST_FLOW_ERROR;
  /* An empty buffer opens the way: whether downstream takes anything is known
   * before a whole line has been waited for. */
  return put_out (self, gst_buffer_new (), 0);
}

static gboolean
is_live (GstDmixAdr * self)
{
  return GST_CLOCK_TIME_IS_VALID (gst_aggregator_get_latency (GST_AGGREGATOR
          (self)));
}

static GstFlowReturn
refuse_live (GstDmixAdr * self)
{
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
      ("Dialogue cannot be replaced live."),
      ("This element needs whole lines before it can put anything out, and "
          "its inputs are live: record them, and replace the dialogue from "
          "the files"));
  return GST_FLOW_ERROR;
}

static gboolean
pad_has_ended (GstDmixAdrPad * pad)
{
  return !pad || gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad));
}

static GstFlowReturn
aggregate_pads (GstDmixAdr * self)
{
  GstDmixAdrPad *guide = self->pad[DMIX_ADR_GUIDE];
  GstDmixAdrPad *take = self->pad[DMIX_ADR_TAKE];
  GstFlowReturn ret = GST_FLOW_OK;

  if (!self->adr) {
    const gboolean guide_there = guide && gst_dmix_adr_pad_look (guide);
    const gboolean take_there = take && gst_dmix_adr_pad_look (take);

    if (!guide_there && pad_has_ended (guide))
      return GST_FLOW_EOS;
    if (!guide_there || !(take_there || pad_has_ended (take)))
      return GST_AGGREGATOR_FLOW_NEED_DATA;
    ret = begin (self);
  }
  if (ret == GST_FLOW_OK)
    ret = work (self);
  if (ret == GST_FLOW_OK && dmix_adr_is_finished (self->adr)) {
    if (get_settings (self).post_messages)
      post_summary (self);
    return GST_FLOW_EOS;
  }
  return ret == GST_FLOW_OK ? GST_AGGREGATOR_FLOW_NEED_DATA : ret;
}

static void
hold_pads (GstDmixAdr * self)
{
  static const gchar *name[2] = { "guide", "take" };

  for (guint s = 0; s < 2; s++)
    self->pad[s] = (GstDmixAdrPad *)
        gst_element_get_static_pad (GST_ELEMENT (self), name[s]);
}

static void
release_pads (GstDmixAdr * self)
{
  gst_clear_object (&self->pad[DMIX_ADR_GUIDE]);
  gst_clear_object (&self->pad[DMIX_ADR_TAKE]);
}

static GstFlowReturn
aggregate (GstAggregator * agg, gboolean timeout)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);
  GstFlowReturn ret;

  if (timeout || (!self->adr && is_live (self)))
    return refuse_live (self);
  hold_pads (self);
  ret = aggregate_pads (self);
  release_pads (self);
  return ret;
}

/* Ends what is in hand before a new format. */
static void
finish_row (GstDmixAdr * self)
{
  hold_pads (self);
  if (self->adr) {
    gboolean moved;

    dmix_adr_end (self->adr, DMIX_ADR_GUIDE);
    dmix_adr_end (self->adr, DMIX_ADR_TAKE);
    do_lines (self, &moved);
  }
  for (guint s = 0; s < 2; s++)
    if (self->pad[s])
      gst_dmix_adr_pad_restart (self->pad[s]);
  release_pads (self);
  forget_sound (self);
}

/*** events and queries ***/

static void
set_format (GstDmixAdr * self, GstAggregatorPad * pad, GstEvent * event)
{
  GstAudioInfo *info = &GST_AUDIO_AGGREGATOR_PAD (pad)->info, now;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (!gst_audio_info_from_caps (&now, caps)
      || gst_audio_info_is_equal (&now, info))
    return;
  if (self->adr)
    finish_row (self);
  GST_OBJECT_LOCK (pad);
  *info = now;
  GST_OBJECT_UNLOCK (pad);
}

static void
keep_tags (GstDmixAdr * self, GstEvent * event)
{
  GstTagList *tags;

  gst_event_parse_tag (event, &tags);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  self->tags = gst_tag_list_copy (tags);
}

static gboolean
sink_event (GstAggregator * agg, GstAggregatorPad * pad, GstEvent * event)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      set_format (self, pad, event);
      gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (agg));
      break;
    case GST_EVENT_EOS:
      gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (agg));
      break;
    case GST_EVENT_TAG:
      if (g_str_equal (GST_PAD_NAME (pad), "guide"))
        keep_tags (self, event);
      break;
    default:
      break;
  }
  return PARENT->sink_event (agg, pad, event);
}

/* Caps are judged when they come, not when the streaming thread gets there. */
static GstFlowReturn
sink_event_pre_queue (GstAggregator * agg, GstAggregatorPad * pad,
    GstEvent * event)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    if (!gst_dmix_formats_accept (&self->formats, GST_PAD (pad), caps)) {
      gst_event_unref (event);
      return GST_FLOW_NOT_NEGOTIATED;
    }
  }
  return PARENT->sink_event_pre_queue (agg, pad, event);
}

static gboolean
sink_query (GstAggregator * agg, GstAggregatorPad * pad, GstQuery * query)
{
  return gst_dmix_formats_query (&GST_DMIX_ADR (agg)->formats, GST_PAD (pad),
      query) || PARENT->sink_query (agg, pad, query);
}

static gboolean
src_query (GstAggregator * agg, GstQuery * query)
{
  const GstSegment *segment =
      &GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (agg))->segment;
  GstFormat format;
  gint64 position;

  if (GST_QUERY_TYPE (query) != GST_QUERY_POSITION)
    return PARENT->src_query (agg, query);
  gst_query_parse_position (query, &format, NULL);
  if (format != GST_FORMAT_TIME)
    return FALSE;
  GST_OBJECT_LOCK (agg);
  position = gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
      segment->position);
  GST_OBJECT_UNLOCK (agg);
  gst_query_set_position (query, format, position);
  return TRUE;
}

static GstFlowReturn
update_src_caps (GstAggregator * agg, GstCaps * downstream, GstCaps ** ret)
{
  GstCaps *own = gst_dmix_formats_output (&GST_DMIX_ADR (agg)->formats);

  if (!own)
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  *ret = gst_caps_intersect (own, downstream);
  gst_caps_unref (own);
  return GST_FLOW_OK;
}

static GstBuffer *
clip (GstAggregator * agg, GstAggregatorPad * pad, GstBuffer * buffer)
{
  const GstAudioInfo *info = &GST_AUDIO_AGGREGATOR_PAD (pad)->info;

  if (!GST_AUDIO_INFO_IS_VALID (info)
      || pad->segment.format != GST_FORMAT_TIME)
    return buffer;
  if (GST_BUFFER_PTS_IS_VALID (buffer)
      && GST_BUFFER_PTS (buffer) >= (guint64) G_MAXINT64) {
    gst_buffer_unref (buffer);
    return NULL;
  }
  if (gst_buffer_get_size (buffer) == 0)
    return buffer;
  return gst_audio_buffer_clip (buffer, &pad->segment,
      GST_AUDIO_INFO_RATE (info), GST_AUDIO_INFO_BPF (info));
}

/*** pads and states ***/

/* Both pads are always there, so that none starts without the other. */
static void
add_pad (GstDmixAdr * self, GstStaticPadTemplate * template)
{
  GstPadTemplate *made =
      gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (self),
      template->name_template);

  gst_element_add_pad (GST_ELEMENT (self), g_object_new (GST_TYPE_DMIX_ADR_PAD,
          "name", template->name_template, "direction", GST_PAD_SINK,
          "template", made, NULL));
}

static gboolean
restart_pad (GstElement * element, GstPad * pad, gpointer data)
{
  gst_dmix_adr_pad_restart (GST_DMIX_ADR_PAD (pad));
  return TRUE;
}

static void
restart (GstDmixAdr * self)
{
  gst_element_foreach_sink_pad (GST_ELEMENT (self), restart_pad, NULL);
  forget_sound (self);
}

static GstFlowReturn
flush (GstAggregator * agg)
{
  restart (GST_DMIX_ADR (agg));
  return GST_FLOW_OK;
}

static gboolean
start (GstAggregator * agg)
{
  restart (GST_DMIX_ADR (agg));
  return TRUE;
}

static gboolean
stop (GstAggregator * agg)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);

  restart (self);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  gst_dmix_formats_forget (&self->formats);
  return TRUE;
}

/*** properties ***/

/* The lists of times. A text that is none is refused. */
static void
set_text (GstDmixAdr * self, gchar ** place, gchar separator,
    const GValue * value)
{
  GArray *pairs = gst_dmix_adr_parse_pairs (g_value_get_string (value),
      separator);

  if (!pairs) {
    GST_WARNING_OBJECT (self, "'%s' is no list of times: write seconds as "
        "12.5%c13, and commas between the pairs", g_value_get_string (value),
        separator);
    return;
  }
  g_array_unref (pairs);
  GST_OBJECT_LOCK (self);
  g_free (*place);
  *place = g_value_dup_string (value);
  GST_OBJECT_UNLOCK (self);
}

static void
set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * spec)
{
  GstDmixAdr *self = GST_DMIX_ADR (object);

  if (id == PROP_PROTECT)
    set_text (self, &self->protect, '-', value);
  else if (id == PROP_SYNC_POINTS)
    set_text (self, &self->sync_points, ':', value);
  else
    gst_dmix_properties_set (object, &gst_dmix_adr_properties[id - 1],
        &self->settings, value);
}

static void
get_property (GObject * object, guint id, GValue * value, GParamSpec * spec)
{
  GstDmixAdr *self = GST_DMIX_ADR (object);

  if (id < PROP_PROTECT) {
    gst_dmix_properties_get (object, &gst_dmix_adr_properties[id - 1],
        &self->settings, value);
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id == PROP_PROTECT)
    g_value_set_string (value, self->protect);
  else if (id == PROP_SYNC_POINTS)
    g_value_set_string (value, self->sync_points);
  else
    g_value_set_double (value, id == PROP_OFFSET ? self->offset
        : self->confidence);
  GST_OBJECT_UNLOCK (self);
}

static void
install_more_properties (GObjectClass * klass)
{
  const GParamFlags text = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;
  const GParamFlags result = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (klass, PROP_PROTECT,
      g_param_spec_string ("protect", "Protect", "Parts of the guide in which "
          "the take keeps its speed: start-stop in seconds, as 1.5-2.25,7-9",
          NULL, text));
  g_object_class_install_property (klass, PROP_SYNC_POINTS,
      g_param_spec_string ("sync-points", "Sync points", "Moments that belong "
          "together: guide:take in seconds of running time, as 1.5:1.75,7:7.2",
          NULL, text));
  g_object_class_install_property (klass, PROP_CONFIDENCE,
      g_param_spec_double ("confidence", "Confidence", "That the last line "
          "matched, from 0 (surely not) to 1", 0, 1, 0, result));
  g_object_class_install_property (klass, PROP_OFFSET,
      g_param_spec_double ("offset", "Offset", "Mean time of the take minus "
          "that of the guide in the last line, in ms", -G_MAXDOUBLE,
          G_MAXDOUBLE, 0, result));
}

static void
gst_dmix_adr_finalize (GObject * object)
{
  GstDmixAdr *self = GST_DMIX_ADR (object);

  g_clear_pointer (&self->adr, dmix_adr_free);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  g_free (self->protect);
  g_free (self->sync_points);
  G_OBJECT_CLASS (gst_dmix_adr_parent_class)->finalize (object);
}

static void
gst_dmix_adr_class_init (GstDmixAdrClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = gst_dmix_adr_finalize;
  gst_dmix_properties_install (object_class, gst_dmix_adr_properties,
      gst_dmix_adr_property_count);
  install_more_properties (object_class);

  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &guide_template, GST_TYPE_DMIX_ADR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &take_template, GST_TYPE_DMIX_ADR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &src_template, GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class,
      "Dialogue replacement", "Filter/Effect/Audio",
      "Aligns a new take of a dialogue with the old one, and matches its "
      "sound", "dmix");
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_ADR_PAD, 0);

  agg_class->sink_event_pre_queue = sink_event_pre_queue;
  agg_class->sink_event = sink_event;
  agg_class->sink_query = sink_query;
  agg_class->src_query = src_query;
  agg_class->update_src_caps = update_src_caps;
  agg_class->get_next_time = gst_aggregator_simple_get_next_time;
  agg_class->aggregate = aggregate;
  agg_class->clip = clip;
  agg_class->flush = flush;
  agg_class->start = start;
  agg_class->stop = stop;
}

static void
gst_dmix_adr_init (GstDmixAdr * self)
{
  gst_dmix_properties_init (gst_dmix_adr_properties,
      gst_dmix_adr_property_count, &self->settings);
  gst_dmix_formats_init (&self->formats, GST_ELEMENT (self), "take");
  add_pad (self, &guide_template);
  add_pad (self, &take_template);
  forget_sound (self);
}
