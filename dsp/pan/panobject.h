/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Source of a DmixPan, with one or more channels. */
#ifndef DMIX_PANOBJECT_H
#define DMIX_PANOBJECT_H

#include "pan/panparams.h"

/* An object for this pan; free it before the pan. May be called in another
 * thread while the pan processes. layout: of the object's input. With mask 0
 * the channels are a row from left to right over the width. */
DmixPanObject *dmix_panobject_new (const DmixPan *self,
    const DmixLayout *layout);
void dmix_panobject_free (DmixPanObject *object);
void dmix_panobject_reset (DmixPanObject *object);
unsigned dmix_panobject_channels (const DmixPanObject *object);

/* Takes effect at the next point of the grid. */
void dmix_panobject_set_params (DmixPanObject *object,
    const DmixPanParams *params);

#endif
