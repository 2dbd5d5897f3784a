#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Presets: each gives the same settings whichever was loaded before it; all are
compiled in; saved ones come first.

Each ordered pair of presets of each element is loaded into one instance and compared
with the second preset in a fresh one, property by property. A preset therefore names
every property that another preset of the element sets.

This process sees no preset file: its data folder is empty. The names must be those of
gst/presets/ all the same. Then a compiled-in preset is saved under its own name with
another setting, loaded, and deleted, which brings the original back.
"""
import configparser
import os
import pathlib
import subprocess
import sys
import tempfile

FOLDER = tempfile.TemporaryDirectory()
os.environ["XDG_DATA_HOME"] = FOLDER.name
os.environ.pop("GST_PRESET_PATH", None)

import gi  # noqa: E402

gi.require_version("Gst", "1.0")
from gi.repository import GObject, Gst  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ELEMENTS = ("dmixadr", "dmixbin", "dmixcomp", "dmixdenoise", "dmixdialogue", "dmixducker", "dmixlevel", "dmixmeter", "dmixpan", "dmixpanmix")


def settings(element):
    """Values of all properties that a preset could set."""
    return {spec.name: element.get_property(spec.name) for spec in element.list_properties()
            if spec.flags & GObject.ParamFlags.WRITABLE and spec.flags & GObject.ParamFlags.READABLE
            and spec.name not in ("name", "parent")}


def loaded(name, presets):
    element = Gst.ElementFactory.make(name)
    for preset in presets:
        if not element.load_preset(preset):
            sys.exit(f"{name}: no preset {preset}")
    return settings(element)


def check_names():
    """The presets of gst/presets/, with their comments; no property of that name, for
    `preset=` in a launch line would not be GStreamer's `@preset=`."""
    for name in ELEMENTS:
        element = Gst.ElementFactory.make(name)
        file = configparser.ConfigParser(interpolation=None)
        file.read(SOURCE / "gst" / "presets" / f"{type(element).__name__.rsplit('.')[-1]}.prs", encoding="utf-8")
        wanted = sorted(section for section in file.sections() if section != "_presets_")
        assert wanted and element.get_preset_names() == wanted, (name, element.get_preset_names(), wanted)
        for preset in wanted:
            assert element.get_meta(preset, "comment") == (True, file[preset]["_meta/comment"]), (name, preset)
            assert element.get_meta(preset, "author") == (True, None), (name, preset)
        assert element.find_property("preset") is None, name
        assert not element.load_preset("no-such-preset")
        assert not element.delete_preset(wanted[0]) and not element.rename_preset(wanted[0], "mine")
        assert not element.set_meta(wanted[0], "comment", "mine"), "it would make an empty preset"
        assert element.get_preset_names() == wanted, name


def check_saved():
    """A saved preset is a file, hides the compiled-in one and can be deleted."""
    element = Gst.ElementFactory.make("dmixducker")
    names = element.get_preset_names()
    element.load_preset("film")
    original = settings(element)
    element.set_property("target", 7.5)
    assert element.save_preset("film") and element.save_preset("mine")
    assert element.set_meta("film", "comment", "my own"), "it is saved now"
    file = pathlib.Path(FOLDER.name, "gstreamer-1.0", "presets", "GstDmixDucker.prs").read_text(encoding="utf-8")
    assert file.count("[film]") == 1 and "[hard-of-hearing]" not in file, "only what was saved is in the file"
    assert element.get_preset_names() == sorted([*names, "mine"])
    assert element.get_meta("film", "comment") == (True, "my own")
    for preset in ("film", "mine"):
        assert loaded("dmixducker", ["hard-of-hearing", preset])["target"] == 7.5
        assert element.delete_preset(preset)
    assert loaded("dmixducker", ["hard-of-hearing", "film"]) == original and element.get_preset_names() == names


def check_command_line():
    for element in ELEMENTS:
        shown = subprocess.run(["gst-inspect-1.0", element], capture_output=True, text=True, check=True).stdout
        for preset in Gst.ElementFactory.make(element).get_preset_names():
            assert f'"{preset}"' in shown, f"gst-inspect-1.0 {element} does not show {preset}"
    line = "audiotestsrc num-buffers=2 ! {} ! fakesink"
    for effect in ("dmixcomp @preset=night-mode", "dmixmeter @preset=stream", "dmixmeter specification=streaming"):
        subprocess.run(["gst-launch-1.0", "-q", *line.format(effect).split()], check=True)


def main():
    Gst.init(None)
    check_names()
    check_saved()
    check_command_line()
    faults = pairs = 0
    for name in ELEMENTS:
        presets = Gst.ElementFactory.make(name).get_preset_names()
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
