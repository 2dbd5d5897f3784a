/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixbin
 * @title: dmixbin
 *
 * A whole mix as one element. Dialogue, ambience, music and effects go to pads of
 * these names, in any format; each is cleaned, levelled, steadied and placed as
 * the properties of its pad say. The dialogue ducks the rest, and the mix
 * leaves with a loudness and a ceiling. Elements that no property asks for are
 * not in the chain.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 dmixbin name=m @preset=podcast ! audioconvert ! wavenc ! filesink location=mix.wav \
 *     filesrc location=speech.wav ! decodebin ! m.dialogue_0 \
 *     filesrc location=music.flac ! decodebin ! m.music_0
 * ]| A voice over music with -16 LUFS.
 * |[
 * gst-launch-1.0 -m dmixbin name=m analyse=true ! fakesink \
 *     filesrc location=speech.wav ! decodebin ! m.dialogue_0 \
 *     filesrc location=rain.flac ! decodebin ! m.ambience_0
 * ]| The last message proposes settings, with reasons.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbin.h"
#include "base/gstdmixpresets.h"
#include "base/gstdmixsettings.h"
#include "bin/gstdmixbinchildren.h"
#include "bin/gstdmixbinmessages.h"
#include "bin/gstdmixbinoutput.h"
#include "bin/gstdmixbinsetup.h"
#include "bin/gstdmixbinsync.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (dmix_bin_debug);
#define GST_CAT_DEFAULT dmix_bin_debug

struct _GstDmixBin
{
  GstBin parent;

  GstDmixBinValues values; /* object lock */
  GstDmixSettings settings;
  gchar *text; /* property settings; object lock */
  GstElement *ducker;
  GstDmixBinOutput output;
  GstDmixBinReport report;
  GMutex lock;   /* of `strips`; nothing else is locked under it */
  GList *strips; /* also those that are leaving */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixBin, gst_dmix_bin, GST_TYPE_BIN,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface)
        G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY,
            gst_dmix_bin_children_init))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixbin, "dmixbin", GST_RANK_NONE,
    GST_TYPE_DMIX_BIN,
    GST_DEBUG_CATEGORY_INIT (dmix_bin_debug, "dmixbin", 0, "a whole mix"))

/* audioconvert crashes with 64 channels (GStreamer 1.22). */
#define ANY_AUDIO "audio/x-raw, layout=interleaved, channels=[ 1, 63 ]"
#define SINK_TEMPLATE(name, kind)                                              \
  static GstStaticPadTemplate name = GST_STATIC_PAD_TEMPLATE (kind "_%u",      \
      GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (ANY_AUDIO))

SINK_TEMPLATE (dialogue_template, "dialogue");
SINK_TEMPLATE (ambience_template, "ambience");
SINK_TEMPLATE (music_template, "music");
SINK_TEMPLATE (effects_template, "effects");
static GstStaticPadTemplate programme_template =
    GST_STATIC_PAD_TEMPLATE ("programme", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (ANY_AUDIO));
#define STEM_TEMPLATE(template, name)                                          \
  static GstStaticPadTemplate template = GST_STATIC_PAD_TEMPLATE (name,        \
      GST_PAD_SRC, GST_PAD_REQUEST, GST_STATIC_CAPS (ANY_AUDIO))

STEM_TEMPLATE (dialogue_stem_template, "dialogue");
STEM_TEMPLATE (background_stem_template, "background");
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (ANY_AUDIO));

static GstDmixBinValues
get_values (GstDmixBin *self)
{
  GstDmixBinValues values;

  GST_OBJECT_LOCK (self);
  values = self->values;
  GST_OBJECT_UNLOCK (self);
  return values;
}

/* The strips, each with a reference. */
static GList *
get_strips (GstDmixBin *self)
{
  GList *strips;

  g_mutex_lock (&self->lock);
  strips = g_list_copy_deep (self->strips,
      (GCopyFunc) (GCallback) gst_dmix_bin_strip_ref, NULL);
  g_mutex_unlock (&self->lock);
  return strips;
}

static void
free_strips (GList *strips)
{
  g_list_free_full (strips, gst_dmix_bin_strip_unref);
}

/* Applies what property settings has for names that begin with `prefix`. */
static void
apply_text (GstDmixBin *self, const gchar *prefix)
{
  gchar *text;

  GST_OBJECT_LOCK (self);
  text = g_strdup (self->text);
  GST_OBJECT_UNLOCK (self);
  gst_dmix_bin_children_apply (GST_CHILD_PROXY (self), text, prefix);
  g_free (text);
}

/*** update ***/

