#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix remix leaves a film as it is but for one sound track: packets and times of the
video, subtitles, chapters, cover, attachments, languages, titles, flags; clicks in the
film's own sound stay within a sample. Needs ffmpeg with libx264."""
import json
import os
import sys
import tempfile

from media import (CLICKS, chapters, click_source, clicks, ffmpeg, need_ffmpeg, packets, probe, refuses, sound,
                   streams, video_source, works, RATE)

CODECS = {"mp4": "aac", "mov": "aac", "mkv": "flac", "webm": "libopus"}


def extras(folder):
    """Subtitles, chapters, a cover and a font, as files."""
    paths = [os.path.join(folder, name) for name in ("s.srt", "m.txt", "cover.png", "font.ttf")]
    with open(paths[0], "w", encoding="utf-8") as f:
        f.write("1\n00:00:00,500 --> 00:00:02,000\nHello.\n\n2\n00:00:03,000 --> 00:00:04,000\nAgain.\n\n")
    with open(paths[1], "w", encoding="utf-8") as f:
        f.write(";FFMETADATA1\ntitle=Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=One\n"
                "[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=6000\ntitle=Two\n")
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-frames:v", "1", paths[2])
    with open(paths[3], "wb") as f:
        f.write(b"\0\1\0\0" + bytes(range(256)))
    return paths


def make_rich(folder, ending):
    """B-frames, two sound tracks (5.1 default, stereo comment), subtitles, chapters, a cover, a font."""
    path = os.path.join(folder, "rich." + ending)
    srt, chapter, cover, font = extras(folder)
    webm = ending == "webm"
    words = ["-f", "lavfi", "-i", video_source(), "-f", "lavfi", "-i", click_source(), "-f", "lavfi", "-i",
             "anoisesrc=a=0.01:r=48000:d=6", "-i", chapter]
    maps = ["-map", "0", "-map", "1", "-map", "2", "-map_metadata", "3", "-map_chapters", "3"]
    codec = ["-c:v", "libvpx" if webm else "libx264", "-bf", "0" if webm else "3", "-c:a", CODECS[ending],
             "-ac:a:0", "6", "-ac:a:1", "2"]
    tags = ["-metadata:s:a:0", "language=deu", "-metadata:s:a:0", "title=Original", "-metadata:s:a:1", "language=eng",
            "-metadata:s:v:0", "language=deu", "-disposition:a:0", "default", "-disposition:a:1", "comment"]
    if not webm:
        words += ["-i", srt]
        maps += ["-map", "4"]
        codec += ["-c:s", "srt" if ending == "mkv" else "mov_text"]
        tags += ["-metadata:s:s:0", "language=fra", "-disposition:s:0", "forced"]
    if ending == "mkv":
        tags += ["-attach", cover, "-metadata:s:t:0", "mimetype=image/png", "-metadata:s:t:0", "filename=cover.png",
                 "-attach", font, "-metadata:s:t:1", "mimetype=font/ttf", "-metadata:s:t:1", "filename=font.ttf"]
    if ending == "mp4":
        words += ["-i", cover]
        maps += ["-map", "5"]
        codec += ["-c:v:1", "png"]
        tags += ["-disposition:v:1", "attached_pic"]
    ffmpeg(*words, *maps, *codec, *tags, path)
    return path


def same_but_sound(before, after, replaced=0):
    """All streams equal; of the replaced one all but its codec."""
    was, now, number = streams(before), streams(after), -1
    assert len(was) == len(now), (was, now)
    for a, b in zip(was, now):
        number += a["kind"] == "audio"
        if a["kind"] == "audio" and number == replaced:
            a.pop("codec")
            b.pop("codec")
        assert a == b, f"{after}:\n{a}\n{b}"
    assert chapters(before) == chapters(after), chapters(after)


def same_video(before, after):
    was, now = packets(before), packets(after)
    assert len(was) > 20 and was == now, f"{after}: video packets differ: {was[:4]} {now[:4]}"


def same_clicks(before, after, stream="a:0", most=1, start=0.0):
    for a, b in zip(clicks(before, stream, start), clicks(after, stream, start)):
        assert abs(a - b) <= most, f"{after}: a click moved by {b - a} samples"


