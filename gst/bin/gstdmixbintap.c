/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinTap: the stems of the mix.
 *
 * The dialogue comes as meta of the mix (base/gstdmixstem.h), the background is the
 * difference: so both add up to the mix, whatever the ducker did. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbintap.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixstem.h"

#include "base/mixgain.h"

#include <gst/audio/audio.h>

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixbintap", "stems of dmixbin");

#define STEMS 2

struct _GstDmixBinTap
{
  GstElement parent;

  GstPad *sink, *src;
  GstAudioInfo info; /* streaming thread */
};

G_DEFINE_FINAL_TYPE (GstDmixBinTap, gst_dmix_bin_tap, GST_TYPE_ELEMENT)

static const gchar *const names[STEMS] = { "dialogue", "background" };

static gboolean
is_dialogue (guint stem)
{
  return stem == 0;
}

/* A new buffer; NULL: no memory. */
static GstBuffer *
make_stem (GstDmixBinTap *self, GstBuffer *mix, guint stem)
{
  const DmixGainLine one = { 1.0f, 1.0f }, minus = { -1.0f, -1.0f };
  GstBuffer *dialogue = gst_dmix_stem_get (mix);
  const gsize size = gst_buffer_get_size (mix);
  const guint bpf = (guint) GST_AUDIO_INFO_BPF (&self->info);
  GstBuffer *out = gst_buffer_new_and_alloc (size);
  GstMapInfo to, from;

  if (!out || !gst_buffer_map (out, &to, GST_MAP_WRITE)) {
    gst_clear_buffer (&out);
    return NULL;
  }
  if (is_dialogue (stem) && !dialogue)
    memset (to.data, 0, size);
  else
    gst_buffer_extract (is_dialogue (stem) ? dialogue : mix, 0, to.data, size);
  if (!is_dialogue (stem) && dialogue && bpf > 0
      && gst_buffer_map (dialogue, &from, GST_MAP_READ)) {
    dmix_mixgain_process ((gfloat *) to.data, (const gfloat *) from.data,
        (guint) GST_AUDIO_INFO_CHANNELS (&self->info), size / bpf, one, minus,
        0, size / bpf);
    gst_buffer_unmap (dialogue, &from);
  }
  gst_buffer_unmap (out, &to);
  gst_buffer_copy_into (out, mix,
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  return out;
}

static GstFlowReturn
push_stem (GstDmixBinTap *self, GstBuffer *mix, guint stem)
{
  GstPad *pad = gst_element_get_static_pad (GST_ELEMENT (self), names[stem]);
  GstFlowReturn ret = GST_FLOW_NOT_LINKED;
  GstBuffer *buffer;

  if (pad && gst_pad_is_linked (pad)) {
    buffer = make_stem (self, mix, stem);
    ret = buffer ? gst_pad_push (pad, buffer) : GST_FLOW_ERROR;
    if (!buffer)
      GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
          ("No memory for the stem on pad '%s': release the pad", names[stem]));
  }
  gst_clear_object (&pad);
  return ret;
}

/* Errors count on any pad, the rest only if it is that of all pads. A stem that
 * flushes may be about to go; in a seek the mix flushes, too. */
static GstFlowReturn
chain (GstPad *sink, GstObject *parent, GstBuffer *mix)
{
  GstDmixBinTap *self = GST_DMIX_BIN_TAP (parent);
  GstFlowReturn ret[STEMS + 1];
  gboolean flows = FALSE;

  for (guint i = 0; i < STEMS; i++)
    ret[i] = push_stem (self, mix, i);
  ret[STEMS] = gst_pad_push (self->src, mix);
  for (guint i = 0; i <= STEMS; i++) {
    if (ret[i] <= GST_FLOW_NOT_NEGOTIATED)
      return ret[i];
    flows |= ret[i] == GST_FLOW_OK;
  }
  return flows && ret[STEMS] != GST_FLOW_FLUSHING ? GST_FLOW_OK : ret[STEMS];
}

static gboolean
sink_event (GstPad *sink, GstObject *parent, GstEvent *event)
{
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    gst_audio_info_from_caps (&GST_DMIX_BIN_TAP (parent)->info, caps);
  }
  return gst_pad_event_default (sink, parent, event);
}

static gboolean
sink_query (GstPad *sink, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (sink, parent, query);
  if (GST_ELEMENT (parent)->numsrcpads > 1)
    gst_dmix_stem_ask (query);
  return TRUE;
}

static gboolean
copy_event (GstPad *sink, GstEvent **event, gpointer pad)
{
  gst_pad_store_sticky_event (pad, *event);
  return TRUE;
}

GstPad *
gst_dmix_bin_tap_add (GstDmixBinTap *self, const gchar *name)
{
  GstPad *pad = gst_pad_new (name, GST_PAD_SRC);

  GST_PAD_SET_PROXY_CAPS (pad);
  gst_pad_set_active (pad, TRUE);
  gst_pad_sticky_events_foreach (self->sink, copy_event, pad);
  gst_element_add_pad (GST_ELEMENT (self), pad);
  gst_pad_push_event (self->sink, gst_event_new_reconfigure ());
  return pad;
}

void
gst_dmix_bin_tap_remove (GstDmixBinTap *self, const gchar *name)
{
  GstPad *pad = gst_element_get_static_pad (GST_ELEMENT (self), name);

  if (!pad)
    return;
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (GST_ELEMENT (self), pad);
  gst_object_unref (pad);
}

static void
gst_dmix_bin_tap_class_init (GstDmixBinTapClass *klass)
{
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass), "Stems",
      "Generic/Audio", "Puts out the stems of the mix of dmixbin",
      "The dmix authors");
}

static void
gst_dmix_bin_tap_init (GstDmixBinTap *self)
{
  gst_audio_info_init (&self->info);
  self->sink = gst_pad_new ("sink", GST_PAD_SINK);
  gst_pad_set_chain_function (self->sink, chain);
  gst_pad_set_event_function (self->sink, sink_event);
  gst_pad_set_query_function (self->sink, sink_query);
  GST_PAD_SET_PROXY_CAPS (self->sink);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
  self->src = gst_pad_new ("src", GST_PAD_SRC);
  GST_PAD_SET_PROXY_CAPS (self->src);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
