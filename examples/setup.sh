# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Sourced by quickstart.sh, remix-video.sh and tests/run.sh: installs Debian
# packages that are missing and builds the plugin.
#   need PACKAGE...     install what is missing (as root or through sudo)
#   build_dmix [DIR [OPTION...]]   build into DIR (default: build beside this
#                       folder) with these options of meson
# shellcheck shell=bash

DMIX_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DMIX_BUILD_PACKAGES="meson ninja-build pkg-config gcc libc6-dev
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev liborc-0.4-dev
  libmysofa-dev"

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null |
      grep -qx installed || echo "$package"
  done
}

need() {
  local missing sudo=
  command -v dpkg-query >/dev/null ||
    fail "this is no Debian system; install by hand what Debian calls: $*"
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
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
