#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Installs what is missing, builds, runs all tests, and then in further builds
# the tests that see the difference: loops without SIMD, clang, neither Orc nor
# libmysofa, sanitizers. Those build into BUILD_DIR-clang and so on.
# usage: tests/run.sh [BUILD_DIR]      last line: N passed, N failed[, N skipped]
set -eu
cd "$(dirname "$0")/.."
. examples/setup.sh

# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES libgstreamer1.0-0 gstreamer1.0-tools \
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
  gir1.2-gst-plugins-base-1.0 python3-gst-1.0 python3-numpy \
  asterisk-core-sounds-en-wav asterisk-moh-opsound-wav alsa-utils \
  ffmpeg gstreamer1.0-libav gstreamer1.0-plugins-bad parallel clang clang-format

build=${1:-build}
logs=() broken=0

# run NAME DIR ARGUMENT...: meson test in DIR; NAME is that of the log
run() {
  local name=$1 dir=$2 log=$2/meson-logs/$1
  shift 2
  rm -f "$log"*.json
  echo "--- $name"
  if ! meson test -C "$dir" --no-rebuild --print-errorlogs --logbase "$name" "$@"; then
    # tests that failed are in the log, all else would be overlooked
    grep -qE '"result": "(FAIL|ERROR|TIMEOUT|UNEXPECTEDPASS|INTERRUPT)"' "$log"*.json ||
      broken=$((broken + 1))
  fi
  logs+=("$log"*.json)
}

# variant NAME OPTION...: builds into $build-NAME; a build that fails counts as
# a failed test
variant() {
  local name=$1 dir=$build-$1
  shift
  echo "--- building $dir: $*"
  if ! (build_dmix "$dir" "$@"); then
    broken=$((broken + 1))
    return 1
  fi
}

build_dmix "$build"
run all "$build"
run without-simd "$build" --setup plain --suite dsp
if CC=clang variant clang -Dexamples=disabled; then
  run clang "$build-clang" --suite dsp
  run clang-generic "$build-clang" generic
fi
if variant lean -Dorc=disabled -Dsofa=disabled -Dexamples=disabled; then
  run lean "$build-lean" --suite dsp --suite elements
fi
if variant sanitized -Db_sanitize=address,undefined -Dexamples=disabled \
  --buildtype=debugoptimized; then
  run sanitized "$build-sanitized" --setup sanitized --suite dsp
fi

# meson counts in several lines, for each run; the plain closing line is for
# whoever reads only the last one
cat "${logs[@]}" | awk -v failed="$broken" '
  /"result": "(OK|EXPECTEDFAIL)"/ { passed++ }
  /"result": "(FAIL|ERROR|TIMEOUT|UNEXPECTEDPASS|INTERRUPT)"/ { failed++ }
  /"result": "SKIP"/ { skipped++ }
  END {
    printf "%d passed, %d failed", passed, failed
    if (skipped) printf ", %d skipped", skipped
    print ""
    exit failed > 0
  }'
