# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The pictures of the docs: each function plays sound through an element and returns
{name of the file without ending: charts}."""
import os
import tempfile
import wave

import numpy as np

from play import (MUSIC, RATE, SPEECH, db, decode, duck, field, level, play, read, run, third_octaves)
from svg import Chart, Polar

OCTAVES = (125, 250, 500, 1000, 2000, 4000, 8000)


def frequencies(title, limits, step, size=(760, 300)):
    return Chart(size, ((90, 4500), limits), (OCTAVES[:-1], range(limits[0], limits[1] + 1, step)),
                 ("third octave, Hz", "level, dB"), title, log_x=True)


# ------------------------------------------------------------------ dmixducker
def stems(dialogue, background):
    """Two seconds of pause, the dialogue, three of pause; 3 dB below it the
    background."""
    d, b = decode(dialogue, RATE)[:25 * RATE], decode(background, RATE)
    d *= 0.08 / np.sqrt(np.mean(d ** 2))
    d = np.concatenate([np.zeros(2 * RATE), d, np.zeros(3 * RATE)])
    b = np.resize(b[2 * RATE:], len(d))
    return d, b * (0.08 / np.sqrt(2 * np.mean(b ** 2)))


def ducker(dialogue=SPEECH, background=MUSIC):
    d, b = stems(dialogue, background)
    seconds, marks = (0, 30), range(0, 31, 5)
    plain, spectral = (duck(d, b, RATE, settings)[0] for settings in ("", "range=6 spectral=12"))

    top = Chart((760, 250), (seconds, (-60, -10)), (marks, range(-60, -9, 10)), ("", "level, dB"),
                "A background under dialogue")
    top.line(*level(d, RATE), "dialogue")
    top.line(*level(b, RATE), "background", colour="#b8b8b8")
    top.line(*level(plain, RATE), "background, ducked")
    bottom = Chart((760, 210), (seconds, (-24, 3)), (marks, range(-24, 1, 6)), ("time, s", "gain, dB"),
                   "What happens to it")
    for name, out in (("target=15 (default)", plain), ("range=6 spectral=12", spectral)):
        bottom.line(level(out, RATE)[0], level(out, RATE)[1] - level(b, RATE)[1], name)

    inside = slice(3 * RATE, len(d) - 4 * RATE)
    centres = 1000 * 2 ** (np.arange(-9, 7) / 3)
    bands = frequencies("While somebody speaks", (-50, 10), 10)
    for name, x in (("dialogue", d), ("background", b), ("range=6 spectral=12", spectral), ("target=15", plain)):
        bands.line(centres, third_octaves(x[inside], RATE, centres), name, dashed=x is d)

    heard = Chart((760, 230), (seconds, (0, 1)), (marks, (0, 0.25, 0.5, 0.75, 1)), ("", "glimpse proportion"),
                  "How much of the speech is heard, last 3 s")
    distance = Chart((760, 230), (seconds, (-5, 30)), (marks, range(0, 31, 10)), ("time, s", "difference, LU"),
                     "Loudness difference, last 3 s")
    for name, settings in (("bypass", "bypass=true"), ("goal=glimpse intelligibility=0.6", "goal=glimpse range=24"),
                           ("target=15", "")):
        messages = duck(d, b, RATE, settings + " meter=true interval=250000000")[1]
        t, glimpses, difference = field(messages, "dmixmeter", "stream-time", "glimpse-proportion-shortterm",
                                        "difference-shortterm")
        heard.line(t / 1e9, glimpses, name)
        distance.line(t / 1e9, difference, name)
    return {"dmixducker-phrases": [top, bottom], "dmixducker-bands": [bands], "dmixducker-understood": [heard, distance]}


# -------------------------------------------------------------------- dmixcomp
def comp():
    curves = Chart((560, 520), ((-80, 0), (-100, 0)), (range(-80, 1, 10), range(-100, 1, 10)),
                   ("input, dB", "output, dB"), "Transfer curves")
    levels = np.arange(-80, 1, 2.0)
    t = np.arange(RATE // 2) / RATE
    steps = np.concatenate([np.sqrt(2) * 10 ** (x / 20) * np.sin(2 * np.pi * 997 * t) for x in levels])
    curves.line([-80, 0], [-80, 0], dashed=True, colour="#999")
    for name, settings in (
            ("compress, ratio 2.5", "threshold=-30 ratio=2.5 knee=0"),
            ("the same, knee 12", "threshold=-30 ratio=2.5 knee=12"),
            ("ratio infinite", "threshold=-20 ratio=1000 knee=6"),
            ("expand, ratio 2", "mode=expand threshold=-40 ratio=2 knee=6"),
            ("gate, range 30", "mode=gate threshold=-50 range=30 knee=6"),
            ("upward, ratio 2, range 12", "mode=upward threshold=-30 ratio=2 range=12 knee=6")):
        y = play(steps, RATE, f"dmixcomp rms-window=50 attack=5 release=50 {settings}")[0]
        held = y.reshape(len(levels), -1)[:, RATE // 4:]
        curves.line(levels, db(np.mean(held ** 2, 1)), name)

    # a constant that jumps: detector peak, so that only the time constants are seen
    x = np.full(int(1.5 * RATE), 0.05)
    x[RATE // 4:RATE * 3 // 4] = 0.5
    gain = Chart((760, 320), ((200, 1500), (-20, 2)), (range(250, 1501, 250), range(-20, 1, 5)), ("time, ms", "gain, dB"),
                 "A step of 20 dB at 250 ms, back at 750 ms (threshold -26, ratio 4)")
    every = slice(RATE // 5, None, RATE // 250)
    for name, settings in (
            ("attack 20, release 250, no look-ahead", "lookahead=0"),
            ("the same, look-ahead 20", "lookahead=20"),
            ("hold 100", "lookahead=0 hold=100"),
            ("auto-release", "lookahead=0 auto-release=true")):
        y = play(x, RATE, f"dmixcomp detector=peak threshold=-26 ratio=4 knee=0 {settings}")[0][:, 0]
        gain.line((np.arange(len(x)) / RATE * 1000)[every], (20 * np.log10(np.abs(y / x)))[every], name)
    return {"dmixcomp-curves": [curves], "dmixcomp-steps": [gain]}


# ----------------------------------------------------------------- dmixdenoise
def denoise():
    """Speech in made noise, from 1.5 s before it."""
    speech, rate = read(SPEECH)
    speech = np.concatenate([np.zeros(3 * rate // 2), speech[:int(8.5 * rate)]])
    noise = np.cumsum(np.random.default_rng(1).normal(size=len(speech)))
    noise -= np.convolve(noise, np.ones(400) / 400, "same")
    noise *= speech.std() / noise.std() * 10 ** (-10 / 20)
    noisy = speech + noise
    clean, residual = (play(noisy, rate, f"dmixdenoise reduction=18 {x}")[0][:, 0] for x in ("", "output=residual"))
    top = Chart((760, 260), ((0, 10), (-70, -10)), (range(0, 11), range(-70, -9, 10)), ("time, s", "level, dB"),
                "Speech in noise, reduction=18")
    for name, x in (("before", noisy), ("after", clean), ("taken away (output=residual)", residual)):
        top.line(*level(x, rate, 0.05), name)
    centres = 1000 * 2 ** (np.arange(-9, 6) / 3)
    pause = level(speech, rate)[1] < -60
    pause = np.repeat(pause, rate // 10)
    bands = frequencies("Speech is kept, pauses are quieter", (-60, 10), 10)
    for when, mask in (("speech", ~pause), ("pauses", pause)):
        for name, x in (("before", noisy), ("after", clean)):
            bands.line(centres, third_octaves(x[:len(mask)][mask], rate, centres), f"{when}, {name}",
                       dashed=when == "pauses")
    return {"dmixdenoise": [top, bands]}


# ------------------------------------------------------------------- dmixmeter
def meter():
    """A programme that is softer in its second half."""
    x = decode(SPEECH, RATE)[:15 * RATE]
    x = np.concatenate([x, 0.3 * x])
    messages = play(x, RATE, "dmixmeter interval=100000000")[1][:-1]  # the last one is about the whole file
    begin, length, *values = field(messages, "dmixmeter", "stream-time", "duration", "momentary", "shortterm", "integrated")
    chart = Chart((760, 320), ((0, 30), (-60, 0)), (range(0, 31, 5), range(-60, 1, 10)), ("time, s", "LUFS"),
                  "Loudness of a programme that is softer in its second half")
    for name, value in zip(("momentary (400 ms)", "short-term (3 s)", "integrated"), values):
        chart.line((begin + length) / 1e9, np.where(value > -70, value, np.nan), name)
    chart.line([0, 30], [-23, -23], "target of EBU R 128", dashed=True, colour="#999")
    return {"dmixmeter": [chart]}


def programme():
    """Music, speech over it, speech alone, louder music and speech over that; the times of the speech, s."""
    voice, music = decode(SPEECH, RATE), decode(MUSIC, RATE)
    speech, spoken = np.zeros(50 * RATE), []
    for begin, (first, end) in zip((8, 21, 37), ((0, 11), (11, 22), (22, 31))):
        x = voice[first * RATE:end * RATE]
        speech[begin * RATE:begin * RATE + len(x)] = x
        spoken.append((begin, begin + len(x) / RATE))
    speech *= 0.06 / np.sqrt(np.mean(speech[speech != 0] ** 2))
    bed = np.resize(music[2 * RATE:], len(speech))
    fader = np.interp(np.arange(len(bed)) / RATE, (0, 7, 8, 19, 20.5, 33, 34, 37, 38, 50),
                      (-3, -3, -16, -16, -60, -60, -3, -3, -10, -10))
    return speech + bed * (0.06 / np.sqrt(np.mean(bed ** 2))) * 10 ** (fader / 20), spoken


def dialogue():
    """What dmixmeter finds of the dialogue in a finished programme."""
    x, times = programme()
    seconds, marks = (0, 50), range(0, 51, 5)
    messages = play(x, RATE, "dmixmeter dialogue=both interval=200000000")[1][:-1]
    begin, length, short, whole, spoken, dialogues, probability = field(
        messages, "dmixmeter", "stream-time", "duration", "shortterm", "integrated", "dialogue-shortterm", "dialogue-loudness",
        "speech-probability")
    at = (begin + length) / 1e9
    top = Chart((760, 280), (seconds, (-40, -15)), (marks, range(-40, -14, 5)), ("", "LUFS"),
                "Music, speech over it, speech alone, louder music, speech over that")
    for name, value in (("short-term (3 s)", short), ("short-term dialogue", spoken), ("dialogue loudness", dialogues),
                        ("integrated", whole)):
        top.line(at, np.where(value > -70, value, np.nan), name)
    bottom = Chart((760, 170), (seconds, (0, 1)), (marks, (0, 0.5, 1)), ("time, s", "probability of speech"), "Speech")
    bottom.line(at, probability, "speech-probability")
    for first, end in times:
        bottom.line([first, end], [0.98, 0.98], "a phrase of the recording" if first == 8 else None, dashed=True, colour="#999")
    return {"dmixmeter-dialogue": [top, bottom]}


def stems_of_mix():
    """Spectrograms in third octaves of a mix, 6 dB of speech over music, and of what dmixdialogue makes of it."""
    seconds, step, most = 7, 0.1, 45.0
    voice, music = decode(SPEECH, RATE)[:6 * RATE], decode(MUSIC, RATE)
    speech = np.concatenate([np.zeros(RATE), voice])
    bed = music[4 * RATE:4 * RATE + len(speech)]
    x = speech * 0.06 / speech.std() + bed * 0.03 / bed.std()
    sounds = [("The mix: speech over music", x)]
    for what in ("dialogue", "background"):
        sounds.append((f"output={what}", play(x, RATE, f"dmixdialogue lookahead=0 output={what}")[0][:, 0]))
    centres, frames = 1000 * 2 ** (np.arange(-10, 10, 1.25) / 3), int(seconds / step)
    hop, window = int(step * RATE), np.hanning(2 * int(step * RATE))
    hertz = np.fft.rfftfreq(len(window), 1 / RATE)
    charts = []
    for title, sound in sounds:
        padded = np.concatenate([np.zeros(hop // 2), sound, np.zeros(2 * hop)])
        power = np.array([abs(np.fft.rfft(window * padded[k * hop:k * hop + len(window)])) ** 2 for k in range(frames)])
        chart = Chart((760, 250), ((0, seconds), (0, len(centres) + 1)), (range(seconds + 1), ()), ("time, s", "100 Hz to 8 kHz"), title)
        for band, centre in enumerate(centres):
            inside = (hertz > centre / 1.155) & (hertz < centre * 1.155)
            height = np.clip(1 + (db(power[:, inside].mean(1) + 1e-9) - db(centre ** -0.7) - 62) / most, 0, 1)
            chart.line((np.arange(frames) + 0.5) * step, band + 1.6 * height, colour="#1f5fa8")
        charts.append(chart)
    return {"dmixdialogue": charts}


# --------------------------------------------------------------------- dmixpan
LAYOUTS = {"stereo": ["L", "R"],
           "5.1": ["L", "R", "C", None, "Ls", "Rs"],
           "7.1.4": ["L", "R", "C", None, "Lb", "Rb", "Ls", "Rs", "Ltf", "Rtf", "Ltr", "Rtr"]}


def pan_gains():
    charts, angles = [], np.arange(-180, 181, 4)
    for layout, names in LAYOUTS.items():
        elevation = 15 if layout == "7.1.4" else 0
        table = np.array([play(np.ones(64), RATE, f"dmixpan layout={layout} azimuth={a} elevation={elevation}",
                               len(names))[0][-1] for a in angles])
        chart = Polar((330, 390), f"{layout}, elevation {elevation}")
        for name, gain in zip(names, table.T):
            if name:
                chart.line(angles, gain, name)
        chart.line(angles, np.sqrt((table ** 2).sum(1)), "power", dashed=True, colour="#999")
        charts.append(chart)
    return charts


def pan_ears():
    """Level and time differences between the ears, from impulse responses."""
    angles, rows = np.arange(-180, 181, 10), []
    impulse = np.zeros(1024)
    impulse[0] = 1
    for a in angles:
        y = play(impulse, RATE, f"dmixpan output=binaural azimuth={a}", 2)[0]
        spectra = np.fft.rfft(y, 4096, axis=0)
        cross = spectra[:, 0] * np.conj(spectra[:, 1])
        cross[int(1500 * 4096 / RATE):] = 0                 # where the ear hears time differences
        lag = np.fft.irfft(cross, 16 * 4096)
        at = np.argmax(np.roll(lag, 1000)[:2000]) - 1000
        rows.append((db((y[:, 0] ** 2).sum()) - db((y[:, 1] ** 2).sum()), -at / 16 / RATE * 1e6))
    left = Chart((480, 300), ((-180, 180), (-20, 20)), (range(-180, 181, 60), range(-20, 21, 10)),
                 ("azimuth, degrees", "left over right, dB"), "Level difference between the ears")
    right = Chart((480, 300), ((-180, 180), (-900, 900)), (range(-180, 181, 60), range(-800, 801, 400)),
                  ("azimuth, degrees", "left ahead, µs"), "Time difference below 1.5 kHz")
    for chart, values in zip((left, right), zip(*rows)):
        chart.line(angles, values)
    return [left, right]


# --------------------------------------------------------------------- dmixadr
def other_reading(samples, rate):
    """Pieces of 1 s at another speed (and pitch), and pauses between them."""
    rng, pieces = np.random.default_rng(3), []
    for at in range(0, len(samples), rate):
        piece = samples[at:at + rate]
        speed = rng.uniform(0.85, 1.18)
        pieces.append(np.interp(np.arange(0, len(piece) - 1, speed), np.arange(len(piece)), piece))
        if at % (3 * rate) == 2 * rate:
            pieces.append(np.zeros(int(0.3 * rate)))
    return np.concatenate(pieces)


def adr():
    samples, rate = read(SPEECH)
    guide = samples[:12 * rate]
    take = other_reading(guide, rate)
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("guide.wav", "take.wav")]
        for path, x in zip(paths, (guide, take)):
            with wave.open(path, "wb") as w:
                w.setnchannels(1)
                w.setsampwidth(2)
                w.setframerate(rate)
                w.writeframes((np.clip(x, -1, 0.999) * 32768).astype("<i2").tobytes())
        branch = "filesrc location={} ! wavparse ! audioconvert ! queue ! a.{}"
        messages = run("dmixadr name=a post-map=true ! fakesink "
                       + " ".join(branch.format(path, pad) for path, pad in zip(paths, ("guide", "take"))))
    maps = Chart((620, 420), ((0, 12), (0, 14)), (range(0, 13, 2), range(0, 15, 2)), ("guide, s", "take, s"),
                 "Where each moment of the guide is in the take")
    maps.line([0, 12], [0, 12], "same time", dashed=True, colour="#999")
    for line in messages:
        if line.get_name() == "dmixadr-line" and line.get_value("map"):
            step = line.get_value("map-interval") / 1e9
            values = list(line.get_value("map"))[::max(1, round(0.05 / step))]
            times = line.get_value("start") / 1e9 + np.arange(len(values)) * step * max(1, round(0.05 / step))
            maps.line(times, values, f"line {line.get_value('index')}")
    waves = [Chart((620, 150), ((0, most), (-60, 0)), (range(0, most + 1, 2), (-60, -30, 0)), (f"{name}, s", "level, dB"),
                   "") for name, most in (("guide", 12), ("take", 14))]
    for chart, x in zip(waves, (guide, take)):
        chart.line(*level(x, rate, 0.05))
    return {"dmixadr": [maps, *waves]}


# ------------------------------------------------------------------- dmixlevel
def leveller():
    """Two voices in turn, 8 dB apart, with silence of 3 s in the middle."""
    first = decode(SPEECH, RATE)
    first = np.resize(first * 0.1 / np.sqrt(np.mean(first ** 2)), 48 * RATE)
    parts = [first[i * 8 * RATE:(i + 1) * 8 * RATE] * 10 ** ((0 if i % 2 else -8) / 20) for i in range(5)]
    x = np.concatenate(parts[:3] + [np.zeros(3 * RATE)] + parts[3:])
    x += 1e-5 * np.random.default_rng(1).standard_normal(len(x))
    seconds, marks = (0, 45), range(0, 46, 5)
    outputs = {name: play(x, RATE, f"dmixlevel target=-23 speed=20 lookahead={ahead} ceiling=20")[0]
               for name, ahead in (("lookahead=3000", 3000), ("lookahead=100", 100))}

    top = Chart((760, 250), (seconds, (-50, -10)), (marks, range(-50, -9, 10)), ("", "level, 3 s, dB"),
                "Two levels of a voice in turn, and a pause")
    bottom = Chart((760, 210), (seconds, (-12, 12)), (marks, range(-12, 13, 6)), ("time, s", "gain, dB"),
                   "What happens to it")
    top.line(*level(x, RATE, 3), "as it was", colour="#b8b8b8")
    for name, y in outputs.items():
        top.line(*level(y, RATE, 3), name)
        bottom.line(level(y, RATE, 0.5)[0], level(y, RATE, 0.5)[1] - level(x, RATE, 0.5)[1], name)
    return {"dmixlevel": [top, bottom]}


def all_pictures():
    """(name, charts, beside each other?) of each picture."""
    for make in (ducker, comp, denoise, meter, dialogue, stems_of_mix, leveller, adr):
        for name, charts in make().items():
            yield name, charts, False
    yield "dmixpan-gains", pan_gains(), True
    yield "dmixpan-ears", pan_ears(), True
