#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Runs each fit of this folder on a few recordings (--quick): they still work, the weights and constants in the code are
near the best for these, and a constant far away is worse, so that the scan does see what it changes."""
import os
import subprocess
import sys
import time

import fitlib

SCRIPTS = ("fit_matchscore.py", "fit_confidence.py", "fit_mapscore.py", "scan_warp.py", "scan_denoise.py", "scan_noisestart.py")


def main():
    if not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    # the same recordings wherever the test runs
    env = {k: v for k, v in os.environ.items() if k != "DMIX_CORPUS"}
    failed = []
    for script in SCRIPTS:
        start = time.time()
        print(f"== {script}", flush=True)
        if subprocess.run([sys.executable, str(fitlib.HERE / script), "--quick"], env=env, check=False).returncode:
            failed.append(script)
        print(f"   {time.time() - start:.1f} s", flush=True)
    print(f"{len(SCRIPTS)} fits, {len(failed)} failed: {', '.join(failed) or 'none'}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
