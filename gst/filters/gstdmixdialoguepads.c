/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* See the header. Stems behave as the branches of a tee: one without a link or
 * with a flushing sink does not stop the others; an error does. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixdialoguepads.h"
#include "base/gstdmixcaps.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixdialoguepads", "stems of dmixdialogue");

#define STEMS (GST_DMIX_DIALOGUE_SIGNALS - 1)

static const gchar *const names[STEMS] = { "dialogue", "background" };

static gsize offset_in_instance;

static GstDmixDialoguePads *
pads_of (gpointer element)
{
  return (GstDmixDialoguePads *) ((guint8 *) element + offset_in_instance);
}

static GstPad *
main_pad (gpointer element)
{
  return GST_BASE_TRANSFORM_SRC_PAD (element);
}

/* Returns a reference, or NULL. */
static GstPad *
get_stem (GstDmixDialoguePads *self, guint stem)
{
  GstPad *pad;

  GST_OBJECT_LOCK (self->element);
  pad = self->stem[stem] ? gst_object_ref (self->stem[stem]) : NULL;
  GST_OBJECT_UNLOCK (self->element);
  return pad;
}

/*** buffers ***/

/* Signal number `signal` of a block. */
static GstBuffer *
take_signal (GstDmixDialoguePads *self, GstBuffer *block, guint signal)
{
  const gsize bpf = self->channels * sizeof (gfloat);
  const gsize step = GST_DMIX_DIALOGUE_SIGNALS * bpf;
  const gsize frames = gst_buffer_get_size (block) / step;
  GstBuffer *out = gst_buffer_new_and_alloc (frames * bpf);
  GstMapInfo from, to;

  if (!out
      || !gst_buffer_copy_into (out, block, GST_BUFFER_COPY_METADATA, 0, -1)
      || !gst_buffer_map (block, &from, GST_MAP_READ)) {
    gst_clear_buffer (&out);
    return NULL;
  }
  if (gst_buffer_map (out, &to, GST_MAP_WRITE)) {
    for (gsize i = 0; i < frames; i++)
      memcpy (to.data + i * bpf, from.data + i * step + signal * bpf, bpf);
    gst_buffer_unmap (out, &to);
  } else {
    gst_clear_buffer (&out);
  }
  gst_buffer_unmap (block, &from);
  return out;
}

static GstFlowReturn
push_stem (GstDmixDialoguePads *self, GstPad *pad, GstBuffer *block, guint stem)
{
  GstBuffer *buffer;

  if (!gst_pad_is_linked (pad))
    return GST_FLOW_NOT_LINKED;
  buffer = take_signal (self, block, stem + 1);
  if (!buffer) {
    GST_ELEMENT_ERROR (self->element, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for a buffer on pad '%s': use fewer channels or a lower "
         "rate on pad 'sink'",
            names[stem]));
    return GST_FLOW_ERROR;
  }
  return gst_pad_push (pad, buffer);
}

/* A block on its way to `src`: pushes the stems; the mix goes on. */
static GstPadProbeReturn
take_apart (GstPad *main, GstPadProbeInfo *info, gpointer user)
{
  GstDmixDialoguePads *self = user;
  GstBuffer *block = GST_PAD_PROBE_INFO_BUFFER (info), *mix;
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean taken = FALSE;

  if (self->channels == 0)
    return GST_PAD_PROBE_OK;
  for (guint s = 0; s < STEMS && ret == GST_FLOW_OK; s++) {
    GstPad *pad = get_stem (self, s);
    GstFlowReturn got = pad ? push_stem (self, pad, block, s) : GST_FLOW_OK;

    taken |= pad && got == GST_FLOW_OK;
    if (got == GST_FLOW_NOT_NEGOTIATED || got <= GST_FLOW_ERROR)
      ret = got;
    gst_clear_object (&pad);
  }
  mix = ret == GST_FLOW_OK ? take_signal (self, block, 0) : NULL;
  gst_buffer_unref (block);
  GST_PAD_PROBE_INFO_DATA (info) = mix;
  /* only the stems are wanted */
  if (mix && taken && !gst_pad_is_linked (main)) {
    gst_clear_buffer (&mix);
    GST_PAD_PROBE_INFO_DATA (info) = NULL;
    GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_OK;
    return GST_PAD_PROBE_HANDLED;
  }
  if (!mix) {
    GST_PAD_PROBE_INFO_FLOW_RETURN (info) =
        ret == GST_FLOW_OK ? GST_FLOW_ERROR : ret;
    return GST_PAD_PROBE_HANDLED;
  }
  return GST_PAD_PROBE_OK;
}

/*** events and queries ***/

/* The stream of a stem has an id of its own, in the same group. */
static GstEvent *
event_for_stem (GstEvent *event, guint stem)
{
  const gchar *id;
  GstEvent *own;
  gchar *own_id;
  guint group;
  GstStreamFlags flags;

  if (GST_EVENT_TYPE (event) != GST_EVENT_STREAM_START)
    return gst_event_ref (event);
  gst_event_parse_stream_start (event, &id);
  own_id = g_strconcat (id, "/", names[stem], NULL);
  own = gst_event_new_stream_start (own_id);
  g_free (own_id);
  gst_event_set_seqnum (own, gst_event_get_seqnum (event));
  gst_event_parse_stream_flags (event, &flags);
  gst_event_set_stream_flags (own, flags);
  if (gst_event_parse_group_id (event, &group))
    gst_event_set_group_id (own, group);
  return own;
}

