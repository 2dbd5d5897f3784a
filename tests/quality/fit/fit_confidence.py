#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Fits the weights of dmix_matchscore_get_confidence() in dsp/adr/matchscore.c to lines in ambience, as they are in the
code, and prints how reliable the code's confidence is: fit_confidence.py [DATA] [--table FILE] [--held] [--quick]

DATA: the arrays and lists that tests/train/data.py writes (speech and noise). Without: Debian's prompts, one voice, in the
noises of fitlib.py. --table: the lines' features, read from FILE where it exists, else written to it. --held: judges the
code on the voices of held.txt, which the fit leaves out.

Of each voice two texts are made, whose lines are 0.8 to 1.3 s apart: phrases of 0.6 to 4 s; or, of a voice that says
words, one to four of them, 0.1 to 0.4 s apart, half of the lines a single word. Of speakers who say one word each, twenty
make a voice. The guide is the first text through another microphone, half of them in a room, in a noise whose K-weighted
level is 15, 10, 5 or 0 dB below the speech. The takes have other timing, half of them their pitch, too: the right one, the
second text of the same voice and that of another one. Each line counts. Two weights are given: that of the coverage, for
no take here lacks words, and that of the cosine, for no guide is clean, where it says most. Ridge 1e-5; right and wrong count the same in all. The seed is the place in the list."""
import argparse
import collections
import csv
import os
import pathlib
import sys
import tempfile

import numpy as np

import fit_matchscore
import fitlib

RATE = 16000
LEVELS_LU = (15, 10, 5, 0)
RIDGE = 1e-5
BINS = (0, .1, .3, .5, .7, .9, .97, .99, 1.000001)
SECONDS = 11
HEADER = "voice, right, " + ", ".join(fit_matchscore.NAMES[:-1]) + ", confidence when it was measured"
GIVEN = [fit_matchscore.NAMES.index(name) for name in ("cosine", "coverage")]
NOISES = {"water", "traffic", "machines", "wind", "babble", "nature", "misc", "fire", "kitchen"}
WORD_S = 1.7        # a voice whose recordings are shorter says words
MOST_PHRASES = 40   # of a voice
PHRASES, WORDS = 25, 45     # voices of each kind, about


def rows_of(folder, kind):
    with open(os.path.join(folder, kind + ".csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row["group"], row["source"], int(row["first"]), int(row["end"]), row


class Data:
    """The arrays of data.py, 48 kHz."""

    def __init__(self, folder):
        self.folder = folder
        self.sound = {kind: np.load(os.path.join(folder, kind + ".npy"), mmap_mode="r") for kind in ("speech", "noise")}

    def cut(self, kind, first, end):
        return fitlib.resampled(np.asarray(self.sound[kind][first:end], float) / 32768, 48000, RATE)

    def voices(self, held):
        """[(name, says words, [(first, end)])], in the order of their names."""
        out = {name for name, in fitlib.listed("held.txt")}
        groups, single = collections.defaultdict(list), collections.defaultdict(list)
        for group, source, first, end, row in rows_of(self.folder, "speech"):
            if row["clean"] != "0" and end - first > 0.4 * 48000 and (group in out) == held:
                groups[group, source].append((first, end))
        phrases, words = [], []
        for (group, source), rows in sorted(groups.items()):
            seconds = sum(end - first for first, end in rows) / 48000
            if len(rows) == 1 and seconds < WORD_S:
                single[source] += rows
            elif seconds > 12:
                (words if seconds / len(rows) < WORD_S else phrases).append((group, seconds / len(rows) < WORD_S, rows))
        for source, rows in sorted(single.items()):
            words += [(f"{source} {k}", True, rows[20 * k:20 * k + 20]) for k in range(len(rows) // 20)]
        return phrases[::max(1, len(phrases) // PHRASES)] + words[::max(1, len(words) // WORDS)]

    def noises(self, held):
        rows = [(first, end) for group, _, first, end, row in rows_of(self.folder, "noise")
                if group in NOISES and row["voice"] == "0" and end - first > 12 * 48000]
        return [lambda n, rng, row=row: self.noise(row, n, rng) for row in rows[held::2]]

    def noise(self, row, n, rng):
        first = row[0] + rng.integers(max(row[1] - row[0] - 3 * n, 1))
        return fitlib.cut(self.cut("noise", first, min(first + 3 * n + 99, row[1])), n, rng)


def trimmed(x, seconds):
    x = x[:int(seconds * RATE)].copy()
    fade = np.linspace(0, 1, RATE // 100)
    x[:len(fade)] *= fade
    x[-len(fade):] *= fade[::-1]
    return 0.05 * x / fitlib.speech_rms(x, RATE)


def text(phrases, words, rng):
    """Lines of phrases or words, equally loud, with pauses."""
    out, count, left = [np.zeros(int(0.7 * RATE))], 0, iter(phrases)
    while count < SECONDS * RATE:
        line = []
        for _ in range(rng.choice((1, 1, 1, 2, 3, 4)) if words else 1):
            x = next(left, lambda: None)()
            if x is None:
                break
            if len(x) > 0.3 * RATE and fitlib.rms(x) > 1e-4:
                line += [trimmed(x, rng.uniform(0.6, 4)), np.zeros(int(rng.uniform(0.1, 0.4) * RATE))]
        if not line:
            break
        out += line + [np.zeros(int(rng.uniform(0.8, 1.3) * RATE))]
        count += sum(map(len, line)) + RATE
    return np.concatenate(out)


def stretched(x, rng):
    """Other timing with the pitch kept: a phase vocoder over the map of fitlib.timed()."""
    _, t, there = fitlib.timed(x, RATE, rng, lowest=0.8, highest=1.25)
    hop, size = 128, 512
    window = np.hanning(size + 1)[:-1]
    steps = np.arange(0, int(there[-1] * RATE), hop)
    at = np.interp(steps / RATE, there, t) * RATE
    padded = np.concatenate([np.zeros(size), x, np.zeros(2 * size)])
    turn = 2 * np.pi * hop * np.arange(size // 2 + 1) / size
    out = np.zeros(len(steps) * hop + 2 * size)
    phase = None
    for k, place in enumerate(at.astype(int) + size // 2):
        now = np.fft.rfft(window * padded[place:place + size])
        before = np.fft.rfft(window * padded[place - hop:place - hop + size])
        step = turn + np.angle(now * np.conj(before) * np.exp(-1j * turn))
        phase = np.angle(now) if phase is None else phase + step
        out[k * hop:k * hop + size] += window * np.fft.irfft(np.abs(now) * np.exp(1j * phase))
    return out[size // 2:] / 1.5


def as_take(x, rng):
    if rng.random() < 0.5:
        y = fitlib.timed(x, RATE, rng, lowest=0.8, highest=1.25)[0]
    else:
        y = stretched(x, rng)
    return fitlib.coloured(y, RATE, rng)


def k_weighted(x):
    f = np.fft.rfftfreq(len(x), 1 / RATE) + 1e-9
    s, p = 1j * f / 1681.97, 1j * f / 38.135
    shelf = (1.585 * s ** 2 + 1.258 * s / 0.7072 + 1) / (s ** 2 + s / 0.7072 + 1)
    return np.fft.irfft(np.fft.rfft(x) * shelf * p ** 2 / (p ** 2 + p / 0.5003 + 1), len(x))


def prompts():
    """Debian's prompts as six voices of phrases."""
    every = [lambda x=x, rate=rate: fitlib.resampled(x, rate, RATE) for _, _, x, rate in fitlib.prompts(True)]
    return [(f"prompts {k}", False, every[k::6]) for k in range(6)]


