#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Mixes a dialogue over a background with dmixducker, measures and draws it.

usage: duckmix.py [--target LU] [--clean DB] [--steady] DIALOGUE BACKGROUND OUTDIR

--clean lowers the noise of the dialogue, see docs/clean-dialogue.md; --steady
compresses the background before it is ducked, see docs/steady-ambience.md.

Any format that GStreamer decodes. Writes into OUTDIR: mix.wav, mix.flac (the
mix), balance.svg (loudness before and after, and the gain). Prints a table.
All figures are measured on the sound: the dialogue, the background and the
ducked background are put out side by side and K-weighted (ITU-R BS.1770).
"""
import argparse
import os
import signal
import sys
import tempfile

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstAudio", "1.0")
gi.require_version("GstPbutils", "1.0")
from gi.repository import GLib, Gst, GstAudio, GstPbutils  # noqa: E402
import numpy as np  # noqa: E402

from balance_svg import balance_svg  # noqa: E402

RATE = 48000                # Hz, of the mix
HOP = 0.1                   # s, between measured values
SILENCE = -70.0             # LUFS, the absolute gate of BS.1770


class Trouble(Exception):
    """What went wrong and what to do, in one line."""


# ---------------------------------------------------------------- the files
def inspect(path, what):
    """Duration in seconds of the sound in a file."""
    if not os.path.isfile(path):
        raise Trouble(f"{what} {path}: there is no such file")
    try:
        info = GstPbutils.Discoverer.new(20 * Gst.SECOND).discover_uri(Gst.filename_to_uri(path))
    except GLib.Error as e:
        raise Trouble(f"{what} {path}: it cannot be decoded ({e.message}); is a GStreamer plugin missing?") from e
    if not info.get_audio_streams():
        raise Trouble(f"{what} {path}: there is no sound in it")
    return info.get_duration() / Gst.SECOND


def prepare_folder(path):
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as e:
        raise Trouble(f"output folder {path}: {e.strerror}; name one that can be written to") from e


# ------------------------------------------------------------- the pipeline
DECODE = (f"uridecodebin uri=\"{{}}\" ! audioconvert ! audioresample ! audio/x-raw,format=F32LE,rate={RATE}"
          "{} ! tee name={}")


def description(dialogue, background, out, scratch, target, clean, threshold):
    """Both sounds, decoded once, go to the mix, to a second ducker that puts
    out the ducked background alone, and as they are to files to measure.
    clean: how far to lower the noise of the dialogue, dB; threshold: of the
    compressor for the background, LUFS; None: without."""
    quiet = f"target={target} post-messages=false"
    steady = "" if threshold is None else (
        f"b. ! queue ! dmixcomp detector=k-weighted threshold={threshold:.1f} ratio=2.5 knee=6 attack=20 release=250 "
        f"auto-release=true post-messages=false ! tee name=s s. ! queue ! filesink location={scratch}/steady")
    bed = "s" if steady else "b"
    quieter = "" if clean is None else f" ! dmixdenoise reduction={clean} post-messages=false"
    return " ".join([
        DECODE.format(Gst.filename_to_uri(background), ",channels=[2,64]", "b"),
        DECODE.format(Gst.filename_to_uri(dialogue), ",channels=[1,2]" + quieter, "d"),
        steady,
        f"dmixducker name=mix {quiet} ! tee name=m {bed}. ! queue ! mix.background d. ! queue ! mix.dialogue",
        f"m. ! queue ! audioconvert ! wavenc ! filesink location=\"{out}/mix.wav\"",
        f"m. ! queue ! audioconvert ! flacenc ! filesink location=\"{out}/mix.flac\"",
        f"dmixducker name=stem output=background target={target} interval=100000000 {bed}. ! queue ! stem.background d. ! queue ! stem.dialogue",
        f"stem. ! queue ! filesink location={scratch}/stem",
        f"b. ! queue ! filesink location={scratch}/background",
        f"d. ! queue ! filesink location={scratch}/dialogue",
    ])


def show_progress(pipeline, what, duration, begin, last):
    """One line that is written over on a terminal, else a line each 20 %."""
    known, position = pipeline.query_position(Gst.Format.TIME)
    done = min(position / Gst.SECOND / max(duration, 0.001), 1.0) if known else 0.0
    speed = done * duration / max((GLib.get_monotonic_time() - begin) / 1e6, 0.001)
    text = f"{what} {done:4.0%}  {speed:5.0f} x real time"
    if sys.stdout.isatty():
        print("\r" + text, end="", flush=True)
    elif int(done * 5) > last[0]:
        last[0] = int(done * 5)
        print(text, flush=True)
    return True


def channels_of(pad):
    caps = pad.get_current_caps()
    return caps and GstAudio.AudioInfo.new_from_caps(caps).channels


def run(text, duration, what="mixing"):
    """Runs the pipeline to its end; returns the channels at the tees named b
    and d, None for one that is not there, and the ducker's last difference
    while somebody speaks, LU, or None."""
    pipeline = Gst.parse_launch(text)
    loop, trouble, begin = GLib.MainLoop(), [], GLib.get_monotonic_time()
    difference = [None]

    def message(_bus, m):
        if m.type == Gst.MessageType.ELEMENT and m.get_structure().get_name() == "dmixducker":
            known, value = m.get_structure().get_double("difference")
            difference[0] = value if known else difference[0]
        if m.type == Gst.MessageType.ERROR:
            error, detail = m.parse_error()
            trouble.append(f"{error.message} ({detail.splitlines()[-1] if detail else m.src.name})")
        if m.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
            loop.quit()

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message", message)
    GLib.timeout_add(100, show_progress, pipeline, what, duration, begin, [-1])
    pipeline.set_state(Gst.State.PLAYING)
    try:
        loop.run()
    finally:
        tees = [pipeline.get_by_name(name) for name in "db"]
        channels = [tee and channels_of(tee.get_static_pad("sink")) for tee in tees]
        pipeline.set_state(Gst.State.NULL)
    if trouble:
        raise Trouble(f"{what} stopped: " + trouble[0])
    seconds = (GLib.get_monotonic_time() - begin) / 1e6
    print(("\r" if sys.stdout.isatty() else "") + f"{what}: {duration:.1f} s in {seconds:.1f} s            ")
    return channels, difference[0]


# ------------------------------------------------------------ the loudness
def k_weighting(frequency):
    """|H| of the two filters of ITU-R BS.1770-5, tables 1 and 2 (48 kHz)."""
    z = np.exp(-2j * np.pi * frequency / RATE)
    shelf = ((1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z * z)
             / (1 - 1.69065929318241 * z + 0.73248077421585 * z * z))
    high_pass = (1 - 2 * z + z * z) / (1 - 1.99004745483398 * z + 0.99007225036621 * z * z)
    return abs(shelf * high_pass)


def powers(path, channels):
    """K-weighted power, summed over the channels, of each HOP."""
    x = np.memmap(path, "<f4", "r").reshape(-1, channels) if os.path.getsize(path) else np.zeros((0, channels))
    hop, edge, chunk = int(HOP * RATE), RATE // 2, 20 * RATE
    out = []
    for start in range(0, len(x), chunk):
        a, b = max(0, start - edge), min(len(x), start + chunk + edge)
        n = b - a + edge
        weight = k_weighting(np.fft.rfftfreq(n, 1 / RATE))[:, None]
        y = np.fft.irfft(np.fft.rfft(x[a:b].astype(float), n, axis=0) * weight, n, axis=0)[start - a:]
        y = (y[:min(chunk, len(x) - start)] ** 2).sum(1)
        y = np.concatenate([y, np.zeros(-len(y) % hop)])
        out.append(y.reshape(-1, hop).mean(1))
    return np.concatenate(out) if out else np.zeros(0)


def lufs(power):
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def momentary(power):
    """Loudness over 400 ms, centred on each hop."""
    return lufs(np.convolve(np.pad(power, (1, 2), "edge"), np.ones(4) / 4, "valid"))


def integrated(power):
    """Gated loudness of BS.1770, and which hops of it count as speech."""
    m = momentary(power)
    loud = m > SILENCE
    if not loud.any():
        return SILENCE, loud
    loud = m > lufs(power[loud].mean()) - 10
    level = lufs(power[loud].mean())
    return float(level), m > level - 20


def loudness_of(background, duration, scratch):
    """LUFS of a whole file."""
    channels, _ = run(DECODE.format(Gst.filename_to_uri(background), ",channels=[2,64]", "b")
                      + f" b. ! queue ! filesink location={scratch}/background", duration, "measuring")
    return integrated(powers(os.path.join(scratch, "background"), channels[1] or 2))[0]


def bursts(power):
    """How far the loudest 5 % of the moments rise above the middle one, LU."""
    m = momentary(power[power > 1e-7])
    return float(np.percentile(m, 95) - np.median(m)) if len(m) else 0.0


# -------------------------------------------------------------- the report
def measure(scratch, channels, difference):
    """All curves and figures of a mix, as a dict; difference: the ducker's own,
    so that the tool and the element report the same figure."""
    d, b, s = (powers(os.path.join(scratch, name), c)
               for name, c in (("dialogue", channels[0]), ("background", channels[1]), ("stem", channels[1])))
    if channels == [1, 2]:
        d = d * 2                            # mono sounds from left and right
    n = min(len(b), len(s))
    d, b, s = np.pad(d, (0, max(0, n - len(d))))[:n], b[:n], s[:n]
    level, speaks = integrated(d)
    if not speaks.any() or not (b > 1e-9).any():
        raise Trouble("nothing to balance: the dialogue or the background is silent")
    gain = np.where(b > 1e-9, 10 * np.log10(np.maximum(s, 1e-12) / np.maximum(b, 1e-12)), 0.0)
    under = [float(lufs(x[speaks].mean())) for x in (b, s)]
    spoken = float(lufs(d[speaks].mean()))
    after = spoken - under[1] if difference is None else difference
    steady = os.path.join(scratch, "steady")
    return dict(bursts=os.path.exists(steady) and [bursts(b), bursts(powers(steady, channels[1]))],
                time=np.arange(n) * HOP, dialogue=momentary(d), before=momentary(b), after=momentary(s), gain=gain,
                speaks=speaks, level=level, under=under,
                difference=(after - under[0] + under[1], after),
                ducked=float((gain < -1).sum() * HOP), seconds=n * HOP)


def table(m):
    rows = [("dialogue (gated), LUFS", m["level"], m["level"]),
            ("background under the dialogue, LUFS", *m["under"]),
            ("difference while somebody speaks, LU", *m["difference"])]
    print(f"\n{'':38s}{'before':>9s}{'after':>9s}")
    for name, before, after in rows:
        print(f"{name:38s}{before:9.1f}{after:9.1f}")
    if m["bursts"]:
        print(f"{'background, bursts, LU':38s}{m['bursts'][0]:9.1f}{m['bursts'][1]:9.1f}")
    print(f"{'ducked, s':38s}{'':9s}{m['ducked']:9.1f}   ({m['ducked'] / max(m['seconds'], HOP):.0%} of the time)")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--clean", type=float, metavar="DB", help="lower the noise of the dialogue by this much")
    p.add_argument("--steady", action="store_true", help="compress the background before it is ducked")
    p.add_argument("--target", type=float, default=15, help="loudness difference to duck to, LU")
    for name in ("dialogue", "background", "outdir"):
        p.add_argument(name)
    o = p.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # end with the reader of a pipe
    Gst.init(None)
    try:
        if not Gst.ElementFactory.find("dmixducker"):
            raise Trouble("GStreamer does not find dmixducker: run this in `meson devenv -C build -w .`, or install dmix")
        dialogue, background, out = (os.path.abspath(x) for x in (o.dialogue, o.background, o.outdir))
        duration = max(inspect(dialogue, "dialogue"), inspect(background, "background"))
        prepare_folder(out)
        for name in ("mix.wav", "mix.flac"):
            if os.path.join(out, name) in (dialogue, background):
                raise Trouble(f"{name} in {out} is one of the inputs; name another output folder")
        with tempfile.TemporaryDirectory() as scratch:
            threshold = loudness_of(background, duration, scratch) + 2 if o.steady else None
            channels, difference = run(description(dialogue, background, out, scratch, o.target, o.clean, threshold),
                                       duration)
            if not all(channels):
                raise Trouble("one of the inputs ended without any sound")
            m = measure(scratch, channels, difference)
        table(m)
        with open(os.path.join(out, "balance.svg"), "w", encoding="utf-8") as f:
            f.write(balance_svg(m, os.path.basename(dialogue), os.path.basename(background)))
        print(f"\nwritten to {o.outdir}: mix.wav mix.flac balance.svg")
    except (Trouble, GLib.Error, OSError) as e:
        sys.exit(f"duckmix: {getattr(e, 'message', None) or e}")
    except KeyboardInterrupt:
        sys.exit("duckmix: interrupted")


if __name__ == "__main__":
    main()
