#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Speed of the command dmix on 3 minutes of film: user time on one core, best of 5,
# of README's three jobs, and of a remix with denoise and FLAC, with and without its
# decoder and encoder. The bounds: the whole 60 x real time, processing alone 150 x.
# usage: tests/bench/tool.sh [BUILD_DIR]      needs ffmpeg, taskset, Debian's recordings
set -eu
cd "$(dirname "$0")/../.."
. examples/setup.sh
DMIX_BUILD=$(realpath "${1:-build}")
build_dmix
dmix=$DMIX_BUILD/gst/tools/dmix
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

prompts=/usr/share/asterisk/sounds/en_US_f_Allison
"$(dmix_python)" examples/join_wav.py "$scratch/narration.wav" 1 $prompts/demo-congrats.wav
# each channel with music of its own and traffic-like noise
music=/usr/share/asterisk/moh/manolo_camp-morning_coffee.wav
ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=640x360:rate=25:duration=180 \
  -stream_loop -1 -i $music -f lavfi -i anoisesrc=c=pink:a=0.05:r=48000:d=180 -filter_complex \
  "[1]aresample=48000,volume=0.5[m];[m][2]join=inputs=2:channel_layout=stereo[a]" \
  -map 0 -map "[a]" -t 180 -c:v libx264 -preset ultrafast -c:a flac "$scratch/film.mkv"
ffmpeg -nostdin -v error -i "$scratch/film.mkv" -c:v copy -c:a aac "$scratch/film.mp4"

# user COMMAND...: best user time of five, in seconds
user() {
  local TIMEFORMAT=%U
  for _ in 1 2 3 4 5; do
    { time taskset -c 0 "$@" >/dev/null 2>"$scratch/said"; } 2>&1 || { cat "$scratch/said" >&2; exit 1; }
  done | sort -n | head -1
}
# show TEXT SECONDS
show() {
  awk -v text="$1" -v took="$2" 'BEGIN { printf "%-58s %5.2f s  %4.0f x real time\n", text, took, 180 / took }'
}

cd "$scratch"
film="$(user "$dmix" remix film.mp4 --dialogue narration.wav@0:42 --loudness -23 -o delivery.mp4)"
show "remix film.mp4 --loudness -23 (two passes, AAC)" "$film"
show "mix --loudness -16 -o podcast.m4a (two passes, AAC)" \
  "$(user "$dmix" mix --dialogue narration.wav --music film.mkv --loudness -16 -o podcast.m4a)"
show "dialogue film.mkv --boost 6 (FLAC)" "$(user "$dmix" dialogue film.mkv --boost 6 -o clear.mkv)"
whole=$(user "$dmix" remix film.mkv --dialogue narration.wav@0:42 --set film::denoise=6 -o out.mkv)
show "remix film.mkv --set film::denoise=6 (FLAC)" "$whole"
codecs=$(user gst-launch-1.0 -q filesrc location=film.mkv ! matroskademux ! flacparse ! flacdec ! audioconvert ! flacenc ! fakesink)
show "  its decoder and encoder alone" "$codecs"
alone=$(awk -v a="$whole" -v b="$codecs" 'BEGIN { print a - b }')
show "  processing alone" "$alone"
awk -v a="$whole" -v b="$alone" 'BEGIN { exit !(180 / a >= 60 && 180 / b >= 150) }' ||
  { echo "slower than 60 x or 150 x real time"; exit 1; }
