#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Measures dmixdialogue beside others. Asserts nothing; in `meson devenv -C build`:

measure_split.py peers             a table: SI-SDR gain of the dialogue, ESTOI gain (with pystoi), SI-SDR of a remix with the
                                   background 10 dB down, leak while nobody speaks, dialogue left in the background, lowest
                                   gain of a clean mix; mid (L + R) / 2, ffmpeg's dialoguenhance, dmixdenoise on the mid,
                                   RNNoise (with pyrnnoise), both estimators. 15 mixes of Debian's recordings: noise, music,
                                   both at -5 to 20 LU, every other one with the actor 20 degrees off.
measure_split.py film [MINUTES]    a 5.1 film (10 minutes) that is made while it plays: user time of a channel as share of one
                                   core, less that of the pipeline without the element, and whether all frames came out
"""
import ctypes
import importlib.util
import os
import resource
import shutil
import subprocess
import sys

import numpy as np

import sound
from test_dialogue_quality import background, blocks, lufs, voices
from test_split_quality import DOWN, SECONDS, fit, play, sisdr

LEVELS = (-5, 0, 5, 10, 20)
KINDS = ("noise", "music", "both")


def mixes():
    n = SECONDS * sound.RATE
    for k, (level, kind) in enumerate((level, kind) for level in LEVELS for kind in KINDS):
        voice, labels = voices(k)
        r = np.tan(np.radians(20 * (k % 2))) / np.tan(np.radians(30))
        d = (voice[:, None] * np.array([1 + r, 1 - r]) / np.sqrt(1 + r * r))[:n]
        b = background(kind, k, 2)[:n]
        b *= 10 ** ((lufs(blocks(d)[blocks(d) > 1e-6].mean()) - level - lufs(blocks(b).mean())) / 20)
        yield level, d, b, np.repeat(labels, 480)[:n]


def element(line):
    return lambda x: play(x, line).mean(1)


def mid_through(line):
    return lambda x: play(x.mean(1, keepdims=True), line)[:, 0]


def dialoguenhance(x):
    """Its delay of 32 ms and its gain of a centre, 2.67, are undone."""
    out = subprocess.run("ffmpeg -nostdin -v error -f f32le -ar 48000 -ac 2 -i - -af dialoguenhance,pan=mono|c0=FC -f f32le -".split(),
                         input=np.asarray(x, "<f4").tobytes(), stdout=subprocess.PIPE, check=True).stdout
    y = np.frombuffer(out, "<f4").astype(float)[1536:] / 2.666
    return np.pad(y, (0, max(0, len(x) - len(y))))[:len(x)]


def rnnoise(x):
    """Its delay of 20 ms is undone."""
    folder = importlib.util.find_spec("pyrnnoise").submodule_search_locations[0]
    lib = ctypes.CDLL(os.path.join(folder, "librnnoise.so"))
    lib.rnnoise_create.restype = ctypes.c_void_p
    state = ctypes.c_void_p(lib.rnnoise_create(None))
    y = np.concatenate([x.mean(1) * 32768, np.zeros(960 + 480)]).astype(np.float32)[:(len(x) + 1440) // 480 * 480]
    for frame in y.reshape(-1, 480):
        at = frame.ctypes.data_as(ctypes.c_void_p)
        lib.rnnoise_process_frame(state, at, at)
    return y[960:960 + len(x)].astype(float) / 32768


SYSTEMS = {"mid": lambda x: x.mean(1), "dmixdenoise reduction=24, of the mid": mid_through("dmixdenoise reduction=24"),
           "dmixdialogue estimator=statistical": element("dmixdialogue lookahead=0 estimator=statistical output=dialogue"),
           "dmixdialogue estimator=learned": element("dmixdialogue lookahead=0 estimator=learned output=dialogue")}
if shutil.which("ffmpeg"):
    SYSTEMS["ffmpeg dialoguenhance"] = dialoguenhance
if importlib.util.find_spec("pyrnnoise"):
    SYSTEMS["RNNoise, of the mid"] = rnnoise


def intelligible(d, y):
    if not importlib.util.find_spec("pystoi"):
        return np.nan
    from pystoi import stoi
    return stoi(d, y, sound.RATE, extended=True)


def peers():
    rows = {name: [] for name in SYSTEMS}
    for level, d, b, on in mixes():
        x, pause = np.asarray(d + b, "<f4").astype(float), ~on
        pause[:sound.RATE] = False
        md, mb, mx = (v.mean(1) for v in (d, b, x))
        for name, system in SYSTEMS.items():
            y = system(x)
            rest = mx - y
            rows[name].append((level, sisdr(y, md) - sisdr(mx, md), intelligible(md, y) - intelligible(md, mx),
                               sisdr(y + DOWN * rest, md + DOWN * mb), sound.db((y[pause] ** 2).mean() / (mx[pause] ** 2).mean()),
                               sound.db(fit(rest[on], md[on], mb[on])[0] ** 2)))
    print("| | SI-SDR gain | ESTOI gain | SI-SDR of the remix | leak | left | lowest gain at 20 LU |\n|" + " --- |" * 7)
    for name, values in rows.items():
        v = np.array(values)
        some = v[v[:, 0] < 20]
        print(f"| {name} | {v[:, 1].mean():.1f} dB | {v[:, 2].mean():.3f} | {v[:, 3].mean():.1f} dB | {some[:, 4].mean():.0f} dB "
              f"| {some[:, 5].mean():.0f} dB | {v[v[:, 0] == 20, 1].min():.1f} dB |", flush=True)


def run_film(minutes, line):
    """(user time in s, frames that came out, frames that should)"""
    n = SECONDS * sound.RATE
    d, b = np.zeros((n, 6)), background("both", 1, 6)[:n] * 0.03
    d[:, 2] = voices(1)[0][:n]
    block, rounds = np.asarray(d + b, "<f4").tobytes(), int(np.ceil(minutes * 60 / SECONDS))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = ("gst-launch-1.0 -q fdsrc fd=0 ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le sample-rate=48000 num-channels=6 "
               f"! capssetter caps=\"audio/x-raw,channel-mask=(bitmask)0x3f\" ! {line} ! fdsink fd=1")
    with subprocess.Popen(["sh", "-c", command + " | wc -c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        for _ in range(rounds):
            p.stdin.write(block)
        p.stdin.close()
        frames = int(p.stdout.read()) // 24
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, frames, rounds * n


def film(minutes):
    empty = run_film(minutes, "identity")[0]
    for estimator in ("statistical", "learned"):
        seconds, frames, wanted = run_film(minutes, f"dmixdialogue estimator={estimator} boost=4 target=12")
        print(f"{estimator}: {100 * (seconds - empty) / (minutes * 60 * 6):.2f} % of a core a channel, {frames - wanted} frames too many")


if __name__ == "__main__":
    if sys.argv[1:2] == ["peers"]:
        peers()
    elif sys.argv[1:2] == ["film"]:
        film(float(sys.argv[2]) if len(sys.argv) > 2 else 10.0)
    else:
        sys.exit(__doc__)