def check_rich(folder, ending, silence):
    film, out = make_rich(folder, ending), os.path.join(folder, "out." + ending)
    _, warnings = works("remix", film, "--dialogue", silence, "-o", out)
    assert "warning" not in warnings, warnings
    same_video(film, out)
    same_but_sound(film, out)
    same_clicks(film, out)
    assert packets(film, "a:1") == packets(out, "a:1"), "the other sound track"
    if ending != "webm":
        assert packets(film, "s:0") == packets(out, "s:0"), "subtitles"
    works("remix", film, "--dialogue", silence, "-o", out, "--track", "eng")
    same_but_sound(film, out, 1)
    assert packets(film, "a:0") == packets(out, "a:0")
    works("remix", film, "--dialogue", silence, "-o", out, "--add")
    same_video(film, out)
    now = [s for s in streams(out) if s["kind"] == "audio"]
    assert len(now) == 3 and packets(film, "a:0") == packets(out, "a:0"), now
    new = next(s for s in now if s["channels"] == 6 and "default" not in s["flags"])
    assert new["language"] == now[0]["language"] and (ending in ("mp4", "mov") or new["title"] == "Clear dialogue"), new
    works("remix", film, "--dialogue", silence, "-o", out, "--drop-others")
    assert [s["channels"] for s in streams(out) if s["kind"] == "audio"] == [6]
    same_video(film, out)
    print(f"{ending}: video, subtitles, chapters, flags, other tracks stay; clicks within a sample")


def check_start(folder, silence):
    """Films that begin at 5 s, whose sound begins late, with variable frame rate, with an edit list."""
    made = os.path.join(folder, "plain.mkv")
    ffmpeg("-f", "lavfi", "-i", video_source(), "-itsoffset", "0.1", "-f", "lavfi", "-i", click_source(), "-vf",
           "select='not(eq(mod(n,7),3))'", "-vsync", "vfr", "-c:v", "libx264", "-bf", "3", "-c:a", "flac", made)
    for ending, shift in (("mkv", 0), ("mkv", 5), ("mp4", 0), ("mp4", 5)):
        film, out = (os.path.join(folder, f"{name}{shift}.{ending}") for name in ("start", "startout"))
        ffmpeg("-i", made, "-c", "copy", "-c:a", CODECS[ending], "-output_ts_offset", str(shift), film)
        works("remix", film, "--dialogue", silence, "-o", out)
        same_video(film, out)
        same_clicks(film, out, start=shift + 0.1)
        print(f"{ending} at {shift} s, variable frame rate, sound 0.1 s late: in place")


def jumping_clocks(folder):
    """Two recordings of 4 s, one behind the other, whose clock jumps forward, and back; a click at 2 s in each."""
    both, parts = os.path.join(folder, "both.ts"), []
    for offset in (0, 500):
        parts.append(os.path.join(folder, f"part{offset}.ts"))
        ffmpeg("-f", "lavfi", "-i", video_source(4), "-f", "lavfi", "-i", "aevalsrc=0.5*between(t\\,2\\,2.001):s=48000:d=4",
               "-c:v", "libx264", "-bf", "2", "-c:a", "aac", "-output_ts_offset", str(offset), parts[-1])
    for order in (parts, parts[::-1]):
        with open(both, "wb") as f:
            for part in order:
                with open(part, "rb") as source:
                    f.write(source.read())
        yield both


