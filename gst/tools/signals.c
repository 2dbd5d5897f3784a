/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A handler may call next to nothing: it stores the number and wakes the main
 * loop through a pipe. */
#include "tools/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const gint caught[] = { SIGINT, SIGTERM, SIGHUP };
static volatile sig_atomic_t pending;
static gint ends[2] = { -1, -1 };

static void
on_signal (int number)
{
  const int kept = errno;

  if (!pending)
    pending = number;
  if (write (ends[1], "", 1) < 0) {
    /* the pipe is full: the loop is awake already */
  }
  errno = kept;
}

void
dmix_signals_install (void)
{
  struct sigaction action, before;

  if (!g_unix_open_pipe (ends, FD_CLOEXEC, NULL))
    return;
  g_unix_set_fd_nonblocking (ends[1], TRUE, NULL);
  memset (&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset (&action.sa_mask);
  for (gsize i = 0; i < G_N_ELEMENTS (caught); i++)
    if (sigaction (caught[i], NULL, &before) == 0
        && before.sa_handler != SIG_IGN)
      sigaction (caught[i], &action, NULL);
}

gint
dmix_signals_pending (void)
{
  return pending;
}

gboolean
dmix_signals_check (GError **error)
{
  if (!pending)
    return TRUE;
  dmix_error_set (error, 128 + pending, NULL, "stopped by %s",
      g_strsignal (pending));
  return FALSE;
}

gint
dmix_signals_fd (void)
{
  return ends[0];
}

void
dmix_signals_end (gint number)
{
  signal (number, SIG_DFL);
  raise (number);
  exit (128 + number); /* a signal that is blocked */
}
