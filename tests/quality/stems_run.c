/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Runs dsp/stemmeter.c over two files of raw mono floats and prints what it
 * reads at the end, for comparison with other implementations.
 *   stems_run RATE DIALOGUE.f32 BACKGROUND.f32 */
#include "meter/stemmeter.h"

#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  const DmixFormat format = { argc > 1 ? (unsigned) atoi (argv[1]) : 0, 1 };
  DmixStemMeter *meter = dmix_stemmeter_new (&format, NULL);
  FILE *dialogue = argc == 4 ? fopen (argv[2], "rb") : NULL;
  FILE *background = argc == 4 ? fopen (argv[3], "rb") : NULL;
  float d[480], b[480];
  DmixStemMeterReading r;
  size_t n;

  if (!meter || !dialogue || !background) {
    fprintf (stderr, "usage: stems_run RATE DIALOGUE.f32 BACKGROUND.f32\n");
    return 2;
  }
  while ((n = fread (d, sizeof *d, 480, dialogue)) > 0
      && fread (b, sizeof *b, n, background) == n)
    dmix_stemmeter_process (meter, b, d, 1.0f, 0, n);
  dmix_stemmeter_read (meter, &r);
  printf ("dialogue %.4f\nbackground %.4f\nmix %.4f\nld %.4f\ngp %.5f\n"
          "sii_st %.5f\n",
      r.dialogue.integrated_lufs, r.background.integrated_lufs,
      r.mix.integrated_lufs, r.integrated_difference_lu,
      r.intelligibility.glimpse_proportion, r.intelligibility.sii);
  dmix_stemmeter_free (meter);
  fclose (dialogue);
  fclose (background);
  return 0;
}
