#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""A loud moment on the dialogue does not switch ducking off.

2 s of something loud (noise, a sine, the voice itself 24 dB up, 16-bit data read as
float, which reaches 1e38) stand before 16 s of speech (Asterisk's prompts, several),
over steady noise. From 6 s after its end the mean gain of the background is within
1.5 dB of that without it, with either trigger, and within 3 dB with spectral ducking.
Running means alone leave 4 dB there, and all of it for ever where the data reach 1e38.
"""
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from sound import RATE, SOUNDS, db, decode

LOUD, FORGET, SPEECH = 2, 6, 16
TOLERANCE_DB = {"trigger=speech": 1.5, "trigger=level": 1.5, "spectral=12": 3.0}


def moments(speech, rng):
    n = LOUD * RATE
    return {"noise -6 dBFS": 0.5 * rng.standard_normal(n),
            "sine -3 dBFS": np.sin(2 * np.pi * 1000 * np.arange(n) / RATE),
            "voice +24 dB": np.clip(16 * speech[:n], -1, 1),
            "16-bit read as float": np.frombuffer((speech[:2 * n] * 32767).astype("<i2").tobytes(), "<f4")}


def gain_db(folder, dialogue, settings, background):
    """Mean gain of the background over the time in which the moment is forgotten."""
    def raw(name):
        return (f"filesrc location={folder}/{name} blocksize=1920 ! rawaudioparse use-sink-caps=false format=pcm "
                f"pcm-format=f32le sample-rate={RATE} num-channels=1 ! queue")
    dialogue.astype("<f4").tofile(f"{folder}/dialogue")
    subprocess.run(shlex.split(f"gst-launch-1.0 -q dmixducker name=d output=background {settings} ! filesink "
                               f"location={folder}/out {raw('background')} ! d.background {raw('dialogue')} "
                               f"! d.dialogue"), check=True, timeout=60)
    out = np.fromfile(f"{folder}/out", "<f4").astype(float)
    part = slice((LOUD + FORGET) * RATE, (LOUD + SPEECH) * RATE)
    return db(np.mean(out[part] ** 2)) - db(np.mean(background[part] ** 2))


def main():
    rng = np.random.default_rng(15)
    background = (0.05 * rng.standard_normal((LOUD + SPEECH) * RATE)).astype("<f4").astype(float)
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        background.astype("<f4").tofile(f"{folder}/background")
        for prompt in ("demo-moreinfo", "vm-intro", "dir-instr"):
            speech = np.resize(decode(os.path.join(SOUNDS, prompt + ".wav")), SPEECH * RATE)
            for settings, tolerance in TOLERANCE_DB.items():
                usual = gain_db(folder, np.concatenate([np.zeros(LOUD * RATE), speech]), settings, background)
                for name, moment in moments(speech, rng).items():
                    gain = gain_db(folder, np.concatenate([moment, speech]), settings, background)
                    good = abs(gain - usual) <= tolerance
                    faults += not good
                    print(f"{prompt:14} {settings:14} {name:21} {gain:6.1f} dB, without {usual:6.1f}",
                          "" if good else "FAULT")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
