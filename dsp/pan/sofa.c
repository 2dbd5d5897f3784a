/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: libmysofa reads the file and checks its conventions; all else is
 * done here, since its interpolation mixes responses that are not aligned and
 * its resampling takes as long as the file is large.
 */
#include "pan/sofa.h"

#include <stdio.h>

#ifdef HAVE_SOFA

#include <mysofa.h>
#include <stdlib.h>

#define SAME_DISTANCE 0.98

static const char *
explain (int code)
{
  switch (code) {
    case MYSOFA_INVALID_FORMAT:
      return "it is no SOFA file";
    case MYSOFA_UNSUPPORTED_FORMAT:
      return "it is of a kind that libmysofa does not know";
    case MYSOFA_NO_MEMORY:
      return "there is not enough memory";
    case MYSOFA_READ_ERROR:
      return "it cannot be read, or breaks off";
    case MYSOFA_INTERNAL_ERROR:
      return "libmysofa cannot read it";
    default:
      return "it does not follow the convention SimpleFreeFieldHRIR";
  }
}

/* SOFA: x to the front, y to the left. */
static DmixVector
turned (const float *position)
{
  return (DmixVector){ -position[1], position[0], position[2] };
}

/* Drops measurements nearer than the farthest ones; returns how many stay. */
static unsigned
keep_farthest (const struct MYSOFA_HRTF *file, DmixVector *direction,
    float *response, float *delay)
{
  const size_t length = 2 * (size_t) file->N;
  double farthest = 0;
  unsigned kept = 0;

  for (unsigned m = 0; m < file->M; m++)
    farthest = fmax (farthest,
        dmix_vector_length (turned (file->SourcePosition.values + 3 * m)));
  for (unsigned m = 0; m < file->M; m++) {
    const DmixVector at = turned (file->SourcePosition.values + 3 * m);
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
      *reason = "its numbers make no sense, or its responses are too long";
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
      snprintf (reason, size, "there is no such file, or it may not be read");
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
