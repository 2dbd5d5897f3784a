#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/describe.py: descriptions go into the gaps of a programme with speech; there the programme is lowered, and its
own speech is neither lowered nor covered. What fits nowhere is left out."""
import array
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import wave

SOURCE = os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
RATE = 16000
SPEECH = ((0.5, 2.5), (5.5, 3), (9.3, 2.7), (16, 3))       # start, length, s, of the programme
SECONDS = 21
WANTED = (("short", 1.2, 2.0), ("long", 3.2, 10.0), ("second", 1.0, 12.5), ("never", 6.0, 8.0))    # length, time
if subprocess.run([sys.executable, "-c", "import gi; gi.require_version('GstPbutils', '1.0')"]).returncode:
    print("skipped: no GstPbutils for Python")
    sys.exit(77)


def voice(x, start, seconds, pitch):
    """Syllables of 0.25 s: a gliding pitch with a moving formant."""
    phase = 0.0
    for i in range(int(seconds * RATE)):
        t = i / RATE
        f, formant = pitch + 20 * math.sin(8.2 * t), 700 + 300 * math.sin(13.2 * t)
        phase += 2 * math.pi * f / RATE
        y = sum(math.sin(h * phase) / h / (0.1 + ((h * f - formant) / 500) ** 2) for h in range(1, 26))
        x[int(start * RATE) + i] += 0.035 * math.sin(4 * math.pi * t) ** 2 * y


def write(path, x):
    with wave.open(path, "wb") as f:
        f.setparams((1, 2, RATE, 0, "NONE", ""))
        f.writeframes(array.array("h", (int(32767 * max(-1, min(1, v))) for v in x)).tobytes())


def read(path):
    with wave.open(path) as f:
        assert f.getsampwidth() == 3
        b = f.readframes(f.getnframes())
    return [int.from_bytes(b[i:i + 3], "little", signed=True) / 2 ** 23 for i in range(0, len(b), 3)]


def rms_db(x, first, last):
    part = x[int(first * RATE):int(last * RATE)]
    return 10 * math.log10(sum(v * v for v in part) / len(part) + 1e-12)


random.seed(1)
programme = [random.gauss(0, 0.003) for _ in range(SECONDS * RATE)]
for phrase in SPEECH:
    voice(programme, *phrase, 120)
with tempfile.TemporaryDirectory() as folder:
    def run(*words):
        done = subprocess.run([sys.executable, os.path.join(SOURCE, "examples", "describe.py"), *words], capture_output=True,
                              text=True, timeout=120)
        print(done.stdout, done.stderr)
        return done

    film, out = os.path.join(folder, "film.wav"), os.path.join(folder, "out.wav")
    write(film, programme)
    words = []
    for name, seconds, at in WANTED:
        x = [0.0] * int(seconds * RATE)
        voice(x, 0, seconds - 0.01, 210)
        write(os.path.join(folder, f"{name}.wav"), x)
        words.append(f"{folder}/{name}.wav@{at}")
    done = run(film, out, *words)
    found = {m[0]: (float(m[1]), float(m[2])) for m in re.findall(r"(\w+)\.wav  ([\d.]+) s to ([\d.]+) s", done.stdout)}
    assert done.returncode == 3 and set(found) == {"short", "long", "second"}, found
    for name, seconds, wanted in WANTED[:3]:
        begin, end = found[name]
        assert abs(end - begin - seconds) < 0.02 and -4 <= begin - wanted <= 8, (name, begin)
        # the detector ends a phrase within 0.3 s
        assert all(end <= start or begin >= start + length - 0.05 for start, length in SPEECH), (name, begin, end)
    spans = sorted(found.values())
    assert all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:])), "descriptions cover each other"
    mixed = read(out)
    assert len(mixed) == len(programme)
    for start, length in SPEECH:
        # the ducker's look-ahead of 0.1 s and release of 0.15 s lie in the margins
        change = rms_db(mixed, start + 0.2, start + length - 0.2) - rms_db(programme, start + 0.2, start + length - 0.2)
        assert abs(change) < 0.2, f"the programme's speech at {start} s changes by {change:.2f} dB"
    for begin, end in spans:
        assert rms_db(mixed, begin, end) > rms_db(programme, begin, end) + 10, "a description is not there"
    done = run(film, out, f"{folder}/missing.wav@2")
    assert done.returncode not in (0, 3) and "describe.py: " in done.stderr and "Traceback" not in done.stderr
print("each description in a gap")
