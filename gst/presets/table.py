#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Writes the presets as a table in C, so that they are part of the plugin and need no
file at run time.

usage: table.py OUT.c FILE.prs...
"""
import configparser
import json
import sys

HEAD = """\
/* Made by gst/presets/table.py from gst/presets/: edit those files. */
#include "base/gstdmixpresets.h"

const GstDmixPresetValue gst_dmix_preset_values[] = {
"""


def rows(path):
    """Type, preset, key and value of each line of a file."""
    presets = configparser.ConfigParser(interpolation=None)
    presets.optionxform = str
    with open(path, encoding="utf-8") as f:
        presets.read_file(f)
    kind = presets["_presets_"]["element-name"]
    for name in presets.sections():
        if name != "_presets_":
            for key, value in presets[name].items():
                yield kind, name, key, value


def main():
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write(HEAD)
        for path in sys.argv[2:]:
            for row in rows(path):
                # a JSON string of printable text is a C string
                out.write("  { " + ", ".join(json.dumps(x, ensure_ascii=False) for x in row) + " },\n")
        out.write("  { NULL, NULL, NULL, NULL },\n};\n")


if __name__ == "__main__":
    main()
