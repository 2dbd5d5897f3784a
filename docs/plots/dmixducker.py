#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws docs/plots/out/dmixducker-phrases.svg, -bands.svg and -understood.svg with
the real element: what becomes of a background under a dialogue, over time, in its
bands, and for a goal.
usage: docs/plots/dmixducker.py [DIALOGUE BACKGROUND], in `meson devenv -C build`.
Without files: recordings of Debian's asterisk-core-sounds-en-wav and
asterisk-moh-opsound-wav, which have nothing above 4 kHz. Needs python3-numpy and
python3-matplotlib."""
import sys

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from play import decode, duck, save  # noqa: E402

RATE = 48000
DIALOGUE = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"
BACKGROUND = "/usr/share/asterisk/moh/manolo_camp-morning_coffee.wav"
CENTRES = 1000 * 2 ** (np.arange(-10, 12) / 3)


def db(power):
    return 10 * np.log10(np.maximum(power, 1e-12))


def level(x):
    """Mean power in 20 ms, dB, each 10 ms; and when."""
    n = RATE // 100
    power = np.square(x[:len(x) // n * n]).reshape(-1, n).mean(1)
    return np.arange(1, len(power)) / 100, db((power[1:] + power[:-1]) / 2)


def bands(x):
    """Mean power of third octaves, dB."""
    f = np.fft.rfftfreq(4096, 1 / RATE)
    p = np.mean([np.abs(np.fft.rfft(x[i:i + 4096] * np.hanning(4096))) ** 2 for i in range(0, len(x) - 4096, 2048)], 0)
    return db(np.array([p[(f >= c / 2 ** (1 / 6)) & (f < c * 2 ** (1 / 6))].sum() for c in CENTRES]))


def stems():
    """Two seconds of pause, the dialogue, three of pause; 3 dB below it the
    background."""
    paths = sys.argv[1:3] if len(sys.argv) > 2 else (DIALOGUE, BACKGROUND)
    d, b = (decode(path, RATE) for path in paths)
    d = d[:25 * RATE]
    d *= 0.08 / np.sqrt(np.mean(d ** 2))
    d = np.concatenate([np.zeros(2 * RATE), d, np.zeros(3 * RATE)])
    b = np.resize(b[2 * RATE:], len(d))
    return d, b * (0.08 / np.sqrt(2 * np.mean(b ** 2)))


def phrases(d, b):
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(9, 6), sharex=True)
    top.plot(*level(d), linewidth=0.8, label="dialogue")
    top.plot(*level(b), linewidth=0.8, label="background")
    for name, settings in (("target=15 (default)", ""), ("range=6 spectral=12", "range=6 spectral=12")):
        t, after = level(duck(d, b, RATE, settings)[0])
        bottom.plot(t, after - level(b)[1], linewidth=0.9, label=name)
    top.set(ylabel="level, dB", ylim=(-80, 0), title="What becomes of a background under dialogue")
    bottom.set(xlabel="s", ylabel="background, change in dB", ylim=(-24, 2))
    for plot in (top, bottom):
        plot.grid(alpha=0.3)
        plot.legend(loc="lower right")
    save(figure, "dmixducker-phrases")


def spectra(d, b):
    inside = slice(3 * RATE, len(d) - 4 * RATE)
    figure, plot = plt.subplots(figsize=(9, 4.5))
    plot.semilogx(CENTRES, bands(d[inside]), "k:", label="dialogue")
    plot.semilogx(CENTRES, bands(b[inside]), label="background")
    for name, settings in (("range=6 spectral=12", "range=6 spectral=12"), ("target=15", "")):
        plot.semilogx(CENTRES, bands(duck(d, b, RATE, settings)[0][inside]), label=name)
    plot.set(xlabel="third octave, Hz", ylabel="level, dB", title="While somebody speaks")
    plot.grid(alpha=0.3, which="both")
    plot.legend()
    save(figure, "dmixducker-bands")


def understood(d, b):
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(9, 6), sharex=True)
    for name, settings in (("bypass", "bypass=true"), ("goal=glimpse intelligibility=0.6", "goal=glimpse range=24"),
                           ("target=15", "")):
        found = duck(d, b, RATE, settings + " meter=true interval=250000000")[1]["dmixmeter"]
        t = found["stream-time"] / 1e9
        top.plot(t, found["glimpse-proportion-shortterm"], label=name)
        bottom.plot(t, found["difference-shortterm"], label=name)
    top.set(ylabel="glimpse proportion, last 3 s", ylim=(0, 1), title="How much of the speech is heard")
    bottom.set(xlabel="s", ylabel="difference, last 3 s, LU", ylim=(-5, 30))
    for plot in (top, bottom):
        plot.grid(alpha=0.3)
        plot.legend(loc="lower right")
    save(figure, "dmixducker-understood")


if __name__ == "__main__":
    DIALOGUE_AND_BACKGROUND = stems()
    phrases(*DIALOGUE_AND_BACKGROUND)
    spectra(*DIALOGUE_AND_BACKGROUND)
    understood(*DIALOGUE_AND_BACKGROUND)
