#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""CPU cost of pipelines, see run.sh. usage: bench.py SECONDS ROUNDS [ELEMENT ...]"""
import array
import math
import os
import random
import re
import resource
import shlex
import subprocess
import sys
import tempfile

RATE, CHANNELS, SHORT = 48000, 2, 10
SOURCE = (f"filesrc location={{}} ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le "
          f"sample-rate={RATE} num-channels={CHANNELS}")
INPUT = f"-f f32le -ar {RATE} -ac {CHANNELS} -i {{}}"
FFMPEG = "ffmpeg -nostdin -v error -threads 1 -filter_threads 1 -filter_complex_threads 1"
# name: (floor, command with {b} background and {d} dialogue)
GST2 = "gst-launch-1.0 -q {e} ! fakesink " + SOURCE.format("{b}") + " ! {p} " + SOURCE.format("{d}") + " ! {q}"
FILTER = f"gst-launch-1.0 -q {SOURCE.format('{b}')} ! %s ! fakesink"
FFMPEG_FILTER = f"{FFMPEG} {INPUT.format('{b}')} -af %s -c:a pcm_f32le -f null -"
# the same bytes as one channel, so twice as long
MONO = SOURCE.replace(f"num-channels={CHANNELS}", "num-channels=1")
MONO_FILTER = f"gst-launch-1.0 -q {MONO.format('{b}')} ! %s ! fakesink"
SOFA = "/usr/share/libmysofa/MIT_KEMAR_normal_pinna.sofa"      # Debian's libmysofa1
# so many mono sounds through a mixer, at so many degrees a second: see objects.c
OBJECTS = "build/tests/bench/bench_objects %d %d {b} %s"
MATRIX = ",".join(f"<(double){gain}>" for gain in (0.8, 0.6, 0, 0, 0, 0, 0, 0))
PIPELINES = {
    "gst, one input": (None, f"gst-launch-1.0 -q {SOURCE.format('{b}')} ! fakesink"),
    "gst, two inputs": (None, f"gst-launch-1.0 -q {SOURCE.format('{b}')} ! fakesink {SOURCE.format('{d}')} ! fakesink"),
    "ffmpeg, one input": (None, FFMPEG_FILTER % "anull"),
    "ffmpeg, two inputs": (None, f"{FFMPEG} {INPUT.format('{b}')} {INPUT.format('{d}')} "
                                 "-filter_complex [1]anullsink;[0]anull -c:a pcm_f32le -f null -"),
    "sidechaincompress": ("ffmpeg, two inputs",
                          f"{FFMPEG} {INPUT.format('{b}')} {INPUT.format('{d}')} -filter_complex "
                          "[0][1]sidechaincompress=threshold=0.014:ratio=4:attack=5:release=1500 -c:a pcm_f32le -f null -"),
    "audiomixer": ("gst, two inputs", GST2.format(e="audiomixer name=m", p="m.sink_0", q="m.sink_1", b="{b}", d="{d}")),
    "dmixducker": ("gst, two inputs",
                   GST2.format(e="dmixducker name=m", p="m.background", q="m.dialogue", b="{b}", d="{d}")),
    "dmixducker, no messages": ("gst, two inputs",
                                GST2.format(e="dmixducker name=m post-messages=false", p="m.background",
                                            q="m.dialogue", b="{b}", d="{d}")),
    "dmixducker, level": ("gst, two inputs",
                          GST2.format(e="dmixducker name=m trigger=level", p="m.background", q="m.dialogue", b="{b}",
                                      d="{d}")),
    "dmixducker, spectral": ("gst, two inputs",
                             GST2.format(e="dmixducker name=m spectral=12", p="m.background", q="m.dialogue", b="{b}",
                                         d="{d}")),
        "loudnorm": ("ffmpeg, one input", FFMPEG_FILTER % "loudnorm=I=-23"),
    "dynaudnorm": ("ffmpeg, one input", FFMPEG_FILTER % "dynaudnorm"),
    "dmixlevel": ("gst, one input", FILTER % "dmixlevel"),
    "ebur128": ("ffmpeg, one input", FFMPEG_FILTER % "ebur128=peak=true"),
    "dmixmeter": ("gst, one input", FILTER % "dmixmeter"),
    "audiodynamic": ("gst, one input", FILTER % "audiodynamic characteristics=soft-knee threshold=0.1 ratio=0.25"),
    "acompressor": ("ffmpeg, one input", FFMPEG_FILTER % "acompressor=threshold=0.03:ratio=4:attack=20:release=250"),
    "LSP compressor": ("gst, one input", FILTER % "LSP-compressor-stereo attack-threshold=0.03 ratio=4 attack-time=20 "
                                                  "release-time=250 sidechain-lookahead=5"),
    "dmixcomp": ("gst, one input", FILTER % "dmixcomp threshold=-30 ratio=4 attack=20 release=250 lookahead=5"),
    "alimiter": ("ffmpeg, one input", FFMPEG_FILTER % "alimiter=limit=0.08:level=0"),
    "LSP limiter, 4 x": ("gst, one input", FILTER % "LSP-limiter-stereo threshold=0.08 lookahead=5 oversampling=5"),
    "dmixcomp, limiter": ("gst, one input", FILTER % "dmixcomp mode=limit ceiling=-21.9 lookahead=5 release=50"),
    "gst, mono": (None, f"gst-launch-1.0 -q {MONO.format('{b}')} ! fakesink"),
    "webrtcdsp, mono": ("gst, mono", MONO_FILTER % "audioconvert ! webrtcdsp echo-cancel=false gain-control=false "
                        "limiter=false noise-suppression-level=very-high ! audioconvert"),
    "dmixdenoise, mono": ("gst, mono", MONO_FILTER % "dmixdenoise reduction=18"),
    "dmixdenoise, mono, low latency": ("gst, mono", MONO_FILTER % "dmixdenoise reduction=18 latency-mode=low"),
    "dmixdenoise, mono, learned": ("gst, mono", MONO_FILTER % "dmixdenoise reduction=18 estimator=learned"),
    "dmixdialogue": ("gst, one input", FILTER % "dmixdialogue boost=3 target=12"),
    "dialoguenhance": ("ffmpeg, one input", FFMPEG_FILTER % "dialoguenhance"),
    "dmixdenoise, stereo": ("gst, one input", FILTER % "dmixdenoise reduction=18"),
    "audiopanorama, mono": ("gst, mono", MONO_FILTER % "audiopanorama panorama=0.3 ! audio/x-raw,channels=2"),
    "dmixpan, mono to stereo": ("gst, mono", MONO_FILTER % "dmixpan azimuth=10 ! audio/x-raw,channels=2"),
    "audiomixmatrix, mono": ("gst, mono", MONO_FILTER % f"audiomixmatrix in-channels=1 out-channels=8 channel-mask=0xc3f "
                             f"matrix=<{MATRIX}>"),
    "dmixpan, mono to 7.1": ("gst, mono", MONO_FILTER % "dmixpan azimuth=10 layout=7.1"),
    "ffmpeg, mono": (None, FFMPEG_FILTER.replace("-ac 2", "-ac 1") % "anull"),
    "sofalizer, mono": ("ffmpeg, mono", FFMPEG_FILTER.replace("-ac 2", "-ac 1")
                        % f"'sofalizer=sofa={SOFA}:type=freq:speakers=FC 45 0'"),
    "dmixpan, mono, binaural": ("gst, mono", MONO_FILTER % "dmixpan azimuth=30 output=binaural"),
    "16 sounds, mono": (None, OBJECTS % (16, 90, "none")),
    "dmixpanmix, 16 mono, binaural": ("16 sounds, mono", OBJECTS % (16, 90, "dmixpanmix name=m output=binaural")),
    "64 sounds, mono": (None, OBJECTS % (64, 0, "none")),
    "dmixpanmix, 64 mono at rest": ("64 sounds, mono", OBJECTS % (64, 0, "dmixpanmix name=m layout=7.1.4")),
    "dmixpanmix, 64 mono, moving": ("64 sounds, mono", OBJECTS % (64, 90, "dmixpanmix name=m layout=7.1.4")),
    # guide and take of dmixadr say the same, one 2 % faster: stretching is all that the peers do
    "atempo": ("ffmpeg, one input", FFMPEG_FILTER % "atempo=0.98"),
    "rubberband": ("ffmpeg, one input", FFMPEG_FILTER % "rubberband=tempo=0.98"),
    "dmixadr": ("gst, two inputs", GST2.format(e="dmixadr name=m", p="m.guide", q="m.take", b="{g}", d="{t}")),
}
# whom each of ours is compared with
PEERS = {
    "dmixducker": ["sidechaincompress", "audiomixer"],
    "dmixducker, no messages": ["sidechaincompress", "audiomixer"],
    "dmixducker, level": ["sidechaincompress", "audiomixer"],
    "dmixducker, spectral": ["sidechaincompress", "audiomixer"],
        "dmixlevel": ["loudnorm", "dynaudnorm"],
    "dmixmeter": ["ebur128"],
    "dmixcomp": ["acompressor", "LSP compressor", "audiodynamic"],
    "dmixcomp, limiter": ["alimiter", "LSP limiter, 4 x"],
    "dmixdenoise, mono": ["webrtcdsp, mono"],
    "dmixdenoise, mono, low latency": ["webrtcdsp, mono"],
    "dmixdenoise, mono, learned": ["dmixdenoise, mono"],
    "dmixdialogue": ["dialoguenhance"],
    "dmixdenoise, stereo": ["dmixdenoise, mono"],
    "dmixpan, mono to stereo": ["audiopanorama, mono"],
    "dmixpan, mono to 7.1": ["audiomixmatrix, mono"],
    "dmixpan, mono, binaural": ["sofalizer, mono"],
    "dmixpanmix, 16 mono, binaural": ["sofalizer, mono"],
    "dmixpanmix, 64 mono at rest": [],
    "dmixpanmix, 64 mono, moving": [],
    "dmixadr": ["rubberband", "atempo"],
}


