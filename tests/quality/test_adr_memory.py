#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Memory of dmixadr does not grow with the length: a reel of two hours. A minute of Debian's prompts (8 kHz) and the same
said in another time, over and over; and ten minutes of it at 48 kHz in stereo.
Closing line: N checks, N failed."""
import os
import subprocess
import sys
import tempfile

import numpy as np

import test_adr_quality as quality

MINUTE = 60 * 8000
MOST_MB = 128
FAILED = []


def check(good, text):
    print(("ok      " if good else "FAILED  ") + text, flush=True)
    FAILED.extend([] if good else [text])


def minute():
    """A guide and a take of 60 s each, of the same words."""
    guide, take, rng = [], [], np.random.default_rng(1)
    for name in quality.NAMES:
        x, rate = quality.read(f"{quality.PROMPTS}/{name}.wav")
        guide.append(np.pad(x[:17 * rate], (rate, rate)))
        take.append(quality.other_timing(guide[-1], rate, rng)[0])
    return [np.pad(np.concatenate(side), (0, MINUTE))[:MINUTE] + 1e-4 * rng.standard_normal(MINUTE)
            for side in (guide, take)]


def write_seconds(pattern, x):
    """Files of a second each: multifilesrc makes one buffer of each."""
    data = np.round(np.clip(x, -1, 0.9999) * 32768).astype("<i2").tobytes()
    for second in range(60):
        with open(pattern % second, "wb") as f:
            f.write(data[16000 * second:16000 * (second + 1)])


def run(files, minutes, convert, element=True):
    """Most memory that the pipeline had, MB, and the frames that came out."""
    out = os.path.join(os.path.dirname(files[0]), "out")
    source = (f"multifilesrc location={{}} stop-index=59 loop=true num-buffers={60 * minutes} ! rawaudioparse "
              "use-sink-caps=false format=pcm pcm-format=s16le sample-rate=8000 num-channels=1 ! audioconvert ! "
              f"audioresample ! {convert}")
    sinks = ("a.guide", "a.take") if element else ("fakesink", "fakesink")
    code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    command = ["gst-launch-1.0", "-m"] + ("dmixadr name=a room-tone=gaps ! filesink location=" + out).split() * element
    for file, sink in zip(files, sinks):
        command += (source.format(file) + " ! " + sink).split()
    # a child of its own: ru_maxrss is the most of all children so far
    memory = subprocess.run([sys.executable, "-c", code] + command, check=True, capture_output=True, text=True).stdout
    size = os.path.getsize(out) if element else 0
    if element:
        os.unlink(out)
    return int(memory) / 1024, size


def main():
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("guide%d", "take%d")]
        for file, x in zip(files, minute()):
            write_seconds(file, x)
        plain = "audio/x-raw,format=F32LE,rate=8000,channels=1"
        short, _ = run(files, 10, plain)
        long, size = run(files, 120, plain)
        check(size == 120 * MINUTE * 4, "two hours: as long as the guide")
        # the allocator's own ups and downs are some MB
        check(long < short + 8, f"two hours: {long:.0f} MB, ten minutes: {short:.0f} MB")
        wide = "audio/x-raw,format=F32LE,rate=48000,channels=2"
        floor, _ = run(files, 10, wide, False)
        most, size = run(files, 10, wide)
        # audioresample may round its end
        check(abs(size / (10 * MINUTE * 6 * 8) - 1) < 1e-4, "48 kHz, stereo: as long as the guide")
        check(most - floor < MOST_MB, f"48 kHz, stereo: {most - floor:.0f} MB more than without dmixadr")
    print(f"4 checks, {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
