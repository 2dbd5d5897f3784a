# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the averaged weights of a run as one flat file, and reads it back.

export.py STATE.npz OUT.dmixnet [--half] [--shift X]    int8 with a scale for each row; --half: float16.
                                                        --shift is added to the bias of speech (score.py finds it)
Layout, little endian, everything aligned to 4 bytes:
  char magic[8] "dmixnet1"; char shape[8], zero-padded; uint32 rate, window, hop, rows, tensors
  for each tensor: char name[24], zero-padded; uint32 kind (0 float16, 1 int8), outs, ins;
    kind 0: outs x ins float16;  kind 1: outs float32 scales, outs x ins int8;  zeros up to the next multiple of 4
  uint32 CRC-32 (zlib's) of all bytes before
A tensor of a local layer has positions x outs rows; a bias is float16 with ins = 1.
"""
import argparse
import json
import struct
import zlib

import numpy as np

import front

MAGIC = b"dmixnet1"


def tensor(name, w, half):
    w = w.reshape(-1, w.shape[-1]) if name.endswith((".w", ".wi", ".wh")) else w.reshape(-1, 1)
    kind = int(not half and w.shape[1] > 1)
    head = struct.pack("<24s3I", name.encode(), kind, *w.shape)
    if kind == 0:
        body = w.astype("<f2").tobytes()
    else:
        scale = np.maximum(np.abs(w).max(1), 1e-8).astype("<f4") / 127
        body = scale.astype("<f4").tobytes() + np.round(w / scale[:, None]).astype(np.int8).tobytes()
    return head + body + bytes(-len(body) % 4)


def write(path, shape, tensors, half=False):
    out = MAGIC + struct.pack("<8s5I", shape.encode(), front.RATE, front.WINDOW, front.HOP, front.ROWS, len(tensors))
    out += b"".join(tensor(k, v, half) for k, v in tensors.items())
    with open(path, "wb") as f:
        f.write(out + struct.pack("<I", zlib.crc32(out)))
    return len(out) + 4


def read(path):
    """(shape, {name: float32 array of outs x ins}); ValueError if the file is not whole."""
    b = open(path, "rb").read()
    if len(b) < 40 or b[:8] != MAGIC or struct.unpack("<I", b[-4:])[0] != zlib.crc32(b[:-4]):
        raise ValueError(f"{path} is not a whole dmixnet file")
    shape, *facts = struct.unpack_from("<8s5I", b, 8)
    if tuple(facts[:4]) != (front.RATE, front.WINDOW, front.HOP, front.ROWS):
        raise ValueError(f"{path} is for another front end")
    at, out = 36, {}
    for _ in range(facts[4]):
        name, kind, outs, ins = struct.unpack_from("<24s3I", b, at)
        at, n = at + 36, outs * ins
        if kind == 0:
            w, size = np.frombuffer(b, "<f2", n, at).astype(np.float32), 2 * n
        else:
            scale = np.frombuffer(b, "<f4", outs, at)
            w, size = np.frombuffer(b, np.int8, n, at + 4 * outs) * np.repeat(scale, ins), 4 * outs + n
        out[name.rstrip(b"\0").decode()] = w.reshape(outs, ins).astype(np.float32)
        at += size + -size % 4
    return shape.rstrip(b"\0").decode(), out


def main():
    import train
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("state")
    p.add_argument("out")
    p.add_argument("--half", action="store_true")
    p.add_argument("--shift", type=float, default=0.0)
    o = p.parse_args()
    with np.load(o.state) as z:
        meta, average = json.loads(str(z["meta"])), train.unpack(z, "average")
    net = train.made(meta)
    train.tie(net, train.torch.from_numpy(average.copy()))
    tensors = {k: v.detach().numpy() for k, v in net.named_parameters()}
    tensors["speech.b"] = tensors["speech.b"] + np.float32(o.shift)
    print(o.out, write(o.out, meta["shape"], tensors, o.half), "bytes, step", meta["step"])


if __name__ == "__main__":
    main()
