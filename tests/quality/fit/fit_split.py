#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Fits the weights of dsp/dialogue/splitmodel: makes mixes, trains both models, writes them.

usage: fit_split.py DATA RUN OUT.c [--mixes 700] [--steps 5000] [--seed 1] [--jobs 1] [--keep MIXES.npz]

DATA: arrays made by tests/train/data.py; RUN: build/tests/quality/fit/split_fit_run; OUT.c:
dsp/dialogue/splitweights.c. Wants numpy and torch. splitscenes.py makes the mixes, of the recordings that are not for
validation. --keep writes the features of all mixes to a file, or reads them from it if it is there.

A row's gain is its Wiener gain, from dialogue and background that are known. The loss has three parts: the error of gain^.3,
weighted by the compressed energy of the row; the energy of the error against all the error that the mix has with the
Wiener gain and, as far as seen, with this model, so that a decibel counts alike in a clean mix and a noisy one; and the
same for the energy that is left in pauses. Prints, for mixes of the recordings for validation, by level of the dialogue
over the background: the gain of SDR with the model's gains and with the Wiener gains, the lowest tenth, and the level in pauses, in dB.
"""
import argparse
import concurrent.futures
import os
import struct
import subprocess

import numpy as np
import torch

import splitscenes

ROWS, SHARED, NETWORK, UNITS = 144, 29, 8, 32
WIDTH = np.diff([*range(1, 65), *range(65, 129, 2), 129, 134, 139, 145, 150, 156, 162, 168, 175, 182, 188, 196, 203, 211, 219, 227, 236,
                 245, 254, 264, 274, 284, 295, 306, 318, 330, 342, 355, 368, 382, 397, 412, 427, 443, 460, 477, 495, 513, 532, 552, 573,
                 594, 617, 640, 663, 688, 714, 740, 769])
HELD = 60            # mixes for validation
SKIP = 25            # spectra at the start, while the means form
SOME = 0.4           # share of the spectra that is kept
LANES, SPECTRA = 12, 10    # of a step: mixes, spectra of each
PAUSE = 1e-3         # share of dialogue in the power of a spectrum in a pause
ERROR_WEIGHT, PAUSE_WEIGHT = 0.10, 0.01
VOICE = slice(SHARED - 3, SHARED)
DEAF = 0.35          # share of the mixes of a step in which the voice detector says nothing


def features(run, signals):
    """(features, energies of mix, dialogue and background) of all rows of each spectrum"""
    frames, channels = signals[0].shape
    out = subprocess.run([run], input=struct.pack("<II", channels, frames) + b"".join(v.tobytes() for v in signals), stdout=subprocess.PIPE,
                         check=True).stdout
    count, kinds = struct.unpack("<I", out[:4])[0], SHARED + NETWORK
    x = np.frombuffer(out, "<f4", offset=4)
    f = x[:count * kinds * ROWS].reshape(count, kinds, ROWS).transpose(0, 2, 1)
    return f, x[count * kinds * ROWS:].reshape(3, count, ROWS)


def one(arg):
    data, run, seed, k, held = arg
    if not hasattr(one, "makers"):
        one.makers = {h: splitscenes.Maker(data, h) for h in (False, True)}
    f, e = features(run, one.makers[held].scene([seed, k, held]))
    keep = np.flatnonzero(np.random.default_rng([seed, k]).random(len(f)) < (1 if held else SOME))
    keep = keep[keep >= SKIP]
    return f[keep].astype(np.float16), np.log(e[:, keep] + 1e-9).astype(np.float16), np.full(len(keep), k)


def gather(o):
    """(features, logarithms of energies, mix) of the spectra; the first HELD mixes are for validation"""
    if o.keep and os.path.exists(o.keep):
        stored = np.load(o.keep)
        return stored["x"], stored["e"], stored["mix"]
    jobs = [(o.data, o.run, o.seed, k, k < HELD) for k in range(HELD + o.mixes)]
    with concurrent.futures.ProcessPoolExecutor(o.jobs) as pool:
        parts = []
        for part in pool.map(one, jobs):
            parts.append(part)
            if len(parts) % 50 == 0:
                print(f"{len(parts)} mixes", flush=True)
    x, e, mix = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts], 1), np.concatenate([p[2] for p in parts])
    if o.keep:
        np.savez(o.keep, x=x, e=e, mix=mix)
    return x, e, mix


class Mixes:
    """Energies and targets of some spectra, as torch wants them."""

    def __init__(self, e, where):
        self.mix, d, b = torch.exp(torch.from_numpy(e[:, where].astype(np.float32)))
        self.wiener = d / (d + b)
        self.rest = self.wiener * b                                    # energy of the error with the Wiener gain
        density = self.mix / torch.from_numpy(WIDTH.astype(np.float32))
        self.weight = density ** 0.3
        self.pause = (d.sum(-1) < PAUSE * (d + b).sum(-1)).float()
        self.background = b


def parts_of_loss(u, m, lost=1):
    """lost: weight of a gain that is too low. (compressed, energy of the error, energy in pauses): of each spectrum"""
    gain = u.clamp(1e-4, 1) ** (1 / 0.3)
    scale = m.weight.mean(-1, keepdim=True) + 1e-6
    off = u - m.wiener ** 0.3
    compressed = ((m.weight / scale).clamp(max=8) + 0.2) * off ** 2 * (1 + (lost - 1) * (off < 0))
    error = m.mix * (gain - m.wiener) ** 2
    return compressed.mean(-1), error.sum(-1), (m.mix * gain ** 2).sum(-1) * m.pause


class Model(torch.nn.Module):
    def __init__(self, inputs, mean, scale):
        super().__init__()
        self.mean, self.scale = torch.from_numpy(mean), torch.from_numpy(scale)
        self.layers = torch.nn.Sequential(torch.nn.Linear(inputs, UNITS), torch.nn.Tanh(), torch.nn.Linear(UNITS, UNITS), torch.nn.Tanh(),
                                          torch.nn.Linear(UNITS, 1))

    def forward(self, x):
        return torch.sigmoid(self.layers((torch.from_numpy(x.astype(np.float32)) - self.mean) / self.scale)[..., 0])

    def weights(self):
        """Those of features that are not normalized."""
        p = [v.detach().numpy().copy() for v in self.layers.parameters()]
        p[0] = p[0] / self.scale.numpy()
        p[1] = p[1] - p[0] @ self.mean.numpy()
        return p


def judge(model, x, e, mix):
    """Prints what the model does to the mixes for validation."""
    rows = []
    for k in range(HELD):
        where = np.flatnonzero(mix == k)
        m = Mixes(e, where)
        with torch.no_grad():
            _, error, pause = parts_of_loss(model(x[where]), m)
        power, rest, b = float(m.mix.sum()), float(m.rest.sum()), float(m.background.sum())
        if b > 0.99 * power:
            continue
        quiet = float((m.mix.sum(-1) * m.pause).sum()) + 1e-9
        db = lambda v: 10 * np.log10(v)
        rows.append((db((power - b) / b), db(b / (float(error.sum()) + rest)), db(b / rest), db((float(pause.sum()) + 1e-9) / quiet)))
    rows = np.array(rows)
    for low, high in ((-9, 3), (3, 10), (10, 18), (18, 70), (-9, 70)):
        some = rows[(rows[:, 0] >= low) & (rows[:, 0] < high)]
        quiet = some[np.abs(some[:, 3]) > 1e-6, 3]
        print(f"  {low} to {high} dB, {len(some)} mixes: SDR {some[:, 1].mean():.2f} dB of {some[:, 2].mean():.2f}, "
              f"lowest {np.percentile(some[:, 1], 10):.2f}, pauses {quiet.mean():.1f}", flush=True)


def forget(rng, f, doubt):
    """Makes features of some mixes worse, as they are for voices and sounds unlike those of the set: the voice detector says
    the same all the time, the network's odds, which knows these sounds, are smaller and off by a constant."""
    for lane in np.flatnonzero(rng.random(len(f)) < DEAF):
        f[lane, ..., VOICE] = rng.uniform(0, 1)
    if f.shape[-1] > SHARED:
        odds = [*range(SHARED, SHARED + 7)]
        f[..., odds] = f[..., odds] * rng.uniform(1 - doubt, 1, (len(f), 1, 1, 1)) + doubt * rng.normal(0, 0.3, (len(f), 1, 1, 1))


