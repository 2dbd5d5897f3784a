# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What a command costs: CPU seconds, or instructions of each function under valgrind."""
import collections
import os
import re
import resource
import shlex
import subprocess
import tempfile


def cpu_seconds(command):
    def used():
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    before = used()
    subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL)
    return used() - before


def instructions(command):
    """Instructions of each function, without those that it calls."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        subprocess.run(["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}"]
                       + shlex.split(command), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out) as f:
            return read_callgrind(f)


def read_callgrind(lines):
    """The format: valgrind's manual, "Callgrind format". A name is written out where it comes first."""
    names, counts, name, is_call = {}, collections.Counter(), None, False
    for line in lines:
        match = re.match(r"c?fn=\((\d+)\)(?: (.*))?", line)
        if match:
            if match[2]:
                names[match[1]] = re.sub(r"'\d+$", "", match[2].strip())
            if not line.startswith("c"):
                name = names[match[1]]
        elif line.startswith("calls="):
            is_call = True                  # the next line has the cost of the function called
        elif re.match(r"[0-9+*-]", line):
            if not is_call:
                counts[name] += int(line.split()[1])
            is_call = False
    return counts
