#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""--report: its JSON against the messages of the same elements in pipelines made here, its page
against its JSON, without a network and small, and the page in Chromium (skipped where there is none)."""
import glob
import html.parser
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import wave

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from media import dmix, refuses, works  # noqa: E402
from test_mix import PROMPT, noise, write  # noqa: E402

INTERVAL = 100 * Gst.MSECOND
MUSIC = "/usr/share/asterisk/moh/macroform-cold_day.wav"
MOST_ROWS = 300         # of a table of the page; the JSON has all
MINUS, DASH = "\u2212", "\u2013"


# --- messages of pipelines that are made here ---

def play(line, dialogue_at=0):
    """(element, message) of all element messages of a launch line."""
    pipeline, found = Gst.parse_launch(line), []
    if dialogue_at:
        pipeline.get_by_name("ducker").get_static_pad("dialogue").set_offset(dialogue_at * Gst.SECOND)
    bus = pipeline.get_bus()
    pipeline.set_state(Gst.State.PLAYING)
    while True:
        message = bus.timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR
                                         | Gst.MessageType.ELEMENT)
        assert message and message.type != Gst.MessageType.ERROR, message and message.parse_error()
        if message.type == Gst.MessageType.EOS:
            break
        found.append((message.src.get_name(), message.get_structure().copy()))
    pipeline.set_state(Gst.State.NULL)
    return found


def named(messages, element, name):
    return [s for who, s in messages if who == element and s.get_name() == name]


def curve(messages, element, name, field, speech=False):
    """Values by 100 ms; None where there is no message or nothing was heard."""
    values = []
    for s in named(messages, element, name):
        at = round(s.get_value("running-time") / INTERVAL)
        values += [None] * (at + 1 - len(values))
        if s.has_field(field) and s.get_value(field) > -119 and not (speech and s.get_value("dialogue-activity") <= 0):
            values[at] = s.get_value(field)
    return values


def same_curve(report, name, wanted):
    assert report["curves"]["step-ms"] == 100
    got = report["curves"][name]
    values = [None if v is None else v / got["scale"] for v in got["values"]]
    assert len(values) <= len(wanted) and not any(wanted[len(values):]), (name, len(values), len(wanted))
    for i, (a, b) in enumerate(zip(values, wanted)):
        assert (a is None) == (b is None) and (a is None or abs(a - b) <= 0.501 / got["scale"]), (name, i, a, b)
    assert sum(v is not None for v in values) > 20, name


def same_fields(got, message, ends=()):
    """All numbers and texts of a message; times of `ends` within 1 ms, for audioresample alone puts out a few samples less."""
    compared = 0
    for i in range(message.n_fields()):
        name = message.nth_field_name(i)
        value = message.get_value(name)
        if name in ends:
            assert abs(got[name] - value) < 1000000, (name, got[name], value)
        elif isinstance(value, (bool, str, int)):
            assert got[name] == value, (name, got[name], value)
        elif isinstance(value, float):
            assert (got[name] is None if not math.isfinite(value) else abs(got[name] - value) < 1e-9), name
        else:
            continue
        compared += 1
    assert compared > 8, message


# --- the page ---

class Page(html.parser.HTMLParser):
    """Tables as rows of texts, cards, paths, and all addresses."""
    def __init__(self, text):
        super().__init__()
        self.tables, self.cards, self.paths, self.links, self.text = {}, {}, {}, [], ""
        self.table = self.cell = self.card = self.name = None
        self.script = ""
        self.inside = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.links += [a[x] for x in ("src", "href", "action", "data") if x in a]
        self.inside.append(tag)
        if tag == "table":
            self.table = self.tables.setdefault(a["id"], [])
        elif tag == "tr" and self.table is not None:
            self.table.append([])
        elif tag in ("td", "th") and self.table is not None:
            self.table[-1].append("")
            self.cell = True
        elif tag == "path":
            self.paths[a["data-curve"]] = a["d"]
        elif tag in ("dt", "dd"):
            self.card = a.get("class", tag)
        elif tag == "script":
            self.script = a.get("id", "code")

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.cell = None
        elif tag == "table":
            self.table = None
        elif tag in ("dt", "dd"):
            self.card = None
        elif tag == "script":
            self.script = ""

    def handle_data(self, data):
        if self.script == "data":
            self.data = json.loads(data)
        elif self.cell:
            self.table[-1][-1] += data
        elif self.card == "dt":
            self.name = data
            self.cards[data] = {"value": "", "was": ""}
        elif self.card in ("value", "was"):
            self.cards[self.name][self.card] += data
        self.text += data


def number(text):
    found = re.search(r"[-\d.]+", text.replace(MINUS, "-"))
    return float(found[0]) if found else None


def clock(seconds):
    tenths = int(seconds * 10 + 0.5)
    if tenths >= 36000:
        return f"{tenths // 36000}:{tenths // 600 % 60:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def check_page(path):
    """Every figure of the page is that of the JSON, and nothing comes from elsewhere."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path[:-5] + ".json", encoding="utf-8") as f:
        report = json.load(f)
    page = Page(text)
    assert all(link.startswith("#") for link in page.links), page.links
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp", text)
    assert page.data["curves"] == report["curves"], "the script draws what the JSON has"
    drawn = set(report["curves"]) - {"step-ms"}
    assert set(page.paths) == drawn and all(len(d) > 50 for d in page.paths.values()), "curves without a script"
    check_cards(page, report)
    check_tables(page, report)
    return report, page, len(text.encode())


