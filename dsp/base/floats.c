/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: an allocation with room for a cache line more; the pointer to free
 * lies right before the array. */
#include "base/floats.h"

#include <stdint.h>
#include <stdlib.h>

#define LINE_BYTES 64u

float *
dmix_floats_new (size_t count)
{
  const size_t head = sizeof (void *) + LINE_BYTES - 1;
  uintptr_t place;
  void *memory;

  if (count > (SIZE_MAX - head) / sizeof (float))
    return NULL;
  memory = calloc (1, head + count * sizeof (float));
  if (!memory)
    return NULL;
  place = (uintptr_t) memory + head;
  place -= place % LINE_BYTES;
  ((void **) place)[-1] = memory;
  return (float *) place;
}

void
dmix_floats_free (float *floats)
{
  if (floats)
    free (((void **) floats)[-1]);
}
