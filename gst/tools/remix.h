/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix remix: a video whose sound is the mix of its own with a dialogue. */
#pragma once

#include "tools/mix.h"

gboolean dmix_remix (const DmixJob *job, DmixContext *context, GError **error);
