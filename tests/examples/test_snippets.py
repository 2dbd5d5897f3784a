#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The snippets duck.py and duck.c on made files, and their complaints."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
import random

SOURCE = os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
EXAMPLES = os.path.join(SOURCE, "examples")
PROMPTS = [f"/usr/share/asterisk/sounds/en_US_f_Allison/{name}.wav"
           for name in ("demo-thanks", "demo-abouttotry", "vm-intro")]
BUILD = os.environ.get("DMIX_BUILD") or os.path.join(SOURCE, "build")


def make(path, rate, level, seconds):
    """Noise as 16-bit mono."""
    rand = random.Random(path)
    with wave.open(path, "wb") as w:
        w.setparams((1, 2, rate, 0, "NONE", ""))
        w.writeframes(b"".join(struct.pack("<h", int(level * rand.uniform(-1, 1) * 32767))
                               for _ in range(rate * seconds)))


def speak(path, seconds):
    """Real speech with a pause of 1.5 s before it, as 16-bit mono."""
    with wave.open(path, "wb") as out:
        sound = b""
        for prompt in PROMPTS:
            with wave.open(prompt) as w:
                out.setparams(w.getparams())
                rate = w.getframerate()
                sound += bytes(rate * 2 * 3 // 2) + w.readframes(w.getnframes())
        out.writeframes(sound[:2 * rate * seconds])


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def snippets(folder, dialogue, background):
    programs = [os.path.join(EXAMPLES, "duck.py"), os.path.join(BUILD, "examples", "duck")]
    for program in programs:
        if not os.path.exists(program):
            continue
        out = os.path.join(folder, os.path.basename(program) + ".wav")
        r = run(program, dialogue, background, out)
        assert r.returncode == 0 and "dialogue  gain" in r.stdout, r.stdout + r.stderr
        assert os.path.getsize(out) > 500000
        assert run(program, dialogue, "/none.wav", out).returncode == 1
    print("snippets run")


def main():
    if not all(map(os.path.exists, PROMPTS)):
        print("SKIPPED: Debian's asterisk-core-sounds-en-wav is not here")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        dialogue, background = os.path.join(folder, "dialogue.wav"), os.path.join(folder, "background.wav")
        speak(dialogue, 11)
        make(background, 44100, 0.06, 12)
        snippets(folder, dialogue, background)


if __name__ == "__main__":
    sys.exit(main())
