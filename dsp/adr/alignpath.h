/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The steps of a path through guide and take. */
#ifndef DMIX_ALIGN_PATH_H
#define DMIX_ALIGN_PATH_H

/* A step of the path: guide and take frame that belong together, or, with
 * `hold`, one of them waits. */
typedef enum
{
  DMIX_ALIGN_MATCH,
  DMIX_ALIGN_GUIDE_ONLY, /* a pause of the guide; the take waits */
  DMIX_ALIGN_TAKE_ONLY   /* a pause of the take; the guide waits */
} DmixAlignKind;

typedef struct
{
  int guide, take; /* frames; both never fall */
  DmixAlignKind kind;
  float distance; /* of their features: 0 alike, 1 foreign; 0 if
                                   the alignment is rough */
} DmixAlignStep;

#endif
