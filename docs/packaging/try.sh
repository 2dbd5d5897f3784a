#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Builds the Debian packages in a bare root, checks them with lintian, installs them
# in another bare root, mixes recordings there, and removes them: nothing may be left.
# usage: docs/packaging/try.sh [SUITE [FOLDER]]      as root; needs debootstrap, git, dpkg-dev
# SUITE is bookworm or trixie. FOLDER (/var/tmp/dmix-packages-SUITE) keeps the bare
# root for the next time, and the packages.
set -eu
suite=${1:-bookworm} work=${2:-/var/tmp/dmix-packages-${1:-bookworm}}
cd "$(dirname "$0")"
bare=$work/bare scratch=
mkdir -p "$work"

enter() { # ROOT COMMAND
  chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive sh -euc "$2"
}

# The mirror and proxy of this machine, where it has some.
make_bare() {
  local mirror
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    awk '/^URIs:/ {print $2; exit} /^deb / {print $2; exit}')
  # shellcheck disable=SC2086
  debootstrap --variant=minbase "$suite" "$bare.new" $mirror > "$work/debootstrap.log"
  cp /etc/resolv.conf "$bare.new/etc/" 2>/dev/null || true
  cp /etc/apt/apt.conf.d/*roxy* "$bare.new/etc/apt/apt.conf.d/" 2>/dev/null || true
  printf '#!/bin/sh\nexit 101\n' > "$bare.new/usr/sbin/policy-rc.d"
  chmod +x "$bare.new/usr/sbin/policy-rc.d"
  mv "$bare.new" "$bare"
}

leave() {
  [ -n "$scratch" ] || return 0
  umount "$scratch/proc" "$scratch/dev" 2>/dev/null || true
  rm -rf "$scratch"
  scratch=
}
trap leave EXIT

fresh() { # a copy of the bare root, with proc and dev
  leave
  scratch=$(mktemp -d -p "$work")
  cp -a "$bare/." "$scratch"
  mount -t proc proc "$scratch/proc"
  mount --bind /dev "$scratch/dev"
  enter "$scratch" 'apt-get update -qq'
}

[ -d "$bare" ] || make_bare
rm -rf "$work/source" "$work/packages"
./source.sh "$work/source"

echo "--- building in $suite"
fresh
cp -r "$work/source" "$scratch/build"
enter "$scratch" 'cd /build
  apt-get install -y -qq --no-install-recommends build-essential fakeroot lintian >/dev/null
  apt-get build-dep -y -qq --no-install-recommends ./gst-dmix_*.dsc >/dev/null
  cd gst-dmix-* && dpkg-buildpackage -us -uc' > "$work/build.log" 2>&1 ||
  { tail -30 "$work/build.log"; echo "the build failed: $work/build.log"; exit 1; }
enter "$scratch" 'cd /build && lintian --allow-root --fail-on error *.changes'
mkdir "$work/packages"
cp "$scratch"/build/*.deb "$work/packages"

echo "--- installing in $suite"
fresh
enter "$scratch" 'apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends \
  asterisk-core-sounds-en-wav asterisk-moh-opsound-wav >/dev/null'
cp "$work"/packages/*.deb "$scratch/tmp"
enter "$scratch" 'apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends /tmp/*.deb >/dev/null 2>&1'
cp debian/tests/mix "$scratch/tmp/mix"
enter "$scratch" 'sh /tmp/mix'
echo "--- removing"
enter "$scratch" 'dpkg -L dmix gstreamer1.0-dmix gst-dmix-doc | sort -u > /tmp/were
  apt-get purge -y -qq -o Dpkg::Use-Pty=0 dmix gstreamer1.0-dmix gst-dmix-doc >/dev/null
  while read -r path; do [ -f "$path" ] && echo "left: $path"; done < /tmp/were > /tmp/left || true
  find / -xdev -name "*dmix*" -not -path "/proc/*" -not -path "/tmp/*" -not -path "*/.cache/*" \
    -not -path "/var/cache/*" -not -path "/var/lib/apt/*" >> /tmp/left || true
  cat /tmp/left; [ ! -s /tmp/left ]'
ls -l "$work/packages"
echo "$suite: built, checked, installed, ran, removed"
