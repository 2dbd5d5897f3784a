/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* See adr_rig.h. */
#include "adr_rig.h"
#include "speechrig.h"

#include <string.h>

gfloat *
adr_speak (guint32 seed, const gdouble *tempo, gint rate, guint *frames)
{
  const RigText text = rig_text (seed);
  double start[RIG_SYLLABLES + 1];
  size_t count;
  gfloat *samples = rig_speak (&text, tempo, 120.0, rate, start, &count);

  for (size_t i = 0; i < count; i++)
    samples[i] += 0.0f; /* -0 becomes 0, as in the element */
  *frames = count;
  return samples;
}

gfloat *
adr_speak_slower (guint32 seed, gdouble factor, gint rate, guint *frames)
{
  gdouble tempo[RIG_SYLLABLES];

  for (guint s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = factor;
  return adr_speak (seed, tempo, rate, frames);
}

gfloat *
adr_spread (const gfloat *mono, guint frames, guint channels)
{
  gfloat *out = g_new (gfloat, frames * channels);

  for (guint i = 0; i < frames; i++)
    for (guint c = 0; c < channels; c++)
      out[i * channels + c] = mono[i] / (c + 1);
  return out;
}

/* Frames of 0.1 s, or of input->block, and EOS. */
static void
feed (GstElement *pipeline, const gchar *name, const AdrInput *input, gint rate)
{
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), name);
  const guint block = input->block ? input->block : (guint) rate / 10;
  GstFlowReturn ret;

  for (guint at = 0; at < input->frames; at += block) {
    const guint now = MIN (block, input->frames - at);
    const gsize size = (gsize) now * input->channels * sizeof (gfloat);
    GstBuffer *buffer = gst_buffer_new_and_alloc (size);

    gst_buffer_fill (buffer, 0, input->samples + at * input->channels, size);
    GST_BUFFER_PTS (buffer) =
        input->start + gst_util_uint64_scale (at, GST_SECOND, rate);
    GST_BUFFER_DURATION (buffer) =
        gst_util_uint64_scale (now, GST_SECOND, rate);
    g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
    gst_buffer_unref (buffer);
  }
  g_signal_emit_by_name (source, "end-of-stream", &ret);
  gst_object_unref (source);
}

/* Silence, and nothing else, is a gap. */
static void
check_gap (GstBuffer *buffer, const gfloat *samples, gsize count)
{
  const gboolean gap = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP);
  gboolean silent = TRUE;

  for (gsize i = 0; i < count; i++)
    silent &= samples[i] == 0.0f;
  fail_unless (count == 0 || gap == silent);
}

void
adr_keep (GstElement *sink, GstBuffer *buffer, GstPad *pad, AdrOutput *output)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  GstAudioInfo info;
  GstMapInfo map;
  guint64 frames;

  fail_unless (gst_audio_info_from_caps (&info, caps));
  gst_caps_unref (caps);
  output->rate = info.rate;
  output->channels = info.channels;
  frames = output->samples->len / info.channels;
  if (!GST_CLOCK_TIME_IS_VALID (output->start)) {
    output->start = GST_BUFFER_PTS (buffer);
    fail_unless (GST_BUFFER_IS_DISCONT (buffer));
  } else
    fail_if (GST_BUFFER_IS_DISCONT (buffer));
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
      output->start + gst_util_uint64_scale (frames, GST_SECOND, info.rate));
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), frames);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  check_gap (buffer, (const gfloat *) map.data, map.size / sizeof (gfloat));
  g_array_append_vals (output->samples, map.data, map.size / sizeof (gfloat));
  output->buffers += map.size > 0;
  output->gaps +=
      map.size > 0 && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP);
  gst_buffer_unmap (buffer, &map);
}

static void
note_map (const GValue *map, AdrOutput *output)
{
  for (guint i = 0; i < gst_value_array_get_size (map); i++) {
    const gdouble second =
        g_value_get_double (gst_value_array_get_value (map, i));

    g_array_append_val (output->map, second);
    output->map_points++;
  }
}

static void
note_element_message (const GstStructure *structure, AdrOutput *output)
{
  gboolean speech, matched;

  if (gst_structure_has_name (structure, "dmixadr-summary")) {
    output->summaries++;
    g_clear_pointer (&output->summary, gst_structure_free);
    output->summary = gst_structure_copy (structure);
  }
  if (!gst_structure_has_name (structure, "dmixadr-line"))
    return;
  fail_unless (gst_structure_get (structure, "speech", G_TYPE_BOOLEAN, &speech,
      "matched", G_TYPE_BOOLEAN, &matched, NULL));
  g_ptr_array_add (output->lines, gst_structure_copy (structure));
  output->mismatched += speech && !matched;
  if (gst_structure_has_field (structure, "map"))
    note_map (gst_structure_get_value (structure, "map"), output);
}

