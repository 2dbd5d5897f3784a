#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Every file of code names its licence and who holds the copyright, in its
first lines (https://reuse.software). Prose, presets and generated files do not."""
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
WANTED = ("SPDX-License-Identifier: LGPL-2.1-or-later", "Copyright (C) 2026 The dmix authors")
ENDINGS = {".c", ".h", ".py", ".sh", ".build", ".orc", ".yaml"}


def lacks(path):
    lines = path.read_text(encoding="utf-8").splitlines()[:4]
    return [text for text in WANTED if not any(line.endswith((text, text + " */")) for line in lines)]


def main():
    files = [path for root in ("dsp", "gst", "tests", "docs", "examples")
             for path in sorted((SOURCE / root).rglob("*"))
             if path.suffix in ENDINGS and not path.name.startswith("kernels-dist")]
    files += [SOURCE / "meson.build", SOURCE / "meson_options.txt", SOURCE / ".ci" / "run"]
    faults = [f"{path.relative_to(SOURCE)}: lacks «{text}»" for path in files for text in lacks(path)]
    print("\n".join(faults) or f"{len(files)} files name licence and copyright")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
