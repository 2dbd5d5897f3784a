#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What the start costs: CPU milliseconds more than GStreamer's volume, to the first buffer of each element.

usage: start.py [ROUNDS [ELEMENT ...]]     in `meson devenv`, from the top folder; default: 5 rounds, all elements
A pipeline of one buffer; the least of the rounds. The first line is gst-inspect-1.0 of the plugin. dmixpan and
dmixpanmix are measured with loudspeakers: reading HRTFs takes longer, once for all elements.
"""
import os
import re
import subprocess
import sys

import cost

ONE = "audiotestsrc num-buffers=1 ! audio/x-raw,channels={channels},rate=48000 ! "
TWO = {"dmixducker": ("background", "dialogue"), "dmixadr": ("guide", "take"), "dmixbin": ("ambience_0", "dialogue_0"),
       "dmixpanmix": ("sink_0", "sink_1")}


def pipeline(element):
    source = ONE.format(channels=1 if element in ("dmixpan", "dmixpanmix") else 2)
    if element in TWO:
        inputs = " ".join(f"{source} m.{pad}" for pad in TWO[element])
        return f"gst-launch-1.0 -q {element} name=m ! fakesink {inputs}"
    return f"gst-launch-1.0 -q {source} {element} ! fakesink"


def milliseconds(command, rounds):
    return 1000 * min(cost.cpu_seconds(command) for _ in range(rounds))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    os.environ["GST_REGISTRY"] = os.path.abspath("build/tests/bench/registry.bin")
    found = subprocess.run(["gst-inspect-1.0", "dmix"], check=True, capture_output=True, text=True).stdout
    elements = sys.argv[2:] or re.findall(r"^ +(dmix\w+):", found, re.M)
    inspect = milliseconds("gst-inspect-1.0 dmix", rounds) - milliseconds("gst-inspect-1.0 volume", rounds)
    print(f"{'gst-inspect-1.0 dmix':24s}{inspect:8.1f} ms")
    volume = milliseconds(pipeline("volume"), rounds)
    for element in elements:
        print(f"{element:24s}{milliseconds(pipeline(element), rounds) - volume:8.1f} ms")


if __name__ == "__main__":
    main()
