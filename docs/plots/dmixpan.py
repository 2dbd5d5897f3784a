#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws docs/plots/out/dmixpan-gains.svg and dmixpan-ears.svg with the real
element. usage: docs/plots/dmixpan.py, in `meson devenv -C build`.
Needs python3-numpy and python3-matplotlib."""
import os
import subprocess
import tempfile

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from play import save  # noqa: E402

RATE = 48000
LAYOUTS = {"stereo": ["L", "R"],
           "5.1": ["L", "R", "C", None, "Ls", "Rs"],
           "7.1.4": ["L", "R", "C", None, "Lb", "Rb", "Ls", "Rs", "Ltf", "Rtf", "Ltr", "Rtr"]}


def pan(samples, channels, settings):
    """Mono samples through dmixpan: frames x channels."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = (os.path.join(folder, name) for name in ("in", "out"))
        np.asarray(samples, "<f4").tofile(before)
        subprocess.run(
            f"gst-launch-1.0 -q filesrc location={before} blocksize=65536 ! rawaudioparse use-sink-caps=false "
            f"format=pcm pcm-format=f32le sample-rate={RATE} num-channels=1 ! dmixpan {settings} "
            f"! filesink location={after}", shell=True, check=True)
        return np.fromfile(after, "<f4").reshape(-1, channels)


def gains():
    figure, plots = plt.subplots(1, 3, figsize=(14, 5), subplot_kw={"projection": "polar"})
    angles = np.arange(-180, 181, 3)
    for plot, (layout, names) in zip(plots, LAYOUTS.items()):
        elevation = 15 if layout == "7.1.4" else 0
        table = np.array([pan(np.ones(64), len(names), f"layout={layout} azimuth={a} elevation={elevation}")[-1]
                          for a in angles])
        for name, gain in zip(names, table.T):
            if name:
                plot.plot(np.radians(angles), gain, label=name)
        plot.plot(np.radians(angles), np.sqrt((table ** 2).sum(1)), "k:", linewidth=0.8, label="power")
        plot.set_theta_zero_location("N")
        plot.set_title(f"{layout}, elevation {elevation}")
        plot.legend(loc="lower right", fontsize=7, bbox_to_anchor=(1.15, -0.05))
    save(figure, "dmixpan-gains")


def ears():
    """Level and time differences between the ears, from impulse responses."""
    angles = np.arange(-180, 181, 5)
    level, delay = [], []
    impulse = np.zeros(1024)
    impulse[0] = 1
    for a in angles:
        y = pan(impulse, 2, f"output=binaural azimuth={a}")
        spectra = np.fft.rfft(y, 4096, axis=0)
        level.append(10 * np.log10((y[:, 0] ** 2).sum() / (y[:, 1] ** 2).sum()))
        cross = spectra[:, 0] * np.conj(spectra[:, 1])
        cross[int(1500 * 4096 / RATE):] = 0                 # where the ear hears time differences
        lag = np.fft.irfft(cross, 16 * 4096)
        at = np.argmax(np.roll(lag, 1000)[:2000]) - 1000
        delay.append(-at / 16 / RATE * 1e6)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    left.plot(angles, level)
    left.set(xlabel="azimuth, degrees", ylabel="left over right, dB", title="Level difference")
    right.plot(angles, delay)
    right.set(xlabel="azimuth, degrees", ylabel="left ahead of right, microseconds", title="Time difference below 1.5 kHz")
    for plot in (left, right):
        plot.grid(alpha=0.3)
    save(figure, "dmixpan-ears")


if __name__ == "__main__":
    gains()
    ears()
