#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Which folder may include which: the order of the house, see docs/architecture.md.

usage: layers.py [SOURCE]

Each fault is printed with file, line and rule. Two more rules: no file includes
itself by way of others (a circle), and dsp/ includes neither GLib nor GStreamer.
The test first proves that it finds each kind of fault in a small tree of its own.
"""
import pathlib
import re
import sys
import tempfile

DSP = {
    "base": (),
    "spectral": ("base",),
    "speech": ("base", "spectral"),
    "meter": ("base", "spectral", "speech"),
    # the products: none of them knows another
    "dynamics": ("base", "spectral", "speech", "meter"),
    "ducker": ("base", "spectral", "speech", "meter"),
    "adr": ("base", "spectral", "speech", "meter"),
    "denoise": ("base", "spectral"),
    "pan": ("base", "spectral"),
}
# gst/FOLDER may include these of gst/, and these of dsp/; plugin.c all of gst/
GST = {
    "base": ((), ("base", "meter")),
    "filters": (("base",), tuple(DSP)),
    "ducker": (("base",), ("base", "meter", "ducker", "speech")),
    "pan": (("base",), ("base", "pan")),
    "adr": (("base",), ("base", "meter", "adr")),
}
FOREIGN = re.compile(r"(gst/|glib|gobject|gio/|gmodule)")
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')


def includes(path):
    """(line, name) of each include of a file."""
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(text)
        if found:
            yield number, found[1]


def place(source, name):
    """Tree and folder of an included name, or None where it is not ours."""
    folder = name.split("/")[0]
    for tree in ("dsp", "gst"):
        if (source / tree / name).exists() or name == "base/kernels.h" and tree == "dsp":
            return tree, folder
    return None


def fault(tree, folder, name, target):
    """The rule that an include breaks, or None."""
    if tree == "dsp" and FOREIGN.match(name):
        return "dsp/ knows neither GLib nor GStreamer"
    if target is None or (tree, folder) == target or folder == "":
        return None
    if tree == "dsp":
        if target[0] == "gst":
            return "dsp/ does not know gst/"
        allowed = DSP[folder]
    else:
        allowed = GST[folder][target[0] == "dsp"]
    if target[1] not in allowed:
        return f"{tree}/{folder} may include of {target[0]}/ only: {', '.join(allowed) or 'nothing'}"
    return None


def circles(graph):
    """Circles of files; a .c and its .h are two files, a circle of headers is one."""
    state, found = {}, []

    def visit(node, path):
        state[node] = 1
        for after in graph.get(node, ()):
            if state.get(after) == 1:
                found.append(path[path.index(after):] + [after])
            elif after not in state:
                visit(after, path + [after])
        state[node] = 2

    for node in graph:
        if node not in state:
            visit(node, [node])
    return found


def check(source):
    """All faults of a source tree, as lines of text."""
    faults, graph = [], {}
    for tree in ("dsp", "gst"):
        for path in sorted((source / tree).rglob("*.[ch]")):
            parts = path.relative_to(source / tree).parts
            folder = parts[0] if len(parts) > 1 else ""
            own = f"{tree}/{'/'.join(parts)}"
            for number, name in includes(path):
                target = place(source, name)
                rule = fault(tree, folder, name, target)
                if rule:
                    faults.append(f"{own}:{number}: includes {name}: {rule}")
                if target:
                    graph.setdefault(own, []).append(f"{target[0]}/{name}")
    return faults + ["circle: " + " -> ".join(circle) for circle in circles(graph)]


def plant(files):
    """The faults of a small tree."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder)
        for name, text in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text, encoding="utf-8")
        return check(source)


def prove():
    """A check that finds nothing anywhere is no check."""
    good = {"dsp/base/a.h": "", "dsp/pan/b.h": '#include "base/a.h"\n', "gst/pan/c.c": '#include "pan/b.h"\n'}
    assert plant(good) == []
    for file, text, line in (
            ("dsp/base/x.c", '\n#include "pan/b.h"\n', "dsp/base/x.c:2: includes pan/b.h: dsp/base may include"),
            ("dsp/adr/x.c", '#include "pan/b.h"\n', "dsp/adr/x.c:1: includes pan/b.h: dsp/adr may include"),
            ("dsp/pan/x.c", "#include <glib.h>\n", "dsp/pan/x.c:1: includes glib.h: dsp/ knows neither"),
            ("dsp/pan/x.c", "#include <gst/gst.h>\n", "dsp/pan/x.c:1: includes gst/gst.h: dsp/ knows neither"),
            ("gst/base/x.c", '#include "pan/b.h"\n', "gst/base/x.c:1: includes pan/b.h: gst/base may include"),
            ("dsp/base/a.h", '#include "base/a.h"\n', "circle: dsp/base/a.h -> dsp/base/a.h")):
        faults = plant({**good, file: text})
        assert len(faults) == 1 and faults[0].startswith(line), (file, faults)


def main():
    prove()
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    faults = check(source)
    print("\n".join(faults) or "all includes keep the order of the folders")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
