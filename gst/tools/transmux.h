/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A film of any container as Matroska, every packet as it is. */
#pragma once

#include "tools/probe.h"
#include "tools/runner.h"

/* Writes into the descriptor. number: of the track that `sound` becomes. What
 * Matroska cannot hold is named in a warning. */
gboolean dmix_transmux (const DmixProbe *film, const DmixStream *sound, gint fd,
    DmixContext *context, guint64 *number, GError **error);
