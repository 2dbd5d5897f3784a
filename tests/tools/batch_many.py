#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Many short rows with workers that are killed, and the speed of two workers: by hand.

usage: batch_many.py [--rows 10000] [--kill 0.01] [--slices 200]     no row is lost
       batch_many.py --speed [--rows 40] [--seconds 60]              two workers against one

The first makes rows of 2 s each and runs them in slices by GNU parallel on all cores; at
random moments it kills a worker with -9, as often as --kill says of the rows, and runs the
plan again until nothing is missing.
"""
import argparse
import os
import random
import subprocess
import tempfile
import time

import batch_rig as rig
from media import DMIX


def slices(folder, count, jobs, before=()):
    """before: words before the command of each worker."""
    return subprocess.Popen(["parallel", "--will-cite", "-j", str(jobs), *before, DMIX, "run", "-q",
                             os.path.join(folder, "plan.jsonl"), "--slice", "{}/" + str(count), ":::",
                             *map(str, range(1, count + 1))], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def make_rows(parent, rows, seconds):
    """One folder whose clips are links to 50 that differ: the rows differ by name."""
    folder = rig.make_folder(parent, "many", min(rows, 50), seconds)
    for i in range(50, rows):
        os.link(os.path.join(folder, "clips", f"clip{i % 50:05d}.wav"), os.path.join(folder, "clips", f"clip{i:05d}.wav"))
    assert rig.plan(folder) == rows
    return folder


def no_row_lost(rows, kill, count, jobs=2):
    """Returns kills and runs."""
    with tempfile.TemporaryDirectory() as parent:
        folder = make_rows(parent, rows, 2)
        wanted, killed, runs, rand = round(rows * kill), 0, 0, random.Random(1)
        moments = sorted(rand.uniform(0, 0.8) for _ in range(wanted))
        while runs < 20:
            batch = slices(folder, count, jobs)
            runs += 1
            while batch.poll() is None:
                time.sleep(0.02)
                done = len(rig.results(folder)) / rows
                while killed < wanted and moments[killed] <= done and rig.kill_one(folder):
                    killed += 1
            status, found = rig.merge(folder)
            states = [row["status"] for row in found]
            print(f"run {runs}: {states.count('done')} done, {states.count('missing')} missing, {killed} workers killed",
                  flush=True)
            assert states.count("failed") == 0, found
            if status == 0:
                break
        assert status == 0 and [row["row"] for row in found] == list(range(1, rows + 1)) and killed == wanted
        same = rig.outputs(folder)
        assert len(same) == rows == len(rig.results(folder)), (len(same), len(rig.results(folder)), [x for x in same if x[0] == "."])
        for name, data in same.items():
            assert data == same[f"clip{int(name[4:9]) % 50:05d}.flac"], f"{name}: other bits than of the same input"
    return killed, runs


def speed(rows, seconds):
    """Each worker has a core of its own, as on machines of their own: a worker alone has threads for both."""
    with tempfile.TemporaryDirectory() as parent:
        took = []
        for jobs in (1, 2):
            folder = rig.make_folder(parent, str(jobs), rows, seconds)
            rig.plan(folder)
            begun = time.monotonic()
            slices(folder, rows, jobs, ("taskset", "-c", "$(({%}-1))")).wait()
            took.append(time.monotonic() - begun)
            assert rig.merge(folder)[0] == 0
    print(f"{rows} rows of {seconds} s: {took[0]:.1f} s with one worker, {took[1]:.1f} s with two: {took[0] / took[1]:.2f} x; "
          f"load of the machine {os.getloadavg()[1]:.1f}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--speed", action="store_true")
    p.add_argument("--rows", type=int)
    p.add_argument("--kill", type=float, default=0.01)
    p.add_argument("--slices", type=int, default=200)
    p.add_argument("--seconds", type=float, default=60)
    o = p.parse_args()
    if o.speed:
        speed(o.rows or 40, o.seconds)
    else:
        begun = time.monotonic()
        killed, runs = no_row_lost(o.rows or 10000, o.kill, o.slices)
        print(f"{o.rows or 10000} rows, {killed} workers killed, {runs} runs, no row lost, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
