#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""A file as an array in C, for every compiler and linker: embed.py IN OUT NAME"""
import sys

data = open(sys.argv[1], "rb").read()
name = sys.argv[3]
rows = (",".join(map(str, data[i:i + 32])) for i in range(0, len(data), 32))
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write("#include <stddef.h>\n#include <stdint.h>\n"
              f"extern const uint8_t {name}[];\nextern const size_t {name}_size;\n"
              f"const size_t {name}_size = {len(data)};\n"
              f"const uint8_t {name}[] = {{\n" + ",\n".join(rows) + "\n};\n")
