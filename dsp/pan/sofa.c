/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: libmysofa reads the file and checks its convention. Its interpolation
 * and resampling are not used: the former mixes responses that are not aligned,
 * the latter resamples the whole file at once, which takes long.
 *
 * State: none.
 */
#include "pan/sofa.h"

#include <stdio.h>

#ifdef HAVE_SOFA

#include <mysofa.h>
#include <stdlib.h>

#define SAME_DISTANCE 0.98 /* over the largest distance */

static const char *
explain (int code)
{
  switch (code) {
    case MYSOFA_INVALID_FORMAT:
      return "it is not a SOFA file";
    case MYSOFA_UNSUPPORTED_FORMAT:
      return "libmysofa does not support its format";
    case MYSOFA_NO_MEMORY:
      return "there is not enough memory";
    case MYSOFA_READ_ERROR:
      return "it cannot be read, or is truncated";
    case MYSOFA_INTERNAL_ERROR:
      return "libmysofa cannot read it";
    default:
      return "it does not follow the convention SimpleFreeFieldHRIR";
  }
}

/* Converts the axes of SOFA: x to the front, y to the left. */
static DmixVector
from_sofa (const float *position)
{
  return (DmixVector){ -position[1], position[0], position[2] };
}

/* Copies the measurements at the largest distance; returns their number. */
static unsigned
keep_farthest (const struct MYSOFA_HRTF *file, DmixVector *direction,
    float *response, float *delay)
{
  const size_t length = 2 * (size_t) file->N;
  double farthest = 0;
  unsigned kept = 0;

  for (unsigned m = 0; m < file->M; m++)
    farthest = fmax (farthest,
        dmix_vector_length (from_sofa (file->SourcePosition.values + 3 * m)));
  for (unsigned m = 0; m < file->M; m++) {
    const DmixVector at = from_sofa (file->SourcePosition.values + 3 * m);
    const unsigned row = file->DataDelay.elements > 2 ? m : 0;

    if (dmix_vector_length (at) < SAME_DISTANCE * farthest)
      continue;
    direction[kept] = at;
    for (size_t n = 0; n < length; n++)
      response[kept * length + n] = file->DataIR.values[m * length + n];
    for (unsigned ear = 0; ear < 2; ear++)
      delay[2 * kept + ear] = file->DataDelay.values[2 * row + ear];
    kept++;
  }
  return kept;
}

static DmixHrtf *
make_hrtf (struct MYSOFA_HRTF *file, const char **reason)
{
  const size_t length = 2 * (size_t) file->N;
  DmixVector *direction = calloc (file->M, sizeof *direction);
  float *response = calloc (file->M * length, sizeof *response);
  float *delay = calloc (2 * (size_t) file->M, sizeof *delay);
  DmixHrtf *made = NULL;

  *reason = "there is not enough memory";
  if (direction && response && delay) {
    const DmixHrtfData data = {
      .measurements = keep_farthest (file, direction, response, delay),
      .taps = file->N,
      .rate_hz = file->DataSamplingRate.values[0],
      .direction = direction,
      .response = response,
      .delay = delay,
      .equal_level = 1,
    };

    if (!dmix_hrtf_is_usable (&data))
      *reason = "it has invalid values, or responses that are too long";
    made = dmix_hrtf_new (&data);
  }
  free (direction);
  free (response);
  free (delay);
  return made;
}

static int
has_all (const struct MYSOFA_HRTF *file)
{
  return file->R == 2 && file->M > 0 && file->N > 0
      && file->SourcePosition.elements >= 3 * file->M
      && file->DataIR.elements >= 2 * file->M * file->N
      && file->DataSamplingRate.elements >= 1
      && (file->DataDelay.elements == 2
          || file->DataDelay.elements >= 2 * file->M);
}

DmixHrtf *
dmix_sofa_load (const char *path, char *reason, size_t size)
{
  const char *why = NULL;
  DmixHrtf *made = NULL;
  struct MYSOFA_HRTF *file;
  FILE *there;
  int code = 0;

  path = path ? path : DMIX_SOFA_DEFAULT;
  there = fopen (path, "rb");
  if (!there) {
    if (reason)
      snprintf (reason, size, "there is no such file, or it cannot be opened");
    return NULL;
  }
  fclose (there);
  file = mysofa_load (path, &code);
  if (!file) {
    why = explain (code);
  } else if ((code = mysofa_check (file)) != MYSOFA_OK || !has_all (file)) {
    why = explain (code);
  } else {
    mysofa_tocartesian (file);
    made = make_hrtf (file, &why);
  }
  if (file)
    mysofa_free (file);
  if (!made && reason)
    snprintf (reason, size, "%s", why);
  return made;
}

#else

DmixHrtf *
dmix_sofa_load (const char *path, char *reason, size_t size)
{
  if (reason)
    snprintf (reason, size, "this plugin was built without libmysofa");
  return NULL;
}

#endif
