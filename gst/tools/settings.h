/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* --set and --preset: properties of elements by name. */
#pragma once

#include "tools/job.h"

/* Loads the preset (or NULL) and sets each "PROPERTY=VALUE" of the job without
 * a "::", and those with "OBJECT::", on `element`. */
gboolean dmix_settings_apply (const DmixJob *job, GstElement *element,
    const gchar *object, gboolean is_main, GError **error);

/* Elements before the mix that the settings of the input ask for:
 * "NAME::gain=-3" (dB), "NAME::denoise=9", "NAME::comp.threshold=-30", "NAME::level.preset=podcast".
 * FALSE and an error for a wrong name or value. The bin has pads "sink" and
 * "src"; NULL without an error where no element is asked for. */
gboolean dmix_settings_chain (const DmixJob *job, const gchar *name,
    GstElement **bin, GError **error);

/* FALSE and an error where a setting names no object: neither one of `objects`
 * (NULL-terminated) nor an input. */
gboolean dmix_settings_check (const DmixJob *job, const gchar *const *objects,
    GError **error);

/* Has a dmixmeter find the dialogue, and with `phrases` those that are hard to
 * hear. */
void dmix_settings_watch_dialogue (GstElement *meter, gboolean phrases);
