# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Plays numpy arrays through a GStreamer element, for the plots of the docs."""
import os
import re
import shlex
import subprocess
import tempfile

import numpy as np

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "out")


def play(samples, rate, description):
    """samples: frames x channels, full scale 1. Returns what `description`
    (an element with its properties) makes of it, as many channels out as in."""
    samples = np.atleast_2d(np.asarray(samples, "<f4").T).T
    channels = samples.shape[1]
    with tempfile.TemporaryDirectory() as folder:
        before, after = (os.path.join(folder, name) for name in ("in", "out"))
        np.ascontiguousarray(samples).tofile(before)
        subprocess.run(
            f"gst-launch-1.0 -q filesrc location={before} blocksize=65536 ! rawaudioparse use-sink-caps=false "
            f"format=pcm pcm-format=f32le sample-rate={rate} num-channels={channels} "
            f"! {description} ! filesink location={after}", shell=True, check=True)
        return np.fromfile(after, "<f4").reshape(-1, channels)


def decode(path, rate):
    """Any audio file, as one channel of that rate."""
    with tempfile.NamedTemporaryFile() as f:
        subprocess.run(f"gst-launch-1.0 -q filesrc location={shlex.quote(path)} ! decodebin ! audioconvert "
                       f"! audioresample ! audio/x-raw,format=F32LE,rate={rate},channels=1 ! filesink "
                       f"location={f.name}", shell=True, check=True)
        return np.fromfile(f.name, "<f4")


def duck(dialogue, background, rate, settings):
    """Both mono. Returns the ducked background, and the messages as a dict
    {message name: {field: array}} of all fields that are one number."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("d", "b", "out")]
        for samples, path in zip((dialogue, background), paths):
            np.asarray(samples, "<f4").tofile(path)
        source = f"filesrc location={{}} ! rawaudioparse pcm-format=f32le sample-rate={rate} num-channels=1"
        text = subprocess.run(f"gst-launch-1.0 -m dmixducker name=d output=background {settings} ! filesink "
                              f"location={paths[2]} {source.format(paths[1])} ! d.background "
                              f"{source.format(paths[0])} ! d.dialogue", shell=True, check=True, capture_output=True,
                              text=True).stdout
        return np.fromfile(paths[2], "<f4"), messages(text)


def messages(text):
    """What gst-launch-1.0 -m has printed, as {name: {field: array}}; a difference that
    is not known yet is NaN."""
    found = {}
    for name, fields in re.findall(r"\(element\): (dmix\w+), (.*)", text):
        for field in ("difference", "difference-shortterm"):
            fields += "" if f" {field}=" in " " + fields else f", {field}=(double)nan"
        for field, value in re.findall(r"([\w-]+)=\((?:double|guint64)\)([^,;<]+)", fields):
            found.setdefault(name, {}).setdefault(field, []).append(float(value))
    return {name: {field: np.array(v) for field, v in fields.items()} for name, fields in found.items()}


def save(figure, name):
    """Writes docs/plots/out/NAME.svg; not in git, a script makes it again."""
    os.makedirs(OUT, exist_ok=True)
    path = os.path.join(OUT, name + ".svg")
    figure.savefig(path)
    print(path)