def texts_of(voices, data):
    """[(name, [the one, the other])]"""
    for k, (name, words, rows) in enumerate(voices):
        rng = np.random.default_rng([k, 5])
        rows = [rows[i] for i in rng.permutation(len(rows))[:MOST_PHRASES]]
        if data and len(rows) < 4:      # long recordings: phrases out of them
            rows = [(first, min(first + 4 * 48000, end)) for start, end in rows for first in range(start, end, 4 * 48000)]
        phrases = [lambda row=row: data.cut("speech", *row) for row in rows] if data else rows
        half = (len(phrases) + 1) // 2
        yield name, [text(some, words, rng) for some in (phrases[:half], phrases[half:])]


def pairs_of(voices, data, noises, folder):
    """Lines for the runner; of each its voice and whether it is right."""
    texts = list(texts_of(voices, data))
    lines, right, voice = [], [], []

    def write(name, x):
        path = os.path.join(folder, name + ".f32")
        x.astype("<f4").tofile(path)
        return path

    takes = []
    for k, (_, both) in enumerate(texts):
        rng = np.random.default_rng([k, 6])
        takes.append([write(f"{k}.take{i}", as_take(x, rng)) for i, x in enumerate(both)])
    for k, (name, (one, _)) in enumerate(texts):
        for level in LEVELS_LU:
            rng = np.random.default_rng([k, level])
            guide = fitlib.coloured(one, RATE, rng)
            if rng.random() < 0.5:
                guide = fitlib.reverberated(guide, RATE, rng)
            noise = noises[rng.integers(len(noises))](len(guide), rng)
            noise *= (fitlib.speech_rms(k_weighted(guide), RATE) / (fitlib.rms(k_weighted(noise)) + 1e-9)
                      * 10 ** (-level / 20))
            path = write(f"{k}.guide{level}", guide + noise)
            # speakers of one word each share a few words: a take of the same set may say the same
            pooled = bool(data) and " " in name
            others = [i for i, (said, _) in enumerate(texts) if i != k and not (pooled and " " in said)]
            other = takes[others[rng.integers(len(others))]][1]
            chosen = [(takes[k][0], 1)] + [(takes[k][1], 0)] * (not pooled) + [(other, 0)]
            for take, good in chosen:
                lines.append(f"{RATE} {path} {take} 0 0 -")
                right.append(good)
                voice.append(k)
    return lines, np.array(right), np.array(voice)


