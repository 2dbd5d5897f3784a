/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method
 *
 * Linked late: the chain is linked to the ducker while something is linked to
 * its pad, so that the ducker knows a pad without a stream and does not wait for
 * it.
 *
 * Inserted while playing: an IDLE probe stops the pad before the new element
 * between two buffers or events. The sticky events follow (gstdmixbinlinks.h).
 *
 * Taken away while playing: EOS goes through the chain in a thread of its own,
 * behind the buffer that is on its way, and fetches what the elements hold. A
 * fader puts its end before the EOS. When the ducker has
 * mixed all of that, the elements go. The caller of release never waits.
 *
 * State
 *   lock       slots, links, leaving, done, makeup_db; never held while an element changes
 *              its state, for that waits for streaming threads
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinstrip.h"
#include "base/gstdmixlog.h"
#include "bin/gstdmixbinfaders.h"
#include "bin/gstdmixbinlinks.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixbinstrip", "chains before the ducker of dmixbin");

#define PATIENCE_US 500000
#define PAUSE_US 2000 /* between two looks for the end */

static const struct
{
  const gchar *factory, *suffix;
} slots[GST_DMIX_BIN_SLOTS] = {
  [GST_DMIX_BIN_CONVERT] = { "audioconvert", "convert" },
  [GST_DMIX_BIN_RESAMPLE] = { "audioresample", "resample" },
  [GST_DMIX_BIN_METER] = { "dmixmeter", "meter" },
  [GST_DMIX_BIN_DENOISE] = { "dmixdenoise", "denoise" },
  [GST_DMIX_BIN_LEVEL] = { "dmixlevel", "level" },
  [GST_DMIX_BIN_STEADY] = { "dmixcomp", "steady" },
  [GST_DMIX_BIN_PAN] = { "dmixpan", "pan" },
};

struct _GstDmixBinStrip
{
  GstBin *bin; /* outlives the strip's elements */
  GstElement *ducker;
  GstDmixBinPad *pad;
  GstDmixBinTarget *target;
  GRecMutex lock;
  GstElement *slot[GST_DMIX_BIN_SLOTS];
  GstElement *waiting[GST_DMIX_BIN_SLOTS]; /* for their IDLE probe */
  gboolean joining[GST_DMIX_BIN_SLOTS];
  gboolean leaving, done;
  GstDmixBinStripGone gone;
  gpointer gone_data;
  GstDmixBinFaders *faders;
  gdouble makeup_db; /* of the compressor, applied by the fader */
  /* atomic; the first: links of the pad so far */
  gint links, progress;
};

/*** links ***/

/* The src pad of the last element before slot `before`. With lock. */
static GstPad *
src_before (GstDmixBinStrip *self, guint before)
{
  while (before > 0 && !self->slot[--before])
    ;
  return gst_element_get_static_pad (self->slot[before], "src");
}

/* The pad behind slot `after`: of an element or of the ducker. */
static GstPad *
sink_after (GstDmixBinStrip *self, guint after)
{
  while (++after < GST_DMIX_BIN_SLOTS)
    if (self->slot[after])
      return gst_element_get_static_pad (self->slot[after], "sink");
  return gst_object_ref (gst_dmix_bin_target_get_sink (self->target));
}

static void
connect_target (GstDmixBinStrip *self, gboolean linked)
{
  GstPad *sink, *src;

  g_rec_mutex_lock (&self->lock);
  sink = gst_dmix_bin_target_get_sink (self->target);
  src = src_before (self, GST_DMIX_BIN_SLOTS);
  if (linked && !gst_pad_is_linked (sink) && !self->done) {
    gst_dmix_bin_target_link (self->target, TRUE);
    gst_pad_link_full (src, sink, GST_PAD_LINK_CHECK_NOTHING);
  } else if (!linked && gst_pad_is_linked (sink)) {
    gst_pad_unlink (src, sink);
    gst_dmix_bin_target_link (self->target, FALSE);
  }
  gst_object_unref (src);
  g_rec_mutex_unlock (&self->lock);
}

typedef struct
{
  GstDmixBinStrip *strip;
  gint links;
} Drain;

/* Of a struct that begins with its reference to a strip. */
static void
free_call (gpointer data)
{
  gst_dmix_bin_strip_unref (*(GstDmixBinStrip **) data);
  g_free (data);
}

/* Nothing has been mixed for PATIENCE: other pads have no data, or nothing plays.
 * The elements leave with what they have, and so does the thread upstream. */
static void
give_up (GstElement *bin, gpointer data)
{
  GstDmixBinStrip *self = data;

  do {
    g_atomic_int_set (&self->progress, FALSE);
    g_usleep (PATIENCE_US);
  } while (g_atomic_int_get (&self->progress) && !self->done);
  gst_dmix_bin_strip_sweep (self);
}

