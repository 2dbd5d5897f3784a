#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/duckmix.py, which quickstart.sh runs, on made files; its complaints;
and the snippets duck.py and duck.c."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
import random
import math

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


def figures(text, name):
    return [float(x) for x in next(line for line in text.splitlines() if line.startswith(name)).split()[-2:]]


def mixes(folder, dialogue, background):
    out = os.path.join(folder, "out")
    r = run(os.path.join(EXAMPLES, "duckmix.py"), dialogue, background, out)
    assert r.returncode == 0, r.stderr
    before, after = figures(r.stdout, "difference while")
    assert before < 9 and 14 <= after <= 16.5, r.stdout    # of the words, without the gaps between them
    for name, start in (("mix.wav", b"RIFF"), ("mix.flac", b"fLaC"), ("balance.svg", b"<svg")):
        with open(os.path.join(out, name), "rb") as f:
            assert f.read(4) == start, name
    found = run("gst-discoverer-1.0", os.path.join(out, "mix.flac")) if shutil.which("gst-discoverer-1.0") else None
    assert not found or "Duration: 0:00:12" in found.stdout, found.stdout
    print(f"difference {before} LU before, {after} LU after")


def steadies(folder, dialogue, background):
    """Noise with bursts of 20 dB for a twelfth of the time: its loudness is 9.7
    LU above the quiet part, the threshold 2 LU more, so that ratio 2.5 takes
    (20 - 11.7) * 0.6 = 5 dB off a burst."""
    gusty = os.path.join(folder, "gusty.wav")
    rand = random.Random(1)
    with wave.open(gusty, "wb") as w:
        w.setparams((1, 2, 44100, 0, "NONE", ""))
        w.writeframes(b"".join(struct.pack("<h", int(rand.uniform(-1, 1) * (16000 if i % 264600 > 242550 else 1600)))
                               for i in range(44100 * 12)))
    r = run(os.path.join(EXAMPLES, "duckmix.py"), "--steady", dialogue, gusty, os.path.join(folder, "steady"))
    assert r.returncode == 0, r.stderr
    before, after = figures(r.stdout, "background, bursts")
    assert before > 15 and 3.5 < before - after < 6.5, r.stdout
    print(f"bursts {before} LU before, {after} LU after")


def cleans(folder, dialogue, background):
    """Steady noise under the dialogue, 20 dB below its syllables: with --clean
    the pause at its start is quieter in the mix."""
    noisy = os.path.join(folder, "noisy.wav")
    rand = random.Random(2)
    with wave.open(dialogue) as d, wave.open(noisy, "wb") as w:
        w.setparams(d.getparams())
        words = struct.unpack(f"<{d.getnframes()}h", d.readframes(d.getnframes()))
        w.writeframes(b"".join(struct.pack("<h", max(-32768, min(32767, x + rand.randint(-800, 800)))) for x in words))
    silent = os.path.join(folder, "silent.wav")
    make(silent, 48000, 0.0002, 12)
    levels = []
    for more in [], ["--clean", "12"]:
        out = os.path.join(folder, "clean")
        r = run(os.path.join(EXAMPLES, "duckmix.py"), *more, noisy, silent, out)
        assert r.returncode == 0, r.stderr
        with open(os.path.join(out, "mix.wav"), "rb") as f:    # stereo floats
            sound = f.read()
        start = struct.unpack_from("<48000f", sound, sound.index(b"data") + 8 + 24000 * 8)
        levels.append(10 * math.log10(sum(x * x for x in start) / len(start)))
    assert 9 < levels[0] - levels[1] < 14, levels
    print(f"noise in the pause {levels[0]:.1f} dB, cleaned {levels[1]:.1f} dB")


def complaints(folder, dialogue, background):
    text = os.path.join(folder, "text.wav")
    with open(text, "w", encoding="utf-8") as f:
        f.write("no sound")
    for words in ((dialogue, os.path.join(folder, "none.wav"), folder), (text, background, folder),
                  (dialogue, background, os.path.join(text, "below"))):
        r = run(os.path.join(EXAMPLES, "duckmix.py"), *words)
        assert r.returncode == 1 and r.stderr.startswith("duckmix: ") and "Traceback" not in r.stderr, r.stderr
        assert len(r.stderr.splitlines()) == 1, r.stderr
    r = run(os.path.join(EXAMPLES, "quickstart.sh"), "none.wav", background)
    assert r.returncode == 1 and "none.wav" in r.stderr, r.stderr
    print("complaints are clear")


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
        mixes(folder, dialogue, background)
        steadies(folder, dialogue, background)
        cleans(folder, dialogue, background)
        complaints(folder, dialogue, background)
        snippets(folder, dialogue, background)


if __name__ == "__main__":
    sys.exit(main())
