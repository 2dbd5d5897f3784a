/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Aligns pairs of recordings as dmixadr does, each pair as one line of
 * dialogue, and prints what the match score was made of.
 *
 *   adr_fit_run < LIST
 *
 * A line of LIST: rate, guide and take (files of raw float, mono, native
 * endian), first and end guide frame of a protected range (0 0: none), and the
 * file for the map (take frame of each guide frame, double; "-": none).
 * A line of the output: cosine, fit, coverage, cosine of the reversed take,
 * confidence. All are 0 if no take was found within reach.
 *
 * Link with -Wl,--wrap=dmix_matchscore_get_confidence: the features then are
 * those that adrline.c itself hands over, not the copy of its work. */
#include "fitinput.h"

#include "adr/adrline.h"
#include "adr/matchscore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SHIFT_MS 2000.0 /* the element's defaults */
#define MAX_STRETCH 2.0

double __real_dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward);
double __wrap_dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward);

static DmixMatchScore seen, seen_backward;

double
__wrap_dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward)
{
  seen = *score;
  seen_backward = *backward;
  return __real_dmix_matchscore_get_confidence (score, backward);
}

/* Rows of mel band powers, the rows that silence after the end completes
 * included. */
static float *
read_powers (const char *path, unsigned rate, size_t *rows)
{
  const DmixFormat format = { .rate_hz = rate, .channels = 1 };
  DmixMelPower *mel = dmix_melpower_new (&format);
  size_t frames, late;
  float *sound = read_floats (path, &frames), *power;

  if (!mel)
    fail ("bad rate for", path);
  late = dmix_melpower_latency_frames (mel);
  power = malloc ((dmix_melpower_max_rows (mel, frames)
                      + dmix_melpower_max_rows (mel, late))
      * DMIX_MEL_BANDS * sizeof *power);
  if (!power)
    fail ("no memory for", path);
  *rows = dmix_melpower_process (mel, sound, frames, power);
  *rows +=
      dmix_melpower_process (mel, NULL, late, power + *rows * DMIX_MEL_BANDS);
  dmix_melpower_free (mel);
  free (sound);
  return power;
}

static void
write_map (const char *path, const double *map, size_t frames)
{
  FILE *file = fopen (path, "wb");

  if (!file || fwrite (map, sizeof *map, frames, file) != frames
      || fclose (file))
    fail ("cannot write", path);
}

static void
run_pair (unsigned rate, const char *guide, const char *take,
    const DmixWarpRange *protect, const char *map_path)
{
  const int speaks = 1;
  size_t guide_rows, take_rows;
  float *guide_power = read_powers (guide, rate, &guide_rows);
  float *take_power = read_powers (take, rate, &take_rows);
  double *map = calloc (guide_rows + 1, sizeof *map);
  DmixAdrLine *line = dmix_adrline_new (guide_rows, take_rows, MAX_SHIFT_MS);
  const DmixAdrLineInput input = {
    .guide_power = guide_power,
    .take_power = take_power,
    .line_end = &guide_rows,
    .line_speaks = &speaks,
    .lines = 1,
    .guide_frames = guide_rows,
    .take_frames = take_rows,
    .ends = 1,
  };
  const DmixAdrLineParams params = {
    .max_shift_ms = MAX_SHIFT_MS,
    .max_stretch = MAX_STRETCH,
    .strength = 1.0,
    .min_confidence = 0.0, /* the map in any case */
    .protect = protect,
    .protects = protect->end > protect->first,
  };
  DmixAdrLineInfo info;

  if (!map || !line)
    fail ("no memory for", guide);
  memset (&seen, 0, sizeof seen);
  memset (&seen_backward, 0, sizeof seen_backward);
  dmix_adrline_process (line, &input, &params, map, &info);
  printf ("%.9f %.9f %.9f %.9f %.9f\n", seen.cosine, seen.fit, seen.coverage,
      seen_backward.cosine, info.confidence);
  if (strcmp (map_path, "-"))
    write_map (map_path, map, guide_rows);
  dmix_adrline_free (line);
  free (map);
  free (guide_power);
  free (take_power);
}

int
main (void)
{
  char guide[1024], take[1024], map[1024];
  DmixWarpRange protect;
  unsigned rate;
  int fields;

  while ((fields = scanf ("%u %1023s %1023s %ld %ld %1023s", &rate, guide, take,
              &protect.first, &protect.end, map))
      == 6)
    run_pair (rate, guide, take, &protect, map);
  if (fields != EOF)
    fail ("bad line in", "the list");
  return 0;
}
