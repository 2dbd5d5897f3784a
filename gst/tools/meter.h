/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix meter: loudness, true peak and dialogue of a file, with a verdict. */
#pragma once

#include "tools/job.h"
#include "tools/runner.h"

gboolean dmix_meter (const DmixJob *job, DmixContext *context, GError **error);
