#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What dmixducker does to sound, measured on scenes of 30 s: speech with
pauses over a bed, the dialogue 3 LU louder.

Scenes are made of what is at hand: recordings from Debian packages (Asterisk's
prompts and music on hold), and, if the variable DMIX_CORPUS names a folder
with speech/*.flac and ambience/*.flac, four scenes of those. Gains are those
of the K-weighted stem over the K-weighted bed, 20 ms windows each 5 ms.

Asserted (fixed 12 dB, look-ahead 100, hold 400, release 250 ms): 90 % down by
5 ms after each phrase start, the first 150 ms of a phrase at most 0.5 dB above
the rest, pumping (2-8 Hz) at most 0.1 dB, the core of pauses within 0.3 LU (0.4
where the bed is music, whose own level moves), 90 % back by 1100 ms, -12.0 +-0.2
LU in speech. Look-ahead 20 with trigger=level (the other one hears onsets later
than that): 90 % down by 15 ms. Target 15 LU: 15.0 +-0.7 LU on the corpus, +-1.0
on music (it changes faster than an average of 6 s follows); 90 % down by 10 ms and
at most 1 dB above the rest, with either trigger.
"""
import glob
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

RATE, HOP = 48000, 0.005
SECONDS = 30
PAUSES = (2.0, 1.0, 2.5, 0.8, 1.5, 1.2, 3.0)
PROMPTS = ("demo-abouttotry", "vm-intro", "demo-thanks", "demo-moreinfo", "demo-echotest", "queue-periodic-announce",
           "dir-instr")
SOUNDS = "/usr/share/asterisk/sounds/en_US_f_Allison"
MUSIC = "/usr/share/asterisk/moh"


# ------------------------------------------------------------------- sound
def decode(path):
    """Any file as 48 kHz mono."""
    with tempfile.NamedTemporaryFile() as f:
        subprocess.run(shlex.split(f"gst-launch-1.0 -q filesrc location=\"{path}\" ! decodebin ! audioconvert "
                                   f"! audioresample quality=8 ! audio/x-raw,format=F32LE,rate={RATE},channels=1 "
                                   f"! filesink location={f.name}"), check=True)
        return np.fromfile(f.name, "<f4").astype(float)


def k_weighted(x):
    """BS.1770-5 tables 1 and 2 as one zero-phase filter (delay plays no part)."""
    n = len(x) + RATE
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(n))
    h = ((1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z * z)
         / (1 - 1.69065929318241 * z + 0.73248077421585 * z * z)
         * (1 - 2 * z + z * z) / (1 - 1.99004745483398 * z + 0.99007225036621 * z * z))
    return np.fft.irfft(np.fft.rfft(x, n) * abs(h), n)[:len(x)]


def db(power):
    return 10 * np.log10(np.maximum(power, 1e-14))


def power(x, window=0.02):
    """Mean power in windows centred on each hop."""
    total = np.concatenate([[0], np.cumsum(x * x)])
    at = np.arange(0, len(x), int(HOP * RATE))
    low, high = (np.clip(at + s * int(window * RATE / 2), 0, len(x)) for s in (-1, 1))
    return (total[high] - total[low]) / (high - low)


def gated(k):
    """Integrated loudness of a K-weighted signal, LUFS."""
    p = power(k, 0.4)[::20]
    p = p[db(p) - 0.691 > -70]
    p = p[db(p) > db(p.mean()) - 10]
    return db(p.mean()) - 0.691


def level_to(x, lufs):
    return x * 10 ** ((lufs - gated(k_weighted(x))) / 20)


# ------------------------------------------------------------------ scenes
def loop(x, n):
    """x with cross-fades of 0.25 s until it is long enough."""
    f = RATE // 4
    w = np.sin(np.linspace(0, np.pi / 2, f)) ** 2
    y = x
    while len(y) < n:
        y = np.concatenate([y[:-f], y[-f:] * (1 - w) + x[:f] * w, x[f:]])
    return y[:n]


def scene(speech, bed, skip):
    n = SECONDS * RATE
    d, at, i = np.zeros(n), 0, skip
    while at < n:
        at += int(PAUSES[i % len(PAUSES)] * RATE)
        x = level_to(speech[i % len(speech)], -24)[:max(0, n - at)]
        d[at:at + len(x)] = x
        at += len(x)
        i += 1
    return level_to(d, -24), level_to(loop(bed, n), -27)


def quiet_between_words(x):
    """Only where speech stands 30 dB above its pauses can phrases be told by level."""
    low, high = np.percentile(db(power(x) + 1e-12), [5, 95])
    return high - low >= 30


def scenes():
    """(name, tolerance of the target in LU, dialogue, bed)"""
    if os.path.isdir(SOUNDS) and os.path.isdir(MUSIC):
        speech = [decode(f"{SOUNDS}/{p}.wav")[:15 * RATE] for p in PROMPTS if os.path.exists(f"{SOUNDS}/{p}.wav")]
        for i, path in enumerate(sorted(glob.glob(MUSIC + "/*.wav"))[:2]):
            yield (os.path.basename(path), 1.0, *scene(speech, decode(path)[5 * RATE:35 * RATE], 3 * i))
    else:
        print("skipped: recordings of Debian's asterisk packages (not installed)")
    corpus = os.environ.get("DMIX_CORPUS")
    if not corpus:
        print("skipped: scenes of a corpus (DMIX_CORPUS is not set)")
        return
    speech = [decode(p)[:15 * RATE] for p in sorted(glob.glob(corpus + "/speech/*.flac"))]
    speech = [x for x in speech if quiet_between_words(x)]
    for i, path in enumerate(sorted(glob.glob(corpus + "/ambience/*.flac"))[:4]):
        yield (os.path.basename(path), 0.7, *scene(speech, decode(path)[:SECONDS * RATE], 3 * i))


# ----------------------------------------------------------------- measures
def duck(d, a, settings, folder):
    names = [os.path.join(folder, n) for n in ("d", "a", "s")]
    for x, name in zip((d, a), names):
        x.astype("<f4").tofile(name)
    source = f"filesrc location={{}} ! rawaudioparse pcm-format=f32le sample-rate={RATE} num-channels=1"
    subprocess.run(shlex.split(f"gst-launch-1.0 -q dmixducker name=d output=background {settings} "
                               f"! filesink location={names[2]} {source.format(names[1])} ! d.background "
                               f"{source.format(names[0])} ! d.dialogue"), check=True)
    return np.fromfile(names[2], "<f4").astype(float)


def runs(mask):
    edges = np.diff(np.concatenate([[0], mask.astype(int), [0]]))
    return list(zip(np.where(edges == 1)[0], np.where(edges == -1)[0]))


def phrases(k):
    """Hops of speech: within 20 dB of its loudness, gaps under 0.3 s closed."""
    mask = db(power(k)) - 0.691 > max(-60, gated(k) - 20)
    for a, b in runs(~mask):
        if a and b < len(mask) and (b - a) * HOP < 0.3:
            mask[a:b] = True
    found = [(a, b) for a, b in runs(mask) if (b - a) * HOP >= 0.08]
    mask[:] = False
    for a, b in found:
        mask[a:b] = True
    return mask, found


def flutter_filter():
    """2 to 8 Hz, half a second long: what happens at the ends of a phrase stays
    out of its middle."""
    t = np.arange(-50, 51) * HOP
    h = (16 * np.sinc(16 * t) - 4 * np.sinc(4 * t)) * np.hanning(101) * HOP
    return h - h.mean()


def score(d, a, s):
    dk, ak, sk = (k_weighted(x) for x in (d, a, s))
    mask, found = phrases(dk)
    pd, pa, ps = (power(x)[:len(mask)] for x in (dk, ak, sk))
    g = db(ps) - db(pa)
    r = dict(t90=-9e9, miss=-9e9, rec90=[])
    for i, (st, en) in enumerate(found):
        before = found[i - 1][1] if i else 0
        after = found[i + 1][0] if i + 1 < len(found) else len(g)
        depth = np.median(g[min(st + 60, en - 1):en])
        if (st - before) * HOP >= 0.7:
            low = max(0, st - 200)
            rest = np.percentile(g[low:max(low + 1, st - 20)], 80)
            if rest - depth > 2:
                down = low + np.where(g[low:en] <= rest + 0.9 * (depth - rest))[0][0]
                r["t90"] = max(r["t90"], (down - st) * HOP * 1e3)
            r["miss"] = max(r["miss"], db(np.mean(10 ** (g[st:st + 30] / 10))) - depth)
        if (after - en) * HOP >= 0.7 and depth < -2:
            up = np.where(g[en:after] >= 0.1 * depth)[0]
            r["rec90"] += [up[0] * HOP * 1e3] if len(up) else [9e9] if (after - en) * HOP >= 1.5 else []
    core = ~mask
    for st, en in found:
        core[max(0, st - 60):en + 200] = False
    flutter = np.convolve(g, flutter_filter(), "same")
    inside = np.zeros(len(g), bool)
    for st, en in found:
        inside[st + 60:max(st + 60, en - 50)] = True
    r.update(rec90=float(np.median(r["rec90"])), pump=float(np.sqrt(np.mean(flutter[inside] ** 2))),
             speech=float(db(ps[mask].sum()) - db(pa[mask].sum())),
             core=float(db(ps[core].sum()) - db(pa[core].sum())) if core.any() else 0.0,
             ld=float(db(pd[mask].sum()) - db(ps[mask].sum())))
    return r


FIXED = "mode=fixed depth=12 hold=400 release=250 lookahead="
CHECKS = {
    FIXED + "100": lambda r, t: [r["t90"] <= 5, r["miss"] <= 0.5, r["pump"] <= 0.1, r["core"] >= (-0.3 if t < 1 else -0.4),
                                 r["rec90"] <= 1100, abs(r["speech"] + 12) <= 0.2],
    "speech-detector=learned " + FIXED + "100": lambda r, t: [r["t90"] <= 10, r["miss"] <= 0.5, r["pump"] <= 0.1,
                                                              abs(r["speech"] + 12) <= 0.2],
    "trigger=level " + FIXED + "20": lambda r, t: [r["t90"] <= 15],
    "trigger=level target=15": lambda r, t: [abs(r["ld"] - 15) <= t, r["t90"] <= 10, r["miss"] <= 1],
    "target=15": lambda r, t: [abs(r["ld"] - 15) <= t, r["t90"] <= 10, r["miss"] <= 1],
}


def main():
    count = failed = 0
    print(f"{'':24s}{'':61s}   t90   miss  pump   core  rec90  speech     LD")
    with tempfile.TemporaryDirectory() as folder:
        for name, tolerance, d, a in scenes():
            for settings, check in CHECKS.items():
                r = score(d, a, duck(d, a, settings, folder))
                good = all(check(r, tolerance))
                count += 1
                failed += not good
                print(f"{name[:23]:24s}{settings:61s}{r['t90']:6.0f}{r['miss']:7.2f}{r['pump']:6.2f}{r['core']:7.2f}"
                      f"{r['rec90']:7.0f}{r['speech']:8.2f}{r['ld']:7.2f}{'' if good else '  FAILED'}", flush=True)
    print(f"{count} measurements, {failed} failed")
    sys.exit(77 if count == 0 else 1 if failed else 0)


if __name__ == "__main__":
    main()
