#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/phrases.py: three phrases with pauses over a hiss become three files of their length."""
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
RATE = 48000
PHRASES = ((1, 2), (4.5, 1.5), (8, 2.5))          # start, length, s
if subprocess.run([sys.executable, "-c", "import gi; gi.require_version('GstAudio', '1.0')"]).returncode:
    print("skipped: no GStreamer for Python")
    sys.exit(77)
if subprocess.run(["gst-inspect-1.0", "audiobuffersplit"], stdout=subprocess.DEVNULL).returncode:
    print("skipped: no audiobuffersplit (gstreamer1.0-plugins-bad)")
    sys.exit(77)


def voice(x, start, seconds):
    """Syllables of 0.25 s: a gliding pitch with a moving formant."""
    phase = 0.0
    for i in range(int(seconds * RATE)):
        t = i / RATE
        pitch, formant = 120 + 20 * math.sin(8.2 * t), 700 + 300 * math.sin(13.2 * t)
        phase += 2 * math.pi * pitch / RATE
        y = sum(math.sin(h * phase) / h / (0.1 + ((h * pitch - formant) / 500) ** 2) for h in range(1, 26))
        x[int(start * RATE) + i] += 0.035 * math.sin(4 * math.pi * t) ** 2 * y


random.seed(1)
sound = [random.gauss(0, 0.003) for _ in range(12 * RATE)]
for phrase in PHRASES:
    voice(sound, *phrase)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "in.wav")
    with wave.open(path, "wb") as f:
        f.setparams((2, 2, RATE, 0, "NONE", ""))
        f.writeframes(array.array("h", (int(32767 * max(-1, min(1, v))) for v in sound for _ in (0, 1))).tobytes())
    done = subprocess.run([sys.executable, os.path.join(SOURCE, "examples", "phrases.py"), path, folder],
                          capture_output=True, text=True, timeout=120)
    print(done.stdout, done.stderr)
    times = [tuple(map(float, m)) for m in re.findall(r"([\d.]+) s to ([\d.]+) s", done.stdout)]
    assert done.returncode == 0 and len(times) == len(PHRASES), times
    for number, ((start, seconds), (first, end)) in enumerate(zip(PHRASES, times), 1):
        assert start - 0.5 < first < start, first
        assert start + seconds < end < start + seconds + 1, end
        with wave.open(os.path.join(folder, f"phrase{number:03d}.wav")) as f:
            assert abs(f.getnframes() / RATE - (end - first)) < 0.011
    done = subprocess.run([sys.executable, os.path.join(SOURCE, "examples", "phrases.py"), "missing.wav", folder],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "phrases.py:" in done.stderr
print("three phrases as they are")