/* The base class holds locks of the pad here. */
static void
consumed (GstPad *target, GstBuffer *buffer, GstDmixBinStrip *self)
{
  g_atomic_int_set (&self->progress, TRUE);
}

/* In a thread of its own: sends EOS behind the buffer on its way, unless the pad has
 * been linked again. The elements of a pad that leaves go when it has been heard. */
static void
drain (GstElement *bin, gpointer data)
{
  GstDmixBinStrip *self = ((Drain *) data)->strip;
  GstPad *sink = NULL;

  g_rec_mutex_lock (&self->lock);
  if (!self->done && g_atomic_int_get (&self->links) == ((Drain *) data)->links)
    sink = gst_element_get_static_pad (self->slot[0], "sink");
  g_rec_mutex_unlock (&self->lock);
  if (!sink)
    return;
  gst_pad_send_event (sink, gst_event_new_eos ());
  gst_object_unref (sink);
  if (!self->leaving)
    return;
  while (!self->done && !gst_dmix_bin_target_has_ended (self->target))
    g_usleep (PAUSE_US);
  gst_dmix_bin_strip_sweep (self);
}

static void
drain_async (GstDmixBinStrip *self)
{
  Drain *data = g_new (Drain, 1);

  data->strip = gst_dmix_bin_strip_ref (self);
  data->links = g_atomic_int_get (&self->links);
  gst_element_call_async (GST_ELEMENT (self->bin), drain, data, free_call);
}

gboolean
gst_dmix_bin_strip_is_flowing (GstDmixBinStrip *self)
{
  GstEvent *segment =
      gst_pad_get_sticky_event (gst_dmix_bin_target_get_sink (self->target),
          GST_EVENT_SEGMENT, 0);
  const gboolean flowing = segment && GST_STATE (self->bin) > GST_STATE_READY;

  gst_clear_event (&segment);
  return flowing;
}

static void
pad_linked (GstPad *pad, GstPad *peer, GstDmixBinStrip *self)
{
  g_atomic_int_inc (&self->links);
  connect_target (self, TRUE);
}

static void
pad_unlinked (GstPad *pad, GstPad *peer, GstDmixBinStrip *self)
{
  g_atomic_int_inc (&self->links);
  if (gst_dmix_bin_strip_is_flowing (self))
    drain_async (self);
  else
    connect_target (self, FALSE);
}

/*** slots ***/

/* As "dialogue_0-denoise", which a strip that is leaving may still have. */
static gchar *
element_name (GstDmixBinStrip *self, GstDmixBinSlot slot)
{
  gchar *base =
      g_strdup_printf ("%s-%s", GST_PAD_NAME (self->pad), slots[slot].suffix);
  gchar *name = g_strdup (base);
  GstElement *there;

  for (guint n = 2; (there = gst_bin_get_by_name (self->bin, name)); n++) {
    gst_object_unref (there);
    g_free (name);
    name = g_strdup_printf ("%s-%u", base, n);
  }
  g_free (base);
  return name;
}

static GstElement *
make_element (GstDmixBinStrip *self, GstDmixBinSlot slot)
{
  gchar *name = element_name (self, slot);
  GstElement *element = gst_element_factory_make (slots[slot].factory, name);

  g_free (name);
  if (!element || !gst_bin_add (self->bin, element)) {
    GST_ELEMENT_ERROR (self->bin, CORE, MISSING_PLUGIN, (NULL),
        ("There is no element '%s' for pad '%s': install its plugin "
         "(gst-plugins-base), or check GST_PLUGIN_PATH",
            slots[slot].factory, GST_PAD_NAME (self->pad)));
    return NULL;
  }
  return element;
}

typedef struct
{
  GstDmixBinStrip *strip;
  GstElement *element;
  GstDmixBinSlot slot;
} Insertion;

/* Nothing passes the pad now, nor the elements behind it. The new element need not
 * come just behind: one of an earlier slot may have waited for the same pad. */
static GstPadProbeReturn
insert (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  const Insertion *insertion = data;
  GstDmixBinStrip *self = insertion->strip;
  GstPad *src, *next, *sink, *other;

  g_rec_mutex_lock (&self->lock);
  if (!self->done) {
    src = src_before (self, insertion->slot);
    next = sink_after (self, insertion->slot);
    sink = gst_element_get_static_pad (insertion->element, "sink");
    other = gst_element_get_static_pad (insertion->element, "src");
    if (gst_pad_is_linked (src))
      gst_dmix_bin_links_move (src, other, next, self->ducker);
    gst_dmix_bin_links_join (src, sink);
    self->slot[insertion->slot] = insertion->element;
    self->waiting[insertion->slot] = NULL;
    gst_object_unref (src);
    gst_object_unref (next);
    gst_object_unref (sink);
    gst_object_unref (other);
  }
  g_rec_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_REMOVE;
}

