#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Measures what the trained network does to sounds that it seldom learned from. Asserts nothing; play it again with other
weights.

measure_learned.py kinds DATA    PESQ of dmixdenoise for eight languages, whispers, shouts, children and singing, in noise
measure_learned.py first DATA    level of the first 100 ms of each phrase against the rest of it, in dB
measure_learned.py music DATA    music alone: what dmixmeter and dmixducker take for speech, alone and after speech, in %;
                                 what dmixdenoise reduction=12 does to it, in dB
Options: --estimator learned     of dmixdenoise; --reduction 18; --clips 6

DATA: speech, noise and music as .npy (int16, 48 kHz mono, one recording after the other) and .csv with the columns a, b
(first sample and end), source, language, class, split (train, val), licence. Languages are words of a game's courses
(source gcompris); in the packed set Bulgarian, Czech and Greek are for validation, and the others the network has learned
from. All else is of the part for validation. Whispers, shouts and singing are made by the WORLD vocoder of sentences:
no pitch; pitch x 1.6 with a flat spectrum; pitch in steps of a scale, with vibrato, at half speed. Children: sentences
played 1.3 times as fast. So they stand in for recordings of such voices and are none.
Wants numpy, scipy, pesq, pyworld; DMIX_BUILD and GST_PLUGIN_PATH.
"""
import argparse
import csv
import pathlib
import subprocess
import tempfile

import numpy as np
from scipy.signal import lfilter, resample_poly

RATE = 48000
LANGUAGES = ("bg", "cs", "el", "ca", "de", "es", "fr", "hu", "th", "zh_TW")
NOISES = ("traffic", "water", "wind", "machines")


class Recordings:
    def __init__(self, folder, kind):
        with open(folder / f"{kind}.csv", newline="") as f:
            self.rows = list(csv.DictReader(f))
        self.sound = np.load(folder / f"{kind}.npy", mmap_mode="r")

    def get(self, row):
        return np.asarray(self.sound[int(row["a"]):int(row["b"])], float) / 32768

    def where(self, **wanted):
        return [r for r in self.rows if all(r[k] == v for k, v in wanted.items())]


def rms(x):
    return np.sqrt(np.mean(x ** 2) + 1e-12)


def speaking(x):
    """Its RMS where it is within 30 dB of the loudest 20 ms."""
    e = np.array([rms(p) for p in x[:len(x) // 960 * 960].reshape(-1, 960)])
    return rms(e[e > e.max() * 10 ** (-30 / 20)])


def chain(recordings, rows, rng, seconds=12.0):
    """Recordings with pauses of 0.4 s between; its begins and ends of phrases."""
    parts, phrases, at = [np.zeros(RATE)], [], RATE
    while at < seconds * RATE:
        x = recordings.get(rows[rng.integers(len(rows))])[:6 * RATE]
        x = 0.05 * x / speaking(x)
        phrases.append((at, at + len(x)))
        parts += [x, np.zeros(int(0.4 * RATE))]
        at += len(parts[-2]) + len(parts[-1])
    return np.concatenate(parts), phrases


# *** voices that are made ***

def vocoded(x, change):
    import pyworld
    y = resample_poly(x, 1, 2)
    pitch, times = pyworld.harvest(y, RATE // 2)
    envelope = pyworld.cheaptrick(y, pitch, times, RATE // 2)
    noise = pyworld.d4c(y, pitch, times, RATE // 2)
    return resample_poly(pyworld.synthesize(*change(pitch, envelope, noise), RATE // 2), 2, 1)


def whisper(pitch, envelope, noise):
    tilt = (np.arange(envelope.shape[1]) / envelope.shape[1] * 12 + .05)[None]
    return 0 * pitch, envelope * np.minimum(tilt, 1), np.ones_like(noise)


def shout(pitch, envelope, noise):
    hz = np.arange(envelope.shape[1]) * RATE / 4 / (envelope.shape[1] - 1)
    return 1.6 * pitch, envelope * np.maximum(hz / 500, 1)[None] ** 1.2, noise ** 2


def sing(pitch, envelope, noise):
    twice = np.repeat(np.arange(len(pitch)), 2)
    notes = np.where(pitch > 0, 110 * 2 ** (np.round(12 * np.log2(np.maximum(pitch, 60) / 110) / 2) / 6), 0)[twice]
    vibrato = 2 ** (0.4 / 12 * np.sin(2 * np.pi * 5.5 * 0.005 * np.arange(len(notes))))
    return notes * vibrato, np.ascontiguousarray(envelope[twice]), np.ascontiguousarray(noise[twice])


# *** elements ***

def play(x, element):
    """Mono through an element."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = pathlib.Path(folder) / "in", pathlib.Path(folder) / "out"
        np.asarray(x, "<f4").tofile(before)
        subprocess.run(f"gst-launch-1.0 -q filesrc location={before} blocksize=65536 ! rawaudioparse pcm-format=f32le "
                       f"sample-rate={RATE} num-channels=1 ! {element} ! filesink location={after}".split(), check=True)
        return np.fromfile(after, "<f4").astype(float)


