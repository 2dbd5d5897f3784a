/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Arrays of floats for vector code: they begin at a cache line, so that no
 * vector of eight lies in two lines, which costs twice the time to read. */
#ifndef DMIX_FLOATS_H
#define DMIX_FLOATS_H

#include <stddef.h>

/* The floats that an array of `count` takes where others follow it in the same
 * memory: whole cache lines. */
#define DMIX_FLOATS_WHOLE(count) (((size_t) (count) + 15u) / 16u * 16u)

/* Zeros; NULL if memory is short. Free with dmix_floats_free(). */
float *dmix_floats_new (size_t count);
void dmix_floats_free (float *floats);

#endif
