#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The tables of properties and presets in docs/elements are those of the elements.

usage: properties.py [--apply]     --apply rewrites the tables that differ

Reads the built plugin (folder DMIX_BUILD, default: build) and gst/presets, and
writes between two comments of a page of docs/elements:

  <!-- properties --> ... <!-- end -->      properties of the element
  <!-- pad properties --> ... <!-- end -->  properties of its sink pads
  <!-- presets --> ... <!-- end -->         what each preset is for and sets

The column "since" is remembered by the page itself: a row that is there keeps its
version, a new property or value gets the version of the plugin. Without gst-python
the test is skipped (exit code 77).
"""
import configparser
import os
import pathlib
import re
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DMIX_BUILD") or SOURCE / "build")
PAGES = SOURCE / "docs" / "elements"
PRESETS = SOURCE / "gst" / "presets"
APPLY = "tests/style/properties.py --apply"
BLOCK = re.compile(r"(<!-- (properties|pad properties|presets) -->\n)(.*?)(<!-- end -->)", re.S)

UNITS = ("dBTP", "dB", "LUFS", "LU", "ms", "s", "Hz", "degrees", "metres", "m/s", "ppm", "%")
LONG_UNITS = {"decibels": "dB", "milliseconds": "ms", "seconds": "s", "hertz": "Hz", "meters": "metres"}
# "in dB" where a remark follows, not "in dB for each ..."
UNIT = re.compile(rf"\bin ({'|'.join(map(re.escape, (*UNITS, *LONG_UNITS)))})"
                  r"(?= ?[(,;:.)]| (?:relative|above|below|over|at|from|that|which|when|while|until|before|after)\b|$)|"
                  rf"\(({'|'.join(map(re.escape, UNITS))})[,;:)]")
CHANGES = {
    "controllable": "at any time, also by a control binding",
    "playing": "at any time, no control binding",
    "paused": "in PAUSED and below",
    "ready": "in READY and below",
    "read only": "by the element alone",
}


def number(value):
    """As short as possible: 15, 0.6, 1000000."""
    return f"{value:.10g}"


def duration(ns):
    """Nanoseconds as people say them."""
    for unit, length in (("s", 10 ** 9), ("ms", 10 ** 6), ("us", 10 ** 3)):
        if ns % length == 0:
            return f"{ns // length} {unit}"
    return f"{ns} ns"


def unit_of(blurb):
    """The unit that a blurb names first, with a space before it, or nothing."""
    found = UNIT.search(blurb)
    unit = found and (found[1] or found[2])
    return f" {LONG_UNITS.get(unit, unit)}" if unit else ""


def table(head, rows):
    """Lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line).strip() + " |\n" for line in lines)


class Since:
    """The versions in the tables that a page has now."""

    def __init__(self, text, version):
        self.version = version
        self.known = dict(re.findall(r"^\| `([^`]+)` \|.*\| (\d+\.\d+) \|$", text, re.M))

    def of(self, name):
        return self.known.get(name, self.version)


def newer(one, other):
    return [int(n) for n in one.split(".")] > [int(n) for n in other.split(".")]


def property_tables(properties, since):
    """Both tables (properties, values of enumerations) and the legend, as text."""
    rows, values = [], []
    for p in properties:
        version = since.of(p["name"])
        rows.append([f"`{p['name']}`", p["range"], p["default"], p["change"], p["blurb"], version])
        for nick, meaning in p["values"]:
            value_since = since.of(f"{p['name']}={nick}") if p["name"] in since.known else version
            if nick != meaning or newer(value_since, version):
                values.append([f"`{p['name']}={nick}`", meaning, value_since])
    text = table(["property", "range", "default", "can change", "meaning", "since"], rows)
    text += "\n" + "; ".join(f"*{word}*: {meaning}" for word, meaning in CHANGES.items()
                             if any(row[3] == word for row in rows)) + ".\n"
    if values:
        text += "\n" + table(["value", "meaning", "since"], values)
    return text


def preset_table(path, defaults):
    """The presets of a .prs file, with the settings that are not the defaults."""
    file = configparser.RawConfigParser(delimiters="=", interpolation=None)
    file.optionxform = str
    file.read(path, encoding="utf-8")
    rows = []
    for name in file.sections():
        if name != "_presets_":
            sets = [f"`{key}={short(value)}`" for key, value in file[name].items()
                    if not key.startswith("_meta/") and short(value) != defaults.get(key)]
            rows.append([f"`{name}`", file[name].get("_meta/comment", ""), " ".join(sets)])
    return table(["preset", "for", "differs from the defaults by"], rows)


