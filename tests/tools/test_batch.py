#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""dmix plan, run and merge: plans of files and tables, refused plans, faults of rows, signals, and 40
clips on two hosts with a worker that is killed."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    import numpy                                    # noqa: F401
except ImportError:
    print("skipped: no numpy")
    sys.exit(77)

import batch_many
import batch_rig as rig
from media import DMIX, dmix, refuses, works

CLIPS = 40


def read_plan(folder, name="plan.jsonl"):
    with open(os.path.join(folder, name), encoding="utf-8") as f:
        return [json.loads(x) for x in f]


def check_table(parent):
    """A table as spreadsheets write it: columns are options, cells are quoted, names count from its folder."""
    folder = rig.make_folder(parent, "table", 2, 2)
    inner = os.path.join(folder, "inner")
    os.mkdir(inner)
    name = 'say "hi", {name}.wav'
    shutil.copy(os.path.join(folder, "bed.wav"), os.path.join(inner, name))
    with open(os.path.join(inner, "jobs.csv"), "w", encoding="utf-8", newline="") as f:
        f.write("\ufeffdialogue;music;output;set;set\r\n"
                "../clips/clip00000.wav@0:01;\"say \"\"hi\"\", {name}.wav\";one.wav;target=9;music_0::gain=-3\r\n"
                "\r\n../clips/clip00001.wav;" + folder + "/bed.wav;two.wav;;\r\n")
    done = dmix("plan", "mix", "--csv", "inner/jobs.csv", "--plan", "t.jsonl", "--loudness", "-20", "--json", cwd=folder)
    assert done.returncode == 0 and json.loads(done.out)["rows"] == 2, done.err
    one, two = (row["job"] for row in read_plan(folder, "t.jsonl"))
    assert one["inputs"][0] == {"role": "dialogue", "path": "clips/clip00000.wav", "at-ns": 10 ** 9}, one
    assert one["inputs"][1]["path"] == "inner/" + name and one["output"] == "inner/one.wav", one
    assert two["inputs"][1]["path"] == folder + "/bed.wav", two
    assert one["settings"] == ["target=9", "music_0::gain=-3"] and two["settings"] == [] and two["loudness"] == -20
    done = dmix("run", "t.jsonl", cwd=folder)
    assert done.returncode == 0, done.err
    assert os.path.getsize(os.path.join(inner, "one.wav")) > 100000
    for text, table in (("column 1 is '../x'", "../x\n1\n"), ("no rows", "dialogue\n"), ("never closed", 'file\n"a\n'),
                        ("row 1: 2 cells", "file\na,b\n"), ("row 1: unknown option --nonsense", "nonsense\n1\n"),
                        ("unknown option", "dialogue,output,Loudness\n1,2,3\n")):
        with open(os.path.join(folder, "bad.csv"), "w", encoding="utf-8") as f:
            f.write(table)
        wanted = "column 3" if "Loudness" in table else text
        line = refuses_in(folder, wanted, "plan", "mix", "--csv", "bad.csv", "-o", "out/{row}.wav", "--plan", "b.jsonl")
        assert "bad.csv" in line and not os.path.exists(os.path.join(folder, "b.jsonl"))
    print("tables: columns are options, names count from the table's folder, mistakes name the row")


def refuses_in(folder, text, *words, code=1):
    done = dmix(*words, cwd=folder)
    lines = [x for x in done.err.splitlines() if x.startswith("dmix: ") and "warning: row" not in x]
    assert done.returncode == code and len(lines) == 1 and text.lower() in lines[0].lower(), f"{words}: {done.returncode}\n{done.err}"
    return lines[0]


