#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Faults of the commands that test_mix.py and test_safety.py do not stop: adr, analyse, reports, and films that are copied
into another container. Bad input, full and read-only disks, signals, names: one line, the right status, nothing
half-written."""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from media import DMIX, click_source, dmix, ffmpeg, need_ffmpeg, video_source
from test_mix import PROMPT, noise, write

TAKE = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"


def commands(words, bed, film, out):
    """The words of each command without its outputs, and its outputs, in the folder `out`."""
    def to(name):
        return os.path.join(out, name)
    yield ["adr", words, TAKE, "-o", to("line.wav")], ["line.wav"]
    yield ["analyse", "--dialogue", words, "--music", bed, "-o", to("scene.ini")], ["scene.ini"]
    yield ["meter", words, "--report", to("meter.html")], ["meter.html", "meter.json"]
    yield (["mix", "--dialogue", words, "--music", bed, "-o", to("mix.flac"), "--report", to("mix.html")],
           ["mix.flac", "mix.html", "mix.json"])
    yield ["remix", film, "--dialogue", words, "-o", to("copy.ts")], ["copy.ts"]
    yield ["remix", film, "--dialogue", words, "-o", to("copy.mp4")], ["copy.mp4"]
    yield ["dialogue", words, "-o", to("clear.wav")], ["clear.wav"]


def one_line(done, code, said=""):
    lines = [x for x in done.err.splitlines() if x.startswith("dmix: ") and "warning" not in x]
    assert done.returncode == code and len(lines) == 1 and said in lines[0], f"{done.args}: {done.returncode}\n{done.err}"
    return lines[0]


def check_inputs(folder, words, bed, film):
    """Each input in turn is not there, empty, of other bytes, cut off at its start, a folder, without sound."""
    out, bad = os.path.join(folder, "none"), os.path.join(folder, "bad.mkv")
    mute = os.path.join(folder, "mute.mkv")
    ffmpeg("-i", film, "-map", "0:v", "-c", "copy", mute)
    os.mkdir(out)
    with open(film, "rb") as f:
        head = f.read(100)
    for data, said in ((b"", "the file is empty"), (b"no sound\n" * 999, "bad.mkv"), (head, "bad.mkv"), (None, "No such file")):
        if data is None:
            os.remove(bad)
        else:
            with open(bad, "wb") as f:
                f.write(data)
        for line, _ in [*commands(bad, bed, film, out), *commands(words, bad, bad, out)]:
            if bad in line:
                one_line(dmix(*line, "-q"), 1, said)
    for line, _ in [*commands(folder, bed, film, out), *commands(words, folder, folder, out)]:
        if folder in line:
            one_line(dmix(*line, "-q"), 1, "is a folder")
    for line, _ in [*commands(mute, bed, film, out), *commands(words, mute, mute, out)]:
        if mute in line:
            one_line(dmix(*line, "-q"), 1, "sound")
    assert os.listdir(out) == [], os.listdir(out)
    os.rmdir(out)
    print("not there, empty, other bytes, cut off, a folder, no sound: one line, status 1, no file")


def check_decoders(folder, words, bed, film):
    """The decoder of a film or an encoder is not installed."""
    out = os.path.join(folder, "undecoded")
    os.mkdir(out)
    os.environ["GST_PLUGIN_FEATURE_RANK"] = ",".join(f"{x}:NONE" for x in ("flacdec", "avdec_flac"))
    try:
        for line, _ in commands(film, film, film, out):
            one_line(dmix(*line, "-q"), 1, "is installed")
    finally:
        del os.environ["GST_PLUGIN_FEATURE_RANK"]
    assert os.listdir(out) == []
    os.rmdir(out)
    print("no decoder for it: one line that says what to install")


def check_disks(folder, words, bed, film):
    """A disk without any room, with room for a part, a read-only one. Needs root."""
    small = os.path.join(folder, "small")
    os.mkdir(small)
    for room in (0, 12):        # KiB of it, which is enough for a session of `analyse` alone
        for line, _ in commands(words, bed, film, small):
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], capture_output=True).returncode:
                print("(no tmpfs without root: full disks are not tested)")
                os.rmdir(small)
                return
            try:
                with open(os.path.join(small, "filler"), "wb") as f:
                    f.write(bytes((64 - room) * 1024))
                done = dmix(*line, "-q")
                if not (room and line[0] == "analyse"):
                    assert "make room" in one_line(done, 75), done.err
                    assert os.listdir(small) == ["filler"], (line[0], os.listdir(small))
                subprocess.run(["mount", "-o", "remount,ro", small], check=True)
                one_line(dmix(*line, "-q"), 1, "name a folder that you may write to")
            finally:
                subprocess.run(["umount", small], check=True)
    os.rmdir(small)
    print("no room, little room: status 75; read-only: 1; nothing is left")


def check_signals(folder, words, bed, film):
    """Stopped at any moment: the signal's status; of each output all or nothing."""
    out, rand, stopped = os.path.join(folder, "stopped"), random.Random(4), 0
    os.mkdir(out)
    for line, names in commands(words, bed, film, out):
        for name in os.listdir(out):        # of a command that was faster than its signal
            os.remove(os.path.join(out, name))
        started = time.monotonic()
        assert dmix(*line, "-q", limit=100).returncode == 0, line
        took, whole = time.monotonic() - started, {name: os.path.getsize(os.path.join(out, name)) for name in names}
        assert sorted(os.listdir(out)) == sorted(names), os.listdir(out)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            for name in os.listdir(out):
                os.remove(os.path.join(out, name))
            process = subprocess.Popen([DMIX, *line, "-q"], stderr=subprocess.PIPE,
                                       preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
            time.sleep(took * rand.uniform(0.1, 0.7))
            process.send_signal(number)
            process.communicate(timeout=30)
            assert process.returncode in (0, -number), (line, number, process.returncode)
            stopped += process.returncode != 0
            for name in os.listdir(out):        # reports have the time in them
                size = os.path.getsize(os.path.join(out, name))
                assert name in names and abs(size - whole[name]) < 100, (line[0], number, name, size)
    assert stopped > 14, f"{stopped} of 28 were stopped"
    shutil.rmtree(out)
    print(f"stopped {stopped} times by four signals: of each output all or nothing")


def check_names(folder, words, film):
    """Names as people have them, in a folder whose name has a space and a quote."""
    here = os.path.join(folder, "it's a folder")
    os.mkdir(here)
    for name in (b"two words", b"-dash", b'say "hi"', b"new\nline", b"non\xff\xfeUTF", b"a: b"):
        shutil.copy(words, os.path.join(os.fsencode(here), name + b".wav"))
        shutil.copy(film, os.path.join(os.fsencode(here), name + b".mkv"))
        for line, made in (((b"adr", b"-q", b"-o", b"new " + name + b".wav", b"--", name + b".wav", name + b".wav"), b".wav"),
                           ((b"meter", b"-q", b"--report=new " + name + b".html", b"--", name + b".wav"), b".html"),
                           ((b"remix", b"-q", b"--dialogue=" + name + b".wav", b"--output=new " + name + b".ts", b"--",
                             name + b".mkv"), b".ts")):
            done = dmix(*line, cwd=here)
            assert done.returncode == 0 and os.path.getsize(os.path.join(os.fsencode(here), b"new " + name + made)) > 1000, (
                line, done.err)
    print("names with spaces, quotes, a leading dash, a newline, a colon, bytes that are not UTF-8")


def main():
    if not os.path.exists(PROMPT):
        print("skipped: no recordings of Debian's asterisk packages")
        sys.exit(77)
    need_ffmpeg()
    with tempfile.TemporaryDirectory() as folder:
        words, bed, film = (os.path.join(folder, x) for x in ("words.wav", "bed.wav", "film.mkv"))
        shutil.copy(TAKE, words)
        write(bed, noise(8, 1500))
        ffmpeg("-f", "lavfi", "-i", video_source(8), "-f", "lavfi", "-i", click_source(8), "-c:v", "libx264", "-preset",
               "ultrafast", "-c:a", "flac", film)
        check_inputs(folder, words, bed, film)
        check_decoders(folder, words, bed, film)
        check_disks(folder, words, bed, film)
        check_signals(folder, words, bed, film)
        check_names(folder, words, film)
        assert not [x for x in os.listdir(folder) if x.startswith(".dmix")]


if __name__ == "__main__":
    main()
