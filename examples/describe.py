#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Audio description: puts spoken descriptions into the gaps of a programme's own speech.

    describe.py PROGRAMME OUT.wav DESCRIPTION@SECONDS...
Options:
    --early 4  --late 8                seconds by which a description may move from its time
    --margin 0.2                       seconds kept free before and after the programme's speech
    --target 12                        LU between description and programme

`dmixmeter dialogue=gated` tells where the programme speaks. Each description gets the gap
nearest to its time that is long enough; `dmixbin` lowers the programme under it, and not
where the programme speaks. Prints what goes where. A description that fits into no gap is
left out: it is printed, and the exit status is 3.
"""
import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstPbutils", "1.0")
from gi.repository import GLib, Gst, GstPbutils  # noqa: E402

S = Gst.SECOND


def play(line, files, take=lambda structure: None):
    """Runs a launch line to its end; `files` are the locations of elements by their names."""
    made = Gst.parse_launch(line)
    for name, path in files.items():
        made.get_by_name(name).set_property("location", path)
    made.set_state(Gst.State.PLAYING)
    wanted = Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.ELEMENT
    while (message := made.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, wanted)).type == Gst.MessageType.ELEMENT:
        take(message.get_structure())
    made.set_state(Gst.State.NULL)
    if message.type == Gst.MessageType.ERROR:
        sys.exit(f"describe.py: {message.parse_error()[0].message}")


def seconds(path):
    try:
        return GstPbutils.Discoverer.new(10 * S).discover_uri(Gst.filename_to_uri(path)).get_duration() / S
    except GLib.Error as error:
        sys.exit(f"describe.py: {path}: {error.message}")


def find_gaps(path, end):
    """Pairs of times between which the programme does not speak, s."""
    speech = []

    def take(structure):
        if structure.get_name() in ("speech-start", "speech-stop"):
            speech.append((structure.get_name(), structure.get_uint64("stream-time")[1] / S))

    play("filesrc name=in ! decodebin ! audioconvert ! dmixmeter dialogue=gated ! fakesink sync=false", {"in": path}, take)
    begin, gaps = 0.0, []
    for name, time in speech:
        if name == "speech-start":
            gaps.append((begin, time))
        begin = time if name == "speech-stop" else end
    return gaps + [(begin, end)]


def place(gaps, wanted, length, o):
    """The time nearest to `wanted` at which `length` fits, and the gaps that are left; (None, gaps) without one."""
    best = None
    for i, (begin, end) in enumerate(gaps):
        first = max(begin + (o.margin if begin > 0 else 0), wanted - o.early)
        last = min(end - o.margin - length, wanted + o.late)
        if last >= first:
            at = min(max(wanted, first), last)
            if best is None or abs(at - wanted) < abs(best[0] - wanted):
                best = at, i
    if best is None:
        return None, gaps
    at, i = best
    return at, gaps[:i] + [(gaps[i][0], at), (at + length, gaps[i][1])] + gaps[i + 1:]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("programme")
    p.add_argument("out")
    p.add_argument("description", nargs="+", metavar="DESCRIPTION@SECONDS")
    p.add_argument("--early", type=float, default=4)
    p.add_argument("--late", type=float, default=8)
    p.add_argument("--margin", type=float, default=0.2)
    p.add_argument("--target", type=float, default=12)
    o = p.parse_args()
    Gst.init(None)
    gaps, files, pads, left_out = find_gaps(o.programme, seconds(o.programme)), {"in": o.programme, "out": o.out}, "", 0
    for n, (path, _, wanted) in enumerate(text.rpartition("@") for text in o.description):
        length = seconds(path)
        at, gaps = place(gaps, float(wanted), length, o)
        left_out += at is None
        if at is None:
            print(f"{path}  no gap of {length + 2 * o.margin:.2f} s near {float(wanted):.2f} s: left out", flush=True)
            continue
        print(f"{path}  {at:.2f} s to {at + length:.2f} s", flush=True)
        files[f"d{n}"] = path
        pads += f" dialogue_{n}::start={round(at * S)} filesrc name=d{n} ! decodebin ! audioconvert ! m.dialogue_{n}"
    starts = " ".join(word for word in pads.split() if "::start=" in word)
    sources = " ".join(word for word in pads.split() if "::start=" not in word)
    play(f"dmixbin name=m target={o.target} ducker::trigger=level ducker::hold=100 ducker::release=150 {starts} "
         f"! audioconvert ! audio/x-raw,format=S24LE ! wavenc ! filesink name=out filesrc name=in ! decodebin ! audioconvert ! m.ambience_0 {sources}", files)
    sys.exit(3 if left_out else 0)


if __name__ == "__main__":
    main()
