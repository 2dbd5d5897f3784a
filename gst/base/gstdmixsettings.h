/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Settings of an element or pad: the values behind its table of properties.
 *
 * set_property() writes them from any thread, under the object lock. The
 * streaming thread copies them once a block with gst_dmix_settings_take() and
 * works on the copy, so that a block never mixes old and new values and no
 * lock is held while it is processed. The values are a plain struct inside the
 * instance. */
#ifndef GST_DMIX_SETTINGS_H
#define GST_DMIX_SETTINGS_H

#include "base/gstdmixproperties.h"

G_BEGIN_DECLS

typedef struct
{
  GstObject *owner;
  const GstDmixProperty *table; /* of GObject property ids 1 and up */
  guint count;
  gpointer values; /* in the instance of the owner; object lock */
  gsize size;
  gboolean changed; /* since the last take; object lock */
  gpointer current; /* copy of the streaming thread */
} GstDmixSettings;

/* Writes the defaults of the table into `values`, a struct of `size` bytes
 * that lives as long as the owner. With a size of 0 there are no settings. */
void gst_dmix_settings_init (GstDmixSettings *self, gpointer owner,
    const GstDmixProperty *table, guint count, gpointer values, gsize size);
void gst_dmix_settings_clear (GstDmixSettings *self);

/*** any thread ***/

/* For set_property(): sets the property of this id. Returns TRUE if the value
 * differs from the one before. Refuses NaN, and changes of a property that is
 * fixed from PAUSED on, with a warning. */
gboolean gst_dmix_settings_set (GstDmixSettings *self, guint id,
    const GValue *value);

/* For get_property(). */
void gst_dmix_settings_get (GstDmixSettings *self, guint id, GValue *value);

/* The same for a property of another table whose values lie in the same
 * struct. */
gboolean gst_dmix_settings_set_in (GstDmixSettings *self,
    const GstDmixProperty *property, const GValue *value);
void gst_dmix_settings_get_in (GstDmixSettings *self,
    const GstDmixProperty *property, GValue *value);

/* Makes the next gst_dmix_settings_take() return TRUE, for state of the owner
 * that is not in the struct. */
void gst_dmix_settings_mark_changed (GstDmixSettings *self);

/*** streaming thread ***/

/* Copies the values. Returns TRUE if they have changed since the last call. */
gboolean gst_dmix_settings_take (GstDmixSettings *self);

/* The copy; NULL if there are no settings. */
gconstpointer gst_dmix_settings_get_current (const GstDmixSettings *self);

G_END_DECLS

#endif
