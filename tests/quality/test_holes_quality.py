#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Packet loss: 2 and 5 % of packets of 20 ms are missing, and the next one has the flag DISCONT.

Speech: Asterisk's prompts (a Debian package), else a made voice, over pink noise 25 dB below it. Asserted: the level of
the speech that did arrive differs by less than 0.5 dB from that without loss, in noise reduction and each kind of
dynamics; of its packets at most 2 % lose more than 3 dB in noise reduction; the noise in the pauses is not more than
0.5 dB louder; the ducked background under the speech changes by less than 0.5 dB; the integrated loudness of steady sound falls by what is missing, within 0.1 LU.
"""
import os
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402
import numpy as np  # noqa: E402

from sound import RATE, SOUNDS, db, decode  # noqa: E402

PACKET = RATE // 50
LOSSES = (0.02, 0.05)
ELEMENTS = (
    "dmixdenoise reduction=12",
    "dmixdenoise reduction=24 latency-mode=low",
    "dmixcomp",
    "dmixcomp threshold=-30 ratio=4 release=100 detector=k-weighted rms-window=100",
    "dmixcomp auto-release=true threshold=-30 ratio=4",
    "dmixcomp mode=limit ceiling=-20",
    "dmixcomp mode=expand threshold=-35",
    "dmixcomp mode=gate threshold=-40 hold=50",
    "dmixcomp mode=upward threshold=-35",
    "dmixpan layout=stereo azimuth=30",
)


def push(source, x, lost):
    hole = False
    for i, missing in enumerate(lost):
        if not missing:
            buffer = Gst.Buffer.new_wrapped(x[i * PACKET:(i + 1) * PACKET].astype("<f4").tobytes())
            buffer.pts, buffer.duration = i * Gst.SECOND // 50, Gst.SECOND // 50
            if hole:
                buffer.set_flags(Gst.BufferFlags.DISCONT)
            source.emit("push-buffer", buffer)
        hole = missing
    source.emit("end-of-stream")


def play(x, lost, element):
    """The first channel of the output, at the times of the input, and the last element message. lost: one for each
    packet."""
    pipeline = Gst.parse_launch(
        f"appsrc name=in format=time max-bytes=0 caps=audio/x-raw,format=F32LE,layout=interleaved,rate={RATE},channels=1 "
        f"! {element} ! appsink name=out sync=false")
    source, sink = pipeline.get_by_name("in"), pipeline.get_by_name("out")
    pipeline.set_state(Gst.State.PLAYING)
    push(source, x, lost)
    out = np.zeros(len(x) + RATE)
    while True:
        sample = sink.emit("try-pull-sample", 20 * Gst.SECOND)
        if not sample:
            break
        buffer = sample.get_buffer()
        channels = sample.get_caps().get_structure(0).get_int("channels")[1]
        piece = np.frombuffer(buffer.extract_dup(0, buffer.get_size()), "<f4")[::channels]
        at = round(buffer.pts * RATE / Gst.SECOND)
        out[at:at + len(piece)] = piece[:len(out) - at]
    message, last = True, None
    while message:
        message = pipeline.get_bus().pop_filtered(Gst.MessageType.ELEMENT)
        last = message.get_structure() if message else last
    pipeline.set_state(Gst.State.NULL)
    return out[:len(x)], last


def losses(packets, share, seed):
    lost = np.random.default_rng(seed).random(packets) < share
    lost[0] = lost[-1] = False
    return lost


def voice():
    if os.path.isdir(SOUNDS):
        x = np.concatenate([decode(f"{SOUNDS}/{name}.wav", 10) for name in ("demo-abouttotry", "demo-thanks", "vm-intro")])
    else:
        print("SKIPPED: no Asterisk prompts here; a made voice instead")
        t = np.arange(20 * RATE) / RATE
        x = sum(np.sin(2 * np.pi * 140 * k * t + 3 * np.sin(2 * np.pi * 1.3 * t)) / k for k in range(1, 21))
        x *= np.maximum(0, np.sin(2 * np.pi * 2.5 * t)) * (t % 3 < 2)
    x = x[:len(x) // PACKET * PACKET]
    return x * 0.1 / np.sqrt(np.mean(x[np.abs(x) > 0.1 * np.abs(x).max()] ** 2))


def pink(n, seed):
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=n))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20 * n / RATE))
    y = np.fft.irfft(spectrum, n)
    return y / np.sqrt(np.mean(y * y))


def speech_stays():
    clean = voice()
    x = clean + pink(len(clean), 5) * 0.1 * 10 ** (-25 / 20)
    level = np.mean(clean.reshape(-1, PACKET) ** 2, 1)
    spoken, pause = level > 0.02 ** 2, level < 0.001 ** 2
    for element in ELEMENTS:
        whole = np.mean(play(x, np.zeros(len(level), bool), element)[0].reshape(-1, PACKET) ** 2, 1)
        for share in LOSSES:
            lost = losses(len(level), share, 9)
            out = np.mean(play(x, lost, element)[0].reshape(-1, PACKET) ** 2, 1)
            here, quiet = spoken & ~lost, pause & ~lost
            quiet[:100] = False
            change = db(out[here].sum() / whole[here].sum())
            noise = db((out[quiet].sum() + 1e-12) / (whole[quiet].sum() + 1e-12)) if quiet.any() else 0
            hurt = np.mean(10 * np.log10((out[here] + 1e-12) / (whole[here] + 1e-12)) < -3)
            print(f"{element:80s} {share:4.0%} lost: speech {change:+.2f} dB, packets below -3 dB {hurt:.1%}, "
                  f"noise {noise:+.2f} dB")
            assert abs(change) < 0.5, (element, share, change)
            if element.startswith("dmixdenoise"):
                assert hurt <= 0.02 and noise < 0.5, (element, share, hurt, noise)


def duck(background, dialogue, lost_background, lost_dialogue):
    """Power of each packet of the ducked background."""
    source = f"format=time max-bytes=0 caps=audio/x-raw,format=F32LE,layout=interleaved,rate={RATE},channels=1"
    pipeline = Gst.parse_launch(f"dmixducker name=d output=background ! appsink name=out sync=false "
                                f"appsrc name=b {source} ! d.background appsrc name=v {source} ! d.dialogue")
    pipeline.set_state(Gst.State.PLAYING)
    push(pipeline.get_by_name("b"), background, lost_background)
    push(pipeline.get_by_name("v"), dialogue, lost_dialogue)
    out, sink = [], pipeline.get_by_name("out")
    while True:
        sample = sink.emit("try-pull-sample", 20 * Gst.SECOND)
        if not sample:
            break
        buffer = sample.get_buffer()
        out.append(np.frombuffer(buffer.extract_dup(0, buffer.get_size()), "<f4").astype(float))
    pipeline.set_state(Gst.State.NULL)
    out = np.concatenate(out)
    assert len(out) == len(background), (len(out), len(background))
    return np.mean(out.reshape(-1, PACKET) ** 2, 1)


def ducking_stays():
    clean = voice()
    bed = pink(len(clean), 6) * 0.03
    packets = len(clean) // PACKET
    none, spoken = np.zeros(packets, bool), np.mean(clean.reshape(-1, PACKET) ** 2, 1) > 0.02 ** 2
    whole = duck(bed, clean, none, none)
    for share in LOSSES:
        lost = losses(packets, share, 4)
        for title, out, here in (("dialogue", duck(bed, clean, none, lost), spoken),
                                 ("background", duck(bed, clean, lost, none), spoken & ~lost)):
            change = db(out[here].sum() / whole[here].sum())
            print(f"dmixducker, {share:4.0%} of the {title} lost: background under speech {change:+.2f} dB")
            assert abs(change) < 0.5, (title, share, change)


def loudness():
    t = np.arange(20 * RATE) / RATE
    x = 0.1 * np.sin(2 * np.pi * 1000 * t)
    for share in (0,) + LOSSES:
        lost = losses(1000, share, 3)
        _, reading = play(x, lost, "dmixmeter interval=3600000000000")
        want = -20 - 3.01 + 10 * np.log10(1 - np.mean(lost))
        found = reading.get_value("integrated")
        print(f"loudness, {np.mean(lost):.1%} lost: {found:.2f} LUFS, expected {want:.2f}")
        assert abs(found - want) < 0.1


def main():
    Gst.init(None)
    loudness()
    speech_stays()
    ducking_stays()


if __name__ == "__main__":
    sys.exit(main())
