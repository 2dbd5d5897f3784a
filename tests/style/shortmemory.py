#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Whatever takes memory is tested with memory that runs short: each dmix_..._new()
of dsp/ in tests/dsp/test_nomemory.c, each element in tests/elements/nomemory.c.
"""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def missing(wanted, text):
    return sorted(name for name in wanted if not re.search(rf"\b{name}\b", text))


def constructors():
    """Names of the functions of dsp/ that return a new object."""
    found = set()
    for header in SOURCE.glob("dsp/*/*.h"):
        found |= set(re.findall(r"\*(dmix_\w+_(?:new|load|renew)) \(", header.read_text()))
    return found


def elements():
    return set(re.findall(r"'(dmix\w+)'", re.search(r"^elements = \[(.*?)\]",
        (SOURCE / "gst/meson.build").read_text(), re.M | re.S).group(1)))


def test_itself():
    assert missing({"dmix_a_new", "dmix_b_new"}, "X (a, dmix_a_new ())") == ["dmix_b_new"]
    assert "dmix_ducker_new" in constructors() and "dmix_pan_renew" in constructors()
    assert "dmixadr" in elements()


def main():
    test_itself()
    problems = []
    for page, wanted in ("tests/dsp/test_nomemory.c", constructors()), ("tests/elements/nomemory.c", elements()):
        problems += [f"{page}: {name} is missing" for name in missing(wanted, (SOURCE / page).read_text())]
    print("\n".join(problems) or "all tested with short memory")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
