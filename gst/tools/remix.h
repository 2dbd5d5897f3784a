/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix remix: a video whose sound is the mix of its own with a dialogue; dmix
 * dialogue: a finished video or sound with its dialogue in front. */
#pragma once

#include "tools/mix.h"

gboolean dmix_remix (const DmixJob *job, DmixContext *context, GError **error);

gboolean dmix_dialogue (const DmixJob *job, DmixContext *context,
    GError **error);
