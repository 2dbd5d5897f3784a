#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Hashes of what every element puts out, to prove that a change moves no bit.

usage: sound_hashes.py > FILE                  with GST_PLUGIN_PATH of one build
       sound_hashes.py --against FILE          with that of the other; exit code 1
                                               and the names where they differ
       --only dmixcomp                         scenes whose names begin so
       --keep DIR                              keep the sound, as raw F32LE

A scene is one element with one set of properties: its defaults, each of its
presets, and the sets below, which between them use every property that acts on
sound. Words with an @ choose what is played: @input, @background, @dialogue, @guide
and @take name a recording of make_inputs(), @rate another sample rate at which it is
read (in Hz), @mask the positions of six channels. Each is played on recordings
(Debian's Asterisk prompts and music) and made noise; its line holds the name, the hash
of the sound and the hash of the element messages. Hashes compare two builds on one machine: another libm rounds otherwise.
"""
import argparse
import configparser
import hashlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from sound import MUSIC, RATE, SOUNDS, decode

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TYPES = {"dmixadr": "Adr", "dmixbin": "Bin", "dmixcomp": "Comp", "dmixdenoise": "Denoise", "dmixdialogue": "Dialogue", "dmixducker": "Ducker",
         "dmixlevel": "Level", "dmixmeter": "Meter", "dmixpan": "Pan", "dmixpanmix": "PanMix"}
SETS = {
    "dmixbin": ["target=10 meter=true", "voices=-20 loudness=-20 lookahead=500", "layout=5.1 ceiling=-6", "layout=binaural",
                "settings=dialogue_0::denoise=9\\ ambience_0::steady=6\\ ambience_0::gain=-3\\ dialogue_0::pan=30",
                "analyse=true loudness=-23", "@dialogue=story target=20"],
    "dmixcomp": [
        "detector=rms rms-window=25 highpass=120 lowpass=6000", "detector=k-weighted threshold=-30 link=0.3",
        "mode=expand threshold=-35 ratio=3 hold=60", "mode=gate threshold=-40 range=30 attack=2",
        "mode=limit ceiling=-3 makeup=9", "lookahead=5 ratio=8 knee=12 auto-makeup=true",
        "auto-release=true release=80 ratio=6", "mix=0.4 ratio=20 range=9", "bypass=true lookahead=10",
        "@rate=16000 mode=limit ceiling=-6 makeup=6", "@rate=96000 detector=k-weighted threshold=-30 lookahead=3",
        "@input=surround @mask=0x3f link=0.5 detector=rms"],
    "dmixdenoise": [
        "reduction=24", "latency-mode=low", "link=false", "sensitivity=4", "output=residual", "bypass=true",
        "noise=learned", "noise=learned-floor", "learn=true noise=learned",
        "estimator=learned", "estimator=learned link=false reduction=24",
        "@rate=16000", "@rate=96000 latency-mode=low", "@input=surround link=false"],
    "dmixdialogue": [
        "boost=6", "duck=9 lookahead=0 hold=200 release=500", "target=15 keep-loudness=true", "spectral=6 duck=3 range=6",
        "goal=glimpse target=15 intelligibility=0.5", "output=dialogue", "output=background",
        "output=dialogue estimator=statistical", "boost=9 ceiling=-9", "bypass=true",
        "@rate=16000 output=dialogue", "@rate=96000 output=dialogue", "@input=surround @mask=0x3f output=dialogue"],
    "dmixducker": [
        "mode=fixed depth=9 lookahead=40 hold=200 release=500", "mode=fixed lookahead=0 attack=25",
        "target=10 range=20", "trigger=level open=-12 close=-20 floor=-60", "spectral=12",
        "spectral=8 spectral-target=4", "goal=glimpse intelligibility=0.6", "goal=sii intelligibility=0.7",
        "output=background", "background-gain=-6 dialogue-gain=3", "meter=true interval=500000000", "bypass=true",
        "dialogue-loudness=-20", "@dialogue=story", "@dialogue=story trigger=level", "@dialogue=story speech-detector=learned",
        "@dialogue=story @rate=44100 speech-detector=learned", "@dialogue=story spectral=12 goal=sii meter=true",
        "@dialogue=story @rate=16000 goal=glimpse", "@dialogue=story @rate=96000 spectral=6"],
        "dmixlevel": [
        "target=-16 lookahead=3000 speed=20", "target=-16 lookahead=3000 speed=20 speech-detector=statistical",
        "anchor=programme target=-30 max-cut=30", "max-gain=3 gate=-30 target=-10",
        "mode=analyse", "mode=analyse anchor=programme", "mode=gain gain=9 ceiling=-9", "bypass=true lookahead=500",
        "@rate=16000 target=-16 lookahead=1000", "@input=surround @mask=0x3f anchor=programme target=-16"],
    "dmixmeter": ["specification=podcast interval=300000000", "specification=a85", "bypass=true",
                  "@input=surround @mask=0x3f", "@rate=96000", "@rate=16000",
                  "dialogue=both speech-detector=statistical specification=r128-s4 interval=500000000",
                  "dialogue=both specification=r128-s4 interval=500000000"],
    "dmixpan": [
        "layout=7.1.4 azimuth=40 elevation=30", "layout=5.1 width=120 azimuth=100 spread=60 divergence=0.5",
        "layout=7.1 lfe-send=-6 gain=-3", "output=binaural azimuth=70 elevation=-20",
        "output=binaural azimuth=30 head-yaw=20 head-pitch=10 head-roll=5",
        "output=binaural distance=0.5 near-field=true azimuth=90", "output=binaural zero-latency=true azimuth=10",
        "output=ambisonic ambisonic-order=3 azimuth=25 elevation=15",
        "distance=8 distance-model=inverse rolloff=1.5 reference-distance=2 air-absorption=true",
        "distance=20 distance-model=linear max-distance=40", "distance=15 doppler=true", "bypass=true",
        "output=binaural elevation=90", "output=binaural azimuth=170 elevation=-75 spread=180",
        "output=binaural azimuth=-95 elevation=10 divergence=0.7 width=0", "layout=7.1.4 azimuth=-140 elevation=-30",
        "layout=5.1 azimuth=180 elevation=70 width=20", "layout=stereo azimuth=115 spread=10",
        "layout=7.1 azimuth=-100 divergence=1 spread=200", "layout=mono azimuth=50 lfe-send=0",
        "output=ambisonic ambisonic-order=1 azimuth=-100 elevation=-50 spread=90 divergence=0.4",
        "@rate=16000 output=binaural azimuth=40 spread=30", "@rate=96000 output=binaural azimuth=-110 elevation=60",
        "@input=surround @mask=0x3f layout=7.1.4 spread=20 divergence=0.3", "@rate=16000 distance=30 doppler=true air-absorption=true"],
    "dmixpanmix": ["layout=5.1", "output=binaural", "output=ambisonic ambisonic-order=2", "layout=7.1.4 doppler=true",
                   "output=binaural head-yaw=45 zero-latency=true", "@rate=96000 output=binaural"],
    "dmixadr": ["strength=0.5 match-eq=1", "analyse-only=true", "room-tone=full room-tone-gain=3",
                "protect=1-2 tolerance=10", "match-level=false match-eq=0 post-map=true", "max-stretch=1.1 line-gap=200",
                "min-confidence=1 on-mismatch=guide", "sync-points=1.5:1.6",
        "@guide=hall @take=retake match-eq=1", "@guide=script @take=retake strength=0.5 on-mismatch=guide",
        "@guide=script @take=retake on-mismatch=mute room-tone=gaps",
        "@guide=script @take=retake @rate=16000 tolerance=15", "@guide=script @take=retake take-search=20",
        "@guide=script @take=retake protect=2-5,30-31 sync-points=3:3.4,33:33.1 line-gap=300 max-shift=1000"],
}


def make_inputs(folder):
    """Recordings and noise as raw F32LE files; returns caps by name."""
    rng = np.random.default_rng(14)
    speech = np.concatenate([np.concatenate([decode(f"{SOUNDS}/{name}.wav"), np.zeros(RATE * 4 // 5)])
                             for name in ("vm-intro", "demo-thanks", "demo-abouttotry")])[:14 * RATE]
    music = decode(f"{MUSIC}/reno_project-system.wav", 14)
    noise = 0.03 * rng.standard_normal((len(speech), 2))
    music = np.resize(music, len(speech))
    scene = 1.2 * speech + 0.4 * music
    write = {
        "speech": speech, "bed": np.stack([0.5 * music, 0.4 * music], 1) + noise,
        "noisy": speech[:, None] * [0.9, 0.6] + noise, "mix": np.stack([scene, scene[::-1]], 1),
        "take": np.interp(np.arange(len(speech)) * 1.02 - 2000, np.arange(len(speech)), 0.5 * speech, 0, 0)}
    write["surround"] = np.stack([write["bed"][k % 7 * RATE:, k % 2][:7 * RATE] * (0.5 + 0.1 * k) for k in range(6)], 1)
    write["story"] = story(speech, rng)
    write.update(script(rng))
    for name, x in write.items():
        np.asarray(x, "<f4").tofile(folder / name)
    return {name: 1 if np.ndim(x) == 1 else x.shape[1] for name, x in write.items()}


def story(speech, rng):
    """A voice, a loud moment, the voice again, a quieter one in a louder room, and a click."""
    soft = np.resize(speech[5 * RATE:9 * RATE], 8 * RATE)
    loud = 0.3 * rng.standard_normal(3 * RATE // 2)
    x = np.concatenate([speech[:4 * RATE], loud, speech[:4 * RATE], np.zeros(RATE), 0.1 * soft])
    x += np.linspace(0.0001, 0.005, len(x)) * rng.standard_normal(len(x))
    x[3 * RATE:3 * RATE + 40] += 0.8
    return x


def script(rng):
    """A guide of three scenes, dry and in a hall, and a darker take that drifts and has another middle."""
    text = decode(f"{SOUNDS}/demo-congrats.wav")
    other = decode(f"{SOUNDS}/demo-instruct.wav", 8)
    part, gap = len(text) // 3, np.zeros(RATE)
    guide = np.concatenate([text[:part], gap, text[part:2 * part], gap, text[2 * part:]])
    take = np.concatenate([text[:part], gap, np.resize(other, part), gap, text[2 * part:]])
    at = np.arange(len(take))
    take = np.interp(at + 0.3 * RATE * np.sin(at / (4 * RATE)) - 0.2 * RATE, at, take, 0, 0)
    take = 0.4 * (take + 0.8 * np.concatenate([[0], take[:-1]])) + 0.0005 * rng.standard_normal(len(take))
    tail = rng.standard_normal(RATE // 2) * np.exp(-np.arange(RATE // 2) / (0.08 * RATE)) * 0.02
    tail[0] = 1
    size = len(guide) + len(tail)
    hall = np.fft.irfft(np.fft.rfft(guide, size) * np.fft.rfft(tail, size), size)[:len(guide)]
    return {"script": guide + 0.001 * rng.standard_normal(len(guide)), "hall": hall, "retake": take}


def source(folder, channels, name, rate=RATE, mask=None):
    positions = f" ! capssetter caps=audio/x-raw,channel-mask=(bitmask){mask}" if mask else ""
    return (f"filesrc location={folder / name} blocksize={4 * channels[name] * 4801} ! rawaudioparse use-sink-caps=false "
            f"format=pcm pcm-format=f32le sample-rate={rate} num-channels={channels[name]}{positions}")


def line(folder, channels, element, settings, out):
    """The launch line of one scene."""
    chosen = dict(word[1:].split("=") for word in settings.split() if word[0] == "@")
    settings = " ".join(word for word in settings.split(" ") if word[:1] != "@")

    def src(name, role="input"):
        return source(folder, channels, chosen.get(role, name), chosen.get("rate", RATE), chosen.get("mask"))
    sink = f"filesink location={out}"
    if element == "dmixducker":
        return (f"{element} name=e {settings} ! {sink} {src('bed', 'background')} ! e.background "
                f"{src('speech', 'dialogue')} ! e.dialogue")
    if element == "dmixbin":
        return (f"{element} name=e {settings} ! {sink} {src('bed', 'background')} ! e.ambience_0 "
                f"{src('speech', 'dialogue')} ! e.dialogue_0")
    if element == "dmixadr":
        return (f"{element} name=e {settings} ! {sink} {src('speech', 'guide')} ! e.guide "
                f"{src('take', 'take')} ! e.take")
    if element == "dmixpanmix":
        return (f"{element} name=e {settings} sink_0::azimuth=30 sink_0::distance=3 sink_1::azimuth=-60 "
                f"sink_1::elevation=25 sink_1::spread=40 ! {sink} {src('speech')} ! e.sink_0 {src('bed')} ! e.sink_1")
    name = {"dmixdenoise": "noisy", "dmixpan": "bed"}.get(element, "mix")
    return f"{src(name)} ! {element} name=e {settings} ! {sink}"


def settings_of(element):
    """Name and property settings of each scene."""
    yield "default", ""
    presets = configparser.ConfigParser(interpolation=None)
    presets.optionxform = str
    presets.read(SOURCE / "gst" / "presets" / f"GstDmix{TYPES[element]}.prs")
    for name in presets.sections():
        if name != "_presets_":
            yield name, " ".join(f"{k}={shlex.quote(v)}" for k, v in presets[name].items() if "/" not in k)
    for s in SETS[element]:
        yield s.replace(" ", ","), s


def play(launch):
    """Plays a scene and returns its element messages. A scene that cannot be played ends the run."""
    run = subprocess.run(shlex.split(f"gst-launch-1.0 -m {launch}"), capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{launch}\n{run.stderr.strip()}\n(is GST_PLUGIN_PATH that of the build?)")
    return [re.sub(r"^.*?\(element\): ", "", text) for text in run.stdout.splitlines()
            if re.search(r'from element "e" \(element\)', text)]


def scenes(folder, only="", keep=None):
    """Plays all scenes whose names begin with `only`: name, raw sound, element messages of each."""
    channels = make_inputs(folder)
    for element in TYPES:
        for name, settings in settings_of(element):
            scene = f"{element}:{name}"
            if scene.startswith(only):
                out = pathlib.Path(keep or folder) / re.sub(r"[^\w.:=-]", "_", scene)
                messages = play(line(folder, channels, element, settings, out))
                yield scene, out.read_bytes(), messages
                if not keep:
                    out.unlink()


def hashes(only, keep):
    """Name of each scene, hash of its sound, hash of its messages."""
    with tempfile.TemporaryDirectory() as folder:
        for scene, sound, messages in scenes(pathlib.Path(folder), only, keep):
            yield (scene, hashlib.sha256(sound).hexdigest()[:20],
                   hashlib.sha256("\n".join(messages).encode()).hexdigest()[:20])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    args = parser.parse_args()
    if args.keep:
        os.makedirs(args.keep, exist_ok=True)
    before = {}
    if args.against:
        for text in pathlib.Path(args.against).read_text(encoding="utf-8").splitlines():
            scene, sound, messages = text.split("\t")
            before[scene] = (sound, messages)
    same = changed = 0
    for scene, sound, messages in hashes(args.only, args.keep):
        if not args.against:
            print(scene, sound, messages, sep="\t", flush=True)
        elif before.get(scene) == (sound, messages):
            same += 1
        else:
            changed += 1
            was = before.get(scene, ("absent", ""))
            what = " and ".join(w for w, a, b in zip(("sound", "messages"), was, (sound, messages)) if a != b)
            print(f"{scene}: {what} differ ({sound})")
    if args.against:
        print(f"{same} scenes equal, {changed} differ")
    sys.exit(changed > 0)


if __name__ == "__main__":
    main()
