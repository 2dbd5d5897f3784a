/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Parameters apply at once until the first frame, and glide from then on: also
 * the first ones that are set after _reset(), as elements do that set
 * parameters, reset, and play. */
#include "signals.h"

#include "denoise/denoise.h"
#include "dialogue/dialogue.h"
#include "ducker/ducker.h"
#include "dynamics/dynamics.h"
#include "dynamics/leveller.h"

enum
{
  RATE = 48000,
  HALF = RATE / 2,
  BLOCK = 480
};

#define TONE_HZ 200.0
#define PEAK 0.5f
/* The shortest fade of the five, in s: the mixture of two linear ramps moves by
 * at most PEAK / this in a second. */
#define SHORTEST_FADE_S 0.002

static const DmixFormat mono = { RATE, 1 };

/* In, out, and parameters before (0) and after (1) the change. */
typedef struct
{
  const char *name;
  void *(*make) (void);
  void (*set) (void *self, int after);
  void (*process) (void *self, float *io, size_t frames);
  void (*reset) (void *self);
  void (*free_it) (void *self);
} Processor;

#define PROCESS_RESET_AND_FREE(name, Type)                                     \
  static void name##_process (void *self, float *io, size_t frames)            \
  {                                                                            \
    dmix_##name##_process ((Type *) self, io, frames);                         \
  }                                                                            \
  static void name##_reset (void *self)                                        \
  {                                                                            \
    dmix_##name##_reset ((Type *) self);                                       \
  }                                                                            \
  static void name##_free (void *self)                                         \
  {                                                                            \
    dmix_##name##_free ((Type *) self);                                        \
  }

PROCESS_RESET_AND_FREE (denoise, DmixDenoise)
PROCESS_RESET_AND_FREE (dialogue, DmixDialogue)
PROCESS_RESET_AND_FREE (dynamics, DmixDynamics)
PROCESS_RESET_AND_FREE (leveller, DmixLeveller)

static void *
denoise_make (void)
{
  return dmix_denoise_new (&mono, DMIX_DENOISE_NORMAL, NULL);
}

static void
denoise_set (void *self, int after)
{
  const DmixDenoiseParams params = { .reduction_db = 20, .residual = after };

  dmix_denoise_set_params (self, &params);
}

static void *
dialogue_make (void)
{
  return dmix_dialogue_new (&mono, NULL, NULL, 0, DMIX_DIALOGUE_LEARNED);
}

static void
dialogue_set (void *self, int after)
{
  const DmixDialogueParams params = {
    .output = after ? DMIX_DIALOGUE_VOICE : DMIX_DIALOGUE_MIX,
  };

  dmix_dialogue_set_params (self, &params);
}

static void *
dynamics_make (void)
{
  return dmix_dynamics_new (&mono, NULL);
}

static void
dynamics_set (void *self, int after)
{
  const DmixDynamicsParams params = {
    .ratio = 1,
    .makeup_db = after ? -20 : 0,
    .mix = 1,
    .range_db = DMIX_DYNAMICS_MAX_RANGE_DB,
  };

  dmix_dynamics_set_params (self, &params);
}

static void *
leveller_make (void)
{
  return dmix_leveller_new (&mono, NULL, NULL, DMIX_LEVELLER_GAIN, 0);
}

static void
leveller_set (void *self, int after)
{
  const DmixLevellerParams params = {
    .ceiling_dbtp = 20,
    .gain_db = after ? -20 : 0,
  };

  dmix_leveller_set_params (self, &params);
}

static void *
ducker_make (void)
{
  return dmix_ducker_new (&mono, NULL, 0);
}

static void
ducker_set (void *self, int after)
{
  const DmixDuckerParams params = {
    .background_gain_db = after ? -20 : 0,
    .release_ms = 100,
  };

  dmix_ducker_set_params (self, &params);
}

static void
ducker_process (void *self, float *io, size_t frames)
{
  float dialogue[BLOCK] = { 0 };

  dmix_ducker_process (self, io, dialogue, frames);
}

static void
ducker_reset (void *self)
{
  dmix_ducker_reset (self);
}

static void
ducker_free (void *self)
{
  dmix_ducker_free (self);
}

static const Processor processors[] = {
#define PROCESSOR(name)                                                        \
  {                                                                            \
#name, name##_make, name##_set, name##_process, name##_reset, name##_free  \
  }
  PROCESSOR (denoise),
  PROCESSOR (dialogue),
  PROCESSOR (dynamics),
  PROCESSOR (leveller),
  PROCESSOR (ducker),
};

static void
run (const Processor *p, void *self, float *io, unsigned first, unsigned frames)
{
  for (unsigned i = first; i < first + frames; i += BLOCK)
    p->process (self, io + i, BLOCK);
}

static void
tone (float *out)
{
  for (unsigned i = 0; i < 2 * HALF; i++)
    out[i] = PEAK * (float) sin (2 * G_PI * TONE_HZ * i / RATE);
}

static float
largest_step (const float *x, unsigned first, unsigned frames)
{
  float largest = 0;

  for (unsigned i = first + 1; i < first + frames; i++)
    largest = fmaxf (largest, fabsf (x[i] - x[i - 1]));
  return largest;
}

/* No step beyond those of the tone and of the fade. */
static void
test_glides (void)
{
  static float io[2 * HALF];
  const float most =
      PEAK * (float) (2 * G_PI * TONE_HZ / RATE + 1 / (SHORTEST_FADE_S * RATE));

  for (unsigned k = 0; k < G_N_ELEMENTS (processors); k++) {
    const Processor *p = &processors[k];
    void *self = p->make ();

    p->set (self, 0);
    p->reset (self);
    tone (io);
    run (p, self, io, 0, HALF);
    p->set (self, 1);
    run (p, self, io, HALF, HALF);
    g_test_message ("%s: %g of %g", p->name,
        largest_step (io, HALF / 2, HALF + HALF / 2), most);
    g_assert_cmpfloat (largest_step (io, HALF / 2, HALF + HALF / 2), <=, most);
    p->free_it (self);
  }
}

/* Before the first frame: as if they had been there from the start. */
static void
test_at_once (void)
{
  static float glided[2 * HALF], wanted[2 * HALF];

  for (unsigned k = 0; k < G_N_ELEMENTS (processors); k++) {
    const Processor *p = &processors[k];
    void *self = p->make (), *plain = p->make ();

    tone (glided);
    tone (wanted);
    p->set (self, 0);
    p->reset (self);
    p->set (self, 0);
    p->set (self, 1);
    run (p, self, glided, 0, 2 * HALF);
    p->set (plain, 1);
    p->reset (plain);
    run (p, plain, wanted, 0, 2 * HALF);
    g_test_message ("%s", p->name);
    g_assert_cmpmem (glided, sizeof glided, wanted, sizeof wanted);
    p->free_it (self);
    p->free_it (plain);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firstchange/glides", test_glides);
  g_test_add_func ("/firstchange/at-once", test_at_once);
  return g_test_run ();
}
