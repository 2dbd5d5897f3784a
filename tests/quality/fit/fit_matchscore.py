#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Fits the weights of dmix_matchscore_get_confidence() in dsp/adr/matchscore.c: fit_matchscore.py [--quick]

Right pairs: a recording with another microphone, noise of 5 to 30 dB SNR and, half of them, reverberation (guide)
and the same with other timing, half of them with another pitch and vocal tract (take); espeak-ng's voices with each
other and with people who say the same (texts.txt). Wrong pairs: the same guides with takes of other texts, in the
same voice where there is one. The features are those that dmix_adrline_process() hands to the match score.

Logistic regression with a ridge, right and wrong with the same weight in all; the ridge is the one of four with the
least loss on a language left out of the fit. Prints the weights found and those in the code, side by side."""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

import fitlib

NAMES = ("cosine", "coverage", "backward", "lead", "bend", "constant")
RIDGES = (1e-6, 1e-5, 1e-4, 1e-3)
CODE = "dsp/adr/matchscore.c"
THRESHOLD = 0.57        # the element's min-confidence


def code_weights():
    text = (fitlib.SOURCE / CODE).read_text(encoding="utf-8")
    row = re.search(r"weight\[DMIX_MATCHSCORE_TERMS\] = \{(.*?)\}", text, re.S).group(1)
    weights = [float(w) for w in row.split(",")] + [float(re.search(r"double constant = (\S+);", text).group(1))]
    assert len(weights) == len(NAMES), "the match score has other terms now: adapt NAMES"
    return np.array(weights)


class Pairs:
    """Writes recordings and collects the list for the runner."""

    def __init__(self, folder):
        self.folder, self.lines, self.right, self.group, self.name = folder, [], [], [], []
        self.files = 0

    def file(self, x, rate):
        path = os.path.join(self.folder, f"{self.files}.f32")
        self.files += 1
        pad = np.zeros(rate // 3)
        np.concatenate([pad, 0.1 * x / fitlib.speech_rms(x, rate), pad]).astype("<f4").tofile(path)
        return path

    def add(self, rate, guide, take, right, group, name):
        self.lines.append(f"{rate} {guide} {take} 0 0 -")
        self.right.append(right)
        self.group.append(group)
        self.name.append(name)


def as_guide(x, rate, rng, noises):
    pad = np.zeros(rate // 3)
    x = fitlib.coloured(np.concatenate([pad, x, pad]), rate, rng)
    if rng.random() < 0.5:
        x = fitlib.reverberated(x, rate, rng)
    noise = noises[rng.integers(len(noises))](len(x), rate, rng)
    snr = rng.uniform(5, 30)
    return x + noise * fitlib.speech_rms(x, rate) / fitlib.rms(noise) * 10 ** (-snr / 20)


def as_take(x, rate, rng):
    if rng.random() < 0.5:      # pitch and vocal tract, and the speed with them
        x = fitlib.resampled(x, rate, int(rate * rng.uniform(0.85, 1.18)))
    take, _, _ = fitlib.timed(x, rate, rng)
    take = fitlib.coloured(take, rate, rng)
    return take + 10 ** (-rng.uniform(35, 55) / 20) * fitlib.speech_rms(x, rate) * rng.standard_normal(len(take))


def recordings(quick):
    """(group, [(name, samples)], rate)"""
    groups = {}
    for language, name, x, rate in fitlib.prompts(quick):
        if not quick or len(x) > 2.5 * rate:      # of the shortest ones too many are hard to tell for so few pairs
            groups.setdefault((language, rate), []).append((name, x))
    for (language, rate), members in groups.items():
        yield language, members, rate
    if not quick and fitlib.corpus():
        yield "corpus", list(fitlib.corpus_speech()), 16000


def noises_of(rate, quick):
    noises = [fitlib.pink, fitlib.fan, fitlib.traffic, fitlib.babble]
    if not quick:
        noises += [lambda n, rate, rng, x=x: fitlib.cut(x, n, rng) for _, x in fitlib.corpus_ambience(rate)]
    return noises


def add_recordings(pairs, quick, rounds, wrongs):
    for group, members, rate in recordings(quick):
        noises = noises_of(rate, quick)
        for k, (name, x) in enumerate(members):
            for turn in range(rounds):
                rng = np.random.default_rng([len(group), k, turn])
                guide = pairs.file(as_guide(x, rate, rng, noises), rate)
                pairs.add(rate, guide, pairs.file(as_take(x, rate, rng), rate), 1, group, name)
                for w in range(wrongs):
                    # the first word of a prompt's name says what family of texts it is of
                    others = [m for m in members if m[0] != name and (group == "corpus" or m[0].split("-")[0]
                                                                      != name.split("-")[0])]
                    other = others[rng.integers(len(others))]
                    pairs.add(rate, guide, pairs.file(as_take(other[1], rate, rng), rate), 0, group,
                              f"{other[0]} for {name}")


def espeak(folder, voice, text):
    path = os.path.join(folder, "espeak.wav")
    subprocess.run(["espeak-ng", "-v", voice, "-w", path, text], check=True)
    x, rate = fitlib.read_wav(path)
    return fitlib.resampled(x, rate, 16000)


def add_texts(pairs, folder):
    """The same text from different speakers; the wrong ones of the same two speakers."""
    try:
        subprocess.run(["espeak-ng", "--version"], capture_output=True, check=True)
    except OSError:
        print("skipped: the same texts from different speakers (no espeak-ng here)")
        return
    people = dict(fitlib.corpus_speech()) if fitlib.corpus() else {}
    said = []
    for one, other, name, text in fitlib.listed("texts.txt"):
        prompt = fitlib.SOUNDS / fitlib.ENGLISH / (name + ".wav")
        voices = [espeak(folder, one, text), espeak(folder, other, text)]
        if prompt.exists():
            person = fitlib.resampled(*fitlib.read_wav(prompt), 16000)
            said += [(text, person, voice) for voice in voices]
        elif name in people:
            said += [(text, people[name], voice) for voice in voices]
        elif name == "-":
            said += [(text, *voices), (text, *voices[::-1])]
    for k, (text, x, y) in enumerate(said):
        guide = pairs.file(x + fitlib.rms(x) * 0.05 * np.random.default_rng(k).standard_normal(len(x)), 16000)
        pairs.add(16000, guide, pairs.file(y, 16000), 1, "speakers", text[:24])
        for other in (said[(k + 2) % len(said)], said[(k + 4) % len(said)], said[(k + 8) % len(said)]):
            if other[0] != text:
                pairs.add(16000, guide, pairs.file(other[2], 16000), 0, "speakers", other[0][:24] + " for " + text[:24])


def logistic(weights, x):
    return 1 / (1 + np.exp(-x @ weights))


def loss(weights, x, y):
    """Mean log loss in nats, right and wrong with the same weight in all."""
    sums = np.where(y == 1, 1, -1) * (x @ weights)
    each = np.logaddexp(0, -sums)
    return 0.5 * each[y == 1].mean() + 0.5 * each[y == 0].mean()


def fit(x, y, ridge):
    """Newton's method; the constant is free of the ridge."""
    share = np.where(y == 1, 0.5 / np.sum(y == 1), 0.5 / np.sum(y == 0))
    price = ridge * np.diag([1] * (x.shape[1] - 1) + [0])
    weights = np.zeros(x.shape[1])
    for _ in range(100):
        p = logistic(weights, x)
        slope = x.T @ (share * (p - y)) + price @ weights
        bend = x.T @ (x * (share * p * (1 - p))[:, None]) + price + 1e-12 * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        weights = weights - step * min(1, 5 / np.abs(step).max())
    return weights


