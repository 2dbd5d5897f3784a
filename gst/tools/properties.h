/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Settings of a pipeline, as they are. */
#pragma once

#include "tools/json.h"

/* Adds an object for each element of this set in the bin: its name, element and
 * the properties that differ from their defaults. */
void dmix_properties_list (GstBin *bin, JsonArray *to);