def check_clock(folder):
    """A dialogue at 1 s is 1 s after the first picture, whatever the clock of the film."""
    click = os.path.join(folder, "click.wav")
    ffmpeg("-f", "lavfi", "-i", "aevalsrc=0.8*between(t\\,1\\,1.0005):s=48000:d=3", click)
    for offset in (0, 600, 95443):      # the last one passes the 33 bits of the clock
        film, out = os.path.join(folder, f"f{offset}.ts"), os.path.join(folder, "ts.mkv")
        ffmpeg("-f", "lavfi", "-i", video_source(), "-f", "lavfi", "-i", "anoisesrc=a=0.002:r=48000:d=6", "-c:v",
               "libx264", "-bf", "2", "-c:a", "aac", "-output_ts_offset", str(offset), film)
        report = os.path.join(folder, "clock.html")
        done, _ = works("remix", film, "--dialogue", click, "-o", out, "--report", report)
        with open(report[:-5] + ".json", encoding="utf-8") as f:
            curves = json.load(f)["curves"]
        assert abs(len(curves["loudness-after"]["values"]) / 10 - 6) < 0.3, "times of a report count from the first picture"
        first = min(t for t, _ in packets(out))
        x = sound(out)
        at = max(range(len(x)), key=lambda i: abs(x[i])) / RATE
        assert abs(at - first - 1) < 0.002, f"offset {offset}: click at {at}, first picture at {first}"
        assert abs(done["frames"] / done["rate"] - 6) < 0.3, done
        assert [h for _, h in packets(out)] and len(packets(out)) == 150
    out, quiet = os.path.join(folder, "both.mkv"), os.path.join(folder, "quiet.wav")
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=a=0.001:r=48000:d=1", quiet)
    for both in jumping_clocks(folder):
        works("remix", both, "--dialogue", quiet, "-o", out)
        pictures, x = sorted(t for t, _ in packets(out)), sound(out)
        assert len(pictures) == 200, len(pictures)
        for first in (pictures[0], pictures[100]):
            at = max(range(int((first + 1.5) * RATE), int((first + 2.5) * RATE)), key=lambda i: abs(x[i])) / RATE
            assert abs(at - first - 2) < 0.025, f"click at {at}, its film begins at {first}"
    print("transport streams at 0, 600 and 95443 s, and two in a row: the sound is where it belongs")


def check_holes(folder):
    """A dialogue with lost packets goes on where it was, and one that begins late in its file begins late."""
    film, words, out = (os.path.join(folder, x) for x in ("quiet.mkv", "words.webm", "holes.mkv"))
    ffmpeg("-f", "lavfi", "-i", video_source(8), "-f", "lavfi", "-i", "anoisesrc=a=0.001:r=48000:d=8", "-c:v",
           "libx264", "-c:a", "flac", film)
    source = "aevalsrc=0.8*(between(t\\,1\\,1.001)+between(t\\,6\\,6.001)):s=48000:d=8"
    ffmpeg("-f", "lavfi", "-i", source, "-c:a", "libopus", words)
    hole, late = os.path.join(folder, "hole.webm"), os.path.join(folder, "late.mp4")
    ffmpeg("-i", words, "-c", "copy", "-bsf:a", "noise=drop='between(pts*tb,2,5)'", hole)
    ffmpeg("-itsoffset", "0.5", "-f", "lavfi", "-i", source, "-f", "lavfi", "-i", video_source(8), "-c:a", "aac", "-c:v",
           "libx264", late)
    for dialogue, at, most in ((hole, (1, 6), 0.001), (late, (1.5, 6.5), 0.001)):
        works("remix", film, "--dialogue", dialogue, "-o", out)
        x = sound(out)
        for t in at:
            found = max(range(int((t - 0.4) * RATE), int((t + 0.4) * RATE)), key=lambda i: abs(x[i])) / RATE
            assert abs(x[int(found * RATE)]) > 0.2 and abs(found - t) < most + 0.001, (dialogue, t, found)
    print("dialogue with a hole, dialogue that begins late: in place")


def check_layout(folder, silence):
    """Each channel has a tone of its own and keeps its place."""
    for layout, channels in (("quad", 4), ("5.1", 6), ("mono", 1)):
        tones = "|".join(f"0.1*sin(2*PI*t*{100 * (i + 1)})" for i in range(channels))
        film = os.path.join(folder, "layout.mkv")
        ffmpeg("-f", "lavfi", "-i", video_source(2), "-f", "lavfi", "-i", f"aevalsrc={tones}:c={layout}:s=48000:d=2",
               "-c:v", "libx264", "-c:a", "flac", film)
        out = os.path.join(folder, "layoutout.mkv")
        works("remix", film, "--dialogue", silence, "-o", out)
        same_but_sound(film, out)
        mp4 = os.path.join(folder, "layout.mp4")
        ffmpeg("-i", film, "-c:v", "copy", "-c:a", "flac", "-strict", "-2", mp4)
        out = os.path.join(folder, "layoutout.mp4")
        _, warned = works("remix", mp4, "--dialogue", silence, "-o", out)
        assert streams(out)[1]["layout"] == layout, streams(out)
        assert ("FLAC" in warned) == (layout == "quad"), warned
    print("quad, 5.1 and mono stay what they are")


