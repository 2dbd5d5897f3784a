/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Raw floats through dsp/dynamics/dynamics.c, for tests that are not in C.
 *
 *   dynamics_run RATE CHANNELS BLOCK KEY=VALUE... [@FRAME KEY=VALUE...] ...
 *
 * Reads interleaved 32-bit floats from stdin and writes as many, each frame
 * where it came in: the latency is taken out, as an element does it. Keys are
 * the fields of DmixDynamicsParams; modes and detectors by name. What follows
 * @FRAME is set before that frame. BLOCK 0: blocks of random length. To stderr
 * goes one line of the meter for each block if METER=1 is given.
 */
#include "dynamics/dynamics.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CHANGES 20000
#define MOST_BLOCK 65536

typedef struct
{
  const char *name;
  size_t place;
} Field;

#define FIELD(name)                                                            \
  {                                                                            \
#name, offsetof(DmixDynamicsParams, name)                                  \
  }
static const Field doubles[] = {
  FIELD (threshold_db),
  FIELD (ratio),
  FIELD (knee_db),
  FIELD (attack_ms),
  FIELD (hold_ms),
  FIELD (release_ms),
  FIELD (lookahead_ms),
  FIELD (rms_window_ms),
  FIELD (makeup_db),
  FIELD (mix),
  FIELD (range_db),
  FIELD (link),
  FIELD (highpass_hz),
  FIELD (lowpass_hz),
  FIELD (ceiling_dbtp),
};

static const Field flags[] = {
  FIELD (auto_release),
  FIELD (auto_makeup),
  FIELD (bypass),
};

static const char *modes[] = {
  "compress",
  "limit",
  "expand",
  "gate",
  "upward",
};
static const char *detectors[] = { "rms", "peak", "k-weighted" };

static void
fail (const char *what)
{
  fprintf (stderr, "dynamics_run: %s?\n", what);
  exit (2);
}

static unsigned
number_of (const char *name, const char **names, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    if (strcmp (name, names[i]) == 0)
      return i;
  fail (name);
  return 0;
}

static void
set (DmixDynamicsParams *params, const char *pair)
{
  const char *equals = strchr (pair, '=');
  const size_t length = equals ? (size_t) (equals - pair) : 0;

  if (!equals)
    fail (pair);
  if (strncmp (pair, "mode", length) == 0) {
    params->mode = number_of (equals + 1, modes, 5);
    return;
  }
  if (strncmp (pair, "detector", length) == 0) {
    params->detector = number_of (equals + 1, detectors, 3);
    return;
  }
  for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
    if (strlen (doubles[i].name) == length
        && strncmp (pair, doubles[i].name, length) == 0) {
      *(double *) ((char *) params + doubles[i].place) = atof (equals + 1);
      return;
    }
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (strlen (flags[i].name) == length
        && strncmp (pair, flags[i].name, length) == 0) {
      *(int *) ((char *) params + flags[i].place) = atoi (equals + 1);
      return;
    }
  fail (pair);
}

typedef struct
{
  DmixDynamics *dynamics;
  unsigned channels;
  unsigned latency;     /* as it was last told */
  size_t drop;          /* frames that are repeats */
  size_t written, most; /* frames */
  int meter;
} Run;

static void
put_out (Run *run, const float *x, size_t frames)
{
  const size_t dropped = run->drop < frames ? run->drop : frames;

  run->drop -= dropped;
  x += dropped * run->channels;
  frames -= dropped;
  if (frames > run->most - run->written)
    frames = run->most - run->written;
  fwrite (x, sizeof *x * run->channels, frames, stdout);
  run->written += frames;
}

/* Keeps each frame where it came in, whatever the latency does. */
static void
follow_latency (Run *run)
{
  static float late[64 * 1024];
  const unsigned now = dmix_dynamics_latency_frames (run->dynamics);

  if (now > run->latency)
    run->drop += now - run->latency;
  run->latency = now;
  for (size_t n; (n = dmix_dynamics_catch_up (run->dynamics, late, 1024)) > 0;)
    put_out (run, late, n);
}

static void
process (Run *run, float *x, size_t frames)
{
  DmixDynamicsMeter m;

  dmix_dynamics_process (run->dynamics, x, frames);
  put_out (run, x, frames);
  follow_latency (run);
  if (!run->meter)
    return;
  dmix_dynamics_read_meter (run->dynamics, &m);
  fprintf (stderr, "%zu %.6f %.6f %.6f %.6f %.6f %.6f %.6f\n", m.frames,
      m.gain_min_db, m.gain_mean_db, m.rest_db, m.in_peak_db[0], m.in_rms_db[0],
      m.out_peak_db[0], m.out_rms_db[0]);
}

static size_t
next_block (size_t block)
{
  return block > 0 ? block : 1 + (size_t) rand () % 1500;
}

/* Everything of stdin. */
static float *
read_all (size_t *count)
{
  size_t room = 1 << 20, n = 0, got;
  float *all = malloc (room * sizeof *all);

  while (all && (got = fread (all + n, sizeof *all, room - n, stdin)) > 0) {
    n += got;
    if (n == room)
      all = realloc (all, (room *= 2) * sizeof *all);
  }
  if (!all)
    fail ("memory");
  *count = n;
  return all;
}

int
main (int argc, char **argv)
{
  DmixDynamicsParams params = {
    .ratio = 1,
    .mix = 1,
    .link = 1,
    .range_db = 60,
    .rms_window_ms = 10,
    .attack_ms = 20,
    .release_ms = 250,
  };
  static DmixDynamicsParams change[MOST_CHANGES];
  static size_t change_at[MOST_CHANGES + 1];
  size_t changes = 0, count, frames, done = 0, block;
  DmixFormat format;
  Run run = { 0 };
  float *x, *silence;

  if (argc < 4)
    fail ("arguments");
  format = (DmixFormat){ (unsigned) atoi (argv[1]), (unsigned) atoi (argv[2]) };
  block = (size_t) atol (argv[3]);
  for (int i = 4; i < argc; i++) {
    if (strncmp (argv[i], "METER=", 6) == 0) {
      run.meter = atoi (argv[i] + 6);
    } else if (argv[i][0] == '@') {
      change[changes++] = params;
      change_at[changes] = (size_t) atol (argv[i] + 1);
      if (changes == MOST_CHANGES)
        fail ("fewer changes");
    } else {
      set (&params, argv[i]);
    }
  }
  change[changes++] = params;
  change_at[changes] = (size_t) -1;
  run.channels = format.channels;
  run.dynamics = dmix_dynamics_new (&format, NULL);
  if (!run.dynamics || block > MOST_BLOCK)
    fail ("format");
  x = read_all (&count);
  run.most = frames = count / format.channels;
  for (size_t c = 0; c < changes; c++) {
    const size_t end = change_at[c + 1] < frames ? change_at[c + 1] : frames;

    dmix_dynamics_set_params (run.dynamics, &change[c]);
    follow_latency (&run);
    while (done < end) {
      size_t n = next_block (block);

      n = n < end - done ? n : end - done;
      process (&run, x + done * format.channels, n);
      done += n;
    }
  }
  silence = calloc ((size_t) format.channels * 1024, sizeof *silence);
  while (silence && run.written < run.most) {
    memset (silence, 0, (size_t) format.channels * 1024 * sizeof *silence);
    process (&run, silence, 1024);
  }
  free (silence);
  free (x);
  dmix_dynamics_free (run.dynamics);
  return 0;
}
