#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/quickstart.sh on made files: the difference before and after, and the length of its mix to
the sample; and the commands of the how-tos: a cleaned dialogue, a steady ambience."""
import json
import math
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import wave

from test_snippets import BUILD, EXAMPLES, PROMPTS, make, speak

DMIX = os.path.join(BUILD, "gst", "tools", "dmix")


def run(*words, **env):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, env=os.environ | env)


def mixes(folder, dialogue, background, seconds):
    """seconds: of the longer of both."""
    out = os.path.join(folder, "out")
    r = run(os.path.join(EXAMPLES, "quickstart.sh"), dialogue, background, out, DMIX_BUILD=BUILD)
    assert r.returncode == 0, r.stdout + r.stderr
    before, after = (float(x) for x in re.findall(r"difference while somebody speaks: (-?[\d.]+) LU", r.stdout))
    # of the words, without the gaps between them; where the background ends first, more
    assert before < 9 and 14 <= after <= (16.5 if seconds == 12 else 20), r.stdout
    with open(os.path.join(out, "mix.flac"), "rb") as f:
        head = f.read(42)
    assert head[:4] == b"fLaC"
    rate = int.from_bytes(head[18:21], "big") >> 4
    frames = int.from_bytes(head[21:26], "big") & (1 << 36) - 1
    assert rate == 44100 and frames == round(seconds * rate), (rate, frames, seconds)
    print(f"difference {before} LU before, {after} LU after; {frames} frames")


def works(*words):
    r = run(DMIX, *words, "--json")
    assert r.returncode == 0, r.stderr
    return json.loads(r.stdout.splitlines()[-1])


def samples(path):
    """Of a WAV that dmix writes (24 bit)."""
    with open(path, "rb") as f:
        raw = f.read()[104:]
    return [int.from_bytes(raw[i:i + 3], "little", signed=True) / 2 ** 23 for i in range(0, len(raw) - 2, 3)]


def decibels(x):
    return 10 * math.log10(sum(v * v for v in x) / len(x) + 1e-12)


def steadies(folder, dialogue):
    """Noise with bursts of 20 dB for a twelfth of the time: its loudness is 9.7 LU above the quiet part, the
    threshold 2 LU more, so that ratio 2.5 takes (20 - 11.7) * 0.6 = 5 dB off a burst."""
    gusty, out = os.path.join(folder, "gusty.wav"), os.path.join(folder, "steady.wav")
    rand = random.Random(1)
    with wave.open(gusty, "wb") as w:
        w.setparams((1, 2, 44100, 0, "NONE", ""))
        w.writeframes(b"".join(struct.pack("<h", int(rand.uniform(-1, 1) * (16000 if i % 264600 > 242550 else 1600)))
                               for i in range(44100 * 12)))
    loudness = works("meter", gusty)["integrated"]
    bursts = []
    for more in [], ["threshold=%.1f" % (loudness + 2), "detector=k-weighted", "ratio=2.5", "knee=6", "attack=20",
                     "release=250", "auto-release=true"]:
        works("mix", "--dialogue", dialogue, "--ambience", gusty, "-o", out, "--set", "output=background", "--set",
              "bypass=true", *(word for x in more for word in ("--set", "ambience_0::comp." + x)))
        x = samples(out)
        bursts.append(decibels(x[250000:260000]) - decibels(x[100000:110000]))
    assert bursts[0] > 15 and 3.5 < bursts[0] - bursts[1] < 6.5, bursts
    print(f"bursts {bursts[0]:.1f} dB above the rest, compressed {bursts[1]:.1f} dB")


def cleans(folder, dialogue):
    """Steady noise under the dialogue, 20 dB below its syllables: cleaned, the pause at its start is quieter."""
    noisy, silent, out = (os.path.join(folder, x) for x in ("noisy.wav", "silent.wav", "clean.wav"))
    rand = random.Random(2)
    with wave.open(dialogue) as d, wave.open(noisy, "wb") as w:
        w.setparams(d.getparams())
        words = struct.unpack(f"<{d.getnframes()}h", d.readframes(d.getnframes()))
        w.writeframes(b"".join(struct.pack("<h", max(-32768, min(32767, x + rand.randint(-800, 800)))) for x in words))
    make(silent, 48000, 0.0002, 12)
    levels = []
    for more in [], ["--set", "dialogue_0::denoise=12"]:
        works("mix", "--dialogue", noisy, "--ambience", silent, "-o", out, *more)
        levels.append(decibels(samples(out)[24000:72000]))
    assert 9 < levels[0] - levels[1] < 14, levels
    print(f"noise in the pause {levels[0]:.1f} dB, cleaned {levels[1]:.1f} dB")


def complains(background):
    r = run(os.path.join(EXAMPLES, "quickstart.sh"), "none.wav", background)
    assert r.returncode == 1 and "none.wav" in r.stderr and len(r.stderr.splitlines()) == 1, r.stderr
    print("complaints are clear")


def main():
    if not all(map(os.path.exists, PROMPTS)):
        print("SKIPPED: Debian's asterisk-core-sounds-en-wav is not here")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        dialogue, background, short = (os.path.join(folder, x) for x in ("dialogue.wav", "background.wav", "short.wav"))
        speak(dialogue, 11)
        make(background, 44100, 0.06, 12)
        make(short, 44100, 0.06, 9)
        with wave.open(dialogue) as w:
            spoken = w.getnframes() / w.getframerate()
        mixes(folder, dialogue, background, 12)
        mixes(folder, dialogue, short, spoken)
        steadies(folder, dialogue)
        cleans(folder, dialogue)
        complains(background)


if __name__ == "__main__":
    sys.exit(main())
