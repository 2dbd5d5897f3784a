#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Every property of every element changes the sound, a message or the latency.

usage: matters.py [ELEMENT [PROPERTY]]

A row of the tables below is a property, two of its values (- is the default), other
settings that make it matter, and what the second value must do to what the first
one gives. Each is played twice in the same scene, on signals made here. A property of
ours without a row fails: a new one gets its row with it. Properties of GStreamer's
base classes have none.
"""
import os
import shlex
import sys

import gi
import numpy as np

gi.require_version("Gst", "1.0")
gi.require_version("GstController", "1.0")
from gi.repository import Gst, GstController  # noqa: E402

RATE = 16000
HEARD = 1e-4  # -80 dBFS: smaller differences are no change
SOFA = os.environ.get("DMIX_WITHOUT_SOFA") != "1"
HRTF = "/usr/share/libmysofa/default.sofa"


# *** signals ***

def tone(hz, seconds):
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def noise(seconds, channels=1, seed=1):
    return np.random.default_rng(seed).standard_normal((int(seconds * RATE), channels))


def stereo(left, right):
    return np.stack([left, right], 1)


def speech(syllables=14, seed=3, slower=1.0, late=0.2, pause_after=(6, )):
    """Vowels of random pitch and formants, each with a hiss before it, and pauses;
    `slower` stretches every other syllable."""
    rng = np.random.default_rng(seed)
    parts = [np.zeros(int(late * RATE))]
    for n in range(syllables):
        seconds, pitch, hiss = rng.uniform(0.14, 0.24), rng.uniform(110, 170), rng.uniform(0.03, 0.07)
        formants, loud = rng.uniform([300, 900, 2300], [850, 2200, 3200]), rng.uniform(0.5, 1)
        t = np.arange(int(seconds * (slower if n % 2 else 1) * RATE)) / RATE
        glide = pitch * (t + 0.15 * np.sin(2 * np.pi * t / t[-1]) * t[-1] / 6)
        vowel = sum(sum(1 / (1 + ((k * pitch - f) / 120) ** 2) for f in formants) * np.sin(2 * np.pi * k * glide)
                    for k in range(1, int(0.45 * RATE / pitch)))
        burst = np.diff(rng.standard_normal(int(hiss * RATE) + 1))
        parts += [0.1 * loud * burst * np.hanning(len(burst)), loud * vowel * np.hanning(len(vowel)) ** 0.5 * 0.2,
                  np.zeros(int((1.2 if n in pause_after else 0.03) * RATE))]
    return np.concatenate(parts + [np.zeros(RATE // 2)])


def bursts(hz, channels=2):
    """A tone of -32 dB with bursts of -6 dB; the right one is 12 dB lower."""
    t = np.arange(int(1.6 * RATE)) / RATE
    x = np.where((t % 0.8 > 0.2) & (t % 0.8 < 0.45), 0.5, 0.025) * tone(hz, 1.6)
    return stereo(x, 0.25 * x) if channels == 2 else x[:, None]


def in_noise(level=0.02):
    """A second of noise on both channels, then speech on the left one, too."""
    voice = speech(6, pause_after=())
    x = level * noise(1 + len(voice) / RATE, 2)[:RATE + len(voice)]
    x[RATE:, 0] += voice
    return x


def mixed():
    """Speech on both channels, over noise that differs."""
    voice = 0.5 * speech()
    return voice[:, None] + 0.02 * noise(len(voice) / RATE, 2)[:len(voice)]


SIGNALS = {
    "bursts": lambda: bursts(1000),
    "hum": lambda: bursts(60),
    "treble": lambda: bursts(5000),
    "soft": lambda: 0.01 * bursts(1000),
    "beeps": lambda: 0.3 * bursts(1000),
    "noisy": in_noise,
    "mixed": mixed,
    "noise": lambda: 0.3 * noise(0.5),
    "pair": lambda: stereo(0.3 * tone(440, 0.4), 0.3 * tone(1500, 0.4)),
    "bed": lambda: 0.1 * noise(5, 2),
    "speech": lambda: 0.5 * speech(),
    "rising": lambda: 0.5 * speech() * np.linspace(0.02, 1, len(speech())),
    "trailing": lambda: 0.5 * speech() + 0.004 * tone(300, 60)[:len(speech())],
    "steady": lambda: 0.2 * tone(200, 5),
    "guide": lambda: speech(),
    "guide_in_room": lambda: speech() + 0.01 * noise(60)[:len(speech()), 0],
    "hard": lambda: np.concatenate([0.5 * speech(), np.zeros(2 * RATE), 0.5 * speech()])
    + 0.02 * noise(60)[:2 * len(speech()) + 2 * RATE, 0],
    "guide_in_noise": lambda: speech() + 0.03 * noise(60)[:len(speech()), 0] * (np.arange(len(speech())) > RATE),
    "take": lambda: 0.4 * np.diff(speech(slower=1.15, late=0.35), prepend=0),
    "late": lambda: speech(late=1.3),
    "other": lambda: 0.5 * speech(seed=11),
    "long_tone": lambda: 0.01 * tone(1000, 6),
    "long": lambda: speech(30, pause_after=()),
}
MADE = {}


def signal(name):
    if name not in MADE:
        x = np.asarray(SIGNALS[name](), "<f4")
        MADE[name] = x.reshape(len(x), -1)
    return MADE[name]


# *** what the second value must do: functions of two results ***

def db(x):
    return 10 * np.log10(np.mean(np.square(x)) + 1e-12)


def sound(a, b):
    """Another sound."""
    return a.sound.shape != b.sound.shape or np.abs(a.sound - b.sound).max() > HEARD


def quieter(a, b):
    return db(b.sound) < db(a.sound) - 0.3


def louder(a, b):
    return quieter(b, a)


def softer_between(a, b):
    """Lower in the mean of dB, in which pauses count as much as what is loud."""
    def level(x):
        block = RATE // 100
        x = x[:len(x) // block * block]
        return np.mean(10 * np.log10(np.mean(np.square(x.reshape(-1, block * x.shape[1])), 1) + 1e-8))
    return level(b.sound) < level(a.sound) - 0.3


def louder_between(a, b):
    return softer_between(b, a)


def as_loud(a, b):
    return not quieter(a, b) and not louder(a, b)


def messages(a, b):
    """The same sound, other messages."""
    return not sound(a, b) and a.messages != b.messages


def no_messages(a, b):
    return messages(a, b) and len(b.messages) == 0


def fewer_messages(a, b):
    return messages(a, b) and 0 < len(b.messages) < len(a.messages)


def more_messages(a, b):
    return fewer_messages(b, a)


def fewer_lines(a, b):
    """Each line of dialogue has a message."""
    return 0 < len(b.messages) < len(a.messages)


def more_lines(a, b):
    return fewer_lines(b, a)


def less_latency(a, b):
    return b.latency < a.latency


def less_latency_other_sound(a, b):
    return less_latency(a, b) and sound(a, b)


def more_latency_other_sound(a, b):
    return less_latency_other_sound(b, a)


def channel(number, change):
    """The change, in one channel."""
    def of_channel(a, b):
        return change(a.of_channel(number), b.of_channel(number))
    of_channel.__name__ = f"channel {number} {change.__name__}"
    return of_channel


def peaks_fall(a, b):
    return np.abs(b.sound).max() < 0.8 * np.abs(a.sound).max()


def left(a, b):
    """From the middle to the left."""
    return db(b.sound[:, 0]) > db(a.sound[:, 0]) + 1 and db(b.sound[:, 1]) < db(a.sound[:, 1]) - 3


def wider(a, b):
    """Less alike in the two ears or loudspeakers."""
    return np.corrcoef(b.sound[:, :2].T)[0, 1] < np.corrcoef(a.sound[:, :2].T)[0, 1] - 0.01


def duller(a, b):
    def treble(x):
        return db(np.diff(x, axis=0)) - db(x)
    return treble(b.sound) < treble(a.sound) - 0.3


def the_take(a, b):
    """The take as it came."""
    frames = min(len(b.sound), len(signal("take")))
    return sound(a, b) and np.abs(b.sound[:frames] - signal("take")[:frames]).max() < HEARD


def reads(a, b):
    """A result of the element: another value after another take."""
    return a.value != b.value and b.value not in (None, 0)


# *** tables: property, first value, second value, other settings, change ***
# in:NAME,NAME in the settings are the signals of the scene; moves=PROPERTY lets one
# change all the time

def learnt(gain):
    """A noise profile learnt from the noise of in_noise, louder by a factor."""
    def text():
        result = play("dmixdenoise", {"learn": "true"}, [gain * signal("noisy")[:RATE]], "profile")
        return result.value
    return text


COMMON = [
    ("bypass", "-", "true", "", sound),
    ("post-messages", "-", "false", "", no_messages),
    ("interval", "-", "400000000", "", fewer_messages),
]
COMP = [
    ("mode", "-", "limit", "", sound),
    ("mode", "-", "expand", "", sound),
    ("mode", "expand", "gate", "", sound),
    ("mode", "-", "upward", "", louder),
    ("threshold", "-", "-40", "", quieter),
    ("ratio", "-", "8", "", quieter),
    ("knee", "-", "40", "threshold=-10", quieter),
    ("attack", "-", "200", "lookahead=0", louder),
    ("hold", "-", "200", "", softer_between),
    ("release", "-", "1500", "", softer_between),
    ("auto-release", "-", "true", "release=50", softer_between),
    ("lookahead", "-", "50", "", more_latency_other_sound),
    ("detector", "-", "peak", "", quieter),
    ("detector", "-", "k-weighted", "in:hum", louder),
    ("rms-window", "-", "200", "lookahead=0 attack=0 release=0", sound),
    ("makeup", "-", "6", "", louder),
    ("auto-makeup", "-", "true", "", louder),
    ("mix", "-", "0.3", "ratio=10", louder),
    ("range", "-", "3", "ratio=10", louder),
    ("link", "-", "0", "ratio=10", channel(1, louder)),
    ("highpass", "-", "600", "in:hum", louder),
    ("highpass", "-", "600", "in:treble threshold=-10", as_loud),
    ("lowpass", "-", "600", "in:treble", louder),
    ("lowpass", "-", "600", "in:hum threshold=-10", as_loud),
    ("ceiling", "-", "-12", "mode=limit", peaks_fall),
]
DENOISE = [
    ("reduction", "-", "24", "", channel(1, quieter)),
    ("sensitivity", "-", "8", "", channel(1, quieter)),
    ("noise", "adaptive", "learned", {"profile": learnt(0.1)}, louder),
    ("noise", "learned", "learned-floor", {"profile": learnt(0.1)}, quieter),
    ("noise", "adaptive", "learned-floor", {"profile": learnt(4)}, quieter),
    ("learn", "-", "true", "noise=learned", sound),
    ("profile", "-", learnt(4), "noise=learned", quieter),
    ("output", "-", "residual", "", quieter),
    ("link", "-", "false", "", channel(1, quieter)),
    ("latency-mode", "-", "low", "", less_latency_other_sound),
    ("estimator", "statistical", "learned", "", sound),
    ("sensitivity", "-", "8", "estimator=learned", quieter),
    ("noise", "adaptive", "learned", {"profile": learnt(0.1), "estimator": "learned"}, louder),
]
DIALOGUE = [
    ("boost", "-", "6", "", louder),
    ("duck", "-", "12", "", quieter),
    ("target", "-", "25", "", quieter),
    ("goal", "-", "glimpse", "target=25 range=40 intelligibility=0.5", sound),
    ("goal", "glimpse", "sii", "target=25 range=40 intelligibility=0.5", sound),
    ("intelligibility", "0.1", "0.9", "target=25 goal=sii", sound),
    ("range", "-", "3", "duck=12", louder),
    ("spectral", "-", "12", "", quieter),
    ("hold", "-", "0", "duck=40 range=40", louder_between),
    ("release", "-", "2000", "duck=40 range=40", softer_between),
    ("lookahead", "-", "20", "duck=12", less_latency_other_sound),
    ("output", "-", "dialogue", "", quieter),
    ("output", "-", "background", "", quieter),
    ("keep-loudness", "-", "true", "boost=9", quieter),
    ("ceiling", "-", "-20", "boost=9", peaks_fall),
    ("estimator", "statistical", "learned", "output=dialogue", sound),
]
LEVEL = [
    ("mode", "-", "analyse", "", less_latency_other_sound),
    ("mode", "-", "gain", "gain=3", less_latency_other_sound),
    ("target", "-", "-30", "", quieter),
    ("anchor", "-", "programme", "in:long_tone", sound),
    ("speech-detector", "-", "statistical", "in:late target=-40", sound),
    ("max-gain", "-", "1", "target=-5", quieter),
    ("max-cut", "-", "1", "target=-50", louder),
    ("speed", "-", "0.5", "target=-40", louder),
    ("lookahead", "-", "1500", "", more_latency_other_sound),
    ("gate", "-", "-5", "", sound),
    ("gain", "-", "6", "mode=gain", louder),
    ("ceiling", "-", "-30", "", peaks_fall),
]
METER = [
    ("bypass", "-", "true", "", messages),
    ("specification", "-", "podcast", "", messages),
    ("dialogue", "-", "gated", "", messages),
    ("dialogue", "gated", "both", "", messages),
    ("speech-detector", "-", "statistical", "dialogue=gated", messages),
    ("hard-to-hear", "-", "40", "in:hard dialogue=both", more_messages),
]
BIN = [
    ("target", "-", "30", "", quieter),
    ("loudness", "-", "-40", "lookahead=100", quieter),
    ("voices", "-", "-40", "lookahead=100", quieter),
    ("max-gain", "-", "1", "loudness=-5 lookahead=100", quieter),
    ("max-cut", "-", "1", "loudness=-50 lookahead=100", louder),
    ("lookahead", "-", "100", "loudness=-40", less_latency_other_sound),
    ("ceiling", "-", "-30", "", peaks_fall),
    ("layout", "-", "5.1", "", sound),
    ("layout", "-", "binaural", "", sound),
    ("analyse", "-", "true", "", louder),
    ("meter", "-", "true", "", messages),
    ("specification", "-", "podcast", "meter=true", messages),
    ("settings", "-", "ambience_0::gain=-30", "", quieter),
    ("post-messages", "-", "false", "", no_messages),
    ("interval", "-", "2000000000", "", fewer_messages),
    ("gain", "-", "-30", "", quieter),
    ("mute", "-", "true", "", quieter),
    ("solo", "-", "true", "", sound),
    ("pan", "-", "60", "", sound),
    ("denoise", "-", "20", "target=0", quieter),
    ("steady", "-", "12", "target=0 settings=ambience_0-steady::threshold=-50", quieter),
    ("start", "-", "1000000000", "target=0", sound),
]
POSITION = [
    ("azimuth", "-", "25", "", left),
    ("elevation", "-", "45", "layout=7.1.4", channel(2, quieter)),
    ("distance", "-", "8", "distance-model=inverse", quieter),
    ("gain", "-", "-6", "", quieter),
    ("width", "-", "10", "in:pair", sound),
    ("spread", "-", "180", "layout=5.1 azimuth=30", channel(1, louder)),
    ("divergence", "-", "1", "layout=5.1", channel(2, quieter)),
    ("lfe-send", "-", "0", "layout=5.1", channel(3, louder)),
    ("distance-model", "-", "inverse", "distance=8", quieter),
    ("distance-model", "inverse", "linear", "distance=8 max-distance=8.5", quieter),
    ("reference-distance", "-", "4", "distance=8 distance-model=inverse", louder),
    ("max-distance", "-", "20", "distance=8 distance-model=linear", quieter),
    ("rolloff", "-", "2", "distance=8 distance-model=inverse", quieter),
    ("air-absorption", "-", "true", "distance=300", duller),
    ("near-field", "-", "true", "output=binaural distance=0.3 azimuth=90", sound),
]
SPACE = [
    ("output", "-", "ambisonic", "", sound),
    ("layout", "-", "5.1", "", sound),
    ("doppler", "-", "true", "distance=15", sound),
    ("ambisonic-order", "-", "2", "output=ambisonic", sound),
    ("speaker-positions", "30 0, -30 0, 0 0, lfe, 110 0, -110 0", "60 0, -30 0, 0 0, lfe, 110 0, -110 0", "azimuth=20",
     channel(0, quieter)),
    ("output", "-", "binaural", "", sound),
    ("zero-latency", "-", "true", "output=binaural", less_latency),
    ("head-yaw", "-", "60", "output=binaural", channel(1, louder)),
    ("head-pitch", "-", "60", "output=binaural", sound),
    ("head-roll", "-", "60", "output=binaural elevation=50", sound),
    ("sofa-location", "-", HRTF, "", sound),
]
DUCKER = [
    ("trigger", "level", "speech", "in:bed,steady output=background", louder),
    ("speech-detector", "-", "learned", "in:bed,beeps output=background", louder),
    ("mode", "-", "fixed", "depth=3", louder),
    ("target", "-", "3", "", louder),
    ("goal", "-", "glimpse", "range=40 intelligibility=0.3", sound),
    ("goal", "glimpse", "sii", "range=40 intelligibility=0.3", sound),
    ("intelligibility", "0.3", "0.8", "goal=sii", quieter),
    ("depth", "-", "3", "mode=fixed", louder),
    ("range", "-", "3", "mode=fixed", louder),
    ("dialogue-loudness", "-", "-40", "", quieter),
    ("spectral", "-", "12", "range=3", quieter),
    ("spectral-target", "-", "0", "range=3 spectral=12", louder),
    ("lookahead", "-", "20", "", less_latency_other_sound),
    ("attack", "-", "500", "lookahead=0", louder),
    ("hold", "-", "0", "", louder),
    ("release", "-", "2000", "", quieter),
    ("open", "-", "0", "in:bed,rising trigger=level", louder),
    ("close", "-", "-50", "in:bed,trailing trigger=level", quieter),
    ("floor", "-", "-5", "", louder),
    ("dialogue-gain", "-", "6", "output=mix", louder),
    ("background-gain", "-", "-6", "", quieter),
    ("output", "mix", "background", "", quieter),
    ("bypass", "-", "true", "", louder),
    ("meter", "-", "true", "", more_messages),
    ("post-messages", "-", "false", "", no_messages),
    ("interval", "-", "2000000000", "", fewer_messages),
]
ADR = [
    ("max-shift", "-", "100", "in:guide,late", sound),
    ("take-search", "-", "8", "in:guide,late max-shift=100", sound),
    ("clock-drift", "-", "1000", "min-confidence=1", sound),
    ("max-stretch", "-", "1.01", "", sound),
    ("strength", "-", "0", "", sound),
    ("tolerance", "-", "20", "", sound),
    ("line-gap", "-", "3000", "", fewer_lines),
    ("max-line", "-", "5", "in:long,long", more_lines),
    ("speech-detector", "-", "learned", "in:guide_in_noise,take", more_lines),
    ("match-level", "-", "false", "match-eq=0", quieter),
    ("match-eq", "-", "0", "match-level=false", sound),
    ("eq-limit", "-", "2", "match-eq=1", sound),
    ("room-tone", "-", "full", "in:guide_in_room,take", louder_between),
    ("room-tone-gain", "-", "12", "in:guide_in_room,take room-tone=full", louder_between),
    ("min-confidence", "0", "1", "", sound),
    ("on-mismatch", "-", "mute", "min-confidence=1", quieter),
    ("on-mismatch", "-", "guide", "min-confidence=1", sound),
    ("analyse-only", "-", "true", "", the_take),
    ("post-messages", "-", "false", "", no_messages),
    ("post-map", "-", "true", "", messages),
    ("protect", "-", "0-1.5", "", sound),
    ("sync-points", "-", "0.5:0.8", "", sound),
    ("confidence", "in:guide,other", "in:guide,take", "", reads),
    ("offset", "in:guide,take", "in:guide,late", "", reads),
]

# element: pads, signals, settings of all its scenes, rows
ELEMENTS = {
    "dmixcomp": (["sink"], "bursts", "", COMMON + COMP),
    "dmixdenoise": (["sink"], "noisy", "", COMMON + DENOISE),
    "dmixdialogue": (["sink"], "mixed", "", [("bypass", "-", "true", "boost=6", sound)] + COMMON[1:] + DIALOGUE),
        "dmixlevel": (["sink"], "long", "", COMMON + LEVEL),
    "dmixmeter": (["sink"], "bursts", "", COMMON[1:] + METER),
    "dmixpan": (["sink"], "noise", "azimuth=0", [("bypass", "-", "true", "azimuth=30", sound)] + COMMON[1:2]
                + [("interval", "-", "400000000", "moves=azimuth", fewer_messages)] + POSITION + SPACE),
    "dmixpanmix": (["sink_0"], "noise", "", POSITION + SPACE),
    "dmixducker": (["background", "dialogue"], "bed,speech", "output=background", DUCKER),
    "dmixbin": (["ambience_0", "dialogue_0"], "bed,speech", "", BIN),
    "dmixadr": (["guide", "take"], "guide,take", "", ADR),
}


# *** playing ***

class Result:
    """What came out: the sound (frames, channels), messages, latency, a property."""

    def __init__(self, x, told, latency, value):
        self.sound, self.messages, self.latency, self.value = x, told, latency, value

    def of_channel(self, number):
        return Result(self.sound[:, number:number + 1], self.messages, self.latency, self.value)


def source(x):
    """An appsrc that has all of a signal, in blocks of 50 ms, and its end."""
    src = Gst.ElementFactory.make("appsrc", None)
    caps = f"audio/x-raw,format=F32LE,layout=interleaved,rate={RATE},channels={x.shape[1]}"
    src.set_property("caps", Gst.Caps.from_string(caps + (",channel-mask=(bitmask)3" if x.shape[1] == 2 else "")))
    src.set_property("format", Gst.Format.TIME)
    src.set_property("max-bytes", 0)
    return src


def push(src, x):
    block = RATE // 20
    for at in range(0, len(x), block):
        buffer = Gst.Buffer.new_wrapped(np.ascontiguousarray(x[at:at + block]).tobytes())
        buffer.pts = at * Gst.SECOND // RATE
        buffer.duration = min(block, len(x) - at) * Gst.SECOND // RATE
        src.emit("push-buffer", buffer)
    src.emit("end-of-stream")


def pull(sink):
    """All samples of an appsink, (frames, channels)."""
    parts, channels = [], 1
    while True:
        sample = sink.emit("try-pull-sample", 0)
        if not sample:
            break
        channels = sample.get_caps().get_structure(0).get_value("channels")
        buffer = sample.get_buffer()
        parts.append(np.frombuffer(buffer.extract_dup(0, buffer.get_size()), "<f4"))
    return np.concatenate(parts or [np.zeros(0, "<f4")]).reshape(-1, channels)


def wait(bus, element):
    """Texts of the element's messages up to the end."""
    told = []
    while True:
        message = bus.timed_pop_filtered(20 * Gst.SECOND,
                                         Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.ELEMENT)
        assert message, "it does not end"
        if message.type == Gst.MessageType.ERROR:
            raise AssertionError(message.parse_error()[0].message + str(message.parse_error()[1]))
        if message.type == Gst.MessageType.EOS:
            return told
        if message.src == element:
            told.append(message.get_structure().to_string())