def check_default(folder, silence):
    """Without --track the default track is ducked, wherever it stands, and stays the default."""
    for ending, codec in (("mkv", "flac"), ("mp4", "aac")):
        film, out = os.path.join(folder, "second." + ending), os.path.join(folder, "secondout." + ending)
        ffmpeg("-f", "lavfi", "-i", video_source(3), "-f", "lavfi", "-i", "anoisesrc=a=0.01:r=48000:d=3", "-f", "lavfi",
               "-i", click_source(3), "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-c:a", codec, "-ac:a:0",
               "2", "-ac:a:1", "6", "-disposition:a:0", "comment", "-disposition:a:1", "default", film)
        works("remix", film, "--dialogue", silence, "-o", out)
        same_but_sound(film, out, 1)
        assert packets(film, "a:0") == packets(out, "a:0") and packets(film, "a:1") != packets(out, "a:1"), ending
    print("the default track is taken where it is the second, and stays the default")


def check_covers(folder, silence):
    """A song with a cover is no video."""
    cover, song = os.path.join(folder, "cover.png"), os.path.join(folder, "song.m4a")
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=a=0.01:r=44100:d=3", "-i", cover, "-map", "0", "-map", "1", "-c:a", "aac",
           "-c:v", "png", "-disposition:v", "attached_pic", song)
    refuses("no video in it", "remix", song, "--dialogue", silence, "-o", os.path.join(folder, "x.mp4"))
    print("a cover is no video")


def check_loud(folder):
    """A loud film and a loud dialogue: nothing is cut flat, and the limiter is told."""
    film, speech, out = (os.path.join(folder, x) for x in ("loud.mkv", "loud.wav", "loudout.mkv"))
    ffmpeg("-f", "lavfi", "-i", video_source(3), "-f", "lavfi", "-i",
           "anoisesrc=c=pink:a=1:r=48000:d=3,volume=4,alimiter=limit=0.98:level=false", "-c:v", "libx264", "-c:a",
           "flac", film)
    ffmpeg("-f", "lavfi", "-i", "sine=f=300:r=48000:d=3", "-af", "volume=17dB", speech)
    done, _ = works("remix", film, "--dialogue", speech, "-o", out)
    peak = max(abs(x) for x in sound(out))
    assert peak < 0.9 and done["limiter"] < -1 and done["true-peak"] < -0.9, (peak, done)
    print(f"loud on loud: peak {peak:.3f}, limited by {-done['limiter']:.1f} dB")


def check_other_container(folder, silence):
    """A film in MP4 as Matroska: times, languages and subtitles stay, and what does not is told."""
    film, out = os.path.join(folder, "rich.mp4"), os.path.join(folder, "other.mkv")
    _, warned = works("remix", film, "--dialogue", silence, "-o", out)
    assert "lost, where there are any: the flags forced and comment" in warned, warned
    assert [t for t, _ in packets(film)] == [t for t, _ in packets(out)]
    assert [(s["kind"], s["channels"]) for s in streams(out)] == [
        ("video", None), ("audio", 6), ("audio", 2), ("subtitle", None), ("video", None)], streams(out)
    assert [s["language"] for s in streams(out)] == ["ger", "ger", "eng", "fre", None]
    assert [s["title"] for s in streams(out)[:4]] == [None] * 4, "no names that GStreamer's muxer gives"
    assert ["default" in s["flags"] for s in streams(out)][1:3] == [True, False], streams(out)
    assert streams(out)[4]["flags"] == ["attached_pic"] and packets(film, "v:1")[0][1] == packets(out, "v:1")[0][1]
    assert [c[::2] for c in chapters(film)] == [c[::2] for c in chapters(out)] and len(chapters(out)) == 2, chapters(out)
    assert len(packets(out, "s:0")) == 2
    same_clicks(film, out)
    print("mp4 into mkv: times, languages, subtitles stay; the rest is told")


def check_dialogue(folder):
    """A finished film with its dialogue forward: the picture stays."""
    film = os.path.join(folder, "rich.mp4")
    for ending in ("mp4", "wav"):
        out = os.path.join(folder, "forward." + ending)
        done, _ = works("dialogue", film, "--boost", "6", "-o", out)
        assert done["command"] == "dialogue" and done["frames"] >= 6 * RATE - 1024, done
    same_video(film, os.path.join(folder, "forward.mp4"))
    same_but_sound(film, os.path.join(folder, "forward.mp4"))
    refuses("there is no 'ducker'", "dialogue", film, "-o", out, "--set", "ducker::target=9")
    refuses("is no value", "dialogue", film, "-o", out, "--boost", "loud")
    print("dialogue: boosted in a film and into a sound file")