def held_out(x, y, group, ridge):
    """Loss on each group by the weights fitted to all others."""
    return np.mean([loss(fit(x[group != g], y[group != g], ridge), x[group == g], y[group == g])
                    for g in np.unique(group)])


def report(title, weights, x, y, names):
    p = logistic(weights, x)
    right, wrong = p[y == 1], p[y == 0]
    print(f"{title:6s} log loss {loss(weights, x, y):.4f}; refused {np.sum(right < THRESHOLD)} of {len(right)} right, "
          f"accepted {np.sum(wrong >= THRESHOLD)} of {len(wrong)} wrong at {THRESHOLD}; confidence: right 5 % "
          f"{np.percentile(right, 5):.3f}, median {np.median(right):.3f}; wrong median {np.median(wrong):.3f}, 95 % "
          f"{np.percentile(wrong, 95):.3f}, gap 5 %-95 % {np.percentile(right, 5) - np.percentile(wrong, 95):.3f}")
    strict = np.percentile(wrong, 99)
    print(f"       where 1 % of the wrong are accepted ({strict:.2f}), {np.mean(right < strict):.1%} of the right are refused")
    worst = np.argsort(np.where(y == 1, p, 1 - p))[:5]
    print("       worst: " + "; ".join(f"{names[k]} ({'right' if y[k] else 'wrong'}, {p[k]:.2f})" for k in worst))
    return loss(weights, x, y)


