#!/bin/bash
# What ducking costs: CPU seconds for an hour of stereo audio at 48 kHz, net of
# the same pipeline without the element, and the ratio to ffmpeg's sidechain
# compressor in the same run. Least of ROUNDS rounds of a long run less a
# short one, each on one core.
# usage: tests/bench/run.sh [SECONDS [ROUNDS]]      defaults 200 and 3
set -eu
cd "$(dirname "$0")/../.."
. examples/setup.sh
# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES gstreamer1.0-tools gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good ffmpeg util-linux python3
build_dmix
exec taskset -c "$(($(nproc) - 1))" /usr/bin/python3 tests/bench/bench.py "${1:-200}" "${2:-3}"