def check_meter(folder):
    tone = os.path.join(folder, "tone.wav")
    # a peak of -18.06 dBFS, its mean square 3 dB below, and 3 dB less in each of two channels
    ffmpeg("-f", "lavfi", "-i", "sine=f=1000:r=48000:d=5", "-af", "volume=-4.98dB", "-ac", "2", tone)
    done, _ = works("meter", tone, "--specification", "podcast")
    assert abs(done["integrated"] + 26.05) < 0.1 and done["verdict"] == "fail", done
    assert done["specification"] == "podcast" and len(done["true-peak"]) == 2, done
    refuses("is no value", "meter", tone, "--specification", "nonsense")
    refuses("write: dmix meter", "meter")
    print("meter: a tone of -26 LUFS")


def check_damage(folder, silence):
    """A decoder or demuxer that is not installed, a film that was cut, one without its index."""
    out = os.path.join(folder, "damaged.mkv")
    for name, rank in (("rich.mp4", "avdec_aac"), ("f600.ts", "tsdemux")):
        names = (rank, "avdec_aac_fixed", "avdec_aac_latm", "faad", "fdkaacdec")
        os.environ["GST_PLUGIN_FEATURE_RANK"] = ",".join(f"{x}:NONE" for x in names)
        refuses("is installed", "remix", os.path.join(folder, name), "--dialogue", silence, "-o", out)
        del os.environ["GST_PLUGIN_FEATURE_RANK"]
    with open(os.path.join(folder, "rich.mp4"), "rb") as f:
        whole = f.read()
    cut = os.path.join(folder, "cut.mp4")
    with open(cut, "wb") as f:
        f.write(whole[:len(whole) // 2])
    refuses("cut.mp4", "remix", cut, "--dialogue", silence, "-o", os.path.join(folder, "damaged.mp4"))
    assert not [x for x in os.listdir(folder) if x.startswith("damaged")]
    film, cut = os.path.join(folder, "start0.mkv"), os.path.join(folder, "cut.mkv")
    _, said = works("remix", film, "--dialogue", silence, "-o", out, "--loudness", "-30")
    assert "cut off" not in said, said
    with open(film, "rb") as source, open(cut, "wb") as f:
        f.write(source.read()[:os.path.getsize(film) // 2])
    _, said = works("remix", cut, "--dialogue", silence, "-o", out, "--loudness", "-30")
    assert said.count("cut.mkv: its sound ends at") == 1, f"once, in two passes: {said}"
    os.remove(out)
    print("missing decoder, missing demuxer, missing index: told, nothing written; a film that was cut: told")


def check_requests(folder, silence):
    film = os.path.join(folder, "rich.mp4")
    for text, words in (
            ("is the input", (film, "--dialogue", silence, "-o", film)),
            ("no video container", (film, "--dialogue", silence, "-o", film + ".xyz")),
            ("has no sound track", (film, "--dialogue", silence, "-o", film + ".mp4", "--track", "jpn")),
            ("has no sound track", (film, "--dialogue", silence, "-o", film + ".mp4", "--track", "3")),
            ("cannot be written", (film, "--dialogue", silence, "-o", os.path.join(folder, "no", "x.mp4"))),
            ("write: dmix remix", (film, "-o", film + ".mp4"))):
        refuses(text, "remix", *words)
    print("wrong requests are refused, with what to do")


def main():
    need_ffmpeg()
    assert len(CLICKS) == 3
    with tempfile.TemporaryDirectory() as folder:
        silence = os.path.join(folder, "silence.wav")
        ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=1", silence)
        for ending in ("mkv", "mp4", "mov", "webm"):
            check_rich(folder, ending, silence)
        check_start(folder, silence)
        check_clock(folder)
        check_holes(folder)
        check_layout(folder, silence)
        check_default(folder, silence)
        check_covers(folder, silence)
        check_other_container(folder, silence)
        check_dialogue(folder)
        check_meter(folder)
        check_damage(folder, silence)
        check_loud(folder)
        check_requests(folder, silence)
        left = [x for x in os.listdir(folder) if x.startswith(".dmix")]
        assert not left, left
        assert probe(os.path.join(folder, "out.mkv"), "-show_format")["format"]["tags"].get("title") == "Film"


if __name__ == "__main__":
    main()