def short(text):
    """A value of a preset file as people write it."""
    return number(float(text)) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


# the plugin

def own(specs):
    """Those of our types; what a base class brings comes last."""
    return sorted((spec for spec in specs if spec.owner_type.name.startswith("GstDmix")),
                  key=lambda spec: -spec.owner_type.depth)


def describe(spec, flags):
    """What the tables say of a GParamSpec."""
    kind, blurb, default = spec.value_type.name, spec.blurb, spec.default_value
    enum = getattr(spec, "enum_class", None)
    values = [(v.value_nick, v.value_name) for v in enum.__enum_values__.values()] if enum else []
    if enum:
        limits, default = ", ".join(nick for nick, _ in values), default.value_nick
    elif kind == "gboolean":
        limits, default = "boolean", str(default).lower()
    elif kind == "guint64":
        limits, default = f"{duration(spec.minimum)} to {duration(spec.maximum)}, in ns", duration(default)
    elif kind == "gchararray":
        limits, default = "text", default or "none"
    else:
        unit = unit_of(blurb)
        limits = f"{number(spec.minimum)} to {number(spec.maximum)}{unit}" if spec.maximum < 1e30 else f"any{unit}"
        default = number(default) + unit
    raw = number(spec.default_value) if kind in ("gdouble", "gint", "guint64") else default
    change = "read only" if not spec.flags & flags["writable"] else next(
        (word for word in CHANGES if word in flags and spec.flags & flags[word]), "playing")
    return {"name": spec.name, "range": limits, "default": "" if change == "read only" else default, "change": change,
            "blurb": " ".join(blurb.split()), "values": values, "raw": raw}


def gstreamer():
    """GStreamer with our plugin and no other, or None without gst-python."""
    try:
        import gi
        gi.require_version("Gst", "1.0")
        from gi.repository import Gst
    except (ImportError, ValueError):
        return None
    os.environ.update(GST_PLUGIN_PATH=str(BUILD / "gst"), GST_PLUGIN_PATH_1_0=str(BUILD / "gst"),
                      GST_PLUGIN_SYSTEM_PATH="", GST_PLUGIN_SYSTEM_PATH_1_0="",
                      GST_REGISTRY=os.path.join(tempfile.mkdtemp(prefix="dmix-"), "registry"))
    Gst.init(None)
    return Gst


def read_plugin(Gst):
    """Version of the plugin, and for each element its type name and properties."""
    from gi.repository import GObject
    flags = {"writable": GObject.ParamFlags.WRITABLE, "controllable": 1 << 9, "ready": 1 << 10, "paused": 1 << 11,
             "playing": 1 << 12}
    plugin = Gst.Registry.get().find_plugin("dmix")
    if not plugin:
        sys.exit(f"there is no plugin dmix in {BUILD / 'gst'}: build it, or set DMIX_BUILD")
    elements = {}
    for feature in Gst.Registry.get().get_feature_list_by_plugin("dmix"):
        element = Gst.ElementFactory.make(feature.get_name())
        pads = []
        for template in element.get_pad_template_list():
            is_sink = template.direction == Gst.PadDirection.SINK
            if is_sink and template.presence == Gst.PadPresence.REQUEST and not pads:
                pad = element.request_pad(template, None, None)
                # a bin has no pads without the elements of other plugins
                pads = own(pad.list_properties() if pad else GObject.list_properties(template.props.gtype))
        elements[feature.get_name()] = {"type": type(element).__gtype__.name,
                                        "properties": [describe(s, flags) for s in own(element.list_properties())],
                                        "inherited": {s.name: number(element.get_property(s.name))
                                                      for s in element.list_properties()
                                                      if s.value_type.name == "guint64"},
                                        "pad properties": [describe(s, flags) for s in pads]}
    return ".".join(plugin.get_version().split(".")[:2]), elements


# the pages

def rewrite(text, element, version, presets):
    """The page with tables as they should be."""
    def block(found):
        kind, old = found[2], found[3]
        since = Since(old, version)
        late = [name for name, v in since.known.items() if newer(v, version)]
        if late:
            sys.exit(f"{', '.join(late)}: the version is later than the plugin's, {version}")
        if kind == "presets":
            # a base class's property may have another default in ours: its value in a new element
            defaults = element["inherited"] | {p["name"]: p["raw"] for p in element["properties"]}
            return found[1] + preset_table(presets / (element["type"] + ".prs"), defaults) + found[4]
        return found[1] + property_tables(element[kind], since) + found[4]
    return BLOCK.sub(block, text)