def fit(x, y, weights):
    """Newton's method; the weights GIVEN stay."""
    share = np.where(y == 1, 0.5 / max(np.sum(y == 1), 1), 0.5 / max(np.sum(y == 0), 1))
    free = [k for k in range(x.shape[1]) if k not in GIVEN]
    price = RIDGE * np.diag([1] * (len(free) - 1) + [0])
    weights = np.where(np.isin(np.arange(x.shape[1]), GIVEN), weights, 0.0)
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x[:, free].T @ (share * (p - y)) + price @ weights[free]
        bend = x[:, free].T @ (x[:, free] * (share * p * (1 - p))[:, None]) + price + 1e-12 * np.eye(len(free))
        step = np.linalg.solve(bend, slope)
        weights[free] -= step * min(1, 5 / np.abs(step).max())
    return weights


def report(title, p, y):
    share = np.where(y == 1, 0.5 / np.sum(y == 1), 0.5 / np.sum(y == 0))
    loss = -np.sum(share * np.log(np.clip(np.where(y == 1, p, 1 - p), 1e-9, 1)))
    print(f"\n{title}: log loss {loss:.3f}; at {fit_matchscore.THRESHOLD}: {np.mean(p[y == 1] < fit_matchscore.THRESHOLD):.1%} "
          f"of the right lines refused, {np.mean(p[y == 0] >= fit_matchscore.THRESHOLD):.2%} of the wrong ones accepted")
    print("| confidence | lines | mean confidence | right |\n| --- | --- | --- | --- |")
    for low, high in zip(BINS, BINS[1:]):
        here = (p >= low) & (p < high)
        if here.any():
            print(f"| {low:g} to {min(high, 1):g} | {here.sum()} | {np.average(p[here], weights=share[here]):.2f} | "
                  f"{np.average(y[here], weights=share[here]):.2f} |")
    return loss


def measured(args):
    """A row for each line: voice, 1 for right, the features, and the code's confidence."""
    data = Data(args.data) if args.data else None
    voices = data.voices(args.held) if data else prompts()
    made = data.noises(args.held) if data else [lambda n, rng, make=make: make(n, RATE, rng)
                                                for make in (fitlib.pink, fitlib.traffic, fitlib.babble)]
    with tempfile.TemporaryDirectory() as folder:
        lines, right, voice = pairs_of(voices, data, made, folder)
        half = (len(lines) + 1) // 2        # run_list() gives each half to a process, which counts from 0
        rows, late = [], 0
        for row in fitlib.run_list(fitlib.runner("adr_fit_run"), lines, ["--lines"]):
            row = [float(v) for v in row.split()]
            late = half if rows and row[0] + late < rows[-1][0] else late
            rows.append([row[0] + late, *row[3:]])
    table = np.array(rows)
    pair = table[:, 0].astype(int)
    return np.column_stack([voice[pair], right[pair], table[:, 1:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?")
    parser.add_argument("--table")
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--quick", action="store_true", help="only the table of the fit that the code's weights are of")
    args = parser.parse_args()
    if args.quick:
        args.table = str(fitlib.HERE / "confidence.txt")
    if args.table and pathlib.Path(args.table).exists():
        table = np.loadtxt(args.table)
    elif not args.data and not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    else:
        table = measured(args)
        if args.table:
            np.savetxt(args.table, table, fmt=["%d", "%d"] + ["%.4f"] * (table.shape[1] - 2), header=HEADER)
    group, y, x = table[:, 0].astype(int), table[:, 1], np.column_stack([table[:, 2:-1], np.ones(len(table))])
    code = fit_matchscore.code_weights()
    in_code = 1 / (1 + np.exp(-x @ code))
    if not args.quick:
        spoken = table[:, -1] > 0       # a line without speech in the take has no confidence at all
        assert np.abs(in_code - table[:, -1])[spoken].max() < 1e-3, "the features are not what the confidence is made of"
    print(f"{np.sum(y == 1)} right lines and {np.sum(y == 0)} wrong ones of {len(np.unique(group))} voices")
    loss = report("code", in_code, y)
    if args.held:
        return
    found = fit(x, y, code)
    for name, old, new in zip(fit_matchscore.NAMES, code, found):
        print(f"{name:12s} code {old:7.2f}  found {new:7.2f}")
    unseen = np.zeros(len(y))
    for part in range(5):
        here = group % 5 == part
        if here.any() and not here.all():
            unseen[here] = 1 / (1 + np.exp(-x[here] @ fit(x[~here], y[~here], code)))
    in_found = report("found, each fifth of the voices by the weights of the others", unseen, y)
    assert loss < in_found + 0.1, "weights fitted to these lines are much better than the code's"
    if args.quick:
        assert np.abs(found - code).max() <= 0.051, "the code's weights are not those of the fit"


if __name__ == "__main__":
    main()
