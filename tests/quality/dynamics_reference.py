#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dsp/dynamics/dynamics.c against a second implementation: Python, double precision,
one value after the other, written from the definitions in dsp/dynamics/dynamics.h and
the papers and standards it names, sharing no code and no trick with the C.

Random sets of parameters (200 unless told) on random signals: gains agree
within 0.02 dB. In limit mode on sound up to 0.3 * rate, where interpolators of
true peaks agree by that.

usage: dynamics_reference.py [SETS]
"""
import os
import subprocess
import sys

import numpy as np

TOOL = os.path.join(os.environ.get("DMIX_BUILD", "build"), "tests", "quality", "dynamics_run")
ALLOWED_DB = 0.02
MARGIN_DB = 0.1     # by which the limiter aims below its ceiling


# ------------------------------------------------------------------ detector
def butterworth(x, cutoff, high):
    """Second order, bilinear transform with the cutoff met exactly; x: frames x channels."""
    k = np.tan(np.pi * cutoff)
    a = np.array([1 + np.sqrt(2) * k + k * k, 2 * (k * k - 1), 1 - np.sqrt(2) * k + k * k])
    b = np.array([1, -2, 1.0]) if high else k * k * np.array([1, 2, 1.0])
    return recursion(x, (b / a[0]).tolist(), (a / a[0]).tolist())


def recursion(x, b, a):
    """Direct form I."""
    y = np.zeros_like(x)
    for c in range(x.shape[1]):
        x1 = x2 = y1 = y2 = 0.0
        out = []
        for now in x[:, c].tolist():
            y0 = b[0] * now + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
            x2, x1, y2, y1 = x1, now, y1, y0
            out.append(y0)
        y[:, c] = out
    return y


F, Q, HIGH = 1681.974450955533, 0.7071752369554196, 10 ** (3.999843853973347 / 20)
BAND = HIGH ** 0.4996667741545416


def bilinear_shelf(rate):
    k = np.tan(np.pi * F / rate)
    a = np.array([1 + k / Q + k * k, 2 * (k * k - 1), 1 - k / Q + k * k])
    b = np.array([HIGH + BAND * k / Q + k * k, 2 * (k * k - HIGH), HIGH - BAND * k / Q + k * k])
    return b / a[0], a / a[0]


def matched_shelf(rate):
    """Poles of the analogue shelf; the autocorrelation of the numerator by least
    squares of the relative error of its power at 32 frequencies, exact at 0 Hz,
    and its zeros within the unit circle."""
    w = np.pi * (np.arange(32) + 0.5) / 32
    s = 1j * w * rate / (2 * np.pi * F)
    a = np.poly(np.exp(np.roots([1, 1 / Q, 1]) * 2 * np.pi * F / rate)).real
    power = abs((HIGH * s * s + BAND * s / Q + 1) / (s * s + s / Q + 1) * np.polyval(a, np.exp(1j * w))) ** 2
    all_at_0 = a.sum() ** 2  # r0 + 2 r1 + 2 r2
    rows = np.c_[2 * np.cos(w) - 2, 2 * np.cos(2 * w) - 2] / power[:, None]
    r1, r2 = np.linalg.lstsq(rows, 1 - all_at_0 / power, rcond=None)[0]
    zeros = np.roots([r2, r1, all_at_0 - 2 * r1 - 2 * r2, r1, r2])
    b = np.poly(zeros[abs(zeros) < 1]).real
    return b * a.sum() / b.sum(), a


def k_weighting(rate):
    """BS.1770-5 Annex 1: numerators and denominators of shelf and high-pass,
    from their analogue constants."""
    shelf_b, shelf_a = bilinear_shelf(rate) if rate == 48000 else matched_shelf(rate)
    f, q = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * f / rate)
    pass_a = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return shelf_b, shelf_a, np.array([1, -2, 1.0]), pass_a / pass_a[0]


def gain_at_997(rate):
    z = np.exp(-2j * np.pi * 997 / rate) ** np.arange(3)
    shelf_b, shelf_a, pass_b, pass_a = k_weighting(rate)
    return abs((shelf_b @ z) / (shelf_a @ z) * (pass_b @ z) / (pass_a @ z))


def k_weighted(x, rate):
    """Both filters; the gain at 997 Hz is that of 48 kHz, as dsp/meter/kweight.c has it."""
    shelf_b, shelf_a, pass_b, pass_a = k_weighting(rate)
    shelf_b = shelf_b * gain_at_997(48000) / gain_at_997(rate)
    y = recursion(x, shelf_b.tolist(), shelf_a.tolist())
    return recursion(y, pass_b.tolist(), pass_a.tolist())


def interpolated_peaks(x, step):
    """The highest absolute value from the start of each step to that of the next: 32 points
    a frame, by Fourier interpolation; x: frames x channels."""
    frames, factor = len(x), 32
    spectrum = np.fft.rfft(x, axis=0)
    whole = np.zeros((frames * factor // 2 + 1, x.shape[1]), complex)
    whole[:len(spectrum)] = spectrum
    fine = np.abs(np.fft.irfft(whole, frames * factor, axis=0)) * factor
    steps = frames // step
    fine = np.concatenate([fine, fine[-1:]])
    return np.array([fine[k * step * factor:(k + 1) * step * factor + 1].max(axis=0) for k in range(steps)])


def levels(x, rate, step, p):
    """Level in dB by step and channel, and that of all channels together."""
    steps = len(x) // step
    if p["mode"] == "limit":
        power = interpolated_peaks(x, step) ** 2
        return decibel(power), decibel(power.max(axis=1))
    if p["highpass_hz"] > 0:
        x = butterworth(x, min(p["highpass_hz"] / rate, 0.49), True)
    if 0 < p["lowpass_hz"] < 0.49 * rate:
        x = butterworth(x, p["lowpass_hz"] / rate, False)
    blocks = x[:steps * step].reshape(steps, step, -1)
    if p["detector"] == "peak":
        power = np.abs(blocks).max(axis=1) ** 2
        return decibel(power), decibel(power.max(axis=1))
    offset = 0.0
    if p["detector"] == "k-weighted":
        blocks = k_weighted(x, rate)[:steps * step].reshape(steps, step, -1)
        offset = -0.691
    square = (blocks ** 2).mean(axis=1)
    window = max(1, int(p["rms_window_ms"] / 1000 * rate / step + 0.5))
    padded = np.concatenate([np.zeros((window - 1, square.shape[1])), square])
    power = np.array([padded[k:k + window].mean(axis=0) for k in range(steps)])
    together = power.sum(axis=1) if offset else power.max(axis=1)
    return decibel(power, offset), decibel(together, offset)


def decibel(power, offset=0.0):
    return np.maximum(10 * np.log10(np.maximum(power, 1e-30)) + offset, -200)


# --------------------------------------------------------------------- curve
def curve(level, p):
    """Gain that a level in dB asks for."""
    t, w, ratio, reach = p["threshold_db"], p["knee_db"], p["ratio"], p["range_db"]
    if p["mode"] == "limit":
        return min(0.0, p["ceiling_dbtp"] - MARGIN_DB - p["makeup_db"] - level)
    if p["mode"] == "gate":
        u = float(level < t) if w == 0 else min(max((t + w / 2 - level) / w, 0.0), 1.0)
        return -reach * u * u * (3 - 2 * u)
    slope = {"compress": 1 / ratio - 1, "upward": 1 - 1 / ratio, "expand": 1 - min(ratio, 1000)}[p["mode"]]
    d = level - t if p["mode"] == "compress" else t - level
    if 2 * d < -w:
        gain = 0.0
    elif 2 * abs(d) <= w and w > 0:
        gain = slope * (d + w / 2) ** 2 / (2 * w)
    else:
        gain = slope * d
    return min(max(gain, -reach), reach)


# ------------------------------------------------------------------- in time
def share(time_ms, step_s):
    return 1.0 if time_ms <= 0 else 1 - np.exp(-step_s / (time_ms / 1000))


def follow(target, step_s, p, start):
    """Hold, attack, release of one channel; falling = louder."""
    attack = 1.0 if p["mode"] == "limit" else share(p["attack_ms"], step_s)
    release, slow = share(p["release_ms"], step_s), share(10 * p["release_ms"], step_s)
    hold = int(np.floor(p["hold_ms"] / 1000 / step_s + 0.5))
    value = mean = start
    held, out = 0, []
    for t in target:
        mean += slow * (t - mean)
        if t <= value:
            held = hold
            value += attack * (t - value)
        elif held:
            held -= 1
        else:
            goal = min(t, max(mean, value)) if p["auto_release"] else t
            value += release * (goal - value)
        out.append(value)
    return out


def look_ahead(value, ahead, borders, start):
    """The gain at each border, from the values of the steps around it."""
    before = 2 * ahead + 4
    v = np.concatenate([np.full(before, start), value, np.full(ahead + 2, value[-1])])
    at = lambda k: v[before + k]
    if ahead < 2:
        return [at(j - 2 + ahead) for j in range(borders)]
    n = ahead - 2
    taps = np.convolve(np.full(n // 2 + 1, 1 / (n // 2 + 1)), np.full(n - n // 2 + 1, 1 / (n - n // 2 + 1)))
    minima = [v[before + k - ahead + 1:before + k + 1].min() for k in range(borders + n + 1)]
    return [np.dot(taps, minima[j:j + n + 1]) for j in range(borders)]


def gains(x, rate, p):
    """Linear gain of each frame and channel."""
    step = max(1, int(rate / 6000 + 0.5))
    step_s = step / rate
    each, together = levels(x, rate, step, p)
    steps, channels = each.shape
    side = -1 if p["mode"] in ("expand", "gate") else 1
    all_channels = np.array([curve(v, p) for v in together])
    start = side * curve(-200.0, p)
    own = 2 * step if p["mode"] == "limit" else 0
    ahead = (int(p["lookahead_ms"] * rate / 1000 + 0.5) + own + 1) // step
    makeup = p["makeup_db"]
    if p["auto_makeup"] and p["mode"] == "compress":
        makeup -= curve(0.0, p) / 2
    result = np.ones((steps * step, channels))
    for c in range(channels):
        own = np.array([curve(v, p) for v in each[:, c]])
        asked = side * ((1 - p["link"]) * own + p["link"] * all_channels)
        value = follow(asked, step_s, p, start)
        db = side * np.array(look_ahead(np.array(value), ahead, steps + 1, start))
        linear = 1 + p["mix"] * (10 ** ((db + makeup) / 20) - 1)
        for i in range(step):
            place = (i + 1) / step
            result[i::step, c] = linear[:-1] * (1 - place) + linear[1:] * place
    return result


# ---------------------------------------------------------------------- test
def random_params(rng):
    pick = rng.choice
    some = lambda low, high, zero=0.3: 0.0 if rng.random() < zero else float(rng.uniform(low, high))
    p = {
        "mode": str(pick(["compress", "compress", "limit", "expand", "gate", "upward"])),
        "detector": str(pick(["rms", "peak", "k-weighted"])),
        "threshold_db": float(rng.uniform(-50, -5)), "ratio": float(pick([1, 1.5, 2, 4, 10, np.inf])),
        "knee_db": some(0, 20), "attack_ms": some(0.1, 100), "hold_ms": some(0, 100, 0.5),
        "release_ms": some(5, 1000, 0.1), "auto_release": int(rng.random() < 0.4),
        "lookahead_ms": some(0.1, 30), "rms_window_ms": float(rng.uniform(1, 60)), "makeup_db": some(-12, 12, 0.5),
        "auto_makeup": int(rng.random() < 0.3), "mix": float(pick([1, 1, 0.5, 0.9])),
        "range_db": float(pick([6, 20, 60])), "link": float(pick([0, 1, 1, 0.5])),
        "highpass_hz": some(20, 500, 0.6), "lowpass_hz": some(500, 8000, 0.6),
        "ceiling_dbtp": float(rng.uniform(-12, 0)),
    }
    if p["mode"] == "limit":
        p["lookahead_ms"] = float(rng.uniform(0.6, 30))
    return p


def random_signal(rng, rate, frames, channels, mode):
    """Noise in phrases of random level, with a tone."""
    x = rng.standard_normal((frames, channels))
    at = 0
    while at < frames:
        n = int(rng.uniform(0.005, 0.15) * rate)
        x[at:at + n] *= 10 ** (rng.uniform(-60, -8) / 20)
        at += n
    x += 0.1 * np.sin(2 * np.pi * 300 / rate * np.arange(frames))[:, None] * rng.uniform(0, 1)
    if mode == "limit":             # Fourier interpolation goes in a circle: silence at its ends
        x[:200] = x[-200:] = 0
        spectrum = np.fft.rfft(x, axis=0)
        spectrum[int(0.3 * frames):] = 0
        x = np.fft.irfft(spectrum, frames, axis=0)
    return x.astype("<f4")


def run_tool(x, rate, p, block=0):
    words = [TOOL, str(rate), str(x.shape[1]), str(block)] + [f"{k}={v}" for k, v in p.items()]
    out = subprocess.run(words, input=x.tobytes(), stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(out, "<f4").reshape(x.shape)


def main():
    rng = np.random.default_rng(7)
    worst = {"limit": 0.0, "others": 0.0}
    for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 200):
        p = random_params(rng)
        rate, channels = int(rng.choice([16000, 32000, 44100, 48000])), int(rng.choice([1, 2, 3]))
        x = random_signal(rng, rate, int(0.3 * rate), channels, p["mode"])
        y = run_tool(x, rate, p)
        g = gains(x.astype(float), rate, p)
        # the last frames see what came behind the end: silence here, nothing there
        end = len(g) - int((p["lookahead_ms"] / 1000 * rate + 100))
        loud = np.abs(x[:end]) > 1e-4
        error = np.abs(20 * np.log10(np.abs(y[:end][loud] / x[:end][loud]) / g[:end][loud])).max()
        kind = "limit" if p["mode"] == "limit" else "others"
        worst[kind] = max(worst[kind], error)
        if error > ALLOWED_DB:
            print(f"set {number}: {error:.4f} dB at {rate} Hz, {channels} channels: {p}")
    for kind, error in worst.items():
        print(f"{kind}: largest difference {error:.5f} dB, allowed {ALLOWED_DB}")
    return any(worst[kind] > ALLOWED_DB for kind in worst)


if __name__ == "__main__":
    sys.exit(main())
