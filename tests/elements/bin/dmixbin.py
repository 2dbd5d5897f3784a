#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmixbin: equal to the hand-written chain, pads that come and go, children, settings.

Signals are made here: two voices of bursts, noise as ambience.
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

import gi
import numpy as np

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

RATE = 48000
failures = []


def expect(fact, text):
    print(("ok   " if fact else "FAIL ") + text)
    if not fact:
        failures.append(text)


# *** equal to the chain that one would write by hand ***

LEVEL = "dmixlevel anchor=programme lookahead=3000 ceiling={} target={} max-gain={} max-cut={}"
VOICE = "dmixlevel anchor=dialogue lookahead=3000 target=-17 max-gain=18 max-cut=18"
HAND = {  # target of the ducker, before its dialogue, behind it
    "film": (15, "", "dmixcomp @preset=broadcast-limiter ceiling=-2"),
    "documentary": (12, "", LEVEL.format(-1, -23, 12, 20)),
    "podcast": (12, VOICE, LEVEL.format(-1, -16, 18, 18)),
    "broadcast-r128": (15, "", LEVEL.format(-1, -23, 18, 20)),
    "streaming": (12, "", LEVEL.format(-1, -14, 20, 20)),
    "night": (18, "", LEVEL.format(-12, -27, 15, 30)),
    None: (15, "", ""),
}


