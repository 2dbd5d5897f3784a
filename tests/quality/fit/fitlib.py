# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What the fits here share: recordings from the lists, changes made to them, and programs built with other constants."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys
import wave

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("DMIX_BUILD", SOURCE / "build"))
SOUNDS = pathlib.Path("/usr/share/asterisk/sounds")
ENGLISH = "en_US_f_Allison"
SKIP = 77     # the exit code that meson takes for "skipped"

sys.path.insert(0, str(HERE.parent))
import sound  # noqa: E402


def arguments(text):
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few recordings and values, English prompts only")
    parser.add_argument("--only", help="only these constants, with commas between them")
    return parser.parse_args()


def corpus():
    """The folder of DMIX_CORPUS, or None, and then says so once."""
    folder = os.environ.get("DMIX_CORPUS")
    if not folder and not hasattr(corpus, "said"):
        corpus.said = True
        print("skipped: the recordings of a corpus (DMIX_CORPUS is not set)")
    return pathlib.Path(folder) if folder else None


def listed(name):
    """The lines of a list, split at tabs; comments left out."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def read_wav(path):
    with wave.open(str(path)) as file:
        x = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
        return x.mean(1) / 32768, file.getframerate()


def prompts(quick):
    """(language, name, samples, rate) of the listed prompts that are here."""
    missing = set()
    for language, name in listed("prompts.txt"):
        path = SOUNDS / language / (name + ".wav")
        if quick and language != ENGLISH:
            continue
        if not path.exists():
            missing.add(language)
            continue
        yield (language, name, *read_wav(path))
    for language in sorted(missing):
        print(f"skipped: {language} (its Debian package is not installed, see README.md)")


def corpus_speech(rate=16000, seconds=9):
    folder = corpus()
    for path in sorted((folder / "speech").glob("*.flac")) if folder else []:
        yield path.stem, resampled(sound.decode(path, seconds), sound.RATE, rate)


def corpus_ambience(rate, seconds=40):
    folder = corpus()
    for path in sorted((folder / "ambience").glob("*.flac")) if folder else []:
        yield path.stem, resampled(sound.decode(path, seconds), sound.RATE, rate)


# ------------------------------------------------------------------ changes

def resampled(x, rate, wanted):
    """Through the spectrum."""
    if rate == wanted:
        return x
    n = int(len(x) * wanted / rate)
    spectrum = np.fft.rfft(x)[:n // 2 + 1]
    return np.fft.irfft(np.pad(spectrum, (0, n // 2 + 1 - len(spectrum))), n) * (n / len(x))


def rms(x):
    return np.sqrt(np.mean(x * x) + 1e-20)


def level_db(x, rate):
    """Of each 5 ms."""
    n = rate // 200
    return 10 * np.log10(np.mean(x[:len(x) // n * n].reshape(-1, n) ** 2, 1) + 1e-12)


def speech_rms(x, rate):
    """Of the 5 ms within 30 dB of the loudest."""
    level = level_db(x, rate)
    return np.sqrt(np.mean(10 ** (level[level > level.max() - 30] / 10)))


def coloured(x, rate, rng, spread_db=5):
    """Wide bumps and dips, as another microphone has."""
    f = np.fft.rfftfreq(len(x), 1 / rate) + 1
    places = np.log2(np.array([60, 125, 250, 500, 1000, 2000, 4000, 8000]))
    gain = np.interp(np.log2(f), places, rng.uniform(-spread_db, spread_db, len(places)))
    return np.fft.irfft(np.fft.rfft(x) * 10 ** (gain / 20), len(x))


def convolved(x, h):
    n = 1 << (len(x) + len(h)).bit_length()
    return np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(h, n), n)[:len(x)]


def reverberated(x, rate, rng):
    """Decaying noise, 0.25 to 0.6 s, behind the direct sound."""
    decay_s = rng.uniform(0.25, 0.6)
    t = np.arange(int(rate * decay_s * 1.2)) / rate
    tail = rng.standard_normal(len(t)) * 10 ** (-3 * t / decay_s) * (t > 0.003)
    return x + rng.uniform(0.4, 0.8) * convolved(x, tail / np.sqrt(np.sum(tail ** 2)))


def timed(x, rate, rng, extra=2, smooth=None, protect=None, lowest=0.85, highest=1.18):
    """Other timing: pieces of 0.4 to 1.2 s, each with a speed of its own (the pitch goes along), which jumps or, with
    smooth, glides; `extra` pauses of 0.15 to 0.5 s where it is quiet; 0 to 0.4 s before. Within the seconds `protect`
    the speed is 1 and no pause is put in. Returns the new sound, and seconds of x and of it that belong together."""
    smooth = rng.random() < 0.5 if smooth is None else smooth
    cuts = [0.0]
    while cuts[-1] < len(x) / rate:
        cuts.append(cuts[-1] + rng.uniform(0.4, 1.2))
    slow = np.exp(rng.uniform(np.log(lowest), np.log(highest), len(cuts)))      # seconds of it for one of x
    t = np.arange(len(x) // (rate // 200) + 2) / 200
    pace = np.interp(t, cuts, slow) if smooth else slow[np.searchsorted(cuts, t, "right") - 1]
    if protect:
        pace[(t >= protect[0]) & (t < protect[1])] = 1.0
    level = level_db(x, rate)
    quiet = np.flatnonzero(np.convolve(level < level.max() - 38, np.ones(12), "same") > 11.5)
    quiet = quiet[(quiet > 100) & (quiet < len(level) - 100)]
    if protect:
        quiet = quiet[(quiet / 200 < protect[0]) | (quiet / 200 > protect[1])]
    step = pace / 200
    for i in rng.choice(quiet, min(extra, len(quiet)), replace=False) if len(quiet) else []:
        step[i] += rng.uniform(0.15, 0.5)
    start = rng.uniform(0, 0.4)
    there = start + np.concatenate([[0], np.cumsum(step)])[:len(t)]
    at = np.interp(np.arange(int(there[-1] * rate)) / rate, there, t, left=-1.0)
    y = np.interp(at * rate, np.arange(len(x)), x, left=0.0, right=0.0)
    return y, t, there


def pink(n, rate, rng):
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(n, 1 / rate), 20))
    return np.fft.irfft(spectrum, n)


def fan(n, rate, rng):
    t = np.arange(n) / rate
    y = pink(n, rate, rng)
    return y / rms(y) + 0.7 * sum(np.sin(2 * np.pi * 100 * k * t + k) / k for k in range(1, 9))


def traffic(n, rate, rng):
    """Pink, rising and falling by up to 8 dB within seconds."""
    points = np.arange(0, n / rate + 2.0, 1.5)
    return pink(n, rate, rng) * 10 ** (np.interp(np.arange(n) / rate, points, rng.uniform(-8, 8, len(points))) / 20)


def babble(n, rate, rng):
    """Six voices at a time out of the listed English prompts, at the rate of the prompts."""
    voices = [read_wav(path)[0] for path in sorted((SOUNDS / ENGLISH).glob("*-*.wav"))[::3]]
    y = np.zeros(n)
    for _ in range(6):
        line = np.zeros(0)
        while len(line) < n:
            line = np.concatenate([line, voices[rng.integers(len(voices))]])
        y += resampled(line, 8000, rate)[:n] if rate != 8000 else line[:n]
    return y


def cut(x, n, rng):
    """n samples from anywhere in x, or x over and over."""
    if len(x) <= n:
        return np.resize(x, n)
    start = rng.integers(len(x) - n)
    return x[start:start + n]


MADE = {"pink": pink, "fan": fan, "traffic": traffic, "babble": babble}


# ------------------------------------------------------- programs and constants

def constant(source, name):
    """The value of a #define in a file of dsp/, as text."""
    found = re.findall(rf"^#define {name} (\S+)", (SOURCE / source).read_text(encoding="utf-8"), re.M)
    assert len(found) == 1, f"{source} defines {name} {len(found)} times"
    return found[0]