def sounds(name):
    """How many sounds go through a pipeline of ours."""
    return int(next(iter(re.findall(r"\d+(?= mono)", name)), 1))


def wanted(elements):
    """The names to measure: ours (of these elements), their peers and floors."""
    ours = [name for name in PEERS if not elements or name.split(",")[0] in elements]
    names = set(ours).union(*(PEERS[name] for name in ours))
    return ours, [name for name in PIPELINES if name in names or name in {PIPELINES[n][0] for n in names}]


def with_lsp(command):
    """LSP's elements have their version in the name."""
    found = subprocess.run(["gst-inspect-1.0"], capture_output=True, text=True).stdout
    for name in set(re.findall(r"LSP-(\S+)", command)):
        element = re.search(rf"ladspa-lsp\S*plugins-ladspa-{name}(?=:)", found)
        if not element:
            sys.exit(f"there is no LSP {name} among GStreamer's LADSPA elements")
        command = command.replace(f"LSP-{name}", element[0])
    return command


def block(seed, speech):
    """Ten seconds of noise; speech comes in syllables and has a pause."""
    rand = random.Random(seed)
    samples = array.array("f")
    for i in range(10 * RATE):
        t = i / RATE
        level = 0.1 if not speech else 0.3 * max(0.0, math.sin(4 * math.pi * t)) if t % 5 < 3.5 else 0.0
        value = level * (rand.random() * 2 - 1)
        samples.extend((value, value))
    return samples.tobytes()