def lacking(text, element, presets):
    """The blocks that a page has to have and has not."""
    there = {found[2] for found in BLOCK.finditer(text)}
    wanted = {kind for kind in ("properties", "pad properties") if element[kind]}
    if (presets / (element["type"] + ".prs")).exists():
        wanted.add("presets")
    return wanted - there


def check(pages, presets, version, elements, apply):
    """Faults as lines of text; with `apply` it mends what it can."""
    faults = []
    for name, element in sorted(elements.items()):
        page = pages / (name + ".md")
        if not page.exists():
            faults.append(f"{page.name}: there is no page for {name}")
            continue
        old = page.read_text(encoding="utf-8")
        faults += [f"{page.name}: has no block <!-- {kind} -->" for kind in sorted(lacking(old, element, presets))]
        new = rewrite(old, element, version, presets)
        if new != old and apply:
            page.write_text(new, encoding="utf-8")
        elif new != old:
            wrong = next(line for line, other in zip(new.splitlines() + [""], old.splitlines() + [""]) if line != other)
            faults.append(f"{page.name}: differs from the element; first: {wrong}")
    for page in sorted(pages.glob("*.md")):
        if page.stem not in elements:
            faults.append(f"{page.name}: there is no such element")
    return faults


def prove():
    """A made element and its page: each kind of drift is found and mended."""
    gain = {"name": "gain", "range": "0 to 9 dB", "default": "1 dB", "change": "controllable", "blurb": "Gain, in dB",
            "values": [], "raw": "1"}
    mode = {"name": "mode", "range": "a, b", "default": "a", "change": "ready", "blurb": "What | it does",
            "values": [("a", "The first"), ("b", "The second")], "raw": "a"}
    empty = "<!-- properties -->\n<!-- end -->\n<!-- presets -->\n<!-- end -->\n"
    with tempfile.TemporaryDirectory() as folder:
        pages = presets = pathlib.Path(folder)
        page = pages / "x.md"
        (presets / "X.prs").write_text("[_presets_]\n[soft]\n_meta/comment=Less\ngain=0.50\nmode=a\n", encoding="utf-8")

        def run(version, properties, apply):
            element = {"type": "X", "properties": properties, "pad properties": [], "inherited": {}}
            return check(pages, presets, version, {"x": element}, apply)

        assert run("0.1", [gain], False) == ["x.md: there is no page for x"]
        page.write_text("# x\n", encoding="utf-8")
        assert len(run("0.1", [gain], False)) == 2
        page.write_text(empty, encoding="utf-8")
        assert len(run("0.1", [gain, mode], False)) == 1
        run("0.1", [gain, mode], True)
        assert run("0.1", [gain, mode], False) == []
        text = page.read_text(encoding="utf-8")
        assert "| `gain` | 0 to 9 dB | 1 dB | controllable | Gain, in dB | 0.1 |" in text
        assert "| `mode=b` | The second | 0.1 |" in text and r"What \| it does" in text
        assert "| `soft` | Less | `gain=0.5` |" in text
        # later: another blurb, a value and a property more
        louder = {**gain, "blurb": "Gain of all, in dB"}
        more = {**mode, "range": "a, b, c", "values": [*mode["values"], ("c", "The third")]}
        new = {**gain, "name": "new"}
        for changed in ([louder, mode], [gain, more], [gain, mode, new], [gain]):
            assert len(run("0.2", changed, False)) == 1
        run("0.2", [louder, more, new], True)
        text = page.read_text(encoding="utf-8")
        for row in ("Gain of all, in dB | 0.1 |", "The second | 0.1 |", "The third | 0.2 |", "Gain, in dB | 0.2 |"):
            assert row in text, row
        (pages / "y.md").write_text(empty, encoding="utf-8")
        assert run("0.2", [louder, more, new], False) == ["y.md: there is no such element"]
    for blurb, unit in (("Gain, in dB (0: off)", " dB"), ("Time in ms", " ms"), ("Peak (dBTP)", " dBTP"), ("Share", ""),
                        ("Change in dB for 1 dB less", ""), ("Rise in speed", ""),
                        ("Level in dB above which it works", " dB")):
        assert unit_of(blurb) == unit, blurb


def main():
    prove()
    Gst = gstreamer()
    if not Gst:
        print("skipped: no gst-python here")
        sys.exit(77)
    version, elements = read_plugin(Gst)
    faults = check(PAGES, PRESETS, version, elements, sys.argv[1:] == ["--apply"])
    print("\n".join(faults) or f"{len(elements)} pages agree with their elements")
    if faults:
        sys.exit(f"{APPLY} writes the tables anew")


if __name__ == "__main__":
    main()
