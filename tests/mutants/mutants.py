#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Share of small faults in dsp/ that the tests notice (mutation testing).

usage: mutants.py [--count 60] [--seed 1] [--suites dsp,plain,sanitized,elements,pipelines,quality]
                  (suites, or tests by their names)
                  [--start 30] [--pick 3,17] [--only dsp/pan] [--tree DIR]
                  [--scenes] [--list]

Run it by hand; it is no part of the test suite. It copies the working tree into a
temporary folder, builds it and plays all tests once, which must pass; their times
give the order, cheapest first. Then it changes one place in dsp/*.c at a time:

  comparison   < becomes <=, == becomes !=, and back
  constant     times 1.2; whole numbers at least one more
  statement    an assignment or a call is left out
  sign         + becomes -, and back
  logic        && becomes ||, and back

Each mutant is built and meets what CI (tests/run.sh) plays, in this order: the tests
named after its file, those of its folder, all of dsp, those of its folder without SIMD
(plain) and with the address and undefined-behaviour sanitizers (sanitized, a second
build; CI plays all of dsp in both), then the elements, pipelines and quality. It stops
at the first test that fails (twice, as a busy machine can fail a live test once) or
takes too long: a limit of processor time, which a busy machine does not stretch, and a
generous one of real time for tests that wait forever.
Mutants that do not compile, or whose object code stays the same, do not count:
others take their place. The number in a line is the mutant's place in the order of
its seed, for --start and --pick. --tree keeps the copy for the next run, which then
needs no first build.
--scenes says of each survivor whether the scenes of sound_hashes.py still sound the
same: one that changes none of them is a candidate for «changes nothing that can be
heard», which only a reader can tell for sure.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
JOBS = 2
PLUGIN = "gst/libgstdmix.so"
# the further runs of the dsp tests in tests/run.sh: options of the build, environment
PLAIN = {"DMIX_SIMD": "off", "ORC_CODE": "backup"}
SANITIZED = ["-Db_sanitize=address,undefined", "-Dexamples=disabled", "--buildtype=debugoptimized"]
SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "&&": "||",
         "||": "&&"}
KINDS = {
    "comparison": re.compile(r"(?<= )(<=|>=|==|!=|<|>)(?= )"),
    "constant": re.compile(r"(?<![\w.\[])(\d+\.\d*(?:e[-+]?\d+)?|\d+e-?\d+|[1-9]\d*)(f?)(?![\w.\]])"),
    "statement": re.compile(r"^\s+(\*?[A-Za-z_]\w*(?:(?:->|\.|\[)[^;=(]*)?\s*(?:[-+*/|&]?= |\(|\+\+|--).*;)$"),
    "sign": re.compile(r"(?<=[\w)\]] )([-+])(?= )"),
    "logic": re.compile(r"(?<= )(&&|\|\|)(?= |$)"),
}
# the only elements that a product's folder can change
ELEMENTS = {"adr": "dmixadr", "denoise": "dmixdenoise dmixdialogue", "dialogue": "dmixdialogue",
            "ducker": "dmixducker dmixdialogue", "dynamics": "dmixcomp dmixlevel dmixdialogue",
            "pan": "dmixpan dmixpanmix"}
# by scripts: Orc's output, fitted weights
WRITTEN = ("kernels-dist.c", "voicestatistical.c", "voicelearned.c")
NO_STATEMENT = re.compile(r"\s*(return|if|for|while|else|switch|case|default|do|sizeof|assert|\w*free)\b|.*_free \(")


# *** mutants ***

