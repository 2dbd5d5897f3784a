/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Cache of HRTF files. The file that was used last stays in memory (some
 * megabytes) without a user, since elements change their state more often than
 * their file. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "pan/gstdmixhrtf.h"
#include "base/gstdmixlog.h"

#include "pan/sofa.h"

#include <glib/gstdio.h>

GST_DMIX_LOG_CATEGORY ("dmixhrtf", "cache of HRTF files");

struct _GstDmixHrtf
{
  gchar *path;
  GStatBuf stamp; /* of the file when it was read */
  DmixHrtf *hrtf;
  guint users;
};

static GMutex mutex; /* for all that follows */
static GList *all;

static void
destroy (GstDmixHrtf *self)
{
  all = g_list_remove (all, self);
  dmix_hrtf_free (self->hrtf);
  g_free (self->path);
  g_free (self);
}

/* Frees entries without users, except `keep`. */
static void
destroy_unused (const GstDmixHrtf *keep)
{
  for (GList *l = all, *next; l; l = next) {
    GstDmixHrtf *self = l->data;

    next = l->next;
    if (self->users == 0 && self != keep)
      destroy (self);
  }
}

/* The entry of this file, if the file has not changed since it was read. */
static GstDmixHrtf *
find (const gchar *path, const GStatBuf *stamp)
{
  for (GList *l = all; l; l = l->next) {
    GstDmixHrtf *self = l->data;

    if (g_str_equal (self->path, path)
        && self->stamp.st_mtime == stamp->st_mtime
        && self->stamp.st_size == stamp->st_size
        && self->stamp.st_ino == stamp->st_ino)
      return self;
  }
  return NULL;
}

static GstDmixHrtf *
load (const gchar *path, const GStatBuf *stamp, gchar *reason, gsize size)
{
  DmixHrtf *hrtf = dmix_sofa_load (path, reason, size);
  GstDmixHrtf *self;

  if (!hrtf)
    return NULL;
  self = g_new0 (GstDmixHrtf, 1);
  self->path = g_strdup (path);
  self->stamp = *stamp;
  self->hrtf = hrtf;
  all = g_list_prepend (all, self);
  return self;
}

GstDmixHrtf *
gst_dmix_hrtf_acquire (GstElement *element, const gchar *location)
{
  const gchar *path = location && *location ? location : DMIX_SOFA_DEFAULT;
  gchar reason[200] = "";
  GStatBuf stamp = { 0 };
  GstDmixHrtf *self = NULL;

  g_mutex_lock (&mutex);
  if (g_stat (path, &stamp) == 0)
    self = find (path, &stamp);
  if (!self)
    self = load (path, &stamp, reason, sizeof reason);
  if (self)
    self->users++;
  destroy_unused (self);
  g_mutex_unlock (&mutex);
  GST_DEBUG_OBJECT (element, "HRTFs of %s: %s", path, self ? "ready" : reason);
  if (!self)
    GST_ELEMENT_ERROR (element, RESOURCE, OPEN_READ,
        ("Cannot use the HRTFs of \"%s\": %s.", path, reason),
        ("Set property sofa-location to a SOFA file with head-related impulse "
         "responses (SimpleFreeFieldHRIR); the default one comes with "
         "libmysofa"));
  return self;
}

void
gst_dmix_hrtf_release (GstDmixHrtf *self)
{
  if (!self)
    return;
  g_mutex_lock (&mutex);
  self->users--;
  destroy_unused (self);
  g_mutex_unlock (&mutex);
}

const DmixHrtf *
gst_dmix_hrtf_get (const GstDmixHrtf *self)
{
  return self->hrtf;
}