def check_cards(page, report):
    now, was = report["after"], report.get("before")
    for title, part, name, places in (
            ("Loudness, integrated", "meter", "integrated", 1), ("Loudness range", "meter", "range", 1),
            ("Loudest short-term", "meter", "max-shortterm", 1), ("Dialogue above background", "stems", "difference", 1),
            ("Understood (SII)", "stems", "sii", 2), ("Share of speech", "meter", "speech-share", 0)):
        if name not in now.get(part, {}):
            assert title not in page.cards
            continue
        half = 0.501 * 10 ** -places
        assert abs(number(page.cards[title]["value"]) - now[part][name]) < half, (title, page.cards[title])
        if was:
            assert abs(number(page.cards[title]["was"]) - was[part][name]) < half, (title, page.cards[title])
    assert abs(number(page.cards["True peak"]["value"]) - max(now["meter"]["true-peak"])) < 0.051
    if "Hard to hear" in page.cards:
        assert number(page.cards["Hard to hear"]["value"]) == len(now["hard-to-hear"])


def check_tables(page, report):
    rows = page.tables.get("verdicts", [[]])[1:]
    assert len(rows) == len(report["verdicts"]) == (9 if "--music" not in report["again"] or report["command"] != "meter" else 0)
    for row, verdict in zip(rows, report["verdicts"]):
        assert (row[1] == "\u2713 meets it") == (verdict["verdict"] == "pass"), row
        assert row[2] == ("" if verdict["verdict"] == "pass" else verdict["verdict-text"]), row
    for phase in ("before", "after"):
        found = report.get(phase, {}).get("hard-to-hear", [])
        rows = page.tables.get("hard-" + phase, [[]])[1:]
        assert len(rows) == min(len(found), MOST_ROWS)
        for row, passage in zip(rows, found):
            assert row[0] == clock(passage["start"]) + DASH + clock(passage["stop"]), (row, passage)
            assert abs(number(row[1]) - passage["difference"]) < 0.051, (row, passage)
            if phase == "before":
                assert ("clear" in row[-1]) != passage["still"], row
    for row, one in zip(page.tables["settings"][1:], report["settings"]):
        assert row[:2] == [one["name"], one["element"]]
        assert row[2].split() == ([f"{k}={v}" for k, v in one["properties"].items()] or ["defaults"]), row
    assert report["again"] in page.text and report["dmix"] in page.text


# --- the commands ---

def source(path, rate):
    return (f"filesrc location={path} ! decodebin ! audioconvert ! audioresample ! audio/x-raw,rate={rate}")


