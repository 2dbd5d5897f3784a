#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix mix: places, lengths and loudness of what it writes, names as people have them, wrong
requests, and what is left after failures, signals and on a full disk: nothing."""
import array
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import wave

from media import DMIX, dmix, refuses, works

PROMPT = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"
RATE = 48000


def write(path, samples, rate=RATE):
    with wave.open(path, "wb") as w:
        w.setparams((1, 2, rate, 0, "NONE", ""))
        w.writeframes(array.array("h", samples).tobytes())


def noise(seconds, level=2000, seed=1):
    state, out = seed, []
    for _ in range(int(seconds * RATE)):
        state = (1103515245 * state + 12345) % (1 << 31)
        out.append((state >> 15) % (2 * level) - level)
    return out


def read24(path):
    """Samples of a WAV of 24 bit, whose header is checked."""
    with open(path, "rb") as f:
        raw = f.read()
    assert raw[:4] == b"RIFF" and raw[8:16] == b"WAVEJUNK" and raw[48:52] == b"fmt " and raw[96:100] == b"data"
    size = int.from_bytes(raw[100:104], "little")
    after = 13 if size % 2 else 0       # the byte that makes it even, and JUNK for wavparse
    assert int.from_bytes(raw[4:8], "little") == len(raw) - 8 and size + after + 104 == len(raw), len(raw)
    return [int.from_bytes(raw[104 + 3 * i:107 + 3 * i], "little", signed=True) / 2 ** 23 for i in range(size // 3)]


def check_places(folder):
    """Clicks of the dialogue at their times, the mix as long as the longer input, to the sample."""
    bed, click, out = (os.path.join(folder, x) for x in ("bed.wav", "click.wav", "out.wav"))
    write(bed, noise(5.00013, 20))
    write(click, [0] * 4800 + [20000] + [0] * 4799)
    for at, place in (("@1.5", 1.6), ("@0:02", 2.1), ("@00:00:03.25", 3.35), ("", 0.1)):
        done, _ = works("mix", "--dialogue", click + at, "--ambience", bed, "-o", out)
        x = read24(out)
        assert len(x) == done["frames"] == int(5.00013 * RATE), (len(x), done["frames"])
        assert abs(max(range(len(x)), key=lambda i: abs(x[i])) - place * RATE) <= 1, at
    done, _ = works("mix", "--dialogue", click + "@6", "--ambience", bed, "-o", out)
    assert done["frames"] == 6 * RATE + 9600 and done["rate"] == RATE, "the dialogue is longer"
    odd = os.path.join(folder, "odd.wav")
    write(odd, noise(1.00003, 20))
    works("mix", "--dialogue", click, "--ambience", odd, "-o", out)
    done, _ = works("mix", "--dialogue", click, "--ambience", out, "-o", odd)
    assert done["frames"] == 48001, "an odd number of samples is read again"
    for ending in ("flac", "opus", "m4a", "mp3", "mka"):
        works("mix", "--dialogue", click, "--music", bed, "-o", os.path.join(folder, "out." + ending))
    print("dialogue at its time; lengths to the sample; all endings")


def check_loudness(folder):
    bed, out = os.path.join(folder, "bed.wav"), os.path.join(folder, "loud.wav")
    write(bed, noise(10) * 4)
    done, _ = works("mix", "--dialogue", PROMPT, "--music", bed, "-o", out, "--loudness", "-23", "--ceiling", "-2")
    assert abs(done["loudness"] + 23) < 0.1 and done["true-peak"] < -1.9, done
    assert 13 < done["difference"] < 17 and done["ducking"] < -1, done
    quiet, _ = works("mix", "--dialogue", PROMPT, "--music", bed, "-o", out, "--set", "dialogue_0::gain=-20",
                     "--set", "mode=fixed", "--set", "depth=6", "--set", "music_0::comp.threshold=-10")
    assert abs(quiet["ducking"] + 6) < 0.1, quiet
    done, _ = works("mix", "--dialogue", PROMPT, "--music", bed, "-o", out, "--layout", "5.1", "--rate", "44100")
    assert done["channels"] == 6 and done["rate"] == 44100
    done = dmix("mix", "--dialogue", PROMPT, "--music", bed, "-o", out, "--set", "dialogue_0::gain=-30")
    warned = [x for x in done.err.splitlines() if "warning" in x]
    assert len(warned) == 1 and "more than property range" in warned[0], done.err
    session = os.path.join(folder, "scene.ini")
    with open(session, "w", encoding="utf-8") as f:
        f.write(f"[dmix]\noutput=session.wav\nloudness=-20\n[dialogue]\nfile={PROMPT}\nat=0:01\n"
                "[music]\nfile=bed.wav\n[set]\ntarget=10\n")
    done, _ = works("mix", "--session", session)
    assert abs(done["loudness"] + 20) < 0.1 and 8 < done["difference"] < 12, done
    assert os.path.exists(os.path.join(folder, "session.wav"))
    print("two passes reach -23 LUFS; settings, layout and session files count")


def check_meter(folder):
    """A tone of -23 dBFS in both channels is -23 LUFS; lines, a reader that goes, stems."""
    tone, bed = os.path.join(folder, "tone.wav"), os.path.join(folder, "bed.wav")
    one = [round(0.0708 * 32767 * math.sin(2 * math.pi * i / 48)) for i in range(RATE * 10)]
    with wave.open(tone, "wb") as w:
        w.setparams((2, 2, RATE, 0, "NONE", ""))
        w.writeframes(array.array("h", [x for x in one for _ in (0, 1)]).tobytes())
    done, _ = works("meter", tone)
    assert abs(done["integrated"] + 23) < 0.1 and done["verdict"] == "pass" and done["specification"] == "r128", done
    done = dmix("meter", "--specification", "podcast", "--lines", tone)
    assert done.returncode == 0 and "podcast: fail" in done.out, done.out
    assert len(re.findall(r"(?m)^ +\d+\.\d s  M  -23\.", done.out)) == 10, done.out
    assert abs(float(re.search(r"maxima: momentary (-[\d.]+)", done.out)[1]) + 23) < 0.1
    # head takes one line and goes: the meter ends long before the end of the file, and says nothing
    made = subprocess.run(f"ulimit -c 0; {DMIX} meter -q --lines {tone} | head -1; echo ${{PIPESTATUS[0]}}", shell=True,
                          executable="/bin/bash", capture_output=True, text=True, timeout=60)
    assert not made.stderr and made.stdout in ("0\n", "141\n"), made
    made = subprocess.run(f"ulimit -c 0; {DMIX} meter --lines {tone} 2>/dev/null | head -1; echo ${{PIPESTATUS[0]}}", shell=True,
                          executable="/bin/bash", capture_output=True, text=True, timeout=60)
    assert made.stdout.startswith("     0.0 s") and made.stdout.endswith("\n141\n"), made
    done = dmix("meter", "--dialogue", tone, "--background", tone)
    assert done.returncode == 0 and "too little speech" in done.out, done.out    # a tone is no speech
    write(bed, noise(10) * 4)
    plain, _ = works("meter", "--dialogue", PROMPT + "@0:01", "--background", bed)
    ducked, _ = works("meter", "--dialogue", PROMPT + "@0:01", "--background", bed, "--duck", "--set", "target=20")
    assert plain["difference"] < 12 < 18 < ducked["difference"] < 22, (plain["difference"], ducked["difference"])
    assert plain["glimpse-proportion"] + 0.05 < ducked["glimpse-proportion"] and plain["sii"] + 0.05 < ducked["sii"]
    done = dmix("meter", "--lines", "--dialogue", PROMPT, "--background", bed)
    assert len(re.findall(r"(?m)^ +\d+\.0 s  difference +[\d.]+ LU  heard", done.out)) > 10, done.out
    for words in ((), (tone, "--dialogue", tone), ("--dialogue", tone), ("--background", tone), (tone, tone)):
        assert dmix("meter", *words).returncode == 1, words
    print("meter: loudness, verdict, lines, stems before and behind the ducker")


def check_live(folder):
    """--live plays in real time through the audio sink, and each line comes when its sound is heard."""
    tone = os.path.join(folder, "live.wav")
    write(tone, noise(3))
    sink = dict(os.environ, GST_PLUGIN_FEATURE_RANK="fakeaudiosink:1000")       # what autoaudiosink takes
    if subprocess.run(["gst-inspect-1.0", "fakeaudiosink"], capture_output=True).returncode:
        print("(no fakeaudiosink: --live is not tested)")
        return
    for words, number in (((tone,), 3), (("--dialogue", PROMPT, "--background", tone), 4)):
        process = subprocess.Popen([DMIX, "meter", "--live", "--json", *words], stdout=subprocess.PIPE, text=True, env=sink)
        heard = []
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "line":
                heard.append((time.monotonic(), event["stream-time"] / 1e9))
            if len(heard) == number:
                break
        if len(words) > 1:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == (-signal.SIGINT if len(words) > 1 else 0), process.returncode
        took, sounds = heard[-1][0] - heard[0][0], heard[-1][1] - heard[0][1]
        assert len(heard) == number and sounds >= number - 1.1, heard
        assert sounds - 0.6 < took < sounds + 3, f"{sounds} s of sound in {took} s"
    started = time.monotonic()
    works("meter", "--lines", tone)
    assert time.monotonic() - started < 2.5, "without --live it does not wait"
    print("meter --live: in real time, a line a second, ended by Ctrl-C")


def check_names(folder):
    bed = os.path.join(folder, "bed.wav")
    for name in (b"two words", b"Act 1: Dawn", b"-dash", b'say "hi"', b"100%d", b"new\nline", b"non\xff\xfeUTF", b"a@5",
                 "Dämmerung".encode()):
        here = os.path.join(os.fsencode(folder), name + b".wav")
        with open(bed, "rb") as source, open(here, "wb") as copy:
            copy.write(source.read())
        done = dmix("mix", "--dialogue", PROMPT, b"--music=" + name + b".wav", b"--output=out " + name + b".wav",
                    cwd=folder)
        assert done.returncode == 0, (name, done.err)
        assert os.path.getsize(os.path.join(os.fsencode(folder), b"out " + name + b".wav")) > 100000, name
        done = dmix("mix", "--dialogue", PROMPT, b"--music=" + name + b".wav", b"--output=" + name + b".wav",
                    cwd=folder)
        assert done.returncode == 1 and len(done.err.splitlines()) == 1, (name, done.err)
    print("names with spaces, quotes, a leading dash, a newline, bytes that are not UTF-8")


def check_requests(folder):
    bed, out, empty, text = (os.path.join(folder, x) for x in ("bed.wav", "never.wav", "empty.wav", "text.wav"))
    write(bed, noise(2))
    for path, data in ((empty, b""), (text, b"no sound in here\n" * 99)):
        with open(path, "wb") as f:
            f.write(data)
    good = ("--dialogue", PROMPT, "--music", bed, "-o", out)
    refuses("the file is empty", "mix", "--dialogue", empty, "--music", bed, "-o", out)
    refuses("text.wav", "mix", "--dialogue", text, "--music", bed, "-o", out)
    refuses("No such file", "mix", "--dialogue", "none.wav", "--music", bed, "-o", out)
    refuses("is a folder", "mix", "--dialogue", folder, "--music", bed, "-o", out)
    refuses("name a --dialogue", "mix", "--music", bed, "-o", out)
    refuses("no sound format", "mix", "--dialogue", PROMPT, "--music", bed, "-o", out + ".xyz")
    refuses("has no property", "mix", *good, "--set", "nonsense=1")
    refuses("beyond its range", "mix", *good, "--set", "target=1000")
    refuses("there is no 'dialogue_7'", "mix", *good, "--set", "dialogue_7::denoise=9")
    refuses("has no preset", "mix", *good, "--preset", "nonsense")
    refuses("has no role", "mix", *good, "extra.wav")
    refuses("there is no such layout", "mix", *good, "--layout", "9.9")
    refuses("at most 2 channels", "mix", *good[:4], "-o", out + ".mp3", "--layout", "5.1")
    for link, make in (("hard.wav", os.link), ("soft.wav", os.symlink)):
        make(bed, os.path.join(folder, link))
        refuses("is the input", "mix", "--dialogue", PROMPT, "--music", bed, "-o", os.path.join(folder, link))
    refuses("is the input", "mix", "--dialogue", PROMPT, "--music", bed, "-o", os.path.join(folder, ".", "bed.wav"))
    refuses("cannot be written", "mix", *good[:4], "-o", os.path.join(folder, "none", "x.wav"))
    assert not os.path.exists(out)
    with open(bed, "rb") as f:
        assert len(f.read()) == 2 * RATE * 2 + 44, "an input was written to"
    print("wrong requests: one line, status 1, no file")


def check_signals(folder):
    """Half-way stopped: the signal's status, no file, no scratch, no child."""
    long, out = os.path.join(folder, "long.wav"), os.path.join(folder, "stopped.wav")
    write(long, noise(20) * 60)
    before = sorted(os.listdir(folder))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        process = subprocess.Popen([DMIX, "mix", "--json", "--dialogue", PROMPT, "--music", long, "-o", out],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))    # under nohup
        line = json.loads(process.stdout.readline())
        assert line["event"] == "progress", line
        process.send_signal(number)
        started = time.monotonic()
        process.communicate(timeout=20)
        assert process.returncode == -number, (number, process.returncode)
        assert time.monotonic() - started < 5 and sorted(os.listdir(folder)) == before
    print("SIGINT, SIGTERM, SIGHUP, SIGKILL: ends by the signal, leaves nothing")


