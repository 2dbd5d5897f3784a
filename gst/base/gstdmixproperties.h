/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties as data: an element lists its properties in one table, and these
 * functions install, set and get them. The values lie in a plain struct of the
 * element, under the object lock.
 *
 * Elements and properties are of version 0.1, unless the `since` of a row names
 * a later one: gst-inspect-1.0 then shows it at the end of the blurb, as
 * "(since 0.2)".
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
  gdouble minimum, maximum, standard; /* the last is the default */
  gsize offset;                       /* of the value in the struct */
  GParamFlags flags;         /* GST_PARAM_CONTROLLABLE or one MUTABLE flag */
  GType (*enum_type) (void); /* of GST_DMIX_ENUM, else NULL */
  const gchar *since;        /* version that added it; NULL: 0.1 */
} GstDmixProperty;

/* Installs the table; the id of a property is 1 + its index. Marks its enum
 * types as plugin API. */
void gst_dmix_properties_install (GObjectClass *klass,
    const GstDmixProperty *table, guint count);

/* Writes the defaults into the struct. */
void gst_dmix_properties_init (const GstDmixProperty *table, guint count,
    gpointer settings);

/* Sets the value under the object lock. Returns TRUE if it differs from the one
 * before. Refuses NaN, and a change from PAUSED on of a property that has
 * GST_PARAM_MUTABLE_READY, with a warning. */
gboolean gst_dmix_properties_set (GObject *object,
    const GstDmixProperty *property, gpointer settings, const GValue *value);

/* Reads the value under the object lock. */
void gst_dmix_properties_get (GObject *object, const GstDmixProperty *property,
    gconstpointer settings, GValue *value);

G_END_DECLS

#endif
