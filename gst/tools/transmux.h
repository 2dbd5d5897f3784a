/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Copies the packets of a film into another container, unchanged but for what
 * the container wants (start codes of a transport stream). */
#pragma once

#include "tools/ending.h"
#include "tools/probe.h"
#include "tools/runner.h"

typedef struct
{
  const DmixProbe *film;
  const DmixStream *sound; /* the one that is replaced */
  gboolean film_is_mkv;
  gboolean add; /* it stays, so it has to fit */
  const DmixEnding *into;
} DmixTransmux;

/* Whether it will fit, before the long work: streams that do not are named in
 * warnings; a picture that does not, or a sound that stays, is an error. */
gboolean dmix_transmux_check (const DmixTransmux *what, DmixSay *say,
    GError **error);

/* Writes into the descriptor. number: of the track or packet identifier that
 * the sound has there; where the sound does not fit and does not stay, that of
 * some silence in its place. tracks: gets the stream (const DmixStream *) of
 * each track. */
gboolean dmix_transmux (const DmixTransmux *what, gint fd, DmixContext *context,
    guint64 *number, GPtrArray *tracks, GError **error);