def check_full_disk(folder):
    """A tmpfs of 1 MB: status 75 and nothing left. Needs root."""
    small = os.path.join(folder, "small")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode:
        print("(no tmpfs without root: a full disk is not tested)")
        return
    try:
        refuses("make room", "mix", "-q", "--dialogue", PROMPT, "--music", os.path.join(folder, "long.wav"), "-o",
                os.path.join(small, "x.wav"), code=75)
        assert os.listdir(small) == []
        subprocess.run(["mount", "-o", "remount,ro", small], check=True)
        refuses("cannot be written", "mix", "--dialogue", PROMPT, "--music", os.path.join(folder, "bed.wav"), "-o",
                os.path.join(small, "x.wav"))
    finally:
        subprocess.run(["umount", small], check=True)
    print("a full disk: status 75; a read-only one: 1; nothing left")


def main():
    if not os.path.exists(PROMPT):
        print("skipped: no recordings of Debian's asterisk packages")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        check_places(folder)
        check_loudness(folder)
        check_meter(folder)
        check_live(folder)
        check_names(folder)
        check_requests(folder)
        check_signals(folder)
        check_full_disk(folder)
        left = [x for x in os.listdir(os.fsencode(folder)) if x.startswith(b".dmix")]
        assert not left, left
    for words, code in ((["--version"], 0), (["--help"], 0), ([], 1), (["nonsense"], 1), (["mix", "--help"], 0)):
        assert dmix(*words).returncode == code, words


if __name__ == "__main__":
    main()
