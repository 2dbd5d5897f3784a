#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Which folder may include which: the layers in docs/architecture.md.

usage: layers.py [SOURCE]

Each fault is printed with file, line and rule. Three more rules: dsp/ includes
neither GLib nor GStreamer; gst/ includes of a folder of dsp/ its doors only;
modules (a .c with the .h of its name) include each other in no circle.
The test first proves that it finds each kind of fault in a small tree of its own.
"""
import pathlib
import re
import sys
import tempfile

DSP = {
    "base": (),
    "spectral": ("base",),
    "net": ("base", "spectral"),
    "speech": ("base", "spectral", "net"),
    "meter": ("base", "spectral", "speech"),
    # the products: none of them knows another
    "dynamics": ("base", "spectral", "speech", "meter"),
    "ducker": ("base", "spectral", "speech", "meter"),
    "adr": ("base", "spectral", "speech", "meter"),
    "denoise": ("base", "spectral", "net"),
    "pan": ("base", "spectral"),
    # made of products: of those it includes their doors only
    "dialogue": ("base", "spectral", "net", "speech", "meter", "dynamics", "denoise", "ducker"),
}
PRODUCTS = ("dynamics", "ducker", "adr", "denoise", "pan")
# Headers that another room of dsp/ may include beside the doors for gst/.
INNER_DOORS = {"denoise": ("gainestimator", "noisetracker", "speechgain"), "ducker": ("duckerparams",)}
# gst/FOLDER may include these of gst/, and these of dsp/; plugin.c all of gst/
GST = {
    "base": ((), ("base", "meter")),
    "filters": (("base",), tuple(DSP)),
    "ducker": (("base",), ("base", "meter", "ducker")),
    "pan": (("base",), ("base", "pan")),
    "adr": (("base",), ("base", "meter", "adr")),
    # elements by name only; of the filters the names of specifications
    "bin": (("base", "filters"), ("base",)),
    # the command: uses the elements as any program does, by their names
    "tools": ((), ()),
}
# The public headers of each folder of dsp/, for gst/; all of base is public.
DOORS = {
    "spectral": (),
    "net": (),
    "speech": (),
    "meter": ("kweight", "loudness", "stemmeter"),
    "dynamics": ("dynamics", "leveller"),
    "ducker": ("ducker", "duckmeter"),
    "adr": ("adr",),
    "denoise": ("denoise",),
    "dialogue": ("dialogue",),
    "pan": ("ambisonic", "hrtf", "pan", "sofa"),
}
# Includes that close a circle of modules all the same: module -> the one it
# includes. Only a private header that opens the struct of its own .c may stay
# here, and a part that calls the virtual functions of its whole. An entry that
# closes no circle any more is a fault: delete it.
ALLOWED = (
    # private headers
    ("gst/adr/gstdmixadrprivate", "gst/adr/gstdmixadr"),
    ("gst/base/gstdmixaggregatorprivate", "gst/base/gstdmixaggregator"),
    # calls the virtual functions of the class
    ("gst/base/gstdmixfilterstream", "gst/base/gstdmixfilter"),
)
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
    if tree == "dsp" and target[1] in PRODUCTS:
        doors = DOORS[target[1]] + INNER_DOORS.get(target[1], ())
        if pathlib.PurePath(name).stem not in doors:
            return f"dsp/{folder} may include of dsp/{target[1]} only: {', '.join(doors)}"
    doors = DOORS.get(target[1]) if (tree, target[0]) == ("gst", "dsp") else None
    if doors is not None and pathlib.PurePath(name).stem not in doors:
        return f"gst/ may include of dsp/{target[1]} only: {', '.join(doors) or 'nothing'}"
    return None


def circle(graph):
    """One circle of modules as a list that begins and ends with the same one, or None."""
    done = set()

    def visit(node, path):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        found = next(filter(None, (visit(after, path + [node]) for after in sorted(graph.get(node, ())))), None)
        done.add(node)
        return found

    return next(filter(None, (visit(node, []) for node in sorted(graph))), None)


def without(graph, arrows):
    return {node: {after for after in afters if (node, after) not in arrows} for node, afters in graph.items()}


def circles(graph, allowed):
    """Faults of a graph of modules: a circle that is not allowed, and allowed arrows that close none."""
    faults = []
    open_graph = without(graph, allowed)
    while found := circle(open_graph):
        faults.append("circle of modules: " + " -> ".join(found))
        open_graph = without(open_graph, {(found[-2], found[-1])})
    for arrow in allowed:
        if arrow[1] not in graph.get(arrow[0], ()) or not circle(without(graph, set(allowed) - {arrow})):
            faults.append(f"{arrow[0]} -> {arrow[1]} closes no circle: delete it from ALLOWED")
    return faults


def check(source, allowed=()):
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
                other = f"{target[0]}/{name}" if target else None
                if other == own:
                    rule = "a header does not include itself"
                elif other and other[:-2] != own[:-2]:
                    graph.setdefault(own[:-2], set()).add(other[:-2])
                if rule:
                    faults.append(f"{own}:{number}: includes {name}: {rule}")
    return faults + circles(graph, allowed)


def plant(files, allowed=()):
    """The faults of a small tree."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder)
        for name, text in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text, encoding="utf-8")
        return check(source, allowed)


