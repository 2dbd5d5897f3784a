#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Puts a new take of a dialogue where the old one was, and reports every line.
# usage: examples/adr.sh GUIDE TAKE OUT [PROPERTY=VALUE ...]
#   GUIDE, TAKE: any files with sound; OUT: .wav or .flac
#   PROPERTY=VALUE: of dmixadr, such as room-tone=gaps on-mismatch=error
# Exit status: 0; 1 if it could not be done; 2 if a line does not match.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/setup.sh"

[ $# -ge 3 ] || fail "usage: examples/adr.sh GUIDE TAKE OUT [PROPERTY=VALUE ...]"
guide=$1 take=$2 out=$3
shift 3
for file in "$guide" "$take"; do
  [ -f "$file" ] || fail "$file: there is no such file"
  [ "$(realpath -m "$file")" != "$(realpath -m "$out")" ] ||
    fail "$out is one of the inputs: name another file to write"
done
[ -d "$(dirname "$out")" ] || fail "$(dirname "$out"): there is no such folder"
case $out in
  *.wav | *.flac) ;;
  *) fail "$out: only .wav and .flac can be written" ;;
esac

# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
  gir1.2-gst-plugins-base-1.0 python3-gst-1.0
build_dmix
exec "$(dmix_python)" "$here/adr.py" "$guide" "$take" "$out" "$@"