def train(x, e, mix, o, lost, doubt):
    some = x[::50].reshape(-1, x.shape[-1]).astype(np.float32)
    torch.manual_seed(o.seed)
    model = Model(x.shape[-1], some.mean(0), some.std(0) + 1e-3)
    steps = torch.optim.Adam(model.parameters(), 4e-3)
    rng, count = np.random.default_rng(o.seed), int(mix.max()) + 1
    of = [np.flatnonzero(mix == k) for k in range(count)]
    seen = np.zeros((2, count))                                        # errors of the model, by spectrum: mean of visits
    for n in range(o.steps):
        for group in steps.param_groups:
            group["lr"] = 4e-3 * (1 - n / o.steps) + 2e-5
        lanes = rng.choice(np.arange(HELD, count), LANES, replace=False)
        where = np.stack([np.sort(rng.choice(of[k], SPECTRA)) for k in lanes])
        m, f = Mixes(e, where), x[where].astype(np.float32)
        forget(rng, f, doubt)
        compressed, error, pause = parts_of_loss(model(f), m, lost)
        loss = 4 * compressed.mean()
        for row, found, base in ((0, error, m.rest.sum(-1)), (1, pause, 0.002 * m.mix.sum(-1) * m.pause)):
            now = found.detach().mean(1).numpy()
            seen[row, lanes] = np.where(seen[row, lanes] > 0, 0.8 * seen[row, lanes] + 0.2 * now, now)
            loss = loss + (ERROR_WEIGHT, PAUSE_WEIGHT)[row] * (found.mean(1) / (base.mean(1) + torch.from_numpy(seen[row, lanes]).float() + 1e-9)).clamp(max=20).mean()
        steps.zero_grad()
        loss.backward()
        steps.step()
        if n % 1000 == 0:
            print(f"step {n}: loss {float(loss.detach()):.4f}", flush=True)
    judge(model, x, e, mix)
    return model.weights()


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
    p.add_argument("--mixes", type=int, default=700)
    p.add_argument("--steps", type=int, default=5000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--keep")
    o = p.parse_args()
    torch.set_num_threads(1)                      # so that the weights do not depend on the machine
    x, e, mix = gather(o)
    # the statistical model takes more voices unlike these for background: there a gain that is too low counts twice
    write(o.out, {"statistical": train(x[..., :SHARED], e, mix, o, lost=2, doubt=0), "learned": train(x, e, mix, o, lost=1, doubt=0.4)})


if __name__ == "__main__":
    main()
