# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# The element-wise loops of dsp/, for orcc. `ninja update-orc-dist` writes the
# generated C that is kept in git (kernels-dist.c and .h).

.function dmix_kernel_gain
.dest 4 io float
.floatparam 4 gain
mulf io, io, gain

.function dmix_kernel_add
.dest 4 io float
.source 4 other float
addf io, io, other

.function dmix_kernel_mix
.dest 4 io float
.source 4 other float
.floatparam 4 gain
.floatparam 4 other_gain
.temp 4 a
.temp 4 b
mulf a, io, gain
mulf b, other, other_gain
addf io, a, b
