# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""What the tests of batches share: clips, hosts that are this machine, and a worker that is killed."""
import contextlib
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import wave

import numpy

from media import DMIX

RATE = 48000
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


def make_clip(path, seconds, seed):
    """Pink-like noise that is loud for 1 s of each 3 s, so that there is something to duck under."""
    rand = numpy.random.default_rng(seed)
    count = int(seconds * RATE)
    x = numpy.cumsum(rand.standard_normal(count))
    x -= numpy.convolve(x, numpy.ones(200) / 200, "same")
    x *= numpy.where(numpy.arange(count) // RATE % 3 == 1, 1.0, 0.1)
    with wave.open(path, "wb") as w:
        w.setparams((1, 2, RATE, 0, "NONE", ""))
        w.writeframes((x / abs(x).max() * 8000).astype("<i2").tobytes())


def make_folder(parent, name, clips, seconds):
    """A folder with clips and a bed; returns its path."""
    folder = os.path.join(parent, name)
    os.makedirs(os.path.join(folder, "clips"))
    for i in range(clips):
        make_clip(os.path.join(folder, "clips", f"clip{i:05d}.wav"), seconds, i)
    make_clip(os.path.join(folder, "bed.wav"), seconds, clips)
    return folder


def plan(folder, *more):
    """A mix of each clip with the bed; returns the number of rows."""
    clips = sorted(os.path.join("clips", x) for x in os.listdir(os.path.join(folder, "clips")))
    done = subprocess.run([DMIX, "plan", "mix", "--json", "--dialogue", "{file}", "--music", "bed.wav", "-o",
                           "out/{name}.flac", *more, *clips], cwd=folder, check=True, capture_output=True)
    return json.loads(done.stdout)["rows"]


def merge(folder):
    """(exit status, rows of results.jsonl)"""
    done = subprocess.run([DMIX, "merge", "plan.jsonl"], cwd=folder, capture_output=True, text=True)
    with open(os.path.join(folder, "plan.results.jsonl"), encoding="utf-8") as f:
        return done.returncode, [json.loads(x) for x in f]


def results(folder):
    """Result files with the time they were written."""
    where = os.path.join(folder, "plan.results")
    names = [x for x in os.listdir(where) if x.endswith(".json")] if os.path.isdir(where) else []
    return {x: os.stat(os.path.join(where, x)).st_mtime_ns for x in names}


def outputs(folder):
    found = {}
    for name in sorted(os.listdir(os.path.join(folder, "out"))):
        with open(os.path.join(folder, "out", name), "rb") as f:
            found[name] = f.read()
    return found


def workers(folder):
    """Processes of dmix that run this folder's plan."""
    found, text = [], os.path.join(folder, "plan.jsonl").encode()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().split(b"\0")
            if words[0].endswith(b"dmix") and text in words:
                found.append(int(pid))
    return found


def hashes(folder):
    with open(os.path.join(folder, "plan.jsonl"), encoding="utf-8") as f:
        return [json.loads(x)["hash"] for x in f]


def is_in_row(folder, pid):
    """False for a worker of one row that has written its result."""
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
        words = f.read().split("\0")
    if "--row" not in words:
        return True
    return hashes(folder)[int(words[words.index("--row") + 1]) - 1][:32] + ".json" not in results(folder)


def kill_one(folder):
    """Ends one worker that has not finished with -9; True if there was one."""
    for pid in workers(folder):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(0.01)
            wanted = is_in_row(folder, pid)
            os.kill(pid, signal.SIGKILL if wanted else signal.SIGCONT)
            if wanted:
                return True
    return False


def kill_at(process, folder, count):
    """Waits for so many results and kills a worker."""
    while process.poll() is None:
        if len(results(folder)) >= count and kill_one(folder):
            return
        time.sleep(0.005)
    raise AssertionError("the batch ended before a worker could be killed")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def hosts(folder):
    """Two hosts for parallel's -S with the ssh to reach them: sshd of this machine on two ports,
    or, where there is none, a stand-in for ssh that runs the command here."""
    stub = os.path.join(folder, "ssh")
    if not (os.path.exists(SSHD) and shutil.which("ssh-keygen")):
        with open(stub, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nwhile [ \"${1#-}\" != \"$1\" ]; do shift; done\nshift\n[ \"$1\" != -- ] || shift\nexec env SHELL=/bin/sh sh -c \"$*\"\n")
        os.chmod(stub, 0o755)
        yield "stand-in for ssh", stub, ["one", "two"]
        return
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, name)], check=True)
    shutil.copy(os.path.join(folder, "user.pub"), os.path.join(folder, "known"))
    if os.getuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    names, processes, config = [], [], ""
    try:
        for name in ("one", "two"):
            port = free_port()
            processes.append(subprocess.Popen(
                [SSHD, "-D", "-e", "-f", "/dev/null", "-p", str(port), "-h", f"{folder}/host", "-o", "ListenAddress=127.0.0.1",
                 "-o", f"AuthorizedKeysFile={folder}/known", "-o", "StrictModes=no", "-o", "PidFile=none", "-o",
                 "MaxStartups=100", "-o", "UsePAM=no", "-o", "PermitRootLogin=prohibit-password"], stderr=subprocess.DEVNULL))
            config += (f"Host {name}\n HostName 127.0.0.1\n Port {port}\n User {getpass.getuser()}\n IdentityFile {folder}/user\n"
                       " IdentitiesOnly yes\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n")
            names.append(name)
        with open(os.path.join(folder, "config"), "w", encoding="utf-8") as f:
            f.write(config)
        for name in names:
            for _ in range(100):
                if subprocess.run(["ssh", "-F", f"{folder}/config", name, "true"], capture_output=True).returncode == 0:
                    break
                time.sleep(0.05)
        yield "sshd", f"ssh -F {folder}/config", names
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def parallel(ssh, names, rows, folder):
    """The command of docs/batch.md for several machines, one job at a time on each."""
    sshlogin = [word for name in names for word in ("-S", f"1/{name}")]
    return subprocess.Popen(["parallel", "--will-cite", "--ssh", ssh, *sshlogin, "--env", "GST_PLUGIN_PATH", "--env",
                             "GST_REGISTRY", DMIX, "run", "-q", os.path.join(folder, "plan.jsonl"), "--row", "{}", ":::",
                             *map(str, range(1, rows + 1))], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
