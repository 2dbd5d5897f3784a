#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Sends a sound once around the listener, on headphones, into a WAV file.
usage: orbit.py SOUND OUT.wav [SECONDS]"""
import os
import signal
import sys

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstController", "1.0")
from gi.repository import Gst, GstController  # noqa: E402


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sound, out, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 8.0
    if os.path.exists(sound) and os.path.exists(out) and os.path.samefile(sound, out):
        sys.exit(f"orbit.py: {out} is the input; write to another file")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # end with the reader of a pipe
    Gst.init(None)
    if not Gst.ElementFactory.find("dmixpan"):
        sys.exit("orbit.py: GStreamer does not find dmixpan: run this in `meson devenv -C build -w .`, or install dmix")
    pipeline = Gst.parse_launch(
        f'filesrc location="{sound}" ! decodebin ! audioconvert ! audio/x-raw,channels=1 '
        f'! dmixpan name=pan output=binaural ! audioconvert ! wavenc ! filesink location="{out}"')
    pan = pipeline.get_by_name("pan")

    # the azimuth in degrees along a line: once around, to the left
    curve = GstController.InterpolationControlSource()
    curve.set_property("mode", GstController.InterpolationMode.LINEAR)
    curve.set(0, 0.0)
    curve.set(int(seconds * Gst.SECOND), 360.0)
    pan.add_control_binding(GstController.DirectControlBinding.new_absolute(pan, "azimuth", curve))

    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message.type == Gst.MessageType.ERROR:
        sys.exit(message.parse_error().gerror.message)


if __name__ == "__main__":
    main()