static void
update_strip (GstDmixBin *self, const GstDmixBinValues *v,
    GstDmixBinStrip *strip)
{
  if (gst_dmix_bin_set_up_strip (v, strip)) {
    gchar *prefix = g_strdup_printf ("%s-",
        GST_PAD_NAME (gst_dmix_bin_strip_get_pad (strip)));

    apply_text (self, prefix);
    g_free (prefix);
  }
}

static void
update (GstDmixBin *self)
{
  const GstDmixBinValues v = get_values (self);
  GList *strips = get_strips (self);

  gst_dmix_bin_set_up_ducker (self->ducker, &v);
  gst_dmix_bin_set_up_output (&self->output, &v);
  for (GList *item = strips; item; item = item->next)
    update_strip (self, &v, item->data);
  free_strips (strips);
}

/*** pads ***/

static void
pad_changed (GstDmixBinPad *pad, GstDmixBin *self)
{
  const GstDmixBinValues v = get_values (self);
  GList *strips = get_strips (self);

  for (GList *item = strips; item; item = item->next)
    if (gst_dmix_bin_strip_get_pad (item->data) == pad)
      update_strip (self, &v, item->data);
  gst_dmix_bin_set_up_solo (strips);
  free_strips (strips);
}

/* A name that is asked for, or the first free one; NULL: it is there already. */
static gchar *
pad_name (GstDmixBin *self, GstPadTemplate *template, const gchar *asked)
{
  const gchar *pattern = GST_PAD_TEMPLATE_NAME_TEMPLATE (template);
  gchar *name = NULL;
  GstPad *there = NULL;

  if (!asked || !strchr (pattern, '%'))
    asked = pattern;
  if (!strchr (asked, '%')) {
    there = gst_element_get_static_pad (GST_ELEMENT (self), asked);
    name = there ? NULL : g_strdup (asked);
    gst_clear_object (&there);
    return name;
  }
  for (guint n = 0; n == 0 || there; n++) {
    gst_clear_object (&there);
    g_free (name);
    name = g_strdup_printf (pattern, n);
    there = gst_element_get_static_pad (GST_ELEMENT (self), name);
  }
  return name;
}

static gboolean
plays (GstDmixBin *self)
{
  GstPad *src = gst_element_get_static_pad (self->ducker, "src");
  const gboolean has_caps = gst_pad_has_current_caps (src);

  gst_object_unref (src);
  return has_caps;
}

static GstPad *
add_stem (GstDmixBin *self, GstPadTemplate *template, const gchar *name)
{
  GstPad *target = gst_dmix_bin_output_add_stem (&self->output, name);
  GstPad *pad = gst_ghost_pad_new_from_template (name, target, template);

  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (GST_ELEMENT (self), pad);
  return pad;
}

static void
remove_stem (GstDmixBin *self, GstPad *pad)
{
  gst_pad_set_active (pad, FALSE);
  gst_ghost_pad_set_target (GST_GHOST_PAD (pad), NULL);
  gst_dmix_bin_output_remove_stem (&self->output, GST_PAD_NAME (pad));
  gst_element_remove_pad (GST_ELEMENT (self), pad);
}

