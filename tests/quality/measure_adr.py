#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Measures where dmixadr puts the takes of a folder of recordings, how often it refuses a right take and accepts a wrong
one, and whether its confidence means what it says; prints the tables of docs/elements/dmixadr.md. Asserts nothing.

measure_adr.py [FOLDER] [--ambience FOLDER] [--most N] [--seconds S]

FOLDER: one voice and text a file (WAV or FLAC), by default the folder speech/ of DMIX_CORPUS, else Debian's prompts
(asterisk-core-sounds-en-wav). --ambience: recordings for the noise (default: the folder ambience/ of DMIX_CORPUS, else
pink noise whose level wanders). --most: recordings (12); --seconds: of each (12).

The take is the recording in pieces at 0.85 to 1.18 times the speed (test_adr_quality.py), with another microphone; the
guide has noise 25 dB (easy) and 5 dB (noisy) below the speech, a room of 0.45 s (reverberant), or noise 15 to 0 dB
below. A wrong take is that of the next recordings. Speed by resampling moves the pitch, as another voice would."""
import argparse
import glob
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import adr_run
import test_adr_quality as quality

BINS = (0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 1.000001)
MAP_BINS = (0, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 1.000001)
RATE = 48000


def decoded(path, folder, seconds):
    out = os.path.join(folder, "decoded.wav")
    subprocess.run(["gst-launch-1.0", "-q", "filesrc", f"location={path}", "!", "decodebin", "!", "audioconvert", "!",
                    "audioresample", "!", f"audio/x-raw,format=S16LE,rate={RATE},channels=1", "!", "wavenc", "!",
                    "filesink", f"location={out}"], check=True)
    return quality.read(out)[0][:int(seconds * RATE)]


def audio_in(folder):
    return sorted(glob.glob(f"{folder}/*.wav") + glob.glob(f"{folder}/*.flac"))


def speech_rms(x):
    e = quality.level(x, RATE)
    return np.sqrt(np.mean(10 ** (e[e > e.max() - 30] / 10)))


class Noise:
    def __init__(self, paths, folder):
        self.sound = [decoded(path, folder, 60) for path in paths]

    def get(self, frames, rng):
        if self.sound:
            x = np.resize(self.sound[rng.integers(len(self.sound))], 2 * frames)
            x = x[rng.integers(frames):][:frames]
        else:
            spectrum = np.fft.rfft(rng.standard_normal(frames))
            x = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 20.0), frames)
            marks = np.arange(0, frames + RATE, RATE)
            x = x * 10 ** (np.interp(np.arange(frames), marks, rng.uniform(-6, 6, len(marks))) / 20)
        return x / np.sqrt(np.mean(x ** 2) + 1e-12)


def reverberated(x, rng, seconds=0.45):
    n = int(1.2 * seconds * RATE)
    tail = rng.standard_normal(n) * 10 ** (-3 * np.arange(n) / (seconds * RATE))
    tail[:RATE * 3 // 1000] = 0
    tail *= 0.7 / np.sqrt(np.sum(tail ** 2))
    size = len(x) + n
    return x + np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[:len(x)]


def guides(x, noise, rng):
    """(family, guide)"""
    voice = quality.coloured(x, RATE)
    loud = speech_rms(voice)
    for family, snr, room in (("easy", 25, False), ("noisy", 5, False), ("reverberant", 25, True), ("15 dB", 15, False),
                              ("10 dB", 10, False), ("5 dB", 5, True), ("0 dB", 0, False)):
        said = reverberated(voice, rng) if room else voice
        yield family, said + noise.get(len(x), rng) * loud * 10 ** (-snr / 20)


def replace(folder, guide, take):
    paths = [os.path.join(folder, name) for name in ("guide.wav", "take.wav", "out.wav")]
    quality.write(paths[0], 0.5 * guide / np.abs(guide).max(), RATE)
    quality.write(paths[1], 0.5 * take / np.abs(take).max(), RATE)
    lines, _ = adr_run.run(*paths, ["post-map=true", "analyse-only=true"])
    return lines, np.concatenate([np.asarray(line["map"]) for line in lines])


def accepted(lines):
    said = [line for line in lines if line["speech"]]
    return bool(said) and all(line["matched"] for line in said)


class Tables:
    def __init__(self):
        self.error, self.refused, self.wrong = {}, {}, {}
        self.confidence, self.certainty = [], []     # (value, right)

    def add_right(self, family, lines, points, x, t, a):
        e = quality.level(x, RATE)
        rows = np.flatnonzero(e > e.max() - 35)
        rows = rows[rows < len(points)]
        error = 1000 * np.abs(points[rows] - np.interp(rows / 200, t, a))
        self.error.setdefault(family, []).append((np.median(error), np.percentile(error, 95), 100 * np.mean(error > 45)))
        self.refused.setdefault(family, []).append(not accepted(lines))
        for line in lines:
            if not line["speech"]:
                continue
            self.confidence.append((line["confidence"], 1))
            worst = (rows >= line["worst-start"] / 5e6) & (rows < line["worst-stop"] / 5e6)
            if line["matched"] and worst.any():
                self.certainty.append((line["map-confidence"], np.median(error[worst]) <= 45))

    def add_wrong(self, family, lines):
        self.wrong.setdefault(family, []).append(accepted(lines))
        self.confidence += [(line["confidence"], 0) for line in lines if line["speech"]]

    def write(self):
        print("\n| guide | median | 95 % below | over 45 ms | right takes refused | wrong takes accepted |")
        print("| --- | --- | --- | --- | --- | --- |")
        for family, rows in self.error.items():
            m, p, o = np.mean(rows, 0)
            refused, wrong = self.refused[family], self.wrong.get(family, [])
            print(f"| {family} | {m:.1f} ms | {p:.1f} ms | {o:.1f} % | {sum(refused)} of {len(refused)} | "
                  f"{sum(wrong)} of {len(wrong)} |")
        reliability("lines", self.confidence, BINS, even=True)
        reliability("lines, their least certain stretch", self.certainty, MAP_BINS, even=False)


def reliability(title, values, bins, even):
    """even: right and wrong count the same in all, as for a take that is right with even odds."""
    value, right = (np.array(column, float) for column in zip(*values))
    weight = np.ones(len(value))
    if even and 0 < right.sum() < len(right):
        weight = np.where(right > 0, 0.5 / right.sum(), 0.5 / (1 - right).sum())
    print(f"\n| confidence | {title} | mean confidence | right |\n| --- | --- | --- | --- |")
    for low, high in zip(bins, bins[1:]):
        here = (value >= low) & (value < high)
        if here.any():
            print(f"| {low:g} to {min(high, 1):g} | {here.sum()} | {np.average(value[here], weights=weight[here]):.2f} | "
                  f"{np.average(right[here], weights=weight[here]):.2f} |")


def inputs(args, folder):
    corpus = os.environ.get("DMIX_CORPUS")
    paths = audio_in(args.folder or (corpus + "/speech" if corpus else quality.PROMPTS))
    if not args.folder and not corpus:
        print("DMIX_CORPUS is not set: Debian's prompts (8 kHz, one voice)")
        paths = [path for path in paths if pathlib.Path(path).stem in quality.NAMES]
    ambience = audio_in(args.ambience or (corpus + "/ambience" if corpus else "/nonexistent"))
    return [decoded(path, folder, args.seconds) for path in paths[:args.most]], Noise(ambience[:20], folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--ambience")
    parser.add_argument("--most", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=12)
    args = parser.parse_args()
    adr_run.Gst.init(None)
    tables = Tables()
    with tempfile.TemporaryDirectory() as folder:
        voices, noise = inputs(args, folder)
        if len(voices) < 2:
            print("skipped: wants two recordings at least (DMIX_CORPUS, a folder, or asterisk-core-sounds-en-wav)")
            sys.exit(77)
        pad = np.zeros(int(0.7 * RATE))
        voices = [np.concatenate([pad, x / (speech_rms(x) + 1e-9) * 0.05, pad]) for x in voices]
        takes = [quality.other_timing(x, RATE, np.random.default_rng(k)) for k, x in enumerate(voices)]
        for k, x in enumerate(voices):
            for family, guide in guides(x, noise, np.random.default_rng(100 + k)):
                take, t, a = takes[k]
                tables.add_right(family, *replace(folder, guide, take), x, t, a)
                tables.add_wrong(family, replace(folder, guide, takes[(k + 1) % len(voices)][0])[0])
    tables.write()


if __name__ == "__main__":
    main()
