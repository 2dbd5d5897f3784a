# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Sourced by the scripts of this folder and tests/run.sh: installs Debian packages
# that are missing and builds the plugin.
#   need PACKAGE...     install what is missing (as root or through sudo); without
#                       dpkg: fail if something that they bring is not there
#   build_dmix [DIR [OPTION...]]   build into DIR (default: build beside this
#                       folder) with these options of meson
# shellcheck shell=bash

DMIX_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DMIX_BUILD_PACKAGES="meson ninja-build pkg-config gcc libc6-dev
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev liborc-0.4-dev
  libmysofa-dev libjson-glib-dev"

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# The Python that has GStreamer's bindings: the system's, if there is one.
dmix_python() {
  local python
  for python in /usr/bin/python3 python3; do
    "$python" -c 'import gi' 2>/dev/null && break
  done
  echo "$python"
}

python_has() { "$(dmix_python)" -c "$1" >/dev/null 2>&1; }

# has PACKAGE: is here what this Debian package brings, however it came?
has() {
  local gi="import gi; gi.require_version"
  case $1 in
    libc6-dev | gcc) command -v cc || command -v gcc || command -v clang ;;
    ninja-build) command -v ninja || command -v ninja-build ;;
    libgstreamer1.0-dev) pkg-config --exists 'gstreamer-1.0 >= 1.22' ;;
    libgstreamer-plugins-base1.0-dev) pkg-config --exists gstreamer-audio-1.0 ;;
    libjson-glib-dev) pkg-config --exists json-glib-1.0 ;;
    liborc-0.4-dev | libmysofa-dev | clang-format) true ;; # optional
    libgstreamer1.0-0 | gstreamer1.0-tools) command -v gst-launch-1.0 ;;
    gstreamer1.0-plugins-base) gst-inspect-1.0 --exists audioconvert ;;
    gstreamer1.0-plugins-good) gst-inspect-1.0 --exists wavenc ;;
    gstreamer1.0-plugins-bad) gst-inspect-1.0 --exists tsdemux ;;
    gstreamer1.0-libav) gst-inspect-1.0 --exists avdec_aac ;;
    gir1.2-gst-plugins-base-1.0) python_has "$gi('GstPbutils', '1.0')" ;;
    # gst-python adds to the bindings what reads arrays in messages
    python3-gst-1.0) python_has "$gi('Gst', '1.0'); from gi.repository import Gst
Gst.ValueArray.__module__.index('overrides')" ;;
    python3-numpy) python_has "import numpy" ;;
    asterisk-core-sounds-en-wav) [ -d /usr/share/asterisk/sounds/en_US_f_Allison ] ;;
    asterisk-moh-opsound-wav) [ -d /usr/share/asterisk/moh ] ;;
    alsa-utils) [ -d /usr/share/sounds/alsa ] ;;
    *) command -v "$1" ;; # a program of the package's name
  esac >/dev/null 2>&1
}

missing_packages() {
  local package
  for package in "$@"; do
    if command -v dpkg-query >/dev/null; then
      dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null |
        grep -qx installed || echo "$package"
    else
      has "$package" || echo "$package"
    fi
  done
}

need() {
  local missing sudo=
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  command -v dpkg-query >/dev/null ||
    fail "this is no Debian system; install what Debian calls: $missing"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "no root and no sudo; have these packages installed: $missing"
    sudo=sudo
  fi
  echo "Installing Debian packages: $missing"
  $sudo apt-get update -qq ||
    echo "(apt-get update failed; going on with the lists that are there)"
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends -o Dpkg::Use-Pty=0 $missing >/dev/null ||
    fail "apt-get could not install: $missing(is the network there?)"
}

build_dmix() {
  local build=${1:-${DMIX_BUILD:-$DMIX_SOURCE/build}} log
  [ $# -eq 0 ] || shift
  log=$(mktemp)
  if [ ! -e "$build/build.ninja" ]; then
    meson setup "$build" "$DMIX_SOURCE" "$@" \
      >"$log" 2>&1 || { cat "$log"; fail "meson setup failed (see above)"; }
  fi
  ninja -C "$build" >"$log" 2>&1 ||
    { cat "$log"; fail "the build failed (see above)"; }
  grep -A3 'warning: ' "$log" || true
  rm -f "$log"
  build=$(cd "$build" && pwd)
  export DMIX_BUILD=$build
  export GST_PLUGIN_PATH=$build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}
}