def move(element, prop):
    """A property that changes all the time."""
    wave = GstController.LFOControlSource()
    element.add_control_binding(GstController.DirectControlBinding.new(element, prop, wave))


def play(name, settings, signals, read=None):
    pipeline, element = Gst.Pipeline.new(None), Gst.ElementFactory.make(name, None)
    sink = Gst.ElementFactory.make("appsink", None)
    sink.set_property("sync", False)
    sink.set_property("wait-on-eos", False)
    pipeline.add(element)
    pipeline.add(sink)
    sources = [source(x) for x in signals]
    for pad_name, src in zip(ELEMENTS[name][0], sources):
        pipeline.add(src)
        pad = element.get_static_pad(pad_name) or element.request_pad_simple(pad_name)
        assert src.get_static_pad("src").link(pad) == Gst.PadLinkReturn.OK
    assert element.link(sink)
    for key, value in settings.items():
        if key == "moves":
            move(element, value)
            continue
        target = element
        if not element.find_property(key):
            target = element.get_static_pad(ELEMENTS[name][0][0])
        assert target.find_property(key), f"{name} has no {key}"
        Gst.util_set_object_arg(target, key, value)
    for src, x in zip(sources, signals):
        push(src, x)
    pipeline.set_state(Gst.State.PLAYING)
    try:
        told = wait(pipeline.get_bus(), element)
        query = Gst.Query.new_latency()
        latency = query.parse_latency()[1] if element.query(query) else 0
        return Result(pull(sink), told, latency, element.get_property(read) if read else None)
    finally:
        pipeline.set_state(Gst.State.NULL)


