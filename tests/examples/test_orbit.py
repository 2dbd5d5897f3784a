#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/orbit.c and orbit.py: the sound is first in front, then on the left,
then on the right; both programs write the same. examples/headphones.sh: the
dialogue is in the middle, the ambience wide."""
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
import wave

SOURCE = os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
BUILD = os.environ.get("DMIX_BUILD") or os.path.join(SOURCE, "build")
RATE, SECONDS = 48000, 2


def make(path, channels=1):
    rand = random.Random(path)
    with wave.open(path, "wb") as w:
        w.setparams((channels, 2, RATE, 0, "NONE", ""))
        w.writeframes(b"".join(struct.pack("<h", rand.randint(-8000, 8000)) for _ in range(RATE * SECONDS * channels)))


def read(path):
    with wave.open(path) as w:
        assert w.getnchannels() == 2 and w.getframerate() == RATE
        data = w.readframes(w.getnframes())
        width = w.getsampwidth()
    assert width == 2, width
    values = struct.unpack(f"<{len(data) // 2}h", data)
    return values[::2], values[1::2]


def level_db(left, right, start, stop):
    """Left over right between two times, dB."""
    a, b = (sum(v * v for v in side[int(start * RATE):int(stop * RATE)]) for side in (left, right))
    return 10 * math.log10((a + 1) / (b + 1))


def run(*words, **env):
    r = subprocess.run(words, capture_output=True, text=True, timeout=200, env={**os.environ, **env})
    assert r.returncode == 0, (words, r.stdout, r.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        sound, one, other = (os.path.join(folder, name) for name in ("sound.wav", "c.wav", "py.wav"))
        make(sound)
        run(os.path.join(BUILD, "examples", "orbit"), sound, one, str(SECONDS))
        run(sys.executable, os.path.join(SOURCE, "examples", "orbit.py"), sound, other, str(SECONDS))
        left, right = read_any(one)
        assert read_any(other) == (left, right)
        assert len(left) >= RATE * SECONDS
        # a quarter of the circle is left, three quarters are right
        assert level_db(left, right, 0.4, 0.6) > 5, level_db(left, right, 0.4, 0.6)
        assert level_db(left, right, 1.4, 1.6) < -5, level_db(left, right, 1.4, 1.6)
        assert abs(level_db(left, right, 0.95, 1.05)) < 3
        bad = subprocess.run([os.path.join(BUILD, "examples", "orbit"), "/no/such/file", one], capture_output=True)
        assert bad.returncode == 1 and bad.stderr

        ambience, scene = os.path.join(folder, "ambience.wav"), os.path.join(folder, "scene.wav")
        make(ambience, 2)
        run(os.path.join(SOURCE, "examples", "headphones.sh"), sound, ambience, scene, DMIX_BUILD=BUILD)
        left, right = read_any(scene)
        assert len(left) >= RATE * SECONDS and abs(level_db(left, right, 0.2, 1.8)) < 2
    print("ok")


def read_any(path):
    """Floats or integers, as wavenc has written them."""
    with open(path, "rb") as f:
        data = f.read()
    if data[20:22] == b"\x01\x00":
        return read(path)
    start = data.index(b"data") + 8
    values = struct.unpack(f"<{(len(data) - start) // 4}f", data[start:start + (len(data) - start) // 4 * 4])
    return [int(32767 * v) for v in values[::2]], [int(32767 * v) for v in values[1::2]]


if __name__ == "__main__":
    main()
