#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Fits the weights of dmix_mapscore_get_certainty() in dsp/adr/mapscore.c: fit_mapscore.py [--quick]

Truth: prompts whose timing was changed by a known map (fitlib.timed), the guide through another microphone, with noise of
-5 to 20 dB SNR and, a third of them, reverberation. A window is right if the map is less than 45 ms off in its middle.
Logistic regression. Prints the weights found and those in the code, and for both the reliability: of the windows with
this certainty, so many are right."""
import os
import sys
import tempfile

import numpy as np

import fitlib

CODE = "dsp/adr/mapscore.c"
NAMES = ("FIT_WEIGHT", "LEAD_WEIGHT", "CONSTANT")
BINS = (0, .3, .5, .7, .9, .97, .99, 1.001)
RIGHT_MS = 45
LEAST_SPEECH = 0.1      # as in the code


def pair(folder, k, x, rate):
    """Writes a guide and a take; returns the runner's line, the map's path, and the truth."""
    rng = np.random.default_rng([k, 78])
    pad = np.zeros(int(0.6 * rate))
    x = np.concatenate([pad, x, pad])
    take, t, there = fitlib.timed(x, rate, rng, extra=k % 3)
    guide = fitlib.coloured(x, rate, rng)
    if k % 3 == 0:
        guide = fitlib.reverberated(guide, rate, rng)
    noise = (fitlib.pink, fitlib.traffic, fitlib.babble)[rng.integers(3)](len(guide), rate, rng)
    guide = guide + noise * fitlib.speech_rms(x, rate) / fitlib.rms(noise) * 10 ** (-rng.uniform(-5, 20) / 20)
    paths = [os.path.join(folder, f"{k}.{end}") for end in ("guide", "take", "map")]
    for path, sound in zip(paths, (guide, take + 1e-4 * rng.standard_normal(len(take)))):
        # the network judges from 16 kHz on
        fitlib.resampled(sound, rate, 16000).astype("<f4").tofile(path)
    spoken = np.flatnonzero(fitlib.level_db(x, rate) > fitlib.level_db(x, rate).max() - 35)
    return f"16000 {paths[0]} {paths[1]} 0 0 {paths[2]}", paths[2], (t, there, spoken[0], spoken[-1])


def gather(quick):
    with tempfile.TemporaryDirectory() as folder:
        made = [pair(folder, k, x, rate) for k, (_, _, x, rate) in enumerate(fitlib.prompts(quick))
                if len(x) > 2.5 * rate]
        fitlib.run_list(fitlib.runner("adr_fit_run"), [line for line, _, _ in made])
        rows = []
        for _, path, (t, there, first, last) in made:
            w = np.loadtxt(path + ".windows", ndmin=2)
            w = w[(w[:, 0] >= first) & (w[:, 0] <= last) & (w[:, 4] >= LEAST_SPEECH)]
            off = 1000 * np.abs(w[:, 1] / 200 - np.interp(w[:, 0] / 200, t, there))
            rows.append(np.column_stack([w[:, 2], w[:, 2] - w[:, 3], np.ones(len(w)), w[:, 5], off < RIGHT_MS]))
    return np.concatenate(rows)


def fit(x, y, ridge=1e-4):
    """Newton's method."""
    weights = np.zeros(3)
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ weights))
        bend = (x * (p * (1 - p))[:, None]).T @ x / len(y) + ridge * np.eye(3)
        weights -= np.linalg.solve(bend, x.T @ (p - y) / len(y) + ridge * weights)
    return weights


def report(title, p, y):
    p = np.clip(p, 1e-9, 1 - 1e-9)
    print(f"{title}: log loss {-np.mean(np.where(y, np.log(p), np.log(1 - p))):.4f}")
    for low, high in zip(BINS, BINS[1:]):
        some = (p >= low) & (p < high)
        if some.any():
            print(f"  {low:.2f} to {min(high, 1):.2f}: {some.sum():6d} windows, mean {p[some].mean():.2f}, "
                  f"right {y[some].mean():.2f}")


def main():
    quick = fitlib.arguments(__doc__).quick
    if not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    table = gather(quick)
    x, certainty, y = table[:, :3], table[:, 3], table[:, 4] > 0
    code = np.array([float(fitlib.constant(CODE, name)) for name in NAMES])
    found = fit(x, y)
    print(f"{len(y)} windows, {np.mean(y):.1%} of them right")
    for name, old, new in zip(NAMES, code, found):
        print(f"{name:12s} code {old:6.2f}  found {new:6.2f}")
    in_code = 1 / (1 + np.exp(-x @ code))
    assert np.abs(in_code - certainty).max() < 1e-4, "the windows printed are not what the certainty is made of"
    report("code", in_code, y)
    report("found", 1 / (1 + np.exp(-x @ found)), y)
    # certain windows are right, uncertain ones are not as often
    sure, doubt = in_code >= 0.9, in_code < 0.7
    assert y[sure].mean() > 0.9, "certain windows are wrong: fit anew"
    assert not doubt.any() or y[doubt].mean() < y[sure].mean(), "the certainty tells nothing"


if __name__ == "__main__":
    main()
