# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Films and sounds that the tests of the command dmix make, and what ffprobe sees in them."""
import array
import json
import os
import subprocess
import sys

BUILD = os.environ.get("DMIX_BUILD") or os.path.join(os.path.dirname(__file__), "..", "..", "build")
DMIX = os.path.join(BUILD, "gst", "tools", "dmix")
RATE = 48000
CLICKS = (0.5, 2.25, 4.0)       # s, in the sound of each film


def need_ffmpeg():
    try:
        encoders = subprocess.run(["ffmpeg", "-v", "error", "-encoders"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        encoders = ""
    if "libx264" not in encoders:
        print("skipped: no ffmpeg with libx264")
        sys.exit(77)


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *words], check=True)


def dmix(*words, limit=30, **options):
    done = subprocess.run([DMIX, *words], capture_output=True, timeout=limit, **options)
    done.out, done.err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return done


def works(*words, limit=30):
    done = dmix(*words, "--json", limit=limit)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.err}"
    last = json.loads(done.out.splitlines()[-1])
    assert last["event"] == "done", last
    return last, done.err


def refuses(text, *words, code=1):
    """Ends with this code and one line on stderr that contains the text."""
    done = dmix(*words)
    lines = [x for x in done.err.splitlines() if x.startswith("dmix: ")]
    assert done.returncode == code and len(lines) == 1 and text in lines[0], f"{words}: {done.returncode}\n{done.err}"
    return lines[0]


def probe(path, *words):
    out = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *words, path], check=True, capture_output=True).stdout
    return json.loads(out)


def packets(path, stream="v:0"):
    """(presentation time, hash of the data) of each packet."""
    found = probe(path, "-select_streams", stream, "-show_packets", "-show_data_hash", "md5",
                  "-show_entries", "packet=pts_time,data_hash")["packets"]
    return [(round(float(p.get("pts_time", "nan")), 3), p["data_hash"]) for p in found]


def streams(path):
    """What a stream is, without what an encoder changes."""
    found = probe(path, "-show_streams")["streams"]
    return [dict(kind=s["codec_type"], language=s.get("tags", {}).get("language"), title=s.get("tags", {}).get("title"),
                 filename=s.get("tags", {}).get("filename"), codec=s.get("codec_name"),
                 flags=sorted(k for k, v in s["disposition"].items() if v), channels=s.get("channels"),
                 layout=s.get("channel_layout")) for s in found]


def chapters(path):
    return [(c["start_time"], c["end_time"], c.get("tags", {}).get("title"))
            for c in probe(path, "-show_chapters")["chapters"]]


def sound(path, stream="a:0"):
    """Mono samples from presentation time 0 of the container on."""
    out = subprocess.run(["ffmpeg", "-v", "error", "-copyts", "-i", path, "-map", "0:" + stream, "-af",
                          "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"],
                         check=True, capture_output=True).stdout
    return array.array("f", out)


def clicks(path, stream="a:0", start=0.0, at=CLICKS):
    x, reach = sound(path, stream), RATE // 5
    return [max(range(int((start + t) * RATE) - reach, int((start + t) * RATE) + reach), key=lambda i: abs(x[i]))
            for t in at]


def click_source(duration=6):
    click = "+".join(f"between(t\\,{t}\\,{t + 0.0005})" for t in CLICKS)
    return f"aevalsrc=0.8*({click}):s={RATE}:d={duration}"


def video_source(duration=6):
    return f"testsrc2=size=128x72:rate=25:duration={duration}"