static GstPad *
gst_dmix_bin_request_new_pad (GstElement *element, GstPadTemplate *template,
    const gchar *asked, const GstCaps *caps)
{
  GstDmixBin *self = GST_DMIX_BIN (element);
  gchar *name = self->ducker ? pad_name (self, template, asked) : NULL;
  const gboolean late = self->ducker && plays (self);
  GstDmixBinTarget *target;
  GstDmixBinStrip *strip = NULL;
  GstDmixBinPad *pad;
  gchar *prefix;

  if (!name) {
    GST_WARNING_OBJECT (self,
        "pad '%s' exists already: request a pad with another name, or release "
        "this one first",
        asked ? asked : GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
    return NULL;
  }
  if (GST_PAD_TEMPLATE_DIRECTION (template) == GST_PAD_SRC) {
    GstPad *stem = add_stem (self, template, name);

    g_free (name);
    return stem;
  }
  pad = g_object_ref_sink (gst_dmix_bin_pad_new (name, template));
  target = gst_dmix_bin_target_new (GST_BIN (self), self->ducker, name, late);
  if (target)
    strip = gst_dmix_bin_strip_new (GST_BIN (self), pad, self->ducker, target,
        late);
  g_free (name);
  if (!strip) {
    gst_object_unref (pad);
    return NULL;
  }
  g_mutex_lock (&self->lock);
  self->strips = g_list_append (self->strips, strip);
  g_mutex_unlock (&self->lock);
  g_signal_connect (pad, "changed", G_CALLBACK (pad_changed), self);
  pad_changed (pad, self);
  gst_element_add_pad (element, GST_PAD (pad));
  gst_child_proxy_child_added (GST_CHILD_PROXY (self), G_OBJECT (pad),
      GST_PAD_NAME (pad));
  prefix = g_strdup_printf ("%s::", GST_PAD_NAME (pad));
  apply_text (self, prefix);
  g_free (prefix);
  gst_object_unref (pad);
  return GST_PAD (pad);
}

static void
strip_gone (GstDmixBinStrip *strip, gpointer data)
{
  GstDmixBin *self = data;
  GList *item;

  g_mutex_lock (&self->lock);
  item = g_list_find (self->strips, strip);
  self->strips = g_list_delete_link (self->strips, item);
  g_mutex_unlock (&self->lock);
  gst_dmix_bin_strip_unref (strip);
}

static void
gst_dmix_bin_release_pad (GstElement *element, GstPad *pad)
{
  GstDmixBin *self = GST_DMIX_BIN (element);
  GList *strips;

  if (GST_PAD_IS_SRC (pad)) {
    remove_stem (self, pad);
    return;
  }
  strips = get_strips (self);
  g_signal_handlers_disconnect_by_data (pad, self);
  gst_child_proxy_child_removed (GST_CHILD_PROXY (self), G_OBJECT (pad),
      GST_PAD_NAME (pad));
  for (GList *item = strips; item; item = item->next)
    if (gst_dmix_bin_strip_get_pad (item->data) == GST_DMIX_BIN_PAD (pad)) {
      g_object_set (pad, "solo", FALSE, NULL);
      gst_dmix_bin_set_up_solo (strips);
      gst_dmix_bin_strip_leave (item->data, GST_STATE (self) > GST_STATE_READY,
          strip_gone, self);
    }
  free_strips (strips);
  gst_element_remove_pad (element, pad);
}

/*** messages ***/

static void
gst_dmix_bin_handle_message (GstBin *bin, GstMessage *message)
{
  GstDmixBin *self = GST_DMIX_BIN (bin);

  if (!gst_dmix_bin_messages_gather (bin, message, &self->report,
          self->output.stage[GST_DMIX_BIN_MIX_METER] != NULL))
    GST_BIN_CLASS (gst_dmix_bin_parent_class)->handle_message (bin, message);
}

static GstPadProbeReturn
watch_end (GstPad *src, GstPadProbeInfo *info, gpointer data)
{
  GstDmixBin *self = data;
  const GstDmixBinValues v = get_values (self);

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS
      && v.analyse) {
    GList *strips = get_strips (self);

    gst_dmix_bin_messages_propose (GST_BIN (self), &self->report, &v, strips);
    free_strips (strips);
  }
  return GST_PAD_PROBE_OK;
}

/* Behind the ducker, once a block: for the next one. */
static void
watch_bindings (GstDmixBin *self)
{
  GstPad *src = gst_element_get_static_pad (self->ducker, "src");

  gst_dmix_bin_sync_with (GST_OBJECT (self), src);
  gst_object_unref (src);
}

/*** states ***/

/* A ghost pad says nothing of a latency that is not live. */
static gboolean
query_src (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstPad *target;
  gboolean known;

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY
      || !(target = gst_ghost_pad_get_target (GST_GHOST_PAD (pad))))
    return gst_pad_query_default (pad, parent, query);
  known = gst_pad_query (target, query);
  gst_object_unref (target);
  return known;
}

/* GstBin asks its sinks for the latency; there is none in here. */
static gboolean
gst_dmix_bin_query (GstElement *element, GstQuery *query)
{
  GstPad *src;
  gboolean known;

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return GST_ELEMENT_CLASS (gst_dmix_bin_parent_class)
        ->query (element, query);
  src = gst_element_get_static_pad (element, "src");
  known = gst_pad_query (src, query);
  gst_object_unref (src);
  return known;
}

static GstStateChangeReturn
gst_dmix_bin_change_state (GstElement *element, GstStateChange transition)
{
  GstDmixBin *self = GST_DMIX_BIN (element);
  GstStateChangeReturn ret;

  if (!self->ducker) {
    GST_ELEMENT_ERROR (self, CORE, MISSING_PLUGIN, (NULL),
        ("There is no element 'dmixducker': check GST_PLUGIN_PATH"));
    return GST_STATE_CHANGE_FAILURE;
  }
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_dmix_bin_report_forget (&self->report);
  ret = GST_ELEMENT_CLASS (gst_dmix_bin_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    GList *strips = get_strips (self);

    for (GList *item = strips; item; item = item->next)
      gst_dmix_bin_strip_sweep (item->data);
    free_strips (strips);
    update (self);
  }
  return ret;
}

/*** object ***/

static guint
text_id (void)
{
  return gst_dmix_bin_property_count + 1;
}

