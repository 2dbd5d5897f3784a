#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What dmixdenoise does to sound, measured on the real element.

Speech: Asterisk's prompts (a Debian package), and, if the variable DMIX_CORPUS
names a folder with speech/*.flac and ambience/*.flac, three of those under
three real ambiences. Noise: made (pink, a fan's hum and rush).

Asserted with each estimator: at 5 and 15 dB SNR the SI-SDR (scale-invariant signal-to-distortion
ratio, Le Roux et al., ICASSP 2019) rises by 2.5 dB or more on average and 1 dB
in each case, and the voice loses at most 2.5 and 1.5 dB (of it, as the projection on the clean voice says); pink
noise falls by the reduction +-1 dB within a second; a voice without noise
keeps its level within 0.2 dB; clips that begin inside a word have, in their first
0.5 s, the voice of the uncut recording within 0.2 dB (median) and within 1 dB in
90 % of cuts, at 15, 25 and 40 dB SNR and in both latency modes, while noise alone
is 9 of 12 dB lower from 0.4 s on; the level metas say voice while somebody speaks
(80 % of the loud buffers) and not in noise alone (at most 10 % after 2 s).
"""
import glob
import os
import sys

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstAudio", "1.0")
from gi.repository import Gst, GstAudio  # noqa: E402
import numpy as np  # noqa: E402

from sound import RATE, SOUNDS, db, decode  # noqa: E402

PROMPTS = ("demo-abouttotry", "vm-intro", "demo-thanks")


def denoise(x, settings):
    """The sound and, of each buffer of 20 ms that came out, what its meta says of voice."""
    pipeline = Gst.parse_launch(
        f"appsrc name=in format=time caps=audio/x-raw,format=F32LE,layout=interleaved,rate={RATE},channels=1 "
        f"! dmixdenoise {settings} ! appsink name=out sync=false")
    source, sink = pipeline.get_by_name("in"), pipeline.get_by_name("out")
    pipeline.set_state(Gst.State.PLAYING)
    block = RATE // 50
    for i in range(0, len(x), block):
        piece = x[i:i + block].astype("<f4")
        buffer = Gst.Buffer.new_wrapped(piece.tobytes())
        buffer.pts, buffer.duration = i * Gst.SECOND // RATE, len(piece) * Gst.SECOND // RATE
        source.emit("push-buffer", buffer)
    source.emit("end-of-stream")
    out, voice = [], []
    while True:
        sample = sink.emit("try-pull-sample", 20 * Gst.SECOND)
        if not sample:
            break
        buffer = sample.get_buffer()
        out.append(np.frombuffer(buffer.extract_dup(0, buffer.get_size()), "<f4"))
        meta = GstAudio.buffer_get_audio_level_meta(buffer)
        voice += [(buffer.pts / Gst.SECOND, meta.voice_activity, meta.level)]
    pipeline.set_state(Gst.State.NULL)
    out = np.concatenate(out).astype(float)
    assert len(out) == len(x), (len(out), len(x))
    return out, voice


def si_sdr(x, clean):
    """dB; and the gain of the clean sound in x, dB."""
    scale = x @ clean / (clean @ clean)
    wanted = scale * clean
    return db(wanted @ wanted) - db((x - wanted) @ (x - wanted)), 20 * np.log10(abs(scale))


def pink(n, seed):
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=n))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20 * n / RATE))
    y = np.fft.irfft(spectrum, n)
    return y / np.sqrt(np.mean(y * y))


def fan(n, seed):
    t = np.arange(n) / RATE
    hum = sum(np.sin(2 * np.pi * 100 * k * t + k) / k for k in range(1, 9))
    y = pink(n, seed) + 0.7 * hum
    return y / np.sqrt(np.mean(y * y))


def cases():
    """(name, clean voice behind 1.5 s of silence, noise of mean square 1)"""
    lead = np.zeros(RATE * 3 // 2)
    if os.path.isdir(SOUNDS):
        for i, name in enumerate(PROMPTS):
            voice = np.concatenate([lead, decode(f"{SOUNDS}/{name}.wav", 8)])
            yield name, voice, (pink, fan)[i % 2](len(voice), i)
    else:
        print("SKIPPED: no Asterisk prompts here")
    corpus = os.environ.get("DMIX_CORPUS")
    if not corpus:
        print("SKIPPED: DMIX_CORPUS is not set, recordings of noise are not measured")
        return
    ambience = sorted(glob.glob(f"{corpus}/ambience/*.*"))
    for i, path in enumerate(sorted(glob.glob(f"{corpus}/speech/*.*"))[:3]):
        voice = np.concatenate([lead, decode(path, 8)])
        noise = decode(ambience[i % len(ambience)], 30)
        noise = np.tile(noise, len(voice) // len(noise) + 1)[:len(voice)]
        yield os.path.basename(path), voice, noise / np.sqrt(np.mean(noise ** 2))


def noisy_speech(estimator):
    gains = {5: [], 15: []}
    for name, voice, noise in cases():
        loud = voice[np.abs(voice) > 0]
        voice = voice * 0.05 / np.sqrt(np.mean(loud ** 2))
        for snr, lost in ((5, 2.5), (15, 1.5)):
            x = voice + noise * 0.05 * 10 ** (-snr / 20)
            y, _ = denoise(x, f"reduction=24 {estimator}")
            (before, _), (after, gain) = si_sdr(x[RATE:], voice[RATE:]), si_sdr(y[RATE:], voice[RATE:])
            print(f"{name:26s} {snr:3d} dB: SI-SDR {before:5.1f} -> {after:5.1f} dB, voice {gain:5.2f} dB")
            assert after - before >= 1 and gain > -lost, name
            gains[snr].append(after - before)
    for snr, gain in gains.items():
        print(f"mean gain at {snr} dB: {np.mean(gain or [np.nan]):.1f} dB")
        assert not gain or np.mean(gain) >= 2.5


def reductions(estimator):
    x = pink(3 * RATE, 7) * 0.05
    for reduction in (6, 12, 18, 24):
        y, _ = denoise(x, f"reduction={reduction} {estimator}")
        fall = db(np.mean(x[RATE:] ** 2)) - db(np.mean(y[RATE:] ** 2))
        print(f"pink noise, reduction {reduction}: {fall:.2f} dB")
        assert abs(fall - reduction) < 1


def cut_words(estimator):
    if not os.path.isdir(SOUNDS):
        return
    rng = np.random.default_rng(4)
    voices = [decode(f"{SOUNDS}/{name}.wav", 8) for name in PROMPTS + ("demo-instruct", "vm-options", "demo-moreinfo")]
    for mode in ("normal", "low"):
        for snr in (15, 25, 40):
            lost = []
            for i, voice in enumerate(voices):
                power = np.convolve(voice ** 2, np.ones(960) / 960, "same")
                voice = voice * 0.05 / np.sqrt(np.mean(voice[power > power.max() / 100] ** 2))
                x = voice + pink(len(voice), i) * 0.05 * 10 ** (-snr / 20)
                whole, _ = denoise(x, f"latency-mode={mode} {estimator}")
                inside = np.flatnonzero(power[:-RATE] > np.percentile(power, 95) / 100)
                for cut in rng.choice(inside, 8, replace=False):
                    clip, _ = denoise(x[cut:cut + RATE * 3 // 4], f"latency-mode={mode} {estimator}")
                    words = voice[cut:cut + RATE // 2]
                    lost.append(20 * np.log10(clip[:RATE // 2] @ words / (whole[cut:cut + RATE // 2] @ words)))
            print(f"cut into words, {snr} dB, {mode}: {len(lost)} cuts, voice {np.median(lost):.2f} dB, "
                  f"a tenth below {np.percentile(lost, 10):.2f} dB, least {min(lost):.2f} dB")
            # the frames of the learned estimator are longer by half
            assert np.median(lost) > -0.2 and np.percentile(lost, 10) > (-1.25 if "learned" in estimator else -1)
        for name, noise in (("pink", pink(RATE, 3)), ("fan", fan(RATE, 3))):
            y, _ = denoise(noise * 0.05, f"latency-mode={mode} {estimator}")
            fall = [20 * np.log10(0.05 * np.sqrt(np.mean(noise[i:j] ** 2) / np.mean(y[i:j] ** 2)))
                    for i, j in ((0, RATE // 20), (RATE // 5, RATE * 2 // 5), (RATE * 2 // 5, RATE))]
            print(f"{name} alone, {mode}: {fall[0]:.1f} dB lower in the first 0.05 s, {fall[1]:.1f} dB from 0.2 s, "
                  f"{fall[2]:.1f} dB from 0.4 s on")
            assert fall[2] > 9


def quiet_recordings(estimator):
    if not os.path.isdir(SOUNDS):
        return
    x = decode(f"{SOUNDS}/demo-echotest.wav", 12)
    y, voice = denoise(x, f"reduction=24 {estimator}")
    _, gain = si_sdr(y, x)
    print(f"voice without noise: {gain:.3f} dB")
    assert abs(gain) < 0.2
    level = np.array([v[2] for v in voice])
    loud = level < np.percentile(level, 40)
    share = np.mean([v[1] for v, l in zip(voice, loud) if l])
    print(f"buffers of loud speech with voice: {share:.0%}")
    assert share > 0.8
    _, voice = denoise(pink(5 * RATE, 9) * 0.05, estimator)
    share = np.mean([v[1] for v in voice if v[0] > 2])
    print(f"buffers of noise with voice: {share:.0%}")
    assert share < 0.1


def main():
    Gst.init(None)
    for estimator in ("estimator=statistical", "estimator=learned"):
        print(estimator)
        noisy_speech(estimator)
        reductions(estimator)
        cut_words(estimator)
        quiet_recordings(estimator)


if __name__ == "__main__":
    sys.exit(main())
