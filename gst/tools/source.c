/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: parsebin splits the file; the chosen stream goes through decodebin,
 * audioconvert and audioresample; what the others have is dropped at the
 * pad, since a demuxer without a link stops. */
#include "tools/source.h"
#include "tools/wavsource.h"

#include <gst/pbutils/pbutils.h>

/* s that may be missing at the end of a file; WAV knows its length exactly. */
#define CUT_S 1.0
#define CUT_OF_WAV_S 0.001

static gboolean
is_chosen (GstPad *pad, GstElement *bin)
{
  gchar *id = gst_pad_get_stream_id (pad);
  const gboolean chosen =
      g_strcmp0 (id, g_object_get_data (G_OBJECT (bin), "stream")) == 0;

  g_free (id);
  return chosen;
}

static void
link_to (GstPad *pad, GstElement *element)
{
  GstPad *sink = gst_element_get_static_pad (element, "sink");

  if (!gst_pad_is_linked (sink))
    gst_pad_link (pad, sink);
  gst_object_unref (sink);
}

static GstPadProbeReturn
drop_data (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

void
dmix_source_drop (GstPad *pad)
{
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST
          | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      drop_data, NULL, NULL);
}

static void
on_stream (GstElement *parsebin, GstPad *pad, gpointer data)
{
  if (is_chosen (pad, data))
    link_to (pad, g_object_get_data (data, "decoder"));
  else
    dmix_source_drop (pad);
}

static void
on_sound (GstElement *decoder, GstPad *pad, gpointer data)
{
  link_to (pad, g_object_get_data (data, "convert"));
}

/*** the last frames ***/

/* audioresample of GStreamer 1.22 loses what is left of the last input frame,
 * which from 8 to 44.1 kHz is 5 frames; they are added as silence. */
typedef struct
{
  gdouble heard, put_out; /* s, where input and output end */
  gdouble said;           /* s, where the file says it ends; 0: unknown */
  gdouble may_miss;       /* s */
  gdouble before;         /* s, an MP4 is longer by the pause it begins with */
  gboolean hole;          /* a GAP event has been dropped */
  GstPad *out;            /* of an element behind audioresample */
} Ends;

static gdouble
end_of (GstPad *pad, GstBuffer *buffer, gdouble before)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  GstAudioInfo audio;
  gdouble end = before;

  if (caps && gst_audio_info_from_caps (&audio, caps)
      && GST_BUFFER_PTS_IS_VALID (buffer))
    end = GST_BUFFER_PTS (buffer) / 1e9
        + (gdouble) (gst_buffer_get_size (buffer) / audio.bpf) / audio.rate;
  gst_clear_caps (&caps);
  return end;
}

/* The segment behind an empty edit begins later than its own time. */
static gdouble
pause_of (GstPad *pad)
{
  GstEvent *event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;
  gdouble pause = 0;

  if (event) {
    gst_event_parse_segment (event, &segment);
    if (segment->format == GST_FORMAT_TIME)
      pause = (gdouble) segment->base / 1e9;
    gst_event_unref (event);
  }
  return pause;
}

static GstPadProbeReturn
on_input (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Ends *ends = data;

  ends->before = pause_of (pad);
  ends->heard = end_of (pad, GST_PAD_PROBE_INFO_BUFFER (info), ends->heard);
  return GST_PAD_PROBE_OK;
}

static void
push_rest (Ends *ends)
{
  GstCaps *caps = gst_pad_get_current_caps (ends->out);
  GstAudioInfo audio;
  gint64 frames = 0;

  if (caps && gst_audio_info_from_caps (&audio, caps))
    frames = (gint64) ((ends->heard - ends->put_out) * audio.rate + 0.5);
  gst_clear_caps (&caps);
  if (frames > 0 && frames < audio.rate / 1000) {
    GstBuffer *rest = gst_buffer_new_allocate (NULL, frames * audio.bpf, NULL);

    gst_buffer_memset (rest, 0, 0, frames * audio.bpf);
    GST_BUFFER_PTS (rest) = (GstClockTime) (ends->put_out * 1e9 + 0.5);
    GST_BUFFER_DURATION (rest) = frames * GST_SECOND / audio.rate;
    gst_pad_push (ends->out, rest);
  }
}

