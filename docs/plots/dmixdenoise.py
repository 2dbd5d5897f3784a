#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws docs/plots/out/dmixdenoise.svg: the spectrogram of a recording before and
after, with the real element. usage: docs/plots/dmixdenoise.py NOISY.wav (16-bit),
in `meson devenv -C build`. Without a file: speech of Debian's
asterisk-core-sounds-en-wav with made noise.
Needs python3-numpy and python3-matplotlib."""
import sys
import wave

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from play import play, save  # noqa: E402

SPEECH = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"


def read(path):
    with wave.open(path) as w:
        samples = np.frombuffer(w.readframes(w.getnframes()), "<i2").reshape(-1, w.getnchannels())
        return samples[:, 0] / 32768, w.getframerate()


def main():
    if len(sys.argv) > 1:
        noisy, rate = read(sys.argv[1])
    else:
        speech, rate = read(SPEECH)
        noise = np.cumsum(np.random.default_rng(1).normal(size=len(speech)))
        noise -= np.convolve(noise, np.ones(400) / 400, "same")
        noisy = speech + noise * speech.std() / noise.std() * 10 ** (-10 / 20)
    noisy = noisy[:10 * rate]
    figure, plots = plt.subplots(3, figsize=(9, 9), sharex=True)
    for plot, (title, sound) in zip(plots, (
            ("before", noisy),
            ("after, reduction=18", play(noisy, rate, "dmixdenoise reduction=18")[:, 0]),
            ("taken away, output=residual", play(noisy, rate, "dmixdenoise reduction=18 output=residual")[:, 0]))):
        plot.specgram(sound + 1e-9, NFFT=512, Fs=rate, noverlap=384, vmin=-120, vmax=-40, cmap="magma")
        plot.set(title=title, ylabel="Hz")
        plot.set_rasterization_zorder(0)
    plots[-1].set(xlabel="s")
    save(figure, "dmixdenoise")


if __name__ == "__main__":
    main()
