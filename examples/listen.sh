#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Three sounds before and after, as small Opus files, from Debian's recordings.
# usage: examples/listen.sh [OUTDIR]      (quickstart.sh runs it, too)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/setup.sh"

[ $# -le 1 ] || fail "usage: examples/listen.sh [OUTDIR]"
out=${1:-quickstart-out}
# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES gstreamer1.0-tools gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good python3 asterisk-core-sounds-en-wav \
  asterisk-moh-opsound-wav
build_dmix
mkdir -p "$out"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

sounds=/usr/share/asterisk/sounds/en_US_f_Allison
"$(dmix_python)" "$here/join_wav.py" "$scratch/dialogue.wav" 2.0 \
  $sounds/demo-abouttotry.wav
"$(dmix_python)" "$here/join_wav.py" "$scratch/music.wav" 0 \
  /usr/share/asterisk/moh/manolo_camp-morning_coffee.wav:19

# read_file NAME CHANNELS: its sound at 48 kHz
read_file() {
  echo "filesrc location=$scratch/$1.wav ! wavparse ! audioconvert" \
    "! audioresample ! audio/x-raw,rate=48000,channels=$2"
}
# make NAME ELEMENTS...: a launch line that ends in NAME.opus; "! ..." in it
make() {
  local name=$1
  shift
  # shellcheck disable=SC2068
  gst-launch-1.0 -q ${@//ENCODE/"audioconvert ! opusenc bitrate=48000 ! oggmux ! filesink location=$scratch/out"} ||
    fail "$name: GStreamer could not make it (see above)"
  mv "$scratch/out" "$out/$name.opus"
}

duck() { # NAME PROPERTIES
  make "$1" dmixducker name=d output=mix "$2" ! ENCODE \
    "$(read_file music 2)" ! volume volume=1.8 ! d.background \
    "$(read_file dialogue 1)" ! volume volume=0.7 ! d.dialogue
}
duck 1-ducking-before bypass=true
duck 1-ducking-after @preset=film

clean() { # NAME REDUCTION
  make "$1" audiomixer name=m ! audioconvert ! dmixdenoise reduction="$2" ! ENCODE \
    "$(read_file dialogue 1)" ! queue ! m. \
    audiotestsrc wave=pink-noise volume=0.1 num-buffers=800 ! audio/x-raw,rate=48000 ! queue ! m.
}
clean 2-noise-before 0
clean 2-noise-after 18

space() { # NAME PROPERTIES
  make "$1" dmixpanmix name=m "$2" \
    sink_0::azimuth=0 sink_0::distance=2 \
    sink_1::azimuth=180 sink_1::width=120 sink_1::spread=60 sink_1::gain=-3 ! ENCODE \
    "$(read_file dialogue 1)" ! m.sink_0 \
    "$(read_file music 2)" ! m.sink_1
}
space 3-headphones-before layout=mono
(space 3-headphones-after output=binaural) ||
  echo "(without sound for headphones: is libmysofa there?)" >&2
echo "written to $out: $(cd "$out" && echo ?-*.opus) (3 is for headphones)"
