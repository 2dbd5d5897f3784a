#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Scans the constants of dsp/denoise/speechgain.c and noisetracker.c: scan_denoise.py [--quick] [--only NAME,...]

The mixtures of mixtures.txt are reduced by up to 24 dB. Scores, means over the mixtures, all but LSD the better the
higher: SI-SDR (dB, Le Roux et al., ICASSP 2019), segmental SNR (dB, frames of 20 ms with voice, -10 to 35), LSD
(log-spectral distance in dB, frames with voice), and with the Python packages pesq and pystoi PESQ (narrow band at
8 kHz, else wide band) and ESTOI; real: the corpus' part of SI-SDR and PESQ; clean: SI-SDR
of voices without noise that begin after silence, which count nowhere else. For the noise tracker also, from 1 s on and
by bin, in dB: |err|, the mean error against the noise alone (smoothed over 0.25 s), and its parts over and under.

Every value is a program of its own, in a temporary folder; nothing in dsp/ is touched."""
import concurrent.futures
import os
import sys
import tempfile
import zlib

import numpy as np

import fitlib

try:
    from pesq import pesq
except ImportError:
    pesq = None
try:
    from pystoi import stoi
except ImportError:
    stoi = None

REDUCTION_DB = "24"
GAIN, TRACKER = "dsp/denoise/speechgain.c", "dsp/denoise/noisetracker.c"
GRID = {
    GAIN: {
        "KEPT": (0.92, 0.95, 0.97, 0.98, 0.99),
        "LEAST_DB": (-35, -30, -25, -20, -15),
        "SLOW_S": (0.01, 0.02, 0.04, 0.08),
        "WIDE_HZ": (120, 240, 480, 960),
        "MOST": (2.5, 10, 40),
        "PRESENT": (0.025, 0.05, 0.1, 0.2, 0.4),
    },
    TRACKER: {
        "SPEECH_DB": (12, 15, 18, 21, 24),
        "NOISE_S": (0.05, 0.072, 0.1, 0.15, 0.22, 0.35),
        "PRESENCE_S": (0.076, 0.152, 0.304),
        "BINS_SEEN": (1, 1.3, 1.6, 2, 2.5),
    },
}
QUICK = {GAIN: {"PRESENT": (0.1, 4)}, TRACKER: {"NOISE_S": (0.02, 0.15)}}

# one estimate of the a-priori SNR instead of the geometric mean of both (binloops.c) that speechgain.c makes
OWN = r"for \(unsigned b = self->heard; b < self->bins; b\+\+\)"
BEFORE_GAIN = r"^  self->loops->gain \("
DIRECTED = [(OWN, "for (unsigned b = 0; b < self->bins; b++)")]
CEPSTRAL = [(BEFORE_GAIN, """  for (unsigned b = 0; b < self->heard; b++)
    self->prior[b] *= self->prior[b] / fmaxf (self->law.least, self->law.keep * self->speech[b]
        + (1.0f - self->law.keep) * fmaxf (power[b] / noise[b] - 1.0f, 0.0f));
  self->loops->gain (""")]


class Mixture:
    def __init__(self, folder, fields, voices):
        self.language, voice, noise, snr, start = fields
        rng = np.random.default_rng(zlib.crc32("\t".join(fields).encode()))
        self.is_clean = float(snr) >= 60
        self.rate = 16000 if self.language == "corpus" else 8000
        clean = voices(self.language, voice, self.rate)
        if noise in fitlib.MADE:
            y = fitlib.MADE[noise](len(clean) + self.rate, self.rate, rng)
        else:
            y = fitlib.cut(voices("ambience", noise, self.rate), len(clean) + self.rate, rng)
        self.clean = np.concatenate([np.zeros(self.rate), 0.05 * clean / fitlib.speech_rms(clean, self.rate)])
        y = y * 0.05 / fitlib.rms(y) * 10 ** (-float(snr) / 20)
        if start == "silent":
            y[:self.rate] = 0
        self.name = os.path.join(folder, f"{zlib.crc32(' '.join(fields).encode()):x}")
        self.mixed = self.clean + y
        self.mixed.astype("<f4").tofile(self.name + ".mix")
        y.astype("<f4").tofile(self.name + ".noise")

    def line(self, track):
        return f"{self.rate} {self.name}.mix {self.name}.noise {self.name}.out {self.name + '.track' if track else '-'}"

    def heard(self, x):
        """The frames of 20 ms with voice, one a row."""
        n = self.rate // 50
        rows = self.clean[:len(self.clean) // n * n].reshape(-1, n)
        level = 10 * np.log10(np.mean(rows ** 2, 1) + 1e-12)
        return x[:len(rows) * n].reshape(-1, n)[level > level.max() - 35]

    def of_sound(self, y):
        clean, out = self.clean[self.rate:], y[self.rate:]
        wanted = clean * (out @ clean) / (clean @ clean)
        scores = {"si_sdr": 10 * np.log10((wanted @ wanted) / ((out - wanted) @ (out - wanted)))}
        if self.is_clean:
            return {"clean": scores["si_sdr"]}
        s, e = self.heard(self.clean), self.heard(self.clean - y)
        scores["seg_snr"] = np.mean(np.clip(10 * np.log10(np.sum(s * s, 1) / (np.sum(e * e, 1) + 1e-12)), -10, 35))
        window = np.hanning(s.shape[1])
        power = [np.abs(np.fft.rfft(rows * window)) ** 2 for rows in (s, self.heard(y))]
        least = 1e-5 * power[0].max()
        logs = [10 * np.log10(p + least) for p in power]
        scores["lsd"] = np.mean(np.sqrt(np.mean((logs[0] - logs[1]) ** 2, 1)))
        if pesq:
            scores["pesq"] = pesq(self.rate, clean, out, "wb" if self.rate == 16000 else "nb")
        if stoi:
            scores["estoi"] = stoi(clean, out, self.rate, extended=True)
        if self.language == "corpus":
            scores.update({"real_" + k: scores[k] for k in ("si_sdr", "pesq") if k in scores})
        return scores

    def of_tracker(self):
        hop = int(self.rate * 0.032 / 3)
        frames = np.fromfile(self.name + ".track", "<f4").astype(float)
        # the transform may be larger than the window of 3 hops
        bins = 1 + 2 ** int(np.ceil(np.log2(3 * hop)) - 1) if len(frames) % (2 * (3 * hop // 2 + 1)) else 3 * hop // 2 + 1
        frames = frames.reshape(-1, 2, bins)
        first = len(frames) - (len(self.clean) - 2 * self.rate) // hop      # 1 s after the start of the voice
        width = np.hanning(25)[1:-1]
        smooth = np.apply_along_axis(np.convolve, 0, frames[:, 1], width / width.sum(), "same")
        f = np.arange(bins) * self.rate / (2 * (bins - 1))
        some = (f > 100) & (f < 0.42 * self.rate)
        error = 10 * np.log10((frames[first:-12, 0][:, some] + 1e-20) / (smooth[first:-12][:, some] + 1e-20))
        return {"|err|": np.mean(np.abs(error)), "over": np.mean(np.maximum(error, 0)),
                "under": np.mean(np.maximum(-error, 0))}

    def scores(self, track):
        found = self.of_sound(np.fromfile(self.name + ".out", "<f4").astype(float))
        return dict(found, **self.of_tracker()) if track and not self.is_clean else found


def mixtures(folder, quick):
    ambience, speech = {}, {}
    if not quick and fitlib.corpus():
        ambience, speech = dict(fitlib.corpus_ambience(16000)), dict(fitlib.corpus_speech())

    def voices(language, name, rate):
        if language == "ambience":
            return ambience[name]
        if language == "corpus":
            return speech[name]
        gap = np.zeros(rate // 4)
        return np.concatenate([np.concatenate([fitlib.read_wav(fitlib.SOUNDS / language / (n + ".wav"))[0], gap])
                               for n in name.split("+")])

    for fields in fitlib.listed("mixtures.txt"):
        here = fields[1] in speech if fields[0] == "corpus" else (fitlib.SOUNDS / fields[0]).is_dir()
        if quick and fields[0] != fitlib.ENGLISH:
            continue
        if not here:
            print(f"skipped: {fields[0]} {fields[1]} (not here)")
            continue
        yield Mixture(folder, fields, voices)


def one(job):
    mixture, track = job
    return mixture.scores(track)


def mean(rows):
    return {k: np.mean([row[k] for row in rows if k in row]) for k in dict.fromkeys(k for row in rows for k in row)}


def check(source, tables, quick):
    """The values in the code are not far from the best of the scan."""
    for name, table in tables.items():
        now = fitlib.number(fitlib.constant(source, name))
        for key, least in (("si_sdr", 0.5), ("clean", 4), ("pesq", 0.06), ("|err|", 0.5)):
            if key not in table[now]:
                continue
            sign = -1 if key == "|err|" else 1
            best = max(table, key=lambda value: sign * table[value][key])
            off = sign * (table[best][key] - table[now][key])
            print(f"{name}: {key} {table[now][key]:.3f}, best {table[best][key]:.3f} at {best:g}"
                  + ("   <- clearly better" if off > least else ""))
            assert not quick or off <= least, f"{name} is far from its best value, {best:g}"
    if quick:
        table = tables["PRESENT" if source == GAIN else "NOISE_S"]
        values = [row["si_sdr"] for row in table.values()]
        assert max(values) > min(values) + 0.1, "the constants of the copies have no effect"


def main():
    options = fitlib.arguments(__doc__)
    if not (fitlib.SOUNDS / fitlib.ENGLISH).is_dir():
        print("skipped: Debian's asterisk-core-sounds-en-wav is not installed")
        sys.exit(fitlib.SKIP)
    for name, package in (("PESQ", pesq), ("ESTOI", stoi)):
        if not package:
            print(f"skipped: {name} (its Python package is not installed)")
    with tempfile.TemporaryDirectory() as folder:
        some = list(mixtures(folder, options.quick))
        print(f"{len(some)} mixtures; not reduced: "
              + "  ".join(f"{k} {v:.3f}" for k, v in mean([m.of_sound(m.mixed) for m in some]).items()))
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            def score(source, changes, program=None):
                program = program or fitlib.variant(folder, "denoise_fit_run", source, changes)
                track = source == TRACKER
                fitlib.run_list(program, [m.line(track) for m in some], [REDUCTION_DB])
                return mean(list(pool.map(one, [(m, track) for m in some])))

            for source, grid in (QUICK if options.quick else GRID).items():
                built = score(source, [], fitlib.runner("denoise_fit_run"))
                copied = score(source, [])
                assert all(abs(built[k] - copied[k]) < 1e-3 for k in built), f"a copy of {source} works otherwise"
                if source == GAIN and not options.only and not options.quick:
                    print("\na-priori SNR of speechgain.c")
                    for title, changes in (("both, geometric mean", []), ("decision-directed", DIRECTED),
                                           ("cepstral", CEPSTRAL)):
                        row = score(source, changes)
                        print(f"  {title:22s}" + "  ".join(f"{k} {v:.3f}" for k, v in row.items()), flush=True)
                tables = fitlib.scan(source, grid, lambda changes, s=source: score(s, changes), options.only)
                check(source, tables, options.quick)


if __name__ == "__main__":
    main()
