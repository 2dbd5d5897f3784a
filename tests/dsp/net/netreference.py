#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Makes netreference.h: what tests/train/infer.py, the network in numpy, says of a small network and of frames that
netrig.h makes by the same formulas as this file.

usage: netreference.py > netreference.h    (python with numpy and scipy, a C compiler for tests/train/kernel.c)
"""
import pathlib
import struct
import sys
import tempfile
import zlib

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "train"))
import front  # noqa: E402
import infer  # noqa: E402

ENTER, FIRST, SECOND, FRAMES, KEPT = 20, 12, 9, 158, (30, 157)
FEATURES, ROWS = front.KINDS * front.ROWS, front.ROWS


class Numbers:
    """Whole numbers 0 to 255: the linear congruential generator of Numerical Recipes."""

    def __init__(self):
        self.state = 1

    def __call__(self):
        self.state = (self.state * 1664525 + 1013904223) & 0xffffffff
        return self.state >> 24


def half(number):
    """Bits of a float16 of 1/16 to 1/2, either sign."""
    sign = (number() & 128) << 8
    exponent = (11 + number() % 3) << 10
    return sign | exponent | number() << 2


def tensor(number, name, kind, outs, ins):
    head = struct.pack("<24s3I", name.encode(), kind, outs, ins)
    if kind == 0:
        body = b"".join(struct.pack("<H", half(number)) for _ in range(outs * ins))
    else:
        body = b"".join(struct.pack("<f", 2.0 ** -(9 + row % 2)) for row in range(outs))
        body += bytes((max(number() - 128, -127)) & 255 for _ in range(outs * ins))
    return head + body + bytes(-len(body) % 4)


def weight_file():
    number = Numbers()
    both = FIRST + SECOND
    parts = [tensor(number, *one) for one in (
        ("enter.w", 1, ENTER, FEATURES), ("enter.b", 0, ENTER, 1),
        ("first.wi", 1, 3 * FIRST, ENTER), ("first.bi", 0, 3 * FIRST, 1),
        ("first.wh", 0, 3 * FIRST, FIRST), ("first.bh", 0, 3 * FIRST, 1),
        ("second.wi", 0, 3 * SECOND, FIRST), ("second.bi", 0, 3 * SECOND, 1),
        ("second.wh", 1, 3 * SECOND, SECOND), ("second.bh", 0, 3 * SECOND, 1),
        ("leave.w", 0, 2 * ROWS, both), ("leave.b", 0, 2 * ROWS, 1),
        ("speech.w", 1, 1, both), ("speech.b", 0, 1, 1),
        ("direct.w", 1, 2 * ROWS, 8 * front.KINDS), ("direct.b", 0, 2 * ROWS, 1))]
    whole = b"dmixnet1" + struct.pack("<8s5I", b"direct", front.RATE, front.WINDOW, front.HOP, ROWS, len(parts))
    whole += b"".join(parts)
    return whole + struct.pack("<I", zlib.crc32(whole))


def energies(number, t):
    """Rows of mid and side; every 20th frame is silent."""
    level = 0.0 if t % 20 == 19 else 2.0 ** (t * 7 % 23 - 12)
    numbers = np.array([number() for _ in range(2 * ROWS)], np.float32).reshape(2, ROWS)
    return (numbers * numbers + 1) / 256 * np.float32(level) * np.array([[1], [0.125]], np.float32)


def array(name, values):
    lines = [f"static const float {name}[] = {{"]
    texts = [f"{v:.7g}f" if "." in f"{v:.7g}" else f"{v:.7g}.0f" for v in values]
    lines += ["  " + ", ".join(texts[i:i + 6]) + "," for i in range(0, len(texts), 6)]
    return "\n".join(lines) + "\n};\n"


def main():
    content = weight_file()
    with tempfile.NamedTemporaryFile() as f:
        f.write(content)
        f.flush()
        net = infer.Net(f.name)
    number, features = Numbers(), front.Features()
    speech, kept, seen = [], [], None
    for t in range(FRAMES):
        e = energies(number, t)
        seen = features(*e.astype(np.float64))
        u, p = net.step(seen)
        speech.append(p)
        if t in KEPT:
            kept += list(u.ravel())
    print("/* SPDX-License-Identifier: LGPL-2.1-or-later\n * Copyright (C) 2026 The dmix authors */\n"
          "/* Made by netreference.py; do not edit. */\n/* clang-format off */\n")
    print(f"enum {{ REFERENCE_ENTER = {ENTER}, REFERENCE_FIRST = {FIRST}, REFERENCE_SECOND = {SECOND},\n"
          f"  REFERENCE_FRAMES = {FRAMES}, REFERENCE_SIZE = {len(content)} }};\n"
          f"#define REFERENCE_CRC {zlib.crc32(content[:-4])}u\n"
          f"static const unsigned reference_kept[] = {{ {', '.join(map(str, KEPT))} }};\n")
    print("/* gain^.3 of mid and side in the frames of reference_kept */\n" + array("reference_u", kept))
    print("/* the probability of speech in each frame */\n" + array("reference_speech", speech))
    print("/* the features of the last frame */\n" + array("reference_features", seen.ravel()), end="")


if __name__ == "__main__":
    main()
