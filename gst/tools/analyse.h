/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix analyse: what the material needs, and a session that does it. */
#pragma once

#include "tools/job.h"
#include "tools/runner.h"

gboolean dmix_analyse (const DmixJob *job, DmixContext *context,
    GError **error);
