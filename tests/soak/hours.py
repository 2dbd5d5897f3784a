#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Hours of one stream through an element: does anything drift?

hours.py [--hours 24] [--settle 1] [--element 'dmixdenoise estimator=learned reduction=12']
         [--meter 'dmixmeter dialogue=both speech-detector=learned'] SPEECH.wav NOISE.wav

One minute of speech with pauses over the noise, 5 LU louder by RMS (WAV, 48 kHz, mono), is played again and again. The
minute behind the first SETTLE ones is the reference: each later one should leave the element as that did.

Memory is no drift. dmixducker with a target, and so dmixbin, learns the voice from all that it has heard: minute n
moves the estimate by 1/n, so that neighbouring minutes differ less and less (measured: -71 dB in minute 7, -85 in 12, -98
in 30), and a decision may turn once while there is little (in minute 6, by -28 dB); with a fixed depth each minute is
the second one to the bit. What drifts leaves the reference further behind with each hour, or moves from minute to minute
without end. So such an element gets --settle 10, and a later hour whose neighbours differ by more than those of the
hour before fails, as does the distance from the reference. An element
that ends in a pad, as "m.dialogue_0 t. ! queue ! m.ambience_0 dmixbin name=m", takes the stream `t` more often.
Prints for each hour the largest
difference of a minute from the reference, and from the minute before, in dB below its level, the speech share of the hour and of the second minute, in %, and the
memory of the process, in MB.
Faster than real time; set GST_PLUGIN_PATH. Exit status 1: a minute differs by more than -40 dB, neighbours by more than in
the hour before (and -80 dB), the share of an hour by
more than 1 point, or the memory grows by more than 8 MB after the first hour.
"""
import argparse
import re
import subprocess
import sys
import threading
import time
import wave

import numpy as np

RATE, MINUTE = 48000, 60 * 48000
# dmixlevel holds back up to 3 s, dmixbin twice as much
QUEUE = "queue max-size-time=10000000000 max-size-bytes=0 max-size-buffers=0"


def read(path):
    with wave.open(path) as f:
        assert f.getframerate() == RATE and f.getnchannels() == 1 and f.getsampwidth() == 2, f"{path}: not 48 kHz mono S16"
        return np.frombuffer(f.readframes(f.getnframes()), "<i2") / 32768


def minute(speech, noise):
    x, at = np.zeros(MINUTE), RATE
    while at < MINUTE - 3 * RATE:
        n = min(len(speech), 5 * RATE, MINUTE - 2 * RATE - at)
        x[at:at + n] += speech[:n]
        speech = np.roll(speech, -n)
        at += n + RATE
    noise = np.resize(noise, MINUTE)
    return (x + noise * np.sqrt(np.mean(x ** 2) / np.mean(noise ** 2)) * 10 ** (-5 / 20)).astype("<f4")


def memory(pid):
    """None if the process has ended."""
    with open(f"/proc/{pid}/status") as f:
        found = re.search(r"VmRSS:\s+(\d+)", f.read())
        return found and int(found[1]) / 1024


class Shares:
    """Reads the messages: the meter's speech share is that of all the time so far."""

    def __init__(self, stream):
        self.share = []
        self.thread = threading.Thread(target=self.read, args=(stream,), daemon=True)
        self.thread.start()

    def read(self, stream):
        for line in stream:
            found = re.search(r"speech-share=\(double\)([-+.\w]+)", line)
            if found:
                self.share.append(float(found[1]))

    def between(self, first, last):
        """Of the minutes first to last, counted from 0."""
        before = first * self.share[first - 1] if first else 0
        return ((last + 1) * self.share[last] - before) / (last + 1 - first)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--hours", type=float, default=24)
    p.add_argument("--settle", type=int, default=1, help="minutes before the reference")
    p.add_argument("--element", default="dmixdenoise estimator=learned reduction=12")
    p.add_argument("--meter", default="dmixmeter dialogue=both speech-detector=learned")
    p.add_argument("speech")
    p.add_argument("noise")
    o = p.parse_args()
    x, minutes, began = minute(read(o.speech), read(o.noise)).tobytes(), int(o.hours * 60), time.time()
    run = subprocess.Popen(
        f"gst-launch-1.0 -m fdsrc fd=0 blocksize=65536 ! rawaudioparse pcm-format=f32le sample-rate={RATE} num-channels=1 "
        f"! tee name=t ! {QUEUE} ! {o.element} post-messages=false ! fdsink fd=2 sync=false "
        f"t. ! {QUEUE} ! {o.meter} interval=60000000000 ! fakesink sync=false".split(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    shares = Shares(map(bytes.decode, run.stdout))

    def feed():
        for _ in range(minutes):
            run.stdin.write(x)
        run.stdin.close()

    threading.Thread(target=feed, daemon=True).start()
    reference, before, failed, start_mb, mb = None, None, False, None, 0.0
    worst, moved, allowed = -200.0, -200.0, 0.0
    for k in range(minutes):
        y = np.frombuffer(run.stderr.read(4 * MINUTE), "<f4")
        if len(y) < MINUTE:
            sys.exit(f"the stream ends in minute {k + 1}: {run.poll()}")
        if k == o.settle:
            reference, level = y, np.mean(y ** 2)
        if k > o.settle:
            worst = max(worst, 10 * np.log10(np.mean((y - reference) ** 2) / level + 1e-20))
            moved = max(moved, 10 * np.log10(np.mean((y - before) ** 2) / level + 1e-20))
        before = y
        if k % 60 == 59 or k == minutes - 1:
            mb = memory(run.pid) or mb
            start_mb = start_mb or mb
            failed |= worst > -40 or moved > allowed or mb > start_mb + 8
            speech = ""
            if len(shares.share) > 1:       # a meter without dialogue has none
                last = len(shares.share) - 1
                hour, first = shares.between(max(last - 59, 0), last), shares.between(1, 1)
                failed |= abs(hour - first) > 1
                speech = f"speech {hour:.2f} % (minute 2: {first:.2f} %), "
            print(f"hour {k // 60 + 1}: {worst:.1f} dB, neighbours {moved:.1f} dB, {speech}{mb:.0f} MB, "
                  f"{(k + 1) * 60 / (time.time() - began):.0f} x real time", flush=True)
            worst, moved, allowed = -200.0, -200.0, max(moved, -80.0)
    sys.exit(failed)


if __name__ == "__main__":
    main()
