#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/meter.py: what it prints for a file, and for two stems."""
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
METER = os.path.join(SOURCE, "examples", "meter.py")
if subprocess.run([sys.executable, "-c", "import gi; gi.require_version('Gst', '1.0')"]).returncode:
    print("skipped: no GStreamer for Python")
    sys.exit(77)


def make(path, description):
    subprocess.run(f"gst-launch-1.0 -q {description} ! audioconvert ! wavenc ! filesink location={path}", shell=True, check=True)


def meter(*arguments):
    done = subprocess.run([sys.executable, METER, *arguments], capture_output=True, text=True, timeout=60)
    print("$ meter.py", *arguments, done.stdout, done.stderr, sep="\n")
    return done.returncode, done.stdout


def figure(name, text):
    return float(re.search(rf"{name}\s+(-?[\d.]+)", text).group(1))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    tone = "audiotestsrc num-buffers=400 samplesperbuffer=1200 freq=1000 volume={} ! audio/x-raw,rate=48000,channels={}"
    make("a.wav", tone.format(0.0708, 2))               # -23 dBFS in both channels: -23 LUFS
    make("b.wav", tone.format(0.0708, 1))
    code, text = meter("a.wav")
    assert code == 0 and abs(figure("integrated", text) + 23) < 0.1, "a.wav"
    assert "r128: pass" in text
    code, text = meter("--specification", "podcast", "--lines", "a.wav")
    assert code == 0 and "podcast: fail" in text and len(re.findall(r"(?m)^ +\d+\.\d s ", text)) == 10
    assert abs(figure("maxima: momentary", text) + 23) < 0.1 and "short-term" in text.split("maxima")[1]
    # head takes one line and goes: meter.py ends long before the end of the file
    made = subprocess.run(f"ulimit -c 0; {sys.executable} {METER} --lines a.wav | head -1; echo ${{PIPESTATUS[0]}}",
                          shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=60)
    print(repr(made.stdout), made.stderr)
    assert made.stdout.startswith("    0.0 s") and made.stdout.endswith("\n141\n") and not made.stderr, "SIGPIPE"
    code, text = meter("b.wav", "a.wav")
    assert code == 0 and "difference while somebody speaks not known yet" in text    # a tone is no speech
    code, text = meter("missing.wav")
    assert code != 0
print("5 runs of meter.py as expected")
