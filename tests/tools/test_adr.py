#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix adr: the lines, the problems with a time and a remedy, the best of several takes, and what it refuses."""
import array
import os
import sys
import tempfile
import wave

from media import dmix, refuses, works

PROMPTS = "/usr/share/asterisk/sounds/en_US_f_Allison"


def frames(path):
    with open(path, "rb") as f:
        return int.from_bytes(f.read(104)[100:104], "little") // 3


def later(path, seconds, out):
    """The same words, later."""
    with wave.open(path) as source, wave.open(out, "wb") as copy:
        copy.setparams(source.getparams())
        copy.writeframes(b"\0" * (2 * int(seconds * source.getframerate())))
        copy.writeframes(source.readframes(source.getnframes()))


def samples(path):
    with wave.open(path) as w:
        return array.array("h", w.readframes(w.getnframes()))


def write(path, sound):
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(8000)
        w.writeframes(sound.tobytes())
    return path


def played(sound, slower):
    """The sound, slower by a factor, by linear interpolation."""
    count = int((len(sound) - 1) * slower)
    places = [(int(i / slower), i / slower % 1) for i in range(count)]
    return array.array("h", [round(sound[k] * (1 - part) + sound[k + 1] * part) for k, part in places])


def kinds(done):
    return [problem["kind"] for problem in done["problems"]]


def each_problem(folder, said):
    """Each kind of problem, where it is, and what to do about it."""
    guide, take = write(f"{folder}/g.wav", said), f"{folder}/t.wav"
    at = 3 * 8000
    write(take, said[:at] + said[at + 14400:])          # 1.8 s left out
    done, _ = works("adr", guide, take, "-o", f"{folder}/o.wav")
    assert "missing-words" in kinds(done) and "timing" in kinds(done), done["problems"]
    for problem in done["problems"]:
        if problem["kind"] == "missing-words":
            assert "record the missing words" in problem["text"]
        if problem["kind"] == "timing":                # the take jumps from 3 s to 4.8 s
            assert 2.5e9 < problem["start"] < 5e9 and "sync-points" in problem["text"], problem
    write(take, said[:at] + played(said[at:at + 8000], 2.1) + said[at + 8000:])
    done, _ = works("adr", guide, take, "-o", f"{folder}/o.wav")
    assert kinds(done) == ["stretch"] and "max-stretch" in done["problems"][0]["text"], done["problems"]


def reel(folder, lines):
    """Three lines, in takes that lack one and two of them; then 14 lines from a recorder whose clock is 200 ppm slow:
    told, and taken out of the take that is rendered."""
    pause = array.array("h", bytes(2 * 16000))
    a, b, c, d = lines[:4]
    guide = write(f"{folder}/g.wav", pause + a + pause + b + pause + c + pause)
    one = write(f"{folder}/one.wav", pause + a + pause + (2 * d)[:len(b)] + pause + c + pause)
    two = write(f"{folder}/two.wav", pause + (2 * d)[:len(a)] + pause + b + pause + (2 * d)[:len(c)] + pause)
    done, _ = works("adr", guide, one, two, "-o", f"{folder}/o.wav")
    assert done["take"] == one and "other-take" in kinds(done), done["problems"]
    problem = next(p for p in done["problems"] if p["kind"] == "other-take")
    assert two in problem["text"] and problem["start"] > 1e9 * len(a) / 8000, problem

    sound = pause
    for k in range(14):
        sound = sound + lines[k % len(lines)] + pause
    guide = write(f"{folder}/g.wav", sound)
    slow = write(f"{folder}/slow.wav", played(sound, 1.0002))
    done, _ = works("adr", guide, two, slow, "-o", f"{folder}/o.wav", limit=120)
    assert done["take"] == slow and done["mismatched"] == 0 and abs(done["drift"] - 200) < 5, done["drift"]
    offsets = [line["offset"] / 1e9 - 200e-6 * (line["start"] + line["stop"]) / 2e9
               for line in done["lines"] if line["speech"]]
    assert len(offsets) >= 14 and max(map(abs, offsets)) < 1e-3, offsets
    assert "the clock of the take is 200 ppm slow" in dmix("adr", guide, slow, "-o", f"{folder}/o.wav", limit=120).out


def main():
    one, other = f"{PROMPTS}/demo-congrats.wav", f"{PROMPTS}/demo-instruct.wav"
    if not os.path.exists(one):
        print("skipped: no recordings of Debian's asterisk packages")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "a name with spaces.wav")
        done, err = works("adr", one, one, "-o", out, "--set", "room-tone=gaps")
        assert done["matched"] == len(done["lines"]) > 0 and done["mismatched"] == 0 and not done["problems"], done
        with wave.open(one) as w:
            length = w.getnframes() / w.getframerate()
        assert frames(out) == done["frames"] and abs(done["frames"] / done["rate"] - length) < 2e-4, done["frames"]
        assert all(line["confidence"] > 0.9 and abs(line["offset"]) < 2e6 for line in done["lines"])

        done, err = works("adr", one, other, "-o", out)
        problems = done["problems"]
        assert done["mismatched"] == len(problems) > 0 and problems[0]["kind"] == "refused", problems
        assert "record it again" in problems[0]["text"] and problems[0]["stop"] > problems[0]["start"]
        assert "warning" not in err, "the problem is told once"
        text = dmix("adr", one, other, "-o", out).out
        assert "DOES NOT MATCH" in text and "0:00:0" in text.split("problems, by the time in the guide:")[1], text

        done, _ = works("adr", one, other, one, "-o", out)
        assert done["take"] == one and not done["problems"], "the take that matches is used"

        late = os.path.join(folder, "late.wav")
        later(one, 7, late)
        done, _ = works("adr", one, late, "-o", out, "--set", "max-shift=500")
        assert done["problems"][0]["kind"] == "refused", done["problems"]
        near = os.path.join(folder, "near.wav")
        later(one, 0.1, near)
        done, _ = works("adr", one, near, "-o", out, "--set", "max-shift=20")
        assert done["problems"][0]["kind"] == "too-far" and "max-shift" in done["problems"][0]["text"], done["problems"]
        done, _ = works("adr", one, late, "-o", out, "--set", "max-shift=9000")
        assert done["mismatched"] == 0 and abs(done["lines"][0]["offset"] / 1e9 - 7) < 0.1, done["lines"][0]

        assert dmix("adr", one, one, "-o", os.path.join(folder, "x.flac"), "--preset", "film-tight").returncode == 0
        refuses("does not say", "adr", one, other, "-o", out + ".wav", "--set", "on-mismatch=error")
        refuses("none.wav", "adr", one, folder + "/none.wav", "-o", out + ".wav")
        refuses("has no property", "adr", one, one, "-o", out + ".wav", "--set", "nonsense=1")
        refuses("is the input", "adr", one, out, "-o", out)
        refuses("write: dmix adr", "adr", one, "-o", out + ".wav")
        assert not os.path.exists(out + ".wav")
        each_problem(folder, samples(one))
        names = ("vm-options", "demo-moreinfo", "dir-intro", "tt-allbusy", "vm-review", "demo-nogo")
        reel(folder, [samples(f"{PROMPTS}/{name}.wav") for name in names])
    print("lines, problems, takes, refusals")


if __name__ == "__main__":
    main()