def voice(seed, rate, seconds=8):
    """Bursts of harmonics with pauses, as speech has them."""
    rng = np.random.default_rng(seed)
    t = np.arange(seconds * rate) / rate
    x = sum(np.sin(2 * np.pi * k * (110 + 30 * seed) * t) / k for k in range(1, 20))
    gate = np.repeat(rng.uniform(size=seconds * 5) < 0.6, rate // 5)
    return 0.1 * x * gate * (np.sin(2 * np.pi * 4 * t) ** 2)


def write_inputs(folder):
    """Launch text of the sources: two voices of different rates, stereo noise."""
    noise = 0.03 * np.random.default_rng(9).standard_normal((8 * RATE, 2))
    sources = []
    for name, x, rate, channels in (("a", voice(1, RATE), RATE, 1), ("b", voice(2, 44100), 44100, 1),
                                    ("n", noise, RATE, 2)):
        np.asarray(x, "<f4").tofile(folder / name)
        sources.append(f"filesrc location={folder / name} blocksize=40000 ! rawaudioparse use-sink-caps=false format=pcm "
                       f"pcm-format=f32le sample-rate={rate} num-channels={channels}")
    return sources


def render(line, out):
    subprocess.run(["gst-launch-1.0", "-q", *shlex.split(line)], check=True, timeout=120)
    return out.read_bytes()


def test_equal(folder):
    a, b, n = write_inputs(folder)
    out = folder / "out"
    convert = "! audioconvert ! audioresample !"
    for preset, (target, before, behind) in HAND.items():
        before = f"{before} !" if before else ""
        behind = f"! {behind}" if behind else ""
        hand = render(f"dmixducker name=d target={target} {behind} ! filesink location={out} {n} {convert} d.background "
                      f"{a} {convert} {before} d.dialogue_0 {b} {convert} {before} d.dialogue_1", out)
        one = render(f"dmixbin name=m {'@preset=' + preset if preset else ''} ! filesink location={out} "
                     f"{n} ! m.ambience_0 {a} ! m.dialogue_0 {b} ! m.dialogue_1", out)
        expect(len(one) == 8 * RATE * 8 and hand == one, f"{preset or 'no preset'}: equal to the hand-written chain")


# *** pads that come and go while playing ***

def click_db(x):
    """Highest peak above 8 kHz, where the tones here have nothing, over the RMS of the louder tone, dB."""
    n = np.arange(-64, 65)
    high = -np.sinc(2 * 8 / 48 * n) * 2 * 8 / 48 * np.blackman(129)
    high[64] += 1
    return 20 * np.log10(np.abs(np.convolve(x, high, "valid")[3000:]).max() / (0.3 / np.sqrt(2)))


def capture(sink, out, times):
    buffer = sink.emit("pull-sample").get_buffer()
    ok, data = buffer.map(Gst.MapFlags.READ)
    out.append(np.frombuffer(data.data, "<f4").reshape(-1, 2)[:, 0].copy())
    times.append((buffer.pts, buffer.duration))
    buffer.unmap(data)
    return Gst.FlowReturn.OK if ok else Gst.FlowReturn.ERROR


def wait_for(times, seconds):
    """Until so much sound has come since times[0]; blocks are 10 to 100 ms long."""
    return wait_until(lambda: times and sum(times[-1]) - times[0][0] >= seconds * Gst.SECOND)


def wait_until(fact):
    end = time.monotonic() + 20
    while not fact() and time.monotonic() < end:
        time.sleep(0.01)
    return fact()


def test_come_and_go(unlink_first):
    pipeline = Gst.parse_launch(
        "dmixbin name=m target=0 ! appsink name=s emit-signals=true audiotestsrc freq=300 volume=0.1 samplesperbuffer=480 "
        f"! audio/x-raw,rate={RATE},channels=2 ! m.ambience_0")
    mix, sink, out, times = pipeline.get_by_name("m"), pipeline.get_by_name("s"), [], []
    sink.connect("new-sample", capture, out, times)
    pipeline.set_state(Gst.State.PLAYING)
    inner = sorted(child.get_name() for child in mix.children)
    for wanted in ("music_%u", "dialogue_%u", "effects_%u"):
        wait_for(times, 0.5)
        del times[:-1]
        source = Gst.parse_bin_from_description(
            "audiotestsrc freq=440 volume=0.3 samplesperbuffer=441 ! capsfilter caps=audio/x-raw,rate=44100,channels=1", True)
        pad = mix.request_pad_simple(wanted)
        pad.set_property("start", times[-1][0] + 300 * Gst.MSECOND)
        pipeline.add(source)
        assert source.get_static_pad("src").link(pad) == Gst.PadLinkReturn.OK
        source.sync_state_with_parent()
        wait_for(times, 0.8)
        before = time.monotonic()
        if unlink_first:
            source.get_static_pad("src").unlink(pad)
        mix.release_request_pad(pad)
        expect(time.monotonic() - before < 0.1, f"{wanted}: releasing does not wait for sound")
        source.set_state(Gst.State.NULL)
        pipeline.remove(source)
        expect(wait_until(lambda: sorted(c.get_name() for c in mix.children) == inner),
               f"{wanted}: its elements are gone")
    del times[:-1]
    wait_for(times, 0.5)
    pipeline.set_state(Gst.State.NULL)
    x = np.concatenate(out)
    loud = np.sqrt(np.convolve(x ** 2, np.ones(480) / 480, "valid"))
    expect(loud.max() > 0.2 and abs(loud[-1] - 0.1 / np.sqrt(2)) < 0.003, "the tones were there, and one is left")
    expect(click_db(x) <= -70, f"no click: {click_db(x):.1f} dB ({'unlinked first' if unlink_first else 'released'})")
    expect(all(abs(a + d - b) <= 2 for (a, d), (b, _) in zip(times, times[1:])), "no gap")


def test_joins_and_goes():
    """A compressor that joins makes no click, also where its pad is released at once."""
    pipeline = Gst.parse_launch(
        "dmixbin name=m target=0 ! appsink name=s emit-signals=true audiotestsrc freq=300 volume=0.1 samplesperbuffer=480 "
        f"! audio/x-raw,rate={RATE},channels=2 ! m.ambience_0")
    mix, sink, out, times = pipeline.get_by_name("m"), pipeline.get_by_name("s"), [], []
    sink.connect("new-sample", capture, out, times)
    pipeline.set_state(Gst.State.PLAYING)
    for number in range(10):
        wait_for(times, 0.5)
        del times[:-1]
        source = Gst.parse_bin_from_description(
            f"audiotestsrc freq=440 volume=0.3 samplesperbuffer=480 ! capsfilter caps=audio/x-raw,rate={RATE},channels=1", True)
        pad = mix.request_pad_simple("music_%u" if number % 2 else "dialogue_%u")
        pad.set_property("start", times[-1][0] + 300 * Gst.MSECOND)
        pipeline.add(source)
        assert source.get_static_pad("src").link(pad) == Gst.PadLinkReturn.OK
        source.sync_state_with_parent()
        wait_for(times, 0.9)
        pad.set_property("steady", 12.0)
        if number >= 8:  # it stays a while
            wait_for(times, 1.3)
        mix.release_request_pad(pad)
        source.set_state(Gst.State.NULL)
        pipeline.remove(source)
        expect(wait_until(lambda: mix.numchildren == 3), f"joined and gone {number}: nothing is left")
    pipeline.set_state(Gst.State.NULL)
    click = click_db(np.concatenate(out))
    expect(click <= -70, f"steady, then released: no click: {click:.1f} dB")


def test_gain_glides():
    """Gain, mute and solo do not click; they move the level of their pad alone."""
    pipeline = Gst.parse_launch(
        "dmixbin name=m target=0 ! appsink name=s emit-signals=true "
        f"audiotestsrc freq=300 volume=0.3 samplesperbuffer=480 ! audio/x-raw,rate={RATE},channels=2 ! m.ambience_0 "
        f"audiotestsrc freq=500 volume=0.3 samplesperbuffer=480 ! audio/x-raw,rate={RATE},channels=2 ! m.music_0")
    mix, sink, out, times = pipeline.get_by_name("m"), pipeline.get_by_name("s"), [], []
    sink.connect("new-sample", capture, out, times)
    pipeline.set_state(Gst.State.PLAYING)
    pad = mix.get_static_pad("music_0")
    levels = []
    for prop, value in (("gain", -6.0), ("mute", True), ("mute", False), ("solo", True), ("solo", False)):
        wait_for(times, 0.6)
        pad.set_property(prop, value)
        del times[:]
        wait_for(times, 0.6)
        x = out[-1]
        tone = np.exp(-2j * np.pi * 500 * np.arange(len(x)) / RATE)
        other = np.exp(-2j * np.pi * 300 * np.arange(len(x)) / RATE)
        levels.append(tuple(round(2 * abs(np.mean(x * t)) / 0.3, 2) for t in (tone, other)))
    pipeline.set_state(Gst.State.NULL)
    expect(levels == [(0.5, 1), (0, 1), (0.5, 1), (0.5, 0), (0.5, 1)], f"gain, mute and solo: {levels}")
    click = click_db(np.concatenate(out))
    expect(click <= -70, f"they do not click: {click:.1f} dB")


# *** children and settings ***

def child(mix, name):
    """Object and property of a name as pad::property."""
    found, target, spec = Gst.ChildProxy.lookup(mix, name)
    assert found, name
    return target, spec.name


def put(mix, name, value):
    target, prop = child(mix, name)
    target.set_property(prop, value)


def read(mix, name):
    target, prop = child(mix, name)
    return target.get_property(prop)


def test_children():
    mix = Gst.ElementFactory.make("dmixbin")
    pads = [mix.request_pad_simple(name) for name in ("dialogue_0", "ambience_%u", "ambience_%u")]
    expect([pad.get_name() for pad in pads] == ["dialogue_0", "ambience_0", "ambience_1"], "names of the pads")
    names = {mix.get_child_by_index(i).get_name() for i in range(mix.get_children_count())}
    plain = {f"{pad.get_name()}-{what}" for pad in pads for what in ("convert", "resample")}
    expect(names == {"ducker", *plain, *(pad.get_name() for pad in pads)}, "nothing but the ducker and converters")
    for name, value, element in (("dialogue_0::denoise", 9.0, "dialogue_0-denoise"),
                                 ("ambience_1::steady", 6.0, "ambience_1-steady"),
                                 ("ambience_0::pan", 30.0, "ambience_0-pan")):
        put(mix, name, value)
        expect(mix.get_by_name(element) and read(mix, name) == value, f"{name} brings {element}")
    put(mix, "dialogue_0::denoise", 0.0)
    expect(not mix.get_by_name("dialogue_0-denoise"), "denoise=0 takes it out again")
    put(mix, "ducker::hold", 123.0)
    expect(mix.get_by_name("ducker").get_property("hold") == 123.0, "inner elements are children")
    for prop, value, element in (("loudness", -23.0, "level"), ("meter", True, "meter"), ("ceiling", -1.0, None)):
        mix.set_property(prop, value)
        expect(not element or mix.get_by_name(element), f"{prop} brings {element}")
    expect(not mix.get_by_name("limiter"), "the leveller limits already")
    mix.set_property("loudness", 0.0)
    expect(mix.get_by_name("limiter") and not mix.get_by_name("level"), "without it a limiter does")


def test_settings():
    """Settings wait for the pad or element that they are for."""
    mix = Gst.ElementFactory.make("dmixbin")
    mix.set_property("settings", "target=11 dialogue_0::denoise=6 dialogue_0-denoise::sensitivity=3 music_0::gain=-4")
    expect(mix.get_property("target") == 11, "settings: of the element at once")
    mix.request_pad_simple("dialogue_0")
    mix.request_pad_simple("music_0")
    expect(read(mix, "dialogue_0::denoise") == 6 and read(mix, "music_0::gain") == -4,
           "settings: of pads when they come")
    expect(mix.get_by_name("dialogue_0-denoise").get_property("sensitivity") == 3, "settings: of elements of a pad")


def main():
    Gst.init(None)
    tests = [test_children, test_settings, test_gain_glides]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_DATA_HOME", folder)
        for test in tests:
            test()
        test_equal(pathlib.Path(folder))
    for unlink_first in (False, True):
        test_come_and_go(unlink_first)
    test_joins_and_goes()
    print("\n".join(failures) or "all as it should be")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
