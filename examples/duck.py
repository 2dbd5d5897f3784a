#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Mixes a dialogue over a background into a WAV file and tells what the ducker
does meanwhile.

usage: duck.py DIALOGUE BACKGROUND OUT.wav
"""
import os
import signal
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402


def show(_bus, message):
    s = message.get_structure()
    if s.get_name() == "dmixducker":
        known, difference = s.get_double("difference")     # while somebody speaks; none before the first words
        print(f"{s.get_value('running-time') / 1e9:6.1f} s  {'dialogue' if s.get_value('dialogue-active') else '':8s}  "
              f"gain {s.get_value('gain'):6.1f} dB" + (f"  difference {difference:5.1f} LU" if known else ""))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip())
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # end with the reader of a pipe
    Gst.init(None)
    if not Gst.ElementFactory.find("dmixducker"):
        sys.exit("duck.py: GStreamer does not find dmixducker: run this in `meson devenv -C build -w .`, or install dmix")
    dialogue, background, out = sys.argv[1:]
    if os.path.exists(out) and any(os.path.exists(x) and os.path.samefile(x, out) for x in (dialogue, background)):
        sys.exit(f"duck.py: {out} is an input; write to another file")
    branch = "filesrc location=\"{}\" ! decodebin ! audioconvert ! audioresample ! d.{} "
    try:
        pipeline = Gst.parse_launch(f"dmixducker name=d target=15 interval=1000000000 "
                                    f"! audioconvert ! wavenc ! filesink location=\"{out}\" "
                                    + branch.format(dialogue, "dialogue") + branch.format(background, "background"))
    except GLib.Error as e:
        sys.exit(e.message)
    loop, trouble = GLib.MainLoop(), []
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::element", show)
    bus.connect("message::eos", lambda *_: loop.quit())
    bus.connect("message::error", lambda _, m: (trouble.append(m.parse_error()[0].message), loop.quit()))
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    if trouble:
        sys.exit(trouble[0])


if __name__ == "__main__":
    main()