PLAYED = {}


def scene(name, prop, value, others):
    """The result of one value in the scene of a row."""
    _, signals, always, _ = ELEMENTS[name]
    settings = dict(s.split("=", 1) for s in shlex.split(always))
    words = [(k, v() if callable(v) else v) for k, v in others.items()] if isinstance(others, dict) else [
        s.split("=", 1) for s in shlex.split(others) if not s.startswith("in:")]
    settings.update(words)
    if not isinstance(others, dict):
        signals = next((s[3:] for s in others.split() if s.startswith("in:")), signals)
    value = value() if callable(value) else value
    read = None
    if value.startswith("in:"):
        signals, read = value[3:], prop
    elif value != "-":
        settings[prop] = value
    key = (name, signals, read, tuple(sorted(settings.items())))
    if key not in PLAYED:
        PLAYED[key] = play(name, settings, [signal(s) for s in signals.split(",")], read)
    return PLAYED[key]


# *** tests ***

def own_properties(thing):
    return {p.name for p in thing.list_properties() if p.owner_type.name.startswith("GstDmix")}


def properties_of(name):
    """Names of all our properties of an element and of its sink pads."""
    element = Gst.ElementFactory.make(name, None)
    assert element, f"no element {name}"
    found = own_properties(element)
    for template in element.get_pad_template_list():
        if template.presence == Gst.PadPresence.REQUEST:
            pad = element.request_pad(template, None, None)
        else:
            pad = element.get_static_pad(template.name_template)
        found |= own_properties(pad)
    return found


