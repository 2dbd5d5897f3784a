#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What dmixpan and dmixpanmix do to real recordings: Asterisk's prompts and
music on hold (Debian packages).

Asserted, on loudspeakers: each channel is the sound at one gain (the rest 120 dB
below it: float's rounding), the powers sum to that of the sound within 0.01 dB,
and the velocity vector points at the azimuth within 0.1 degree (V. Pulkki,
"Virtual sound source positioning using vector base amplitude panning", JAES 45,
1997). Moved at 90 degrees a second, music without anything above 4 kHz gets
nothing above 6 kHz: -100 dB.

On headphones: at 90 degrees the sound is later at the far ear by 0.66 +-0.1 ms
(R. S. Woodworth's sphere of 8.75 cm: r / c (a + sin a)) and softer, at -90 the
other way round to the sample, in front equal within 1 dB (a manikin's ears are
not the same). With music from the side instead of from the front, speech in
front is heard better at the better ear by 3 dB or more (A. Bronkhorst, R. Plomp,
"The effect of head-induced interaural time and level differences on speech
intelligibility in noise", JASA 83, 1988: up to 8 dB for one noise).
"""
import glob
import os
import re
import sys
import tempfile

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstController", "1.0")
from gi.repository import Gst, GstController  # noqa: E402
import numpy as np  # noqa: E402

from sound import MUSIC, RATE, SOUNDS, db, decode  # noqa: E402

RAW = (f"filesrc location={{}} ! rawaudioparse use-sink-caps=false format=pcm pcm-format=f32le sample-rate={RATE} "
       "num-channels=1")
# of BS.2051, in GStreamer's order; the LFE has none
ANGLES = {"5.1": (30, -30, 0, None, 110, -110), "7.1": (30, -30, 0, None, 135, -135, 90, -90)}
failures = 0


def check(good, text):
    global failures
    failures += not good
    print(("ok      " if good else "NOT OK  ") + text)


def run(line, bind=None):
    """The samples that come out of "dmixpan name=pan" or the like, [frames, channels]."""
    with tempfile.NamedTemporaryFile() as out:
        pipeline = Gst.parse_launch(f"{line} ! filesink location={out.name} sync=false")
        if bind:
            bind(pipeline.get_by_name("pan"))
        pipeline.set_state(Gst.State.PLAYING)
        message = pipeline.get_bus().timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        caps = pipeline.get_by_name("pan").get_static_pad("src").get_current_caps().to_string()
        pipeline.set_state(Gst.State.NULL)
        if not message or message.type != Gst.MessageType.EOS:
            sys.exit(f"{line}: " + (message.parse_error()[0].message if message else "it hangs"))
        # as text: GStreamer 1.26 and 1.22 give Python different structures
        channels = int(re.search(r"channels=\(int\)(\d+)", caps)[1])
        return np.fromfile(out.name, "<f4").astype(float).reshape(-1, channels)


def pan(x, settings, bind=None):
    with tempfile.NamedTemporaryFile() as f:
        x.astype("<f4").tofile(f.name)
        return run(f"{RAW.format(f.name)} ! dmixpan name=pan post-messages=false {settings}", bind)


def loudspeakers(name, x):
    for layout, speakers in ANGLES.items():
        for azimuth in (10, 72, -100):
            y = pan(x, f"azimuth={azimuth} layout={layout}")
            gain = x @ y / (x @ x)
            rest = db(np.sum((y - np.outer(x, gain)) ** 2) / (x @ x))
            level = db(np.sum(y ** 2) / (x @ x))
            fields = [(g, a) for g, a in zip(gain, speakers) if a is not None]
            vector = sum(g * np.exp(1j * np.radians(a)) for g, a in fields)
            error = abs(np.degrees(np.angle(vector * np.exp(-1j * np.radians(azimuth)))))
            check(rest < -120 and abs(level) < 0.01 and error < 0.1,
                  f"{name}, {layout}, {azimuth} degrees: rest {rest:.1f} dB, power {level:+.4f} dB, off by {error:.4f} deg")


def turn(element):
    """90 degrees a second: a saw of 0.25 Hz over the whole range."""
    saw = GstController.LFOControlSource(waveform=GstController.LFOWaveform.SAW, frequency=0.25, amplitude=0.5, offset=0.5)
    element.add_control_binding(GstController.DirectControlBinding.new(element, "azimuth", saw))


def movement(x):
    n = len(x)
    f = np.fft.rfftfreq(n, 1 / RATE)
    low = np.fft.irfft(np.fft.rfft(x * np.hanning(n)) * np.clip((4000 - f) / 500, 0, 1), n)
    for settings in ("layout=5.1", "output=binaural"):
        y = pan(low, settings, turn)[:n]
        high = np.abs(np.fft.rfft(y * np.blackman(n)[:, None], axis=0)) ** 2
        leak = db(high[f > 6000].sum() / high.sum())
        check(leak < -100, f"moved at 90 degrees a second, {settings}: {leak:.1f} dB above 6 kHz")


def lag(a, b):
    """How much later b is than a, in ms, up to 1.5 ms."""
    n = 2 * len(a)
    c = np.fft.irfft(np.conj(np.fft.rfft(a, n)) * np.fft.rfft(b, n))
    most = int(0.0015 * RATE)
    return (np.argmax(np.concatenate([c[-most:], c[:most + 1]])) - most) / RATE * 1000


def ears(name, x):
    side = {a: pan(x, f"azimuth={a} output=binaural") for a in (90, -90, 0)}
    for azimuth, near in ((90, 0), (-90, 1)):
        y = side[azimuth]
        late = lag(y[:, near], y[:, 1 - near])
        softer = db(np.sum(y[:, near] ** 2) / np.sum(y[:, 1 - near] ** 2))
        check(abs(late - 0.66) < 0.1 and softer > 3,
              f"{name}, {azimuth} degrees: far ear {late:.3f} ms later, {softer:.1f} dB softer")
    differ = db(np.sum(side[0][:, 0] ** 2) / np.sum(side[0][:, 1] ** 2))
    check(abs(differ) < 1 and lag(side[0][:, 0], side[0][:, 1]) == 0, f"{name}, in front: ears differ by {differ:.2f} dB")


def bands(y):
    """Power in the third octaves from 160 Hz to 8 kHz, of each ear."""
    p = np.abs(np.fft.rfft(y, axis=0)) ** 2
    f = np.fft.rfftfreq(len(y), 1 / RATE)
    centres = 1000 * 2 ** (np.arange(-8, 10) / 3)
    return np.array([p[(f >= c * 2 ** (-1 / 6)) & (f < c * 2 ** (1 / 6))].sum(0) for c in centres])


def better_ear(speech, music):
    """Mean over the bands of the speech-to-music ratio, at the ear where it is higher."""
    return db(bands(speech) / bands(music)).max(1).mean()


def apart(speech, music):
    front = pan(speech, "azimuth=0 output=binaural")
    together = better_ear(front, pan(music, "azimuth=0 output=binaural"))
    for azimuth in (90, -60):
        gain = better_ear(front, pan(music, f"azimuth={azimuth} output=binaural")) - together
        check(gain > 3, f"music at {azimuth} degrees: speech in front {gain:.1f} dB better at the better ear")


def main():
    Gst.init(None)
    speech = decode(os.path.join(SOUNDS, "demo-abouttotry.wav"), 8)
    music = decode(sorted(glob.glob(MUSIC + "/*.wav"))[0], 8)
    loudspeakers("speech", speech)
    loudspeakers("music", music)
    if not os.path.exists("/usr/share/libmysofa/default.sofa"):
        print("headphones skipped: Debian's libmysofa1 is not installed")
    else:
        movement(music)
        ears("speech", speech)
        apart(speech, music)
    print(f"{failures} not as they should be")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
