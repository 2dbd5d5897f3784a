#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws the pictures of the docs with the real elements.

usage, in `meson devenv -C build -w .`:
    docs/pictures/draw.py             writes docs/pictures/*.svg, which are in git
    docs/pictures/draw.py --check     compares those with what it would write
    docs/pictures/draw.py DIALOGUE BACKGROUND OUTDIR
                                      those of dmixducker, of these recordings

Equal are: all but the points of lines; and the points, to 2 px for all but 3 in 100 of a
picture, for a decoder or resampler of another version may differ a little. Needs
python3-numpy, python3-gst-1.0, and Debian's recordings asterisk-core-sounds-en-wav and
asterisk-moh-opsound-wav.
"""
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
MOST_BYTES = 60000
NEAR, MOST_FAR = 2.0, 0.03           # px; share of points that may be further off

try:
    import play
    from pictures import all_pictures, ducker
    from svg import page
except (ImportError, ValueError) as e:
    print(f"skipped: {e}")
    sys.exit(SKIPPED)

POINTS = re.compile(r"points='([^']*)'")


def numbers(svg):
    return [[float(x) for x in re.split("[ ,]", points)] for points in POINTS.findall(svg)]


def difference(old, new):
    """Why the pictures differ, or None."""
    if POINTS.sub("", old) != POINTS.sub("", new):
        return "other words, axes or lines"
    if [len(line) for line in numbers(old)] != [len(line) for line in numbers(new)]:
        return "lines of other lengths"
    off = [abs(a - b) for one, other in zip(numbers(old), numbers(new)) for a, b in zip(one, other)]
    far = sum(x > NEAR for x in off)
    return f"{far} of {len(off)} coordinates are off, at most by {max(off):.0f} px" if far > MOST_FAR * len(off) else None


def draw_own(dialogue, background, folder):
    os.makedirs(folder, exist_ok=True)
    for name, charts in ducker(dialogue, background).items():
        path = pathlib.Path(folder, f"{name}.svg")
        path.write_text(page(charts), encoding="utf-8")
        print(path)


def main():
    if len(sys.argv) == 4:
        return draw_own(*sys.argv[1:])
    if len(sys.argv) > 1 and sys.argv[1:] != ["--check"]:
        sys.exit(__doc__)
    if not all(os.path.exists(path) for path in (play.SPEECH, play.MUSIC)):
        print("skipped: no recordings of Debian's asterisk packages")
        sys.exit(SKIPPED)
    check, faults = "--check" in sys.argv, []
    for name, charts, beside in all_pictures():
        path, svg = HERE / f"{name}.svg", page(charts, beside)
        if len(svg) > MOST_BYTES:
            faults.append(f"{name}: {len(svg)} bytes, more than {MOST_BYTES}")
        if check:
            reason = difference(path.read_text(encoding="utf-8"), svg) if path.exists() else "it is not there"
            if reason:
                faults.append(f"{path.name}: {reason}; draw it anew with docs/pictures/draw.py")
        else:
            path.write_text(svg, encoding="utf-8")
            print(f"{path.name}: {len(svg)} bytes")
    print("\n".join(faults) or "all pictures are as the elements draw them")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
