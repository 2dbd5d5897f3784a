#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The first phrase is ducked by what it needs, although its voice is not known yet.

Scenes of 6 s: Asterisk's prompts (five voices, as installed; DMIX_CORPUS: its
speech, too) begin at 0, 0.4 or 1.5 s over steady pink noise, and the voice is 2 to 22
LU louder. What a phrase needs is target - (its loudness - that of the noise), K-weighted
(BS.1770). The depth is that of the noise as put out, each 100 ms from the first
syllable to the end of the first phrase. At -24 LUFS, where a voice is expected, and at
other levels:

  share of the 100 ms within 3 dB of the need, and share too deep by more than 3 dB
  deepest dive where nothing is needed (voice 18 LU louder, or more)

Then again with `dialogue-loudness` set to the `dialogue-learned` of a first pass. There
the goal holds without exception: never 3 dB too deep, nothing where nothing is needed.
Without it, it cannot: the first 100 ms of a voice lie from 16 dB below to 7 dB above its
loudness, and an expectation so loud that no voice is ducked too deep begins 1 to 3 dB
too shallow for one at -24 LUFS, where test_duck_quality.py allows 1 dB. That limit was
kept; docs/elements/dmixducker.md has the figures of both. `lookahead=500` hears the first
half second in time and halves what is left at other levels.
"""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from sound import RATE, db, decode
from test_duck_quality import gated, k_weighted, power

SECONDS, TARGET = 6, 15
FOLDERS = "/usr/share/asterisk/sounds/*_*_*"
PROMPTS = ("vm-intro", "agent-newlocation")
DIFFERENCES = (2, 8, 13, 18, 22)
STARTS = (0.0, 0.4, 1.5)
# name: (least share within 3 dB, most share too deep, share of dives below 1 dB, deepest dive), %, dB
LIMITS = {"-24 LUFS": (95, 1.5, 95, 1), "other levels": (90, 4, 60, 6), "lookahead=500": (95, 2, 80, 3),
          "known": (96, 0, 100, 0.5)}
# With the corpus, where a first phrase may be louder than the voice on the whole.
CORPUS_LIMITS = dict(LIMITS, **{"-24 LUFS": (95, 3, 90, 3), "known": (96, 4, 98, 1)})


def voices():
    found = [p for name in PROMPTS for p in sorted(glob.glob(f"{FOLDERS}/{name}.wav"))]
    corpus = os.environ.get("DMIX_CORPUS")
    return found + (sorted(glob.glob(corpus + "/speech/*.flac")) if corpus else [])


def pink(samples, rng):
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    return np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 20.0), samples)


def play(folder, settings):
    """The ducked background, and the last `dialogue-learned`."""
    raw = ("filesrc location={}/{} blocksize=1920 ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le "
           "sample-rate=48000 num-channels=1")
    text = subprocess.run(shlex.split(
        f"gst-launch-1.0 -m dmixducker name=d output=background target={TARGET} {settings} ! filesink "
        f"location={folder}/out {raw.format(folder, 'background')} ! d.background "
        f"{raw.format(folder, 'dialogue')} ! d.dialogue"), check=True, timeout=60, capture_output=True, text=True).stdout
    learned = re.findall(r"dialogue-learned=\(double\)([-.\d]+)", text)
    return np.fromfile(f"{folder}/out", "<f4").astype(float), float(learned[-1]) if learned else 0.0


def first_phrase(k, level):
    """Its first and last hop of 5 ms; gaps below 0.3 s belong to it."""
    loud = np.where(db(power(k)) - 0.691 > level - 20)[0]
    if not len(loud):
        return None
    gap = np.where(np.diff(loud) > 60)[0]
    return loud[0], loud[gap[0]] + 1 if len(gap) else loud[-1] + 1


def errors(dialogue, background, out, level):
    """Depth less need of each 100 ms of the first phrase, the need, and the deepest."""
    k, b, o = (k_weighted(x[:len(out)]) for x in (dialogue, background, out))
    found = first_phrase(k, level)
    if not found or found[1] - found[0] < 40:
        return None
    start, end = (int(x * 0.005 * RATE) for x in found)
    difference = db(np.mean(k[start:end] ** 2)) - db(np.mean(b[start:end] ** 2))
    need = min(max(TARGET - difference, 0), TARGET)
    n = int(0.1 * RATE)
    depth = [db(np.mean(b[i:i + n] ** 2)) - db(np.mean(o[i:i + n] ** 2)) for i in range(start, end - n, n)]
    return np.array(depth) - need, difference, max(depth) if depth else 0.0


def main():
    rng = np.random.default_rng(15)
    result = {name: ([], []) for name in LIMITS}
    paths = voices()
    if not paths:
        print("skipped: no speech (Debian's asterisk-core-sounds-*, or DMIX_CORPUS)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for i, path in enumerate(paths):
            speech = decode(path)[:4 * RATE]
            for j, wanted in enumerate(DIFFERENCES):
                level = -24.0 if (i + j) % 2 == 0 else rng.uniform(-32, -16)
                dialogue, at = np.zeros(SECONDS * RATE), int(STARTS[(i + j) % 3] * RATE)
                dialogue[at:at + len(speech)] = speech
                dialogue *= 10 ** ((level - gated(k_weighted(dialogue))) / 20)
                noise = pink(len(dialogue), rng)
                noise *= 10 ** ((level - wanted - gated(k_weighted(noise))) / 20)
                dialogue.astype("<f4").tofile(f"{folder}/dialogue")
                noise.astype("<f4").tofile(f"{folder}/background")
                out, learned = play(folder, "")
                kinds = [("-24 LUFS" if level == -24 else "other levels", out)]
                if level != -24:
                    kinds.append(("lookahead=500", play(folder, "lookahead=500")[0]))
                if j in (1, 4):
                    kinds.append(("known", play(folder, f"dialogue-loudness={learned}")[0]))
                for kind, out in kinds:
                    found = errors(dialogue, noise, out, level)
                    if found:
                        result[kind][0].extend(found[0])
                        result[kind][1].extend([found[2]] if found[1] > TARGET + 1 else [])
    faults = 0
    for kind, (error, dive) in result.items():
        error, dive = np.array(error), np.array(dive)
        figures = (100 * np.mean(abs(error) <= 3), 100 * np.mean(error > 3), 100 * np.mean(dive < 1), dive.max())
        least, deep, calm, most = (CORPUS_LIMITS if os.environ.get("DMIX_CORPUS") else LIMITS)[kind]
        good = figures[0] >= least and figures[1] <= deep and figures[2] >= calm and figures[3] <= most
        faults += not good
        print(f"{kind:13} within 3 dB {figures[0]:5.1f} %, too deep {figures[1]:5.1f} %, worst {error.max():4.1f} dB; "
              f"nothing needed: below 1 dB in {figures[2]:5.1f} % of {len(dive)}, deepest {figures[3]:4.1f} dB",
              "" if good else "FAULT")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
