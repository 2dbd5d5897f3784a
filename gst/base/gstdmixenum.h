/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Enum types of properties: a table of values and one line.
 *
 *   static const GEnumValue modes[] = {
 *     { DMIX_DUCK_TARGET, "What the value does", "target" },
 *     { 0, NULL, NULL },
 *   };
 *   GST_DMIX_DEFINE_ENUM (GstDmixDuckerMode, gst_dmix_ducker_mode, modes)
 *
 * Each row is the value, its blurb and its nick (the name on the command
 * line); the line defines gst_dmix_ducker_mode_get_type(). */
#ifndef GST_DMIX_ENUM_H
#define GST_DMIX_ENUM_H

#include <glib-object.h>

#define GST_DMIX_DEFINE_ENUM(TypeName, type_name, values)                      \
  GType type_name##_get_type (void);                                           \
  GType type_name##_get_type (void)                                            \
  {                                                                            \
    static gsize type = 0;                                                     \
                                                                               \
    if (g_once_init_enter (&type))                                             \
      g_once_init_leave (&type, g_enum_register_static (#TypeName, values));   \
    return (GType) type;                                                       \
  }

#endif
