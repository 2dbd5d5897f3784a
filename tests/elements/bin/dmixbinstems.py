#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmixbin: a finished mix on the pad programme, the stems of the mix on pads of their own, control bindings."""
import pathlib
import shlex
import subprocess
import sys
import tempfile

import gi
import numpy as np

gi.require_version("Gst", "1.0")
gi.require_version("GstController", "1.0")
from gi.repository import Gst, GstController  # noqa: E402

from dmixbin import expect, failures, wait_until  # noqa: E402

RATE = 48000
SECONDS = 6


def write_inputs(folder):
    """Launch text of the sources: `film`, stereo, and `voice`, mono at another rate."""
    t = np.arange(SECONDS * RATE) / RATE
    noise = 0.03 * np.random.default_rng(3).standard_normal((len(t), 2))
    voice = sum(np.sin(2 * np.pi * k * 140 * t) / k for k in range(1, 20)) * (np.sin(2 * np.pi * 0.5 * t) > 0)
    voice *= 0.1 * np.sin(2 * np.pi * 4 * t) ** 2
    sources = {}
    for name, x, rate in (("film", noise + voice[:, None], RATE), ("voice", np.roll(voice, RATE)[::2], RATE // 2)):
        np.asarray(x, "<f4").tofile(folder / name)
        sources[name] = (f"filesrc location={folder / name} blocksize=40000 ! rawaudioparse use-sink-caps=false format=pcm "
                         f"pcm-format=f32le sample-rate={rate} num-channels={x.ndim if x.ndim < 2 else x.shape[1]}")
    return sources


def render(folder, line, *names):
    """Plays a line that writes files of these names; returns them as frames."""
    subprocess.run(["gst-launch-1.0", "-q", *shlex.split(line)], check=True, timeout=30)
    return [np.fromfile(folder / name, "<f4").reshape(-1, 2) for name in names]


def into(folder, name):
    return f"filesink location={folder / name}"


def test_programme(folder, sources):
    film = np.fromfile(folder / "film", "<f4").reshape(-1, 2)
    alone, = render(folder, f"dmixbin name=m target=0 ! {into(folder, 'a')} {sources['film']} ! m.programme", "a")
    expect(alone.shape == film.shape and np.abs(alone - film).max() < 1e-6, "a programme alone passes as it is")
    ducked, = render(folder, f"dmixbin name=m target=20 ! {into(folder, 'a')} {sources['film']} ! m.programme "
                     f"{sources['voice']} ! m.dialogue_0", "a")
    plain, = render(folder, f"dmixbin name=m target=0 ! {into(folder, 'a')} {sources['film']} ! m.programme "
                    f"{sources['voice']} ! m.dialogue_0", "a")
    expect(ducked.shape == film.shape, "narration over a programme: as long as the programme")
    expect(np.std(ducked - plain) > 0.005, "narration over a programme: its background is ducked")


def test_stems(folder, sources):
    """The sum of the stems is the mix; for each source of the mix, and in every state of the ducker."""
    stems = f"m.dialogue ! queue ! {into(folder, 'd')} m.background ! queue ! {into(folder, 'b')}"
    inputs = f"{sources['film']} ! m.programme {sources['film']} ! m.music_0 {sources['voice']} ! m.dialogue_0"
    for properties in ("target=15", "target=0", "target=15 ducker::dialogue-gain=-4"):
        src, dialogue, background = render(
            folder, f"dmixbin name=m {properties} ! queue ! {into(folder, 's')} {stems} {inputs}", "s", "d", "b")
        expect(src.shape == dialogue.shape == background.shape == (SECONDS * RATE, 2), f"{properties}: lengths of stems")
        expect(np.abs(dialogue + background - src).max() < 1e-6, f"{properties}: the stems add up to the mix")
        expect(min(np.std(dialogue), np.std(background)) > 0.01, f"{properties}: both have sound")
    plain, = render(folder, f"dmixbin name=m target=15 ! {into(folder, 's')} {inputs}", "s")
    src, dialogue = render(folder, f"dmixbin name=m target=15 ! queue ! {into(folder, 's')} "
                           f"m.dialogue ! queue ! {into(folder, 'd')} {inputs}", "s", "d")
    expect(np.array_equal(src, plain), "a stem leaves the mix bit by bit")
    alone, = render(folder, f"dmixbin name=m target=15 loudness=-20 ceiling=-1 ! fakesink m.dialogue ! "
                    "queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! "
                    f"{into(folder, 'd')} {inputs}", "d")
    expect(np.array_equal(alone, dialogue), "a stem leaves before loudness and ceiling")


def pull(sink, out):
    buffer = sink.emit("pull-sample").get_buffer()
    ok, data = buffer.map(Gst.MapFlags.READ)
    out.append((buffer.pts, np.frombuffer(data.data, "<f4").copy()))
    buffer.unmap(data)
    return Gst.FlowReturn.OK if ok else Gst.FlowReturn.ERROR


def more(out, seconds):
    """Whether so much sound comes from now on, in blocks of any length."""
    wait_until(lambda: out)
    begin = out[-1][0]
    return wait_until(lambda: out[-1][0] - begin >= seconds * Gst.SECOND)


def test_come_and_go():
    """A stem and a programme that come and go while the mix plays: no gap, nothing is left."""
    pipeline = Gst.parse_launch(
        "dmixbin name=m target=0 ! queue ! appsink name=s emit-signals=true audiotestsrc freq=300 volume=0.1 "
        f"samplesperbuffer=480 ! audio/x-raw,rate={RATE},channels=2 ! m.ambience_0")
    mix, out = pipeline.get_by_name("m"), []
    pipeline.get_by_name("s").connect("new-sample", pull, out)
    pipeline.set_state(Gst.State.PLAYING)
    more(out, 0.4)
    inner = {child.get_name() for child in mix.children}

    stem, queue, sink = mix.request_pad_simple("background"), *(Gst.ElementFactory.make(n) for n in ("queue", "appsink"))
    sink.set_property("emit-signals", True)
    heard = []
    sink.connect("new-sample", pull, heard)
    for element in (sink, queue):
        pipeline.add(element)
    queue.link(sink)
    for element in (sink, queue):
        element.sync_state_with_parent()
    expect(stem.link(queue.get_static_pad("sink")) == Gst.PadLinkReturn.OK, "a stem is linked while playing")
    expect(more(heard, 0.4), "and brings sound")
    there = dict(out)
    same = [np.abs(there[pts] - x).max() for pts, x in heard if pts in there]
    expect(len(same) >= 2 and max(same) < 1e-6, "which is that of the mix")
    mix.release_request_pad(stem)

    source = Gst.parse_bin_from_description(
        f"audiotestsrc freq=440 volume=0.3 samplesperbuffer=480 ! capsfilter caps=audio/x-raw,rate={RATE},channels=2", True)
    pad = mix.request_pad_simple("programme")
    pad.set_property("start", out[-1][0] + 300 * Gst.MSECOND)
    pipeline.add(source)
    source.get_static_pad("src").link(pad)
    source.sync_state_with_parent()
    expect(more(out, 1.2) and wait_until(lambda: np.abs(out[-1][1]).max() > 0.25), "a programme joins")
    mix.release_request_pad(pad)
    source.set_state(Gst.State.NULL)
    pipeline.remove(source)
    expect(wait_until(lambda: {child.get_name() for child in mix.children} == inner | {"stems"}), "its elements are gone")
    expect(more(out, 0.4), "and the rest plays on")
    pipeline.set_state(Gst.State.NULL)
    missing = [later - pts - len(x) // 2 * Gst.SECOND // RATE for (pts, x), (later, _) in zip(out, out[1:])]
    expect(np.abs(missing).max() <= 2, "no gap")


def bind(thing, prop, points):
    """Steps of a property: pairs of time (s) and value."""
    curve = GstController.InterpolationControlSource(mode=GstController.InterpolationMode.NONE)
    for at, value in points:
        curve.set(int(at * Gst.SECOND), value)
    thing.add_control_binding(GstController.DirectControlBinding.new_absolute(thing, prop, curve))


def test_bindings():
    """Bindings of the element and of its pads reach the elements inside."""
    pipeline = Gst.parse_launch(
        "dmixbin name=m layout=stereo target=0 max-gain=1 ! appsink name=s emit-signals=true sync=false audiotestsrc freq=300 "
        f"volume=0.1 samplesperbuffer=480 num-buffers=300 ! audio/x-raw,rate={RATE},channels=1 ! m.music_0")
    mix, out = pipeline.get_by_name("m"), []
    pipeline.get_by_name("s").connect("new-sample", pull, out)
    pad = mix.get_static_pad("music_0")
    bind(pad, "pan", [(0, -30), (1.5, 30)])
    bind(pad, "denoise", [(0, 0), (2, 12)])
    bind(mix, "target", [(0, 5), (1, 17)])
    bind(mix, "max-gain", [(0, 3), (1, 8)])
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(20 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    expect(message and message.type == Gst.MessageType.EOS, "control bindings: it plays to the end")
    expect(mix.get_by_name("ducker").get_property("target") == 17 and mix.get_property("max-gain") == 8,
           "those of the element reach the ducker")
    expect(mix.get_by_name("music_0-denoise") is not None, "one of a pad puts its element into the chain")
    pipeline.set_state(Gst.State.NULL)
    x = np.concatenate([x for _, x in out]).reshape(-1, 2)
    early, late = (np.std(x[int(at * RATE):int((at + 0.4) * RATE)], axis=0) for at in (0.8, 1.7))
    expect(early[1] > 5 * early[0] and late[0] > 5 * late[1], "pan follows its binding")


def main():
    Gst.init(None)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        sources = write_inputs(folder)
        test_programme(folder, sources)
        test_stems(folder, sources)
    test_come_and_go()
    test_bindings()
    print("\n".join(failures) or "all as it should be")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
