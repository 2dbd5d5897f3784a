/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: C. A. R. Hoare, "Algorithm 65: Find", Comm. ACM 4(7), 1961: the values are
 * parted at one of them until the wanted place is all that is left. No state.
 */
#include "base/percentile.h"

float
dmix_percentile (float *value, size_t count, double part)
{
  const size_t wanted = (size_t) (part * (double) (count - 1));
  size_t low = 0, high = count - 1;

  while (low < high) {
    const float pivot = value[low + (high - low) / 2];
    size_t i = low, j = high;

    for (;;) {
      while (value[i] < pivot)
        i++;
      while (value[j] > pivot)
        j--;
      if (i >= j)
        break;
      const float other = value[i];

      value[i++] = value[j];
      value[j--] = other;
    }
    if (wanted <= j)
      high = j;
    else
      low = j + 1;
  }
  return value[wanted];
}
