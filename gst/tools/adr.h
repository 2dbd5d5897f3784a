/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix adr: a new take of a dialogue in the place of the old one. */
#pragma once

#include "tools/job.h"
#include "tools/runner.h"

/* The job has the guide as its video and one input or more of the role
 * dialogue: the takes. Of several the one whose lines match best is used. */
gboolean dmix_adr (const DmixJob *job, DmixContext *context, GError **error);
