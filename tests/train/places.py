# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loss place by place, where a mean hides what got worse: places.py DATA STATE... [--snr 0] [--teacher]

Voices and places at one level, in three pairs: the corpus' voices in its places (DMIX_CORPUS, with speech/ and
ambience/), LibriSpeech's held voices in held places of DATA, and these voices in the corpus' places. For each STATE (a
run's state.npz, or checkpoint.npz) the loss of the mid without asymmetry, and clearness(), the likeness to the clean voice
that ESTOI measures. --teacher: the same of what DeepFilterNet3 leaves, as gains of rows. No training uses any of it.
"""
import argparse
import glob
import os

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

import front
import scenes
import teacher
import train

FRAMES = 380
COUNT = front.samples(FRAMES)
HELD_PLACES, HELD_VOICES = 8, 8
SKIPPED = front.RATE                     # of a recorded place


def read(path):
    x, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return resample_poly(x.mean(1), front.RATE, rate).astype(np.float32) if rate != front.RATE else x.mean(1)


def fit(x):
    return np.tile(x, COUNT // len(x) + 1)[:COUNT]


def corpus(kind):
    return {os.path.basename(p)[:-5]: read(p) for p in sorted(glob.glob(os.path.join(os.environ["DMIX_CORPUS"], kind, "*.flac")))}


def held(bank, rows):
    return {bank.rows[k]["source"] + str(k): bank[k].astype(np.float32) / 32768 for k in rows}


def pairs(mixer):
    """(name, voices, places) of the three pairs."""
    readers = [k for k, r in enumerate(mixer.speech.rows) if r["source"] == "librispeech"][:HELD_VOICES]
    long = np.flatnonzero(mixer.noise.seconds >= 6)[:HELD_PLACES]
    voices, places = held(mixer.speech, readers), held(mixer.noise, long)
    if "DMIX_CORPUS" in os.environ:
        yield "corpus in corpus", corpus("speech"), corpus("ambience")
        yield "readers in corpus", voices, corpus("ambience")
    else:
        print("without DMIX_CORPUS: held recordings only")
    yield "readers in held places", voices, places


def scene(voice, place, snr):
    voice, place = fit(voice), fit(place[SKIPPED:] if len(place) > COUNT + SKIPPED else place)
    hops = (voice[:FRAMES * front.HOP].reshape(FRAMES, -1) ** 2).mean(1)
    voice = voice * np.float32(scenes.ACTIVE / hops[hops > hops.max() * 1e-3].mean() ** 0.5)
    place = scenes.unit(place) * np.float32(scenes.ACTIVE * 10 ** (-snr / 20))
    ones = np.ones(FRAMES, np.float32)
    return scenes.Scene(front.spectra(voice), front.spectra(place), None, None, front.RATE / 2, ones, ones)


def batches(mixer, voices, places, snr):
    """The batch and the scenes of each place; voices come in turn until all lanes are full."""
    for place in places.values():
        clips = [scene(v, place, snr) for v in voices.values()]
        clips = [clips[i % len(clips)] for i in range(front.LANES)]
        yield mixer.batch(FRAMES, clips), clips


def network(path):
    with np.load(path) as z:
        meta = train.json.loads(str(z["meta"]))
        net = train.made(meta)
        train.tie(net, torch.from_numpy(train.unpack(z, "average")).clone())
    return net


def tell(name, scores):
    loss, like = np.array(scores).T
    each = " ".join(f"{a:.1f}/{b:.3f}" for a, b in zip(loss, like))
    print(f"  {name:24s} loss {loss.mean():5.1f}  likeness {like.mean():.3f} | {each}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data"), p.add_argument("states", nargs="+")
    p.add_argument("--snr", type=float, default=0.0)
    p.add_argument("--teacher", action="store_true")
    o = p.parse_args()
    mixer = scenes.Mixer(o.data, 1, val=True)
    systems = {path: network(path) for path in o.states}
    for name, voices, places in pairs(mixer):
        made = list(batches(mixer, voices, places, o.snr))
        print(name + ":", " ".join(places))
        for path, net in systems.items():
            with torch.no_grad():
                tell(path[-24:], [score(net(torch.from_numpy(b.features))[0][0], b) for b, _ in made])
        if o.teacher:
            heard = teacher.Teacher()
            tell("teacher", [score(torch.from_numpy(np.stack([teacher.taught(heard, c)[0] for c in clips], -1)), b)
                             for b, clips in made])


def score(gains, batch):
    target = torch.from_numpy(batch.mid)
    return float(train.gain_loss(gains, target, 1.0)), float(train.clearness(gains, target))


if __name__ == "__main__":
    main()
