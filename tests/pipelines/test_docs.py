#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Runs every gst-launch-1.0 line that stands in README.md, docs/ and the
element documentation in gst/, so that they cannot rot.

The lines run as they stand, each in a folder with short files of the names that
it uses, some at a time, because most wait for a clock; only what no test machine has is exchanged: sound cards and screens.
Lines that send to a port and receive from it run together, for some seconds.
Lines with an element that is not installed are skipped, if it is not ours.

Also: links and pictures lead to files of the repository, and docs/which.md names each
preset and none else.
Closing line: N lines ran, N failed.
"""
import collections
import concurrent.futures
import functools
import glob
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.abspath(os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", ".."))
SECONDS = 60                       # for one line, on a slow machine
LISTEN_S = 4                       # how long receivers run
AT_A_TIME = 4
EXCHANGE = {"autoaudiosink": "fakesink",
            "autoaudiosrc": "audiotestsrc is-live=true num-buffers=100 wave=ticks"}
PORT = re.compile(r"\b(udp|srt)(src|sink) [^!]*?(?:port=|:)(\d{4})")


def code_lines(text):
    """gst-launch lines of fenced blocks (```) and of gtk-doc blocks (|[ ]|)."""
    blocks = [block for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.S | re.M)
              if language in ("", "sh", "bash", "shell")]
    blocks += [re.sub(r"^ \* ?", "", b, flags=re.M) for b in re.findall(r"\|\[(.*?)\]\|", text, re.S)]
    for block in blocks:
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip()
            if re.match(r"(timeout \S+ )?gst-launch-1\.0 ", line):
                yield re.sub(r"\s+", " ", line)


def pages():
    names = ["README.md", *glob.glob("docs/**/*.md", root_dir=SOURCE, recursive=True),
             *glob.glob("gst/**/*.c", root_dir=SOURCE, recursive=True)]
    for name in sorted(names):
        with open(os.path.join(SOURCE, name), encoding="utf-8") as f:
            yield name, f.read()


def encode(path):
    """A few seconds of sound in the format of the file's ending."""
    rate, wave, frequency = (44100, "ticks", 440) if "speech" in path or "dialogue" in path else (48000, "pink-noise", 0)
    source = (f"audiotestsrc num-buffers=150 samplesperbuffer=1024 wave={wave} freq={frequency or 440} volume=0.3 "
              f"! audio/x-raw,rate={rate},channels={1 if rate == 44100 else 2} ! audioconvert")
    if path.endswith("mkv"):       # a film
        source = (f"videotestsrc num-buffers=75 ! video/x-raw,width=64,height=48,framerate=25/1 ! m. {source} "
                  f"! m. matroskamux name=m ! filesink location={path}")
        subprocess.run(shlex.split(f"gst-launch-1.0 -q {source}"), check=True)
        return
    encoder = {"wav": "wavenc", "flac": "flacenc"}[path.rsplit(".", 1)[1]]
    subprocess.run(shlex.split(f"gst-launch-1.0 -q {source} ! {encoder} ! filesink location={path}"), check=True)


def prepared(line, folder):
    """The line for this machine; the files that it reads stand in the folder."""
    for word, other in EXCHANGE.items():
        line = re.sub(rf"\b{word}\b", other, line)
    for path in re.findall(r"filesrc location=(\S+)", line):
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        encode(os.path.join(folder, path))
    return line


def missing_element(text):
    """An element of somebody else that this machine does not have."""
    found = re.search(r'no element "(\w+)"', text)
    return found and not found[1].startswith("dmix") and found[1]


def run(folder, line):
    """What went wrong, or an empty string."""
    try:
        with tempfile.TemporaryDirectory(dir=folder) as own:
            r = subprocess.run(prepared(line, own), shell=True, capture_output=True, text=True, timeout=SECONDS, cwd=own)
        return (r.stderr or r.stdout or f"exit status {r.returncode}") if r.returncode else ""
    except subprocess.TimeoutExpired:
        return "it does not end"


def run_together(folder, lines):
    """Receivers first, then senders; then Ctrl-C. What went wrong, of each."""
    order = sorted(lines, key=lambda line: PORT.search(line)[2] != "src")
    running = []
    for line in order:
        running.append(subprocess.Popen("exec " + prepared(line, folder).replace("gst-launch-1.0", "gst-launch-1.0 -m"), shell=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                        cwd=folder))
        time.sleep(1)
    time.sleep(LISTEN_S)
    trouble = {}
    for line, process in zip(order, running):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=SECONDS)
            trouble[line] = (err or out) if process.returncode or "ERROR" in out + err else ""
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            trouble[line] = "it does not end at Ctrl-C"
        if PORT.search(line)[2] == "src" and not trouble[line] and not re.search(r"dialogue-active=\(boolean\)true", out):
            trouble[line] = f"no dialogue has come\n{err}"
    return trouble


def run_lines(folder):
    """Number of lines that ran, and that failed."""
    lines = [(name, line) for name, text in pages() for line in code_lines(text)]
    alone = [(name, line) for name, line in lines if not PORT.search(line)]
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        troubles = pool.map(functools.partial(run, folder), [line for _, line in alone])
        found = [(name, line, trouble) for (name, line), trouble in zip(alone, troubles)]
    ports = collections.defaultdict(list)
    for name, line in lines:
        if PORT.search(line):
            ports[PORT.search(line)[3]].append((name, line))
    for group in ports.values():
        trouble = run_together(folder, [line for _, line in group])
        found += [(name, line, trouble[line]) for name, line in group]
    ran = failed = 0
    for name, line, trouble in found:
        missing = missing_element(trouble)
        ran += not missing
        failed += bool(trouble) and not missing
        print(f"{f'skipped, no {missing}:' if missing else 'FAILED' if trouble else 'ok':7s}{name}: {line}"
              + (f"\n{trouble}" if trouble and not missing else ""))
    return ran, failed


def broken_links():
    for name, text in pages():
        if name.endswith(".md"):
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
                path = os.path.join(SOURCE, os.path.dirname(name), target)
                if "://" not in target and not os.path.exists(path):
                    yield f"{name}: {target} is not there"


def presets_of_which():
    """docs/which.md names each preset with its element, and none that is not there."""
    text = dict(pages())["docs/which.md"]
    for path in glob.glob(os.path.join(SOURCE, "gst", "presets", "*.prs")):
        element = os.path.basename(path)[3:-4].lower()
        with open(path, encoding="utf-8") as f:
            presets = [name for name in re.findall(r"^\[([\w-]+)\]", f.read(), re.M) if name != "_presets_"]
        rows = "\n".join(row for row in text.splitlines() if re.search(rf"`{element}[` ]", row))
        yield from (f"docs/which.md: lacks {element} @preset={name}" for name in presets
                    if f"@preset={name}`" not in rows and f"`{name}`" not in rows)
        yield from (f"docs/which.md: {element} has no preset {name}"
                    for name in re.findall(rf"\b{element} @preset=([\w-]+)", text) if name not in presets)


def main():
    faults = [*broken_links(), *presets_of_which()]
    for fault in faults:
        print(fault)
    with tempfile.TemporaryDirectory() as folder:
        ran, failed = run_lines(folder)
    print(f"{ran} lines ran, {failed} failed")
    sys.exit(1 if failed or faults or not ran else 0)


if __name__ == "__main__":
    main()
