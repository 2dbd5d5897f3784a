/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* One sound of a DmixPan: a source of one or more channels. */
#ifndef DMIX_PANOBJECT_H
#define DMIX_PANOBJECT_H

#include "pan/panparams.h"

/* An object for this pan; free it before that. May be called in another
 * thread while the pan works. layout: of what comes in; with mask 0, channels
 * stand in a row from left to right over the width. */
DmixPanObject *dmix_panobject_new (const DmixPan *self,
    const DmixLayout *layout);
void dmix_panobject_free (DmixPanObject *object);
void dmix_panobject_reset (DmixPanObject *object);
unsigned dmix_panobject_channels (const DmixPanObject *object);

/* Counts from the next point of the grid on. */
void dmix_panobject_set_params (DmixPanObject *object,
    const DmixPanParams *params);

#endif
