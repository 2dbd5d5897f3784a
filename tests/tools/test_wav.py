#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""WAV files of other makers as input: RF64, BW64, Wave64, an odd number of bytes, a wrong length in the header, more
than 2 and 4 GiB (sparse files); and RF64 as output. Clicks stay in their places, files are heard to their end."""
import os
import struct
import sys
import tempfile

from media import dmix, refuses, works
from test_mix import read24

RATE = 48000
PCM = b"\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
RIFF64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
WAVE64 = b"wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
REST64 = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"


def clicks(seconds, at, bits, channels):
    """Silence with full samples, as bytes."""
    size = bits // 8
    data = bytearray(int(seconds * RATE) * channels * size)
    for place in at:
        first = int(place * RATE) * channels * size
        data[first:first + channels * size] = (b"\xff" * (size - 1) + b"\x5f") * channels
    return bytes(data)


def form(channels, bits, tag=1, mask=0):
    block = channels * bits // 8
    head = struct.pack("<HHIIHH", 0xfffe if mask else tag, channels, RATE, RATE * block, block, bits)
    return head + (struct.pack("<HHI", 22, bits, mask) + PCM if mask else b"")


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def riff(data, fmt, kind=b"RIFF", size=None, extra=b""):
    large = kind != b"RIFF"
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 4 + 36 + len(data), len(data), 0, 0)) if large else b""
    length = 0xffffffff if large else len(data) if size is None else size
    body = (b"WAVE" + ds64 + extra + chunk(b"fmt ", fmt) + b"data" + struct.pack("<I", length) + data
            + b"\0" * (len(data) % 2))
    return kind + struct.pack("<I", 0xffffffff if large else len(body)) + body


def wave64(data, fmt):
    def part(name, content):
        return name + REST64 + struct.pack("<Q", len(content) + 24) + content + b"\0" * (-len(content) % 8)
    body = WAVE64 + part(b"fmt ", fmt) + part(b"data", data)
    return RIFF64 + struct.pack("<Q", len(body) + 24) + body


def check_kinds(folder):
    bed, path, out = (os.path.join(folder, x) for x in ("bed.wav", "in.wav", "out.wav"))
    with open(bed, "wb") as f:
        f.write(riff(bytes(2 * 3 * RATE), form(1, 16)))
    at, odd = (0.25, 1.5), int(2 * RATE) + 1
    for name, data in (
            ("RF64", riff(clicks(2, at, 16, 2), form(2, 16), b"RF64")),
            ("BW64", riff(clicks(2, at, 24, 1), form(1, 24, mask=4), b"BW64", extra=chunk(b"chna", b"\0" * 7))),
            ("Wave64", wave64(clicks(2, at, 24, 1), form(1, 24))),
            ("an odd number of bytes", riff(clicks((odd + 0.5) / RATE, at, 24, 1), form(1, 24))),
            ("no length", riff(clicks(2, at, 16, 1), form(1, 16), size=0)),
            ("a length beyond the end", riff(clicks(2, at, 16, 1), form(1, 16), size=0x7ffffff0))):
        with open(path, "wb") as f:
            f.write(data)
        done, _ = works("mix", "--dialogue", path + "@0.5", "--music", bed, "-o", out)
        x = read24(out)
        assert len(x) == done["frames"] == 3 * RATE, name
        loud = [i for i in range(len(x)) if abs(x[i]) > 0.25]
        assert len(loud) == 2 and all(abs(i - (a + 0.5) * RATE) <= 1 for i, a in zip(loud, at)), (name, loud)
        alone, _ = works("mix", "--dialogue", path, "--music", path, "-o", out)
        assert alone["frames"] == (odd if "odd" in name else 2 * RATE), (name, alone["frames"])
    with open(path, "wb") as f:      # six channels keep their places
        f.write(riff(b"".join(struct.pack("<6h", *(1000 * (i + 1) * (n % 100 < 50) for i in range(6)))
                              for n in range(RATE)), form(6, 16, mask=0x3f), b"RF64"))
    done, _ = works("meter", path)
    peaks = done["true-peak"]
    assert len(peaks) == 6 and all(a < b for a, b in zip(peaks, peaks[1:])), peaks
    with open(path, "wb") as f:
        f.write(riff(b"\0" * 999, form(1, 16, tag=0x55), b"RF64"))
    refuses("in.wav", "meter", path)
    print("RF64, BW64, Wave64, odd and wrong lengths: in place, to the end")


def check_cut(folder):
    """A file that is shorter than its header says is used as far as it goes, with a warning; a header without a
    length is none."""
    path, bed, out = (os.path.join(folder, x) for x in ("cut.wav", "bed.wav", "cut-out.wav"))
    for name, data, missing in (
            ("16 bit", riff(clicks(2, (0.5,), 16, 1), form(1, 16)), RATE),
            ("24 bit stereo", riff(clicks(2, (0.5,), 24, 2), form(2, 24)), RATE * 3),
            ("10 ms", riff(clicks(2, (0.5,), 16, 1), form(1, 16)), 2 * RATE // 100),
            ("RF64", riff(clicks(2, (0.5,), 16, 1), form(1, 16), b"RF64"), RATE),
            ("Wave64", wave64(clicks(2, (0.5,), 16, 1), form(1, 16)), RATE),
            ("whole", riff(clicks(2, (0.5,), 16, 1), form(1, 16)), 0),
            ("no length", riff(clicks(2, (0.5,), 16, 1), form(1, 16), size=0), RATE),
            ("that of a pipe", riff(clicks(2, (0.5,), 16, 1), form(1, 16), size=0xffffffff), RATE)):
        with open(path, "wb") as f:
            f.write(data[:len(data) - missing])
        cut = missing and name not in ("no length", "that of a pipe")
        for words in (("mix", "--dialogue", path, "--music", bed, "-o", out), ("meter", path), ("dialogue", path, "-o", out)):
            _, said = works(*words)
            assert said.count("cut.wav: its sound ends at") == bool(cut), (name, words[0], said)
            assert not cut or "the file says 2.000 s: it may be cut off" in said, said
    print("WAV, RF64 and Wave64 that were cut off: told, and used as far as they go")


def sparse(path, gib, kind):
    """Silence but for a click 1 s before the end: eight channels of 64 bit floats."""
    fmt, block = form(8, 64, tag=3), 64
    frames = int(gib * 2 ** 30) // block
    head = riff(b"", fmt, kind)
    if kind == b"RIFF":
        head = head[:4] + struct.pack("<I", min(frames * block + len(head) - 8, 0xffffffff)) + head[8:-4] + struct.pack(
            "<I", frames * block)
    else:
        head = head.replace(struct.pack("<QQQI", 40, 0, 0, 0), struct.pack("<QQQI", frames * block + 72, frames * block, 0, 0))
    with open(path, "wb") as f:
        f.write(head)
        f.truncate(len(head) + frames * block)
        f.seek(len(head) + (frames - RATE) * block)
        f.write(struct.pack("<8d", *[0.5] * 8))
    return frames


def check_large(folder, kinds):
    path = os.path.join(folder, "large.wav")
    for gib, kind in kinds:
        frames = sparse(path, gib, kind)
        done, _ = works("meter", path, "--set", "dialogue=off", "--set", "interval=3600000000000", limit=200)
        assert max(done["true-peak"]) > -7, f"{gib} GiB: the click before the end is heard: {done['true-peak']}"
        assert abs(done["stream-time"] + done["duration"] - frames * 10 ** 9 / RATE) < 2e6, (gib, done)
        print(f"{gib} GiB of {kind.decode()}: heard to the end")


def check_output(folder):
    """A mix of more than 4 GiB is RF64 with the right lengths, which dmix reads again. 24 bits, 12 channels."""
    path, bed, out = (os.path.join(folder, x) for x in ("words.wav", "bed.wav", "large.wav"))
    if os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize < 6 << 30:
        print("(less than 6 GiB of room: a large output is not tested)")
        return
    with open(path, "wb") as f:
        f.write(riff(clicks(1, (0.5,), 16, 1), form(1, 16)))
    frames = int(4.1 * 2 ** 30) // 36
    fmt = form(1, 16)
    with open(bed, "wb") as f:
        f.write(riff(b"", fmt)[:-4] + struct.pack("<I", 2 * frames))
        f.truncate(44 + 2 * frames)
    done = dmix("mix", "--dialogue", path, "--music", bed, "-o", out, "--layout", "7.1.4", "-q", limit=500)
    assert done.returncode == 0, done.err
    with open(out, "rb") as f:
        head = f.read(104)
    assert head[:4] == b"RF64" and head[12:16] == b"ds64", head[:16]
    whole, data, count = struct.unpack("<QQQ", head[20:44])
    assert os.path.getsize(out) == whole + 8 and data == frames * 36 and count == frames, (whole, data, count)
    print("4.1 GiB of output: RF64")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_kinds(folder)
        check_cut(folder)
        check_large(folder, [(2.02, b"RIFF")])
        if "--all" in sys.argv:         # minutes, and 5 GB of disk
            check_large(folder, [(4.2, b"RF64")])
            check_output(folder)


if __name__ == "__main__":
    main()