def decisions(x, option):
    """speech_run: a number for each 10 ms."""
    import wave
    import os
    program = pathlib.Path(os.environ["DMIX_BUILD"]) / "tests/quality/speech_run"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.wav"
        with wave.open(str(path), "wb") as f:
            f.setparams((1, 2, RATE, 0, "NONE", ""))
            f.writeframes(np.clip(x * 32768, -32768, 32767).astype("<i2").tobytes())
        return np.array(subprocess.run([program, option, path], capture_output=True, text=True, check=True).stdout.split(), float)


def denoise(o):
    return f"dmixdenoise estimator={o.estimator} reduction={o.reduction} post-messages=false"


# *** commands ***

def noises(data, rng):
    n = Recordings(data, "noise")
    for kind in NOISES:
        rows = [r for r in n.where(split="val") if r["class"] == kind and int(r["b"]) - int(r["a"]) > 3 * RATE]
        if rows:
            yield kind, n.get(rows[rng.integers(len(rows))])


def scores(x, o, beds):
    """Means of PESQ (wide band) before and after, at 5 and 10 dB over each noise."""
    from pesq import pesq
    before, after, clean = [], [], resample_poly(x, 1, 3)
    for _, bed in beds:
        for level in (5, 10):
            y = x + np.resize(bed, len(x)) * speaking(x) / rms(bed) * 10 ** (-level / 20)
            before.append(pesq(16000, clean, resample_poly(y, 1, 3), "wb"))
            after.append(pesq(16000, clean, resample_poly(play(y, denoise(o)), 1, 3), "wb"))
    return np.mean(before), np.mean(after)


def kinds(o):
    s, rng = Recordings(o.data, "speech"), np.random.default_rng(16)
    beds, sentences = list(noises(o.data, rng)), s.where(source="librispeech", split="val")
    made = {"sentences": lambda x: x, "whispered": lambda x: vocoded(x, whisper), "shouted": lambda x: vocoded(x, shout),
            "children": lambda x: resample_poly(x, 10, 13), "sung": lambda x: vocoded(x, sing)}
    table = []
    for name in [*made, *LANGUAGES]:
        rows = sentences if name in made else [r for r in s.where(source="gcompris", language=name) if r["clean"] == "1"]
        if len(rows) < 5:
            print(f"{name}: too few recordings")
            continue
        results = []
        for _ in range(o.clips):
            x, _ = chain(s, rows, rng)
            x = made[name](x) if name in made else x
            results.append(scores(0.05 * x / speaking(x), o, beds))
        table.append((name, *np.mean(results, 0)))
        print(f"{name:10s} PESQ {table[-1][1]:.2f} -> {table[-1][2]:.2f} ({table[-1][2] - table[-1][1]:+.2f})", flush=True)
    gains = np.array([after - before for _, before, after in table])
    print(f"mean gain {gains.mean():+.2f}; least {gains.min():+.2f} ({table[int(gains.argmin())][0]})")