def check_plans(parent):
    """Plans that would lose or overwrite a file are refused; hand-made rows and other versions, too."""
    folder = rig.make_folder(parent, "plans", 3, 1)
    os.symlink("clips", os.path.join(folder, "link"))
    os.link(os.path.join(folder, "bed.wav"), os.path.join(folder, "hard.wav"))
    words = ("plan", "mix", "--dialogue", "{file}", "--music", "bed.wav")
    clips = ("clips/clip00000.wav", "clips/clip00001.wav")
    for text, more in (("rows 1 and 2 both write it", ("-o", "x.wav", *clips)),
                       ("row 1 writes it and row 2 reads it", ("-o", "link/clip00001.wav", *clips)),
                       ("row 1 writes it and row 2 reads it", ("-o", "hard.wav", *clips)),
                       ("stands for nothing", ("-o", "{nme}.wav", *clips)), ("has no output", clips),
                       ("the output is the input", ("-o", "{name}.flac", "--plan", "link/clip00000.wav", *clips)),
                       ("write: dmix plan", ("-o", "x.wav"))):
        refuses_in(folder, text, *words, *more)
    write(folder, "one.wav", "older")
    os.link(os.path.join(folder, "one.wav"), os.path.join(folder, "two.wav"))
    for first, second in (("one.wav", "two.wav"), ("clips/new.wav", "link/new.wav"), ("./new.wav", "clips/../new.wav")):
        write(folder, "t.csv", f"dialogue,music,output\nclips/clip00000.wav,bed.wav,{first}\nclips/clip00001.wav,bed.wav,{second}\n")
        refuses_in(folder, "rows 1 and 2 both write it", "plan", "mix", "--csv", "t.csv")
    refuses_in(folder, "COMMAND is one of mix", "plan", "nonsense")
    write(folder, "t.csv", "dialogue,music,output\nclips/clip00000.wav,bed.wav,x.wav\n")
    refuses_in(folder, "the output is the input", "plan", "mix", "--csv", "t.csv", "--plan", "t.csv")
    rows = rig.plan(folder)
    good = open(os.path.join(folder, "plan.jsonl"), encoding="utf-8").read()
    for text, change in (("is not as dmix plan wrote it", lambda t: t.replace("bed.wav", "bad.wav")),
                         ("make the plan anew", lambda t: t.replace('"version":"', '"version":"0')),
                         ("no row of a plan", lambda t: t[:-9]), ("no row of a plan", lambda t: "[1]\n")):
        lines = good.splitlines(keepends=True)
        write(folder, "plan.jsonl", change(lines[0]) + "".join(lines[1:]))
        refuses_in(folder, "row 1: ", "run", "plan.jsonl", "--row", "1")
        refuses_in(folder, text, "run", "plan.jsonl", "--row", "1")
    write(folder, "plan.jsonl", good)
    for text, more in (("there is no row 0", ("--row", "0")), ("there is no row 4", ("--row", "4")),
                       ("write I/N", ("--slice", "4/3")), ("write I/N", ("--slice", "0/3")), ("write I/N", ("--slice", "1/3x")),
                       ("write: dmix run", ("--row", "1", "--slice", "1/2"))):
        refuses_in(folder, text, "run", "plan.jsonl", *more)
    refuses_in(folder, "cannot be read", "merge", "none.jsonl")
    write(folder, "empty.jsonl", "")
    refuses_in(folder, "is empty", "run", "empty.jsonl")
    assert rows == 3 and not os.path.exists(os.path.join(folder, "plan.results"))
    print("plans that overwrite files, rows edited by hand, wrong numbers: refused")


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        return f.write(text)