static GstPadProbeReturn
repeat_event (GstPad *main, GstPadProbeInfo *info, gpointer user)
{
  GstDmixDialoguePads *self = user;

  for (guint s = 0; s < STEMS; s++) {
    GstPad *pad = get_stem (self, s);

    if (pad)
      gst_pad_push_event (pad,
          event_for_stem (GST_PAD_PROBE_INFO_EVENT (info), s));
    gst_clear_object (&pad);
  }
  return GST_PAD_PROBE_OK;
}

typedef struct
{
  GstPad *pad;
  guint stem;
} Copy;

static gboolean
copy_sticky (GstPad *main, GstEvent **event, gpointer user)
{
  const Copy *to = user;
  GstEvent *own = event_for_stem (*event, to->stem);

  gst_pad_store_sticky_event (to->pad, own);
  gst_event_unref (own);
  return TRUE;
}

/* A stem answers and asks as `src` does, but for QoS: the mix decides. */
static gboolean
query_stem (GstPad *pad, GstObject *parent, GstQuery *query)
{
  return gst_pad_query (main_pad (parent), query);
}

static gboolean
send_from_stem (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_QOS
      || GST_EVENT_TYPE (event) == GST_EVENT_RECONFIGURE) {
    gst_event_unref (event);
    return TRUE;
  }
  return gst_pad_send_event (main_pad (parent), event);
}

/*** pads ***/

static GstPad *
request_new_pad (GstElement *element, GstPadTemplate *template,
    const gchar *name, const GstCaps *caps)
{
  GstDmixDialoguePads *self = pads_of (element);
  const gchar *wanted = GST_PAD_TEMPLATE_NAME_TEMPLATE (template);
  const guint stem = g_str_equal (wanted, names[0]) ? 0 : 1;
  GstPad *pad = gst_pad_new_from_template (template, names[stem]);
  Copy copy = { pad, stem };
  gboolean is_free;

  gst_pad_set_query_function (pad, query_stem);
  gst_pad_set_event_function (pad, send_from_stem);
  GST_OBJECT_LOCK (element);
  is_free = !self->stem[stem];
  if (is_free)
    self->stem[stem] = pad;
  GST_OBJECT_UNLOCK (element);
  if (!is_free) {
    GST_WARNING_OBJECT (element, "pad '%s' is there already", names[stem]);
    gst_object_unref (pad);
    return NULL;
  }
  if (gst_pad_is_active (main_pad (element)))
    gst_pad_set_active (pad, TRUE);
  gst_pad_sticky_events_foreach (main_pad (element), copy_sticky, &copy);
  if (!gst_element_add_pad (element, pad)) {
    GST_OBJECT_LOCK (element);
    self->stem[stem] = NULL;
    GST_OBJECT_UNLOCK (element);
    return NULL;
  }
  GST_DEBUG_OBJECT (element, "pad '%s' is requested", names[stem]);
  return pad;
}

static void
release_pad (GstElement *element, GstPad *pad)
{
  GstDmixDialoguePads *self = pads_of (element);

  GST_OBJECT_LOCK (element);
  for (guint s = 0; s < STEMS; s++)
    if (self->stem[s] == pad)
      self->stem[s] = NULL;
  GST_OBJECT_UNLOCK (element);
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (element, pad);
}

GstCaps *
gst_dmix_dialogue_pads_widen (GstDmixDialoguePads *self, GstCaps *caps)
{
  GstCaps *wide = gst_caps_copy (caps);
  gboolean has_stems;
  gint channels = 0;

  GST_OBJECT_LOCK (self->element);
  has_stems = self->stem[0] || self->stem[1];
  GST_OBJECT_UNLOCK (self->element);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
      &channels);
  self->channels = has_stems ? (guint) channels : 0;
  if (has_stems)
    gst_caps_set_simple (wide, "channels", G_TYPE_INT,
        GST_DMIX_DIALOGUE_SIGNALS * channels, "channel-mask", GST_TYPE_BITMASK,
        G_GUINT64_CONSTANT (0), NULL);
  return wide;
}

void
gst_dmix_dialogue_pads_install (GstElementClass *klass, gsize offset)
{
  static GstStaticPadTemplate templates[STEMS] = {
    GST_STATIC_PAD_TEMPLATE ("dialogue", GST_PAD_SRC, GST_PAD_REQUEST,
        GST_STATIC_CAPS (GST_DMIX_CAPS)),
    GST_STATIC_PAD_TEMPLATE ("background", GST_PAD_SRC, GST_PAD_REQUEST,
        GST_STATIC_CAPS (GST_DMIX_CAPS)),
  };

  offset_in_instance = offset;
  for (guint s = 0; s < STEMS; s++)
    gst_element_class_add_static_pad_template (klass, &templates[s]);
  klass->request_new_pad = request_new_pad;
  klass->release_pad = release_pad;
}

void
gst_dmix_dialogue_pads_init (GstDmixDialoguePads *self, GstElement *element)
{
  GstPad *main = main_pad (element);

  self->element = element;
  gst_pad_add_probe (main, GST_PAD_PROBE_TYPE_BUFFER, take_apart, self, NULL);
  gst_pad_add_probe (main,
      GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      repeat_event, self, NULL);
}