GstElement *
gst_dmix_bin_strip_get (GstDmixBinStrip *self, GstDmixBinSlot slot)
{
  GstElement *element;

  g_rec_mutex_lock (&self->lock);
  element = self->done   ? NULL
      : self->slot[slot] ? self->slot[slot]
                         : self->waiting[slot];
  g_rec_mutex_unlock (&self->lock);
  return element;
}

/* FALSE: it joins already. (gst_parse_launch() sets properties of pads again in
 * gst_bin_add().) */
static gboolean
begin_joining (GstDmixBinStrip *self, GstDmixBinSlot slot)
{
  gboolean begins;

  g_rec_mutex_lock (&self->lock);
  begins = !self->done && !self->joining[slot];
  self->joining[slot] = TRUE;
  g_rec_mutex_unlock (&self->lock);
  return begins;
}

/* element: NULL if it cannot be made. Returns the pad before it. */
static GstPad *
end_joining (GstDmixBinStrip *self, GstDmixBinSlot slot, GstElement *element)
{
  GstPad *src;

  g_rec_mutex_lock (&self->lock);
  self->joining[slot] = FALSE;
  self->waiting[slot] = element;
  src = element ? src_before (self, slot) : NULL;
  g_rec_mutex_unlock (&self->lock);
  return src;
}

void
gst_dmix_bin_strip_add (GstDmixBinStrip *self, GstDmixBinSlot slot,
    GstDmixBinSetUp set_up, gconstpointer data)
{
  GstElement *element;
  Insertion *insertion;
  GstPad *src;

  if (!begin_joining (self, slot))
    return;
  element = make_element (self, slot);
  if (!element) {
    end_joining (self, slot, NULL);
    return;
  }
  set_up (self, slot, element, TRUE, data);
  gst_element_sync_state_with_parent (element);
  insertion = g_new (Insertion, 1);
  insertion->strip = gst_dmix_bin_strip_ref (self);
  insertion->element = element;
  insertion->slot = slot;
  GST_DEBUG_OBJECT (self->pad, "%s joins the chain", slots[slot].factory);
  src = end_joining (self, slot, element);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_IDLE, insert, insertion,
      free_call);
  gst_object_unref (src);
}

void
gst_dmix_bin_strip_drop (GstDmixBinStrip *self, GstDmixBinSlot slot)
{
  GstElement *element = gst_dmix_bin_strip_get (self, slot);
  GstPad *src, *next, *sink, *other;

  if (!element || GST_STATE (self->bin) > GST_STATE_READY)
    return;
  g_rec_mutex_lock (&self->lock);
  src = src_before (self, slot);
  next = sink_after (self, slot);
  sink = gst_element_get_static_pad (element, "sink");
  other = gst_element_get_static_pad (element, "src");
  gst_pad_unlink (src, sink);
  if (gst_pad_is_linked (other)) {
    gst_pad_unlink (other, next);
    gst_pad_link_full (src, next, GST_PAD_LINK_CHECK_NOTHING);
  }
  self->slot[slot] = NULL;
  g_rec_mutex_unlock (&self->lock);
  gst_object_unref (src);
  gst_object_unref (next);
  gst_object_unref (sink);
  gst_object_unref (other);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_bin_remove (self->bin, element);
}

/*** life ***/

static void
free_strip (gpointer data)
{
  GstDmixBinStrip *self = data;

  g_clear_pointer (&self->faders, gst_dmix_bin_faders_unref);
  gst_object_unref (self->pad);
  gst_dmix_bin_target_free (self->target);
  gst_object_unref (self->ducker);
  g_rec_mutex_clear (&self->lock);
}

GstDmixBinStrip *
gst_dmix_bin_strip_ref (GstDmixBinStrip *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
gst_dmix_bin_strip_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, free_strip);
}

GstDmixBinStrip *
gst_dmix_bin_strip_new (GstBin *bin, GstDmixBinPad *pad, GstElement *ducker,
    GstDmixBinTarget *target, gboolean late)
{
  GstDmixBinStrip *self = g_atomic_rc_box_new0 (GstDmixBinStrip);
  GstPad *sink, *entry;

  self->bin = bin;
  self->ducker = gst_object_ref (ducker);
  self->pad = gst_object_ref (pad);
  self->target = target;
  g_rec_mutex_init (&self->lock);
  for (guint i = GST_DMIX_BIN_CONVERT; i <= GST_DMIX_BIN_RESAMPLE; i++) {
    self->slot[i] = make_element (self, i);
    if (!self->slot[i]) {
      gst_dmix_bin_strip_leave (self, FALSE, NULL, NULL);
      gst_dmix_bin_strip_unref (self);
      return NULL;
    }
    gst_element_sync_state_with_parent (self->slot[i]);
  }
  gst_element_link (self->slot[GST_DMIX_BIN_CONVERT],
      self->slot[GST_DMIX_BIN_RESAMPLE]);
  entry =
      gst_element_get_static_pad (self->slot[GST_DMIX_BIN_RESAMPLE], "sink");
  self->faders = gst_dmix_bin_faders_new (pad, entry,
      gst_dmix_bin_target_get_sink (target), late);
  gst_object_unref (entry);
  sink = gst_element_get_static_pad (self->slot[0], "sink");
  gst_ghost_pad_set_target (GST_GHOST_PAD (pad), sink);
  gst_object_unref (sink);
  g_signal_connect (pad, "linked", G_CALLBACK (pad_linked), self);
  g_signal_connect (pad, "unlinked", G_CALLBACK (pad_unlinked), self);
  return self;
}

