#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""A loud moment on the dialogue does not switch ducking off.

2 s of something loud (noise, a sine, coughs, claps, the voice itself 24 dB up, 16-bit
data read as float, which reaches 1e38) stand before 12 s of speech (Asterisk's prompts, several
voices), or after 6 s of it, over steady noise. From 3 s after its end the mean gain of
the background is within 1.5 dB of that without it, with either trigger and with
spectral ducking, and within 2.5 dB with the goals glimpse and sii, which keep 12 s in
memory. Running means alone leave 4 dB there, and all of it for ever where the data reach
1e38.
"""
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from sound import RATE, SOUNDS, db, decode
from test_duck_quality import level_to

BEFORE, LOUD, FORGET, SPEECH = 6, 2, 3, 12
TOLERANCE_DB = {"trigger=speech": 1.5, "trigger=level": 1.5, "spectral=12": 1.5, "goal=glimpse range=30": 2.5,
                "goal=sii intelligibility=0.5 range=30": 2.5}
PROMPTS = ("en_US_f_Allison/vm-intro", "it_IT_m_Carlo/vm-intro", "ru_RU_f_IvrvoiceRU/vm-intro",
           "fr_CA_f_June/vm-intro", "en_US_f_Allison/demo-moreinfo")


def claps(count, decay_s, rng):
    """Bursts of noise, equally spaced, each with an exponential decay."""
    each = LOUD * RATE // count
    clap = np.exp(-np.arange(each * 2 // 3) / RATE / decay_s)
    return np.concatenate([np.concatenate([np.zeros(each - len(clap)), clap * rng.standard_normal(len(clap))])
                           for _ in range(count)]).clip(-1, 1)


def moments(speech, rng):
    n = LOUD * RATE
    return {"noise -6 dBFS": 0.5 * rng.standard_normal(n),
            "sine -3 dBFS": np.sin(2 * np.pi * 1000 * np.arange(n) / RATE),
            "coughs": 0.6 * rng.standard_normal(n) * np.clip(np.sin(2 * np.pi * 2.5 * np.arange(n) / RATE), 0, 1),
            "voice +24 dB": np.clip(16 * speech[:n], -1, 1),
            "4 claps": claps(4, 0.03, rng), "4 claps in a hall": claps(4, 0.08, rng),
            "8 claps": claps(8, 0.02, rng),
            "16-bit read as float": np.frombuffer((speech[:2 * n] * 32767).astype("<i2").tobytes(), "<f4")}


def gain_db(folder, dialogue, settings, background, start):
    """Mean gain of the background over the time in which the moment is forgotten."""
    def raw(name):
        return (f"filesrc location={folder}/{name} blocksize=1920 ! rawaudioparse use-sink-caps=false format=pcm "
                f"pcm-format=f32le sample-rate={RATE} num-channels=1 ! queue")
    background = background[:len(dialogue)]
    dialogue.astype("<f4").tofile(f"{folder}/dialogue")
    background.astype("<f4").tofile(f"{folder}/background")
    subprocess.run(shlex.split(f"gst-launch-1.0 -q dmixducker name=d output=background {settings} ! filesink "
                               f"location={folder}/out {raw('background')} ! d.background {raw('dialogue')} "
                               f"! d.dialogue"), check=True, timeout=60)
    out = np.fromfile(f"{folder}/out", "<f4").astype(float)
    part = slice((start + LOUD + FORGET) * RATE, None)
    return db(np.mean(out[part] ** 2)) - db(np.mean(background[part] ** 2))


def main():
    rng = np.random.default_rng(15)
    background = (0.05 * rng.standard_normal((BEFORE + LOUD + SPEECH) * RATE)).astype("<f4").astype(float)
    faults = count = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, prompt in enumerate(PROMPTS):
            path = os.path.join(os.path.dirname(SOUNDS), prompt + ".wav")
            if not os.path.exists(path):
                print(f"skipped: {prompt} (its package is not installed)")
                continue
            speech = level_to(np.resize(decode(path), SPEECH * RATE), -24)
            for j, (settings, tolerance) in enumerate(TOLERANCE_DB.items()):
                start = BEFORE * ((i + j) % 2)
                head = speech[:start * RATE]
                usual = gain_db(folder, np.concatenate([head, np.zeros(LOUD * RATE), speech]), settings, background,
                                start)
                for name, moment in moments(speech, rng).items():
                    gain = gain_db(folder, np.concatenate([head, moment, speech]), settings, background, start)
                    good = abs(gain - usual) <= tolerance
                    faults += not good
                    count += 1
                    print(f"{prompt:28} {settings:38} {name:21} {gain:6.1f} dB, without {usual:6.1f}",
                          "" if good else "FAULT", flush=True)
    sys.exit(77 if count == 0 else faults > 0)


if __name__ == "__main__":
    main()
