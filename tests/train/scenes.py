# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mixes scenes out of the recordings, new ones for every step: voice, place, music, levels, rooms, mid and side.

Mixer(data, seed).batches(frames, uses) -> Batches of 16 clips. Nothing is stored; the same seed gives the same scenes.
"""
import csv
import os
from dataclasses import dataclass

import numpy as np
from scipy.signal import fftconvolve, lfilter

import front
from front import LANES, RATE, ROWS

ACTIVE = 10 ** (-26 / 20)                # level of active speech before the volume is drawn
WORD = 1.8                               # s: shorter recordings are words and drawn seldom
# sources of many speakers and the two with sentences of full bandwidth get more draws than their length gives them,
# lists of single words fewer
SHARE = {"librispeech": 2.0, "vctk": 2.0, "pv-intent": 1.5, "kathleen": 2.5, "nathalie": 2.5,
         "speech-commands": 0.5, "audio-cmn": 0.5}
KNOTS = np.log([40, 100, 250, 600, 1500, 4000, 10000, 24000])
LOWS = np.log(40 * 2 ** np.arange(0, 6.6, 0.5))
TEXTURE = np.log([100, 200, 300, 450, 600, 800, 1100, 1500, 2000, 2800, 4000, 5600, 8000, 12000])
LOG_HZ = np.log(np.maximum(np.arange(front.BINS) * RATE / front.WINDOW, 40))


class Bank:
    """The recordings of one kind, training or validation part."""

    def __init__(self, data, kind, val):
        self.sound = np.load(os.path.join(data, kind + ".npy"), mmap_mode="r")
        with open(os.path.join(data, kind + ".csv")) as f:
            self.rows = [r for r in csv.DictReader(f) if (r["val"] == "1") == val]
        self.seconds = np.array([(int(r["end"]) - int(r["first"])) / RATE for r in self.rows])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, k):
        return self.sound[int(self.rows[k]["first"]):int(self.rows[k]["end"])]

    def column(self, name):
        return np.array([r[name] for r in self.rows])


@dataclass
class Scene:
    """Spectra of one clip, 16-bit full scale = 1. Side is None in a mono clip."""
    speech: np.ndarray
    rest: np.ndarray
    side_speech: np.ndarray | None
    side_rest: np.ndarray | None
    bandwidth: float
    voice: np.ndarray                    # 1 where somebody speaks
    heed: np.ndarray                     # 0 where nobody can tell


@dataclass
class Batch:
    """[column][row][frame][lane] arrays for the network; 4 targets as kernel.c's row_targets."""
    features: np.ndarray
    mid: np.ndarray
    side: np.ndarray
    voice: np.ndarray
    heed: np.ndarray


def power(x):
    return float(np.mean(np.square(x))) + 1e-14


def unit(x):
    return x * np.float32(power(x) ** -0.5)


def runs(mask):
    """(first, end) of the runs of equal values."""
    at = np.flatnonzero(np.diff(mask.astype(np.int8))) + 1
    return zip([0, *at], [*at, len(mask)])


def activity(x, frames):
    """1 for frames with voice: 10*log10 within 30 dB of the loud ones, gaps below 200 ms filled, bursts below 60 ms
    dropped, as the scorers of the project label speech."""
    hops = (x[: (frames + 1) * front.HOP].reshape(-1, front.HOP) ** 2).mean(1)
    level = 10 * np.log10(hops + 1e-12)
    top = np.percentile(level, 95)
    on = (level > max(top - 30, -65)) & (top > -65)
    for value, shortest in ((False, 12), (True, 4)):
        for first, end in list(runs(on)):
            inside = first > 0 and end < len(on)
            if on[first] == value and end - first < shortest and (inside or value):
                on[first:end] = not value
    return on[1:frames + 1] | on[:frames]


ONSET, EAGER = 5, 4.0                    # frames from the begin of a phrase on, and what their speech output counts


