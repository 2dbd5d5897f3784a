#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""The plugin outside of its build folder: installed, static, and in a subproject.

1. `meson install` of this build: GStreamer finds the elements and their presets there.
2. An application with dmix as a subproject, static, with a prefix of its own: it runs.
3. An application compiled by hand against what 2 has installed, with pkg-config.

No preset file is in reach of any of them.
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.environ.get("DMIX_BUILD") or SOURCE / "build"
APP = SOURCE / "tests" / "examples" / "app"
MESON = shlex.split(os.environ.get("MESONINTROSPECT", "meson introspect"))[:-1]   # the meson that runs this test
ELEMENTS = ("dmixadr", "dmixcomp", "dmixdenoise", "dmixducker", "dmixlevel", "dmixmeter", "dmixpan", "dmixpanmix")


def run(*command, **more):
    done = subprocess.run([str(x) for x in command], capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"$ {shlex.join(str(x) for x in command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def environment(folder, **more):
    """No plugins of this build, no presets, a registry of its own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GST_", "DESTDIR"))}
    return env | {"XDG_DATA_HOME": f"{folder}/data", "GST_REGISTRY": f"{folder}/registry.bin", **more}


def one(folder, pattern):
    found = list(folder.rglob(pattern))
    assert len(found) == 1, (folder, pattern, found)
    return found[0]


def check_pages(folder):
    """Links from page to page work where they are installed; those to sources lead out."""
    pages, links = list(folder.rglob("*.md")), 0
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            if "examples/" in link or "tests/" in link:
                continue
            assert target.exists(), f"{page.relative_to(folder)}: {link}"
            links += 1
    assert len(pages) > 20 and links > 50, (len(pages), links)


def check_installed(folder):
    root = folder / "root"
    run(*MESON, "install", "-C", BUILD, "--no-rebuild", "--destdir", root)
    plugin = one(root, "libgstdmix.so")
    env = environment(folder, GST_PLUGIN_PATH=str(plugin.parent))
    searched = run("pkg-config", "--variable=pluginsdir", "gstreamer-1.0").strip()
    options = json.loads(run(*MESON, "introspect", "--buildoptions", BUILD))
    if {"/usr/local", ""} == {x["value"] for x in options if x["name"] in ("prefix", "plugin-dir")}:
        assert plugin.parent == pathlib.Path(f"{root}{searched}"), f"GStreamer searches {searched}, not {plugin.parent}"
    for element in ELEMENTS:
        shown = run("gst-inspect-1.0", element, env=env)
        assert str(plugin) in shown and re.search(r'Presets:\n  "', shown), shown
    run("gst-launch-1.0", "-q", *"audiotestsrc num-buffers=2 ! dmixcomp @preset=gate ! fakesink".split(), env=env)
    files = [path for path in root.rglob("*") if path.is_file()]
    if pathlib.Path(f"{BUILD}/gst/tools/dmix").exists():
        program = one(root, "bin/dmix")
        assert run(program, "--version").startswith("dmix "), program
        pages = {path.name for path in root.rglob("man1/*")}
        for name in re.findall(r"^  (\w+) ", run(program, "--help"), re.M):
            assert f"dmix-{name}.1" in pages, (name, pages)
        one(root, "completions/dmix")
        one(root, "site-functions/_dmix")
    check_pages(one(root, "README.md").parent)
    one(root, "gstdmix.pc")
    print("installed:", *(str(path.relative_to(root)) for path in files))


def check_application(path, env, kind):
    shown = run(path, env=env)
    print(f"{kind}:", *shown.split("\n"))
    counts = dict(re.findall(r"(\w+): (\d+) presets", shown))
    assert counts.keys() == set(ELEMENTS) and all(int(n) > 0 for n in counts.values()), counts


def check_static(folder):
    project, prefix = folder / "app", folder / "prefix"
    (project / "subprojects").mkdir(parents=True)
    (project / "subprojects" / "dmix").symlink_to(SOURCE)
    for file in APP.iterdir():
        (project / file.name).write_bytes(file.read_bytes())
    env = environment(folder)
    run(*MESON, "setup", folder / "out", project, f"--prefix={prefix}", "-Doptimization=0",
        "-Ddmix:tests=disabled", "-Ddmix:examples=disabled", env=env)
    run("ninja", "-C", folder / "out", env=env)
    run(*MESON, "install", "-C", folder / "out", "--no-rebuild", env=env)
    check_application(prefix / "bin" / "app", env, "subproject, static")

    described = one(prefix, "gstdmix.pc").parent
    env["PKG_CONFIG_PATH"] = str(described)
    flags = run("pkg-config", "--cflags", "--libs", "gstdmix", env=env)
    run("cc", project / "app.c", "-o", folder / "byhand", *shlex.split(flags), env=env)
    check_application(folder / "byhand", env, "by hand, with pkg-config")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        check_installed(folder)
        if "--installed" not in sys.argv:
            check_static(folder)
    print("all three run")


if __name__ == "__main__":
    main()
