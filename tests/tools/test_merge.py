#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix merge when it is stopped and on full and read-only disks; the lines of docs/batch.md for Kubernetes and
HyperQueue, with their environment but without the engines."""
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

try:
    import numpy                                    # noqa: F401
except ImportError:
    print("skipped: no numpy")
    sys.exit(77)

import batch_rig as rig
from media import DMIX, dmix

ROWS = 3000
DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "batch.md")


def make_large(parent):
    """A plan of many rows, of which nothing has run."""
    folder = rig.make_folder(parent, "large", 1, 1)
    with open(os.path.join(folder, "jobs.csv"), "w", encoding="utf-8") as f:
        f.write("dialogue,music,output\n")
        f.writelines(f"clips/clip00000.wav,bed.wav,out/{i}.wav\n" for i in range(ROWS))
    done = dmix("plan", "mix", "--csv", "jobs.csv", cwd=folder, limit=100)
    assert done.returncode == 0, done.err
    return folder


def results(folder):
    return {x: os.path.getsize(os.path.join(folder, x)) for x in os.listdir(folder) if "results" in x or x.startswith(".")}


def check_signals(folder):
    """Stopped at any moment: the signal's status, no file or a whole one, no scratch; older results stay."""
    started = time.monotonic()
    assert rig.merge(folder)[0] == 75
    took, whole, rand, stopped = time.monotonic() - started, results(folder), random.Random(3), 0
    assert set(whole) == {"plan.results.jsonl", "plan.results.html"}, whole
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        for older in (False, True):
            for name in whole:
                with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                    f.write("older")
                if not older:
                    os.remove(os.path.join(folder, name))
            process = subprocess.Popen([DMIX, "merge", "plan.jsonl", "-q"], cwd=folder, stderr=subprocess.PIPE,
                                       preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
            time.sleep(0.02 + rand.random() * took * 0.6)
            process.send_signal(number)
            process.communicate(timeout=20)
            assert process.returncode in (75, -number), (number, process.returncode)
            stopped += process.returncode == -number
            for name, size in results(folder).items():
                assert size == whole.get(name) or (older and size == 5), f"{number}: {name} has {size} bytes"
            assert not older or set(results(folder)) == set(whole), results(folder)
    assert stopped > 3, f"{stopped} of 8 were stopped"
    print(f"merge of {ROWS} rows, stopped {stopped} times by four signals: results are whole, or the older ones")


def check_disks(folder):
    """Full: status 75, and nothing of a file; read-only: 1. Needs root."""
    small = os.path.join(folder, "small")
    os.mkdir(small)
    for size in ("16k", "600k"):
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small], capture_output=True).returncode:
            print("(no tmpfs without root: full disks are not tested)")
            return
        try:
            done = dmix("merge", "plan.jsonl", "--output", "small/all", "-q", cwd=folder)
            lines = done.err.splitlines()
            assert done.returncode == 75 and len(lines) == 1 and "make room" in lines[0], (size, done.returncode, done.err)
            assert os.listdir(small) == [], os.listdir(small)
            subprocess.run(["mount", "-o", "remount,ro", small], check=True)
            done = dmix("merge", "plan.jsonl", "--output", "small/all", "-q", cwd=folder)
            assert done.returncode == 1 and "may write to" in done.err, done.err
        finally:
            subprocess.run(["umount", small], check=True)
    print("merge on full disks: status 75; on read-only ones: 1; nothing is left")


def commands():
    """Engine and command, of the table in docs/batch.md."""
    with open(DOCS, encoding="utf-8") as f:
        rows = re.findall(r"^\| ([^|]*) \| `(.*)` \|$", f.read(), re.M)
    return {engine.split(",")[0]: command.replace("\\|", "|") for engine, command in rows}


def check_engines(parent):
    """The lines as they stand, 20 workers; what an engine sets is set here."""
    lines = commands()
    environment = os.environ | {"PATH": os.path.join(parent, "bin") + ":" + os.path.dirname(DMIX) + ":" + os.environ["PATH"]}
    os.mkdir(os.path.join(parent, "bin"))
    # as HyperQueue: one task for each number, with its number in the environment
    stand_in = os.path.join(parent, "bin", "hq")
    with open(stand_in, "w", encoding="utf-8") as f:
        f.write('#!/bin/sh\n[ "$1 $2 $3 $4" = "submit --array 1-20 --" ] || exit 2\nshift 4\n'
                'for id in $(seq 20); do HQ_JOB_ID=1 HQ_TASK_ID=$id "$@" || exit 1; done\n')
    os.chmod(stand_in, stat.S_IRWXU)
    for engine in ("Kubernetes", "HyperQueue"):
        folder = rig.make_folder(parent, engine, 25, 1)
        assert rig.plan(folder) == 25
        line = lines[engine].replace("/data/", folder + "/")
        if engine == "Kubernetes":
            for index in range(20):
                done = subprocess.run(["sh", "-c", line], env=environment | {"JOB_COMPLETION_INDEX": str(index)},
                                      capture_output=True, text=True)
                assert done.returncode == 0, (line, index, done.stderr)
        else:
            done = subprocess.run(["sh", "-c", line], env=environment, cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0, (line, done.stderr)
        status, rows = rig.merge(folder)
        assert status == 0 and len(rows) == 25 and all(r["status"] == "done" for r in rows), engine
        shutil.rmtree(folder)
    print("the lines for Kubernetes and HyperQueue: every row of 25 once, on 20 workers")


def main():
    with tempfile.TemporaryDirectory() as parent:
        folder = make_large(parent)
        check_signals(folder)
        check_disks(folder)
        check_engines(parent)


if __name__ == "__main__":
    main()