/* A file that was cut off plays to its end as if that was all. */
static void
tell_cut (const Ends *ends)
{
  GstElement *element = gst_pad_get_parent_element (ends->out);
  const gint digits = ends->may_miss < 0.1 ? 3 : 1;

  if (element && ends->said > 0
      && ends->heard + ends->before < ends->said - ends->may_miss)
    GST_ELEMENT_WARNING (element, LIBRARY, SETTINGS, (NULL),
        ("its sound ends at %.*f s, but the file says %.*f s: it may be cut "
         "off",
            digits, ends->heard + ends->before, digits, ends->said));
  gst_clear_object (&element);
}

/* Demuxers tell of a hole in Opus by a GAP event that begins and ends some ms
 * beside the sound around it, as they do not know the decoder's delay. What
 * follows then came up to 20 ms late. Its own timestamp is right: it is marked
 * as behind a jump. */
static void
mark_jump (Ends *ends, GstPadProbeInfo *info)
{
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  ends->hole = FALSE;
}

static GstPadProbeReturn
on_output (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Ends *ends = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    if (ends->hole)
      mark_jump (ends, info);
    ends->put_out =
        end_of (pad, GST_PAD_PROBE_INFO_BUFFER (info), ends->put_out);
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_GAP) {
    ends->hole = TRUE;
    return GST_PAD_PROBE_DROP;
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_EOS) {
    push_rest (ends);
    tell_cut (ends);
  }
  return GST_PAD_PROBE_OK;
}

/* behind: an element that lets all pass. At EOS audioresample's own pad takes
 * nothing any more. */
static void
keep_length (GstElement *resample, GstElement *behind, const DmixStream *stream)
{
  Ends *ends = g_new0 (Ends, 1);
  GstPad *heard = gst_element_get_static_pad (resample, "sink");
  GstPad *put_out = gst_element_get_static_pad (behind, "sink");

  ends->said =
      GST_CLOCK_TIME_IS_VALID (stream->said) ? (gdouble) stream->said / 1e9 : 0;
  ends->may_miss =
      g_str_equal (stream->id, DMIX_STREAM_WAV) ? CUT_OF_WAV_S : CUT_S;
  ends->out = gst_element_get_static_pad (behind, "src");
  gst_object_unref (ends->out); /* lives as long as its element */
  g_object_set_data_full (G_OBJECT (behind), "ends", ends, g_free);
  gst_pad_add_probe (heard, GST_PAD_PROBE_TYPE_BUFFER, on_input, ends, NULL);
  gst_pad_add_probe (put_out,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_output, ends, NULL);
  gst_object_unref (heard);
  gst_object_unref (put_out);
}

/* parsebin and a decoder, which are linked once the stream is there. */
static gboolean
add_decoder (GstBin *bin, const gchar *path, const DmixStream *stream,
    GError **error)
{
  static const gchar *const reading[] = { "filesrc", "parsebin", NULL };
  static const gchar *const decoding[] = { "decodebin", NULL };
  GstElement *source, *parsebin, *decoder, *same;

  if (!dmix_runner_chain (bin, reading, &source, &parsebin, error)
      || !dmix_runner_chain (bin, decoding, &decoder, &same, error))
    return FALSE;
  g_object_set (source, "location", path, NULL);
  g_object_set_data_full (G_OBJECT (bin), "stream", g_strdup (stream->id),
      g_free);
  g_object_set_data (G_OBJECT (bin), "decoder", decoder);
  g_signal_connect (parsebin, "pad-added", G_CALLBACK (on_stream), bin);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_sound), bin);
  return TRUE;
}

/* The source of such a file, or NULL. */
static GstElement *
add_wav (GstBin *bin, const gchar *path, GError **error)
{
  GstElement *source;
  DmixWav wav;

  if (!dmix_wavsource_read (path, &wav)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "has changed since it was looked into");
    return NULL;
  }
  source = dmix_wavsource_new (path, &wav, error);
  if (source)
    gst_bin_add (bin, source);
  return source;
}

