#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/adr.py: the report of every line, the file, and its exit status."""
import os
import subprocess
import sys
import tempfile
import wave

SOURCE = os.environ["DMIX_SOURCE"]
PROMPTS = "/usr/share/asterisk/sounds/en_US_f_Allison"


def run(guide, take, out, *settings):
    r = subprocess.run(["/usr/bin/python3", SOURCE + "/examples/adr.py", guide, take, out, *settings],
                       capture_output=True, text=True, timeout=100)
    print(r.stdout, r.stderr)
    return r


def frames(path):
    with wave.open(path) as w:
        return w.getnframes(), w.getframerate()


def main():
    one, other = f"{PROMPTS}/demo-congrats.wav", f"{PROMPTS}/demo-instruct.wav"
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "a name with spaces.wav")
        r = run(one, one, out, "room-tone=gaps")
        assert r.returncode == 0, "a right take"
        assert "lines match" in r.stdout and "1.00" in r.stdout and "problems" not in r.stdout
        count, rate = frames(out)
        assert rate == 48000 and abs(count - frames(one)[0] * 6) <= 6, "as long as the guide"
        r = run(one, other, out)
        assert r.returncode == 2 and "DOES NOT MATCH" in r.stdout, "a wrong take"
        problems = r.stdout.split("problems, by the time in the guide:\n")[1].splitlines()
        assert problems[0].startswith("  0:00.00-") and "record it again" in problems[0], "its place and the remedy"
        r = run(one, other, out, "on-mismatch=error")
        assert r.returncode == 1 and "does not say" in r.stderr, "stop at a wrong take"
        r = run(one, folder + "/none.wav", out)
        assert r.returncode == 1 and "none.wav" in r.stderr, "a file that is not there"
        r = run(one, one, out, "no-such-property=1")
        assert r.returncode == 1 and "no-such-property" in r.stderr, "a property that is not there"
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
