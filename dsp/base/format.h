/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The shape of a block of audio.
 *
 * Every processor of this folder works in place on interleaved 32-bit floats,
 * full scale 1.0, and takes all its memory in its _new() function, from this
 * description.
 */
#ifndef DMIX_FORMAT_H
#define DMIX_FORMAT_H

#define DMIX_MIN_RATE_HZ 1u
#define DMIX_MAX_RATE_HZ 768000u
#define DMIX_MAX_CHANNELS 64u

typedef struct
{
  unsigned rate_hz;  /* DMIX_MIN_RATE_HZ to DMIX_MAX_RATE_HZ */
  unsigned channels; /* 1 to DMIX_MAX_CHANNELS */
} DmixFormat;

/* Non-zero if the format is within the limits above. */
static inline int
dmix_format_is_valid (const DmixFormat *format)
{
  return format && format->rate_hz >= DMIX_MIN_RATE_HZ
      && format->rate_hz <= DMIX_MAX_RATE_HZ && format->channels >= 1
      && format->channels <= DMIX_MAX_CHANNELS;
}

#endif