def check_faults(parent):
    """A row that fails does not stop the next; the reason is in the results and on the page; what changes is run
    again, what is done is not."""
    folder = rig.make_folder(parent, "faults", 5, 1)
    rig.plan(folder, "--set", "dialogue_0::gain=-3")
    write(folder, "clips/clip00001.wav", "<b>no sound</b>")
    done = dmix("run", "plan.jsonl", cwd=folder)
    assert done.returncode == 1 and "row 2: " in done.err and "1 of 5 rows failed" in done.err, done.err
    os.remove(os.path.join(folder, "out", "clip00002.flac"))
    write(folder, "out/clip00003.flac", "cut")
    status, rows = rig.merge(folder)
    assert status == 75 and [r["status"] for r in rows] == ["done", "failed", "missing", "missing", "done"], rows
    assert "clip00001.wav" in rows[1]["reason"] and "not there" in rows[2]["reason"] and "changed" in rows[3]["reason"]
    assert rows[0]["figures"]["frames"] == rig.RATE and rows[0]["bytes"] > 1000
    page = open(os.path.join(folder, "plan.results.html"), encoding="utf-8").read()
    assert "2 of 5 rows are done" in page and rows[2]["reason"] in page and "http" not in page and "<script" not in page
    before = rig.results(folder)
    done = dmix("run", "plan.jsonl", cwd=folder)
    assert done.returncode == 1 and done.out.count("done before") == 2, done.out
    now = rig.results(folder)
    assert sum(before[x] == now[x] for x in before) == 2
    assert rig.merge(folder)[0] == 1, "what is left cannot be helped"
    shutil.copy(os.path.join(folder, "bed.wav"), os.path.join(folder, "clips", "clip00001.wav"))
    assert dmix("run", "plan.jsonl", "-q", cwd=folder).returncode == 0 and rig.merge(folder)[0] == 0
    assert dmix("run", "plan.jsonl", "--row", "1", "--again", cwd=folder).returncode == 0
    result = os.path.join(folder, "plan.results", sorted(rig.results(folder))[0])
    with open(result, encoding="utf-8") as f:
        other = json.dumps(json.load(f) | {"hash": "00"})
    for text in (other, "[]", ""):
        with open(result, "w", encoding="utf-8") as f:
            f.write(text)
        assert [r["status"] for r in rig.merge(folder)[1]].count("missing") == 1, "a result of another row, or of no row"
    print("failed and missing rows are told with the reason, and only they run again")


def check_names(parent):
    folder = rig.make_folder(parent, "names", 1, 1)
    names = [b"two words", b"-dash", b'say "hi"', b"it's", b"new\nline", b"non\xff\xfeUTF", b"<&>", b"a{b}c", "Dämmerung".encode()]
    for name in names:
        shutil.copy(os.path.join(folder, "bed.wav"), os.path.join(os.fsencode(folder), name + b".wav"))
    done = dmix("plan", "mix", "--dialogue", "{file}", "--music", "bed.wav", b"--output=out dir/{name}.wav", "--",
                *(name + b".wav" for name in names), cwd=folder)
    assert done.returncode == 0, done.err
    assert "seq 9 |" in done.out
    for i in range(len(names)):
        done = dmix("run", "-q", "plan.jsonl", "--row", str(i + 1), cwd=folder)
        assert done.returncode == 0, (names[i], done.err)
    status, rows = rig.merge(folder)
    assert status == 0, rows
    assert sorted(os.listdir(os.path.join(os.fsencode(folder), b"out dir"))) == sorted(name + b".wav" for name in names)
    page = open(os.path.join(folder, "plan.results.html"), encoding="utf-8").read()
    assert "&lt;&amp;&gt;.wav" in page and "<&>" not in page
    print("names with spaces, quotes, a leading dash, a newline, bytes that are not UTF-8")


def check_moved(parent):
    """A plan counts names from its own folder: that may move, and the worker may be anywhere."""
    folder = rig.make_folder(parent, "moved", 2, 1)
    rig.plan(folder)
    new = folder + " away"
    os.rename(folder, new)
    assert dmix("run", "-q", os.path.join(new, "plan.jsonl"), cwd="/").returncode == 0
    assert rig.merge(new)[0] == 0 and len(rig.outputs(new)) == 2
    done = dmix("plan", "mix", "--dialogue", "{file}", "--music", "bed.wav", "-o", "told/{row}.wav", "--plan", "it's \"a\" plan.jsonl",
                "clips/clip00000.wav", "clips/clip00001.wav", cwd=new)
    if shutil.which("parallel"):        # the lines that it prints
        lines = "\n".join(x for x in done.out.splitlines() if x.startswith("  ")).replace("parallel", "parallel --will-cite")
        told = subprocess.run(["bash", "-ec", lines], cwd=new, capture_output=True, text=True,
                              env=os.environ | {"PATH": os.path.dirname(DMIX) + ":" + os.environ["PATH"]})
        assert told.returncode == 0 and "2 rows: 2 done" in told.stdout, told
    print("a plan and its folder can be moved")


