/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Which of the loops that are built twice on x86 (plain, and for AVX2) this
 * processor runs. docs/architecture.md says which kind of SIMD to use when.
 */
#ifndef DMIX_CPU_H
#define DMIX_CPU_H

/* 1 if AVX2 loops were built and can run here; 0 also where the environment
 * variable DMIX_SIMD is "off", which makes the plain loops testable on any
 * machine. Asks the system: call it when a processor is made, not in a
 * process function. */
int dmix_cpu_has_avx2 (void);

/* The same for the loops that add products unrounded (FMA). */
int dmix_cpu_has_fma (void);

/* The same for the loops with AVX-512 and VNNI (sums of products of 16 bits). */
int dmix_cpu_has_vnni (void);

#endif
