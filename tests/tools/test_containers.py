#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix remix out of any container into any other, and transport streams: what the container can hold stays,
with its times; what it cannot is told or refused before the work. Needs ffmpeg with libx264."""
import os
import subprocess
import sys
import tempfile

from media import (RATE, chapters, click_source, ffmpeg, need_ffmpeg, packets, refuses, sound, streams, video_source, works)
from test_remix import jumping_clocks, make_rich

STRIDE = {".ts": 188, ".m2ts": 192}
# Most that a click may move. A packet's time in a transport stream is a tick of 90 kHz, half a sample.
MOST = 1


def centres(path, first, stream="a:0"):
    """Where each click of click_source() is, as its centre of energy, in samples after the first picture."""
    x, found = sound(path, stream), []
    for t in (0.5, 2.25, 4.0):
        at = int((first + t) * RATE)
        near = max(range(at - RATE // 5, at + RATE // 5), key=lambda i: abs(x[i]))
        part = range(near - 60, near + 60)
        found.append(sum(i * x[i] * x[i] for i in part) / sum(x[i] * x[i] for i in part) - first * RATE)
    return found


def first_picture(path):
    return min(t for t, _ in packets(path))


def same_places(film, out, late=0.0, most=MOST):
    for a, b in zip(centres(film, first_picture(film) + late), centres(out, first_picture(out) + late)):
        assert abs(a - b) <= most, f"{out}: a click moved by {b - a} samples"


def same_times(film, out):
    """Presentation times of the pictures, but for where the clock begins."""
    was, now = ([t for t, _ in packets(path)] for path in (film, out))
    begin = now[0] - was[0]
    assert len(was) > 20 and len(was) == len(now), (film, out, len(was), len(now))
    worst = max(abs(b - a - begin) for a, b in zip(was, now))
    assert worst < 0.0015, f"{out}: a picture moved by {worst} s"
    return begin


def pictures(path):
    """Hash of the decoded pictures."""
    return subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:v:0", "-vsync", "passthrough", "-f", "md5", "-"],
                          check=True, capture_output=True).stdout


def by_pid(path):
    """The packets of each PID, with the 4 bytes that M2TS has before them."""
    stride, found = STRIDE[os.path.splitext(path)[1]], {}
    with open(path, "rb") as f:
        data = f.read()
    assert len(data) % stride == 0
    for at in range(0, len(data), stride):
        packet = data[at:at + stride]
        head = stride - 188
        assert packet[head] == 0x47, f"{path}: no packet at {at}"
        found.setdefault((packet[head + 1] << 8 | packet[head + 2]) & 0x1fff, []).append(packet)
    return found


def check_counters(path):
    """The continuity counter of every PID goes on by one with each packet that has a payload."""
    for pid, found in by_pid(path).items():
        head, last = len(found[0]) - 188, None
        for packet in found if pid != 0x1fff else ():
            counter, payload = packet[head + 3] & 15, packet[head + 3] & 0x10
            if last is not None and payload and not packet[head + 5] & 0x80:
                assert counter == (last + 1) & 15, f"{path}: PID {pid:#x} jumps from {last} to {counter}"
            last = counter


def make_stream(folder, ending, offset=0):
    """B-frames, two sound tracks with languages, a name of the service; .m2ts as discs have it, with AC-3."""
    m2ts, path = ending == ".m2ts", os.path.join(folder, f"stream{offset}{ending}")
    ffmpeg("-f", "lavfi", "-i", video_source(), "-f", "lavfi", "-i", click_source(), "-f", "lavfi", "-i",
           "anoisesrc=a=0.01:r=48000:d=6", "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-bf", "3", "-g", "12",
           "-c:a:0", "ac3" if m2ts else "aac", "-ac:a:0", "6", "-c:a:1", "ac3" if m2ts else "mp2", "-ac:a:1", "2", "-metadata:s:a:0", "language=deu",
           "-metadata:s:a:1", "language=eng", "-metadata", "service_name=Some channel", "-output_ts_offset", str(offset),
           *(("-mpegts_m2ts_mode", "1") if m2ts else ()), "-f", "mpegts", path)
    return path


def check_stream(folder, silence, ending, offset):
    """Of a transport stream only the packets of the sound and of the map change."""
    film, out = make_stream(folder, ending, offset), os.path.join(folder, "stream-out" + ending)
    _, said = works("remix", film, "--dialogue", silence, "-o", out)
    assert "warning" not in said, said
    was, now = by_pid(film), by_pid(out)
    assert set(was) == set(now)
    changed = {pid for pid in was if was[pid] != now[pid]}
    sound_pid, map_pid = (0x1100, 0x100) if ending == ".m2ts" else (0x101, 0x1000)       # as ffmpeg gives them
    assert sound_pid in changed and changed <= {sound_pid, map_pid}, [hex(x) for x in changed]
    assert packets(film) == packets(out) and packets(film, "a:1") == packets(out, "a:1")
    assert [dict(s, codec=None) for s in streams(film)] == [dict(s, codec=None) for s in streams(out)], streams(out)
    check_counters(out)
    if offset < 90000:      # ffmpeg does not undo the wrap for the sound alone
        same_places(film, out)
    works("remix", film, "--dialogue", silence, "-o", out, "--track", "eng", "--codec", "ac3")
    assert [s["codec"] for s in streams(out)][::2] == ["h264", "ac3"] and packets(film, "a:0") == packets(out, "a:0")
    works("remix", film, "--dialogue", silence, "-o", out, "--add")
    assert [s["language"] for s in streams(out)] == [s["language"] for s in streams(film)][:2] + [
        s["language"] for s in streams(film)][1:], streams(out)
    assert packets(film) == packets(out) and set(by_pid(out)) > set(was)
    check_counters(out)
    works("remix", film, "--dialogue", silence, "-o", out, "--drop-others")
    assert [s["channels"] for s in streams(out)] == [None, 6], streams(out)
    print(f"{ending} at {offset} s: all packets but the sound and the map stay, times of the sound too")


def check_cut_stream(folder, silence):
    """A recording that begins in the middle of a group of pictures, which decoders skip."""
    whole, film, out = (os.path.join(folder, x) for x in ("stream0.ts", "middle.ts", "middle-out.ts"))
    with open(whole, "rb") as f:
        data = f.read()
    tables = data[:188 * 3]
    with open(film, "wb") as f:
        f.write(tables + data[188 * 150:])
    works("remix", film, "--dialogue", silence, "-o", out)
    assert packets(film) == packets(out)
    before, after = (max(range(3 * RATE, 5 * RATE), key=lambda i, x=sound(path): abs(x[i])) for path in (film, out))
    assert abs(before - after) <= 32, f"moved by {after - before} samples"
    print("a transport stream that begins in the middle of a group of pictures: the sound is in its place")


def check_jumps(folder, silence):
    """Recordings one behind the other: the copy has a clock that goes on."""
    out = os.path.join(folder, "jumps.ts")
    for both in jumping_clocks(folder):
        _, said = works("remix", both, "--dialogue", silence, "-o", out)
        assert "copied into a transport stream" in said, said
        shown, x = sorted(t for t, _ in packets(out)), sound(out)
        assert len(shown) == 200, len(shown)
        for first in (shown[0], shown[100]):
            at = max(range(int((first + 1.5) * RATE), int((first + 2.5) * RATE)), key=lambda i: abs(x[i])) / RATE
            assert abs(at - first - 2) < 0.025, f"click at {at}, its film begins at {first}"
    print("transport streams in a row as a transport stream: in place")


def make_timed(folder):
    """Variable frame rate, B-frames, sound 0.1 s late, from 0 and from 5 s on, in each container; one in fragments."""
    made, films = os.path.join(folder, "timed.mkv"), []
    ffmpeg("-f", "lavfi", "-i", video_source(), "-itsoffset", "0.1", "-f", "lavfi", "-i", click_source(), "-vf",
           "select='not(eq(mod(n,7),3))'", "-vsync", "vfr", "-c:v", "libx264", "-bf", "3", "-c:a", "flac",
           "-metadata:s:a:0", "language=deu", made)
    for shift, ending, codec in ((0, "mkv", "flac"), (5, "mkv", "flac"), (5, "mp4", "aac"), (5, "ts", "aac")):
        films.append(os.path.join(folder, f"timed{shift}.{ending}"))
        ffmpeg("-i", made, "-c", "copy", "-c:a", codec, "-output_ts_offset", str(shift), films[-1])
    films.append(os.path.join(folder, "parts5.mp4"))
    ffmpeg("-i", os.path.join(folder, "timed5.mp4"), "-c", "copy", "-movflags", "frag_keyframe+empty_moov+delay_moov",
           films[-1])
    return films


def check_copies(folder, silence):
    """From each container into each other: pictures, their times, sound, language."""
    films = make_timed(folder)
    for film in films:
        for ending in ("mp4", "mkv", "ts") + (("mov",) if film == films[0] else ()):
            out = os.path.join(folder, "timed-out." + ending)
            works("remix", film, "--dialogue", silence, "-o", out)
            begin = same_times(film, out)
            same_places(film, out, 0.1)
            assert pictures(film) == pictures(out), f"{film} as {ending}: pictures differ"
            assert streams(out)[1]["language"] in ("deu", "ger"), streams(out)
            if not film.endswith(".ts") and ending != "ts":
                assert abs(begin) < 0.002, f"{film} as {ending}: begins {begin} s later"
                assert [h for _, h in packets(film)] == [h for _, h in packets(out)], f"{film} as {ending}: packets"
    print(f"{len(films)} films from 0 and 5 s on, of variable frame rate, each into MP4, Matroska and TS: in place")


def check_extras(folder, silence):
    """Two sound tracks, subtitles, cover: what the other container can hold."""
    film, out = make_rich(folder, "mkv"), os.path.join(folder, "extras.mp4")
    _, said = works("remix", film, "--dialogue", silence, "-o", out)
    assert "sound stream (audio/x-flac) cannot go into MP4" in said and "attachments" in said, said
    assert [(s["kind"], s["language"]) for s in streams(out) if "attached_pic" not in s["flags"]] == [
        ("video", "deu"), ("audio", "deu"), ("subtitle", "fra")], streams(out)
    assert "attached_pic" in streams(out)[-1]["flags"]
    assert [c[::2] for c in chapters(out)] == [("0.000000", "One"), ("2.000000", "Two")], chapters(out)
    flags = ["default" in s["flags"] for s in streams(out)[:3]]
    assert flags == [True, True, False], f"video, sound, subtitles: {flags}"
    text = subprocess.run(["ffmpeg", "-v", "error", "-i", out, "-map", "0:s:0", "-f", "srt", "-"], check=True,
                          capture_output=True, text=True).stdout
    # not its last end, of which ffmpeg 5.1 takes off the time before the first text
    assert "00:00:00,500 --> 00:00:02,000\n" in text and "00:00:03,000 -->" in text, text
    assert text.find("Hello.") < text.find("Again.") and "<b>" not in text, text
    film, out = make_rich(folder, "mp4"), os.path.join(folder, "extras.ts")
    _, said = works("remix", film, "--dialogue", silence, "-o", out)
    assert "subtitle stream (text/x-raw) cannot go into a transport stream" in said, said
    assert [(s["kind"], s["channels"], s["language"]) for s in streams(out)] == [
        ("video", None, None), ("audio", 6, "ger"), ("audio", 2, "eng")], streams(out)
    same_places(film, out)
    vp8, out = os.path.join(folder, "vp8.mkv"), os.path.join(folder, "vp8.webm")
    ffmpeg("-f", "lavfi", "-i", video_source(), "-f", "lavfi", "-i", click_source(), "-c:v", "libvpx", "-c:a", "flac",
           "-metadata:s:a:0", "language=deu", vp8)
    works("remix", vp8, "--dialogue", silence, "-o", out)
    assert packets(vp8) == packets(out) and streams(out)[1]["language"] == "ger", streams(out)
    same_places(vp8, out)
    print("second tracks, subtitles, cover and languages go along where the container holds them; the rest is told")


def check_layouts(folder):
    """Each channel has a tone of its own; AAC in a transport stream has no quad."""
    silence = os.path.join(folder, "silence.wav")
    for layout, channels, codec in (("quad", 4, "ac3"), ("5.1", 6, "aac"), ("mono", 1, "aac")):
        tones = "|".join(f"0.1*sin(2*PI*t*{100 * (i + 1)})" for i in range(channels))
        film, out = os.path.join(folder, "layout.mkv"), os.path.join(folder, "layout.ts")
        ffmpeg("-f", "lavfi", "-i", video_source(2), "-f", "lavfi", "-i", f"aevalsrc={tones}:c={layout}:s=48000:d=2",
               "-c:v", "libx264", "-c:a", "flac", film)
        _, said = works("remix", film, "--dialogue", silence, "-o", out)
        assert streams(out)[1]["codec"] == codec and ("AC-3" in said) == (layout == "quad"), (streams(out), said)
        assert streams(out)[1]["channels"] == channels, streams(out)
    print("quad in a transport stream becomes AC-3; 5.1 and mono stay AAC")


def check_refusals(folder, silence):
    """Before the work begins, with what to do."""
    rich = os.path.join(folder, "rich.mkv")
    for out, said, more in (("x.webm", "its video (video/x-h264) cannot go into WebM; write .mkv", ()),
                            ("x.ts", "its sound (audio/x-flac) cannot go into a transport stream; write .mkv", ("--add",)),
                            ("x.ts", "--codec opus: .ts holds aac ac3", ("--codec", "opus")),
                            ("x.avi", "-c copy", ()), ("x.mpg", "-c copy", ())):
        refuses(said, "remix", rich, "--dialogue", silence, "-o", os.path.join(folder, out), *more)
        assert not os.path.exists(os.path.join(folder, out))
    print("what a container cannot hold is refused before the work")


def main():
    need_ffmpeg()
    with tempfile.TemporaryDirectory() as folder:
        silence = os.path.join(folder, "silence.wav")
        ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=1", silence)
        for ending, offset in ((".ts", 0), (".ts", 600), (".ts", 95443), (".m2ts", 0)):
            check_stream(folder, silence, ending, offset)
        check_cut_stream(folder, silence)
        check_jumps(folder, silence)
        check_copies(folder, silence)
        check_extras(folder, silence)
        check_layouts(folder)
        check_refusals(folder, silence)
        assert not [x for x in os.listdir(folder) if x.startswith(".dmix")]


if __name__ == "__main__":
    sys.exit(main())