def check_signals(parent):
    """A worker that is stopped ends by the signal; the row it was in looks as if it had not begun."""
    folder = rig.make_folder(parent, "signals", 2, 200)
    rig.plan(folder)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process = subprocess.Popen([DMIX, "run", "plan.jsonl"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
        time.sleep(0.3)
        process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode == -number, (number, process.returncode)
        assert rig.results(folder) == {} and not os.listdir(os.path.join(folder, "out"))
    status, rows = rig.merge(folder)
    assert status == 75 and all(r["status"] == "missing" for r in rows)
    print("SIGINT, SIGTERM, SIGHUP: ends by the signal, leaves nothing")


def check_full_disk(parent):
    folder = rig.make_folder(parent, "full", 2, 30)
    small = os.path.join(folder, "out")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode:
        print("(no tmpfs without root: a full disk is not tested)")
        return
    try:
        rig.plan(folder)
        refuses_in(folder, "2 of 2 rows failed", "run", "plan.jsonl", code=75)
        assert os.listdir(small) == [] and rig.merge(folder)[0] == 75
        subprocess.run(["mount", "-o", "remount,ro", small], check=True)
        refuses_in(folder, "2 of 2 rows failed", "run", "plan.jsonl")
        assert rig.merge(folder)[0] == 1
    finally:
        subprocess.run(["umount", small], check=True)
    assert dmix("run", "-q", "plan.jsonl", cwd=folder).returncode == 0, "there is room again"
    print("a full disk: status 75, nothing left, and the next run does it; a read-only one: 1")


def check_hosts(parent):
    """40 clips one after the other, and on two hosts with a worker killed at a third."""
    serial = rig.make_folder(parent, "serial", CLIPS, 20)
    both = os.path.join(parent, "both")
    shutil.copytree(serial, both)
    assert rig.plan(serial) == rig.plan(both) == CLIPS
    done = subprocess.run([DMIX, "run", "-q", os.path.join(serial, "plan.jsonl")])
    assert done.returncode == 0 and rig.merge(serial)[0] == 0
    if not shutil.which("parallel"):
        print("(GNU parallel is not here: two hosts are not tested)")
        return
    with rig.hosts(parent) as (kind, ssh, names):
        batch = rig.parallel(ssh, names, CLIPS, both)
        rig.kill_at(batch, both, CLIPS // 3)
        _, said = batch.communicate(timeout=200)
        assert batch.returncode == 1, f"one row was killed: {batch.returncode}\n{said}"
        status, rows = rig.merge(both)
        missing = [r["row"] for r in rows if r["status"] == "missing"]
        failed = [r for r in rows if r["status"] == "failed"]
        assert status == 75 and len(missing) == 1 and not failed, (status, missing, failed)
        before = rig.results(both)
        batch = rig.parallel(ssh, names, CLIPS, both)
        _, said = batch.communicate(timeout=200)
        assert batch.returncode == 0, said
    status, rows = rig.merge(both)
    now = rig.results(both)
    assert status == 0 and [r["row"] for r in rows] == list(range(1, CLIPS + 1))
    assert len(now) == CLIPS, sorted(now)
    assert all(now[x] == before[x] for x in before), "rows that were done ran again"
    assert rig.outputs(serial) == rig.outputs(both), "other bits than one after the other"
    print(f"{CLIPS} clips on two hosts ({kind}): row {missing[0]} killed and resumed, all bits as one after the other")


def main():
    with tempfile.TemporaryDirectory() as parent:
        check_plans(parent)
        check_table(parent)
        check_faults(parent)
        check_names(parent)
        check_moved(parent)
        check_signals(parent)
        check_full_disk(parent)
        check_hosts(parent)
        if shutil.which("parallel"):
            batch_many.no_row_lost(150, 0.02, 10)
        for root, _, names in os.walk(os.fsencode(parent)):
            assert not [x for x in names if x.startswith(b".dmix")], (root, names)
    for command in ("plan", "run", "merge"):
        assert dmix(command, "--help").returncode == 0 and dmix(command).returncode == 1, command


if __name__ == "__main__":
    main()