GstDmixBinPad *
gst_dmix_bin_strip_get_pad (GstDmixBinStrip *self)
{
  return self->pad;
}

gboolean
gst_dmix_bin_strip_is_dialogue (GstDmixBinStrip *self)
{
  return g_str_has_prefix (GST_PAD_NAME (self->pad), "dialogue");
}

void
gst_dmix_bin_strip_silence (GstDmixBinStrip *self, gboolean silent)
{
  gst_dmix_bin_faders_silence (self->faders, silent);
}

gdouble
gst_dmix_bin_strip_set_makeup (GstDmixBinStrip *self, gdouble makeup_db)
{
  gdouble before;

  g_rec_mutex_lock (&self->lock);
  before = self->makeup_db;
  self->makeup_db = makeup_db;
  g_rec_mutex_unlock (&self->lock);
  if (makeup_db == 0.0)
    gst_dmix_bin_faders_set_makeup (self->faders, 0.0);
  return before;
}

void
gst_dmix_bin_strip_open_makeup (GstDmixBinStrip *self)
{
  gdouble makeup_db;

  g_rec_mutex_lock (&self->lock);
  makeup_db = self->makeup_db;
  g_rec_mutex_unlock (&self->lock);
  gst_dmix_bin_faders_set_makeup (self->faders, makeup_db);
}

void
gst_dmix_bin_strip_set_start (GstDmixBinStrip *self, guint64 start)
{
  gst_dmix_bin_target_set_offset (self->target, (gint64) start);
}

void
gst_dmix_bin_strip_leave (GstDmixBinStrip *self, gboolean playing,
    GstDmixBinStripGone gone, gpointer data)
{
  g_signal_handlers_disconnect_by_data (self->pad, self);
  g_atomic_int_inc (&self->links);
  gst_ghost_pad_set_target (GST_GHOST_PAD (self->pad), NULL);
  self->gone = gone;
  self->gone_data = data;
  g_rec_mutex_lock (&self->lock);
  self->leaving = TRUE;
  g_rec_mutex_unlock (&self->lock);
  if (!playing || !gst_dmix_bin_strip_is_flowing (self)) {
    gst_dmix_bin_strip_sweep (self);
    return;
  }
  gst_dmix_bin_faders_leave (self->faders);
  gst_dmix_bin_target_watch (self->target, G_CALLBACK (consumed),
      gst_dmix_bin_strip_ref (self),
      (GClosureNotify) (GCallback) gst_dmix_bin_strip_unref);
  drain_async (self);
  gst_element_call_async (GST_ELEMENT (self->bin), give_up,
      gst_dmix_bin_strip_ref (self), gst_dmix_bin_strip_unref);
}

void
gst_dmix_bin_strip_sweep (GstDmixBinStrip *self)
{
  GstElement *slot[GST_DMIX_BIN_SLOTS];

  g_rec_mutex_lock (&self->lock);
  if (!self->leaving || self->done) {
    g_rec_mutex_unlock (&self->lock);
    return;
  }
  self->done = TRUE;
  gst_dmix_bin_strip_ref (self); /* `gone` drops its own */
  memcpy (slot, self->slot, sizeof slot);
  memset (self->slot, 0, sizeof self->slot);
  g_rec_mutex_unlock (&self->lock);
  GST_DEBUG_OBJECT (self->pad, "its elements leave");
  gst_dmix_bin_target_unwatch (self->target, self);
  gst_dmix_bin_target_release (self->target);
  for (guint i = 0; i < GST_DMIX_BIN_SLOTS; i++)
    if (slot[i]) {
      gst_element_set_state (slot[i], GST_STATE_NULL);
      gst_bin_remove (self->bin, slot[i]);
    }
  if (self->gone)
    self->gone (self, self->gone_data);
  if (self->faders)
    gst_dmix_bin_faders_detach (self->faders);
  gst_dmix_bin_strip_unref (self);
}
