#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/remix-video.sh leaves the video as it is: every packet and every
presentation time, in mp4, mkv and mov with B-frames, and a click in the
video's own sound stays where it was. Needs ffmpeg with libx264."""
import array
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("DMIX_SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
REMIX = os.path.join(SOURCE, "examples", "remix-video.sh")
RATE = 48000
CLICKS = (0.5, 2.25, 4.0)       # s


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, **options)


def packets(path):
    """(presentation time, hash of the data) of each video packet."""
    out = run("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_packets", "-show_data_hash", "md5",
              "-show_entries", "packet=pts_time,data_hash", "-of", "csv=p=0", path, text=True).stdout
    return out.split()


def sound(path):
    """Mono samples from presentation time 0 on."""
    out = run("ffmpeg", "-v", "error", "-copyts", "-i", path, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0",
              "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-").stdout
    return array.array("f", out)


def clicks(path):
    x = sound(path)
    reach = RATE // 5
    return [max(range(int(t * RATE) - reach, int(t * RATE) + reach), key=lambda i: abs(x[i])) / RATE for t in CLICKS]


def make(folder, ending):
    """5 s of video with B-frames and clicks; the sound starts 0.1 s late."""
    path = os.path.join(folder, "film." + ending)
    click = "+".join(f"between(t\\,{t - 0.1}\\,{t - 0.1 + 0.0005})" for t in CLICKS)
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=128x72:rate=25:duration=5",
        "-itsoffset", "0.1", "-f", "lavfi", "-i", f"aevalsrc=0.8*({click}):s={RATE}:d=4.9", "-c:v", "libx264",
        "-bf", "3", "-g", "50", "-c:a", "flac" if ending == "mkv" else "aac", "-b:a", "256k", path)
    return path


def check(folder, ending, dialogue):
    film, out = make(folder, ending), os.path.join(folder, "out." + ending)
    run(REMIX, film, dialogue, out)
    before, after = packets(film), packets(out)
    assert len(before) == 125 and any(a > b for a, b in zip(before, before[1:])), "no B-frames in the test video"
    assert before == after, f"{ending}: video packets or their times differ"
    for a, b in zip(clicks(film), clicks(out)):
        assert abs(a - b) <= 0.001, f"{ending}: a click moved from {a:.4f} to {b:.4f} s"
    print(f"{ending}: {len(after)} video packets and their times equal, clicks in place")


def refuses(*words):
    r = subprocess.run([REMIX, *words], capture_output=True, text=True)
    assert r.returncode and r.stderr.startswith("remix-video.sh: "), f"{words}: {r.returncode} {r.stderr}"


def main():
    if not shutil.which("ffmpeg") or "libx264" not in run("ffmpeg", "-v", "error", "-encoders", text=True).stdout:
        print("skipped: no ffmpeg with libx264")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        dialogue = os.path.join(folder, "dialogue.wav")
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=1", dialogue)
        for ending in ("mp4", "mkv", "mov"):
            check(folder, ending, dialogue)
        film = os.path.join(folder, "film.mp4")
        refuses(film, os.path.join(folder, "none.wav"), os.path.join(folder, "x.mp4"))
        refuses(film, dialogue, film)
        refuses(film, dialogue, os.path.join(folder, "x.xyz"))
        refuses(dialogue, dialogue, os.path.join(folder, "x.mp4"))
        refuses(film, dialogue, os.path.join(folder, "no", "x.mp4"))
    print("bad calls are refused")


if __name__ == "__main__":
    main()
