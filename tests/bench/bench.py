#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""CPU cost of pipelines, see run.sh. usage: bench.py [OPTION ...] [SECONDS [ROUNDS [ELEMENT ...]]]"""
import argparse
import json
import os
import re
import sys
import tempfile

import cost
import pipelines
import sounds

SHORT = 10


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", action="store_true", help="measure the peers, too, and print ratios")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--count", action="store_true",
                        help="count instructions with valgrind: the same in every run, on any load")
    parser.add_argument("--recordings", action="store_true",
                        help="play prompts over music (Debian's asterisk packages) in place of noise")
    parser.add_argument("--channels", type=int, default=2, help="of the sounds that are not mono (default 2)")
    parser.add_argument("seconds", type=int, nargs="?", default=0, help="length of the long run (200, --count: 20)")
    parser.add_argument("rounds", type=int, nargs="?", default=0, help="least of so many (3, --count: 1)")
    parser.add_argument("elements", nargs="*", metavar="element", help="or the name of a line; none: all")
    chosen = parser.parse_args()
    chosen.seconds = chosen.seconds or (20 if chosen.count else 200)
    chosen.rounds = chosen.rounds or (1 if chosen.count else 3)
    if chosen.seconds <= SHORT:
        parser.error(f"the long run needs more than {SHORT} seconds")
    return chosen


def measure(lines, chosen, files):
    """CPU seconds, or thousands of millions of instructions, of an hour of each line; least of the rounds."""
    costs = {}
    for name, line in lines.items():
        runs = {}
        for seconds in (chosen.seconds, SHORT) * chosen.rounds:
            command = pipelines.with_lsp(line.command.format(**{key: files[key, seconds] for key in "bdgtz"}))
            used = sum(cost.instructions(command).values()) / 1e9 if chosen.count else cost.cpu_seconds(command)
            runs[seconds] = min(used, runs.get(seconds, used))
        hours = (chosen.seconds - SHORT) / 3600 * (chosen.channels if line.mono else 1)
        costs[name] = (runs[chosen.seconds] - runs[SHORT]) / hours
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return costs


def results(mine, lines, costs, with_peers):
    """A row for each line: its cost, net of its floor, and for ours the ratios."""
    rows = {}
    for name, line in lines.items():
        rows[name] = {"cost": costs[name]}
        if line.floor:
            rows[name]["net"] = costs[name] - costs[line.floor]
    for name in mine:
        each = rows[name]["net"] / lines[name].sounds
        rows[name]["ratios"] = {peer: each / rows[peer]["net"] for peer in lines[name].peers if with_peers}
    return rows


def show(rows, unit):
    print(f"{'':34s}{unit + ' / hour':>14s}{'net':>8s}")
    for name, row in rows.items():
        print(f"{name:34s}{row['cost']:14.2f}" + (f"{row['net']:8.2f}" if "net" in row else ""))
    for name, row in rows.items():
        if "ratios" in row:
            texts = [f"{ratio:.3f} x {peer}" for peer, ratio in row["ratios"].items()]
            if unit == "CPU s":
                texts.append(f"{3600 / row['net']:.0f} x real time")
            if texts:
                print(f"{name}: " + ", ".join(texts))


def main():
    chosen = options()
    mine, lines = pipelines.choose(chosen.elements, chosen.peers, chosen.channels)
    if chosen.channels != 2:        # LSP's and audiopanorama's are for stereo
        lines = {name: line for name, line in lines.items() if not re.search("LSP|audiopanorama", line.command)}
        lines = {name: line._replace(peers=[peer for peer in line.peers if peer in lines]) for name, line in lines.items()}
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        files = sounds.write(folder, {chosen.seconds, SHORT}, chosen.channels, chosen.recordings)
        costs = measure(lines, chosen, files)
    rows = results(mine, lines, costs, chosen.peers)
    if chosen.json:
        json.dump({"unit": "instructions / 1e9" if chosen.count else "CPU s", "seconds": chosen.seconds,
                   "rounds": chosen.rounds, "channels": chosen.channels, "lines": rows}, sys.stdout, indent=1)
        print()
    else:
        show(rows, "instr. / 1e9" if chosen.count else "CPU s")


if __name__ == "__main__":
    main()
