/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a float is 2^exponent times a fraction. The exponent is read from
 * (or written into) the bits; a polynomial around 1 (or 0), fitted for least
 * maximum error, covers the fraction:
 *   log2 (1 + f) = f p(f), f from sqrt(1/2) - 1 to sqrt(2) - 1, error 3e-7
 *   2^f = 1 + f q(f), f from -1/2 to 1/2, relative error 9e-8
 * The factor f makes 0 dB exact in both directions.
 */
#include "base/decibel.h"

#include "base/blockloops.h"

void
dmix_decibel_from_power (float *power, size_t count)
{
  dmix_blockloops ()->from_power (power, count);
}

void
dmix_decibel_to_gain (float *db, size_t count)
{
  dmix_blockloops ()->to_gain (db, count);
}