gdouble
adr_number (const AdrOutput *output, guint line, const gchar *field)
{
  const GValue *value =
      gst_structure_get_value (g_ptr_array_index (output->lines, line), field);
  GValue number = G_VALUE_INIT;

  fail_unless (value != NULL, "no %s", field);
  g_value_init (&number, G_TYPE_DOUBLE);
  fail_unless (g_value_transform (value, &number));
  return g_value_get_double (&number);
}

void
adr_follow (GstElement *pipeline, AdrOutput *output)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  gboolean more = TRUE;

  while (more) {
    GstMessage *message = gst_bus_timed_pop (bus, 60 * GST_SECOND);

    fail_unless (message != NULL, "no end");
    switch (GST_MESSAGE_TYPE (message)) {
      case GST_MESSAGE_ELEMENT:
        note_element_message (gst_message_get_structure (message), output);
        break;
      case GST_MESSAGE_WARNING:
        output->warnings++;
        g_clear_pointer (&output->warning, g_free);
        gst_message_parse_warning (message, NULL, &output->warning);
        break;
      case GST_MESSAGE_TAG:
        gst_clear_tag_list (&output->tags);
        gst_message_parse_tag (message, &output->tags);
        break;
      case GST_MESSAGE_ERROR:
        gst_message_parse_error (message, &output->error, NULL);
        more = FALSE;
        break;
      default:
        more = GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS;
    }
    gst_message_unref (message);
  }
  gst_object_unref (bus);
}

void
adr_output_init (AdrOutput *output)
{
  memset (output, 0, sizeof *output);
  output->samples = g_array_new (FALSE, FALSE, sizeof (gfloat));
  output->map = g_array_new (FALSE, FALSE, sizeof (gdouble));
  output->lines =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  output->start = GST_CLOCK_TIME_NONE;
}

void
adr_output_clear (AdrOutput *output)
{
  g_array_unref (output->samples);
  g_array_unref (output->map);
  g_ptr_array_unref (output->lines);
  g_clear_pointer (&output->summary, gst_structure_free);
  g_clear_error (&output->error);
  g_clear_pointer (&output->warning, g_free);
  gst_clear_tag_list (&output->tags);
}

AdrOutput
adr_replace (const gchar *settings, const AdrInput *guide, const AdrInput *take,
    gint rate)
{
  gchar *line = g_strdup_printf (
      "dmixadr name=a %s "
      "! fakesink name=out signal-handoffs=true sync=false "
      "appsrc name=guide format=time max-bytes=0 "
      "caps=audio/x-raw,format=F32LE,layout=interleaved,rate=%d,channels=%u,"
      "channel-mask=(bitmask)0x%x ! a.guide "
      "appsrc name=take format=time max-bytes=0 "
      "caps=audio/x-raw,format=F32LE,layout=interleaved,rate=%d,channels=%u,"
      "channel-mask=(bitmask)0x%x ! a.take",
      settings, rate, guide->channels,
      guide->channels == 1 ? 0 : (1 << guide->channels) - 1, rate,
      take->channels, take->channels == 1 ? 0 : (1 << take->channels) - 1);
  GstElement *pipeline = gst_parse_launch (line, NULL), *sink, *adr;
  AdrOutput output;

  fail_unless (pipeline != NULL, "%s", line);
  adr_output_init (&output);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_signal_connect (sink, "handoff", G_CALLBACK (adr_keep), &output);
  gst_object_unref (sink);
  feed (pipeline, "guide", guide, rate);
  feed (pipeline, "take", take, rate);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  adr_follow (pipeline, &output);
  adr = gst_bin_get_by_name (GST_BIN (pipeline), "a");
  g_object_get (adr, "confidence", &output.confidence, "offset", &output.offset,
      NULL);
  gst_object_unref (adr);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_free (line);
  return output;
}

AdrPair
adr_pair_new (guint32 seed, gdouble slower)
{
  AdrPair p;

  p.guide = adr_speak (seed, NULL, ADR_RATE, &p.guide_frames);
  p.take = adr_speak_slower (seed, slower, ADR_RATE, &p.take_frames);
  return p;
}

void
adr_pair_clear (AdrPair *p)
{
  g_free (p->guide);
  g_free (p->take);
}

AdrOutput
adr_pair_run (const AdrPair *p, const gchar *settings)
{
  AdrOutput output =
      adr_replace (settings, &(AdrInput){ p->guide, p->guide_frames, 1, 0, 0 },
          &(AdrInput){ p->take, p->take_frames, 1, 0, 0 }, ADR_RATE);

  fail_unless (!output.error);
  fail_unless_equals_int (output.samples->len, p->guide_frames);
  return output;
}
