#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Every module of dsp/ and gst/ stands in the tables of docs/architecture.md, in
its folder, and nothing else does.

A module is a .c with its .h, by the name without ending; a header alone has its
ending in the table. The page has at most 220 lines, so that it is read.
"""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGE = "docs/architecture.md"
MOST_LINES = 220


def in_page(text):
    """(tree, folder, module) of each name in the first column of the tables of files."""
    found = set()
    for tree, section in re.findall(r"^## Files of (dsp|gst)/[^\n]*\n(.*?)(?=^## )", text, re.M | re.S):
        folder = ""
        for cell in re.findall(r"^\| (.*?) \|", section, re.M):
            for bold, name in re.findall(r"\*\*(\w+)\*\*|`([\w.]+)`", cell):
                folder = bold or folder
                if name:
                    found.add((tree, folder, name))
    return found


def in_tree(files):
    """The same of the files, given by their paths."""
    paths = [pathlib.PurePath(file) for file in files]
    found = set()
    for path in paths:
        alone = path.suffix == ".orc" or path.suffix == ".h" and path.with_suffix(".c") not in paths
        if not path.stem.startswith("kernels-dist") and len(path.parts) == 3:
            tree, folder, _ = path.parts
            found.add((tree, folder, (path.name if alone else path.stem).removeprefix("gstdmix")))
    return found


def check(text, files):
    page, tree = in_page(text), in_tree(files)
    return ([f"{'/'.join(one)}: has no line in {PAGE}" for one in sorted(tree - page)]
            + [f"{'/'.join(one)}: is in {PAGE} but not there" for one in sorted(page - tree)])


def prove():
    text = ("## Files of dsp/\n\n| file | |\n| --- | --- |\n| **pan** `a` `b.h` | `c` |\n| `d` | |\n\n"
            "## Files of gst/ (less)\n\n| **pan** `e` | |\n\n## End\n")
    files = ["dsp/pan/a.c", "dsp/pan/a.h", "dsp/pan/b.h", "dsp/pan/d.c", "gst/pan/gstdmixe.c", "gst/plugin.c"]
    assert check(text, files) == []
    assert check(text, files + ["dsp/adr/n.c"]) == [f"dsp/adr/n: has no line in {PAGE}"]
    assert check(text, files[:3] + files[4:]) == [f"dsp/pan/d: is in {PAGE} but not there"]
    assert len(check(text, files[1:])) == 2  # a.h alone: the page says a


def main():
    prove()
    files = [path.relative_to(SOURCE) for tree in ("dsp", "gst") for path in (SOURCE / tree).rglob("*")
             if path.suffix in (".c", ".h", ".orc")]
    text = (SOURCE / PAGE).read_text(encoding="utf-8")
    faults = check(text, files)
    if text.count("\n") >= MOST_LINES:
        faults.append(f"{PAGE} has {text.count(chr(10))} lines; keep it under {MOST_LINES}")
    print("\n".join(faults) or f"{len(in_page(text))} modules stand in {PAGE}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