/* What reads the file is added first: of elements that are not linked yet a bin
 * starts the last one first, and a demuxer must not play before its decoder. */
GstElement *
dmix_source_new (const gchar *path, const DmixStream *stream, GError **error)
{
  static const gchar *const converting[] = { "audioconvert", NULL };
  static const gchar *const resampling[] = { "audioresample", "identity",
    NULL };
  const gboolean is_wav = g_str_equal (stream->id, DMIX_STREAM_WAV);
  GstElement *bin = gst_bin_new (NULL), *wav = NULL, *same, *convert, *resample,
             *last;
  GstPad *end;

  dmix_runner_set_file (bin, path);
  if (!(is_wav ? (wav = add_wav (GST_BIN (bin), path, error)) != NULL
               : add_decoder (GST_BIN (bin), path, stream, error))
      || !dmix_runner_chain (GST_BIN (bin), converting, &convert, &same, error)
      || !dmix_runner_chain (GST_BIN (bin), resampling, &resample, &last,
          error)) {
    gst_object_unref (gst_object_ref_sink (bin));
    return NULL;
  }
  g_object_set_data (G_OBJECT (bin), "convert", convert);
  if (wav)
    gst_element_link (wav, convert);
  gst_element_link (convert, resample);
  keep_length (resample, last, stream);
  end = gst_element_get_static_pad (last, "src");
  gst_element_add_pad (bin, gst_ghost_pad_new ("src", end));
  gst_object_unref (end);
  return bin;
}

/*** the format ***/

static GstPadProbeReturn
on_caps (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstElement *bin = data;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    gst_element_post_message (bin,
        gst_message_new_application (GST_OBJECT (bin),
            gst_structure_new ("decoded", "caps", GST_TYPE_CAPS, caps, NULL)));
  }
  return GST_PAD_PROBE_OK;
}

/* The first message that decides; the name of a decoder that is missing. */
static GstMessage *
wait_for_caps (GstBus *bus, gchar **missing)
{
  GstMessage *message;

  while ((message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
              GST_MESSAGE_APPLICATION | GST_MESSAGE_ERROR | GST_MESSAGE_EOS
                  | GST_MESSAGE_ELEMENT))
      && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    if (!*missing && gst_is_missing_plugin_message (message))
      *missing = gst_missing_plugin_message_get_description (message);
    gst_message_unref (message);
  }
  return message;
}

gboolean
dmix_source_format (const gchar *path, const DmixStream *stream,
    GstAudioInfo *format, GError **error)
{
  GstElement *pipeline, *source, *sink;
  GstMessage *message;
  GstCaps *caps = NULL;
  gchar *missing = NULL;
  GstBus *bus;
  GstPad *pad;

  source = dmix_source_new (path, stream, error);
  if (!source)
    return FALSE;
  pipeline = gst_pipeline_new (NULL);
  sink = gst_element_factory_make ("fakesink", NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, sink, NULL);
  gst_element_link (source, sink);
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_caps, source,
      NULL);
  gst_object_unref (pad);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = wait_for_caps (bus, &missing);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION)
    gst_structure_get (gst_message_get_structure (message), "caps",
        GST_TYPE_CAPS, &caps, NULL);
  if (!caps && missing) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "no %s is installed; Debian has it in gstreamer1.0-plugins-good, -bad "
        "or gstreamer1.0-libav",
        missing);
  } else if (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    GError *bus_error = NULL;
    gchar *detail = NULL;

    gst_message_parse_error (message, &bus_error, &detail);
    dmix_error_set_gst (error, path, bus_error, detail);
    g_error_free (bus_error);
    g_free (detail);
  } else if (!caps || !gst_audio_info_from_caps (format, caps)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "no sound comes out of its decoder");
    gst_clear_caps (&caps);
  }
  g_clear_pointer (&message, gst_message_unref);
  g_free (missing);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  if (!caps)
    return FALSE;
  gst_caps_unref (caps);
  return TRUE;
}