def first(o):
    """The speech that is left: gains of each 20 ms of the phrase, weighed with its own energy."""
    s, rng, found = Recordings(o.data, "speech"), np.random.default_rng(17), []
    rows = s.where(source="librispeech", split="val")
    for kind, bed in noises(o.data, rng):
        for level in (5, 10, 20):
            for _ in range(o.clips):
                x, phrases = chain(s, rows, rng)
                y = x + np.resize(bed, len(x)) * speaking(x) / rms(bed) * 10 ** (-level / 20)
                z = play(y, denoise(o))
                for a, b in phrases:
                    loud = np.flatnonzero(np.abs(x[a:b]) > 0.1 * np.abs(x[a:b]).max())
                    a += int(loud[0])
                    cut = a + RATE // 10

                    def kept(p, q):
                        """Share of the clean speech in the output: its projection."""
                        return 20 * np.log10(abs(np.dot(z[p:q], x[p:q])) / np.dot(x[p:q], x[p:q]) + 1e-9)
                    found.append((level, kept(a, cut) - kept(cut, b)))
    for level in (5, 10, 20):
        d = np.array([v for k, v in found if k == level])
        print(f"{level:2d} dB: first 100 ms {np.median(d):+.2f} dB against the rest (median), 5th to 95th percentile "
              f"{np.percentile(d, 5):+.2f} to {np.percentile(d, 95):+.2f}, within 1.5 dB: {100 * (abs(d) <= 1.5).mean():.0f} % "
              f"of {len(d)} phrases")


def modulation(gain_db):
    """RMS of a course of gains (100 a second) between 2 and 8 Hz."""
    f = np.fft.rfftfreq(len(gain_db), 0.01)
    y = np.fft.irfft(np.fft.rfft(gain_db - gain_db.mean()) * ((f >= 2) & (f <= 8)), len(gain_db))
    return np.sqrt(np.mean(y ** 2))


def level(x):
    return 10 * np.log10(np.mean(x[:len(x) // 480 * 480].reshape(-1, 480) ** 2, 1) + 1e-10)


def music(o):
    m, s, rng = Recordings(o.data, "music"), Recordings(o.data, "speech"), np.random.default_rng(18)
    speech, rows = chain(s, s.where(source="librispeech", split="val"), rng, 6.0)[0], []
    pieces = [r for r in m.where(split="val") if int(r["b"]) - int(r["a"]) > 10 * RATE]
    for r in pieces[::max(len(pieces) // (o.clips * 5), 1)]:
        x = m.get(r)[:15 * RATE]
        x = 0.05 * x / rms(x)
        both, at = np.concatenate([speech, x]), len(speech) // 480 + 100
        found = [100 * np.mean(decisions(y, option)[k:] > threshold) for option, threshold in (("-p", .5), ("-j", .5), ("-l", .5))
                 for y, k in ((x, 0), (both, at))]
        z = play(x, f"dmixdenoise estimator={o.estimator} reduction=12 post-messages=false")
        heard = level(x) > level(x).max() - 40
        gain = lfilter([.2], [1, -.8], level(z) - level(x))
        rows.append((*found, (level(z) - level(x))[heard].min(), 10 * np.log10(np.mean(z ** 2) / np.mean(x ** 2)), modulation(gain)))
    rows = np.array(rows)
    names = ("statistical, alone", "after speech", "joined, alone", "after speech", "network, alone", "after speech")
    print(f"{len(rows)} pieces; speech, mean and worst %: "
          + ", ".join(f"{n} {v.mean():.1f} {v.max():.0f}" for n, v in zip(names, rows.T)))
    print(f"dmixdenoise reduction=12: level {rows[:, 7].mean():+.1f} dB in the mean, {rows[:, 7].min():+.1f} worst; lowest 10 ms "
          f"{rows[:, 6].min():+.2f} dB; gain at 2 to 8 Hz {np.median(rows[:, 8]):.2f} dB (median), {rows[:, 8].max():.2f} worst")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("kinds", "first", "music"))
    p.add_argument("data", type=pathlib.Path)
    p.add_argument("--estimator", default="learned")
    p.add_argument("--reduction", type=float, default=18)
    p.add_argument("--clips", type=int, default=6)
    o = p.parse_args()
    {"kinds": kinds, "first": first, "music": music}[o.what](o)


if __name__ == "__main__":
    main()
