#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Dialogue in front, ambience all around, for headphones: docs/headphones.md.
# usage: examples/headphones.sh DIALOGUE AMBIENCE OUT.wav
set -eu
. "$(dirname "$0")/setup.sh"

[ $# -eq 3 ] || fail "usage: headphones.sh DIALOGUE AMBIENCE OUT.wav"
for file in "$1" "$2"; do
  [ -r "$file" ] || fail "cannot read $file"
  [ ! "$file" -ef "$3" ] || fail "$3 is the input $file; write to another file"
done
# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES gstreamer1.0-tools gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good
build_dmix

gst-launch-1.0 -q dmixpanmix name=m output=binaural \
  sink_0::azimuth=0 sink_0::distance=2 \
  sink_1::width=180 sink_1::spread=60 sink_1::gain=-6 \
  ! audioconvert ! wavenc ! filesink location="$3" \
  filesrc location="$1" ! decodebin ! audioconvert ! audioresample \
  ! audio/x-raw,channels=1 ! m.sink_0 \
  filesrc location="$2" ! decodebin ! audioconvert ! audioresample ! m.sink_1
echo "$3: for headphones"
