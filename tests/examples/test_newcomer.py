#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The way of a newcomer: all commands of README.md, in their order, as they stand.

They run in a folder with links to this source and build, so that nothing is built again;
`meson install` goes into a folder of its own (DESTDIR). Commands behind `meson devenv`
run in that environment and see no plugin but through it. In a bare Debian root, the same
commands run in a clone.
"""
import array
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DMIX_BUILD") or SOURCE / "build")
RECORDINGS = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav", "/usr/share/asterisk/moh"
FIRST_COMMAND_BEFORE = 16       # line


def commands(text):
    """Each command of the fenced shell blocks, with the line it begins in."""
    for block in re.finditer(r"^```(\w*)\n(.*?)^```", text, re.S | re.M):
        if block[1] not in ("", "sh"):
            continue
        line = text[:block.start()].count("\n") + 2
        for command in block[2].replace("\\\n", " \0").splitlines():
            yield line, command.replace("\0", "")
            line += 1 + command.count("\0")


def run(folder, command, env):
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=200)
    print(f"$ {command}\n{done.stdout[-600:]}{done.stderr[-600:]}")
    if done.returncode:
        sys.exit(f"exit status {done.returncode}")
    return done.stdout


def levels(path):
    """Level of each half second of an Opus file, dB."""
    raw = path.with_suffix(".raw")
    subprocess.run(["gst-launch-1.0", "-q", *(f"filesrc location={path} ! oggdemux ! opusdec ! audioconvert ! "
                    f"audio/x-raw,format=F32LE,rate=48000,channels=1 ! filesink location={raw}").split()], check=True)
    x = array.array("f", raw.read_bytes())
    return [10 * math.log10(sum(v * v for v in x[i:i + 24000:7]) / 3429 + 1e-9) for i in range(0, len(x) - 24000, 24000)]


def check_listening(folder):
    """In the pause before the voice music stays as it is and noise is lower; under the
    voice the music is lower, so that its pauses are."""
    pairs = [[levels(folder / f"{name}-{when}.opus") for when in ("before", "after")]
             for name in ("1-ducking", "2-noise", "3-headphones")]
    for before, after in pairs:
        print("before:", *(f"{x:.0f}" for x in before), "\nafter: ", *(f"{x:.0f}" for x in after))
        assert len(before) == len(after) > 30
    (music, ducked), (noisy, clean), (mono, _) = pairs
    assert all(abs(a - b) < 0.5 for a, b in zip(music[:3], ducked[:3])), "no voice, no ducking"
    assert sum(a - b for a, b in zip(music[4:34], ducked[4:34])) > 30, "the music makes room"
    assert all(12 < a - b < 22 for a, b in zip(noisy[1:4], clean[1:4])), "noise by 18 dB"
    assert max(mono) > -25


def main():
    found = list(commands((SOURCE / "README.md").read_text(encoding="utf-8")))
    assert found[0][1] == "examples/quickstart.sh" and found[0][0] <= FIRST_COMMAND_BEFORE, found[0]
    if not all(map(os.path.exists, RECORDINGS)):
        print("skipped: no recordings of Debian's asterisk packages")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "examples").symlink_to(SOURCE / "examples")
        (folder / "build").symlink_to(BUILD)
        env = {key: value for key, value in os.environ.items() if not key.startswith(("GST_", "DMIX_SOURCE"))}
        env |= {"DESTDIR": f"{folder}/root", "GST_REGISTRY": f"{folder}/registry.bin", "XDG_DATA_HOME": f"{folder}/data"}
        inside = ""
        for _, command in found:
            if command.startswith("meson devenv "):
                inside = command
                run(folder, f"{inside} gst-inspect-1.0 dmixducker", env)
            elif command.startswith("meson install "):
                run(folder, f"{command} --no-rebuild", env)
            elif inside:
                (folder / "line.sh").write_text(command, encoding="utf-8")
                run(folder, f"{inside} bash line.sh", env)
            else:
                run(folder, command, env)
        for name in ("mix.wav", "quickstart-out/mix.flac",
                     *re.findall(r"`(\d-[\w-]+\.opus)`", (SOURCE / "README.md").read_text(encoding="utf-8"))):
            path = folder / name if "/" in name or name == "mix.wav" else folder / "quickstart-out" / name
            assert path.stat().st_size > 10000, name
        check_listening(folder / "quickstart-out")
        installed = [str(path.relative_to(folder)) for path in folder.glob("root/**/libgstdmix.so")]
        assert len(installed) == 1, installed
    print(f"{len(found)} commands of README.md run as they stand")


if __name__ == "__main__":
    main()