def prove():
    """A check that finds nothing anywhere is no check."""
    good = {"dsp/base/a.h": "", "dsp/pan/pan.h": '#include "base/a.h"\n', "dsp/pan/pan.c": '#include "pan/pan.h"\n',
            "dsp/pan/air.h": "", "dsp/dialogue/a.c": '#include "ducker/ducker.h"\n', "dsp/ducker/ducker.h": "",
            "dsp/ducker/b.h": "", "gst/pan/c.c": '#include "pan/pan.h"\n'}
    assert plant(good) == []
    for file, text, line in (
            ("dsp/base/x.c", '\n#include "pan/pan.h"\n', "dsp/base/x.c:2: includes pan/pan.h: dsp/base may include"),
                    ("dsp/pan/x.c", "#include <glib.h>\n", "dsp/pan/x.c:1: includes glib.h: dsp/ knows neither"),
            ("dsp/pan/x.c", "#include <gst/gst.h>\n", "dsp/pan/x.c:1: includes gst/gst.h: dsp/ knows neither"),
            ("gst/base/x.c", '#include "pan/pan.h"\n', "gst/base/x.c:1: includes pan/pan.h: gst/base may include"),
            ("dsp/dialogue/x.c", '#include "ducker/b.h"\n', "dsp/dialogue/x.c:1: includes ducker/b.h: dsp/dialogue may include of"),
            ("gst/pan/x.c", '#include "pan/air.h"\n', "gst/pan/x.c:1: includes pan/air.h: gst/ may include of"),
            ("dsp/base/a.h", '#include "base/a.h"\n', "dsp/base/a.h:1: includes base/a.h: a header does not"),
    ):
        faults = plant({**good, file: text})
        assert len(faults) == 1 and faults[0].startswith(line), (file, faults)
    prove_circles(good)


def prove_circles(good):
    """Circles of two and of three modules, closed by a .c or by a header; allowances that are used and that are not."""
    two = {**good, "dsp/pan/part.h": '#include "pan/pan.h"\n', "dsp/pan/pan.c": '#include "pan/part.h"\n'}
    assert plant(two) == ["circle of modules: dsp/pan/pan -> dsp/pan/part -> dsp/pan/pan"]
    three = {**good, "dsp/pan/x.c": '#include "pan/y.h"\n', "dsp/pan/x.h": "", "dsp/pan/y.c": '#include "pan/z.h"\n',
             "dsp/pan/y.h": "", "dsp/pan/z.h": '#include "pan/x.h"\n'}
    assert plant(three) == ["circle of modules: dsp/pan/x -> dsp/pan/y -> dsp/pan/z -> dsp/pan/x"]
    back = ("dsp/pan/part", "dsp/pan/pan")
    assert plant(two, (back,)) == []
    assert plant(good, (back,)) == [f"{back[0]} -> {back[1]} closes no circle: delete it from ALLOWED"]
    straight = {**good, "dsp/pan/part.h": '#include "pan/pan.h"\n'}
    assert len(plant(straight, (back,))) == 1


def main():
    prove()
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    faults = check(source, ALLOWED)
    print("\n".join(faults) or "all includes keep the order of the folders and run in no circle")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
