# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Finished mixes with their true stems for fit_split.py, from the arrays of tests/train/data.py.

Dialogue: phrases of one or two actors at .72 to 1.4 of their speed and pitch, coloured, in rooms, with noise of their own;
in the centre, with decorrelated reverberation, with one actor up to 24 degrees off, or mono. Background: places, single
sounds, music or several of them, at other speeds and backwards, swelling; left and right share all or nothing, at once or
delayed. The dialogue is 7 LU below to 27 LU above it; one mix in eight is cleaner still, one in fifteen has no speech.
"""
import csv

import numpy as np

from fitlib import convolved

RATE, SECONDS = 48000, 6
FLOOR = 1e-6                                      # noise added to each signal, so that no spectrum is left out


class Recordings:
    """Recordings of a kind, those for validation or the others. Groups (speakers) with less than `least` seconds are left out;
    the others are drawn by their length, two of three times among those whose recordings are longer than 2 s."""

    def __init__(self, folder, kind, held, least=0):
        self.sound = np.load(f"{folder}/{kind}.npy", mmap_mode="r")
        with open(f"{folder}/{kind}.csv") as f:
            rows = [r for r in csv.DictReader(f) if (r["val"] == "1") == held and r["voice"] != "1"]
        self.parts = [(int(r["first"]), int(r["end"]), (r["source"], r["group"])) for r in rows]
        self.groups = {}
        for part in self.parts:
            self.groups.setdefault(part[2], []).append(part)
        seconds = {name: np.array([b - a for a, b, _ in parts]) / RATE for name, parts in self.groups.items()}
        weight = np.array([min(v.sum(), 300) * (v.sum() >= least) for v in seconds.values()])
        long = np.array([np.median(v) > 2 for v in seconds.values()]) * weight
        self.names = list(self.groups)
        self.weight = weight / weight.sum() * (1 / 3 if long.any() else 1) + (long * (2 / 3 / long.sum()) if long.any() else 0)

    def take(self, part):
        return self.sound[part[0]:part[1]].astype(float) / 32768

    def group(self, rng):
        return self.groups[self.names[rng.choice(len(self.names), p=self.weight)]]

    def draw(self, rng, least):
        """A recording of at least so many seconds, or the longest of eight."""
        for n in range(8):
            parts = self.group(rng)
            part = parts[rng.integers(len(parts))]
            if part[1] - part[0] >= least * RATE:
                break
        return self.take(part)


def level(x):
    return x / np.sqrt((x ** 2).mean() + 1e-12)


def decibels(rng, low, high):
    return 10 ** (rng.uniform(low, high) / 20)


def at_speed(x, speed):
    at = np.arange(int(len(x) / speed)) * speed
    return np.interp(at, np.arange(len(x)), x)


def coloured(rng, x, most):
    """Bumps and dips of up to so many dB."""
    hertz = np.fft.rfftfreq(len(x), 1 / RATE) + 1
    knots = np.log2([60, 125, 250, 500, 1000, 2000, 4000, 8000, 16000])
    gain = np.interp(np.log2(hertz), knots, rng.uniform(-most, most, len(knots)))
    return np.fft.irfft(np.fft.rfft(x) * 10 ** (gain / 20), len(x))


def tail(rng, x, seconds):
    """Reverberation without the direct sound, of mean power 1."""
    t = np.arange(int(seconds * RATE)) / RATE
    return level(convolved(x, rng.standard_normal(len(t)) * 10 ** (-3 * t / seconds)))


def angles(rng, most):
    """Gains of left and right by the tangent law, of constant power."""
    r = np.tan(np.radians(rng.uniform(-most, most))) / np.tan(np.radians(30))
    return np.array([1 + r, 1 - r]) / np.sqrt(1 + r * r)


# ------------------------------------------------------------------ background

def stretch(rng, recordings, n, parts=None):
    """n samples: a recording or, of short ones, several of a group one after the other."""
    if parts is None:
        x = recordings.draw(rng, 3)
    else:
        x = np.zeros(0)
        while len(x) < n:
            y = recordings.take(parts[rng.integers(len(parts))])[:n]
            x = np.concatenate([x, y * decibels(rng, -12, 0), np.zeros(int(rng.exponential(0.25) * RATE) + 500)])
    if rng.random() < 0.6:
        x = at_speed(x, np.exp(rng.uniform(-0.45, 0.45)))
    x = np.resize(np.roll(x, -int(rng.integers(len(x)))), n)
    return x[::-1] if rng.random() < 0.15 else x


def bed(rng, recordings, n, parts=None):
    """Left and right share `common` of their power, the rest comes from elsewhere in the recording or from its room."""
    x = level(stretch(rng, recordings, n, parts))
    if rng.random() < 0.5:
        x = level(coloured(rng, x, 8))
    common = rng.choice((rng.random(), 0.5, 1.0), p=(0.65, 0.2, 0.15))
    gains = angles(rng, 30) if rng.random() < 0.4 else np.ones(2)
    if rng.random() < 0.35:
        sides = [tail(rng, x, rng.uniform(0.02, 0.3)) for _ in range(2)]
    elif parts is None and rng.random() < 0.7:
        sides = [np.roll(x, int(rng.integers(n))) for _ in range(2)]
    else:
        sides = [np.roll(x, int(rng.uniform(0.0003, 0.03) * RATE)) for _ in range(2)]
    return level(np.outer(x, gains) * np.sqrt(common) + np.sqrt(1 - common) * np.stack(sides, 1))


def background(rng, noise, music, n):
    z, parts = rng.random(), []
    if z < 0.62:
        parts.append(bed(rng, noise, n))
    if z < 0.15 or 0.55 < z < 0.70:
        parts.append(bed(rng, noise, n, noise.group(rng)) * decibels(rng, -9, 6))
    if z > 0.48:
        parts.append(bed(rng, music, n))
    if z > 0.9:
        parts.append(bed(rng, music, n) * decibels(rng, -12, 3))
    b = sum(parts)
    if rng.random() < 0.2:
        b = b * 10 ** (np.interp(np.arange(n), np.linspace(0, n, 7), rng.uniform(-12, 6, 7))[:, None] / 20)
    return b


# ------------------------------------------------------------------ dialogue

def phrase(rng, recordings, parts, speed):
    """About so long as a phrase: short recordings follow each other."""
    x, long = np.zeros(0), rng.uniform(1.2, 4) * RATE
    while len(x) < long:
        y = level(at_speed(recordings.take(parts[rng.integers(len(parts))]), speed))
        x = np.concatenate([x, y * decibels(rng, -3, 3), np.zeros(int(rng.uniform(0.02, 0.2) * RATE))])
    return x[:4 * RATE]


def recorded(rng, x, rooms):
    """A phrase as it may have been recorded: in a room, with noise of its own. Both belong to the dialogue."""
    if rng.random() < 0.4:
        x = coloured(rng, x, 5)
    z = rng.random()
    if z < 0.15:
        h = rooms.draw(rng, 0.1)[:int(0.8 * RATE)]
        h = h[np.argmax(abs(h)):] / abs(h).max()
        h[100:] *= decibels(rng, -14, 0)
        x = level(convolved(x, h))
    elif z < 0.4:
        x = x + tail(rng, x, rng.uniform(0.2, 1.2)) * decibels(rng, -24, -9)
    if rng.random() < 0.3:
        z = np.fft.rfft(rng.standard_normal(len(x)))
        z /= (np.arange(len(z)) + 10 * len(x) / RATE) ** rng.uniform(0, 1)
        x = x + level(np.fft.irfft(z, len(x))) * decibels(rng, -42, -20)
    return x


def dialogue(rng, speech, rooms, n):
    """Phrases with pauses; every other one by a second actor, if there is one."""
    form = ("centre", "room", "panned", "mono")[rng.choice(4, p=(0.22, 0.24, 0.34, 0.20))]
    actors, at, turn = np.zeros((2, n)), int(rng.uniform(0.3, 1.6) * RATE), 0
    cast = [(speech.group(rng), np.exp(rng.uniform(-0.33, 0.33)) if rng.random() < 0.6 else 1.0) for _ in range(2)]
    while at < n - RATE // 2:
        who = turn % 2 if form == "panned" else 0
        x = recorded(rng, phrase(rng, speech, *cast[who]), rooms)[:n - at]
        actors[who, at:at + len(x)] += x
        at, turn = at + len(x) + int(rng.uniform(0.2, 1.2) * RATE), turn + 1
    voice = actors.sum(0)
    if form == "mono":
        return voice[:, None]
    d = actors[0][:, None] * (angles(rng, 24) if rng.random() < 0.2 else 1) + actors[1][:, None] * angles(rng, 24)
    if form == "room" or (form == "panned" and rng.random() < 0.7):
        seconds = rng.uniform(0.25, 0.6)
        d += np.stack([tail(rng, voice, seconds) for _ in range(2)], 1) * np.sqrt((voice ** 2).mean()) * decibels(rng, -24, -14)
    return d


class Maker:
    def __init__(self, folder, held):
        self.speech = Recordings(folder, "speech", held, 8)
        self.noise, self.music, self.rooms = (Recordings(folder, kind, held) for kind in ("noise", "music", "ir"))

    def scene(self, seed):
        """(mix, dialogue, background), float32; seed: a list of numbers."""
        rng, n = np.random.default_rng(seed), SECONDS * RATE
        d, b = dialogue(rng, self.speech, self.rooms, n), background(rng, self.noise, self.music, n)
        b = level(b.mean(1, keepdims=True) if d.shape[1] == 1 else b)
        z = rng.random()
        over = rng.uniform(-7, 27) if z < 0.88 else rng.uniform(25, 60)
        loud = decibels(rng, -38, -18)
        d, b = level(d) * loud * (rng.random() > 0.07), b * loud * 10 ** (-over / 20)
        return [(v + FLOOR * rng.standard_normal(v.shape)).astype("<f4") for v in (d + b, d, b)]
