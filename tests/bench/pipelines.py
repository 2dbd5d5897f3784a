# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What the benchmark plays: command lines of our elements, of their peers, and of empty pipelines.

In a command, {b} {d} {g} {t} {z} are the files of background, dialogue, guide, take and silence (sounds.py).
"""
import collections
import os
import re
import subprocess
import sys

from sounds import RATE

SOFA = "/usr/share/libmysofa/MIT_KEMAR_normal_pinna.sofa"      # Debian's libmysofa1
FFMPEG = "ffmpeg -nostdin -v error -threads 1 -filter_threads 1 -filter_complex_threads 1"
# command: what to run; floor: name of the same pipeline without the element; peers: names of what it is compared
# with; sounds: the cost is shared by so many; mono: reads the same bytes as one channel, so they last longer
Line = collections.namedtuple("Line", "command floor peers sounds mono", defaults=(None, (), 1, False))


def source(key, channels):
    return (f"filesrc location={{{key}}} ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le "
            f"sample-rate={RATE} num-channels={channels}")


def ffmpeg_input(key, channels):
    return f"-f f32le -ar {RATE} -ac {channels} -i {{{key}}}"


def one(element, channels):
    return f"gst-launch-1.0 -q {source('b', channels)} ! {element} ! fakesink"


def ffmpeg_one(element, channels):
    return f"{FFMPEG} {ffmpeg_input('b', channels)} -af {element} -c:a pcm_f32le -f null -"


def two(element, pads, channels, keys="bd"):
    return (f"gst-launch-1.0 -q {element} name=m ! fakesink "
            + " ".join(f"{source(key, channels)} ! m.{pad}" for key, pad in zip(keys, pads)))


def floors(channels):
    """Pipelines without an element."""
    first, second = source("b", channels), source("d", channels)
    inputs = f"{ffmpeg_input('b', channels)} {ffmpeg_input('d', channels)}"
    return {
        "gst, one input": Line(f"gst-launch-1.0 -q {first} ! fakesink"),
        "gst, two inputs": Line(f"gst-launch-1.0 -q {first} ! fakesink {second} ! fakesink"),
        "ffmpeg, one input": Line(ffmpeg_one("anull", channels)),
        "ffmpeg, two inputs": Line(f"{FFMPEG} {inputs} -filter_complex [1]anullsink;[0]anull -c:a pcm_f32le -f null -"),
        "gst, mono": Line(f"gst-launch-1.0 -q {source('b', 1)} ! fakesink", mono=True),
        "ffmpeg, mono": Line(ffmpeg_one("anull", 1), mono=True),
        "16 sounds, mono": Line(objects(16, 90, "none"), mono=True),
        "64 sounds, mono": Line(objects(64, 0, "none"), mono=True),
    }


def objects(count, speed, mixer):
    """So many mono sounds through a mixer, at so many degrees a second: objects.c."""
    return f"build/tests/bench/bench_objects {count} {speed} {{b}} {mixer}"


def peers(channels):
    """What others offer for the same job."""
    inputs = f"{ffmpeg_input('b', channels)} {ffmpeg_input('d', channels)}"
    compress = "[0][1]sidechaincompress=threshold=0.014:ratio=4:attack=5:release=1500"
    matrix = ",".join(f"<(double){gain}>" for gain in (0.8, 0.6, 0, 0, 0, 0, 0, 0))
    found = {"sidechaincompress": Line(f"{FFMPEG} {inputs} -filter_complex {compress} -c:a pcm_f32le -f null -",
                                       "ffmpeg, two inputs"),
             "audiomixer": Line(two("audiomixer", ("sink_0", "sink_1"), channels), "gst, two inputs")}
    for name, filter_ in (("loudnorm", "loudnorm=I=-23"), ("dynaudnorm", "dynaudnorm"),
                          ("ebur128", "ebur128=peak=true"), ("dialoguenhance", "dialoguenhance"),
                          ("acompressor", "acompressor=threshold=0.03:ratio=4:attack=20:release=250"),
                          ("alimiter", "alimiter=limit=0.08:level=0"), ("atempo", "atempo=0.98"),
                          ("rubberband", "rubberband=tempo=0.98")):
        found[name] = Line(ffmpeg_one(filter_, channels), "ffmpeg, one input")
    for name, element in (
            ("audiodynamic", "audiodynamic characteristics=soft-knee threshold=0.1 ratio=0.25"),
            ("LSP compressor", "LSP-compressor-stereo attack-threshold=0.03 ratio=4 attack-time=20 release-time=250 "
                               "sidechain-lookahead=5"),
            ("LSP limiter, 4 x", "LSP-limiter-stereo threshold=0.08 lookahead=5 oversampling=5")):
        found[name] = Line(one(element, channels), "gst, one input")
    for name, element in (
            ("webrtcdsp, mono", "audioconvert ! webrtcdsp echo-cancel=false gain-control=false limiter=false "
                                "noise-suppression-level=very-high ! audioconvert"),
            ("audiopanorama, mono", "audiopanorama panorama=0.3 ! audio/x-raw,channels=2"),
            ("audiomixmatrix, mono", f"audiomixmatrix in-channels=1 out-channels=8 channel-mask=0xc3f "
                                     f"matrix=<{matrix}>")):
        found[name] = Line(one(element, 1), "gst, mono", mono=True)
    found["sofalizer, mono"] = Line(ffmpeg_one(f"'sofalizer=sofa={SOFA}:type=freq:speakers=FC 45 0'", 1),
                                    "ffmpeg, mono", mono=True)
    return found


DUCKERS = ("sidechaincompress", "audiomixer")
COMPRESSORS = ("acompressor", "LSP compressor", "audiodynamic")
LIMITERS = ("alimiter", "LSP limiter, 4 x")
LEVELLERS = ("loudnorm", "dynaudnorm")
# name (up to the first comma the element), settings, peers
FILTERS = [
    ("dmixcomp", "threshold=-30 ratio=4 attack=20 release=250 lookahead=5", COMPRESSORS),
    ("dmixcomp, peak detector", "threshold=-30 detector=peak", COMPRESSORS),
    ("dmixcomp, k-weighted", "threshold=-30 detector=k-weighted", COMPRESSORS),
    ("dmixcomp, each channel", "threshold=-30 link=0", COMPRESSORS),
    ("dmixcomp, gate", "mode=gate threshold=-30", ()),
    ("dmixcomp, expand", "mode=expand threshold=-30", ()),
    ("dmixcomp, upward", "mode=upward threshold=-30", ()),
    ("dmixcomp, limiter", "mode=limit ceiling=-21.9 lookahead=5 release=50", LIMITERS),
    ("dmixlevel", "", LEVELLERS),
    ("dmixlevel, statistical", "speech-detector=statistical", LEVELLERS),
    ("dmixlevel, programme", "anchor=programme", LEVELLERS),
    ("dmixlevel, analyse", "mode=analyse", LEVELLERS),
    ("dmixlevel, gain", "mode=gain gain=3", LEVELLERS),
    ("dmixmeter", "", ("ebur128",)),
    ("dmixmeter, dialogue", "dialogue=gated speech-detector=statistical", ("ebur128",)),
    ("dmixmeter, dialogue learned", "dialogue=gated", ("ebur128",)),
    ("dmixmeter, dialogue both", "dialogue=both", ("ebur128",)),
    ("dmixdialogue", "boost=3 target=12", ("dialoguenhance",)),
    ("dmixdialogue, statistical", "boost=3 target=12 estimator=statistical", ("dialoguenhance",)),
    ("dmixdialogue, night", "boost=3 target=14 spectral=6 keep-loudness=true ceiling=-6", ("dialoguenhance",)),
    ("dmixdialogue, stem", "lookahead=0 output=dialogue", ("dialoguenhance",)),
    ("dmixdenoise", "reduction=18", ()),
    ("dmixdenoise, learned", "reduction=18 estimator=learned", ("dmixdenoise",)),
]
MONO = [
    ("dmixdenoise, mono", "dmixdenoise reduction=18", ("webrtcdsp, mono",)),
    ("dmixdenoise, mono, low latency", "dmixdenoise reduction=18 latency-mode=low", ("webrtcdsp, mono",)),
    ("dmixdenoise, mono, learned", "dmixdenoise reduction=18 estimator=learned", ("webrtcdsp, mono",)),
    ("dmixpan, mono to stereo", "dmixpan azimuth=10 ! audio/x-raw,channels=2", ("audiopanorama, mono",)),
    ("dmixpan, mono to 7.1", "dmixpan azimuth=10 layout=7.1", ("audiomixmatrix, mono",)),
    ("dmixpan, mono to Ambisonics", "dmixpan azimuth=10 output=ambisonic", ()),
    ("dmixpan, mono, binaural", "dmixpan azimuth=30 output=binaural", ("sofalizer, mono",)),
]
DUCKER = [
    ("dmixducker", ""),
    ("dmixducker, no messages", "post-messages=false"),
    ("dmixducker, level", "trigger=level"),
    ("dmixducker, spectral", "spectral=12"),
    ("dmixducker, glimpse", "goal=glimpse"),
    ("dmixducker, meter", "meter=true"),
    ("dmixducker, learned", "speech-detector=learned"),
]
BIN = [
    ("dmixbin", ""),
    ("dmixbin, full", "loudness=-23 voices=-20 ceiling=-1 meter=true"),
    ("dmixbin, analyse", "analyse=true"),
]


def ours(channels):
    """Every element of ours, in its modes."""
    found = {}
    for name, settings in DUCKER:
        found[name] = Line(two(f"dmixducker {settings}", ("background", "dialogue"), channels), "gst, two inputs", DUCKERS)
    found["dmixducker, silent dialogue"] = Line(two("dmixducker", ("background", "dialogue"), channels, "bz"),
                                                "gst, two inputs", DUCKERS)
    for name, settings in BIN:
        # plain, it is the ducker: what it costs more is what unused features cost
        found[name] = Line(two(f"dmixbin {settings}", ("ambience_0", "dialogue_0"), channels), "gst, two inputs",
                           DUCKERS if settings else ("dmixducker", *DUCKERS))
    for name, settings, others in FILTERS:
        found[name] = Line(one(f"{name.split(',')[0]} {settings}", channels), "gst, one input", others)
    for name, element, others in MONO:
        found[name] = Line(one(element, 1), "gst, mono", others, mono=True)
    found["dmixpanmix, 16 mono, binaural"] = Line(objects(16, 90, "dmixpanmix name=m output=binaural"),
                                                  "16 sounds, mono", ("sofalizer, mono",), 16, True)
    for name, speed in (("dmixpanmix, 64 mono at rest", 0), ("dmixpanmix, 64 mono, moving", 90)):
        found[name] = Line(objects(64, speed, "dmixpanmix name=m layout=7.1.4"), "64 sounds, mono", (), 64, True)
    # guide and take say the same, one 2 % faster: stretching is all that the peers do
    found["dmixadr"] = Line(two("dmixadr", ("guide", "take"), channels, "gt"), "gst, two inputs", ("rubberband", "atempo"))
    found["dmixadr, learned"] = Line(two("dmixadr speech-detector=learned", ("guide", "take"), channels, "gt"),
                                     "gst, two inputs", ("dmixadr",))
    return found


def choose(elements, with_peers, channels=2):
    """What to measure for these elements (all, if there are none): names of ours, and {name: Line} with all floors."""
    # a plugin that was built anew makes GStreamer renew its registry: not in what is measured, and not the user's
    os.environ["GST_REGISTRY"] = os.path.abspath("build/tests/bench/registry.bin")
    subprocess.run(["gst-inspect-1.0", "dmixmeter"], check=True, stdout=subprocess.DEVNULL)
    mine = {name: line for name, line in ours(channels).items()
            if not elements or name in elements or name.split(",")[0] in elements}
    others = {**peers(channels), **ours(channels)}
    lines = dict(mine)
    for line in mine.values():
        lines.update({peer: others[peer] for peer in line.peers if with_peers})
    empty = floors(channels)
    lines.update({line.floor: empty[line.floor] for line in list(lines.values())})
    return list(mine), lines


def with_lsp(command):
    """LSP's elements have their version in the name."""
    names = set(re.findall(r"LSP-(\S+)", command))
    found = subprocess.run(["gst-inspect-1.0"], capture_output=True, text=True).stdout if names else ""
    for name in names:
        element = re.search(rf"ladspa-lsp\S*plugins-ladspa-{name}(?=:)", found)
        if not element:
            sys.exit(f"there is no LSP {name} among GStreamer's LADSPA elements")
        command = command.replace(f"LSP-{name}", element[0])
    return command
