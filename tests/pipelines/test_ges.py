#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""GStreamer Editing Services render a clip with each element of one input and one output as
its effect, and with two of them. Skipped where ges-launch-1.0 or the Ogg and Vorbis
plugins are not installed."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

EFFECTS = (["dmixcomp"], ["dmixdenoise"], ["dmixdialogue"], ["dmixlevel"], ["dmixpan"], ["dmixmeter"], ["dmixdenoise", "dmixlevel"])
NEEDED = ("vorbisenc", "vorbisdec", "oggmux", "oggdemux")


def launch(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def length(path):
    """Seconds of sound in a file."""
    raw = path.with_suffix(".raw")
    launch("gst-launch-1.0", "-q", "filesrc", f"location={path}", "!", "decodebin", "!", "audioconvert", "!", "audioresample", "!",
           "audio/x-raw,format=S16LE,rate=8000,channels=1", "!", "filesink", f"location={raw}")
    return raw.stat().st_size / 16000


def main():
    if not shutil.which("ges-launch-1.0") or any(launch("gst-inspect-1.0", "--exists", e).returncode for e in NEEDED):
        print("SKIP: ges-launch-1.0, Ogg or Vorbis is not installed")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        clip, out = pathlib.Path(folder, "clip.wav"), pathlib.Path(folder, "out.ogg")
        launch("gst-launch-1.0", "-q", "audiotestsrc", "num-buffers=200", "samplesperbuffer=1024", "!", "audioconvert", "!",
               "wavenc", "!", "filesink", f"location={clip}")
        for effects in EFFECTS:
            out.unlink(missing_ok=True)
            run = launch("ges-launch-1.0", "--no-interactive", "+clip", str(clip), "duration=2.0",
                         *(word for effect in effects for word in ("+effect", effect)),
                         "-o", out.as_uri(), "-f", "application/ogg:audio/x-vorbis")
            seconds = length(out) if out.exists() else 0
            good = run.returncode == 0 and abs(seconds - 2) < 0.1
            failed += not good
            print(f"{'ok  ' if good else 'FAIL'} {' '.join(effects)}" + ("" if good else f" {seconds} s\n{run.stdout}\n{run.stderr}"))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
