/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the compiler's CPUID built-ins report the instruction sets. */
#include "base/cpu.h"

#include "base/blockloops.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int
dmix_cpu_has_avx2 (void)
{
#ifdef HAVE_AVX2
  const char *simd = getenv ("DMIX_SIMD");

  if (simd && strcmp (simd, "off") == 0)
    return 0;
  __builtin_cpu_init ();
  return __builtin_cpu_supports ("avx2") != 0;
#else
  return 0;
#endif
}

int
dmix_cpu_has_fma (void)
{
#ifdef HAVE_FMA
  return dmix_cpu_has_avx2 () && __builtin_cpu_supports ("fma");
#else
  return 0;
#endif
}

int
dmix_cpu_has_vnni (void)
{
#ifdef HAVE_AVX512VNNI
  return dmix_cpu_has_avx2 () && __builtin_cpu_supports ("avx512f")
      && __builtin_cpu_supports ("avx512bw")
      && __builtin_cpu_supports ("avx512vl")
      && __builtin_cpu_supports ("avx512vnni");
#else
  return 0;
#endif
}

const DmixBlockLoops *
dmix_blockloops (void)
{
  static _Atomic (const DmixBlockLoops *) chosen;
  const DmixBlockLoops *loops =
      atomic_load_explicit (&chosen, memory_order_relaxed);

  if (loops)
    return loops;
  loops = &dmix_blockloops_plain;
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    loops = &dmix_blockloops_avx2;
#endif
  atomic_store_explicit (&chosen, loops, memory_order_relaxed);
  return loops;
}
