#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Joins WAV files of one format, with a pause before, between and after them.

usage: join_wav.py OUT.wav PAUSE_SECONDS IN.wav[:SECONDS]...

With :SECONDS only so much of a file is taken.
"""
import os
import sys
import wave


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__.strip())
    out, pause = sys.argv[1], float(sys.argv[2])
    for word in sys.argv[3:]:
        path = word.partition(".wav:")[0] + ".wav" if ".wav:" in word else word
        if os.path.exists(out) and os.path.exists(path) and os.path.samefile(path, out):
            sys.exit(f"join_wav.py: {out} is an input; write to another file")
    with wave.open(out, "wb") as w:
        for i, word in enumerate(sys.argv[3:]):
            path, _, seconds = word.partition(".wav:")
            with wave.open(path + ".wav" if seconds else path, "rb") as r:
                if i == 0:
                    w.setparams(r.getparams())
                    silence = bytes(int(pause * r.getframerate()) * r.getnchannels() * r.getsampwidth())
                    w.writeframes(silence)
                most = round(float(seconds) * r.getframerate()) if seconds else r.getnframes()
                w.writeframes(r.readframes(most) + silence)


if __name__ == "__main__":
    main()
