/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix merge: what became of each row of a plan. */
#pragma once

#include "tools/batch.h"

/* words: those behind the subcommand, after the program's name. */
gboolean dmix_merge (gchar **words, DmixSay **say, GError **error);