def code_only(text):
    """The text with comments and strings blanked, at the same places."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)


def instead(kind, found):
    """What a match becomes, or None."""
    if kind == "statement":
        return ";" if found[1].count("(") == found[1].count(")") else None
    if kind != "constant":
        return SWAPS[found[1]]
    number = float(found[1])
    if number == 0:
        return None
    if re.fullmatch(r"\d+", found[1]):
        return str(max(round(1.2 * number), int(number) + 1)) if number > 1 else None
    return f"({found[0]} * 1.2{found[2]})"


def places(folder):
    """Every (kind, file, line number, start, end, new text) below a folder."""
    for path in sorted((SOURCE / folder).rglob("*.c") if (SOURCE / folder).is_dir() else [SOURCE / folder]):
        if path.name in WRITTEN:
            continue
        lines = code_only(path.read_text(encoding="utf-8")).split("\n")
        for number, line in enumerate(lines):
            if re.match(r"\s*#\s*(?!define)|\s*assert", line):
                continue
            starts = number > 0 and (not lines[number - 1].strip() or lines[number - 1].rstrip()[-1] in ";{})")
            for kind, pattern in KINDS.items():
                if kind == "statement" and (not starts or NO_STATEMENT.match(line)):
                    continue
                for found in pattern.finditer(line):
                    new = instead(kind, found)
                    if new is not None:
                        first = found.start(1)
                        yield kind, path.relative_to(SOURCE), number, first, found.end(found.lastindex), new


def draw(folder, seed):
    """All mutants in the order of the seed, each kind as often as the others."""
    rng = random.Random(seed)
    kinds = {}
    for place in places(folder):
        kinds.setdefault(place[0], []).append(place)
    for found in kinds.values():
        rng.shuffle(found)
    while kinds:
        for kind in rng.sample(sorted(kinds), len(kinds)):
            yield kinds[kind].pop()
            if not kinds[kind]:
                del kinds[kind]


def mutate(path, place):
    """Writes the mutant; returns the line before and after."""
    _, _, number, start, end, new = place
    lines = path.read_text(encoding="utf-8").split("\n")
    before = lines[number]
    lines[number] = before[:start] + new + before[end:]
    path.write_text("\n".join(lines), encoding="utf-8")
    return before.strip(), lines[number].strip()


# *** builds and tests ***

class Build:
    """A build folder and the tests that are played in it, with one environment."""

    def __init__(self, root, name, suites, options=(), env=None, folder="build", times=None):
        self.root, self.name, self.folder, self.env = root, name, root / folder, {**os.environ, **(env or {})}
        if not (self.folder / "build.ninja").exists():
            subprocess.run(["meson", "setup", *options, self.folder, root], check=True, stdout=subprocess.DEVNULL)
        text = subprocess.run(["meson", "introspect", "--tests", self.folder], check=True, capture_output=True,
                              text=True).stdout
        self.tests = [t for t in json.loads(text) if {t["suite"][0].split(":")[-1], t["name"]} & set(suites)]
        if not self.build(self.tests):
            sys.exit("the tree does not build")
        self.set_times(times)

    def ninja(self, targets=()):
        return subprocess.run(["ninja", f"-j{JOBS}", "-C", self.folder, *targets], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode == 0

    def build(self, tests):
        """Builds what the tests need: everything, except for those of dsp/ and sound_kept alone."""
        targets = [PLUGIN if t["name"] == "sound_kept" else os.path.relpath(t["cmd"][0], self.folder) for t in tests]
        return not tests or self.ninja(targets if all(not t.startswith("..") for t in targets) else ())

    def set_times(self, times):
        """Plays each test once as the tree is, unless the times of another build are given."""
        kept = self.root / "times.json"
        if times is None:
            times = json.loads(kept.read_text()) if kept.exists() else {}
            for test in self.tests:
                if test["name"] not in times:
                    start = time.monotonic()
                    if self.play(test, 600) != "passed":
                        sys.exit(f"{test['name']} fails without any mutant")
                    times[test["name"]] = time.monotonic() - start
                    kept.write_text(json.dumps(times))
        for test in self.tests:
            test["seconds"] = times.get(test["name"], 10)
        self.tests.sort(key=lambda t: t["seconds"])
        self.kept = {}
        self.programs = {t["name"]: self.program(t) for t in self.tests}
        self.symbols = {t["name"]: self.defined(t["cmd"][0]) for t in self.tests if "dsp" in t["suite"][0]}

    def program(self, test):
        """Hash of a test of dsp/, which has all that it tests linked in."""
        return hashlib.sha256(pathlib.Path(test["cmd"][0]).read_bytes()).digest() if "dsp" in test["suite"][0] else None

    def is_changed(self, test):
        program = self.program(test)
        return program is None or program != self.programs[test["name"]]

    @staticmethod
    def defined(path, *options):
        """The functions and data that a program or object has."""
        return set(subprocess.run(["nm", "--defined-only", "--format=just-symbols", *options, path], check=False,
                                  capture_output=True, text=True).stdout.split())

    def objects(self, name):
        return sorted((self.folder / "dsp").rglob("*" + "_".join(name.parts[1:]) + ".o"))

    def links(self, test, name):
        """Whether a test of dsp/ has the object code of a file in it."""
        if name not in self.kept:
            self.kept[name] = set().union(*(self.defined(path, "-g") for path in self.objects(name)))
        return bool(self.kept[name] & self.symbols[test["name"]])

    def play(self, test, timeout, stop=None):
        """passed, failed, timeout, or stopped as another has failed. The timeout is in seconds of processor time."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (int(timeout), int(timeout) + 5))
        with subprocess.Popen(test["cmd"], cwd=test["workdir"] or self.folder, env={**self.env, **test["env"]},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                              preexec_fn=limit) as run:
            end = time.monotonic() + 8 * timeout
            while run.poll() is None:
                if time.monotonic() > end or stop and stop.is_set():
                    os.killpg(run.pid, signal.SIGKILL)
                    run.wait()
                    return "timeout" if time.monotonic() > end else "stopped"
                time.sleep(0.02)
        if run.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return "timeout"
        return "passed" if run.returncode in (0, 77) else "failed"

    def first_failure(self, tests):
        """Builds the tests; the name of one that fails, "" if none does, None if they do not build."""
        if not self.build(tests):
            return None
        left, stop, failed = list(filter(self.is_changed, tests)), threading.Event(), []

        def work():
            while left and not stop.is_set():
                test = left.pop(0)
                limit = 20 + 5 * test["seconds"]
                result = self.play(test, limit, stop)
                if result == "failed":
                    result = self.play(test, limit, stop)
                if result in ("failed", "timeout"):
                    failed.append(f"{test['name']}, {self.name}" + (", takes too long" if result == "timeout" else ""))
                    stop.set()
        workers = [threading.Thread(target=work) for _ in range(JOBS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return failed[0] if failed else ""


class Tree:
    """A copy of the working tree and its builds."""

    def __init__(self, folder, suites):
        self.root = folder
        files = subprocess.run(["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"], cwd=SOURCE, check=True,
                               capture_output=True, text=True).stdout.split("\0")
        for name in filter(None, files):
            self.copy(name)
        self.release = Build(folder, "release", suites, env={"DMIX_FIRST_DIFFERENCE": "1"})
        self.further = []
        slow = {t["name"]: 10 * t["seconds"] for t in self.release.tests}
        if "plain" in suites:
            self.further.append(Build(folder, "plain", ["dsp"], env=PLAIN, times=slow))
        if "sanitized" in suites:
            self.further.append(Build(folder, "sanitized", ["dsp"], SANITIZED,
                                      {"UBSAN_OPTIONS": "halt_on_error=1"}, "build-sanitized", slow))

    def copy(self, name):
        """One file of the working tree; an equal one keeps its time stamp."""
        old, new = SOURCE / name, self.root / name
        if old.exists() and not (new.exists() and new.read_bytes() == old.read_bytes()):
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(old, new)
            shutil.copymode(old, new)

    def stages(self, name):
        """Builds and lists of their tests for a changed file, the likeliest to fail first."""
        done = set()

        def new(wanted):
            found = [t for t in self.release.tests if t["name"] not in done and wanted(t)]
            done.update(t["name"] for t in found)
            return self.release, found
        folder = f"/{name.parent.name}/"
        linked = {t["name"] for t in self.release.tests
                  if "dsp" in t["suite"][0] and self.release.links(t, name)}
        yield new(lambda t: t["name"] in linked and t["name"].startswith(name.stem))
        yield new(lambda t: t["name"] in linked and self.is_in(t, folder))
        yield new(lambda t: t["name"] in linked)
        for build in self.further:
            yield build, [t for t in build.tests if t["name"] in linked and self.is_in(t, folder)]
        yield new(lambda t: "elements" in t["suite"][0])
        yield new(lambda t: "dsp" not in t["suite"][0])

    def is_in(self, test, folder):
        return (self.root / f"tests/dsp{folder}test_{test['name']}.c").exists()

    def library(self):
        """Builds dsp/; whether that succeeds."""
        return self.release.ninja(["dsp/libdmixdsp.a"])

    def object_code(self, name):
        """Hash of what a file is compiled to."""
        code = hashlib.sha256()
        for path in self.release.objects(name):
            code.update(path.read_bytes())
        return code.hexdigest()

    def meet(self, name):
        """None if the mutant is no mutant, else who noticed it, or ""."""
        before = self.object_code(name)
        os.utime(self.root / name)
        if not self.library() or self.object_code(name) == before:
            return None
        self.release.env["DMIX_ONLY_ELEMENTS"] = ELEMENTS.get(name.parent.name, "")
        for build, tests in self.stages(name):
            found = build.first_failure(tests)
            if found != "":
                return found
        return ""

    def scenes(self, *args):
        """sound_hashes.py on this build."""
        env = {**os.environ, "GST_PLUGIN_PATH": str(self.release.folder / "gst")}
        self.release.ninja()
        return subprocess.run(["/usr/bin/python3", self.root / "tests/quality/sound_hashes.py", *args], env=env,
                              capture_output=True, text=True, check=False).stdout


def run(args, tree):
    """Prints a line for each mutant; returns how many were killed and survived."""
    killed = survived = 0
    hashes = tree.root / "hashes.txt"
    if args.scenes:
        hashes.write_text(tree.scenes(), encoding="utf-8")
    for index, place in enumerate(draw(args.only, args.seed), 1):
        if killed + survived == (len(args.pick) or args.count):
            break
        if index < args.start or args.pick and index not in args.pick:
            continue
        kind, name, line = place[:3]
        try:
            before, after = mutate(tree.root / name, place)
            start = time.monotonic()
            by = tree.meet(name)
            heard = ""
            if by == "" and args.scenes:
                heard = " [" + tree.scenes("--against", str(hashes)).strip().split("\n")[-1] + "]"
        finally:
            tree.copy(name)
        if by is None:
            tree.library()
            if args.pick:
                print(f"{index:4} no mutant: {name}:{line + 1}", flush=True)
            continue
        killed, survived = killed + bool(by), survived + (not by)
        tree.library()
        verdict = f"killed by {by}" if by else f"SURVIVED{heard}"
        print(f"{index:4} {verdict} ({time.monotonic() - start:.0f} s): {kind}: {name}:{line + 1}: {before}  ->  "
              f"{after}", flush=True)
    return killed, survived


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suites", default="dsp,plain,sanitized,elements,pipelines,quality")
    parser.add_argument("--pick", type=lambda s: [int(n) for n in s.split(",")], default=[])
    parser.add_argument("--start", type=int, default=1, help="leave out what comes before this number")
    parser.add_argument("--only", default="dsp", help="folder or file below the tree")
    parser.add_argument("--tree", type=pathlib.Path)
    parser.add_argument("--scenes", action="store_true")
    parser.add_argument("--list", action="store_true", help="print the places and stop")
    args = parser.parse_args()
    if args.list:
        for index, place in enumerate(draw(args.only, args.seed), 1):
            print(index, place[0], f"{place[1]}:{place[2] + 1}", repr(place[5]))
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree((args.tree or pathlib.Path(folder)).resolve(), args.suites.split(","))
        killed, survived = run(args, tree)
    print(f"{killed} of {killed + survived} killed: {100 * killed / max(killed + survived, 1):.0f} %")


if __name__ == "__main__":
    main()