def gather(quick):
    with tempfile.TemporaryDirectory() as folder:
        pairs = Pairs(folder)
        add_recordings(pairs, quick, *((1, 2) if quick else (2, 3)))
        if not quick:
            add_texts(pairs, folder)
        out = fitlib.run_list(fitlib.runner("adr_fit_run"), pairs.lines)
    table = np.array([[float(v) for v in line.split()] for line in out])
    x = np.column_stack([table[:, :-1], np.ones(len(table))])
    return x, np.array(pairs.right), np.array(pairs.group), pairs.name, table[:, -1]


def main():
    quick = fitlib.arguments(__doc__).quick
    if not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    x, y, group, names, confidence = gather(quick)
    code = code_weights()
    off = np.abs(logistic(code, x) - confidence).max()
    print(f"{np.sum(y == 1)} right pairs, {np.sum(y == 0)} wrong; the code's confidence is the logistic function of these "
          f"features within {off:.1e}")
    assert off < 1e-5, "the features printed are not what the confidence is made of"
    ridge = RIDGES[0]
    if len(np.unique(group)) > 1:
        outs = {r: held_out(x, y, group, r) for r in RIDGES}
        ridge = min(outs, key=outs.get)
        print("loss on a group left out: " + ", ".join(f"ridge {r:g}: {v:.4f}" for r, v in outs.items()))
    else:
        ridge = RIDGES[-1]
    found = fit(x, y, ridge)
    print(f"\n{'':12s}{'code':>10s}{'found':>10s}   means: right, wrong (ridge {ridge:g})")
    for k, name in enumerate(NAMES):
        print(f"{name:12s}{code[k]:10.2f}{found[k]:10.2f}   {x[y == 1, k].mean():.3f} {x[y == 0, k].mean():.3f}")
    in_code, in_found = report("code", code, x, y, names), report("found", found, x, y, names)
    for g in np.unique(group):
        some = group == g
        if len(np.unique(y[some])) == 2:
            print(f"  {g:20s} {np.sum(y[some] == 1):4d} right {np.sum(y[some] == 0):4d} wrong   loss: code "
                  f"{loss(code, x[some], y[some]):.4f}, found {loss(found, x[some], y[some]):.4f}")
    # the weights tell right from wrong (0.69 is chance), and no others do so much better
    assert in_code < (0.4 if quick else 0.2), "the code's weights do not separate right from wrong any more: fit anew"
    # `found` has seen the very pairs that both are judged on, which flatters it most with the 33 of the quick set
    assert in_code < in_found + (0.15 if quick else 0.1), "weights fitted to these features are much better than the code's"
    assert quick or np.all(np.sign(found) == np.sign(code)), "a weight found has the other sign"


if __name__ == "__main__":
    main()
