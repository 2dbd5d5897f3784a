#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws docs/plots/out/dmixcomp-curves.svg and dmixcomp-steps.svg with the real
element. usage: docs/plots/dmixcomp.py, in `meson devenv -C build`.
Needs python3-numpy and python3-matplotlib."""
import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from play import play, save  # noqa: E402

RATE = 48000


def db(x):
    return 20 * np.log10(np.maximum(np.abs(x), 1e-9))


def sine(level_db, seconds):
    """A 997 Hz sine of that RMS level."""
    t = np.arange(int(seconds * RATE)) / RATE
    return np.sqrt(2) * 10 ** (level_db / 20) * np.sin(2 * np.pi * 997 * t)


def transfer(settings):
    """Output over input level, measured with sines, dB."""
    levels = np.arange(-80, 1, 2.0)
    out = []
    for level in levels:
        y = play(sine(level, 1.0), RATE, f"dmixcomp rms-window=50 attack=5 release=50 {settings}")
        out.append(10 * np.log10(np.mean(y[RATE // 2:] ** 2) + 1e-12))
    return levels, out


def curves():
    figure, plot = plt.subplots(figsize=(6, 6))
    for name, settings in (
            ("compress, ratio 2.5", "threshold=-30 ratio=2.5 knee=0"),
            ("compress, ratio 2.5, knee 12", "threshold=-30 ratio=2.5 knee=12"),
            ("compress, ratio infinite", "threshold=-20 ratio=1000 knee=6"),
            ("expand, ratio 2", "mode=expand threshold=-40 ratio=2 knee=6"),
            ("gate, range 30", "mode=gate threshold=-50 range=30 knee=6"),
            ("upward, ratio 2, range 12", "mode=upward threshold=-30 ratio=2 range=12 knee=6")):
        plot.plot(*transfer(settings), label=name)
    plot.plot([-80, 0], [-80, 0], "k:", linewidth=0.8)
    plot.set(xlabel="input, dB", ylabel="output, dB", xlim=(-80, 0), ylim=(-100, 0), title="Transfer curves")
    plot.grid(alpha=0.3)
    plot.legend()
    save(figure, "dmixcomp-curves")


def steps():
    """Gain of a constant that jumps by 20 dB and back: detector peak, so that
    only the time constants are seen."""
    x = np.full(int(1.5 * RATE), 0.05)
    x[RATE // 4:RATE * 3 // 4] = 0.5
    t = np.arange(len(x)) / RATE * 1000
    figure, plot = plt.subplots(figsize=(9, 4.5))
    for name, settings in (
            ("attack 20, release 250, no look-ahead", "lookahead=0"),
            ("the same, look-ahead 20", "lookahead=20"),
            ("hold 100", "lookahead=0 hold=100"),
            ("auto-release", "lookahead=0 auto-release=true")):
        y = play(x, RATE, f"dmixcomp detector=peak threshold=-26 ratio=4 knee=0 {settings}")[:, 0]
        plot.plot(t, db(y) - db(x), label=name)
    plot.set(xlabel="ms", ylabel="gain, dB", title="A step of 20 dB at 250 ms, back at 750 ms (threshold -26, ratio 4)")
    plot.grid(alpha=0.3)
    plot.legend()
    save(figure, "dmixcomp-steps")


if __name__ == "__main__":
    curves()
    steps()
