#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws docs/plots/out/dmixadr.svg: where each moment of a guide is in the take, with the real element.
usage: docs/plots/dmixadr.py [GUIDE.wav TAKE.wav] in `meson devenv -C build`. Without files: a prompt of Debian's
asterisk-core-sounds-en-wav, and the same one with pauses put in and pieces of it slowed down or sped up.
Needs python3-numpy, python3-matplotlib and python3-gst-1.0."""
import os
import sys
import tempfile
import wave

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from play import save  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "quality"))
import adr_run  # noqa: E402

SPEECH = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"


def read(path):
    with wave.open(path) as w:
        samples = np.frombuffer(w.readframes(w.getnframes()), "<i2").reshape(-1, w.getnchannels())
        return samples[:, 0] / 32768, w.getframerate()


def write(path, samples, rate):
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(rate)
        w.writeframes((np.clip(samples, -1, 0.999) * 32768).astype("<i2").tobytes())


def other_reading(samples, rate):
    """Pieces of 1 s at another speed (and pitch), and pauses between them."""
    rng, pieces = np.random.default_rng(3), []
    for at in range(0, len(samples), rate):
        piece = samples[at:at + rate]
        speed = rng.uniform(0.85, 1.18)
        pieces.append(np.interp(np.arange(0, len(piece) - 1, speed), np.arange(len(piece)), piece))
        if at % (3 * rate) == 2 * rate:
            pieces.append(np.zeros(int(0.3 * rate)))
    return np.concatenate(pieces)


def main():
    adr_run.Gst.init(None)
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 2:
            guide, take = sys.argv[1:3]
        else:
            samples, rate = read(SPEECH)
            guide, take = os.path.join(folder, "guide.wav"), os.path.join(folder, "take.wav")
            write(guide, samples[:12 * rate], rate)
            write(take, other_reading(samples[:12 * rate], rate), rate)
        lines, _ = adr_run.run(guide, take, os.path.join(folder, "out.wav"), ["post-map=true"])
        (old, rate), (new, _) = read(guide), read(take)
    figure, ((left, main_plot), (corner, below)) = plt.subplots(
        2, 2, figsize=(9, 9), width_ratios=(1, 5), height_ratios=(5, 1))
    for line in lines:
        times = line["start"] / adr_run.Gst.SECOND + np.arange(len(line["map"])) * line["map-interval"] / 1e9
        main_plot.plot(times, line["map"], label=f"line {line['index']}: confidence {line['confidence']:.2f}")
    main_plot.set(title="where the guide's moments are in the take")
    main_plot.legend()
    left.plot(new, np.arange(len(new)) / rate, linewidth=0.3)
    left.set(ylabel="take, s", ylim=main_plot.get_ylim(), xticks=[])
    below.plot(np.arange(len(old)) / rate, old, linewidth=0.3)
    below.set(xlabel="guide, s", xlim=main_plot.get_xlim(), yticks=[])
    corner.axis("off")
    save(figure, "dmixadr")


if __name__ == "__main__":
    main()
