# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prepares the recordings: one long int16 array at 48 kHz mono and one table for each kind.

data.py packed FOLDER OUT [--strict]   the packed set: FOLDER holds speech.csv, noise.csv, music.csv, ir.csv and the
                                    files they name. --strict drops the rows whose licence names the GPL and the
                                    sources of UNNAMED.
data.py folders FOLDER OUT          recordings of one's own: FOLDER/speech/SPEAKER/*, FOLDER/noise/CLASS/*,
                                    FOLDER/music/*, FOLDER/ir/*; each twentieth of a kind is for validation
data.py debian DEBS DATA OUT        DATA and what the packages of PACKAGES have of music and places; DEBS holds the
                                    packages (apt-get download), wants dpkg-deb and unzip
Wants ffmpeg. OUT/KIND.npy is read with mmap; OUT/KIND.csv has the columns of FIELDS.
"""
import csv
import os
import subprocess
import sys
import tempfile

import numpy as np

RATE = 48000
KINDS = ("speech", "noise", "music", "ir")
FIELDS = ("first", "end", "source", "licence", "group", "bandwidth", "clean", "val", "voice")
# Sources with one licence for all, not one for each sound: README.md, "Recordings and licences"
UNNAMED = {"moodist", "mambience", "voxengo"}
# Debian packages of games with long pieces of music and recorded places: licence, and folders of music and of places
PACKAGES = {
    "0ad-data": ("CC-BY-SA-3.0", ["audio/music"], ["audio/ambient"]),
    "extremetuxracer-data": ("GPL-2.0+", ["etr/music"], []),
    "naev-data": ("GPL-2.0+ / GPL-3.0 / CC-BY-3.0 / CC-BY-SA-3.0", ["snd/music"], []),
    "redeclipse-data": ("CC-BY-SA-3.0 / CC-BY-3.0", ["sounds/music"], ["sounds/ambience"]),
    "supertuxkart-data": ("CC-BY-SA-3.0 / CC-BY-SA-4.0 / CC-BY-3.0", ["data/music"], []),
    "ufoai-music": ("GPL-2.0+ / CC-BY-SA-3.0", ["/music"], []),
}
PIECE = 44                               # seconds of one excerpt; of a piece of music at most two


def decode(path, *seek):
    command = ["ffmpeg", "-v", "error", *seek, "-i", path, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1"]
    return np.frombuffer(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout, np.int16)


def strict(row):
    return "GPL" not in row["licence"] and row["source"] not in UNNAMED


def bandwidth(x):
    """Highest frequency at which the mean spectrum is within 65 dB of its peak."""
    n = 2048
    if len(x) < n:
        return RATE / 2
    frames = x[: len(x) // n * n].reshape(-1, n).astype(np.float32) * np.hanning(n)
    power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).mean(0)
    return np.flatnonzero(power > power.max() * 10 ** -6.5)[-1] * RATE / n


class Store:
    """Appends recordings to OUT/KIND.npy and rows to OUT/KIND.csv."""

    def __init__(self, out, kind):
        os.makedirs(out, exist_ok=True)
        self.path, self.rows, self.length = os.path.join(out, kind), [], 0
        self.raw = open(self.path + ".raw", "wb")

    def add(self, x, **row):
        self.rows.append(dict(first=self.length, end=self.length + len(x), **row))
        self.raw.write(x.astype("<i2").tobytes())
        self.length += len(x)

    def close(self):
        self.raw.close()
        array = np.lib.format.open_memmap(self.path + ".npy", "w+", np.int16, shape=(self.length,))
        raw = np.memmap(self.path + ".raw", "<i2", "r")
        for at in range(0, self.length, 1 << 24):
            array[at:at + (1 << 24)] = raw[at:at + (1 << 24)]
        array.flush()
        os.remove(self.path + ".raw")
        with open(self.path + ".csv", "w", newline="") as f:
            table = csv.DictWriter(f, FIELDS)
            table.writeheader()
            table.writerows(self.rows)
        print(f"{self.path}: {len(self.rows)} recordings, {self.length / RATE / 3600:.2f} h")


def packed(folder, out, wanted):
    for kind in KINDS:
        rows = list(csv.DictReader(open(os.path.join(folder, kind + ".csv"))))
        files, store = {}, Store(out, kind)
        for row in rows:
            if wanted(row):
                files.setdefault(row["file"], []).append(row)
        for name, parts in files.items():
            x = decode(os.path.join(folder, "ir" if kind == "ir" else "", name))
            for row in parts:
                first = round(float(row.get("start") or 0) * RATE)
                end = round(float(row["stop"]) * RATE) if row.get("stop") else len(x)
                store.add(x[first:end], source=row["source"], licence=row["licence"],
                          group=row.get("speaker") or row.get("class") or "", val=int(row["split"] == "val"),
                          bandwidth=row.get("bandwidth_hz") or RATE / 2, clean=row.get("clean") or 0,
                          voice=int(row.get("note") == "voice?"))
        store.close()


def folders(folder, out):
    for kind in KINDS:
        store, count = Store(out, kind), 0
        for where, _, names in sorted(os.walk(os.path.join(folder, kind))):
            for name in sorted(names):
                x, count = decode(os.path.join(where, name)), count + 1
                group = os.path.basename(where)
                store.add(x, source=group, licence="own", group=group, bandwidth=bandwidth(x), clean=1,
                          val=int(count % 20 == 0), voice=int(group in ("babble", "human")))
        store.close()


def unpacked(deb, folder):
    """The sounds of a package, also those in its archives."""
    names = ["*.ogg", "*.zip", "*.pk3"]
    tar = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", folder, "--wildcards", *names], stdin=tar.stdout, stderr=subprocess.DEVNULL)
    for where, _, files in sorted(os.walk(folder)):
        for name in (n for n in files if not n.endswith(".ogg")):
            subprocess.run(["unzip", "-qo", os.path.join(where, name), "*.ogg", "-d", folder], stderr=subprocess.DEVNULL)
    return sorted(os.path.join(where, n) for where, _, files in os.walk(folder) for n in files if n.endswith(".ogg"))


def excerpts(path, music):
    """Of music 44 s from 15 s on, behind what fades in, and from 2 min on, for another theme; of a place at most 2 min. At
    -22 dBFS, near that of the packed set, and nothing that is silent."""
    for at in (15, 120) if music else (0,):
        x = decode(path, "-ss", str(at), "-t", str(PIECE if music else 120))
        if len(x) >= (20 if music else 3) * RATE and abs(x.astype(int)).mean() > 30:
            x = x.astype(np.float32) * (2500 / np.sqrt(np.mean(x.astype(np.float32) ** 2)))
            yield np.clip(x, -32768, 32767).astype(np.int16)


def debian(debs, data, out):
    found = {n.split("_")[0]: os.path.join(debs, n) for n in sorted(os.listdir(debs)) if n.endswith(".deb")}
    missing = sorted(set(PACKAGES) - set(found))
    if missing:
        sys.exit(f"{debs} lacks {', '.join(missing)}: apt-get download {' '.join(missing)}")
    stores = {kind: Store(out, kind) for kind in KINDS}
    for kind, store in stores.items():
        sound = np.load(os.path.join(data, kind + ".npy"), mmap_mode="r")
        for row in csv.DictReader(open(os.path.join(data, kind + ".csv"))):
            store.add(sound[int(row.pop("first")):int(row.pop("end"))], **row)
    for name, (licence, music, places) in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            for path in unpacked(found[name], folder):
                where = os.path.dirname(path)
                kind = "music" if any(m in where for m in music) else "noise" if any(m in where for m in places) else None
                for x in excerpts(path, kind == "music") if kind else ():
                    stores[kind].add(x, source=name, licence=licence, group="music" if kind == "music" else "nature",
                                     bandwidth=bandwidth(x), clean=1, val=0, voice=0)
    for store in stores.values():
        store.close()


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) != {"packed": 3, "folders": 3, "debian": 4}.get(arguments[0] if arguments else None):
        sys.exit(__doc__)
    if arguments[0] == "debian":
        debian(*arguments[1:])
    elif arguments[0] == "packed":
        packed(arguments[1], arguments[2], strict if "--strict" in sys.argv else bool)
    else:
        folders(arguments[1], arguments[2])
