#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix analyse: reasons and settings, and a session that dmix mix takes as it is and that reaches what was asked for."""
import array
import os
import shutil
import sys
import tempfile
import wave

from media import dmix, refuses, works
from test_mix import PROMPT, RATE, noise, write

OTHER = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-instruct.wav"


def main():
    if not os.path.exists(PROMPT):
        print("skipped: no recordings of Debian's asterisk packages")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        bed, words, session, out = (os.path.join(folder, x) for x in ("the bed.wav", "words.wav", "scene.ini", "mix.wav"))
        write(bed, noise(15, 3000) + noise(15, 500, 7) * 2)
        shutil.copy(PROMPT, words)
        inputs = ("--dialogue", words + "@1.5", "--background", bed)
        done, _ = works("analyse", *inputs, "--loudness", "-23", "--set", "target=12", "-o", session)
        assert done["loudness"] == -23 and "target=12" in done["settings"], done
        assert any("background_0 is" in r and "too loud under speech" in r for r in done["reasons"]), done["reasons"]
        assert not any("ambience_" in x for x in done["reasons"] + done["settings"]), "names are those of the inputs"
        assert any("background_0 has a loudness range" in r for r in done["reasons"]), done["reasons"]
        text = open(session, encoding="utf-8").read()
        assert "file=the bed.wav" in text and "at=1.5" in text, text
        moved = os.path.join(folder, "elsewhere")
        os.mkdir(moved)
        for name in (bed, words, session):
            shutil.copy(name, moved)
        for where in (session, os.path.join(moved, "scene.ini")):
            mixed, _ = works("mix", "--session", where, "-o", out)
            assert abs(mixed["loudness"] + 23) < 0.1 and mixed["true-peak"] < -0.9, mixed
            assert abs(mixed["difference"] - 12) < 1, mixed
            assert mixed["frames"] == 45 * RATE, mixed
        # the session and the settings on the command line are the same
        plain, _ = works("mix", *inputs, "--loudness", "-23", "-o", out,
                         *(w for s in done["settings"] for w in ("--set", s)))
        for figure in ("loudness", "difference", "ducking", "true-peak"):
            assert abs(plain[figure] - mixed[figure]) < 1e-9, (figure, plain[figure], mixed[figure])
        # two voices of other levels: levelled, each by its name
        soft = os.path.join(folder, "soft.wav")
        with wave.open(OTHER) as w:
            samples = array.array("h", w.readframes(w.getnframes()))
            write(soft, [x // 5 for x in samples], w.getframerate())
        done, _ = works("analyse", "--dialogue", words, "--dialogue", soft + "@40", "--music", bed, "-o", session)
        assert sum("::level.target=" in s for s in done["settings"]) == 2, done["settings"]
        works("mix", "--session", session, "-o", out)
        said = dmix("analyse", *inputs).out
        assert "too loud under speech" in said and "--set target=15" in said, said
        refuses("name a --dialogue", "analyse", "--music", bed)
        refuses("is the input", "analyse", *inputs, "-o", bed)
        refuses("there is no 'ducker'", "analyse", *inputs, "--set", "ducker::target=9")
        odd = os.path.join(os.fsencode(folder), b"\xff.wav")
        shutil.copy(bed, odd)
        done = dmix("analyse", "--dialogue", words, b"--music=" + odd, "-o", session + "2")
        assert done.returncode == 1 and "UTF-8" in done.err and not os.path.exists(session + "2"), done.err
    print("reasons, settings, sessions")


if __name__ == "__main__":
    main()
