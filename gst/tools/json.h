/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* JSON by json-glib. */
#pragma once

#include "tools/job.h"

#include <json-glib/json-glib.h>

/* Any structure, also of an element message, as an object: numbers (NAN and
 * infinities as null), strings, booleans, arrays, structures. */
JsonObject *dmix_json_object (const GstStructure *structure);

/* The same as one line of text. Free it. */
gchar *dmix_json_from_structure (const GstStructure *structure);

/* One line of text. Free it. */
gchar *dmix_json_to_text (JsonObject *object);

/* What to do, as an object, and back: the same job, and the same text again.
 * Paths that are not UTF-8 are percent-encoded file: URIs. */
JsonObject *dmix_json_from_job (const DmixJob *job);
DmixJob *dmix_json_to_job (JsonObject *object, GError **error);

/* null for NAN and infinities, which JSON has not. */
void dmix_json_set_number (JsonObject *object, const gchar *name,
    gdouble number);
