#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""A loudness meter in the terminal.

    meter.py FILE                      what is in a file (EBU R 128, true peak)
    meter.py DIALOGUE BACKGROUND       how much of the dialogue is heard above the
                                       background, as they are
Options:
    --specification r128|r128-s1|r128-s4|a85|a85-anchor|netflix|td1008|streaming|podcast
                                       what the verdict is about
    --dialogue                         with one file: find the dialogue in the mix
    --duck                             with two files: behind dmixducker
    --live                             in real time, through the loudspeaker
    --lines                            a line a second, for logs and pipes

It only reads the messages `dmixmeter` from the bus: see docs/elements/.
"""
import argparse
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

DECODE = 'filesrc name={0} ! decodebin ! audioconvert ! audioresample'
LOWEST, HIGHEST, WIDTH = -60, 0, 40


def pipeline(o):
    sink = "autoaudiosink" if o.live else "fakesink sync=false"
    interval = 100000000 if o.live and not o.lines else 1000000000
    if len(o.files) == 1:
        line = (f"{DECODE.format('one')} ! dmixmeter specification={o.specification} "
                f"dialogue={'both' if o.dialogue else 'off'} interval={interval} ! audioconvert ! {sink}")
    else:
        line = (f"dmixducker name=d meter=true bypass={'false' if o.duck else 'true'} interval={interval} "
                f"! audioconvert ! {sink} {DECODE.format('one')} ! d.dialogue {DECODE.format('two')} ! d.background")
    made = Gst.parse_launch(line)
    for name, path in zip(("one", "two"), o.files):
        made.get_by_name(name).set_property("location", path)
    return made


def bar(lufs):
    full = round(WIDTH * (min(max(lufs, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST))
    return "#" * full + "." * (WIDTH - full)


def true_peak(s):
    try:
        peaks = s.get_value("true-peak")
    except TypeError:
        sys.exit("meter.py: arrays in messages need gst-python (Debian: python3-gst-1.0)")
    return max(peaks) if peaks else -120.0


def show(s):
    """The screen, as lines."""
    value = s.get_value
    lines = [f"momentary  {value('momentary'):7.1f} LUFS {bar(value('momentary'))}",
             f"short-term {value('shortterm'):7.1f} LUFS {bar(value('shortterm'))}",
             f"integrated {value('integrated'):7.1f} LUFS   range {value('range'):4.1f} LU   "
             f"true peak {true_peak(s):5.1f} dBTP",
             f"maxima: momentary {value('max-momentary'):5.1f} LUFS   short-term {value('max-shortterm'):5.1f} LUFS"]
    if s.has_field("speech-share"):
        lines.append(f"dialogue   {value('dialogue-loudness'):7.1f} LUFS   range {value('dialogue-range'):4.1f} LU   "
                     f"speech {value('speech-share'):3.0f} % of the time, alone {value('speech-loudness'):.1f} LUFS   "
                     f"LDR {value('ldr'):.1f} LU")
    if s.has_field("verdict"):
        lines.append(f"{value('specification')}: {value('verdict')} ({value('verdict-text')})")
    if s.has_field("sii"):
        difference = f"{value('difference'):5.1f} LU" if s.has_field("difference") else "not known yet"
        lines += [f"dialogue {value('dialogue-loudness'):6.1f} LUFS   background {value('background-loudness'):6.1f} LUFS"
                  f"   difference while somebody speaks {difference}",
                  f"heard: {100 * value('glimpse-proportion'):3.0f} % of the speech, SII {value('sii'):.2f}   "
                  f"last 3 s: {100 * value('glimpse-proportion-shortterm'):3.0f} %, {value('sii-shortterm'):.2f}   "
                  + ("HARD TO UNDERSTAND" if value("critical") else "                  "),
                  f"most is lost around {value('limiting-band'):.0f} Hz"]
    return lines


def line(s):
    value = s.get_value
    text = (f"{value('timestamp') / Gst.SECOND:7.1f} s  M {value('momentary'):6.1f}  S {value('shortterm'):6.1f}  "
            f"I {value('integrated'):6.1f} LUFS  TP {true_peak(s):5.1f} dBTP")
    if s.has_field("difference"):
        text += (f"  difference {value('difference-shortterm'):5.1f} LU"
                 f"  heard {100 * value('glimpse-proportion-shortterm'):3.0f} %"
                 + ("  critical" if value("critical") else ""))
    return text


def run(made, lines):
    """Shows the messages; returns the last one."""
    bus, last, height = made.get_bus(), None, 0
    wanted = Gst.MessageType.ELEMENT | Gst.MessageType.EOS | Gst.MessageType.ERROR
    made.set_state(Gst.State.PLAYING)
    while True:
        message = bus.timed_pop_filtered(Gst.CLOCK_TIME_NONE, wanted)
        if message.type == Gst.MessageType.ERROR:
            error, debug = message.parse_error()
            made.set_state(Gst.State.NULL)
            sys.exit(f"meter.py: {error.message}\n{debug}")
        if message.type == Gst.MessageType.EOS:
            break
        s = message.get_structure()
        if s.get_name() != "dmixmeter":
            continue
        last = s.copy()
        if lines and last.get_value("duration") > 0:
            print(line(last), flush=True)
        elif not lines and sys.stdout.isatty():
            screen = show(last)
            print((f"\x1b[{height}A" if height else "") + "\n".join("\x1b[K" + x for x in screen), flush=True)
            height = len(screen)
    made.set_state(Gst.State.NULL)
    return last


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("files", nargs="+", metavar="FILE")
    p.add_argument("--specification", default="r128", choices=(
        "r128", "r128-s1", "r128-s4", "a85", "a85-anchor", "netflix", "td1008", "streaming", "podcast"))
    for option in ("dialogue", "duck", "live", "lines"):
        p.add_argument("--" + option, action="store_true")
    o = p.parse_args()
    if len(o.files) > 2:
        p.error("one file, or a dialogue and a background")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # `meter.py --lines FILE | head` ends with head
    Gst.init(None)
    if not Gst.ElementFactory.find("dmixmeter"):
        sys.exit("meter.py: GStreamer does not find dmixmeter: run this in `meson devenv -C build -w .`, or install dmix")
    last = run(pipeline(o), o.lines)
    if last is None:
        sys.exit("meter.py: there was no sound")
    if o.lines or not sys.stdout.isatty():
        print("\n".join(show(last)))


if __name__ == "__main__":
    main()
