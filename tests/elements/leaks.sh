#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# No GStreamer object outlives a pipeline: the leaks tracer says nothing.
set -eu
log=$(mktemp)

check() {
  GST_TRACERS='leaks(stack-traces-flags=none)' GST_DEBUG=GST_TRACER:7 \
    GST_DEBUG_FILE="$log" gst-launch-1.0 -q "$@"
  if grep 'object-alive,' "$log" | grep -v 'new format'; then
    echo "left over by: $*"
    rm -f "$log"
    exit 1
  fi
}

check dmixducker name=d ! fakesink \
  audiotestsrc num-buffers=100 wave=pink-noise ! d.background \
  audiotestsrc num-buffers=50 ! audio/x-raw,channels=1 ! d.dialogue \
  audiotestsrc num-buffers=20 ! d.dialogue_0
check dmixducker name=d meter=true spectral=12 goal=glimpse ! fakesink \
  audiotestsrc num-buffers=100 wave=pink-noise ! d.background \
  audiotestsrc num-buffers=50 wave=ticks ! d.dialogue
check dmixadr name=a ! fakesink audiotestsrc num-buffers=100 ! a.guide \
  audiotestsrc num-buffers=50 wave=ticks ! audio/x-raw,channels=2 ! a.take
check dmixbin name=m meter=true loudness=-23 layout=stereo ! fakesink \
  audiotestsrc num-buffers=100 wave=pink-noise ! m.ambience_0 \
  audiotestsrc num-buffers=50 ! audio/x-raw,rate=48000,channels=1 ! m.dialogue_0 \
  audiotestsrc num-buffers=50 ! audio/x-raw,channels=2 ! m.programme
check dmixbin name=m dialogue_0::denoise=6 dialogue_0::steady=6 dialogue_0::pan=20 ! fakesink \
  m.dialogue ! queue ! fakesink m.background ! queue ! fakesink \
  audiotestsrc num-buffers=100 wave=pink-noise ! m.music_0 \
  audiotestsrc num-buffers=50 wave=ticks ! m.dialogue_0
check dmixbin name=m analyse=true ! fakesink \
  audiotestsrc num-buffers=100 wave=pink-noise ! m.effects_0 \
  audiotestsrc num-buffers=50 wave=ticks ! m.dialogue_0
check audiotestsrc num-buffers=100 wave=pink-noise ! dmixdialogue name=d ! fakesink \
  d.dialogue ! queue ! fakesink d.background ! queue ! fakesink
for filter in dmixcomp dmixdenoise dmixdialogue "dmixdialogue output=background" \
  dmixlevel "dmixlevel mode=analyse" "dmixlevel mode=gain gain=3" dmixmeter; do
  check audiotestsrc num-buffers=100 wave=pink-noise ! $filter ! fakesink
done
rm -f "$log"
