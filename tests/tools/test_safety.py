#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What the commands on videos promise about files: an input is never written to, and after signals, kill -9,
on a full or a read-only disk nothing is left; names as people have them; files without what is asked for.
test_mix.py and test_batch.py have the same for their commands."""
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

from media import DMIX, click_source, dmix, ffmpeg, need_ffmpeg, refuses, video_source, works

NAMES = [b"two words", b"Act 1: Dawn", b"-dash", b'say "hi"', b"it's", b"100%d", b"new\nline", b"non\xff\xfeUTF", b"a@5",
         b"$HOME `x`; y", "Dämmerung".encode()]
SECONDS = 30


def commands(film, dialogue, out):
    """Each command that writes a video or the sound of one."""
    yield "remix", film, "--dialogue", dialogue, "--output", out
    yield "dialogue", film, "--output", out


def content(path):
    with open(path, "rb") as f:
        return f.read()


def check_inputs(folder, film, dialogue):
    """An output that is an input by any way is refused, and the input stays as it was."""
    before = content(film), content(dialogue)
    ending = film[-4:]
    ways = {name: os.path.join(folder, name + ending) for name in ("hard", "soft", "chain")}
    os.link(film, ways["hard"])
    os.symlink(os.path.basename(film), ways["soft"])
    os.symlink("soft" + ending, ways["chain"])
    os.symlink(".", os.path.join(folder, "here"))
    ways["folder"] = os.path.join(folder, "here", os.path.basename(film))
    ways["dots"] = os.path.join(folder, "here", "..", os.path.basename(folder), os.path.basename(film))
    ways["itself"] = film
    for out in ways.values():
        for words in commands(film, dialogue, out):
            refuses("is the input", *words)
    for out in ways.values():
        refuses("is the input", "remix", out, "--dialogue", dialogue, "-o", film)
    refuses("is the input", "mix", "--dialogue", dialogue, "--music", film, "-o", dialogue)
    session = os.path.join(folder, "session.wav")
    with open(session, "w", encoding="utf-8") as f:
        f.write(f"[dialogue]\nfile={dialogue}\n[music]\nfile={film}\n")
    refuses("is the input", "mix", "--session", session, "-o", session)
    assert (content(film), content(dialogue)) == before
    for path in ways.values():
        if path != film and os.path.dirname(path) == folder:
            os.remove(path)
    os.remove(os.path.join(folder, "here"))
    os.remove(session)
    print(f"{ending}: an output that is an input is refused, by name, link, chain of links and folder")


def check_same(folder, film, dialogue, out):
    """The same film gives the same bytes."""
    for words in commands(film, dialogue, out):
        made = []
        for _ in range(2):
            works(*words)
            made.append(content(out))
            os.remove(out)
        assert made[0] == made[1], words[0]
    print(f"{out[-4:]}: the same bytes when it is made again")


def children(pid):
    found = []
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{other}/stat", encoding="utf-8", errors="replace") as f:
                if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(other)
        except OSError:
            pass
    return found


def check_signals(folder, film, dialogue, out):
    """Stopped at any moment: the signal's status, no file, no scratch, no child; what was there stays.
    A process that is killed between its last step and its exit leaves the whole file."""
    rand, stopped, before = random.Random(1), 0, sorted(os.listdir(folder))
    moments, whole = {}, {}
    for words in commands(film, dialogue, out):
        started = time.monotonic()
        works(*words)
        moments[words[0]] = time.monotonic() - started
        whole[words[0]] = content(out)
        os.remove(out)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        for words in commands(film, dialogue, out):
            for _ in range(2):
                process = subprocess.Popen([DMIX, *words, "--quiet"], stderr=subprocess.PIPE,
                                           preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
                time.sleep(0.05 + rand.random() * moments[words[0]])
                process.send_signal(number)
                process.communicate(timeout=20)
                if process.returncode == 0:     # it was faster
                    os.remove(out)
                    continue
                assert process.returncode == -number, (words, number, process.returncode)
                left = set(os.listdir(folder)) ^ set(before)
                if number == signal.SIGKILL and left == {os.path.basename(out)}:
                    assert content(out) == whole[words[0]], "killed behind its last step: the file is whole"
                    os.remove(out)
                    left = None
                assert not left and not children(process.pid), (words, number, left)
                stopped += 1
    assert stopped > 6, stopped
    with open(out, "wb") as f:
        f.write(b"older")
    process = subprocess.Popen([DMIX, "remix", film, "--dialogue", dialogue, "-q", "-o", out], stderr=subprocess.PIPE)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0 or content(out) == b"older"
    os.remove(out)
    print(f"{out[-4:]}: stopped at {stopped} random moments by four signals: nothing is left")


def check_disks(folder, film, dialogue, ending):
    """Full at the first block, and when the sound is there but not the video; then read-only. Needs root."""
    small = os.path.join(folder, "small")
    os.mkdir(small)
    out = os.path.join(small, "out" + ending)
    for size in ("64k", f"{os.path.getsize(film) // 2048}k"):
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small], capture_output=True).returncode:
            print("(no tmpfs without root: full disks are not tested)")
            os.rmdir(small)
            return
        try:
            for words in commands(film, dialogue, out):
                line = refuses("", *words, "-q", code=75)
                assert "make room" in line, line
                assert os.listdir(small) == [], os.listdir(small)
            subprocess.run(["mount", "-o", "remount,ro", small], check=True)
            for words in commands(film, dialogue, out):
                refuses("name a folder that you may write to", *words, "-q")
        finally:
            subprocess.run(["umount", small], check=True)
    os.rmdir(small)
    print(f"{ending}: full disks: status 75; read-only ones: 1; nothing is left")


def check_names(folder, film, dialogue):
    for name in NAMES:
        ending = film[-4:].encode()
        here = os.path.join(os.fsencode(folder), name + ending)
        shutil.copy(film, here)
        shutil.copy(dialogue, os.path.join(os.fsencode(folder), name + b".wav"))
        for words in ((b"remix", b"--dialogue=" + name + b".wav", b"--output=out " + name + ending, b"--", name + ending),
                      (b"dialogue", b"--output=out " + name + ending, b"--", name + ending),
                      (b"meter", b"--", name + b".wav")):
            done = dmix(words[0], b"-q", *words[1:], cwd=folder)
            assert done.returncode == 0, (words, done.err)
        made = os.path.join(os.fsencode(folder), b"out " + name + ending)
        assert os.path.getsize(made) > 1000
        for path in (here, made, os.path.join(os.fsencode(folder), name + b".wav")):
            os.remove(path)
    print(f"{film[-4:]}: names with spaces, quotes, a leading dash, a newline, bytes that are not UTF-8")


def check_contents(folder, film, dialogue):
    """Films without sound, without picture, of no length, of other bytes, cut off."""
    mute, empty, text, cut, out = (os.path.join(folder, x) for x in ("mute.mkv", "empty.mkv", "text.mp4", "half.mkv", "never.mkv"))
    ffmpeg("-i", film, "-map", "0:v", "-c", "copy", mute)
    for path, data in ((empty, b""), (text, b"no film in here\n" * 999), (cut, content(film)[:200])):
        with open(path, "wb") as f:
            f.write(data)
    for path, said in ((mute, "sound"), (empty, "the file is empty"), (text, "text.mp4"), (cut, "half.mkv"),
                       (os.path.join(folder, "none.mkv"), "No such file"), (folder, "is a folder")):
        for words in commands(path, dialogue, out):
            refuses(said, *words, "-q")
        refuses(said, "meter", path)
        refuses(said, "mix", "--dialogue", path, "--music", dialogue, "-o", os.path.join(folder, "never.wav"))
    assert not os.path.exists(out)
    for path in (mute, empty, text, cut):
        os.remove(path)
    print("no sound, no bytes, other bytes, cut off, not there, a folder: one line, status 1, no file")


def main():
    need_ffmpeg()
    with tempfile.TemporaryDirectory() as folder:
        dialogue = os.path.join(folder, "dialogue.wav")
        ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=1", dialogue)
        for ending, codec in ((".mkv", "flac"), (".mp4", "aac")):
            film, short = os.path.join(folder, "film" + ending), os.path.join(folder, "short" + ending)
            ffmpeg("-f", "lavfi", "-i", video_source(SECONDS), "-f", "lavfi", "-i", click_source(SECONDS), "-c:v", "libx264",
                   "-preset", "ultrafast", "-c:a", codec, film)
            ffmpeg("-i", film, "-c", "copy", "-t", "2", short)
            check_inputs(folder, film, dialogue)
            check_same(folder, short, dialogue, os.path.join(folder, "out" + ending))
            check_signals(folder, film, dialogue, os.path.join(folder, "out" + ending))
            check_disks(folder, film, dialogue, ending)
            check_names(folder, short, dialogue)
        check_contents(folder, os.path.join(folder, "film.mkv"), dialogue)
        left = [x for x in os.listdir(folder) if x.startswith(".dmix")]
        assert not left, left


if __name__ == "__main__":
    main()
