#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Where the time goes: instructions per frame of every element and of its functions, as a table.

usage: functions.py [--apply] [--channels N] [--most N] [ELEMENT ...]
       in `meson devenv`, from the top folder; --apply: into docs/performance.md, stereo and 5.1, all elements
Counted by valgrind (callgrind) over ten seconds, less two, and less the same pipeline without the element: the
same figures in every run. A frame is one sample of each channel; the two inputs of one element are one frame.
"""
import argparse
import collections
import os
import re
import sys
import tempfile

import cost
import pipelines
import sounds

LONG, SHORT = 10, 2
PAGE = "docs/performance.md"


def per_frame(line, files):
    """Instructions of each function for one frame, without start and end."""
    counts = []
    for seconds in (LONG, SHORT):
        command = line.command.format(**{key: files[key, seconds] for key in "bdgtz"})
        counts.append(cost.instructions(pipelines.with_lsp(command)))
    counts[0].subtract(counts[1])
    return counts[0], (LONG - SHORT) * sounds.RATE


def plain_name(name):
    """Without the marks of the compiler, and glibc's names for its variants."""
    name = re.sub(r"\.(constprop|isra|part|cold|lto_priv)\.\d+", "", name)
    name = re.sub(r"^__(\w+?)(_avx|_fma|_evex|_sse).*", r"\1", name)
    return "(GStreamer, GLib)" if re.match(r"0x|g_|gst_(?!dmix)", name) else re.sub("^(gst_)?dmix_", "", name)


def table(elements, channels, most):
    """Rows of (name of the line, instructions per frame, text of its largest functions)."""
    mine, lines = pipelines.choose(elements, False, channels)
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    counts = {}
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        files = sounds.write(folder, (LONG, SHORT), channels)
        for name, line in lines.items():
            if channels == 2 or not line.mono:
                found, frames = per_frame(line, files)
                counts[name] = {key: n / (frames * (channels if line.mono else 1)) for key, n in found.items()}
                print(".", end="", file=sys.stderr, flush=True)
    for name in mine:
        if name in counts:
            yield row(name, counts[name], counts[lines[name].floor], lines[name].sounds, most)


def row(name, counts, floor, share, most):
    net = collections.Counter()
    for function in counts:
        net[plain_name(function)] += (counts[function] - floor.get(function, 0.0)) / share
    total = sum(net.values())
    parts = [f"{function} {100 * n / total:.0f} %" for function, n in net.most_common(most) if n > 0.006 * total]
    return name, total, ", ".join(parts)


def markdown(rows):
    return "| line | instructions | of which |\n| --- | ---: | --- |\n" + "".join(
        f"| {name} | {total:.0f} | {parts} |\n" for name, total, parts in rows)


def apply(most):
    with open(PAGE) as f:
        page = f.read()
    for channels in (2, 6):
        begin, end = f"<!-- functions {channels} -->\n", "<!-- end -->"
        before, rest = page.split(begin)
        page = before + begin + markdown(table([], channels, most)) + end + rest.split(end, 1)[1]
    with open(PAGE, "w") as f:
        f.write(page)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apply", action="store_true")
    parser.add_argument("--channels", type=int, default=2)
    parser.add_argument("--most", type=int, default=6, help="most functions in a row")
    parser.add_argument("elements", nargs="*")
    chosen = parser.parse_args()
    if chosen.apply:
        apply(chosen.most)
    else:
        print(markdown(table(chosen.elements, chosen.channels, chosen.most)), end="")


if __name__ == "__main__":
    main()
