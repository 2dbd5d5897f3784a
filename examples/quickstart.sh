#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Installs what is missing, builds, and mixes real recordings: see README.
# usage: examples/quickstart.sh [DIALOGUE BACKGROUND [OUTDIR]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/setup.sh"

case $# in
  0) set -- "" "" quickstart-out ;;
  2) set -- "$1" "$2" quickstart-out ;;
  3) ;;
  *) fail "usage: examples/quickstart.sh [DIALOGUE BACKGROUND [OUTDIR]]" ;;
esac
for file in "$1" "$2"; do
  [ -z "$file" ] || [ -f "$file" ] || fail "$file: there is no such file"
done

# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES gstreamer1.0-tools gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good python3
[ -n "$1" ] || need asterisk-core-sounds-en-wav asterisk-moh-opsound-wav
echo "Building ..."
build_dmix
dmix=$DMIX_BUILD/gst/tools/dmix
[ -x "$dmix" ] || fail "$DMIX_BUILD was set up without the command dmix (json-glib)"

listen=
mkdir -p "$3"
if [ -z "$1" ]; then
  listen=yes
  # A telephone exchange's announcements, spoken by Allison Smith, over its
  # music on hold: people's speech and a recorded bed that any Debian has.
  sounds=/usr/share/asterisk/sounds/en_US_f_Allison
  "$(dmix_python)" "$here/join_wav.py" "$3/dialogue.wav" 2.0 \
    $sounds/demo-congrats.wav $sounds/demo-abouttotry.wav \
    $sounds/tt-monkeys.wav $sounds/demo-thanks.wav
  "$(dmix_python)" "$here/join_wav.py" "$3/background.wav" 0 \
    /usr/share/asterisk/moh/manolo_camp-morning_coffee.wav
  set -- "$3/dialogue.wav" "$3/background.wav" "$3"
fi
echo "Before:"
"$dmix" meter --dialogue "$1" --background "$2"
echo "After:"
"$dmix" mix --dialogue "$1" --background "$2" --output "$3/mix.flac" \
  --report "$3/mix.html"
[ -z "$listen" ] || exec "$here/listen.sh" "$3"
