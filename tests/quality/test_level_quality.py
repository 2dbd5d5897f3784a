#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmixlevel on recordings: voices, a podcast, a bed of music, a pause, a shout, and two passes.

Speech and music are Asterisk's (Debian packages). Where the second voice is not installed, the first one plays a third
slower, as another speaker. With DMIX_CORPUS set, the figures of its voices are printed, too; only those of the Debian
recordings are asserted. Loudness is measured here, not by the project's meter: K-weighted energy after BS.1770-5.
"""
import os
import pathlib
import sys
import tempfile

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402
import numpy as np  # noqa: E402

from sound import MUSIC, RATE, SOUNDS, db, decode  # noqa: E402

OTHER = "/usr/share/asterisk/sounds/it_IT_m_Carlo"
TARGET = -20.0
PODCAST = f"dmixlevel anchor=dialogue target={TARGET} max-gain=18 speed=20 lookahead=3000"
LIVE = f"dmixlevel anchor=dialogue target={TARGET} lookahead=100"
PROGRAMME = f"dmixlevel anchor=programme target={TARGET} max-gain=24 lookahead=100"
OPEN = " ceiling=20"         # the gain of the leveller alone
STEP = RATE // 10

failures = []


def expect(fact, text):
    print(("ok   " if fact else "FAIL ") + text)
    if not fact:
        failures.append(text)


# *** playing ***

def play(x, element):
    """Mono through an element: its output and the element messages."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = (pathlib.Path(folder) / name for name in ("in", "out"))
        np.asarray(x, "<f4").tofile(before)
        pipeline = Gst.parse_launch(
            f"filesrc location={before} blocksize=65536 ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le "
            f"sample-rate={RATE} num-channels=1 ! {element} ! filesink location={after}")
        bus, messages = pipeline.get_bus(), []
        pipeline.set_state(Gst.State.PLAYING)
        while True:
            message = bus.timed_pop_filtered(300 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR
                                             | Gst.MessageType.ELEMENT)
            assert message and message.type != Gst.MessageType.ERROR, "it does not play"
            if message.type == Gst.MessageType.EOS:
                break
            messages.append(message.get_structure().copy())
        pipeline.set_state(Gst.State.NULL)
        return np.fromfile(after, "<f4").astype(float), messages


# *** loudness ***

