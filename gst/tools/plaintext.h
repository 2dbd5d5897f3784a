/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Subtitles with Pango's markup, as matroskademux gives them, to plain text, as
 * MP4 muxers want it. */
#pragma once

#include <gst/gst.h>

/* From now on the pad has plain text; does nothing where it has no markup. */
void dmix_plaintext_attach (GstPad *pad, GstCaps *caps);