def eagerness(on):
    """Weight of the frames for the speech output: EAGER for the first ones of each phrase, which a ducker must not miss."""
    out = np.ones(len(on), np.float32)
    for first in np.flatnonzero(np.diff(on.astype(np.int8), prepend=0) > 0):
        out[first:first + ONSET] = EAGER
    return out


# How often a scene has something. The product's scenes are sentences in a recorded place; what differs from these makes
# places that no network can know by heart, and is rarer. The held clips stay as they were, so that runs compare.
OFTEN = {"plain": 0.75, "stereo": 0.3, "music": 0.35, "people": 0.22, "narrow": 0.15, "two places": 0.2, "grains": 0.2, "bursts": 0.14,
         "colour": 0.3, "texture": 0.08, "bursts of bands": 0.1, "lows": 0.5, "narrow place": 0.12}
OFTEN_HELD = {"plain": 0.4, "stereo": 0.4, "music": 0, "people": 0, "narrow": 0, "two places": 0, "grains": 0, "bursts": 0.25, "colour": 0.6,
              "texture": 0, "bursts of bands": 0, "lows": 0.7}
READERS = {"librispeech": 6.0, "vctk": 4.0}       # many speakers and whole sentences, but few hours


def fall_above(hz):
    """Gains of a band that ends there, 60 dB an octave."""
    return (10 ** (-3 * np.maximum(LOG_HZ - np.log(hz), 0) / np.log(2))).astype(np.float32)


