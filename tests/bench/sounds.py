# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Test signals of the benchmark: raw F32, all channels alike, in blocks of ten seconds."""
import array
import math
import os
import random

RATE, BLOCK_S = 48000, 10


def block(seed, speech, channels=2):
    """Ten seconds of noise; speech comes in syllables and has a pause."""
    rand = random.Random(seed)
    samples = array.array("f")
    for i in range(BLOCK_S * RATE):
        t = i / RATE
        level = 0.1 if not speech else 0.3 * max(0.0, math.sin(4 * math.pi * t)) if t % 5 < 3.5 else 0.0
        samples.extend((level * (rand.random() * 2 - 1),) * channels)
    return samples.tobytes()


def voice(seed, less, channels=2):
    """Ten seconds of syllables, each of two resonances and `less` seconds shorter at its end; some are pauses."""
    rand = random.Random(seed)
    samples, at = array.array("f"), 0
    while at < BLOCK_S * RATE:
        length = min(int(RATE * rand.uniform(0.12, 0.3)), BLOCK_S * RATE - at)
        pause, tones = rand.random() < 0.15, [rand.uniform(300, 900), rand.uniform(900, 3500)]
        states = [(2 * 0.99 * math.cos(2 * math.pi * hz / RATE), [0.0, 0.0]) for hz in tones]
        for i in range(length):
            value, fade = float(i % (RATE // 120) == 0 and not pause), math.sin(math.pi * i / length)
            if i >= length - int(less * RATE):
                break
            value = sum(resonate(value, *state) for state in states) * 0.05 * fade
            samples.extend((value,) * channels)
        at += length
    return samples.tobytes()


def resonate(value, coefficient, last):
    last[:] = value + coefficient * last[0] - 0.99 ** 2 * last[1], last[0]
    return last[0]


def write(folder, lengths, channels=2):
    """The files of background, dialogue, guide and take for each length in seconds: {(key, length): path}."""
    files = {}
    for key, ten in (("b", block("b", False, channels)), ("d", block("d", True, channels)),
                     ("g", voice("g", 0.0, channels)), ("t", voice("g", 0.005, channels)),
                     ("z", bytes(BLOCK_S * RATE * channels * 4))):
        for length in lengths:
            files[key, length] = os.path.join(folder, f"{key}{channels}-{length}")
            with open(files[key, length], "wb") as f:
                for _ in range(-(-length // BLOCK_S)):
                    f.write(ten)
                f.truncate(length * RATE * channels * 4)
    return files
