# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Test signals of the benchmark: raw F32, all channels alike, made in blocks of ten seconds or of recordings."""
import array
import glob
import math
import os
import random
import shlex
import subprocess

RATE, BLOCK_S = 48000, 10
PROMPTS = "/usr/share/asterisk/sounds/en_US_f_Allison"
MUSIC = "/usr/share/asterisk/moh/manolo_camp-morning_coffee.wav"
DIFFERENCE_DB = 6       # of the powers of prompts and music
PEAK_DB = -16           # of both together: pipelines.py has its limiters at -21.9 dB and its thresholds at -30 dB


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


def decode(paths, channels):
    """Recordings one after the other, each channel the same."""
    sound = array.array("f")
    for path in paths:
        command = (f"gst-launch-1.0 -q filesrc location={path} ! wavparse ! audioconvert ! audioresample ! "
                   f"audio/x-raw,format=F32LE,rate={RATE},channels=1 ! filesink location=/dev/stdout")
        sound.frombytes(subprocess.run(shlex.split(command), check=True, stdout=subprocess.PIPE).stdout)
    return array.array("f", (x for x in sound for _ in range(channels)))


def recordings(channels=2):
    """Prompts over music in place of the background, which is the finished mix of elements with one input, and the prompts
    alone in place of the dialogue (Debian's asterisk packages). Guide and take stay those of made()."""
    dialogue = decode(sorted(glob.glob(f"{PROMPTS}/demo-*.wav")), channels)
    music = decode([MUSIC], channels)
    power = [sum(x * x for x in sound) / len(sound) for sound in (dialogue, music)]
    gain = 10 ** (-DIFFERENCE_DB / 20) * math.sqrt(power[0] / power[1])
    mix = [x + gain * music[i % len(music)] for i, x in enumerate(dialogue)]
    scale = 10 ** (PEAK_DB / 20) / max(map(abs, mix))
    return {key: array.array("f", (scale * x for x in sound)).tobytes() for key, sound in (("b", mix), ("d", dialogue))}


def made(channels=2):
    """Noise and syllables, the same in every run, and a guide and its take."""
    return {"b": block("b", False, channels), "d": block("d", True, channels), "g": voice("g", 0.0, channels),
            "t": voice("g", 0.005, channels), "z": bytes(BLOCK_S * RATE * channels * 4)}


def write(folder, lengths, channels=2, recorded=False):
    """The files of background, dialogue, guide, take and silence for each length in seconds: {(key, length): path}."""
    files = {}
    for key, sound in {**made(channels), **(recordings(channels) if recorded else {})}.items():
        for length in lengths:
            files[key, length] = os.path.join(folder, f"{key}{channels}-{length}")
            size = length * RATE * channels * 4
            with open(files[key, length], "wb") as f:
                for _ in range(-(-size // len(sound))):
                    f.write(sound)
                f.truncate(size)
    return files
