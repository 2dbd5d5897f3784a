#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Lays out the Debian source package of the commit that is checked out.
# usage: docs/packaging/source.sh FOLDER      needs git, xz and dpkg-source (dpkg-dev)
set -eu
[ $# -eq 1 ] || { echo "usage: docs/packaging/source.sh FOLDER" >&2; exit 1; }
cd "$(dirname "$0")/../.."
mkdir -p "$1"
out=$(cd "$1" && pwd)
version=$(sed -n 's/^gst-dmix (\([^)-]*\)-.*/\1/p' docs/packaging/debian/changelog | head -1)
grep -q "version: '$version'" meson.build ||
  { echo "source.sh: meson.build and docs/packaging/debian/changelog have different versions" >&2; exit 1; }
tree=$out/gst-dmix-$version
rm -rf "$tree"
git archive --prefix="gst-dmix-$version/" HEAD | xz -0 > "$out/gst-dmix_$version.orig.tar.xz"
tar -xf "$out/gst-dmix_$version.orig.tar.xz" -C "$out"
cp -r docs/packaging/debian "$tree/debian"
(cd "$out" && dpkg-source -b "gst-dmix-$version")