def runner(name):
    return str(BUILD / "tests" / "quality" / "fit" / name)


def _libraries():
    found = [str(BUILD / "dsp" / "libdmixdsp.a")]
    for package in ("orc-0.4", "libmysofa"):
        answer = subprocess.run(["pkg-config", "--libs", package], capture_output=True, text=True, check=False)
        found += answer.stdout.split()
    return found + ["-lm"]


def variant(folder, program, source, changes):
    """Builds the runner `program` with a copy of `source` in which each text (a regular expression with one match) of
    `changes` is replaced. Returns the path of the program. The copy takes the place of the library's own."""
    text = (SOURCE / source).read_text(encoding="utf-8")
    for pattern, new in changes:
        text, count = re.subn(pattern, new, text, flags=re.M)
        assert count == 1, f"{source}: {count} matches of {pattern}"
    tag = f"{abs(hash((program, source, tuple(changes)))):x}"
    copy, out = os.path.join(folder, tag + ".c"), os.path.join(folder, tag)
    pathlib.Path(copy).write_text(text, encoding="utf-8")
    compiler = shlex.split(os.environ.get("DMIX_CC", os.environ.get("CC", "cc")))
    flags = ["-O3", "-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-I",
             str(SOURCE / "dsp"), "-Wl,--wrap=dmix_matchscore_get_confidence", "-Wl,--wrap=dmix_matchscore_follow"]
    subprocess.run(compiler + flags + [str(HERE / (program + ".c")), copy] + _libraries() + ["-o", out], check=True)
    return out


def changed(source, name, value):
    """The change that gives a constant another value; the letter f stays."""
    old = constant(source, name)
    return (rf"^#define {name} {re.escape(old)}(?=\s|$)",
            f"#define {name} {value:.9g}" + (".0" if "." in old and float(value).is_integer() else "")
            + ("f" if old.endswith("f") else ""))


def number(text):
    return float(text.rstrip("f"))


def scan(source, grid, score, only=None, title="as it is"):
    """Calls score ([change]) for each constant and value of the grid {name: [factor or value, ...]} and prints how the
    scores, a dict, move. Returns {name: {value: scores}}."""
    here = score([])
    print(f"\n{title}, {source}\n    " + "  ".join(f"{k} {v:.3f}" for k, v in here.items()), flush=True)
    found = {}
    for name, values in grid.items():
        if only and name not in only.split(","):
            continue
        now = number(constant(source, name))
        table = {now: here}
        for value in values:
            if value != now:
                table[value] = score([changed(source, name, value)])
        print(f"\n{name} (now {now:g})")
        print("    " + " ".join(f"{k:>10s}" for k in ["value", *here]))
        for value in sorted(table):
            print("  " + ("->" if value == now else "  ")
                  + " ".join([f"{value:10g}"] + [f"{v:10.3f}" for v in table[value].values()]), flush=True)
        found[name] = table
    return found


def run_list(program, lines, options=()):
    """Runs a runner over a list, half of it in each of two processes. Returns the lines that it prints."""
    def part(some):
        return subprocess.run([program, *options], input="\n".join(some) + "\n", capture_output=True, text=True,
                              check=True).stdout.splitlines()
    half = (len(lines) + 1) // 2
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return sum(pool.map(part, [some for some in (lines[:half], lines[half:]) if some]), [])
