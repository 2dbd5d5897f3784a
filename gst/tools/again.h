/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A job as the line that does it again. */
#pragma once

#include "tools/job.h"

/* For a shell (bash, where a name has control characters); free it. */
gchar *dmix_again (const DmixJob *job);
