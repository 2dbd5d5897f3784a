#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Does the cost grow with the channels and with the rate, and no faster? Instructions, as a table.

usage: formats.py [--check] [ELEMENT ...]     in `meson devenv`, from the top folder; default: all elements below
       --check: fails if a figure is above its limit
Counted by valgrind (callgrind), less the same pipeline without the element. Channels: instructions for one sample of
one channel, as a share of those in stereo. 384 kHz: instructions for one second, over those at 48 kHz.
"""
import argparse
import os
import sys
import tempfile

import cost
import pipelines
import sounds

CHANNELS = (6, 12, 64)      # 5.1, 7.1.4 and the most
MOST_CHANNELS = 1.1
# In 5.1 the LFE has a gain of its own, so that each channel keeps its own curve.
MOST_CHANNELS_OF = {"dmixcomp, limiter": 1.4}
MOST_RATE = 8.5
FAST = 384000
SECONDS = (2, 1)
LINES = ["dmixducker", "dmixducker, spectral", "dmixcomp", "dmixcomp, limiter", "dmixlevel", "dmixmeter", "dmixdenoise"]


def instructions(line, files, rate):
    counts = []
    for seconds in SECONDS:
        command = line.command.format(**{key: files[key, seconds] for key in "bd"})
        command = command.replace(f"sample-rate={sounds.RATE}", f"sample-rate={rate}")
        counts.append(sum(cost.instructions(command).values()))
    return counts[0] - counts[1]


def widen(mono, channels):
    return b"".join(mono[i:i + 4] * channels for i in range(0, len(mono), 4))


def write(folder, channels):
    """Background and dialogue, as sounds.write()."""
    files = {}
    for key, speech in (("b", False), ("d", True)):
        mono = sounds.block(key, speech, 1)
        for seconds in SECONDS:
            files[key, seconds] = os.path.join(folder, f"{key}-{seconds}")
            with open(files[key, seconds], "wb") as f:
                f.write(widen(mono[:seconds * sounds.RATE * 4], channels))
    return files


def per_sample(names, channels, rate=sounds.RATE):
    """Instructions for one sample of one channel, of each line, less the empty pipeline."""
    lines = pipelines.choose(names, False, channels)[1]
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        files = write(folder, channels)
        found = {name: instructions(line, files, rate) for name, line in lines.items()
                 if name in names or name.startswith("gst")}
    samples = (SECONDS[0] - SECONDS[1]) * sounds.RATE * channels
    return {name: (found[name] - found[lines[name].floor]) / samples for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("elements", nargs="*")
    chosen = parser.parse_args()
    names = chosen.elements or LINES
    stereo = per_sample(names, 2)
    wide = [per_sample(names, channels) for channels in CHANNELS]
    fast = per_sample(names, 2, FAST)
    above = []
    print("| line | stereo | 5.1 | 7.1.4 | 64 channels | 384 kHz |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        shares = [row[name] / stereo[name] for row in wide]
        rate = FAST / sounds.RATE * fast[name] / stereo[name]
        print(f"| {name} | {stereo[name]:.0f} | " + " | ".join(f"{share:.2f}" for share in shares) + f" | {rate:.1f} |")
        if max(shares) > MOST_CHANNELS_OF.get(name, MOST_CHANNELS) or rate > MOST_RATE:
            above.append(name)
    if chosen.check and above:
        sys.exit("above the limit: " + ", ".join(above))


if __name__ == "__main__":
    main()
