#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# What our elements cost: CPU seconds for an hour of stereo audio at 48 kHz, net
# of the same pipeline without the element. Least of ROUNDS rounds of a long run
# less a short one, on one core.
# usage: tests/bench/run.sh [OPTION ...] [SECONDS [ROUNDS [ELEMENT ...]]]
#        defaults: 200, 3, all; an ELEMENT may be a line as "dmixcomp, limiter"
#   --peers       measures what others offer for the same job, too: ratios
#   --json        one JSON object in place of the table
#   --count       instructions under valgrind in place of time (defaults 20, 1)
#   --recordings  prompts over music in place of noise and syllables
#   --channels N  of the sounds that are not mono
set -eu
cd "$(dirname "$0")/../.."
. examples/setup.sh
more=
case " $* " in
  *" --peers "*) more="gstreamer1.0-plugins-bad lsp-plugins-ladspa ffmpeg" ;;
esac
case " $* " in
  *" --count "*) more="$more valgrind" ;;
esac
case " $* " in
  *" --recordings "*) more="$more asterisk-core-sounds-en-wav asterisk-moh-opsound-wav" ;;
esac
# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES gstreamer1.0-tools gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good gstreamer1.0-plugins-bad $more util-linux python3
build_dmix
exec taskset -c "$(($(nproc) - 1))" /usr/bin/python3 tests/bench/bench.py "$@"
