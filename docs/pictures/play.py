# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Plays numpy arrays through GStreamer elements, for the pictures of the docs."""
import os
import tempfile
import wave

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402
import numpy as np  # noqa: E402

SPEECH = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"
MUSIC = "/usr/share/asterisk/moh/manolo_camp-morning_coffee.wav"
RATE = 48000

Gst.init(None)


def run(line):
    """Plays a launch line to its end; returns the structures of its element messages."""
    pipeline, found = Gst.parse_launch(line), []
    bus = pipeline.get_bus()
    pipeline.set_state(Gst.State.PLAYING)
    while True:
        message = bus.timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR
                                         | Gst.MessageType.ELEMENT)
        if message is None or message.type == Gst.MessageType.ERROR:
            pipeline.set_state(Gst.State.NULL)
            raise RuntimeError(f"{line}: {message.parse_error()[0].message if message else 'it does not end'}")
        if message.type == Gst.MessageType.EOS:
            pipeline.set_state(Gst.State.NULL)
            return found
        found.append(message.get_structure().copy())


def source(path, rate, channels=1):
    return (f"filesrc location={path} blocksize=65536 ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le "
            f"sample-rate={rate} num-channels={channels}")


def play(samples, rate, description, channels=1):
    """Mono samples, full scale 1, through `description` (an element with its
    properties). Returns frames x channels, and the messages."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = (os.path.join(folder, name) for name in ("in", "out"))
        np.asarray(samples, "<f4").tofile(before)
        found = run(f"{source(before, rate)} ! {description} ! filesink location={after}")
        return np.fromfile(after, "<f4").reshape(-1, channels), found


def duck(dialogue, background, rate, settings):
    """Both mono. Returns the ducked background, and the messages."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("d", "b", "out")]
        for samples, path in zip((dialogue, background), paths):
            np.asarray(samples, "<f4").tofile(path)
        found = run(f"dmixducker name=d output=background {settings} ! filesink location={paths[2]} "
                    f"{source(paths[1], rate)} ! d.background {source(paths[0], rate)} ! d.dialogue")
        return np.fromfile(paths[2], "<f4"), found


def decode(path, rate):
    """An audio file as one channel of that rate."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        run(f'filesrc location="{path}" ! decodebin ! audioconvert ! audioresample '
            f"! audio/x-raw,format=F32LE,rate={rate},channels=1 ! filesink location={out}")
        return np.fromfile(out, "<f4")


def read(path):
    with wave.open(path) as w:
        return np.frombuffer(w.readframes(w.getnframes()), "<i2") / 32768, w.getframerate()


def field(messages, name, *fields):
    """Arrays of fields that are one number, of the messages of this name; NaN where a message lacks it."""
    return [np.array([m.get_value(f) if m.has_field(f) else np.nan for m in messages if m.get_name() == name], float)
            for f in fields]


def db(power):
    return 10 * np.log10(np.maximum(power, 1e-12))


def level(x, rate, step=0.1):
    """Mean power of each step, dB; and the middle of each, s."""
    n = int(step * rate)
    power = np.square(x[:len(x) // n * n]).reshape(-1, n).mean(1)
    return (np.arange(len(power)) + 0.5) * step, db(power)


def third_octaves(x, rate, centres):
    """Mean power of third octaves, dB."""
    f = np.fft.rfftfreq(4096, 1 / rate)
    p = np.mean([np.abs(np.fft.rfft(x[i:i + 4096] * np.hanning(4096))) ** 2 for i in range(0, len(x) - 4096, 2048)], 0)
    return db(np.array([p[(f >= c / 2 ** (1 / 6)) & (f < c * 2 ** (1 / 6))].sum() for c in centres]) / 4096)
