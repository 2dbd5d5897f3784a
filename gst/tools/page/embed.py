#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Writes text files (ASCII) as strings in C, so that they are part of the program and need no
file at run time.

usage: embed.py OUT.c FILE...   report.css becomes dmix_page_css: the ending is the name
"""
import pathlib
import sys


def main():
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write('/* Made by gst/tools/page/embed.py from gst/tools/page/: edit those files. */\n'
                  '#include "tools/pagefiles.h"\n')
        for path in map(pathlib.Path, sys.argv[2:]):
            out.write(f"\nconst gchar dmix_page_{path.suffix[1:]}[] = {{\n")
            data = path.read_text(encoding="utf-8").encode("ascii") + b"\0"
            for at in range(0, len(data), 24):
                out.write("  " + " ".join(f"{byte}," for byte in data[at:at + 24]) + "\n")
            out.write("};\n")


if __name__ == "__main__":
    main()
