#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Fits the weights of dmix_matchscore_get_confidence() in dsp/adr/matchscore.c to lines in ambience, as they are in the
code, and prints how reliable the code's confidence is: fit_confidence.py [SPEECH.csv NOISE.csv] [--voices N] [--skip N]

Both lists have a header line with the columns file, start and stop (seconds; the files beside the list, in any format that
GStreamer reads) and, SPEECH.csv, speaker; rows whose column `clean` is 0 are left out. Without lists: Debian's prompts,
one voice, in the noises of fitlib.py. --voices: this many (default 40), --skip: after so many others, so that a second
run judges the weights on voices that the first one has not heard.

Of each voice two texts are made: phrases of 0.6 to 4 s with pauses of 0.8 to 1.3 s. The guide is the first text through
another microphone, half of them in a room, in a noise 15, 10, 5 and 0 dB below the speech; the right take has other
timing, the wrong ones are the second text and those of the next voices. Each line counts. The weight of the coverage
stays as it is, for no take here lacks words. Ridge 1e-5; right and wrong count the same in all."""
import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import fit_matchscore
import fitlib

RATE = 16000
LEVELS_DB = (15, 10, 5, 0)
RIDGE = 1e-5
BINS = (0, .1, .3, .5, .7, .9, .97, .99, 1.000001)
SECONDS = 11
COVERAGE = fit_matchscore.NAMES.index("coverage")


class Files:
    """Recordings that lists name, decoded once."""

    def __init__(self, folder):
        self.folder, self.kept = folder, {}

    def get(self, path, start, stop):
        if path not in self.kept:
            if len(self.kept) > 15:
                self.kept.pop(next(iter(self.kept)))
            out = os.path.join(self.folder, "decoded.raw")
            subprocess.run(["gst-launch-1.0", "-q", "filesrc", f"location={path}", "!", "decodebin", "!", "audioconvert",
                            "!", "audioresample", "!", f"audio/x-raw,format=F32LE,rate={RATE},channels=1", "!",
                            "filesink", f"location={out}"], check=True)
            self.kept[path] = np.fromfile(out, "<f4")
        return self.kept[path][int(start * RATE):int(stop * RATE)].astype(float)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row.get("clean", "1") != "0":
                yield str(pathlib.Path(path).parent / row["file"]), float(row["start"]), float(row["stop"]), row


def listed_voices(path):
    """{speaker: [(file, start, stop)]} of those with 25 s at least, in an order that chance makes."""
    voices = {}
    for file, start, stop, row in rows_of(path):
        if stop - start > 0.6:
            voices.setdefault(row["speaker"], []).append((file, start, stop))
    names = sorted(name for name, rows in voices.items() if sum(b - a for _, a, b in rows) > 25)
    return {names[k]: voices[names[k]] for k in np.random.default_rng(1).permutation(len(names))}


def text(phrases, rng):
    """Phrases of 0.6 to 4 s, each equally loud, with pauses."""
    out, count = [np.zeros(int(0.7 * RATE))], 0
    for phrase in phrases:
        x = phrase()[:int(rng.uniform(0.6, 4) * RATE)].copy()
        if len(x) < 0.5 * RATE or fitlib.rms(x) < 1e-4:
            continue
        fade = np.linspace(0, 1, RATE // 100)
        x[:len(fade)] *= fade
        x[-len(fade):] *= fade[::-1]
        out += [0.05 * x / fitlib.speech_rms(x, RATE), np.zeros(int(rng.uniform(0.8, 1.3) * RATE))]
        count += len(out[-2]) + RATE
        if count > SECONDS * RATE:
            break
    return np.concatenate(out)


def two_texts(args, files):
    """(voice, [the one, the other])"""
    if args.speech:
        voices = list(listed_voices(args.speech).items())[args.skip:args.skip + args.voices]
        voices = [(name, [lambda r=r: files.get(*r) for r in sorted(rows)]) for name, rows in voices]
    else:
        said = [(x, rate) for _, _, x, rate in fitlib.prompts(True)]
        every = [lambda p=p: fitlib.resampled(*p, RATE) for p in said]
        voices = [(f"prompts {k}", every[k::6]) for k in range(6)]
    for k, (name, phrases) in enumerate(voices):
        rng = np.random.default_rng([k, args.skip, 5])
        order = rng.permutation(len(phrases))
        half = len(order) // 2
        yield name, [text([phrases[i] for i in some], rng) for some in (order[:half], order[half:])]


def noises(args, files):
    """Functions (frames, random numbers) -> noise."""
    if not args.noise:
        return [lambda n, rng, make=make: make(n, RATE, rng) for make in (fitlib.pink, fitlib.traffic, fitlib.babble)]
    rows = [(file, start, stop) for file, start, stop, _ in rows_of(args.noise) if stop - start > 10]
    rows = [rows[k] for k in np.random.default_rng(2).permutation(len(rows))[args.skip % 2:80:2]]
    return [lambda n, rng, row=row: fitlib.cut(files.get(*row), n, rng) for row in rows]


def pairs_of(args, folder):
    """Lines for the runner; of each its voice and whether it is right."""
    files = Files(folder)
    texts = list(two_texts(args, files))
    made = noises(args, files)
    lines, right, voice = [], [], []

    def write(name, x):
        path = os.path.join(folder, name + ".f32")
        x.astype("<f4").tofile(path)
        return path

    takes = []
    for k, (_, (one, other)) in enumerate(texts):
        rng = np.random.default_rng([k, 6])
        takes.append([write(f"{k}.take{i}", fitlib.coloured(fitlib.timed(x, RATE, rng, lowest=0.8, highest=1.25)[0], RATE,
                                                            rng)) for i, x in enumerate((one, other))])
    for k, (_, (one, _)) in enumerate(texts):
        for level in LEVELS_DB:
            rng = np.random.default_rng([k, level])
            guide = fitlib.coloured(one, RATE, rng)
            if rng.random() < 0.5:
                guide = fitlib.reverberated(guide, RATE, rng)
            noise = made[rng.integers(len(made))](len(guide), rng)
            noise *= fitlib.speech_rms(guide, RATE) / (fitlib.rms(noise) + 1e-9) * 10 ** (-level / 20)
            path = write(f"{k}.guide{level}", guide + noise)
            chosen = [(takes[k][0], 1), (takes[k][1], 0), (takes[(k + 1) % len(takes)][1], 0)]
            for take, good in chosen:
                lines.append(f"{RATE} {path} {take} 0 0 -")
                right.append(good)
                voice.append(k)
    return lines, np.array(right), np.array(voice)


def fit(x, y, coverage):
    """Newton's method; the weight of the coverage is given."""
    share = np.where(y == 1, 0.5 / max(np.sum(y == 1), 1), 0.5 / max(np.sum(y == 0), 1))
    free = [k for k in range(x.shape[1]) if k != COVERAGE]
    price = RIDGE * np.diag([1, 1, 1, 0])
    weights = np.zeros(x.shape[1])
    weights[COVERAGE] = coverage
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x[:, free].T @ (share * (p - y)) + price @ weights[free]
        bend = x[:, free].T @ (x[:, free] * (share * p * (1 - p))[:, None]) + price + 1e-12 * np.eye(4)
        step = np.linalg.solve(bend, slope)
        weights[free] -= step * min(1, 5 / np.abs(step).max())
    return weights


