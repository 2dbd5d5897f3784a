#!/usr/bin/python3
"""CPU cost of pipelines, see run.sh. usage: bench.py SECONDS ROUNDS"""
import array
import math
import os
import random
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
PIPELINES = {
    "gst, one input": (None, f"gst-launch-1.0 -q {SOURCE.format('{b}')} ! fakesink"),
    "gst, two inputs": (None, f"gst-launch-1.0 -q {SOURCE.format('{b}')} ! fakesink {SOURCE.format('{d}')} ! fakesink"),
    "ffmpeg, two inputs": (None, f"{FFMPEG} {INPUT.format('{b}')} {INPUT.format('{d}')} "
                                 "-filter_complex [1]anullsink;[0]anull -c:a pcm_f32le -f null -"),
    "sidechaincompress": ("ffmpeg, two inputs",
                          f"{FFMPEG} {INPUT.format('{b}')} {INPUT.format('{d}')} -filter_complex "
                          "[0][1]sidechaincompress=threshold=0.014:ratio=4:attack=5:release=1500 -c:a pcm_f32le -f null -"),
    "audiodynamic": ("gst, one input", f"gst-launch-1.0 -q {SOURCE.format('{b}')} ! audiodynamic "
                     "characteristics=soft-knee threshold=0.1 ratio=0.25 ! fakesink"),
    "audiomixer": ("gst, two inputs", GST2.format(e="audiomixer name=m", p="m.sink_0", q="m.sink_1", b="{b}", d="{d}")),
    "dmixducker": ("gst, two inputs",
                   GST2.format(e="dmixducker name=m", p="m.background", q="m.dialogue", b="{b}", d="{d}")),
    "dmixducker, no messages": ("gst, two inputs",
                                GST2.format(e="dmixducker name=m post-messages=false", p="m.background",
                                            q="m.dialogue", b="{b}", d="{d}")),
}


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
        for key, speech in (("b", False), ("d", True)):
            ten = block(key, speech)
            for length in (seconds, SHORT):
                files[key, length] = os.path.join(folder, f"{key}{length}")
                with open(files[key, length], "wb") as f:
                    for _ in range(length // 10):
                        f.write(ten)
        cost = {}
        for name, (_, command) in PIPELINES.items():
            times = [[cpu(command, b=files["b", n], d=files["d", n]) for n in (seconds, SHORT)] for _ in range(rounds)]
            cost[name] = (min(t[0] for t in times) - min(t[1] for t in times)) * 3600 / (seconds - SHORT)
    net = {name: cost[name] - cost[floor] for name, (floor, _) in PIPELINES.items() if floor}
    print(f"{'':26s}{'CPU s / hour':>14s}{'net':>8s}{'ratio to sidechaincompress':>30s}{'to audiomixer':>16s}")
    for name, value in cost.items():
        row = f"{net[name]:8.2f}{net[name] / net['sidechaincompress']:30.3f}{net[name] / net['audiomixer']:16.2f}" if name in net else ""
        print(f"{name:26s}{value:14.2f}{row}")


if __name__ == "__main__":
    main()
