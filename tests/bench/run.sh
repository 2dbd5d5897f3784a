#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# What our elements cost: CPU seconds for an hour of stereo audio at 48 kHz, net
# of the same pipeline without the element, and the ratios to peers in the same
# run. Least of ROUNDS rounds of a long run less a short one, on one core.
# usage: tests/bench/run.sh [SECONDS [ROUNDS [ELEMENT ...]]]
#        defaults: 200, 3, all
set -eu
cd "$(dirname "$0")/../.."
. examples/setup.sh
# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES gstreamer1.0-tools gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good gstreamer1.0-plugins-bad lsp-plugins-ladspa \
  ffmpeg util-linux python3
build_dmix
seconds=${1:-200} rounds=${2:-3}
[ $# -lt 2 ] || shift 2
exec taskset -c "$(($(nproc) - 1))" /usr/bin/python3 tests/bench/bench.py "$seconds" "$rounds" "$@"