def report(title, p, y):
    share = np.where(y == 1, 0.5 / np.sum(y == 1), 0.5 / np.sum(y == 0))
    loss = -2 * np.sum(share * np.log(np.clip(np.where(y == 1, p, 1 - p), 1e-9, 1))) / 2
    print(f"\n{title}: log loss {loss:.3f}; at {fit_matchscore.THRESHOLD}: {np.mean(p[y == 1] < fit_matchscore.THRESHOLD):.1%} "
          f"of the right lines refused, {np.mean(p[y == 0] >= fit_matchscore.THRESHOLD):.2%} of the wrong ones accepted")
    print("| confidence | lines | mean confidence | right |\n| --- | --- | --- | --- |")
    for low, high in zip(BINS, BINS[1:]):
        here = (p >= low) & (p < high)
        if here.any():
            print(f"| {low:g} to {min(high, 1):g} | {here.sum()} | {np.average(p[here], weights=share[here]):.2f} | "
                  f"{np.average(y[here], weights=share[here]):.2f} |")
    return loss


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", nargs="?")
    parser.add_argument("noise", nargs="?")
    parser.add_argument("--voices", type=int, default=40)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="ignored: the prompts are few")
    args = parser.parse_args()
    if not args.speech and not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    with tempfile.TemporaryDirectory() as folder:
        lines, right, voice = pairs_of(args, folder)
        out = [line for k, line in enumerate(lines)
               for line in (f"{k} {rest}" for rest in
                            fitlib.run_list(fitlib.runner("adr_fit_run"), [line], ["--lines"]))]
    table = np.array([[float(v) for v in line.split()] for line in out])
    pair = table[:, 0].astype(int)
    x = np.column_stack([table[:, 4:8], np.ones(len(table))])
    y, group, confidence = right[pair], voice[pair], table[:, 8]
    code = fit_matchscore.code_weights()
    found = fit(x, y, code[COVERAGE])
    print(f"{np.sum(y == 1)} right lines and {np.sum(y == 0)} wrong ones of {len(np.unique(group))} voices")
    for name, old, new in zip(fit_matchscore.NAMES, code, found):
        print(f"{name:12s} code {old:7.2f}  found {new:7.2f}")
    in_code = report("code", confidence, y)
    unseen = np.zeros(len(y))
    for part in range(5):
        here = group % 5 == part
        if here.any() and not here.all():
            unseen[here] = 1 / (1 + np.exp(-x[here] @ fit(x[~here], y[~here], code[COVERAGE])))
    in_found = report("found, each fifth of the voices by the weights of the others", unseen, y)
    assert in_code < in_found + 0.1, "weights fitted to these lines are much better than the code's"


if __name__ == "__main__":
    main()
