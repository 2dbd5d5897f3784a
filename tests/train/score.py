# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Scores exported networks on the validation clips: score.py DATA NET.dmixnet... [--clips 64] [--voice]

PESQ (wide band), ESTOI, SI-SDR, gain of the speech and fall of the level in pauses (dB) over the plain clips (whole
sentences in one recorded place); --voice: hits and false alarms of the speech output over all clips at several
thresholds, and the shift for export.py that makes .5 the best one.
"""
import argparse

import numpy as np
from scipy.signal import resample_poly

import front
import infer
import scenes
from train import VALIDATION


def held_scenes(data, clips):
    """The same clips as train.validation: the plain ones, then the others."""
    count, frames, seed = VALIDATION
    mixer = scenes.Mixer(data, seed, val=True)
    for b in range(min(count, clips) // front.LANES):
        made = [mixer.scene(frames, plain=b < count // 32) for _ in range(front.LANES)]
        mixer.batch(frames, made)        # draws the volumes, as training does
        yield from made


def mix_of(scene):
    """(mix as samples x channels, speech of mid)."""
    mid = front.sound(scene.speech + scene.rest)
    if scene.side_rest is None:
        return mid[:, None], front.sound(scene.speech)
    side = front.sound(scene.side_speech + scene.side_rest)
    return np.stack([mid + side, mid - side], 1), front.sound(scene.speech)


def si_sdr(y, s):
    y, s = y - y.mean(), s - s.mean()
    t = s * (y @ s) / (s @ s)
    return 10 * np.log10((t @ t + 1e-12) / ((y - t) @ (y - t) + 1e-12))


def judge(y, x, s, on):
    from pesq import pesq
    from pystoi import stoi
    y, x, s = (v.astype(np.float64) for v in (y, x, s))
    rms = lambda v: np.sqrt((v[~on] ** 2).mean() + 1e-14) if (~on).sum() > front.RATE // 10 else 1.0
    low = lambda v: resample_poly(v, 1, 3)
    try:
        p = pesq(16000, low(s), low(y), "wb")
    except Exception:                    # no speech left
        p = 1.0
    return (p, stoi(s, y, front.RATE, extended=True), si_sdr(y, s),
            20 * np.log10(abs(y[on] @ s[on]) / (s[on] @ s[on]) + 1e-9), 20 * np.log10(rms(x) / rms(y)))


def denoised(net, x):
    """Gain of mid with a floor of -30 dB, aligned."""
    mid, _, u, _ = infer.analyse(net, np.pad(x, ((0, front.WINDOW), (0, 0))))
    y = front.sound(mid * np.maximum(front.bin_gains(u[:, 0]), 10 ** -1.5))
    return y[front.WINDOW - front.HOP:][: len(x)]


def score(nets, data, clips):
    rows = {n: [] for n in ["unprocessed", *nets]}
    for scene in held_scenes(data, min(clips, VALIDATION[0] // 2)):
        x, s = mix_of(scene)
        if scene.voice.mean() < 0.3 or not np.abs(scene.rest).max():
            continue
        on = np.repeat(scene.voice > 0, front.HOP)
        on = np.pad(on, (0, len(s) - len(on)), mode="edge")
        for n in rows:
            y = x.mean(1) if n == "unprocessed" else denoised(n, x)
            rows[n].append(judge(y, x.mean(1), s, on))
    print("| net | clips | PESQ | ESTOI | SI-SDR | speech dB | fall in pauses dB |\n|" + "---|" * 7)
    for n, r in rows.items():
        print(f"| {n} | {len(r)} | " + " | ".join(f"{v:.3f}" for v in np.mean(r, 0)) + " |")


def held_for(fired, frames=12):
    """200 ms of hold, as in the project's scorer of speech activity."""
    out = fired.copy()
    for k in range(1, frames + 1):
        out[:, k:] |= fired[:, :-k]
    return out


def voices(net, data):
    made = list(held_scenes(data, VALIDATION[0]))
    p = np.array([infer.analyse(net, mix_of(s)[0])[3][1:VALIDATION[1] + 1] for s in made])
    logit = np.log(p / (1 - p))
    voice, heed = (np.array([getattr(s, k) for s in made]) > 0 for k in ("voice", "heed"))
    pause, nobody = ~held_for(voice, 16) & heed, ~voice.any(1)
    best = (0, 0)
    print("| threshold (logit) | hits % | false % | balanced % | fired where nobody speaks % |\n|" + "---|" * 5)
    for t in np.arange(-3, 4.5, 0.5):
        fired = held_for(logit > t)
        hit, false = fired[voice].mean(), fired[pause].mean()
        best = max(best, (50 * (1 + hit - false), t))
        print(f"| {t} | {100 * hit:.1f} | {100 * false:.1f} | {50 * (1 + hit - false):.1f} "
              f"| {100 * fired[nobody][heed[nobody]].mean():.1f} |")
    print("shift for export.py:", -best[1])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data")
    p.add_argument("nets", nargs="+")
    p.add_argument("--clips", type=int, default=64)
    p.add_argument("--voice", action="store_true")
    o = p.parse_args()
    for net in o.nets if o.voice else []:
        voices(net, o.data)
    if not o.voice:
        score(o.nets, o.data, o.clips)


if __name__ == "__main__":
    main()
