#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""C code is formatted as .clang-format says.

usage: format.py [--apply]     --apply rewrites the files that are not

Versions of clang-format differ in details, so only version 14 (Debian 12) judges;
without it the test is skipped (exit code 77).
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

VERSION = 14
SOURCE = pathlib.Path(__file__).resolve().parents[2]


def formatter():
    """The path of a clang-format of the right version, or None."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path:
            text = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            if re.search(rf"version {VERSION}\.", text):
                return path
    return None


def sources():
    for root in ("dsp", "gst", "tests", "examples"):
        for path in sorted((SOURCE / root).rglob("*.[ch]")):
            if not path.name.startswith("kernels-dist"):  # orcc writes these
                yield str(path)


def main():
    tool = formatter()
    if not tool:
        print(f"skipped: no clang-format {VERSION} here")
        sys.exit(77)
    if sys.argv[1:] == ["--apply"]:
        subprocess.run([tool, "-i", *sources()], check=True)
        return
    run = subprocess.run([tool, "--dry-run", "-Werror", *sources()], capture_output=True, text=True, check=False,
                         cwd=SOURCE)
    places = re.findall(r"^(.*?:\d+):\d+: error", run.stderr, re.M)
    for place in places[:20]:
        print(os.path.relpath(place, SOURCE), "is not formatted")
    if run.returncode:
        sys.exit(f"{len(places)} places; tests/style/format.py --apply mends them")
    print("all C files are formatted")


if __name__ == "__main__":
    main()
