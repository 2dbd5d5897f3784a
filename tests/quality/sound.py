# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Sound for the tests of quality: recordings that Debian packages bring."""
import shlex
import subprocess
import tempfile

import numpy as np

RATE = 48000
SOUNDS = "/usr/share/asterisk/sounds/en_US_f_Allison"
MUSIC = "/usr/share/asterisk/moh"


def decode(path, seconds=None):
    """Any file as 48 kHz mono, or its first seconds."""
    with tempfile.NamedTemporaryFile() as f:
        subprocess.run(shlex.split(f"gst-launch-1.0 -q filesrc location=\"{path}\" ! decodebin ! audioconvert "
                                   f"! audioresample quality=8 ! audio/x-raw,format=F32LE,rate={RATE},channels=1 "
                                   f"! filesink location={f.name}"), check=True)
        x = np.fromfile(f.name, "<f4").astype(float)
        return x if seconds is None else x[:seconds * RATE]


def db(power):
    return 10 * np.log10(np.maximum(power, 1e-14))
