#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The two speech detectors on recordings from Debian packages: Asterisk's prompts
with pauses, alone, over pink noise and over its music on hold.

usage: test_detector_quality.py SPEECH_RUN

Decisions have a hold of 200 ms. Speech is where the clean recording is within 32 dB
of its loudest, gaps under 200 ms included; the 250 ms after it count neither way.
found, kept: speech found, pauses kept, %; delay: median of the first decision after
an onset, ms. Asserted: the mean of found and kept, the delay of the learned one, and
that it is better by 30 points in noise as loud as the speech.
"""
import pathlib
import subprocess
import sys
import tempfile
import wave

import numpy as np

from sound import MUSIC, RATE, SOUNDS, db, decode

HOP = RATE // 100
PROMPTS = ("demo-abouttotry", "vm-intro", "demo-thanks", "demo-moreinfo", "demo-echotest")
# scene: least mean of found and kept of the statistical detector and of the learned one, %; longest delay of that, ms
# (in music a short delay says little: a detector that fires on the music was there before the voice)
LEAST = {"alone": (95, 96, 50), "noise 10 dB": (85, 95, 50), "noise 0 dB": (40, 93, 80), "music 10 dB": (50, 80, 100),
         "music 0 dB": (50, 80, 150)}
BETTER = "noise 0 dB", 30


def runs(mask):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return list(zip(edges[::2], edges[1::2]))


def label(x):
    """Speech of a clean recording, for each 10 ms."""
    level = db(np.mean(x[:len(x) // HOP * HOP].reshape(-1, HOP) ** 2, 1) + 1e-12)
    speech = level > np.percentile(level, 95) - 32
    for first, end in runs(~speech):
        speech[first:end] |= end - first < 20
    for first, end in runs(speech):
        speech[first:end] &= end - first >= 6
    return speech


def dialogue():
    """Prompts with pauses of 1.5 s, and where there is speech."""
    sound, speech = [], []
    for name in PROMPTS:
        x = decode(f"{SOUNDS}/{name}.wav")
        x = x[:len(x) // HOP * HOP]
        sound += [np.zeros(150 * HOP), 0.1 * x / np.sqrt(np.mean(x ** 2))]
        speech += [np.zeros(150, bool), label(x)]
    return np.concatenate(sound), np.concatenate(speech)


def pink(count):
    rng = np.random.default_rng(16)
    spectrum = np.fft.rfft(rng.standard_normal(count)) / np.sqrt(np.maximum(np.arange(count // 2 + 1), 20))
    return np.fft.irfft(spectrum, count)


def scenes(x, speech):
    music = np.resize(decode(f"{MUSIC}/macroform-the_simplicity.wav", 60), len(x))
    loud = np.repeat(speech, HOP)
    yield "alone", x + 1e-5 * np.random.default_rng(1).standard_normal(len(x))
    for name, bed in ("noise", pink(len(x))), ("music", music):
        for ratio in (10, 0):
            yield f"{name} {ratio} dB", x + bed * np.sqrt(np.mean(x[loud] ** 2) / np.mean(bed ** 2)) * 10 ** (-ratio / 20)


def decisions(program, option, x):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "key.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(np.clip(x * 32768, -32768, 32767).astype("<i2").tobytes())
        text = subprocess.run([program, *option, path], capture_output=True, text=True, check=True).stdout
    return np.array(text.split(), int) > 0


def score(fired, speech):
    held = np.convolve(fired, np.ones(20))[:len(fired)] > 0
    pause = ~speech
    delay = []
    for first, end in runs(speech):
        pause[end:end + 25] = False
        if not speech[max(0, first - 30):first].any():
            at = np.flatnonzero(held[first:end])
            delay.append(10 * (at[0] + 1 if len(at) else end - first))
    return 100 * held[speech].mean(), 100 - 100 * held[pause].mean(), np.median(delay)


def main():
    if not pathlib.Path(SOUNDS).is_dir() or not pathlib.Path(MUSIC).is_dir():
        print("skipped: recordings of Debian's asterisk packages (not installed)")
        return 77
    x, speech = dialogue()
    failed = 0
    print(f"{'':14s}{'':13s}found   kept   mean  delay")
    for name, sound in scenes(x, speech):
        means = []
        for option, least in zip(((), ("-l",)), LEAST[name][:2]):
            found, kept, delay = score(decisions(sys.argv[1], option, sound)[:len(speech)], speech)
            means.append((found + kept) / 2)
            good = means[-1] >= least and (not option or delay <= LEAST[name][2])
            failed += not good
            print(f"{name:14s}{'learned' if option else 'statistical':12s}{found:6.1f} {kept:6.1f} {means[-1]:6.1f} "
                  f"{delay:6.0f}{'' if good else '  FAILED'}")
        if name == BETTER[0] and means[1] < means[0] + BETTER[1]:
            print(f"{name}: the learned detector is not {BETTER[1]} points better")
            failed += 1
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
