#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Scans the prices of the time map in dsp/adr/warp.c around their values: scan_warp.py [--quick] [--only NAME,...]

Truth: prompts whose timing was changed by a known map (fitlib.timed: speeds 0.85 to 1.18 that jump or glide, pauses put
in), the guide through another microphone, with noise of 10 to 30 dB SNR and, a third of them, reverberation. In half of
the pairs a second of the guide is protected, and the truth has the take's own speed there.

Scores: error of the map in ms where the guide speaks. med and p95: means over the pairs of their median and 95th
percentile; steps and glide: p95 where the speed jumps and where it glides; prot: median error in the protected second.
Every value is a program of its own, in a temporary folder; nothing in dsp/ is touched."""
import os
import sys
import tempfile

import numpy as np

import fitlib

CODE = "dsp/adr/warp.c"
GRID = {
    "BEND_PRICE": (7.5, 15, 30, 60, 120, 240, 480),
    "BEND_IN_PAUSE": (0.002, 0.02, 0.2, 1),
    "STIFF_PRICE": (1, 1e2, 1e4, 1e6, 1e8),
    "PAUSE_DB": (0.75, 1.5, 3),
    "LOUD_DB": (3, 6, 12),
    "LEAST_WEIGHT": (0.002, 0.005, 0.02, 0.08, 0.3),
    "RUN_LEAST": (0.25, 1, 4),
    "PAUSE_STRETCH": (1.05, 1.25, 2),
    "ROUNDS": (1, 2, 4, 8),
    "OUTLIER_FRAMES": (0.75, 1.5, 3, 6, 12),
    "FIT_ROUNDS": (1, 3, 7, 14),
    "FIT_REACH": (2, 4, 8, 16),
    "FIT_WEIGHT": (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08),
    "FIT_LEAST": (1e-6, 4e-6, 1.6e-5, 6.4e-5),
}
# what the fit to the features that follows hides: scanned without it, too
PATH = ("BEND_PRICE", "LOUD_DB", "LEAST_WEIGHT", "ROUNDS", "OUTLIER_FRAMES")
NO_FIT = fitlib.changed(CODE, "FIT_ROUNDS", 0)
QUICK = {"BEND_PRICE": (60, 6000), "FIT_WEIGHT": (0.00002, 0.02)}


class Case:
    def __init__(self, folder, k, x, rate):
        rng = np.random.default_rng([k, 77])
        self.rate, self.smooth, self.rows = rate, k % 4 > 1, []
        pad = np.zeros(int(0.6 * rate))
        x = np.concatenate([pad, x, pad])
        speech = fitlib.level_db(x, rate)
        self.speaks = speech > speech.max() - 35
        middle = 0.5 * len(x) / rate
        protect = (middle - 0.5, middle + 0.5) if k % 2 else None
        take, self.t, self.there = fitlib.timed(x, rate, rng, extra=k % 3, smooth=self.smooth, protect=protect)
        self.protect = [int(round(200 * s)) for s in protect or (0, 0)]
        guide = fitlib.coloured(x, rate, rng)
        if k % 3 == 0:
            guide = fitlib.reverberated(guide, rate, rng)
        snr = rng.uniform(10, 30)
        noise = (fitlib.pink, fitlib.fan, fitlib.babble)[rng.integers(3)](len(guide), rate, rng)
        guide = guide + noise * fitlib.speech_rms(x, rate) / fitlib.rms(noise) * 10 ** (-snr / 20)
        self.paths = [os.path.join(folder, f"{k}.{end}") for end in ("guide", "take", "map")]
        for path, sound in zip(self.paths, (guide, take + 1e-4 * rng.standard_normal(len(take)))):
            sound.astype("<f4").tofile(path)

    def line(self):
        return " ".join(map(str, (self.rate, *self.paths[:2], *self.protect, self.paths[2])))

    def errors(self):
        """ms in each spoken frame, and in the protected ones of them."""
        found = np.fromfile(self.paths[2]) / 200
        rows = np.flatnonzero(self.speaks[:len(found)])
        error = 1000 * np.abs(found[rows] - np.interp(rows / 200, self.t, self.there))
        return error, error[(rows >= self.protect[0]) & (rows < self.protect[1])]


def cases(folder, quick):
    found = []
    for k, (_, _, x, rate) in enumerate(fitlib.prompts(quick)):
        if len(x) > 1.8 * rate:
            found.append(Case(folder, k, x, rate))
    if not quick and fitlib.corpus():
        found += [Case(folder, 1000 + k, x, 16000) for k, (_, x) in enumerate(fitlib.corpus_speech())]
    return found


def main():
    options = fitlib.arguments(__doc__)
    if not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    with tempfile.TemporaryDirectory() as folder:
        some = cases(folder, options.quick)
        print(f"{len(some)} pairs")

        def score(changes, program=None):
            program = program or fitlib.variant(folder, "adr_fit_run", CODE, changes)
            fitlib.run_list(program, [case.line() for case in some])
            errors = [case.errors() for case in some]
            p95 = np.array([np.percentile(e, 95) for e, _ in errors])
            glide = np.array([case.smooth for case in some])
            return {"med": np.mean([np.median(e) for e, _ in errors]), "p95": np.mean(p95), "steps": p95[~glide].mean(),
                    "glide": p95[glide].mean(), "prot": np.mean([np.median(e) for _, e in errors if len(e)])}

        built, copied = score([], fitlib.runner("adr_fit_run")), score([])
        assert built == copied, f"a copy of {CODE} works otherwise than the library: {built}, {copied}"
        tables = fitlib.scan(CODE, QUICK if options.quick else GRID, score, options.only)
        if not options.quick:
            fitlib.scan(CODE, {name: GRID[name] for name in PATH}, lambda changes: score(changes + [NO_FIT]),
                        options.only, "the path's curve alone (FIT_ROUNDS 0)")
    # the map is right to within a few ms, and no value of the scan makes it 5 % and 0.2 ms better
    far = []
    for name, table in tables.items():
        here = table[fitlib.number(fitlib.constant(CODE, name))]
        best = min(table, key=lambda value: table[value]["p95"])
        far += [name] if here["p95"] > 1.05 * table[best]["p95"] + 0.2 else []
        print(f"{name}: p95 {here['p95']:.2f} ms, best {table[best]['p95']:.2f} at {best:g}"
              + ("   <- clearly better" if name in far else ""))
    assert not (far and options.quick), f"far from their best values: {', '.join(far)}"
    assert built["med"] < 6, f"the map is {built['med']:.1f} ms off"
    if options.quick and "FIT_WEIGHT" in tables:
        assert tables["FIT_WEIGHT"][0.00002]["p95"] > 1.1 * built["p95"], "the constants of the copies have no effect"


if __name__ == "__main__":
    main()
