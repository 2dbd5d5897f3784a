#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Replaces the sound of a video by a mix of its own sound, ducked, and a
# dialogue. The video stream, subtitles and chapters are copied as they are.
# usage: examples/remix-video.sh VIDEO DIALOGUE OUT [PROPERTY=VALUE ...]
#   OUT: .mp4 .m4v .mov (AAC), .mkv (FLAC) or .webm (Opus)
#   PROPERTY=VALUE: of dmixducker, such as target=10
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/setup.sh"

[ $# -ge 3 ] ||
  fail "usage: examples/remix-video.sh VIDEO DIALOGUE OUT [PROPERTY=VALUE ...]"
video=$1 dialogue=$2 out=$3
shift 3
for file in "$video" "$dialogue"; do
  [ -f "$file" ] || fail "$file: there is no such file"
  [ "$(realpath -m "$file")" != "$(realpath -m "$out")" ] ||
    fail "$out is one of the inputs: name another file to write"
done
[ -d "$(dirname "$out")" ] || fail "$(dirname "$out"): there is no such folder"
case $out in
  *.mp4 | *.m4v | *.mov) codec=(aac -b:a 256k) ;;
  *.mkv) codec=(flac) ;;        # no encoder delay: timestamps can stay
  *.webm) codec=(libopus -b:a 192k) ;;
  *) fail "$out: no container is known by this ending (mp4 m4v mov mkv webm)" ;;
esac

# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good gstreamer1.0-libav
build_dmix

streams() { # TYPE FILE
  ffprobe -v error -select_streams "$1" -show_entries stream=index -of csv=p=0 \
    "$2" 2>/dev/null | head -1
}
[ -n "$(streams v "$video")" ] || fail "$video: there is no video in it"
[ -n "$(streams a "$video")" ] || fail "$video: there is no sound in it to duck"
[ -n "$(streams a "$dialogue")" ] || fail "$dialogue: there is no sound in it"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ff() { ffmpeg -nostdin -v error -y "$@" || fail "ffmpeg could not go on (see above)"; }

# The video's sound, laid out from time 0 on, whatever it starts with
# (first_pts), so that a place in the file is a place in time.
echo "Decoding ..."
ff -copyts -i "$video" -map 0:a:0 -af aresample=async=1:first_pts=0 \
  -c:a pcm_f32le -f wav -rf64 auto "$scratch/background.wav"
ff -i "$dialogue" -map 0:a:0 -c:a pcm_f32le -f wav -rf64 auto \
  "$scratch/dialogue.wav"
echo "Mixing ..."
branch() {
  echo "filesrc location=$scratch/$1.wav ! wavparse ! audioconvert" \
    "! audioresample ! d.$1"
}
# shellcheck disable=SC2046
gst-launch-1.0 -q dmixducker name=d "$@" ! audioconvert ! wavenc \
  ! filesink location="$scratch/mix.wav" $(branch background) \
  $(branch dialogue) || fail "GStreamer could not mix (see above)"
echo "Writing $out ..."
# -copyts keeps every presentation time; -c copy every packet of the video
ff -copyts -i "$video" -i "$scratch/mix.wav" -map 0:v -map 1:a -map '0:s?' \
  -map '0:t?' -map_metadata 0 -map_chapters 0 -c copy -c:a "${codec[@]}" \
  "$out"
