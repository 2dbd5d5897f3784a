#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""A preset gives the same settings whichever preset was loaded before it.

Each ordered pair of presets of each element is loaded into one instance and compared
with the second preset in a fresh one, property by property. A preset therefore names
every property that another preset of the element sets.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GObject, Gst  # noqa: E402

ELEMENTS = ("dmixadr", "dmixcomp", "dmixdenoise", "dmixducker", "dmixmeter", "dmixpan", "dmixpanmix")


def settings(element):
    """Values of all properties that a preset could set."""
    return {spec.name: element.get_property(spec.name) for spec in element.list_properties()
            if spec.flags & GObject.ParamFlags.WRITABLE and spec.flags & GObject.ParamFlags.READABLE
            and spec.name not in ("name", "parent")}


def loaded(name, presets):
    element = Gst.ElementFactory.make(name)
    for preset in presets:
        if not element.load_preset(preset):
            sys.exit(f"{name}: no preset {preset}: is GST_PRESET_PATH set?")
    return settings(element)


def main():
    Gst.init(None)
    faults = pairs = 0
    for name in ELEMENTS:
        presets = Gst.ElementFactory.make(name).get_preset_names()
        if not presets:
            sys.exit(f"{name} has no presets")
        for second in presets:
            fresh = loaded(name, [second])
            for first in presets:
                pairs += 1
                now = loaded(name, [first, second])
                kept = [key for key, value in fresh.items() if now[key] != value]
                if kept:
                    faults += 1
                    print(f"{name}: {second} after {first} keeps {', '.join(kept)}")
    print(f"{pairs} pairs, {faults} of them differ")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
