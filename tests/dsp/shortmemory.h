/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Memory that runs short at a chosen call, for tests that are linked with
 * -Wl,--wrap for malloc, calloc, realloc and free. It sees the calls of our own
 * objects only: those within GLib, GStreamer and libmysofa go to the C library
 * (GLib ends the process where it finds no memory, by design). */
#ifndef SHORT_MEMORY_H
#define SHORT_MEMORY_H

#include <glib.h>
#include <stddef.h>

static gint short_calls;   /* allocations since short_begin() */
static gint short_live;    /* blocks that are not freed yet */
static gint short_at = -1; /* the call that fails, -1: none */
static gint short_failed;  /* it has been made */
static gint short_kib;     /* allocated since short_begin(), of large blocks */

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *old, size_t size);
void __real_free (void *memory);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *old, size_t size);
void __wrap_free (void *memory);

/* Lets the call with this number fail, counted from 0; -1: none. */
static inline void
short_begin (gint fail_at)
{
  g_atomic_int_set (&short_calls, 0);
  g_atomic_int_set (&short_failed, 0);
  g_atomic_int_set (&short_kib, 0);
  g_atomic_int_set (&short_at, fail_at);
}

static inline gboolean
short_now (void)
{
  const gint call = g_atomic_int_add (&short_calls, 1);

  if (call != g_atomic_int_get (&short_at))
    return FALSE;
  g_atomic_int_set (&short_failed, 1);
  return TRUE;
}

static inline void *
short_count (void *memory, size_t size)
{
  if (memory) {
    g_atomic_int_inc (&short_live);
    g_atomic_int_add (&short_kib, (gint) (size / 1024));
  }
  return memory;
}

void *
__wrap_malloc (size_t size)
{
  return short_now () ? NULL : short_count (__real_malloc (size), size);
}

void *
__wrap_calloc (size_t count, size_t size)
{
  return short_now () ? NULL
                      : short_count (__real_calloc (count, size), count * size);
}

void *
__wrap_realloc (void *old, size_t size)
{
  void *memory = short_now () ? NULL : __real_realloc (old, size);

  return old ? memory : short_count (memory, size);
}

void
__wrap_free (void *memory)
{
  if (memory)
    g_atomic_int_add (&short_live, -1);
  __real_free (memory);
}

#endif
