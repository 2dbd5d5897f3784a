"""Plays numpy arrays through a GStreamer element, for the plots of the docs."""
import os
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


def save(figure, name):
    """Writes docs/plots/out/NAME.svg; not in git, a script makes it again."""
    os.makedirs(OUT, exist_ok=True)
    path = os.path.join(OUT, name + ".svg")
    figure.savefig(path)
    print(path)
