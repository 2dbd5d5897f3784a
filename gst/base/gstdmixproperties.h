/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties as data: an element lists what it can be told in one table, and
 * these functions install, set and get them.
 *
 * The values live in a plain settings struct of the element, which is read
 * and written under the object lock.
 */
#ifndef GST_DMIX_PROPERTIES_H
#define GST_DMIX_PROPERTIES_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_DMIX_DOUBLE,  /* gdouble in the struct */
  GST_DMIX_BOOLEAN, /* gboolean */
  GST_DMIX_ENUM,    /* gint */
  GST_DMIX_TIME,    /* guint64, ns */
} GstDmixPropertyKind;

typedef struct
{
  const gchar *name, *nick, *blurb; /* the blurb names the unit */
  GstDmixPropertyKind kind;
  gdouble minimum, maximum, standard;
  gsize offset;      /* place in the settings struct */
  GParamFlags flags; /* GST_PARAM_CONTROLLABLE or one MUTABLE flag */
  GType (*enum_type) (void);
} GstDmixProperty;

/* Property ids are 1 + place in the table. */
void gst_dmix_properties_install (GObjectClass *klass,
    const GstDmixProperty *table, guint count);

/* Writes the defaults into the settings struct. */
void gst_dmix_properties_init (const GstDmixProperty *table, guint count,
    gpointer settings);

/* To be called from set_property: takes the object lock. Returns TRUE if the
 * value is now another one. A value that is not a number, and one that may
 * only change below PAUSED and comes later, is refused with a warning. */
gboolean gst_dmix_properties_set (GObject *object,
    const GstDmixProperty *property, gpointer settings, const GValue *value);

/* To be called from get_property: takes the object lock. */
void gst_dmix_properties_get (GObject *object, const GstDmixProperty *property,
    gconstpointer settings, GValue *value);

G_END_DECLS

#endif
