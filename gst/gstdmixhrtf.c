/* HRTFs that elements share, see the header.
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "gstdmixhrtf.h"

#include "sofa.h"

struct _GstDmixHrtf
{
  gchar *path;
  DmixHrtf *hrtf;
  guint users;
};

static GMutex mutex;            /* of all below */
static GList *all;

static GstDmixHrtf *
find (const gchar * path)
{
  for (GList * l = all; l; l = l->next)
    if (g_str_equal (((GstDmixHrtf *) l->data)->path, path))
      return l->data;
  return NULL;
}

static GstDmixHrtf *
load (const gchar * path, gchar * reason, gsize size)
{
  DmixHrtf *hrtf = dmix_sofa_load (path, reason, size);
  GstDmixHrtf *self;

  if (!hrtf)
    return NULL;
  self = g_new0 (GstDmixHrtf, 1);
  self->path = g_strdup (path);
  self->hrtf = hrtf;
  all = g_list_prepend (all, self);
  return self;
}

GstDmixHrtf *
gst_dmix_hrtf_acquire (GstElement * element, const gchar * location)
{
  const gchar *path = location && *location ? location : DMIX_SOFA_DEFAULT;
  gchar reason[200] = "";
  GstDmixHrtf *self;

  g_mutex_lock (&mutex);
  self = find (path);
  if (!self)
    self = load (path, reason, sizeof reason);
  if (self)
    self->users++;
  g_mutex_unlock (&mutex);
  if (!self)
    GST_ELEMENT_ERROR (element, RESOURCE, OPEN_READ,
        ("Cannot use the HRTFs of \"%s\": %s.", path, reason),
        ("Set sofa-location to a SOFA file with head-related impulse "
            "responses (SimpleFreeFieldHRIR); the default one comes with "
            "libmysofa"));
  return self;
}

void
gst_dmix_hrtf_release (GstDmixHrtf * self)
{
  if (!self)
    return;
  g_mutex_lock (&mutex);
  if (--self->users > 0) {
    self = NULL;
  } else {
    all = g_list_remove (all, self);
  }
  g_mutex_unlock (&mutex);
  if (self) {
    dmix_hrtf_free (self->hrtf);
    g_free (self->path);
    g_free (self);
  }
}

const DmixHrtf *
gst_dmix_hrtf_get (const GstDmixHrtf * self)
{
  return self->hrtf;
}
