#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Cuts a recording at its pauses: a WAV file for each phrase, e.g. for a transcriber.

    phrases.py FILE FOLDER             also with music or ambience under the voice
Options:
    --pause 0.6                        seconds without speech that end a phrase
    --shortest 0.3                     seconds of speech that a file needs

Prints the times of each phrase. `dmixmeter dialogue=gated` flags the buffers that have
speech (GstAudioLevelMeta); 0.3 s before and after are kept. Live, put a source such as
`autoaudiosrc` in place of `filesrc ! decodebin`.
"""
import argparse
import array
import collections
import os
import sys
import wave

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstAudio", "1.0")
from gi.repository import Gst, GstAudio  # noqa: E402

RATE = 48000
AROUND = 30                                       # buffers of 10 ms, kept before and after


class Cutter:
    """Takes buffers with their flags; writes a file for each phrase."""

    def __init__(self, folder, pause, shortest):
        self.folder, self.pause, self.shortest = folder, pause * 100, shortest * 100
        self.before, self.kept = collections.deque(maxlen=AROUND), []
        self.spoken = self.silent = self.number = self.at = 0

    def take(self, sound, speaks):
        self.at += 1
        if speaks:
            if not self.kept:
                self.kept = list(self.before)
            self.spoken, self.silent = self.spoken + 1, 0
        if not self.kept:
            self.before.append(sound)
            return
        self.kept.append(sound)
        self.silent += not speaks
        if self.silent >= max(self.pause, AROUND):
            self.end()

    def end(self):
        """Ends the phrase, if there is one."""
        if self.spoken >= self.shortest:
            sounds = self.kept[:len(self.kept) - max(self.silent - AROUND, 0)]
            first = self.at - len(self.kept)
            self.number += 1
            path = os.path.join(self.folder, f"phrase{self.number:03d}.wav")
            with wave.open(path, "wb") as f:
                f.setparams((1, 2, RATE, 0, "NONE", ""))
                f.writeframes(b"".join(sounds))
            print(f"{path}  {first / 100:.2f} s to {(first + len(sounds)) / 100:.2f} s", flush=True)
        self.before.extend(self.kept[-AROUND:])
        self.kept, self.spoken, self.silent = [], 0, 0


def mono(sample):
    """The mean of the channels, 16 bits."""
    channels = sample.get_caps().get_structure(0).get_value("channels")
    x = array.array("f", sample.get_buffer().extract_dup(0, sample.get_buffer().get_size()))
    means = (sum(x[i:i + channels]) / channels for i in range(0, len(x), channels))
    return array.array("h", (int(32767 * max(-1.0, min(1.0, v))) for v in means)).tobytes()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("file")
    p.add_argument("folder")
    p.add_argument("--pause", type=float, default=0.6)
    p.add_argument("--shortest", type=float, default=0.3)
    o = p.parse_args()
    for name in os.listdir(o.folder):
        path = os.path.join(o.folder, name)
        if name.startswith("phrase") and os.path.exists(o.file) and os.path.exists(path) and os.path.samefile(path, o.file):
            sys.exit(f"phrases.py: {path} is the input, and may be overwritten; name another folder")
    Gst.init(None)
    cutter = Cutter(o.folder, o.pause, o.shortest)
    made = Gst.parse_launch("filesrc name=file ! decodebin ! audioconvert ! audioresample "
                            f"! audio/x-raw,format=F32LE,rate={RATE} ! audiobuffersplit output-buffer-duration=1/100 "
                            "! dmixmeter dialogue=gated post-messages=false ! appsink name=out sync=false")
    made.get_by_name("file").set_property("location", o.file)
    made.set_state(Gst.State.PLAYING)
    out, message = made.get_by_name("out"), None
    while not message and not out.get_property("eos"):
        sample = out.emit("try-pull-sample", Gst.SECOND // 10)
        if sample:
            cutter.take(mono(sample), GstAudio.buffer_get_audio_level_meta(sample.get_buffer()).voice_activity)
        else:
            message = made.get_bus().pop_filtered(Gst.MessageType.ERROR)
    cutter.end()
    made.set_state(Gst.State.NULL)
    if message:
        sys.exit(f"phrases.py: {message.parse_error()[0].message}")


if __name__ == "__main__":
    main()
