/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A SOFA file whose maker scales the responses by some other factor gives the
 * same HRTFs. The factor is put in between libmysofa and dsp/pan/sofa.c: this
 * test is linked with -Wl,--wrap=mysofa_load. */
#include "pan/sofa.h"

#include <glib.h>
#include <mysofa.h>

static float scale = 1;

struct MYSOFA_HRTF *__real_mysofa_load (const char *path, int *code);
struct MYSOFA_HRTF *__wrap_mysofa_load (const char *path, int *code);

struct MYSOFA_HRTF *
__wrap_mysofa_load (const char *path, int *code)
{
  struct MYSOFA_HRTF *file = __real_mysofa_load (path, code);

  for (unsigned i = 0; file && i < file->DataIR.elements; i++)
    file->DataIR.values[i] *= scale;
  return file;
}

static void
test_scaled (void)
{
  const float scales[] = { 0.02f, 32 };
  char reason[200];
  DmixHrtf *plain = dmix_sofa_load (NULL, reason, sizeof reason);

  if (!plain) {
    g_test_skip (reason);
    return;
  }
  for (guint s = 0; s < G_N_ELEMENTS (scales); s++) {
    DmixHrtf *other;

    scale = scales[s];
    other = dmix_sofa_load (NULL, reason, sizeof reason);
    scale = 1;
    /* steps of 0.1 dB: half of one is 0.6 % */
    for (unsigned n = 0; n < dmix_hrtf_taps (plain); n++)
      g_assert_cmpfloat_with_epsilon (dmix_hrtf_get_response (other, 0, 0)[n],
          dmix_hrtf_get_response (plain, 0, 0)[n],
          0.006 * ABS (dmix_hrtf_get_response (plain, 0, 0)[n]) + 1e-6);
    dmix_hrtf_free (other);
  }
  dmix_hrtf_free (plain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sofa-level/scaled", test_scaled);
  return g_test_run ();
}
