#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws docs/plots/out/dmixmeter.svg: the loudness of a programme over time, from
the messages of the real element.
usage: docs/plots/dmixmeter.py [FILE], in `meson devenv -C build`. Without a file:
speech of Debian's asterisk-core-sounds-en-wav, softer in the second half. Needs
python3-numpy and python3-matplotlib."""
import os
import subprocess
import sys
import tempfile

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from play import decode, messages, save  # noqa: E402

RATE = 48000
SPEECH = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"


def programme():
    if len(sys.argv) > 1:
        return decode(sys.argv[1], RATE)
    x = decode(SPEECH, RATE)
    return np.concatenate([x, 0.3 * x])


def measure(x):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        np.asarray(x, "<f4").tofile(path)
        return messages(subprocess.run(
            f"gst-launch-1.0 -m filesrc location={path} blocksize=16384 ! rawaudioparse pcm-format=f32le "
            f"sample-rate={RATE} num-channels=1 ! dmixmeter interval=100000000 ! fakesink", shell=True, check=True,
            capture_output=True, text=True).stdout)["dmixmeter"]


def main():
    found = measure(programme())
    t = (found["stream-time"] + found["duration"]) / 1e9
    figure, plot = plt.subplots(figsize=(9, 4.5))
    for field, style in (("momentary", dict(linewidth=0.6, alpha=0.7)), ("shortterm", {}),
                         ("integrated", dict(color="k"))):
        plot.plot(t, np.where(found[field] > -70, found[field], np.nan), label=field, **style)
    plot.axhspan(-23.5, -22.5, color="g", alpha=0.15, label="r128")
    plot.set(xlabel="s", ylabel="LUFS", ylim=(-60, 0), title=f"integrated {found['integrated'][-1]:.1f} LUFS, "
             f"range {found['range'][-1]:.1f} LU, max momentary {found['max-momentary'][-1]:.1f} LUFS")
    plot.grid(alpha=0.3)
    plot.legend(loc="lower right")
    save(figure, "dmixmeter")


if __name__ == "__main__":
    main()
