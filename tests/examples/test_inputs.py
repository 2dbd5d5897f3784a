#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The programs of examples/ that write a file refuse one that they read, by name, link or another path, and leave it
as it was."""
import os
import random
import struct
import subprocess
import sys
import tempfile
import wave

SOURCE = os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
BUILD = os.environ.get("DMIX_BUILD") or os.path.join(SOURCE, "build")
EXAMPLES = os.path.join(SOURCE, "examples")


def make(path, seed):
    rand = random.Random(seed)
    with wave.open(path, "wb") as w:
        w.setparams((1, 2, 48000, 0, "NONE", ""))
        w.writeframes(b"".join(struct.pack("<h", rand.randint(-8000, 8000)) for _ in range(4800)))


def content(path):
    with open(path, "rb") as f:
        return f.read()


def programs(one, other, out):
    """Each program that is told both sounds, or the one."""
    python = [sys.executable]
    yield [os.path.join(EXAMPLES, "headphones.sh"), one, other, out]
    yield [os.path.join(EXAMPLES, "headphones.sh"), other, one, out]
    yield [os.path.join(BUILD, "examples", "duck"), one, other, out]
    yield [os.path.join(BUILD, "examples", "duck"), other, one, out]
    yield python + [os.path.join(EXAMPLES, "duck.py"), one, other, out]
    yield python + [os.path.join(EXAMPLES, "duck.py"), other, one, out]
    yield [os.path.join(BUILD, "examples", "orbit"), one, out]
    yield python + [os.path.join(EXAMPLES, "orbit.py"), one, out]
    yield python + [os.path.join(EXAMPLES, "join_wav.py"), out, "0.1", one, other]
    yield python + [os.path.join(EXAMPLES, "join_wav.py"), out, "0.1", other, one + ":1"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        one, other = os.path.join(folder, "one.wav"), os.path.join(folder, "other.wav")
        make(one, 1)
        make(other, 2)
        before = content(one), content(other)
        os.link(one, os.path.join(folder, "hard.wav"))
        os.symlink("one.wav", os.path.join(folder, "soft.wav"))
        os.symlink(".", os.path.join(folder, "here"))
        environment = dict(os.environ, DMIX_BUILD=BUILD)
        for out in ("one.wav", "hard.wav", "soft.wav", "here/one.wav"):
            for words in programs(one, other, os.path.join(folder, out)):
                done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60)
                assert done.returncode == 1 and "input" in done.stderr, (words, done.returncode, done.stderr)
                assert (content(one), content(other)) == before, (words, "an input was written to")
        os.rename(one, os.path.join(folder, "phrase001.wav"))
        done = subprocess.run([sys.executable, os.path.join(EXAMPLES, "phrases.py"), os.path.join(folder, "soft2.wav"), folder],
                              capture_output=True, text=True)
        assert done.returncode != 0
        os.symlink("phrase001.wav", os.path.join(folder, "soft2.wav"))
        done = subprocess.run([sys.executable, os.path.join(EXAMPLES, "phrases.py"), os.path.join(folder, "soft2.wav"), folder],
                              capture_output=True, text=True)
        assert done.returncode == 1 and "is the input" in done.stderr, done.stderr
        assert content(os.path.join(folder, "phrase001.wav")) == before[0]
    print("ok")


if __name__ == "__main__":
    main()