class Mixer:
    def __init__(self, data, seed, val=False):
        self.rng, self.val = np.random.default_rng(seed), val
        self.often = OFTEN_HELD if val else OFTEN
        self.speech, self.noise, self.music, self.rooms = (
            Bank(data, kind, val) for kind in ("speech", "noise", "music", "ir"))
        self.prepare_voices()
        self.prepare_places()

    # -------------------------------------------------------------- drawing
    def prepare_voices(self):
        bank = self.speech
        readers = {} if self.val else READERS
        share = np.array([SHARE.get(s, 1.0) * readers.get(s, 1.0) for s in bank.column("source")])
        weight = np.minimum(bank.seconds, 8) * share * np.where(bank.column("clean") == "1", 1.0, 0.4)
        long = bank.seconds >= WORD
        self.sentence = np.cumsum(weight * long) / (weight * long).sum()
        self.anything = np.cumsum(weight) / weight.sum()
        self.speaker = np.char.add(np.char.add(bank.column("source"), "/"), bank.column("group"))

    def prepare_places(self):
        """Recordings of at least 4 s (beds) and of at most 6 s (events), drawn by class, then within it."""
        group, seconds = self.noise.column("group"), self.noise.seconds
        self.beds = self.by_class(group, seconds >= 4)
        self.events = self.by_class(group, seconds <= 6)

    def by_class(self, group, mask):
        mask = mask if mask.any() else mask | True
        names = [g for g in np.unique(group) if (mask & (group == g)).any()]
        members = [np.flatnonzero(mask & (group == g)) for g in names]
        weight = np.array([np.minimum(self.noise.seconds[m], 30).sum() ** 0.5 for m in members])
        return members, np.cumsum(weight) / weight.sum()

    def chance(self, p):
        return self.rng.random() < p

    def happens(self, what):
        p = self.often[what]
        return p > 0 and self.chance(p)

    def decibels(self, low, high):
        return np.float32(10 ** (self.rng.uniform(low, high) / 20))

    def draw(self, cumulative):
        return min(int(np.searchsorted(cumulative, self.rng.random())), len(cumulative) - 1)

    def draw_noise(self, classes):
        members, cumulative = classes
        return int(self.rng.choice(members[self.draw(cumulative)]))

    def curve(self, decibels):
        """A random smooth frequency response."""
        return (10 ** (np.interp(LOG_HZ, KNOTS, self.rng.uniform(-decibels, decibels, 8)) / 20)).astype(np.float32)

    def lows(self, power):
        """Gains that give a place of this mean power a bin the lows that places have. In traffic, rain, a train, wind or a
        hall the power falls by 4 to 8 dB an octave from 100 Hz to 4 kHz. Most recordings of the set are sound effects, with
        little below 500 Hz; from these alone the network learns that what is low is a voice."""
        octaves = (np.log(2000) - LOWS) / np.log(2)
        has = 10 * np.log10(np.interp(LOWS, LOG_HZ, np.convolve(power, np.ones(3) / 3, "same")) + 1e-9)
        wanted = 10 * np.log10(power[40:100].mean() + 1e-9) + self.rng.uniform(2, 9) * octaves
        corner = self.rng.uniform(np.log(400), np.log(3000))
        gain = np.clip(wanted - has, -6, 40) * np.clip((corner - LOWS) / np.log(2), 0, 1)
        return (10 ** (np.interp(LOG_HZ, LOWS, gain) / 20)).astype(np.float32)

    # -------------------------------------------------------------- voices
    def talk(self, count, cumulative, start, pauses):
        """One speaker for count samples from `start` on; (sound, bandwidth in Hz)."""
        out = np.zeros(count, np.float32)
        k = self.draw(cumulative)
        speed = self.rng.uniform(0.82, 1.22) if self.chance(0.6) else 1.0
        bandwidth, first = RATE / 2, True
        while start < count - RATE // 10:
            x = self.speech[k]
            if first and self.chance(0.3):
                x = x[int(self.rng.random() * 0.7 * len(x)):]
            n = min(int(len(x) / speed) - 1, count - start)
            if n > 0:
                out[start:start + n] = front.read_at_speed(x, speed, n)
                bandwidth = min(bandwidth, self.top(k, speed))
            start += max(n, 0) + int(RATE * (self.rng.uniform(1, 2) if self.chance(0.1) else self.rng.uniform(*pauses)))
            k, first = self.next_of(k, cumulative), False
        return out, bandwidth

    def top(self, k, speed):
        hz = float(self.speech.rows[k]["bandwidth"])
        return RATE / 2 if hz > 19000 else hz * min(speed, 1)

    def next_of(self, k, cumulative):
        """The next recording of the same speaker; a new speaker where there is none."""
        if k + 1 < len(self.speech) and self.speaker[k + 1] == self.speaker[k]:
            return k + 1
        return self.draw(cumulative)

    def response(self):
        """A room's response, from its direct sound on, whose peak is 1."""
        h = self.rooms[int(self.rng.integers(len(self.rooms)))].astype(np.float32)
        peak = int(np.argmax(np.abs(h)))
        return h[max(0, peak - 48):][: RATE * 6 // 10] / max(1.0, abs(float(h[peak])))

    def rooms_of(self, mid, side):
        """Mid and side far away in two places of a room: what comes after the direct sound is as strong as recorded."""
        return tuple(unit(fftconvolve(x, self.response())[: len(x)].astype(np.float32)) for x in (mid, side))

    def room(self, x):
        """x in a room: the direct sound and what comes after it, weaker by up to 12 dB than recorded."""
        h = self.response()
        h[120:] *= self.decibels(-12, 0) * np.linspace(1, 0, max(len(h) - 120, 0), dtype=np.float32)
        return fftconvolve(x, h)[: len(x)].astype(np.float32)

    # -------------------------------------------------------------- places
    def stretch_of(self, bank, k, count, slowest=0.8):
        """count samples of a recording from a random place, two of three times at a speed of `slowest` to its inverse."""
        speed = slowest ** self.rng.uniform(-1, 1) if self.chance(0.67) else 1.0
        x, need = bank[k], int(count * speed) + 2
        at = int(self.rng.integers(max(1, len(x) - need)))
        x = x[at:at + need]
        if len(x) < need:
            x = np.tile(x, need // len(x) + 1)[:need]
        return front.read_at_speed(x, speed, count)

    def bed(self, count):
        """Two stretches of one place: for the middle and for the sides; and whether voices may be in it. One in four runs
        backwards."""
        k = self.draw_noise(self.beds)
        parts = [self.stretch_of(self.noise, k, count, 0.6) for _ in range(2)]
        if self.chance(0.25):
            parts = [x[::-1] for x in parts]
        if self.happens("grains"):
            parts = [self.grains(x, count) for x in parts]
        return parts, self.noise.rows[k]["voice"] == "1"

    def two_beds(self, count):
        """Two places at once."""
        ((mid, side), voice), ((other, far), more) = self.bed(count), self.bed(count)
        g = self.decibels(-12, 6)
        return unit(mid) + unit(other) * g, unit(side) + unit(far) * g, voice or more

    def happenings(self, count):
        """Single sounds, one after the other: steps, doors, dishes."""
        out, at, k, voice = np.zeros(count, np.float32), int(self.rng.exponential(0.4) * RATE), -1, False
        gap = self.rng.exponential(0.5)
        members = self.events[0][self.draw(self.events[1])]
        while at < count - RATE // 20:
            if k < 0 or self.chance(0.6):
                k = int(self.rng.choice(members))
            x = self.noise[k][: count - at]
            out[at:at + len(x)] += x * (self.decibels(-14, 0) / 32768)
            at += int(len(x) * self.rng.uniform(0.4, 1.1) + self.rng.exponential(gap) * RATE) + RATE // 50
            voice |= self.noise.rows[k]["voice"] == "1"
        return out, voice

    def babble(self, count):
        """4 to 10 people at once, their voices spread over the sides."""
        mid, side = np.zeros(count, np.float32), np.zeros(count, np.float32)
        for _ in range(self.rng.integers(4, 11)):
            x = self.talk(count, self.anything, int(self.rng.integers(RATE // 4)), (0, 0.6))[0]
            x *= self.decibels(-10, 4)
            mid += x
            side += x * np.float32(self.rng.uniform(-1, 1))
        return mid, side

    def people(self, count):
        """A place full of people, as coffee shops and halls are: voices in its room, dishes and steps, and the rest of it."""
        mid, side = (unit(x) for x in self.babble(count))
        if self.chance(0.7):
            mid, side = self.rooms_of(mid, side)
        voice = False
        if self.chance(0.4):
            single, voice = self.happenings(count)
            mid = mid + unit(single) * self.decibels(-16, 0)
        if self.chance(0.7):
            (bed, far), more = self.bed(count)
            g, voice = self.decibels(-16, 6), voice or more
            mid, side = mid + unit(bed) * g, side + unit(far) * g
        return mid, side, voice

    def clicks(self, count, rate, decay):
        x = np.zeros(count, np.float32)
        n = self.rng.poisson(rate * count / RATE)
        x[self.rng.integers(0, count, n)] = self.rng.standard_normal(n) * np.exp(0.8 * self.rng.standard_normal(n))
        hz, q = np.exp(self.rng.uniform(np.log(150), np.log(8000))), np.exp(-1 / (decay * RATE))
        return lfilter([1, -0.5], [1, -2 * q * np.cos(2 * np.pi * hz / RATE), q * q], x)

    def hum(self, count):
        t, hz = np.arange(count, dtype=np.float32) / RATE, self.rng.choice([50, 60, self.rng.uniform(40, 1200)])
        x = 0.02 * self.rng.standard_normal(count, np.float32)
        for h in range(1, self.rng.integers(3, 12)):
            x += self.rng.random() * h ** -self.rng.uniform(0.3, 1.5) * np.sin(2 * np.pi * hz * h * t) * (hz * h < 2e4)
        return x

    def made(self, count):
        """Noise from formulas: white, coloured, hum, sparse and dense clicks."""
        rng, kind = self.rng, self.rng.integers(5)
        if kind == 0:
            x = rng.standard_normal(count, np.float32)
        elif kind == 1:
            x = lfilter([1], [1, -rng.uniform(0.5, 0.995)], rng.standard_normal(count, np.float32))
        elif kind == 2:
            x = self.hum(count)
        elif kind == 3:
            x = self.clicks(count, np.exp(rng.uniform(0.7, 4)), np.exp(rng.uniform(-7.6, -4)))
        else:
            x = self.clicks(count, np.exp(rng.uniform(4.6, 8)), np.exp(rng.uniform(-9.2, -5.8)))
        return x.astype(np.float32)

    def place(self, count):
        """(mid, side or None, whether voices may be in it) of an ambience."""
        z = self.rng.random()
        if z < 0.10:
            return self.made(count), None, False
        if z < 0.30:
            mid, side = self.babble(count)
            if self.chance(0.6):
                mid = unit(mid) + unit(self.bed(count)[0][0]) * self.decibels(-20, 3)
            return mid, side, False
        if 0.48 <= z < 0.64:
            mid, side, voice = self.two_beds(count)
        else:
            (mid, side), voice = self.bed(count)
        if z < 0.48:
            single, more = self.happenings(count)
            mid, side, voice = unit(single) + unit(mid) * self.decibels(-25, -3), unit(side), voice or more
        if self.chance(0.15):
            swell = np.interp(np.arange(count), np.linspace(0, count, 6), self.rng.uniform(-14, 6, 6))
            mid = mid * (10 ** (swell / 20)).astype(np.float32)
        return mid, side, voice

    def plain_place(self, count):
        """The same of a plain scene: one recorded place, two of them, or people."""
        if self.happens("people"):
            return self.people(count)
        if self.happens("two places"):
            return self.two_beds(count)
        (mid, side), voice = self.bed(count)
        return mid, side, voice

    def rhythm(self, count):
        """Envelope of a place that comes in bursts at the rate of syllables: an engine, hooves, an axle, waves, applause.
        Recordings of such places are rare in the set; without them whatever swells and falls counts as a voice."""
        period = RATE / np.exp(self.rng.uniform(np.log(0.8), np.log(9)))
        events = int(count / period) + 3
        spread = self.rng.uniform(0, 0.3)
        at = (np.arange(events) - self.rng.random() + spread * self.rng.standard_normal(events)) * period
        rise, fall = period * self.rng.uniform(0.03, 0.4), period * self.rng.uniform(0.1, 0.6)
        floor = 10 ** (-self.rng.uniform(4, 26) / 20)
        peak = np.maximum(floor, 10 ** (-self.rng.exponential(2.5, events) / 20))
        times = np.stack([at, at + rise, at + rise + fall], 1).ravel()
        heights = np.stack([np.full(events, floor), peak, np.full(events, floor)], 1).ravel()
        order = np.argsort(times)
        return np.interp(np.arange(count), times[order], heights[order]).astype(np.float32)

    def band_rhythms(self, frames):
        """Gains [frames][bins] of two to four bands, most of which come in bursts of their own: the knocks of an engine
        under its hiss, hooves in rain."""
        edges = np.sort(self.rng.uniform(np.log(120), np.log(6000), self.rng.integers(1, 4)))
        band = np.searchsorted(edges, LOG_HZ)
        times = np.arange(frames) * front.HOP
        gains = [np.interp(times, np.arange(0, frames * front.HOP, 240), self.rhythm(frames * front.HOP)[::240])
                 if self.chance(0.75) else np.ones(frames) for _ in range(len(edges) + 1)]
        return np.stack(gains, 1).astype(np.float32)[:, band]

    def grains(self, x, count):
        """count samples of short pieces of x in any order: the spectra of a place, which a network can know, in a course
        that it has not heard."""
        length = int(RATE * np.exp(self.rng.uniform(np.log(0.05), np.log(0.8)))) & ~1
        if len(x) <= 2 * length:
            return x
        half, number = length // 2, 2 * count // length + 2
        at = self.rng.integers(0, len(x) - length, number)
        pieces = x[at[:, None] + np.arange(length)] * np.sin(np.pi * (np.arange(length) + 0.5) / length)
        out = np.zeros((number + 1, half), np.float32)
        out[:-1] += pieces[:, :half]
        out[1:] += pieces[:, half:]
        return out.ravel()[half:half + count]

    def texture(self, spectra):
        """Noise with the bands' envelopes of one place and the mean spectrum of another: most places are such noise, and
        two recordings give as many as there are pairs (after McDermott and Simoncelli 2011, Sound texture perception)."""
        rows = np.searchsorted(TEXTURE, LOG_HZ)
        power = np.abs(spectra) ** 2
        bands = np.stack([power[:, rows == r].mean(1) for r in range(len(TEXTURE) + 1)], 1)
        swing = np.sqrt(bands / (bands.mean(0) + 1e-12))[:, rows]
        other = front.spectra(unit(self.bed(front.samples(len(spectra)))[0][0]))
        colour = np.sqrt(np.convolve((np.abs(other) ** 2).mean(0), np.ones(3) / 3, "same"))
        white = front.spectra(self.rng.standard_normal(front.samples(len(spectra)), np.float32))
        return (white * swing * (colour * np.float32((2 / front.WINDOW) ** 0.5))).astype(np.complex64)

    def song(self, count):
        k = int(self.rng.integers(len(self.music)))
        mid = self.stretch_of(self.music, k, count)
        return mid, np.roll(mid, int(self.rng.uniform(600, 4000))) if self.chance(0.5) else None

    # -------------------------------------------------------------- scenes
    def widen(self, mid, side):
        """Side spectra of a part: its own sound, the panned mid, or both."""
        out = np.zeros_like(mid)
        if side is not None and self.chance(0.8):
            width = self.decibels(-14, 2)
            out += side * (width * np.float32((power(np.abs(mid)) / power(np.abs(side))) ** 0.5))
        if side is None or self.chance(0.3):
            pan = self.rng.uniform(-1, 1, 8) if self.chance(0.5) else np.full(8, self.rng.uniform(-1, 1))
            out += mid * np.interp(LOG_HZ, KNOTS, pan).astype(np.float32)
        return out

    def surroundings(self, frames, plain, stereo):
        """Spectra of all that is not the voice, mean power 1: (mid, side or None, whether voices may be in it)."""
        count, parts, voice = front.samples(frames), [], False
        if plain:
            music = self.happens("music")
            alone = music and self.chance(0.6)
        else:
            z = self.rng.random()
            music, alone = z > 0.72, z >= 0.85
        if not alone:
            if plain:
                mid, side, voice = self.plain_place(count)
            else:
                mid, side, voice = self.place(count)
            parts.append((mid, side))
        if music:
            parts.append(self.song(count))
        mid, wide = np.zeros((frames, front.BINS), np.complex64), None
        for sound, side in parts:
            if self.happens("bursts"):
                bursts = self.rhythm(count)
                sound, side = sound * bursts, None if side is None else side * bursts
            colour = self.curve(10) if self.happens("colour") else np.float32(1)
            a = front.spectra(unit(sound)) * (colour * self.decibels(-8, 0))
            if self.happens("texture"):
                a = self.texture(a)
            if self.happens("bursts of bands"):
                a = a * self.band_rhythms(frames)
            if stereo:
                b = None if side is None else front.spectra(unit(side)) * colour
                wide = self.widen(a, b) + (0 if wide is None else wide)
            mid += a
        if not self.val and self.happens("narrow place"):     # music on hold; or what is narrow would be a voice
            narrow = fall_above(self.rng.uniform(2200, 7000))
            mid, wide = mid * narrow, None if wide is None else wide * narrow
        g = np.float32((front.WINDOW / 2 / power(np.abs(mid))) ** 0.5)
        if self.happens("lows"):         # on top of the level: what drowns a voice lies higher
            g = g * self.lows((np.abs(mid) ** 2).mean(0))
        return mid * g, None if wide is None else wide * g, voice

    def speaker_side(self, speech):
        """What of the voice is in the side: the room's answer, or an actor beside the middle."""
        out = np.zeros_like(speech)
        if self.chance(0.3):
            turn = np.exp(2j * np.pi * self.rng.random((4, front.BINS))).astype(np.complex64)
            fall = self.rng.uniform(0.3, 0.8)
            for k in range(1, 5):
                out[k:] += speech[:-k] * turn[k - 1] * np.float32(fall ** k)
            out *= self.decibels(-24, -8)
        if self.chance(0.2):
            out += speech * np.float32(self.rng.uniform(-0.7, 0.7))
        return out

    def voice(self, frames, plain):
        """(spectra, bandwidth, activity) of a voice whose active level is ACTIVE."""
        count = front.samples(frames)
        lead = self.rng.uniform(0, 1.5) if plain else 2.2 * self.rng.random() ** 2
        cumulative = self.sentence if plain or self.chance(0.7) else self.anything
        x, bandwidth = self.talk(count, cumulative, int(lead * RATE), (0.1, 0.9))
        on = activity(x, frames)
        active = x[: frames * front.HOP].reshape(frames, -1)[on]
        if active.size:
            x *= np.float32(ACTIVE / power(active) ** 0.5)
        if self.chance(0.15 if plain else 0.4):
            x = self.room(x)
        s = front.spectra(x)
        if self.chance(0.5):
            s *= self.curve(5)
        if self.happens("narrow"):       # telephones, prompts, old films
            top = self.rng.uniform(2200, 7000)
            s *= fall_above(top)
            bandwidth = min(bandwidth, top)
        if self.chance(0.25):            # low cut, as of microphones and editors
            octaves = np.maximum(np.log(self.rng.uniform(100, 300)) - LOG_HZ, 0) / np.log(2)
            s *= (10 ** (-self.rng.uniform(3, 12) * octaves / 20)).astype(np.float32)
        return s, bandwidth, on

    def mix(self, voice, surroundings):
        """A voice and a place as one clip, at levels of their own."""
        (speech, bandwidth, on), (rest, wide, unsure) = voice, surroundings
        z = self.rng.random()
        if z < 0.10:
            speech, on = speech * 0, on & False
        loud = not self.val and self.chance(0.5)   # where the most is to be gained; the held clips stay as they were
        level = 10 ** (-self.rng.uniform(-5, 10 if loud else 22) / 20) if z < 0.97 else 0
        rest = rest * np.float32(ACTIVE * level)
        side = None if wide is None else self.speaker_side(speech)
        wide = None if wide is None else wide * np.float32(ACTIVE * level)
        heed = on.astype(np.float32) if unsure else np.ones(len(on), np.float32)
        if not self.val:
            heed *= eagerness(on)
        return Scene(speech, rest, side, wide, bandwidth, on.astype(np.float32), heed)

    def parts(self, frames, plain=None, stereo=None):
        """A voice and a place. plain: whole sentences in one recorded place."""
        plain = self.happens("plain") if plain is None else plain
        stereo = self.happens("stereo") if stereo is None else stereo
        return self.voice(frames, plain), self.surroundings(frames, plain, stereo)

    def scene(self, frames, plain=None, stereo=None):
        return self.mix(*self.parts(frames, plain, stereo))

    def batches(self, frames, uses):
        """The parts of 16 scenes, mixed `uses` times, every time with other partners and levels."""
        voices, places = zip(*(self.parts(frames) for _ in range(LANES)))
        for turn in range(uses):
            yield self.batch(frames, [self.mix(v, places[(i + 5 * turn) % LANES]) for i, v in enumerate(voices)])

    def batch(self, frames, scenes):
        """16 scenes as arrays for the network."""
        size = (4, ROWS, frames, LANES)
        b = Batch(np.empty(size, np.float32), np.empty(size, np.float32), np.zeros(size, np.float32),
                  np.stack([s.voice for s in scenes], -1), np.stack([s.heed for s in scenes], -1))
        for i, s in enumerate(scenes):
            volume, limit = float(10 ** self.rng.uniform(-1.4, 1.4)), front.row_of(s.bandwidth)
            mid = front.row_targets(s.speech, s.rest, limit, front.lane(b.mid, i))
            side = None
            if s.side_rest is not None:
                side = front.row_targets(s.side_speech, s.side_rest, limit, front.lane(b.side, i))
            front.row_features(mid, side, volume, front.lane(b.features, i))
        return b
