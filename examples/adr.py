#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Replaces a dialogue with dmixadr, with a progress display and a report of every line (see adr.sh).

usage: examples/adr.py GUIDE TAKE OUT [PROPERTY=VALUE ...]   in `meson devenv -C build`
"""
import signal
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

SURE = 0.5        # map-confidence: below, more likely wrong than right
LEFT_OUT = 0.6    # seconds of words
STRAINED = 1.9    # stretch: near max-stretch

HEAD = "line  guide            offset    gain     stretch  confidence"


def clock(ns):
    seconds = ns / Gst.SECOND
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"


def report(line):
    place = f"{line['index']:4d}  {clock(line['start']):>7s}-{clock(line['stop']):<8s}"
    if not line["speech"]:
        return f"{place} (nothing is said)"
    text = (f"{place} {line['offset'] / 1e6:+7.0f} ms {line['gain']:+5.1f} dB  x {line['stretch']:.2f}"
            f"   {line['confidence']:.2f}")
    return text if line["matched"] else text + "  DOES NOT MATCH: listen to it"


def problems(line):
    """What to listen to, with the time in the guide, and what to do."""
    if not line["speech"]:
        return []
    place = f"{clock(line['start'])}-{clock(line['stop'])}"
    if not line["matched"]:
        return [f"{place}  the take does not say these words (confidence {line['confidence']:.2f}): record it again, "
                "or, if it says them elsewhere, raise max-shift"]
    found = []
    if line["map-confidence"] < SURE:
        worst = f"{clock(line['worst-start'])}-{clock(line['worst-stop'])}"
        found.append(f"{worst}  uncertain timing ({line['map-confidence']:.2f}"
                     + (", bridged" if line["bridged"] else "")
                     + "): listen; if it is off, set sync-points=GUIDE:TAKE (seconds) for one moment of it")
    if line["speech-skipped"] > LEFT_OUT * Gst.SECOND:
        found.append(f"{place}  {line['speech-skipped'] / Gst.SECOND:.1f} s of the guide's words have none in the take: "
                     "record the missing words")
    if line["stretch"] > STRAINED:
        found.append(f"{place}  the take is up to {line['stretch']:.2f} times faster or slower: if it sounds so, "
                     "use strength=0.5 or max-stretch=1.5")
    return found


def show_progress(pipeline, position_ns):
    known, duration = pipeline.get_by_name("a").get_static_pad("guide").peer_query_duration(Gst.Format.TIME)
    if sys.stderr.isatty() and known and duration > 0:
        print(f"\r{min(100, 100 * position_ns // duration):3d} %", end="\r", file=sys.stderr, flush=True)


def run(pipeline):
    """Prints the lines as they are done, then the problems; returns the summary."""
    bus, summary, found = pipeline.get_bus(), None, []
    print(HEAD)
    pipeline.set_state(Gst.State.PLAYING)
    while True:
        message = bus.timed_pop_filtered(
            Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.ELEMENT)
        if message.type == Gst.MessageType.EOS:
            if found:
                print("problems, by the time in the guide:\n  " + "\n  ".join(found))
            return summary
        if message.type == Gst.MessageType.ERROR:
            error, detail = message.parse_error()
            raise RuntimeError(f"{error.message} {(detail or '').splitlines()[-1] if detail else ''}")
        structure = message.get_structure()
        if structure.get_name() == "dmixadr-line":
            print(report(structure), flush=True)
            found += problems(structure)
            show_progress(pipeline, structure["stop"])
        elif structure.get_name() == "dmixadr-summary":
            summary = structure


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    guide, take, out = sys.argv[1:4]
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # end with the reader of a pipe
    Gst.init(None)
    if not Gst.ElementFactory.find("dmixadr"):
        sys.exit("adr.py: GStreamer does not find dmixadr: run this in `meson devenv -C build -w .`, or install dmix")
    encoder = "flacenc" if out.endswith(".flac") else "wavenc"
    branch = "decodebin ! audioconvert ! audioresample ! audio/x-raw,rate=48000 ! queue"
    try:
        pipeline = Gst.parse_launch(
            f"dmixadr name=a {' '.join(sys.argv[4:])} ! audioconvert ! audio/x-raw,format="
            f"{'S24_32LE' if encoder == 'flacenc' else 'S24LE'} ! {encoder} ! filesink name=out "
            f"filesrc name=guide ! {branch} ! a.guide filesrc name=take ! {branch} ! a.take")
    except Exception as trouble:                      # a property that is none, an element that is missing
        sys.exit(f"adr: {trouble}")
    for name, path in (("guide", guide), ("take", take), ("out", out)):
        pipeline.get_by_name(name).set_property("location", path)
    try:
        summary = run(pipeline)
    except RuntimeError as trouble:
        sys.exit(f"adr: {trouble}")
    finally:
        pipeline.set_state(Gst.State.NULL)
    if summary is None:
        sys.exit("adr: nothing came out")
    print(f"{summary['matched']} of {summary['matched'] + summary['mismatched']} lines match; {out}")
    sys.exit(2 if summary["mismatched"] else 0)


if __name__ == "__main__":
    main()
