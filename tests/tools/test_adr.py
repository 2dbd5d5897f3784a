#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix adr: the lines, the problems with a time and a remedy, the best of several takes, and what it refuses."""
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
    print("lines, problems, takes, refusals")


if __name__ == "__main__":
    main()