def check_meter(folder):
    out, report = os.path.join(folder, "mixed.wav"), os.path.join(folder, "meter.html")
    works("meter", out, "--report", report)
    got, _, _ = check_page(report)
    messages = play(f"filesrc location={out} ! decodebin ! audioconvert ! dmixmeter name=meter dialogue=both "
                    "hard-to-hear=10 ! fakesink")
    same_curve(got, "loudness-after", curve(messages, "meter", "dmixmeter", "shortterm"))
    same_fields(got["after"]["meter"], named(messages, "meter", "dmixmeter")[-1])
    hard = named(messages, "meter", "dialogue-hard-to-hear")
    assert len(hard) == len(got["after"]["hard-to-hear"]) > 0
    for s, passage in zip(hard, got["after"]["hard-to-hear"]):
        assert abs(s.get_value("start") / 1e9 - passage["start"]) < 1e-6
        assert s.get_value("difference") == passage["difference"] and s.get_value("limiting-band") == passage["band"]
    speech = [(s.get_value("running-time") + 50_000_000) // 100_000_000 for _, s in messages if s.get_name().startswith("speech-")]
    assert got["speech"] == speech, "spans of speech"
    r128 = next(v for v in got["verdicts"] if v["specification"] == "r128")
    last = named(messages, "meter", "dmixmeter")[-1]
    assert r128["verdict-text"] == last.get_value("verdict-text")
    if os.path.exists(MUSIC):       # sounds that pass for phrases, softer than what is around them
        line = f"filesrc location={MUSIC} ! decodebin ! audioconvert ! dmixmeter name=meter dialogue=both"
        assert not named(play(line + " ! fakesink"), "meter", "dialogue-hard-to-hear"), "hard-to-hear=0: none"
        assert named(play(line + " hard-to-hear=5 ! fakesink"), "meter", "dialogue-hard-to-hear")
    print("meter: JSON = messages, page = JSON")


def check_mix(folder):
    words, bed, out, report = (os.path.join(folder, x) for x in ("words.wav", "bed.wav", "mixed.wav", "mix.html"))
    shutil.copy(PROMPT, words)
    write(bed, noise(12, 3500) * 3)
    done, _ = works("mix", "--dialogue", words + "@2", "--music", bed, "--set", "range=8", "--set",
                    "dialogue_0::denoise=6", "-o", out, "--report", report)
    got, page, _ = check_page(report)
    assert all(got["figures"][k] == v for k, v in done.items() if k not in ("event",)), "figures are those of done"
    for phase, ducker, level in (("before", "bypass=true", "mode=analyse target=-23"), ("after", "", "mode=gain")):
        messages = play(
            f"dmixducker name=ducker meter=true range=8 interval={INTERVAL} {ducker} ! queue ! audioconvert "
            f"! audio/x-raw,channels=1 ! dmixlevel name=level anchor=programme {level} ! dmixmeter name=meter "
            f"dialogue=both ! fakesink {source(bed, 48000)} ! ducker.background "
            f"{source(words, 48000)} ! dmixdenoise name=noise reduction=6 ! ducker.dialogue", 2)
        same_curve(got, "loudness-" + phase, curve(messages, "meter", "dmixmeter", "shortterm"))
        same_curve(got, "sii-" + phase, curve(messages, "ducker", "dmixmeter", "sii-shortterm", True))
        same_curve(got, "difference-" + phase, curve(messages, "ducker", "dmixmeter", "difference-shortterm", True))
        same_fields(got[phase]["meter"], named(messages, "meter", "dmixmeter")[-1])
        same_fields(got[phase]["stems"], named(messages, "ducker", "dmixmeter")[-1])
        critical = [s for s in named(messages, "ducker", "dmixmeter") if s.get_value("critical")]
        assert bool(critical) == bool(got[phase]["hard-to-hear"])
        if critical:
            least = min(s.get_value("sii-shortterm") for s in critical)
            assert min(p["sii"] for p in got[phase]["hard-to-hear"]) == least
        if phase == "after":
            same_curve(got, "gain-after", curve(messages, "ducker", "dmixducker", "gain"))
            noises = named(messages, "noise", "dmixdenoise")
            mean = sum(s.get_value("reduction") for s in noises) / len(noises)
            assert abs(got["denoise"][0]["reduction"] - mean) < 1e-6 and len(got["denoise"]) == 1
    assert got["before"]["hard-to-hear"] and len(page.tables["files"]) == 3
    assert any("ducking, more than property range" in w for w in got["warnings"]), got["warnings"]
    # the line that the report prints does it again
    with open(out, "rb") as f:
        first = f.read()
    os.remove(out)
    line = got["again"].replace("dmix ", os.path.join(os.environ.get("DMIX_BUILD", "build"), "gst/tools/dmix") + " ", 1)
    subprocess.run(["bash", "-c", line], check=True, capture_output=True)
    with open(out, "rb") as f:
        assert f.read() == first, "the same sound"
    # and without a report the sound is the same
    works("mix", "--dialogue", words + "@2", "--music", bed, "--set", "range=8", "--set", "dialogue_0::denoise=6",
          "-o", out)
    with open(out, "rb") as f:
        assert f.read() == first, "a report does not change the sound"
    print("mix: JSON = messages before and after, page = JSON, the same line makes the same sound")


def check_others(folder):
    out, report = os.path.join(folder, "mixed.wav"), os.path.join(folder, "other.html")
    new = os.path.join(folder, "new.wav")
    works("dialogue", out, "--boost", "6", "-o", new, "--report", report)
    got, _, _ = check_page(report)
    messages = play(f"filesrc location={out} ! decodebin ! audioconvert ! dmixmeter name=meter dialogue=both ! fakesink")
    assert abs(got["before"]["meter"]["integrated"] - named(messages, "meter", "dmixmeter")[-1].get_value("integrated")) < 0.01
    assert got["after"]["meter"]["dialogue-loudness"] > got["before"]["meter"]["dialogue-loudness"] + 3
    words, bed = os.path.join(folder, "words.wav"), os.path.join(folder, "bed.wav")
    for more in ((), ("--duck",)):
        done, _ = works("meter", "--dialogue", words, "--music", bed, *more, "--report", report)
        got, page, _ = check_page(report)
        assert got["after"]["stems"]["difference"] == done["difference"] and ("--duck" in got["again"]) == bool(more)
        assert bool(got["after"]["hard-to-hear"]) == (not more), "the bed hides the words until it is ducked"
    done, _ = works("adr", words, out, "-o", new, "--report", report)
    got, page, _ = check_page(report)
    messages = play(f"dmixadr name=adr ! fakesink {source(words, 48000)} ! queue ! adr.guide "
                    f"{source(out, 48000)} ! queue ! adr.take")
    lines = named(messages, "adr", "dmixadr-line")
    assert len(lines) == len(got["figures"]["lines"]) == len(done["lines"]) > 0
    for s, line in zip(lines, got["figures"]["lines"]):
        same_fields(line, s, ("stop", "duration"))
    shown = page.tables["lines"][1:]
    for row, line in zip(shown, [x for x in got["figures"]["lines"] if x["speech"]]):
        assert row[1] == clock(line["start"] / 1e9) + DASH + clock(line["stop"] / 1e9)
        assert abs(number(row[2]) - line["confidence"]) < 0.0051 and abs(number(row[4]) - line["offset"] / 1e6) < 0.51
    for problem in got["figures"]["problems"]:
        assert problem["text"] in page.text
    print("dialogue and adr: page = JSON, lines = messages")


def check_size(folder):
    """A curve has at most 2400 points, and spans are drawn a pixel apart: two hours are as large as one."""
    words, bed, out = (os.path.join(folder, x) for x in ("long.wav", "longbed.wav", "long.flac"))
    report = os.path.join(folder, "long.html")
    unit = noise(1, 1500)[:8000]
    write(bed, unit * 1500, 8000)
    with open(PROMPT, "rb") as f:
        speech = f.read()[44:]
    samples = memoryview(speech[:len(speech) // 2 * 2]).cast("h").tolist()
    write(words, (samples + [0] * 8000) * 46, 8000)
    works("mix", "--dialogue", words, "--music", bed, "-o", out, "--report", report, "--set", "range=3", limit=200)
    got, _, size = check_long(report)
    points = [len(c["values"]) for name, c in got["curves"].items() if name != "step-ms"]
    assert max(points) <= 2400 and len(points) == 8, points
    assert size < 300000, size
    print(f"25 minutes with {len(got['before']['hard-to-hear'])} passages: {size // 1000} kB")


def make_hours(path, sounds, pauses, gains, seed, hours=2):
    """Debian's recordings at 8 kHz in random order, each with another gain, dB, and a pause behind it, s."""
    import numpy
    rand, left = random.Random(seed), int(hours * 3600 * 8000)
    with wave.open(path, "wb") as w:
        w.setparams((1, 2, 8000, 0, "NONE", ""))
        while left > 0:
            with wave.open(rand.choice(sounds), "rb") as r:
                x = numpy.frombuffer(r.readframes(r.getnframes()), "<i2")
            x = x * 10 ** (rand.uniform(*gains) / 20)
            x = numpy.append(x, numpy.zeros(int(rand.uniform(*pauses) * 8000)))[:left]
            w.writeframes(numpy.clip(x, -32768, 32767).astype("<i2").tobytes())
            left -= len(x)


def check_hours(folder):
    """Two hours: each page is smaller than 400 kB and has the figures of the closing message."""
    words, bed, out = (os.path.join(folder, x) for x in ("words2h.wav", "bed2h.wav", "mixed2h.flac"))
    make_hours(words, sorted(glob.glob(os.path.join(os.path.dirname(PROMPT), "*.wav"))), (0.3, 12), (-12, 3), 5)
    make_hours(bed, sorted(glob.glob(os.path.join(os.path.dirname(MUSIC), "*.wav"))), (0, 2), (-12, 0), 6)
    for words in (("mix", "--dialogue", words, "--music", bed, "-o", out, "--loudness", "-23"), ("meter", out),
                  ("dialogue", out, "-o", os.path.join(folder, "clear2h.flac"))):
        report = os.path.join(folder, words[0] + "2h.html")
        started = time.monotonic()
        done, _ = works(*words, "--report", report, limit=3000)
        took = time.monotonic() - started
        got, _, size = check_page(report)
        assert all(got["figures"][k] == v for k, v in done.items() if k != "event"), words[0]
        assert size < 400000, f"{words[0]}: {size}"
        print(f"{words[0]} of 2 h, {len(got['after'].get('hard-to-hear', []))} passages: {size / 1000:.0f} kB, {took:.0f} s",
              flush=True)


def check_long(report):
    with open(report, encoding="utf-8") as f:
        text = f.read()
    with open(report[:-5] + ".json", encoding="utf-8") as f:
        return json.load(f), Page(text), len(text.encode())


def check_requests(folder):
    words, bed, out = (os.path.join(folder, x) for x in ("words.wav", "bed.wav", "never.wav"))
    good = ("mix", "--dialogue", words, "--music", bed, "-o", out, "--report")
    refuses("ends with .html", *good, os.path.join(folder, "x.txt"))
    refuses("cannot be written", *good, os.path.join(folder, "none", "x.html"))
    page = os.path.join(folder, "link.html")
    os.symlink(bed, page)
    refuses("is the input", *good, page)
    assert not os.path.exists(out)
    name = os.fsencode(os.path.join(folder, "a 'b' <c>&\"d\"")) + b"\xff.wav"
    done = dmix("mix", "--dialogue", words, "--music", bed, b"--output=" + name, "--report", os.path.join(folder, "n.html"))
    assert done.returncode == 0, done.err
    with open(os.path.join(folder, "n.html"), encoding="utf-8") as f:
        text = f.read()
    assert "<c>" not in text and "&lt;c&gt;" in text, "names are escaped"
    with open(os.path.join(folder, "n.json"), encoding="utf-8") as f:
        again = json.load(f)["again"]
    said = subprocess.run(["bash", "-c", "printf %s " + again.split("--output ")[1].split(" --report")[0]],
                          capture_output=True, check=True).stdout
    assert said == name, (said, name)
    print("report: wrong requests, names as people have them")


def check_browser(folder):
    chromium = shutil.which("chromium")
    if not chromium:
        print("(no chromium: the page is not shown)")
        return

    def show(name, *words):
        return subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/c",
                               "--window-size=900,1600", "--enable-logging=stderr", "--virtual-time-budget=2000",
                               *words, "file://" + os.path.join(folder, name)], capture_output=True, timeout=90)
    done = show("mix.html", "--dump-dom")
    said, dom = done.stderr.decode(errors="replace"), done.stdout.decode()
    assert "CONSOLE" not in said, said
    assert 'class="tools"' in dom and 'type="range"' in dom and "Show in the curves" in dom
    assert 'aria-valuetext="0:00.0; Loudness: after' in dom, "the position is told in words"
    with open(os.path.join(folder, "mix.html"), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(folder, "still.html"), "w", encoding="utf-8") as f:
        f.write(re.sub(r"<script>.*</script>", "", text, flags=re.S))
    with open(os.path.join(folder, "used.html"), "w", encoding="utf-8") as f:
        f.write(text.replace("</body>", "<script>document.querySelector('td button').click();"
                             "document.querySelector('[aria-label=\"Zoom in\"]').click()</script></body>"))
    used = show("used.html", "--dump-dom").stdout.decode()
    limits = [float(re.search(rf'type="range"[^>]* {x}="([\d.]+)"', used)[1]) for x in ("min", "max")]
    assert 14 < limits[1] - limits[0] < 16, f"a time in a table leads to the curves, and they zoom: {limits}"
    assert Page(used).paths["loudness-after"] != Page(dom).paths["loudness-after"]
    for words in (("mix.html",), ("mix.html", "--blink-settings=preferredColorScheme=0"), ("still.html",)):
        picture = os.path.join(folder, "shot.png")
        show(*words, f"--screenshot={picture}")
        assert os.path.getsize(picture) > 40000, words
        os.remove(picture)
    print("chromium: no error, controls with a script, figures without")


def main():
    if not os.path.exists(PROMPT):
        print("skipped: no recordings of Debian's asterisk packages")
        sys.exit(77)
    Gst.init(None)
    if "--hours" in sys.argv:       # some minutes of work, and 600 MB
        with tempfile.TemporaryDirectory() as folder:
            check_hours(folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        check_mix(folder)
        check_meter(folder)
        check_others(folder)
        check_size(folder)
        check_requests(folder)
        check_browser(folder)


if __name__ == "__main__":
    main()
