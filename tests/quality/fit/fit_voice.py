#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Fits the weights of dsp/speech/voicemodel.c: which features, and which course of them, are speech; without the
network of dsp/net and with its log odds as one more feature.

fit_voice.py scenes DATA SEED COUNT OUT.npz [--held] [--crowd 0] [--alone 0.12] [--turns 0]
                                      mixes scenes of 12 s; writes their features, labels and today's answers. --held:
                                      of the recordings for validation; --turns: share of scenes in which music rises
                                      where the speech ends
fit_voice.py train HELD.npz MINUTES OUT.pt SCENES.npz ... [--learned] [--go-on]
                                      --learned: with the network's odds; --go-on: from today's weights
fit_voice.py write STATISTICAL.pt LEARNED.pt
                                      writes dsp/speech/voicestatistical.c and voicelearned.c
After new weights of the network: measure first. The fit with weights of before may be the better one (README.md).

DATA has speech, noise, music and ir as .npy (int16 at 48 kHz, all recordings one after the other) and .csv (first and
end of each, source, group, clean, val). Scenes: phrases with pauses, at -6 to 24 LU over ambience, music or both, a
crowd of voices in a room, or nothing; mono or stereo, the voice in the middle or beside it, with or without a room.
Two voices of three are read at .68 to 1.45 of their speed and pitch, some at another tempo or pitch alone (a child's);
a quarter of them is narrow (up to 2.2 to 7 kHz), and one scene of seven comes through a telephone.
Labels: the level of the clean phrase above both its 95th percentile - 32 dB and its 5th + 8 dB, gaps under 200 ms
filled. Wants numpy, scipy, and for `train` and `write` torch; voice_fit_run of the build folder (DMIX_BUILD).
"""
import argparse
import csv
import os
import pathlib
import re
import subprocess
import threading
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[2]
RUN = pathlib.Path(os.environ.get("DMIX_BUILD", SOURCE / "build")) / "tests/quality/fit/voice_fit_run"
RATE, HOP, SECONDS, FEATURES, ANSWERS = 48000, 480, 12, 74, 3
INPUTS, MOST_ODDS, SCALE = FEATURES + 1, 8, 0.25   # the last one is of the network
FRAMES = RATE * SECONDS
TRAITS, OPINIONS, DELAY = 18, 24, 30              # as in dsp/speech/voiceweights.h and voice.h
EDGES = [0, 2, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 120, 200]
ONSET = 5                                         # the first 100 ms of speech count 1 + 5 times
CAUTION = 2.6, 1.6                              # log odds from which the latest answer says speech, see README.md
WORDS = {"speech-commands", "pv-wake"}            # single words: no phrases


# ------------------------------------------------------------------ sound
def gain(db):
    return 10 ** (db / 20)


def runs(mask):
    d = np.diff(np.concatenate([[0], mask.astype(int), [0]]))
    return list(zip(np.where(d == 1)[0], np.where(d == -1)[0]))


def levels(x):
    return 10 * np.log10((x[:len(x) // 960 * 960].reshape(-1, 960) ** 2).mean(1) + 1e-12)


def label(x):
    """Speech or not, of each 10 ms."""
    e = levels(x)
    found = e > max(np.percentile(e, 95) - 32, np.percentile(e, 5) + 8)
    for a, b in runs(~found):
        found[a:b] |= b - a < 10 and a > 0 and b < len(found)
    for a, b in runs(found):
        found[a:b] &= b - a >= 3
    return np.repeat(found, 2)


def power(x):
    """Mean square, K-weighted (BS.1770-5, tables 1 and 2)."""
    from scipy.signal import lfilter
    x = lfilter([1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585], x, axis=0)
    x = lfilter([1, -2, 1], [1, -1.99004745483398, 0.99007225036621], x, axis=0)
    return (x ** 2).mean() + 1e-12


def loop(x, frames):
    fade = min(RATE // 4, len(x) // 4)
    w = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    y = x
    while len(y) < frames:
        y = np.concatenate([y[:-fade], y[-fade:] * (1 - w) + x[:fade] * w, x[fade:]])
    return y


def rms(x):
    return np.sqrt((x ** 2).mean() + 1e-12)


def read_at_speed(x, speed):
    """Faster and higher, in steps of 1/40."""
    from scipy.signal import resample_poly
    at = round(40 * speed)
    return x if at == 40 else resample_poly(x, 40, at).astype(np.float32)


def at_tempo(x, tempo):
    """Faster at the same pitch: pieces of 30 ms that overlap by half, each from where it continues best (WSOLA)."""
    n, reach, coarse = 720, 360, 6
    w, out = np.sin(np.pi * (np.arange(2 * n) + 0.5) / (2 * n)) ** 2, np.zeros(int(len(x) / tempo) // n * n + n)
    x = np.concatenate([np.zeros(reach), x, np.zeros(3 * n + 2 * reach)])
    low, last = x[::coarse], None
    for k in range(len(out) // n - 1):
        at = int(k * n * tempo)
        if last is not None:
            want = low[(last + n) // coarse:][:2 * n // coarse]
            match = np.correlate(low[at // coarse:][:(2 * n + 2 * reach) // coarse], want)
            at += int(match.argmax()) * coarse
        out[k * n:(k + 2) * n] += w * x[at:at + 2 * n]
        last = at
    return out.astype(np.float32)


def telephone(x, hz):
    """300 Hz to hz in the coarse steps of a telephone's (8 bit, mu-law) where it is a telephone's 3.4 kHz."""
    from scipy.signal import butter, sosfilt
    y = sosfilt(butter(4, [200 if hz < 3500 else 60, hz], "band", fs=RATE, output="sos"), x, axis=0)
    if hz < 3500:
        most = abs(y).max() + 1e-9
        steps = np.rint(127 * np.sign(y) * np.log1p(255 * abs(y) / most) / np.log(256)) / 127
        y = most * np.sign(steps) * np.expm1(abs(steps) * np.log(256)) / 255
        y = sosfilt(butter(6, hz, fs=RATE, output="sos"), y, axis=0)
    return y


class Recordings:
    def __init__(self, folder, kind, held):
        with open(folder / f"{kind}.csv", newline="") as f:
            rows = list(csv.DictReader(f))
        self.rows = [r for r in rows if (r["val"] == "1") == held] or rows
        self.sound = np.load(folder / f"{kind}.npy", mmap_mode="r")

    def by(self, column):
        groups = {}
        for r in self.rows:
            groups.setdefault(r[column], []).append(r)
        return groups

    def get(self, row):
        return np.asarray(self.sound[int(row["first"]):int(row["end"])], np.float32) / 32768


class Scenes:
    def __init__(self, folder, seed, held, crowd, alone, turns):
        self.rng, self.p_crowd, self.p_alone, self.p_turns = np.random.default_rng(seed), crowd, alone, turns
        self.speech, self.noise, self.music, self.ir = (Recordings(folder, k, held) for k in ("speech", "noise", "music", "ir"))
        self.speech.rows = [r for r in self.speech.rows if r["clean"] == "1" and r["source"] not in WORDS
                            and int(r["end"]) - int(r["first"]) > RATE]
        self.voices, self.places = self.speech.by("source"), self.noise.by("group")
        self.sources = sorted(self.voices)
        often = np.array([min(len(self.voices[s]), 300) ** 0.5 for s in self.sources])
        self.often = often / often.sum()

    def pick(self, rows):
        return rows[self.rng.integers(len(rows))]

    def phrase(self, voice=(1, 1)):
        for _ in range(20):
            x = self.speech.get(self.pick(self.voices[self.sources[self.rng.choice(len(self.sources), p=self.often)]]))
            e = levels(x)
            if len(e) > 50 and np.percentile(e, 95) - np.percentile(e, 5) >= 30:
                break
        most = int(self.rng.uniform(2, 9) * RATE)
        if len(x) > most:
            x = x[:most].copy()
            x[-480:] *= np.linspace(1, 0, 480)
        x = self.changed(x, voice)
        x = x[:len(x) // 960 * 960]
        return x, label(x)

    def other_voice(self):
        """Speed and tempo of a voice that is slower, lower, faster or higher than its recording, as a child's."""
        speed = np.exp(self.rng.uniform(np.log(0.68), np.log(1.45))) if self.rng.random() < 0.65 else 1
        tempo = 1 / speed if self.rng.random() < 0.4 else self.rng.uniform(0.75, 1.35)
        return speed, tempo if self.rng.random() < 0.4 else 1

    def changed(self, x, voice):
        x = read_at_speed(x, voice[0])
        return x if abs(voice[1] - 1) < 0.02 else at_tempo(x, voice[1])

    def background_at(self, x):
        return read_at_speed(x, self.rng.uniform(0.75, 1.35)) if self.rng.random() < 0.5 else x

    def tune(self):
        x = self.background_at(self.music.get(self.pick(self.music.rows)))
        return telephone(x, self.rng.uniform(2500, 7500)) if self.rng.random() < 0.3 else x

    def response(self):
        h = self.ir.get(self.pick(self.ir.rows))[:RATE]
        return h / np.sqrt((h ** 2).sum() + 1e-9)

    def in_room(self, x, share):
        from scipy.signal import fftconvolve
        y = fftconvolve(x, self.response())[:len(x)]
        return (1 - share) * x + share * y * rms(x) / rms(y)

    def crowd(self):
        y = np.zeros(14 * RATE)
        for _ in range(self.rng.integers(5, 12)):
            one, at = np.zeros(len(y)), 0
            while at < len(y) - RATE:
                x = self.phrase()[0][:len(y) - at]
                one[at:at + len(x)] += x / rms(x)
                at += len(x) + int(self.rng.uniform(0, 1.5) * RATE)
            y += np.roll(one, int(self.rng.integers(len(y)))) * gain(self.rng.uniform(-8, 0))
        return self.in_room(y, self.rng.uniform(0.3, 1))

    def ambience(self):
        if self.rng.random() < self.p_crowd:
            return self.crowd()
        babble = self.rng.random() < 0.1 and "babble" in self.places
        rows = self.places["babble" if babble else self.pick(sorted(self.places))]
        x = self.noise.get(self.pick(rows))
        while len(x) < 3 * RATE or (len(x) < 20 * RATE and self.rng.random() < 0.15):
            x = np.concatenate([x, self.noise.get(self.pick(rows))])
        return self.background_at(x)

    def bed(self, x, channels):
        """A background of any width, from a place of its own."""
        x = loop(np.roll(x, -int(self.rng.integers(len(x)))), FRAMES + 1)
        wide, p = self.rng.random(), self.rng.uniform(0, 1)
        one, two, three = (np.roll(x, len(x) * k // 3)[:FRAMES] for k in range(3))
        if channels == 1:
            y = one[:, None]
        elif wide < 0.15:
            y = one[:, None] * [np.cos(p * np.pi / 2), np.sin(p * np.pi / 2)]
        elif wide < 0.25:
            y = np.stack([one, one], 1)
        else:
            y = np.sqrt(p) * one[:, None] + np.sqrt(1 - p) * np.stack([two, three], 1)
        return y / np.sqrt(power(y))

    def placed(self, x, kind, beside):
        """A phrase in stereo: dry, in a room, or with two different tails."""
        from scipy.signal import fftconvolve, lfilter
        both = np.stack([x, x], 1)
        if kind < 0.2:
            both = np.repeat(self.in_room(x, self.rng.uniform(0.2, 1))[:, None], 2, 1)
        elif kind < 0.55:
            t = np.arange(int(0.4 * RATE)) / RATE
            for c in (0, 1):
                h = np.concatenate([np.zeros(960), self.rng.standard_normal(len(t)) * 10 ** (-3 * t / 0.4)])
                y = fftconvolve(x, lfilter([1], [1, -0.5], h))[:len(x)]
                both[:, c] = x + y * gain(-self.rng.uniform(12, 20)) * rms(x) / rms(y)
        if beside:
            g = self.rng.uniform(0.2, 1)
            both = both * ([1, g] if self.rng.random() < 0.5 else [g, 1])
        return both

    def dialogue(self, channels):
        out, labels = np.zeros((FRAMES, 2)), np.zeros(FRAMES // HOP, bool)
        at, two, room = int(self.rng.uniform(0, 3) * RATE) // HOP * HOP, self.rng.random() < 0.25, self.rng.random()
        longest, number = 2.5 if self.rng.random() < 0.7 else 6, 0
        voices, narrow = [self.other_voice() for _ in (0, 1)], self.rng.uniform(2200, 7000) if self.rng.random() < 0.25 else 0
        while at < FRAMES - RATE:
            x, speaks = self.phrase(voices[number % 2 if two else 0])
            x = telephone(x, narrow) if narrow else x
            x = (x * gain(-24 + self.rng.normal(0, 1.5)) / np.sqrt(power(x)))[:FRAMES - at]
            out[at:at + len(x)] += self.placed(x, room, channels > 1 and two and number % 2)
            speaks = speaks[:len(labels) - at // HOP]
            labels[at // HOP:at // HOP + len(speaks)] |= speaks
            at = (at + len(x) + int(self.rng.uniform(0.3, longest) * RATE)) // HOP * HOP
            number += 1
        return out[:, :channels], labels

    def background(self, kind, channels):
        out = np.zeros((FRAMES, channels))
        if kind in ("ambience", "both"):
            out += self.bed(self.ambience(), channels)
            if self.rng.random() < 0.35:
                out += self.bed(self.ambience(), channels) * gain(-self.rng.uniform(0, 10))
        if kind in ("music", "both"):
            out += self.bed(self.tune(), channels) * gain(self.rng.normal(0, 3 * (kind == "both")))
        return out

    def turn(self, channels):
        """Speech over nearly nothing; where it ends, music rises."""
        d, labels = self.dialogue(channels)
        cut = int(self.rng.uniform(3, 6) * 100)
        d[cut * HOP:], labels[cut:] = 0, False
        b = self.bed(self.tune(), channels)
        rise, on = int(self.rng.uniform(0, .3) * RATE) + 1, cut * HOP + int(self.rng.uniform(-.2, .5) * RATE)
        up = np.clip((np.arange(FRAMES) - on) / rise, 0, 1)
        b *= (up + (1 - up) * gain(-self.rng.uniform(10, 40)))[:, None]
        speaks = np.repeat(labels, HOP)
        loud = power(d[speaks]) if speaks.sum() > RATE / 2 else gain(-48)
        return d + b * np.sqrt(loud) * gain(self.rng.uniform(-15, 6)), labels, 0.0

    def make(self):
        """(sound, labels, level of the speech over the rest in LU)"""
        channels = 2 if self.rng.random() < 0.55 else 1
        x, labels, level = self.turn(channels) if self.rng.random() < self.p_turns else self.mixed(channels)
        if self.rng.random() < 0.15:
            x = telephone(x, self.rng.uniform(3000, 3900))
        x *= min(gain(self.rng.uniform(-14, 6)), 0.98 / max(abs(x).max(), 1e-9))
        if self.rng.random() < 0.7:
            x = x + self.rng.standard_normal(x.shape) * gain(-self.rng.uniform(80, 105))
        return x.astype(np.float32), labels, level

    def mixed(self, channels):
        kind = self.rng.choice(["ambience", "music", "both", "clean"], p=[0.34, 0.3, 0.24, 0.12])
        d, labels = np.zeros((FRAMES, channels)), np.zeros(FRAMES // HOP, bool)
        if self.rng.random() > self.p_alone:
            d, labels = self.dialogue(channels)
        b, level = self.background(kind, channels), 99.0
        if kind != "clean":
            speaks, level = np.repeat(labels, HOP), self.rng.uniform(-6, 24)
            loud = power(d[speaks]) if speaks.sum() > RATE / 2 else gain(-48)
            b *= np.sqrt(loud / power(b)) * gain(-level)
        return d + b, labels, level


def scenes(o):
    made = Scenes(o.data, o.seed, o.held, o.crowd, o.alone, o.turns)
    run = subprocess.Popen([RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    features, answers, labels, level = [], [], [], []
    for _ in range(o.count):
        x, speaks, lu = made.make()
        signals = [x.mean(1)] + ([(x[:, 0] - x[:, 1]) / 2] if x.shape[1] > 1 else [])
        data = np.array([len(signals), FRAMES], np.uint32).tobytes() + b"".join(s.tobytes() for s in signals)
        feed = threading.Thread(target=lambda data=data: (run.stdin.write(data), run.stdin.flush()))
        feed.start()
        f = np.frombuffer(run.stdout.read(FRAMES // HOP * (FEATURES + ANSWERS) * 4), np.float32).reshape(FRAMES // HOP, -1)
        feed.join()
        features.append(f[:, :FEATURES].astype(np.float16))
        answers.append(f[:, FEATURES:])
        labels.append(speaks)
        level.append(lu)
    np.savez(o.out, f=np.array(features), p=np.array(answers), l=np.array(labels), i=np.array(level))


# ------------------------------------------------------------------ fit
def network(mean, deviation):
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.mu, self.sd = nn.Parameter(mean, False), nn.Parameter(deviation, False)
            self.a = nn.Linear(INPUTS, TRAITS)
            self.b = nn.Linear(TRAITS * (len(EDGES) - 1), OPINIONS)
            self.c = nn.Linear(OPINIONS, 2)

        def forward(self, f):
            sums = nn.functional.pad(torch.tanh(self.a((f - self.mu) / self.sd)), (0, 0, EDGES[-1] + 1, 0)).cumsum(1)
            n, z = f.shape[1], EDGES[-1] + 1
            spans = [(sums[:, z - a:z - a + n] - sums[:, z - b:z - b + n]) / (b - a) for a, b in zip(EDGES, EDGES[1:])]
            return self.c(torch.tanh(self.b(torch.cat(spans, 2))))

    return Net()


def read(path, learned):
    """Scenes, the log odds of the network behind their features, or 0."""
    z = dict(np.load(path))
    p = z.pop("p")[..., 2:].astype(float)
    odds = SCALE * np.clip(np.log(np.maximum(p, 1e-9) / np.maximum(1 - p, 1e-9)), -MOST_ODDS, MOST_ODDS)
    z["f"] = np.concatenate([z["f"], (odds * learned).astype(np.float16)], 2)
    return z


def batch(features, labels, which):
    import torch
    y = torch.tensor(labels[which].astype(np.float32))
    late = torch.cat([torch.zeros(len(which), DELAY), y[:, :-DELAY]], 1)
    return torch.tensor(features[which].astype(np.float32)), torch.stack([y, late], 2)


def doubt(x, rng):
    """Moves the network's odds in stretches of 1 to 10 s of half of the scenes: its answers to what it was trained with,
    most of these scenes, are better than those to other music and other voices."""
    for scene in (s for s in x if rng.random() < 0.5):
        first, length = rng.integers(0, 1000), rng.integers(100, 1000)
        part = scene[first:first + length, -1]
        part += SCALE * rng.uniform(-5, 7)
        part.clamp_(-SCALE * MOST_ODDS, SCALE * MOST_ODDS)
    return x


def importance(y):
    """Of each step in the loss: the first 100 ms of speech count more, for a quick onset."""
    import torch
    before = torch.nn.functional.max_pool1d(torch.nn.functional.pad(y[:, None, :, 0], (30, 0)), 30, 1)[:, 0, :-1]
    onset = (y[..., 0] > 0) & (before == 0)
    recent = torch.nn.functional.max_pool1d(torch.nn.functional.pad(onset[:, None].float(), (9, 0)), 10, 1)[:, 0]
    return torch.stack([1 + ONSET * recent * y[..., 0], torch.ones_like(recent)], 2)


def balanced(net, z):
    """For both answers: balanced accuracy in % at -6..2.5, ..7.5, ..15, ..30 LU and clean; fired without speech."""
    import torch
    net.eval()
    with torch.no_grad():
        both = [batch(z["f"], z["l"], np.arange(k, min(k + 16, len(z["f"])))) for k in range(0, len(z["f"]), 16)]
        p, y = (np.concatenate(v) for v in zip(*((net(a).numpy() > 0, b.numpy() > 0.5) for a, b in both)))
    net.train()
    text, level = [], z["i"] if z["i"].ndim == 1 else z["i"][:, 0]
    for h in (0, 1):
        for low, high in ((-9, 2.5), (2.5, 7.5), (7.5, 15), (15, 30), (30, 100)):
            m = (level >= low) & (level < high) & z["l"].any(1)
            a, b = p[m][..., h], y[m][..., h]
            text.append(f"{50 * ((a & b).sum() / max(b.sum(), 1) + (~a & ~b).sum() / max((~b).sum(), 1)):.1f}")
        text.append(f"alone {100 * p[~z['l'].any(1)][..., h].mean():.1f}")
    return " ".join(text)


def file_of(name):
    return SOURCE / f"dsp/speech/voice{name}.c"


def take_over(net, learned):
    """Today's weights."""
    import torch
    text = file_of("learned" if learned else "statistical").read_text()
    w = {name: np.array(re.findall(r"-?[\d.]+(?:e-?\d+)?", values), float)
         for name, values in re.findall(r"\b(\w+)\[[^=;]*= (\{.*?\});", text, re.S)}
    first = w["trait"].reshape(TRAITS, -1) * w["trait_scale"][:, None]
    state = {"a.weight": first * net.sd.numpy(), "a.bias": w["trait_bias"] + first @ net.mu.numpy(),
             "b.weight": w["opinion"].reshape(OPINIONS, -1) * w["opinion_scale"][:, None], "b.bias": w["opinion_bias"],
             "c.weight": w["answer"].reshape(2, -1), "c.bias": w["answer_bias"] + [CAUTION[learned], 0]}
    net.load_state_dict({k: torch.tensor(v, dtype=torch.float32) for k, v in state.items()}, strict=False)


def train(o):
    import torch
    torch.set_num_threads(1)
    torch.manual_seed(1)
    z = [read(f, o.learned) for f in o.scenes]
    f, labels, held = np.concatenate([v.pop("f") for v in z]), np.concatenate([v["l"] for v in z]), read(o.held, o.learned)
    some = f[::7].reshape(-1, INPUTS).astype(np.float32)
    net = network(torch.tensor(some.mean(0)), torch.tensor(some.std(0) + 0.05))
    net.a.weight.data[:, -1] *= o.learned
    rate = 1e-3 if o.go_on else 3e-3
    if o.go_on:
        take_over(net, o.learned)
        print(f"today: held {balanced(net, held)}", flush=True)
    optimiser, rng, began, epoch = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-3), np.random.default_rng(0), time.time(), 0
    while (done := (time.time() - began) / 60 / o.minutes) < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate * (0.5 * (1 + np.cos(np.pi * done)) + 0.01)
        order, total = rng.permutation(len(f)), 0.0
        for k in range(0, len(order) - 15, 16):
            x, y = batch(f, labels, order[k:k + 16])
            if o.learned:
                x = doubt(x, rng)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y, importance(y))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item()
        epoch += 1
        print(f"{epoch}: loss {total / (len(order) // 16):.4f}, held {balanced(net, held)}", flush=True)
    torch.save(net.state_dict(), o.out)


def written(path, name, caution):
    """A set of weights in C."""
    import torch
    w = {k: v.numpy().astype(float) for k, v in torch.load(path).items()}
    first = w["a.weight"] / w["sd"]

    def rounded(m, most):
        scale = abs(m).max(1) / most
        return np.rint(m / scale[:, None]).astype(int), scale

    def floats(v):
        return "{ " + ", ".join(f"{x:.5g}" + ("f" if set(f"{x:.5g}") & set(".e") else ".0f") for x in v) + " }"

    def table(m, text=lambda r: "{ " + ", ".join(map(str, r)) + " }"):
        return "{\n" + "".join(f"  {text(r)},\n" for r in m) + "}"

    trait, trait_scale = rounded(first, 32767)
    opinion, opinion_scale = rounded(w["b.weight"], 127)
    # the same sum at the mean of the features, for rounded weights, too
    bias = w["a.bias"] - trait * trait_scale[:, None] @ w["mu"]
    w["c.bias"][0] -= caution
    fields = (("short", "trait", "[TRAITS][INPUTS]", table(trait)),
              ("signed char", "opinion", "[OPINIONS][SPANS * TRAITS]", table(opinion)),
              ("float", "trait_scale", "[TRAITS]", floats(trait_scale)), ("float", "trait_bias", "[TRAITS]", floats(bias)),
              ("float", "opinion_scale", "[OPINIONS]", floats(opinion_scale)),
              ("float", "opinion_bias", "[OPINIONS]", floats(w["b.bias"])),
              ("float", "answer", "[ANSWERS][OPINIONS]", table(w["c.weight"], floats)),
              ("float", "answer_bias", "[ANSWERS]", floats(w["c.bias"])))
    return ("/* SPDX-License-Identifier: LGPL-2.1-or-later\n * Copyright (C) 2026 The dmix authors */\n"
            "/* Written by tests/quality/fit/fit_voice.py. */\n#include \"speech/voiceweights.h\"\n\n"
            + "\n".join(f"static const {kind} {field}{size.replace('[', '[DMIX_VOICE_').replace('* ', '* DMIX_VOICE_')} = {values};\n"
                        for kind, field, size, values in fields)
            + f"\nconst DmixVoiceWeights dmix_voice_{name} = {{ " + ", ".join(f[1] for f in fields) + " };\n")


def write(o):
    for name, path, caution in (("statistical", o.statistical, CAUTION[0]), ("learned", o.learned, CAUTION[1])):
        file_of(name).write_text(written(path, name, caution))
    print("now run tests/style/format.py --apply")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    s = p.add_subparsers(dest="what", required=True)
    q = s.add_parser("scenes")
    q.add_argument("data", type=pathlib.Path)
    q.add_argument("seed", type=int)
    q.add_argument("count", type=int)
    q.add_argument("out")
    q.add_argument("--held", action="store_true")
    q.add_argument("--crowd", type=float, default=0.0)
    q.add_argument("--alone", type=float, default=0.12)
    q.add_argument("--turns", type=float, default=0.0)
    q = s.add_parser("train")
    q.add_argument("held")
    q.add_argument("minutes", type=float)
    q.add_argument("out")
    q.add_argument("scenes", nargs="+")
    q.add_argument("--go-on", action="store_true")
    q.add_argument("--learned", action="store_true")
    q = s.add_parser("write")
    q.add_argument("statistical")
    q.add_argument("learned")
    o = p.parse_args()
    {"scenes": scenes, "train": train, "write": write}[o.what](o)


if __name__ == "__main__":
    main()