def check(name, row):
    """None, or what is wrong."""
    prop, first, second, others, change = row
    try:
        a, b = scene(name, prop, first, others), scene(name, prop, second, others)
    except AssertionError as error:
        return f"does not play: {error}"
    if change(a, b):
        return None
    return (f"not {change.__name__}: {db(a.sound):.2f} -> {db(b.sound):.2f} dB, {len(a.messages)} -> "
            f"{len(b.messages)} messages, latency {a.latency} -> {b.latency} ns, {a.value} -> {b.value}")


def is_binaural(row):
    return row[2] in ("binaural", HRTF) or "binaural" in row[3]


def faults(only_element, only_property):
    for name, (_, signals, always, rows) in ELEMENTS.items():
        if only_element not in (None, name):
            continue
        named = {row[0] for row in rows}
        for missing in sorted(properties_of(name) - named):
            yield f"{name}.{missing} has no row in the tables of tests/elements/matters.py"
        for stale in sorted(named - properties_of(name)):
            yield f"{name} has no property {stale}, but a row"
        settings = dict(s.split("=") for s in always.split())
        a, b = (play(name, settings, [signal(s) for s in signals.split(",")]) for _ in range(2))
        if sound(a, b) or a.messages != b.messages:
            yield f"{name} sounds otherwise each time: no comparison means anything"
        for row in rows:
            if only_property not in (None, row[0]) or is_binaural(row) and not SOFA:
                continue
            wrong = check(name, row)
            if wrong:
                yield f"{name}.{row[0]} {row[1]} -> {row[2]} ({row[3]}): {wrong}"


def main():
    Gst.init(None)
    plugin = Gst.Registry.get().get_feature_list_by_plugin("dmix")
    unknown = {f.get_name() for f in plugin} - set(ELEMENTS)
    found = [f"{name} has no table" for name in sorted(unknown)]
    found += faults(*(sys.argv[1:] + [None, None])[:2])
    print("\n".join(found) or f"{sum(len(e[3]) for e in ELEMENTS.values())} rows: every property matters")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
