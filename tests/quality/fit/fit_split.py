#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Fits the weights of dsp/dialogue/splitmodel.

usage: fit_split.py DATA RUN OUT.c [--mixes 500] [--seconds 300] [--seed 1]

DATA: arrays made by tests/train/data.py; RUN: build/tests/quality/fit/split_fit_run; OUT.c:
dsp/dialogue/splitweights.c. Wants numpy and torch. Mixes of 6 s: speech in the centre, with a
decorrelated room, or two actors of whom one stands up to 22 degrees off, or mono; noise,
music or both, whose left and right share all or nothing, at once or delayed; dialogue 8 dB below
to 25 dB above. The target of each row is the gain^.3 of the Wiener filter that knows dialogue and
background; the loss is weighted by the compressed energy of the row. One mix in twelve
is held back, and its loss printed.
"""
import argparse
import csv
import struct
import subprocess

import numpy as np
import torch

RATE, SECONDS, ROWS = 48000, 6, 144
SHARED, VOICE, NETWORK, UNITS = 22, 2, 7, 24
WIDTH = np.diff([*range(1, 65), *range(65, 129, 2), 129, 134, 139, 145, 150, 156, 162, 168, 175, 182, 188, 196, 203, 211, 219, 227, 236,
                 245, 254, 264, 274, 284, 295, 306, 318, 330, 342, 355, 368, 382, 397, 412, 427, 443, 460, 477, 495, 513, 532, 552, 573,
                 594, 617, 640, 663, 688, 714, 740, 769])
FLOOR = 1e-6                                      # noise added to each signal, so that no spectrum is left out


class Recordings:
    def __init__(self, folder, kind, seconds):
        self.sound = np.load(f"{folder}/{kind}.npy", mmap_mode="r")
        with open(f"{folder}/{kind}.csv") as f:
            rows = [r for r in csv.DictReader(f) if r["val"] != "1" and r["voice"] != "1"]
        self.parts = [(int(r["first"]), int(r["end"])) for r in rows if int(r["end"]) - int(r["first"]) > seconds * RATE]

    def draw(self, rng):
        first, end = self.parts[rng.integers(len(self.parts))]
        return self.sound[first:end].astype(float) / 32768

    def fill(self, rng, n):
        x = self.draw(rng)
        return np.resize(np.roll(x, -int(rng.integers(len(x)))), n)


def level(x):
    return x / np.sqrt((x ** 2).mean() + 1e-12)


def panned(rng, x):
    angle = np.pi / 4 * (1 + rng.uniform(-1, 1) * (rng.random() < 0.7))
    return np.outer(x, [np.cos(angle), np.sin(angle)])


def tail(rng, x, seconds):
    t = np.arange(int(seconds * RATE)) / RATE
    h = rng.standard_normal(len(t)) * 10 ** (-3 * t / seconds)
    n = 1 << (len(x) + len(h)).bit_length()
    return level(np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(h, n), n)[:len(x)])


def bed(rng, recordings, n, most):
    """Left and right share `common` of their power, the rest comes from elsewhere in the recording or from its room."""
    x, common = recordings.fill(rng, n), rng.random() ** 0.7
    if rng.random() < 0.35:
        sides = [tail(rng, x, rng.uniform(0.02, 0.3)) for _ in range(2)]
    else:
        sides = [level(np.roll(x, int(rng.integers(n)))) for _ in range(2)]
    b = np.sqrt(common) * panned(rng, level(x)) + np.sqrt(1 - common) * 0.7 * np.stack(sides, 1)
    for _ in range(rng.integers(0, most)):
        b += panned(rng, level(recordings.fill(rng, n))) * 10 ** (rng.uniform(-12, 3) / 20)
    return level(b)


def recorded(rng, x):
    """A phrase as it may have been recorded: in a room, with noise of its own. Both belong to the dialogue."""
    if rng.random() < 0.3:
        x = x + tail(rng, x, rng.uniform(0.2, 1.5)) * 10 ** (rng.uniform(-22, -7) / 20)
    if rng.random() < 0.35:
        z = np.fft.rfft(rng.standard_normal(len(x)))
        z /= (np.arange(len(z)) + 10 * len(x) / RATE) ** rng.uniform(0, 1)
        x = x + level(np.fft.irfft(z, len(x))) * 10 ** (rng.uniform(-38, -14) / 20)
    return x


def dialogue(rng, speech, n):
    """Phrases with pauses; every other one by a second actor, if there is one."""
    form = ("centre", "room", "panned", "mono")[rng.choice(4, p=(0.27, 0.27, 0.21, 0.25))]
    actors, at, turn = np.zeros((2, n)), int(rng.uniform(0.3, 1.5) * RATE), 0
    while at < n - RATE // 2:
        x = recorded(rng, level(speech.draw(rng)))[:min(n - at, 4 * RATE)]
        actors[turn % 2 if form == "panned" else 0, at:at + len(x)] += x
        at, turn = at + len(x) + int(rng.uniform(0.1, 1.2) * RATE), turn + 1
    voice = actors.sum(0)
    if form == "mono":
        return voice[:, None]
    r = np.tan(np.radians(rng.uniform(-22, 22))) / np.tan(np.radians(30))
    d = actors[0][:, None] + actors[1][:, None] * np.array([1 + r, 1 - r]) / np.sqrt(1 + r * r)
    if form != "centre":
        d += np.stack([tail(rng, voice, 0.4) for _ in range(2)], 1) * np.sqrt((voice ** 2).mean()) * 10 ** (-18 / 20)
    return d


def scene(rng, speech, noise, music):
    n = SECONDS * RATE
    d = dialogue(rng, speech, n)
    kind = rng.choice(3, p=(0.4, 0.35, 0.25))
    b = 0
    if kind != 1:
        b = b + bed(rng, noise, n, 2)
    if kind != 0:
        b = b + bed(rng, music, n, 3)
    b = level(b.mean(1, keepdims=True) if d.shape[1] == 1 else b)
    over = rng.choice((rng.uniform(-8, 12), rng.uniform(-2, 25)))
    loud = 10 ** (rng.uniform(-38, -18) / 20)
    d, b = level(d) * loud * (rng.random() > 0.07), b * loud * 10 ** (-over / 20)
    return [(v + FLOOR * rng.standard_normal(v.shape)).astype("<f4") for v in (d + b, d, b)]


def features(run, signals):
    """(features, target, energy) of all rows of each spectrum"""
    frames, channels = signals[0].shape
    out = subprocess.run([run], input=struct.pack("<II", channels, frames) + b"".join(v.tobytes() for v in signals), stdout=subprocess.PIPE,
                         check=True).stdout
    count, kinds = struct.unpack("<I", out[:4])[0], SHARED + VOICE + NETWORK
    x = np.frombuffer(out, "<f4", offset=4)
    f = x[:count * kinds * ROWS].reshape(count, kinds, ROWS).transpose(0, 2, 1)
    mix, d, b = x[count * kinds * ROWS:].reshape(3, count, ROWS) / WIDTH
    return f, (d / (d + b + 1e-12)) ** 0.3, mix


def gather(o):
    rng = np.random.default_rng(o.seed)
    speech, noise, music = (Recordings(o.data, k, s) for k, s in (("speech", 1), ("noise", 4), ("music", 7)))
    out = []
    for i in range(o.mixes):
        f, t, e = features(o.run, scene(rng, speech, noise, music))
        keep = np.flatnonzero(rng.random(len(f)) < 0.6)
        keep = keep[keep > 12]
        weight = np.exp(0.3 * np.log(e[keep] + 1e-12))
        if i % 20 == 0:
            print(f"mix {i}", flush=True)
        out.append((f[keep].astype(np.float16), t[keep].astype(np.float16), np.minimum(weight / weight.mean(), 8).astype(np.float16),
                    np.full(len(keep), i % 12 == 0)))
    return [np.concatenate(v) for v in zip(*out)]


def train(x, target, weight, held, seconds):
    some = x[::50].reshape(-1, x.shape[-1]).astype(np.float32)
    mean, scale = some.mean(0), some.std(0) + 1e-3
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(x.shape[-1], UNITS), torch.nn.Tanh(), torch.nn.Linear(UNITS, UNITS), torch.nn.Tanh(),
                                torch.nn.Linear(UNITS, 1))
    steps = torch.optim.Adam(model.parameters(), 4e-3)
    rng, learn, judge = np.random.default_rng(0), np.flatnonzero(~held), np.flatnonzero(held)[::5]

    def loss(rows):
        u = torch.sigmoid(model(torch.from_numpy((x[rows].astype(np.float32) - mean) / scale))[..., 0])
        t, w = (torch.from_numpy(v[rows].astype(np.float32)) for v in (target, weight))
        return ((w + 0.2) * (u - t) ** 2).mean()

    count = int(seconds * 150)                    # steps a second, about
    for n in range(count):
        for group in steps.param_groups:
            group["lr"] = 4e-3 * (1 - n / count) + 2e-5
        error = loss(np.sort(rng.choice(learn, min(48, len(learn)), replace=False)))
        steps.zero_grad()
        error.backward()
        steps.step()
        if n % 1000 == 0 or n == count - 1:
            with torch.no_grad():
                print(f"step {n}: held back {float(loss(judge)):.4f}", flush=True)
    p = [v.detach().numpy() for v in model.parameters()]
    p[0] = p[0] / scale
    p[1] = p[1] - p[0] @ mean
    return p


def numbers(x, indent=2):
    lines, line = [], " " * indent
    for v in np.ravel(x):
        word = f"{v:.4g}"
        word += "f, " if "." in word or "e" in word else ".0f, "
        if len(line) + len(word) > 79:
            lines.append(line.rstrip())
            line = " " * indent
        line += word
    return "\n".join([*lines, line.rstrip()])


def write(path, models):
    text = ["/* SPDX-License-Identifier: LGPL-2.1-or-later", " * Copyright (C) 2026 The dmix authors */",
            "/* Weights of splitmodel.h, written by tests/quality/fit/fit_split.py. */", '#include "dialogue/splitmodel.h"', "", "/* clang-format off */"]
    for name, p in models.items():
        text += [f"static const float {name}_first[] = {{", numbers(p[0]), "};"]
        text += ["", f"static const float {name}_second[][DMIX_SPLIT_UNITS] = {{"]
        text += [line for row in p[2] for line in ("  {", numbers(row, 4), "  },")] + ["};", ""]
        for part, k in (("first_bias", 1), ("second_bias", 3), ("last", 4)):
            text += [f"static const float {name}_{part}[] = {{", numbers(p[k]), "};", ""]
    text += ["/* clang-format on */"]
    for name, p in models.items():
        text += ["", f"const DmixSplitWeights dmix_splitweights_{name} = {{", f"  {p[0].shape[1]},"]
        text += [f"  {name}_{part}," for part in ("first", "first_bias", "second", "second_bias", "last")]
        text += [numbers(p[5]), "};"]
    with open(path, "w") as f:
        f.write("\n".join(text) + "\n")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data")
    p.add_argument("run")
    p.add_argument("out")
    p.add_argument("--mixes", type=int, default=500)
    p.add_argument("--seconds", type=float, default=300)
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    x, target, weight, held = gather(o)
    network = [*range(SHARED), *range(SHARED + VOICE, SHARED + VOICE + NETWORK)]
    write(o.out, {"statistical": train(x[..., :SHARED + VOICE], target, weight, held, o.seconds),
                  "learned": train(x[..., network], target, weight, held, o.seconds)})


if __name__ == "__main__":
    main()
