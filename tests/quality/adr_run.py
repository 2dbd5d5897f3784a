#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Replaces a dialogue with dmixadr and writes down how: adr_run.py GUIDE TAKE OUT [property=value ...]

OUT is a WAV file; OUT.map has lines "guide_seconds take_seconds", OUT.json the lowest confidence and whether all
lines match. The last line printed is the summary.
"""
import json
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402


def run(guide, take, out, settings, sample="S16LE"):
    """Returns the messages of the lines, and the summary."""
    pipeline = Gst.parse_launch(
        f"dmixadr name=a {' '.join(settings)} ! audioconvert ! audio/x-raw,format={sample} ! wavenc "
        f"! filesink location={out} "
        f"filesrc location={guide} ! wavparse ! audioconvert ! queue ! a.guide "
        f"filesrc location={take} ! wavparse ! audioconvert ! queue ! a.take")
    bus, lines, summary = pipeline.get_bus(), [], None
    pipeline.set_state(Gst.State.PLAYING)
    try:
        while True:
            message = bus.timed_pop_filtered(
                300 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.ELEMENT)
            if message is None:
                raise RuntimeError("no end in 300 s")
            if message.type == Gst.MessageType.EOS:
                return lines, summary
            if message.type == Gst.MessageType.ERROR:
                raise RuntimeError("%s: %s" % message.parse_error())
            structure = message.get_structure()
            if structure.get_name() == "dmixadr-line":
                lines.append(structure)
            elif structure.get_name() == "dmixadr-summary":
                summary = structure
    finally:
        pipeline.set_state(Gst.State.NULL)


def main():
    Gst.init(None)
    guide, take, out = sys.argv[1:4]
    lines, summary = run(guide, take, out, ["post-map=true"] + sys.argv[4:])
    with open(out + ".map", "w") as file:
        for line in lines:
            step = line["map-interval"] / Gst.SECOND
            for i, second in enumerate(line["map"]):
                file.write(f"{line['start'] / Gst.SECOND + i * step:.6f} {second:.6f}\n")
    speech = [line for line in lines if line["speech"]]
    with open(out + ".json", "w") as file:
        json.dump({"confidence": min((line["confidence"] for line in speech), default=0.0),
                   "matched": bool(speech) and all(line["matched"] for line in speech)}, file)
    print(summary.to_string())


if __name__ == "__main__":
    main()