def voice(seed, less):
    """Ten seconds of syllables, each of two resonances and `less` seconds shorter at its end; some are pauses."""
    rand = random.Random(seed)
    samples, at = array.array("f"), 0
    while at < 10 * RATE:
        length = min(int(RATE * rand.uniform(0.12, 0.3)), 10 * RATE - at)
        pause, tones = rand.random() < 0.15, [rand.uniform(300, 900), rand.uniform(900, 3500)]
        states = [(2 * 0.99 * math.cos(2 * math.pi * hz / RATE), [0.0, 0.0]) for hz in tones]
        for i in range(length):
            value, fade = float(i % (RATE // 120) == 0 and not pause), math.sin(math.pi * i / length)
            if i >= length - int(less * RATE):
                break
            value = sum(resonate(value, *state) for state in states) * 0.05 * fade
            samples.extend((value, value))
        at += length
    return samples.tobytes()


def resonate(value, coefficient, last):
    last[:] = value + coefficient * last[0] - 0.99 ** 2 * last[1], last[0]
    return last[0]


def cpu(command, **files):
    def used():
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    before = used()
    subprocess.run(shlex.split(command.format(**files)), check=True, stdout=subprocess.DEVNULL)
    return used() - before


def main():
    seconds, rounds = int(sys.argv[1]), int(sys.argv[2])
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        files = {}
        for key, ten in (("b", block("b", False)), ("d", block("d", True)), ("g", voice("g", 0.0)),
                         ("t", voice("g", 0.005))):
            for length in (seconds, SHORT):
                files[key, length] = os.path.join(folder, f"{key}{length}")
                with open(files[key, length], "wb") as f:
                    for _ in range(length // 10):
                        f.write(ten)
        ours, names = wanted(sys.argv[3:])
        cost = {}
        for name in names:
            command = with_lsp(PIPELINES[name][1])
            times = [[cpu(command, **{key: files[key, n] for key in "bdgt"}) for n in (seconds, SHORT)] for _ in range(rounds)]
            hours = (seconds - SHORT) / 3600 * (2 if "mono" in name else 1)
            cost[name] = (min(t[0] for t in times) - min(t[1] for t in times)) / hours
    net = {name: cost[name] - cost[PIPELINES[name][0]] for name in names if PIPELINES[name][0]}
    print(f"{'':32s}{'CPU s / hour':>14s}{'net':>8s}")
    for name in names:
        print(f"{name:32s}{cost[name]:14.2f}" + (f"{net[name]:8.2f}" if name in net else ""))
    for name in ours:
        ratios = [f"{net[name] / sounds(name) / net[peer]:.3f} x {peer}" for peer in PEERS[name]]
        print(f"{name}: " + ", ".join(ratios + [f"{3600 / net[name]:.0f} x real time"]))


if __name__ == "__main__":
    main()
