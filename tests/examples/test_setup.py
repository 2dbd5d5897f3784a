#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""examples/setup.sh on a system without dpkg: enough if everything is there, and what
is missing has a name. The programs in Python say what to do where GStreamer does not
find the plugin.

The programs of this system are linked into a folder, all but dpkg and apt and one that
is to be missed; that folder is the PATH.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = [*(SOURCE / "examples").glob("*.sh"), SOURCE / "tests" / "run.sh"]
# what a machine that runs the tests may lack
MAY_LACK = {"clang", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav", "alsa-utils", "ffmpeg",
            "gstreamer1.0-libav"}


def packages():
    """All that the scripts need."""
    found = set()
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for words in re.findall(r'^(?:\[ -n "\$1" \] \|\| )?need (.*)$', text, re.M):
            found |= {word for word in words.split() if not word.startswith("$")}
    build = re.search(r'DMIX_BUILD_PACKAGES="([^"]*)"', (SOURCE / "examples" / "setup.sh").read_text(encoding="utf-8"))
    return sorted(found | set(build[1].split()))


def need(folder, wanted, without=()):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in os.environ["PATH"].split(":"):
        for file in pathlib.Path(path).glob("*"):
            link = folder / file.name
            if not re.match("dpkg|apt", file.name) and file.name not in without and not link.is_symlink():
                link.symlink_to(file)
    done = subprocess.run([folder / "bash", "-c", f". {SOURCE}/examples/setup.sh; need {' '.join(wanted)}; echo goes on"],
                          capture_output=True, text=True, env=os.environ | {"PATH": str(folder)})
    print(f"without {['dpkg', *without]}: {done.stdout}{done.stderr}".rstrip())
    return done.returncode, done.stderr.split(), done.stdout


def check_programs(folder):
    """Without a plugin in reach: one line that says what to do."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GST_")}
    env |= {"GST_PLUGIN_SYSTEM_PATH": str(folder), "GST_REGISTRY": f"{folder}/registry.bin"}
    for program in ("duck.py", "orbit.py"):
        files = ["one.wav", "two.wav", f"{folder}/out.wav"][:2 if program == "orbit.py" else 3]
        done = subprocess.run([sys.executable, SOURCE / "examples" / program, *files], capture_output=True, text=True,
                              env=env)
        print(done.stderr.rstrip())
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "meson devenv" in done.stderr, program


def main():
    wanted = packages()
    assert len(wanted) > 15, wanted
    with tempfile.TemporaryDirectory() as folder:
        check_programs(folder)
        folder = pathlib.Path(folder, "bin")
        code, lacking, _ = need(folder, wanted)
        lacking = {word for word in lacking if word in wanted}
        assert lacking <= MAY_LACK, lacking
        wanted = [package for package in wanted if package not in lacking]
        code, words, said = need(folder, wanted)
        assert code == 0 and not words and said == "goes on\n", "everything is there"
        for program, package in ("meson", "meson"), ("gst-launch-1.0", "gstreamer1.0-tools"):
            code, words, said = need(folder, wanted, [program])
            assert code == 1 and package in words and not said, f"{package} is missed"
    print("found without dpkg:", *wanted)


if __name__ == "__main__":
    if not shutil.which("bash"):
        print("skipped: no bash")
        sys.exit(77)
    main()
