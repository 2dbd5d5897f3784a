# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network frame by frame in numpy: the reference of an implementation in C, and a program for the scorers.

infer.py NET denoise [FLOOR_DB]        raw mono float32 at 48 kHz, stdin to stdout, later by 768 samples; no gain below
                                       FLOOR_DB (-30)
infer.py NET voice FILE.wav            probability of speech for each 10 ms: of the last frame that ended by then
infer.py NET frames COUNT OUT.f32      COUNT frames for a unit test, float32: 288 row energies of mid and side, 576 features,
                                       288 outputs (gain^.3 of mid, of side), probability of speech
infer.py NET split MIX.wav DIALOGUE.wav REST.wav     aligned with the mix; stereo or mono; their sum is the mix
A file needs the first 768 samples of what follows to end a frame: 32 ms of delay when live.
"""
import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
import numpy as np

import export
import front
from front import BINS, HOP, KINDS, ROOT_HANN, ROWS, WINDOW

POSITIONS = ROWS // 4
KEPT = np.float32(0.998)    # of h at most: a unit forgets within some 8 s, so that no sound changes the gains for ever


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))


class Layers:
    """The layers by name. A vector in, a vector out; with positions: (ins, POSITIONS) to (outs, POSITIONS)."""

    def __init__(self, path):
        self.shape, self.w = export.read(path)
        self.h = {}

    def dense(self, name, x):
        bias = self.w[name + ".b"]
        return self.w[name + ".w"] @ x + (bias[:, 0] if x.ndim == 1 else bias)

    def local(self, name, x):
        w = self.w[name + ".w"].reshape(POSITIONS, -1, x.shape[0])
        return np.einsum("poi,ip->op", w, x) + self.w[name + ".b"].reshape(POSITIONS, -1).T

    def gru(self, name, x):
        w = {k: self.w[f"{name}.{k}"] for k in ("wi", "wh", "bi", "bh")}
        bi, bh = (w[k] if x.ndim == 2 else w[k][:, 0] for k in ("bi", "bh"))
        n = len(bi) // 3
        h = self.h.get(name, np.zeros((n, *x.shape[1:]), np.float32))
        a, b = w["wi"] @ x + bi, w["wh"] @ h + bh
        r, z = sigmoid(a[:n] + b[:n]), np.minimum(sigmoid(a[n:2 * n] + b[n:2 * n]), KEPT)
        c = np.tanh(a[2 * n:] + r * b[2 * n:])
        self.h[name] = c + z * (h - c)
        return self.h[name]


def neighbourhoods(f):
    """(KINDS, ROWS) to (8 KINDS, POSITIONS): input 8 i + j of position p is row 4 p - 2 + j of kind i."""
    padded = np.pad(f, ((0, 0), (2, 2)))
    return np.stack([padded[:, 4 * p:4 * p + 8].ravel() for p in range(POSITIONS)], 1)


def rows_of(y):
    """(8, POSITIONS) to (2, ROWS): outputs 0..3 are the rows of mid at a position, 4..7 of side."""
    return y.reshape(2, 4, POSITIONS).transpose(0, 2, 1).reshape(2, ROWS)


class Net(Layers):
    """step(features) -> (gain^.3 of mid and side (2, ROWS), probability of speech). model.py has the same in torch."""

    def step(self, features):
        u, speech = getattr(self, self.shape)(features.astype(np.float32))
        return u, float(sigmoid(speech))

    def plain(self, f):
        a = self.gru("first", np.tanh(self.dense("enter", f.ravel())))
        both = np.concatenate([a, self.gru("second", a)])
        return sigmoid(self.dense("leave", both)).reshape(2, ROWS), self.dense("speech", both)[0]

    def direct(self, f):
        a = self.gru("first", np.tanh(self.dense("enter", f.ravel())))
        both = np.concatenate([a, self.gru("second", a)])
        y = self.dense("leave", both).reshape(2, ROWS) + rows_of(self.local("direct", neighbourhoods(f)))
        return sigmoid(y), self.dense("speech", both)[0]

    def bands(self, f):
        e = np.tanh(self.local("encode", neighbourhoods(f)))
        a = self.gru("first", e)
        q = self.gru("wide", np.tanh(self.dense("enter", self.dense("down", a).ravel())))
        k = np.tanh(self.dense("up", q)).reshape(-1, POSITIONS)
        b = self.gru("second", np.concatenate([a, k]))
        y = self.local("decode", np.concatenate([e, a, b]))
        return rows_of(sigmoid(y)), self.dense("speech", q)[0]

    def skip(self, f):
        e = np.tanh(self.local("encode", neighbourhoods(f)))
        a = self.gru("first", np.tanh(self.dense("enter", e.ravel())))
        both = np.concatenate([a, self.gru("second", a)])
        k = np.tanh(self.dense("up", both)).reshape(-1, POSITIONS)
        m = self.gru("memory", np.concatenate([e, k]))
        y = self.local("decode", np.concatenate([e, k, m]))
        return rows_of(sigmoid(y)), self.dense("speech", both)[0]


def analyse(path, x):
    """x (samples, 1 or 2) -> spectra of mid and side, gain^.3 (frames, 2, ROWS), speech (frames). Frame k ends at
    sample 768 (k + 1)."""
    x = np.pad(x.astype(np.float32), ((WINDOW - HOP, HOP + -len(x) % HOP), (0, 0)))
    mid = front.spectra(x.mean(1))
    side = front.spectra((x[:, 0] - x[:, -1]) / 2)
    net, features = Net(path), front.Features()
    energies = [front.row_sums(np.abs(s[:, :BINS]) ** 2) for s in (mid, side)]
    u, p = zip(*(net.step(features(m, s)) for m, s in zip(*energies)))
    return mid, side, np.array(u), np.array(p)


def denoise(path, x, floor=-30.0):
    """x (samples,) -> cleaned, later by 768 samples."""
    mid, _, u, _ = analyse(path, x[:, None])
    g = np.maximum(front.bin_gains(u[:, 0]), 10 ** (floor / 20))
    return front.sound(mid * g)[: len(x)]


def split(path, x):
    """x (samples, 1 or 2) -> dialogue of the same shape, aligned."""
    n, channels = x.shape
    mid, side, u, _ = analyse(path, np.pad(x, ((0, WINDOW), (0, 0))))
    m, s = (front.sound(a * front.bin_gains(u[:, i]))[WINDOW - HOP:][:n] for i, a in enumerate((mid, side)))
    return np.stack([m + s, m - s], 1) if channels == 2 else m[:, None]


def voice(path, x):
    """One probability for each 10 ms of x (samples, channels)."""
    p = analyse(path, x[:, :2])[3]
    k = (np.arange(len(x) // 480) + 1) * 480 // HOP - 1
    return np.where(k >= 0, p[np.clip(k, 0, len(p) - 1)], 0)


def frames(path, count):
    """Rows for a unit test: noise that swells, a level step, digital silence."""
    rng, net, features, out = np.random.default_rng(1), Net(path), front.Features(), []
    tilt = front.WIDTH / (1 + np.arange(ROWS) / 8)
    for t in range(count):
        level = 0.0 if t % 50 == 49 else 10 ** (np.sin(t / 9) + (t > count // 2))
        e = (rng.exponential(1, (2, ROWS)) * tilt * level * [[1], [0.1]]).astype(np.float32)
        f = features(*e.astype(np.float64))
        u, p = net.step(f)
        out.append(np.concatenate([e.ravel(), f.ravel(), u.ravel(), [p]]))
    return np.array(out, "<f4")


def main(net, what, *rest):
    if what == "frames":
        frames(net, int(rest[0])).tofile(rest[1])
        return
    if what == "denoise":
        x = np.frombuffer(sys.stdin.buffer.read(), "<f4")
        sys.stdout.buffer.write(denoise(net, x, *map(float, rest)).astype("<f4").tobytes())
        return
    import soundfile
    x, rate = soundfile.read(rest[0], always_2d=True)
    if rate != front.RATE:
        sys.exit(f"{rest[0]}: {front.RATE} Hz wanted")
    if what == "voice":
        print("\n".join(f"{v:.4f}" for v in voice(net, x)))
    else:
        dialogue = split(net, x)
        soundfile.write(rest[1], dialogue, rate, subtype="FLOAT")
        soundfile.write(rest[2], x - dialogue, rate, subtype="FLOAT")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[2] not in ("denoise", "voice", "split", "frames"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