static void
gst_dmix_bin_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  GstDmixBin *self = GST_DMIX_BIN (object);

  if (id == text_id ()) {
    GST_OBJECT_LOCK (self);
    g_free (self->text);
    self->text = g_value_dup_string (value);
    GST_OBJECT_UNLOCK (self);
    apply_text (self, "");
  } else if (gst_dmix_settings_set (&self->settings, id, value)
      && self->ducker) {
    update (self);
  }
}

static void
gst_dmix_bin_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  GstDmixBin *self = GST_DMIX_BIN (object);

  if (id != text_id ()) {
    gst_dmix_settings_get (&self->settings, id, value);
    return;
  }
  GST_OBJECT_LOCK (self);
  g_value_set_string (value, self->text);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_dmix_bin_constructed (GObject *object)
{
  GstDmixBin *self = GST_DMIX_BIN (object);
  GstPadTemplate *template =
      gst_element_get_pad_template (GST_ELEMENT (self), "src");
  GstPad *src = gst_ghost_pad_new_no_target_from_template ("src", template);

  G_OBJECT_CLASS (gst_dmix_bin_parent_class)->constructed (object);
  gst_dmix_settings_init (&self->settings, self, gst_dmix_bin_properties,
      gst_dmix_bin_property_count, &self->values, sizeof self->values);
  gst_pad_set_query_function (src, query_src);
  gst_element_add_pad (GST_ELEMENT (self), src);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, watch_end, self,
      NULL);
  self->ducker = gst_element_factory_make ("dmixducker", "ducker");
  if (self->ducker && !gst_bin_add (GST_BIN (self), self->ducker))
    self->ducker = NULL;
  gst_dmix_bin_output_init (&self->output, GST_BIN (self), self->ducker, src);
  if (self->ducker) {
    watch_bindings (self);
    update (self);
  }
}

static void
gst_dmix_bin_dispose (GObject *object)
{
  GList *strips = get_strips (GST_DMIX_BIN (object));

  for (GList *item = strips; item; item = item->next) {
    g_signal_handlers_disconnect_by_data (gst_dmix_bin_strip_get_pad (
                                              item->data),
        object);
    gst_dmix_bin_strip_leave (item->data, FALSE, strip_gone, object);
  }
  free_strips (strips);
  G_OBJECT_CLASS (gst_dmix_bin_parent_class)->dispose (object);
}

static void
gst_dmix_bin_finalize (GObject *object)
{
  GstDmixBin *self = GST_DMIX_BIN (object);

  gst_dmix_settings_clear (&self->settings);
  gst_dmix_bin_report_clear (&self->report);
  gst_dmix_bin_output_clear (&self->output);
  g_mutex_clear (&self->lock);
  g_free (self->text);
  G_OBJECT_CLASS (gst_dmix_bin_parent_class)->finalize (object);
}

static void
gst_dmix_bin_class_init (GstDmixBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstStaticPadTemplate *sinks[] = { &dialogue_template, &ambience_template,
    &music_template, &effects_template, &programme_template };

  object_class->constructed = gst_dmix_bin_constructed;
  object_class->dispose = gst_dmix_bin_dispose;
  object_class->finalize = gst_dmix_bin_finalize;
  object_class->set_property = gst_dmix_bin_set_property;
  object_class->get_property = gst_dmix_bin_get_property;
  gst_dmix_properties_install (object_class, gst_dmix_bin_properties,
      gst_dmix_bin_property_count);
  g_object_class_install_property (object_class, text_id (),
      g_param_spec_string ("settings", "Settings",
          "Settings of the element, its pads and inner elements, as text: "
          "\"target=12 dialogue_0::denoise=9\", as a proposal has them",
          NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  for (guint i = 0; i < G_N_ELEMENTS (sinks); i++)
    gst_element_class_add_static_pad_template_with_gtype (element_class,
        sinks[i], GST_TYPE_DMIX_BIN_PAD);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_add_static_pad_template (element_class,
      &dialogue_stem_template);
  gst_element_class_add_static_pad_template (element_class,
      &background_stem_template);
  gst_element_class_set_static_metadata (element_class, "Dialogue mix",
      "Generic/Bin/Audio",
      "Mixes dialogue, ambience, music and effects: clean, ducked, placed and "
      "loud as wanted",
      "The dmix authors");
  element_class->request_new_pad = gst_dmix_bin_request_new_pad;
  element_class->release_pad = gst_dmix_bin_release_pad;
  element_class->change_state = gst_dmix_bin_change_state;
  element_class->query = gst_dmix_bin_query;
  GST_BIN_CLASS (klass)->handle_message = gst_dmix_bin_handle_message;
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_BIN_PAD, 0);
}

static void
gst_dmix_bin_init (GstDmixBin *self)
{
  g_mutex_init (&self->lock);
  gst_dmix_bin_report_init (&self->report);
}
