#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Copies freshly generated Orc kernels over the ones kept in git.
# usage: update-orc-dist.sh KERNELS.H KERNELS.C   (called by ninja update-orc-dist)
set -eu
here=$(dirname "$0")
cp "$1" "$here/kernels-dist.h"
cp "$2" "$here/kernels-dist.c"