def k_weighted(x):
    """Both filters of BS.1770-5, tables 1 and 2 (48 kHz), by their magnitudes."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(len(x) + RATE))
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z) \
        / np.polyval([0.73248077421585, -1.69065929318241, 1.0], z)
    high = np.polyval([1.0, -2.0, 1.0], z) / np.polyval([0.99007225036621, -1.99004745483398, 1.0], z)
    return np.fft.irfft(np.fft.rfft(x, len(x) + RATE) * shelf * high)[:len(x)]


def energies(x):
    """K-weighted mean square of each 100 ms."""
    y = k_weighted(x)
    return np.mean(y[:len(y) // STEP * STEP].reshape(-1, STEP) ** 2, 1)


def lufs(power):
    return db(power) - 0.691


def windows(power, steps):
    return np.convolve(power, np.ones(steps) / steps, "valid")


def integrated(x):
    """BS.1770-5, with both gates."""
    block = windows(energies(x), 4)
    block = block[lufs(block) > -70]
    return lufs(np.mean(block[lufs(block) > lufs(np.mean(block)) - 10]))


def true_peak(x):
    """dBTP, by eightfold oversampling."""
    most = 0
    for i in range(0, len(x), RATE):
        piece = x[max(0, i - 1000):i + RATE + 1000]
        spectrum = np.fft.rfft(piece * np.concatenate([np.linspace(0, 1, 500), np.ones(max(0, len(piece) - 1000)),
                                                       np.linspace(1, 0, 500)]))
        most = max(most, np.abs(8 * np.fft.irfft(spectrum, 8 * len(piece))).max())
    return 20 * np.log10(most)


def at_loudness(x, wanted):
    return x * 10 ** ((wanted - integrated(x)) / 20)


# *** signals ***

def reading(folder, seconds, skip=0):
    """The longest prompts of a voice, each at its own level, 0.3 s apart."""
    files = sorted(pathlib.Path(folder).glob("*.wav"), key=lambda f: (-f.stat().st_size, f.name))
    files = [f for f in files if "monkeys" not in f.name and "beep" not in f.name][skip:]
    parts, length = [], 0
    for path in files:
        x = decode(path)
        loud = np.flatnonzero(np.abs(x) > 0.01)
        x = x[loud[0]:loud[-1]]
        parts += [x, np.zeros(RATE * 3 // 10)]
        length += len(x) + RATE * 3 // 10
        if length >= seconds * RATE:
            break
    return np.concatenate(parts)[:seconds * RATE]


def second_voice(seconds):
    if pathlib.Path(OTHER).is_dir():
        return reading(OTHER, seconds)
    x = reading(SOUNDS, seconds)
    return np.interp(np.arange(len(x)) / 1.33, np.arange(len(x)), x)


def turns(voices, lengths):
    """Pieces of the voices in turn, 0.4 s apart: the sound, and the voice of each 100 ms (-1 between them)."""
    at, parts, who = [0] * len(voices), [], []
    for i, seconds in enumerate(lengths):
        v, n = i % len(voices), seconds * RATE
        parts += [voices[v][at[v]:at[v] + n], np.zeros(RATE * 4 // 10)]
        who += [v] * (seconds * 10) + [-1] * 4
        at[v] += n
    return np.concatenate(parts), np.array(who)


def gain_of(x, y):
    """Gain in dB at each 10 ms where there is sound, else between its neighbours."""
    n = RATE // 100
    a, b = (np.mean(s[:len(x) // n * n].reshape(-1, n) ** 2, 1) for s in (x, y))
    good = np.flatnonzero(a > 1e-10)
    return np.interp(np.arange(len(a)), good, (db(b) - db(a))[good])


def moves(gain):
    """Largest movement of a gain (100 values a second) between 2 and 8 Hz, dB."""
    spectrum = np.fft.rfft(gain - np.linspace(gain[0], gain[-1], len(gain)))
    f = np.fft.rfftfreq(len(gain), 0.01)
    spectrum[(f < 2) | (f > 8)] = 0
    return np.abs(np.fft.irfft(spectrum, len(gain))[100:-100]).max()


# *** tests ***

def spread(y, who):
    """Share of the pairs of 3 s windows, one of each voice, that differ by at most 1.5 LU. A window is of a voice if
    it lies within one of its turns."""
    shortterm, voice = lufs(windows(energies(y), 30)), [[], []]
    for i, loudness in enumerate(shortterm):
        inside = set(who[i:i + 30])
        if len(inside) == 1 and -1 not in inside:
            voice[inside.pop()].append(loudness)


    a, b = (np.array(v) for v in voice)
    print(f"     voices {np.mean(a):.2f} +-{np.std(a):.2f} and {np.mean(b):.2f} +-{np.std(b):.2f} LUFS")
    return np.mean(np.abs(a[:, None] - b[None, :]) <= 1.5)


def test_podcast():
    voices = [at_loudness(reading(SOUNDS, 60), -18), at_loudness(second_voice(60), -26)]
    x, who = turns(voices, [12, 9, 15, 12, 10, 14, 8, 13, 15, 12])
    x = x + 1e-4 * np.random.default_rng(2).standard_normal(len(x))     # shows the gain between the turns
    before = spread(x, who)

    y, _ = play(x, PODCAST + OPEN)
    after = spread(y, who)
    # the goal is 95 %; measured: 100.0 % with a second speaker, 99.6 % of the windows before levelplan.c
    expect(before < 0.05 and after >= 0.95,
           f"podcast: {100 * before:.0f} % of the pairs of windows within 1.5 LU before, {100 * after:.1f} % after")
    expect(len(y) == len(x), "podcast: as long as before")
    moved = moves(gain_of(x, y))
    expect(moved < 0.1, f"podcast: gain moves {moved:.3f} dB at 2 to 8 Hz")


def test_programme():
    for name in ("reno_project-system", "macroform-the_simplicity", "manolo_camp-morning_coffee"):
        x = at_loudness(np.resize(decode(f"{MUSIC}/{name}.wav", 70), 150 * RATE), -29)
        y, _ = play(x, PROGRAMME)
        off = integrated(y[60 * RATE:]) - TARGET
        expect(abs(off) <= 0.5, f"live, {name}: {off:+.2f} LU off the target after 60 s")
        moved = moves(gain_of(x, play(x, PROGRAMME + OPEN)[0]))
        expect(moved < 0.1, f"live, {name}: gain moves {moved:.3f} dB at 2 to 8 Hz")
    x = at_loudness(np.resize(turns([reading(SOUNDS, 60), second_voice(60)], [20, 15, 20, 15])[0], 150 * RATE), -29)
    y, _ = play(x, PROGRAMME)
    off = integrated(y[60 * RATE:]) - TARGET
    expect(abs(off) <= 0.5, f"live, voices: {off:+.2f} LU off the target after 60 s")


def afterwards(element, between, name, limit=1.0):
    """The voice behind something else is as loud as with silence of 1 s there: from its first second on."""
    voice = at_loudness(reading(SOUNDS, 60), -26)
    first, then = voice[:40 * RATE], voice[40 * RATE:]
    results = []
    for middle in (np.zeros(RATE), between):
        y, _ = play(np.concatenate([first, middle, then]), element)
        results.append(y[len(first) + len(middle):])
    worst = np.abs(lufs(windows(energies(results[0]), 10)) - lufs(windows(energies(results[1]), 10)))
    loud = windows(energies(then), 10) > 0.1 * np.mean(energies(then))
    expect(worst[loud].max() <= limit, f"{name}: the voice is pulled by {worst[loud].max():.2f} LU")


def test_pulls():
    shout = np.concatenate([np.zeros(RATE // 5), at_loudness(reading(SOUNDS, 3, 2)[:3 * RATE // 2], -12), np.zeros(RATE // 5)])
    for element, kind in ((PODCAST, "look-ahead"), (LIVE, "live")):
        afterwards(element, np.zeros(10 * RATE), f"{kind}, pause of 10 s")
        afterwards(element, shout, f"{kind}, shout 14 LU louder")
        for name in ("reno_project-system", "manolo_camp-morning_coffee", "macroform-robot_dity"):
            for loudness in (-36, -20):
                bed = at_loudness(decode(f"{MUSIC}/{name}.wav", 50)[30 * RATE:], loudness)
                afterwards(element, bed, f"{kind}, {name} for 20 s at {loudness} LUFS")


def test_ceiling():
    rng = np.random.default_rng(4)
    x = at_loudness(reading(SOUNDS, 30), -30)
    x[::RATE] += 0.5 * rng.standard_normal(len(x[::RATE]))
    for element in (PODCAST, LIVE, "dmixlevel mode=gain gain=24"):
        y, _ = play(x, f"{element} ceiling=-6")
        peak = true_peak(y)
        expect(peak <= -6, f"{element.split(' ')[1]}: true peak {peak:.2f} dBTP with a ceiling of -6")


def test_two_passes():
    for anchor, x in (("programme", at_loudness(decode(f"{MUSIC}/manolo_camp-morning_coffee.wav", 60), -31)),
                      ("dialogue", at_loudness(reading(SOUNDS, 60), -31))):
        settings = f"anchor={anchor} target={TARGET}"
        same, messages = play(x, f"dmixlevel mode=analyse {settings}")
        expect(np.array_equal(same.astype("<f4"), x.astype("<f4")), f"two passes, {anchor}: the first leaves the sound")
        gain = messages[-1].get_value("gain")
        y, _ = play(x, f"dmixlevel mode=gain gain={gain:.17g} ceiling=20")
        off = integrated(y) - TARGET
        expect(abs(off) <= 0.1, f"two passes, {anchor}: {off:+.3f} LU off the target with {gain:.2f} dB")
        wanted = x.astype("<f4") * np.float32(10 ** (gain / 20))
        expect(np.array_equal(y.astype("<f4"), wanted), f"two passes, {anchor}: the sound times the gain, to the bit")


def print_corpus():
    folder = pathlib.Path(os.environ.get("DMIX_CORPUS", "/nowhere")) / "speech"
    voices = {}
    for path in sorted(folder.glob("*.flac")):
        voices.setdefault(path.name.split("_a0")[0].split("-")[0], []).append(decode(path))
    voices = {name: np.resize(np.concatenate(parts), 60 * RATE) for name, parts in voices.items()}
    for a in voices:
        for b in voices:
            if a != b:
                x, who = turns([at_loudness(voices[a], -18), at_loudness(voices[b], -26)], [12, 9, 15, 12, 10, 14])
                print(f"     {a}, {b}: {100 * spread(play(x, PODCAST)[0], who):.1f} % of the pairs within 1.5 LU")


def main():
    if not pathlib.Path(SOUNDS).is_dir() or not pathlib.Path(MUSIC).is_dir():
        print("SKIP: the recordings are not installed")
        return 77
    Gst.init(None)
    tests = [test_podcast, test_programme, test_pulls, test_ceiling, test_two_passes, print_corpus]
    for test in tests:
        if sys.argv[1:] in ([], [test.__name__]):
            test()
    print("\n".join(failures) or "all as loud as wanted")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
