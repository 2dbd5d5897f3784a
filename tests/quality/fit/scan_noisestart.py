#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Scans the constants of dsp/denoise/noisestart.c: scan_noisestart.py [--quick] [--only NAME,...]

Recordings (prompts.txt, DMIX_CORPUS) over noise 15 and 25 dB below them are cut inside words. Scores, reduction 12 dB:
lost, the voice that a cut clip loses in its first 0.5 s against the same words of the uncut recording (dB, mean and
worst tenth), and above1, the share of cuts that lose more than 1 dB: the lower the better; early and later, by how many
dB noise alone is lower 0.2 to 0.4 s and 0.4 to 0.7 s after its start: the higher the better.

Every value is a program of its own, in a temporary folder; nothing in dsp/ is touched."""
import os
import sys
import tempfile

import numpy as np

import fitlib

SOURCE = "dsp/denoise/noisestart.c"
REDUCTION_DB = "12"
GRID = {
    "SURE_S": (0.3, 0.45, 0.6, 0.8, 1.0),
    "DOUBT_DB": (-15, -20, -25, -30),
    "SURE_DB": (0, 1.5, 3, 4.5),
    "SMOOTH_S": (0.01, 0.02, 0.03, 0.05),
    "CHANGE_S": (0.03, 0.06, 0.12),
    "STEADY_DB": (2.2, 2.6, 3),
    "LIVELY_DB": (3, 3.5, 4, 5),
    "SPEED": (0, 4, 8, 12),
    "ALL_S": (1, 1.5, 2),
}
QUICK = {"SURE_S": (0.05, 0.6)}


class Clip:
    """A sound from which the reducer starts, as two files of floats."""

    def __init__(self, folder, number, rate, sound):
        self.rate, self.name = rate, os.path.join(folder, str(number))
        self.sound = sound
        sound.astype("<f4").tofile(self.name + ".mix")
        np.zeros(len(sound), "<f4").tofile(self.name + ".noise")

    def line(self):
        return f"{self.rate} {self.name}.mix {self.name}.noise {self.name}.out -"

    def out(self):
        return np.fromfile(self.name + ".out", "<f4").astype(float)


def voices(quick):
    some = [(x, rate) for _, _, x, rate in fitlib.prompts(quick) if len(x) > 2 * rate]
    yield from some[:6] if quick else some[::3]
    if not quick:
        yield from ((x, 16000) for _, x in fitlib.corpus_speech())


def cuts(folder, quick):
    """(clip, whole, place, words)"""
    found, number = [], 0
    for i, (voice, rate) in enumerate(voices(quick)):
        voice = voice * 0.05 / fitlib.speech_rms(voice, rate)
        power = np.convolve(voice ** 2, np.ones(rate // 50) / (rate // 50), "same")
        inside = np.flatnonzero(power[:-rate] > np.percentile(power, 95) / 100)
        for snr in (15, 25):
            rng = np.random.default_rng([i, snr])
            noise = (fitlib.pink, fitlib.fan)[i % 2](len(voice), rate, rng)
            x = voice + noise / fitlib.rms(noise) * 0.05 * 10 ** (-snr / 20)
            whole = Clip(folder, number, rate, x)
            number += 1
            for place in rng.choice(inside, 3 if quick else 8, replace=False):
                found.append((Clip(folder, number, rate, x[place:place + rate * 3 // 4]), whole, place,
                              voice[place:place + rate // 2]))
                number += 1
    return found


def noises(folder, quick):
    rate, made = 16000, []
    for i in range(2 if quick else 6):
        for name in ("pink", "fan", "traffic"):
            made.append(fitlib.MADE[name](rate, rate, np.random.default_rng([i, len(name)])))
    if not quick:
        for _, x in fitlib.corpus_ambience(rate):
            made += [x[k * rate:(k + 1) * rate] for k in range(0, len(x) // rate - 1, 4)]
    return [Clip(folder, f"noise{i}", rate, y * 0.05 / fitlib.rms(y)) for i, y in enumerate(made)]


def score(program, some, alone):
    clips = {id(c): c for cut in some for c in cut[:2]}
    fitlib.run_list(program, [c.line() for c in [*clips.values(), *alone]], [REDUCTION_DB])
    wholes = {id(whole): whole.out() for _, whole, _, _ in some}
    lost = np.array([-20 * np.log10((clip.out()[:len(words)] @ words)
                                    / (wholes[id(whole)][place:place + len(words)] @ words))
                     for clip, whole, place, words in some])

    def fall(start_s, end_s):
        return np.mean([10 * np.log10(np.mean(c.sound[int(start_s * c.rate):int(end_s * c.rate)] ** 2)
                                      / np.mean(c.out()[int(start_s * c.rate):int(end_s * c.rate)] ** 2))
                        for c in alone])
    return {"lost": np.mean(lost), "lost_10": np.percentile(lost, 90), "above1": np.mean(lost > 1),
            "early": fall(0.2, 0.4), "later": fall(0.4, 0.7)}


def main():
    options = fitlib.arguments(__doc__)
    if not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    with tempfile.TemporaryDirectory() as folder:
        some, alone = cuts(folder, options.quick), noises(folder, options.quick)
        print(f"{len(some)} cuts, {len(alone)} noises")
        built = score(fitlib.runner("denoise_fit_run"), some, alone)

        def of(changes):
            return score(fitlib.variant(folder, "denoise_fit_run", SOURCE, changes), some, alone)

        copied = of([])
        assert all(abs(built[k] - copied[k]) < 1e-3 for k in built), f"a copy of {SOURCE} works otherwise"
        tables = fitlib.scan(SOURCE, QUICK if options.quick else GRID, of, options.only)
        if options.quick:
            table = tables["SURE_S"]
            now, hasty = table[fitlib.number(fitlib.constant(SOURCE, "SURE_S"))], table[0.05]
            assert now["lost_10"] < 1, "cut clips lose their first word"
            assert hasty["lost"] > now["lost"] + 0.3, "the constants of the copies have no effect"


if __name__ == "__main__":
    main()
