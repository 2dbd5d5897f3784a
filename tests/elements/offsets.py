#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Offsets of sink pads, set in the launch line before the pad is there, move an input
to the frame, also where a control of another pad stands beside it."""
import array
import pathlib
import subprocess
import sys
import tempfile

RATE = 48000
OFFSET = 12345                                  # frames
OFFSET_NS = -(-OFFSET * 10 ** 9 // RATE)


def first_sound(folder, element, pads):
    raw = f"rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le sample-rate={RATE} num-channels=1"
    (folder / "silence").write_bytes(bytes(4 * 2 * RATE))
    (folder / "sound").write_bytes(array.array("f", [0.25] * (RATE // 2)).tobytes())
    line = (f"{element} ! filesink location={folder}/out filesrc location={folder}/silence ! {raw} ! e.{pads[0]} "
            f"filesrc location={folder}/sound ! {raw} ! e.{pads[1]}")
    subprocess.run(["gst-launch-1.0", "-q", *line.split()], check=True)
    out = array.array("f", (folder / "out").read_bytes())
    assert len(out) == 2 * RATE, f"{element}: {len(out)} frames"
    return next(i for i, x in enumerate(out) if abs(x) > 0.01)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for element, pads in (("dmixducker name=e {}", ("background", "dialogue")),
                              ("dmixpanmix name=e layout=mono {}", ("sink_0", "sink_1"))):
            offset = f"{pads[1]}::offset={OFFSET_NS}"
            for settings, wanted in (("", 0), (offset, OFFSET)):
                found = first_sound(pathlib.Path(folder), element.format(settings), pads)
                print(f"{element.format(settings)}: sound from frame {found} on")
                if found != wanted:
                    sys.exit(f"it should be frame {wanted}")


if __name__ == "__main__":
    main()
