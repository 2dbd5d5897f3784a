#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Runs every gst-launch-1.0 line that stands in README.md, docs/ and the
element documentation in gst/, so that they cannot rot.

The lines run as they stand, in a folder with short files of the names that
they use; only what no test machine has is exchanged: sound cards and screens.
Closing line: N lines ran, N failed.
"""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
SECONDS = 60                       # for one line, on a slow machine
EXCHANGE = {"autoaudiosink": "fakesink",
            "autoaudiosrc": "audiotestsrc is-live=true num-buffers=100 wave=ticks"}


def code_lines(text):
    """gst-launch lines of fenced blocks (```) and of gtk-doc blocks (|[ ]|)."""
    blocks = re.findall(r"```(?:sh|bash|shell)?\n(.*?)```", text, re.S)
    blocks += [re.sub(r"^ \* ?", "", b, flags=re.M) for b in re.findall(r"\|\[(.*?)\]\|", text, re.S)]
    for block in blocks:
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip()
            if re.match(r"(timeout \S+ )?gst-launch-1\.0 ", line):
                yield re.sub(r"\s+", " ", line)


def all_lines():
    names = ["README.md", *glob.glob("docs/**/*.md", root_dir=SOURCE, recursive=True),
             *glob.glob("gst/**/*.c", root_dir=SOURCE, recursive=True)]
    for name in sorted(names):
        with open(os.path.join(SOURCE, name), encoding="utf-8") as f:
            for line in code_lines(f.read()):
                yield name, line


def make(path):
    """A few seconds of sound in the format of the file's ending."""
    rate, wave, frequency = (44100, "ticks", 440) if "speech" in path or "dialogue" in path else (48000, "pink-noise", 0)
    source = (f"audiotestsrc num-buffers=150 samplesperbuffer=1024 wave={wave} freq={frequency or 440} volume=0.3 "
              f"! audio/x-raw,rate={rate},channels={1 if rate == 44100 else 2} ! audioconvert")
    encoder = {"wav": "wavenc", "flac": "flacenc", "mkv": "matroskamux"}[path.rsplit(".", 1)[1]]
    subprocess.run(shlex.split(f"gst-launch-1.0 -q {source} ! {encoder} ! filesink location={path}"), check=True)


def main():
    failed = ran = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, line in all_lines():
            for word, other in EXCHANGE.items():
                line = re.sub(rf"\b{word}\b", other, line)
            for path in re.findall(r"filesrc location=(\S+)", line):
                if not os.path.exists(path):
                    make(path)
            ran += 1
            try:
                r = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=SECONDS)
                trouble = r.returncode and (r.stderr or r.stdout)
            except subprocess.TimeoutExpired:
                trouble = "it does not end"
            if trouble:
                failed += 1
            print(f"{'FAILED' if trouble else 'ok':7s}{name}: {line}" + (f"\n{trouble}" if trouble else ""))
    print(f"{ran} lines ran, {failed} failed")
    sys.exit(1 if failed or not ran else 0)


if __name__ == "__main__":
    main()
