#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""No element changes its sound or its messages unnoticed.

usage: test_sound_kept.py              compares with sound_kept.txt beside this file
       test_sound_kept.py --accept     writes that file anew: the commit then shows
                                       which scenes a change was meant to change

Plays the scenes of sound_hashes.py. Hashes hold for one machine only; here each
second of a scene is kept as two numbers, which another compiler, SIMD or libm moves
by less than the tolerance:

  level       rms of all channels in dB
  projection  scalar product with a fixed random signal, over the rms of the second

Where the sound differs by D (rms, relative to its level), the projection differs by
D times a normal random number, so that faults at -66 dB of the sound show in some
second. Of the messages each field that is a number is kept as its mean and its last
value. The recordings come from Debian packages; with others than those of the
reference (their levels are its first lines) the test says so and skips.
"""
import os
import pathlib
import re
import sys
import tempfile

import numpy as np

from sound import RATE, db
from sound_hashes import make_inputs, scenes

KEPT = pathlib.Path(__file__).with_name("sound_kept.txt")
# for tests/mutants: stop at the first difference; elements to play, all if empty
FIRST = bool(os.environ.get("DMIX_FIRST_DIFFERENCE"))
ONLY = os.environ.get("DMIX_ONLY_ELEMENTS", "").split()
LEVEL = 0.02          # dB
PROJECTION = 0.0005   # of the rms: -66 dB
SILENT = -85          # dBFS; the projection of what is quieter is rounding noise
FIELD = 0.001         # share of the value, and in its unit
TIMES = {"timestamp", "stream-time", "running-time", "duration"}


def pairs_of(sound):
    """Level and projection of each second of raw F32LE."""
    x = np.frombuffer(sound, "<f4").astype(float)
    x = x[:len(x) // RATE * RATE].reshape(-1, RATE)     # a second of mono, a part of one of more channels
    direction = np.random.RandomState(14).standard_normal(RATE)
    power = np.mean(x ** 2, 1)
    projection = x @ direction / RATE ** 0.5 / np.sqrt(power + 1e-30)
    loud = db(power) > SILENT
    # 20 pairs a scene are enough, however many channels it has
    step = max(1, len(x) // 20)
    return [(max(level, SILENT), p * heard)
            for level, p, heard in zip(db(power)[::step], projection[::step], loud[::step])]


def fields_of(messages):
    """Mean and last value of each numeric field of the messages."""
    found = {}
    for text in messages:
        name = text.split(",")[0]
        for field, values in re.findall(r"([\w-]+)=\((?:double|float|int|uint|guint64|gint64)\)(<[^>]*>|[-+\w.]+)",
                                        text):
            if field not in TIMES:
                numbers = [float(v) for v in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", values)]
                found.setdefault(f"{name}.{field}", []).extend(numbers)
    return {field: (np.mean(v), v[-1]) for field, v in found.items() if v}


def lines_of(name, sound, messages):
    """The lines of a scene in the reference."""
    yield name + " " + " ".join(f"{level:.2f}:{p:.4f}" for level, p in pairs_of(sound))
    for field, (mean, last) in fields_of(messages).items():
        yield f"{name} {field} {mean:.5g} {last:.5g}"


def inputs():
    with tempfile.TemporaryDirectory() as folder:
        for name in make_inputs(pathlib.Path(folder)):
            yield from lines_of(f"input:{name}", (pathlib.Path(folder) / name).read_bytes(), [])


def played():
    with tempfile.TemporaryDirectory() as folder:
        for element in ONLY or [""]:
            for scene in scenes(pathlib.Path(folder), f"{element}:" if element else ""):
                yield from lines_of(*scene)


def difference(was, now):
    """What differs between two lines of one scene, or None."""
    a, b = ([[float(v) for v in word.split(":")] for word in text.split(" ")[1:] if ":" in word] for text in (was, now))
    if not a and not b:
        one, other = ([float(v) for v in text.split(" ")[2:]] for text in (was, now))
        worst = max(abs(x - y) / (1 + abs(x)) for x, y in zip(one, other))
        return f"{one} became {other}" if worst > FIELD else None
    if len(a) != len(b):
        return f"{len(a)} stretches became {len(b)}"
    levels, projections = np.abs(np.array(a) - np.array(b)).max(0)
    if levels > LEVEL or projections > PROJECTION:
        return f"levels differ by {levels:.2f} dB, sound by about {20 * np.log10(projections + 1e-9):.0f} dB of its level"
    return None


def key(line):
    """Name of the scene and, if the line is of one, of the field."""
    words = line.split(" ")
    return " ".join(words[:1] if ":" in words[-1] else words[:2])


def compare(was, now):
    """Prints what differs; returns the number of failures."""
    failures = 0
    for name in sorted(was.keys() | now.keys()):
        if name not in was or name not in now:
            text = "is new" if name not in was else "is no longer there"
        else:
            text = difference(was[name], now[name])
        if text:
            print(f"{name}: {text}")
            failures += 1
    return failures


def main():
    if sys.argv[1:] == ["--accept"]:
        KEPT.write_text("\n".join([*inputs(), *played()]) + "\n", encoding="utf-8")
        return 0
    was = {key(line): line for line in KEPT.read_text(encoding="utf-8").splitlines()}
    sources = {name: was.pop(name) for name in list(was) if name.startswith("input:")}
    if compare(sources, {key(line): line for line in inputs()}):
        print("SKIP: the recordings of this system are not those of the reference")
        return 77
    if ONLY:
        was = {name: line for name, line in was.items() if name.split(":")[0] in ONLY}
    now = {}
    for line in played():
        now[key(line)] = line
        if FIRST and key(line) in was and compare({key(line): was[key(line)]}, {key(line): line}):
            return 1
    failures = compare(was, now)
    if failures:
        print(f"{failures} differ. If they are meant to: {pathlib.Path(__file__).name} --accept, and say why in the commit")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
