#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmixbin on recordings: one line makes a delivery, and the proposal reaches its target.

Speech and music are Asterisk's (Debian packages). With DMIX_CORPUS set the ambiences and voices of that folder are
tried, too: eight scenes whose ambience is 3 LU below to 9 LU above the voice.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from sound import MUSIC, RATE, SOUNDS, db, decode

TARGET = 15
failures = []


def expect(fact, text):
    print(("ok   " if fact else "FAIL ") + text)
    if not fact:
        failures.append(text)


def rms(x, wanted_db):
    return x * 10 ** ((wanted_db - db(np.mean(x[np.abs(x) > 1e-3] ** 2))) / 20)


def source(path):
    return (f"filesrc location={path} blocksize=40000 ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le "
            f"sample-rate={RATE} num-channels=1")


def last(line, name):
    """The last message of this name."""
    run = subprocess.run(["gst-launch-1.0", "-m", *shlex.split(line)], capture_output=True, text=True, timeout=300, check=True)
    return [text for text in run.stdout.splitlines() if re.search(rf"\(element\): {name}[,;]", text)][-1]


def field(message, name):
    return re.search(rf'\b{name}=\((?:double|string)\)("(?:[^"\\]|\\.)*"|[^,;]*)', message)[1].strip('"').replace("\\", "")


def voices():
    """Two readers, 40 s each, with pauses of 0.4 s."""
    files = sorted(pathlib.Path(SOUNDS).glob("*.wav"), key=lambda f: -f.stat().st_size)[:30]
    parts = [np.concatenate([decode(f), np.zeros(RATE * 2 // 5)]) for f in files[:12]]
    return [np.concatenate(parts[i::2])[:40 * RATE] for i in range(2)]


def test_delivery(folder):
    """Hosts 8 dB apart over music; each preset with a loudness passes its specification."""
    hosts = voices()
    hosts[0][20 * RATE:] = 0
    hosts[1][:20 * RATE] = 0
    write = {"a": rms(hosts[0], -22), "b": rms(hosts[1], -30),
             "m": rms(np.resize(decode(f"{MUSIC}/manolo_camp-morning_coffee.wav", 40), 40 * RATE), -26)}
    for name, x in write.items():
        np.asarray(x, "<f4").tofile(folder / name)
    for preset in ("broadcast-r128", "podcast", "streaming"):
        message = last(f"dmixbin name=x @preset={preset} meter=true interval=5000000000 ! fakesink "
                       f"{source(folder / 'a')} ! x.dialogue_0 {source(folder / 'b')} ! x.dialogue_1 "
                       f"{source(folder / 'm')} ! x.music_0", "dmixbin")
        expect(field(message, "verdict") == "pass",
               f"{preset}: {field(message, 'integrated')[:6]} LUFS, {field(message, 'verdict-text')}")


def scenes():
    voice = voices()[0]
    for n, name in enumerate(("reno_project-system", "macroform-the_simplicity", "manolo_camp-morning_coffee")):
        yield name, voice, decode(f"{MUSIC}/{name}.wav", 40), 4 * n - 3
    corpus = pathlib.Path(os.environ.get("DMIX_CORPUS", "/nowhere"))
    speech = [decode(f) for f in sorted((corpus / "speech").glob("*.flac"))]
    for n, path in enumerate(sorted((corpus / "ambience").glob("*.flac"))[:5] if speech else []):
        x = [np.concatenate([s, np.zeros(RATE)]) for s in speech[n:] + speech[:n]]
        yield path.stem, np.concatenate(x)[:40 * RATE], decode(path), 3 * n - 3


def test_proposal(folder):
    """Applied as it is, the proposal brings dialogue and background to the target within 1 LU. (Largest error over
    these scenes and 8 of other voices and beds: .2 LU.)"""
    for name, voice, bed, louder in scenes():
        np.asarray(rms(voice, -24), "<f4").tofile(folder / "a")
        np.asarray(rms(np.resize(bed, len(voice)), -24 + louder), "<f4").tofile(folder / "m")
        pads = f"{source(folder / 'a')} ! x.dialogue_0 {source(folder / 'm')} ! x.ambience_0"
        settings = field(last(f"dmixbin name=x analyse=true target={TARGET} ! fakesink {pads}", "dmixbin-proposal"), "settings")
        message = last(f"dmixbin name=x {settings} ! fakesink {pads}", "dmixbin")
        difference = float(field(message, "difference"))
        expect(abs(difference - TARGET) <= 1, f"{name}, {louder:+d} dB: difference {difference:.1f} LU with {settings}")


def main():
    if not pathlib.Path(SOUNDS).is_dir() or not pathlib.Path(MUSIC).is_dir():
        print("SKIP: the recordings are not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        test_delivery(pathlib.Path(folder))
        test_proposal(pathlib.Path(folder))
    print("\n".join(failures) or "all as loud as wanted")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
