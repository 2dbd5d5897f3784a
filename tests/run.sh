#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Installs what is missing, builds, runs all tests.
# usage: tests/run.sh [BUILD_DIR]      last line: N passed, N failed[, N skipped]
set -eu
cd "$(dirname "$0")/.."
. examples/setup.sh

# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES libgstreamer1.0-0 gstreamer1.0-tools \
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
  gir1.2-gst-plugins-base-1.0 python3-gst-1.0 python3-numpy \
  asterisk-core-sounds-en-wav asterisk-moh-opsound-wav alsa-utils \
  ffmpeg gstreamer1.0-libav clang-format

build=${1:-build}
build_dmix "$build"
code=0
meson test -C "$build" --no-rebuild \
  --print-errorlogs || code=$?

# meson counts in several lines; the plain closing line is for whoever reads
# only the last one
awk -v code="$code" '
  /"result": "(OK|EXPECTEDFAIL)"/ { passed++ }
  /"result": "(FAIL|ERROR|TIMEOUT|UNEXPECTEDPASS|INTERRUPT)"/ { failed++ }
  /"result": "SKIP"/ { skipped++ }
  END {
    if (code && !failed) failed = 1
    printf "%d passed, %d failed", passed, failed
    if (skipped) printf ", %d skipped", skipped
    print ""
    exit failed > 0
  }' "$build/meson-logs/testlog.json"
