/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Input of the runners in this folder: whole files of raw floats. Whatever is
 * wrong ends the program with the reason and the file. */
#ifndef FIT_INPUT_H
#define FIT_INPUT_H

#include <stdio.h>
#include <stdlib.h>

static inline void
fail (const char *what, const char *path)
{
  fprintf (stderr, "%s %s\n", what, path);
  exit (2);
}

static inline float *
read_floats (const char *path, size_t *count)
{
  FILE *file = fopen (path, "rb");
  float *sound;
  long size;

  if (!file || fseek (file, 0, SEEK_END) || (size = ftell (file)) < 4)
    fail ("cannot read", path);
  rewind (file);
  *count = (size_t) size / sizeof *sound;
  sound = malloc (*count * sizeof *sound);
  if (!sound || fread (sound, sizeof *sound, *count, file) != *count)
    fail ("cannot read", path);
  fclose (file);
  return sound;
}

#endif
