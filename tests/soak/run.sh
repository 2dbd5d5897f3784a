#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Random input for elements, for as long as you like; see soak.c.
# usage: tests/soak/run.sh [RUNS [ELEMENT...]]   default: 100 of each element
# With DMIX_BUILD a build folder of your own, such as one with sanitizers.
set -eu
cd "$(dirname "$0")/../.."
. examples/setup.sh
# shellcheck disable=SC2086
need $DMIX_BUILD_PACKAGES
build_dmix
runs=${1:-100}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- dmixducker dmixcomp dmixdenoise dmixdialogue dmixpan dmixpanmix \
  dmixlevel dmixmeter dmixadr dmixbin
export GST_REGISTRY_FORK=no
exec "$DMIX_BUILD/tests/soak/soak" --runs "$runs" "$@"
