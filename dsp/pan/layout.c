/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a table of the angles of each position, and rules for the positions
 * whose angles depend on the other loudspeakers of the layout. Together they
 * give the angles of ITU-R BS.2051-3, and useful ones for other layouts.
 *
 * State: none.
 */
#include "pan/layout.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum
{
  FL,
  FR,
  FC,
  LFE1,
  RL,
  RR,
  FLC,
  FRC,
  RC,
  LFE2,
  SL,
  SR,
  TFL,
  TFR,
  TFC,
  TC,
  TRL,
  TRR,
  TSL,
  TSR,
  TRC,
  BFC,
  BFL,
  BFR,
  WL,
  WR,
  SURL,
  SURR,
  POSITIONS,
};

#define BIT(position) (UINT64_C (1) << (position))
#define HAS(mask, position) (((mask) >> (position)) & 1)
#define MASK_22_2 UINT64_C (0xffffff)

const DmixNamedLayout dmix_named_layout[DMIX_NAMED_LAYOUTS] = {
  { "mono", 1, 0 },
  { "stereo", 2, 0x3 },
  { "5.1", 6, 0x3f },
  { "5.1.2", 8, 0x303f },
  { "5.1.4", 10, 0x3303f },
  { "7.1", 8, 0xc3f },
  { "7.1.4", 12, 0x33c3f },
  { "9.1.6", 16, 0x30f3c3f },
  { "22.2", 24, MASK_22_2 },
};

/* Angles of the positions in the middle and to the left, unless a rule of
 * left_azimuth() overrides them. */
static const DmixSpeaker usual[POSITIONS] = {
  [FL] = { 30, 0, 0 },
  [FC] = { 0, 0, 0 },
  [LFE1] = { 45, -30, 1 },
  [RL] = { 135, 0, 0 },
  [FLC] = { 15, 0, 0 },
  [RC] = { 180, 0, 0 },
  [LFE2] = { -45, -30, 1 },
  [SL] = { 90, 0, 0 },
  [TFL] = { 30, 30, 0 },
  [TFC] = { 0, 30, 0 },
  [TC] = { 0, 90, 0 },
  [TRL] = { 110, 30, 0 },
  [TSL] = { 90, 30, 0 },
  [TRC] = { 180, 30, 0 },
  [BFC] = { 0, -30, 0 },
  [BFL] = { 45, -30, 0 },
  [WL] = { 60, 0, 0 },
  [SURL] = { 110, 0, 0 },
};

/* Position on the left, plus 1, whose mirror image a position is; 0: none. */
static const unsigned char left_of[POSITIONS] = {
  [FR] = FL + 1,
  [RR] = RL + 1,
  [FRC] = FLC + 1,
  [SR] = SL + 1,
  [TFR] = TFL + 1,
  [TRR] = TRL + 1,
  [TSR] = TSL + 1,
  [BFR] = BFL + 1,
  [WR] = WL + 1,
  [SURR] = SURL + 1,
};

static double
left_azimuth (unsigned position, uint64_t mask)
{
  const int rear = HAS (mask, RL) || HAS (mask, RR);
  const int side = HAS (mask, SL) || HAS (mask, SR);

  switch (position) {
    case FL:
      return mask == MASK_22_2 ? 60 : 30;
    case FLC:
      return mask == MASK_22_2 ? 30 : 15;
    case RL:
      return side ? 135 : 110;
    case SL:
      return rear ? 90 : 110;
    case TFL:
      return rear && side ? 45 : 30;
    case TRL:
      return rear && side ? 135 : 110;
    default:
      return usual[position].azimuth_deg;
  }
}

static DmixSpeaker
speaker_at (unsigned position, uint64_t mask)
{
  const int mirror = left_of[position] > 0;
  const unsigned left = mirror ? left_of[position] - 1u : position;
  DmixSpeaker speaker = usual[left];

  speaker.azimuth_deg = left_azimuth (left, mask) * (mirror ? -1 : 1);
  return speaker;
}

int
dmix_layout_from_mask (DmixLayout *self, unsigned channels, uint64_t mask)
{
  DmixLayout made = { .channels = channels, .mask = mask };
  unsigned bits = 0;

  if (channels < 1 || channels > DMIX_MAX_CHANNELS || mask >= BIT (POSITIONS))
    return 0;
  if (mask == 0 && channels == 2)
    mask = BIT (FL) | BIT (FR);
  for (unsigned p = 0; p < POSITIONS; p++)
    if (HAS (mask, p))
      made.speaker[bits++] = speaker_at (p, mask);
  if (bits != channels && !(mask == 0 && channels == 1))
    return 0;
  *self = made;
  return 1;
}

int
dmix_layout_from_name (DmixLayout *self, const char *name)
{
  for (unsigned i = 0; i < DMIX_NAMED_LAYOUTS; i++)
    if (name && strcmp (name, dmix_named_layout[i].name) == 0)
      return dmix_layout_from_mask (self, dmix_named_layout[i].channels,
          dmix_named_layout[i].mask);
  return 0;
}

/* Parses a decimal number. strtod() needs a decimal comma in some locales. */
static double
parse_number (const char *text, const char **end)
{
  const double sign = *text == '-' ? -1 : 1;
  const char *at = text + (*text == '-' || *text == '+');
  double value = 0, unit = 1;

  *end = text;
  while (isdigit ((unsigned char) *at)) {
    value = 10 * value + (*at++ - '0');
    *end = at;
  }
  if (*at == '.' && *end == at)
    at++;
  while (*end != text && isdigit ((unsigned char) *at)) {
    value += (*at++ - '0') * (unit /= 10);
    *end = at;
  }
  return sign * value;
}

static const char *
skip_space (const char *text)
{
  while (isspace ((unsigned char) *text))
    text++;
  return text;
}

/* Parses one entry of the list; returns its end, or NULL if it is invalid. */
static const char *
parse_speaker (const char *text, DmixSpeaker *speaker)
{
  const char *end;

  *speaker = (DmixSpeaker){ 0, 0, 0 };
  text = skip_space (text);
  if (strncmp (text, "lfe", 3) == 0) {
    speaker->is_lfe = 1;
    return skip_space (text + 3);
  }
  speaker->azimuth_deg = parse_number (text, &end);
  if (end == text)
    return NULL;
  text = skip_space (end);
  speaker->elevation_deg = parse_number (text, &end);
  if (fabs (speaker->azimuth_deg) > 360 || fabs (speaker->elevation_deg) > 90)
    return NULL;
  return skip_space (end);
}

int
dmix_layout_parse (DmixLayout *self, const char *text)
{
  DmixLayout made = { .channels = 0 };

  while (text && made.channels < DMIX_MAX_CHANNELS
      && (text = parse_speaker (text, &made.speaker[made.channels]))) {
    made.channels++;
    if (*text == '\0') {
      made.mask = made.channels == self->channels ? self->mask : 0;
      *self = made;
      return 1;
    }
    if (*text++ != ',')
      return 0;
  }
  return 0;
}
