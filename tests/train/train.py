# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the network; see README.md for the recipe.

train.py DATA RUN [--shape direct] [--asymmetry 2] [--minutes M] [--until HH:MM] [--workers 2] [--from FILE] ...
RUN/state.npz   everything to go on from, written each few minutes and at the end; found there, it is resumed
RUN/curve.csv   one line for each validation
--from FILE     starts from a checkpoint made by `pack` (or another RUN's state), once
train.py widen FILE RUN UNITS   a checkpoint as the state of a RUN with wider GRUs that computes the same
train.py mean FILE FILE RUN SEED   the mean of two states, of runs that began as one, as the state of a RUN with another seed
train.py pack RUN FILE      the same state in half the precision and a quarter of the size, for git
SIGTERM and SIGINT end a run after the step at hand and write the state.

The workers are processes that mix scenes and compute gradients in step; their mean moves the weights. With the same
seed, number of workers and data a run gives the same weights on one machine.
"""
import argparse
import csv
import json
import os
import signal
import struct
import sys
import time
import zipfile

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np
import torch
import torch.multiprocessing as mp
from torch import nn

import front
import model
import scenes

CLEARNESS = 25                           # weight of clearness() in the loss
PARTS = "mid", "side", "speech", "clear"  # of the loss, as in the curve
FRAMES = (190, 190, 380)                 # lengths of the clips, in turn: 3 and 6 s
USES = 2                                 # steps in which a voice and a place are used, with other partners
VALIDATION = (256, 250, 20261129)        # clips, frames, seed
WIDTH = torch.tensor(front.WIDTH)[:, None, None]


def row_weight():
    """What a row counts: less than the number of its bins, and more the wider it is for the ear, in ERB (Glasberg
    and Moore 1990). Below 300 Hz a single bin is as wide as seven at 2 kHz."""
    width, hz = np.asarray(front.WIDTH, float), front.CENTRE * front.RATE / front.WINDOW
    ears = width * front.RATE / front.WINDOW / (24.7 + 0.108 * hz) / 0.25
    weight = width ** -0.7 * np.where(hz < 4000, np.clip(ears, 0.6, 3.5), 0.8)
    return torch.tensor(weight / weight.mean(), dtype=torch.float32)[:, None, None]


ROW_WEIGHT = row_weight()
EAR_WEIGHT = ROW_WEIGHT * WIDTH ** 0.7 / (ROW_WEIGHT * WIDTH ** 0.7).mean()


# ------------------------------------------------------------------ loss
def gain_loss(u, target, asymmetry):
    """Cost of the gains u (gain^.3) of mid or side. target as in kernel.c; where the gain is too low, speech is lost,
    which counts `asymmetry` times. Bins far above the speech (rumble) are capped, or they would rule the rest."""
    t3, w3, t6, w6 = target
    e3, e6 = u - t3, u * u - t6
    loss3 = w3.minimum(5 * WIDTH) * e3 * e3 * (1 + (asymmetry - 1) * (e3 < 0)) * ROW_WEIGHT
    loss6 = w6.minimum(10 * WIDTH) * e6 * e6 * (1 + (asymmetry - 1) * (e6 < 0)) * ROW_WEIGHT
    # all rows alike, however quiet: noise between the words, and above the bandwidth of the voice; less there, because the
    # network cannot always know where a voice ends. A mono clip has no side
    alike = EAR_WEIGHT * e3 * e3 * (0.25 + 0.75 * (w3 > 0)) * (w3 > 0).any(1).any(0)
    return loss3.sum(0).mean() + 0.3 * loss6.sum(0).mean() + 60 * alike.mean()


def bands():
    """Rows to the 15 bands of a third of an octave from 150 Hz on, [15][ROWS]."""
    hz = front.CENTRE * front.RATE / front.WINDOW
    middle = 150 * 2 ** (np.arange(15) / 3)
    inside = (hz >= middle[:, None] / 2 ** (1 / 6)) & (hz < middle[:, None] * 2 ** (1 / 6))
    return torch.tensor(inside, dtype=torch.float32)


BANDS = bands()
SEGMENT, SEGMENTS_APART = 24, 8          # frames: 384 and 128 ms


def outlines(power):
    """Magnitudes of the bands, in segments: [15][segment][lane][SEGMENT]."""
    x = (BANDS @ power.flatten(1)).view(len(BANDS), *power.shape[1:])
    return (x + 1e-6).sqrt().unfold(1, SEGMENT, SEGMENTS_APART)


def upright(x, axis):
    x = x - x.mean(axis, keepdim=True)
    return x / (x.square().sum(axis, keepdim=True) + 1e-9).sqrt()


def clearness(u, target):
    """How like the clean voice the courses of the bands are in segments of 384 ms that have a voice, 1 at best: the
    measure of ESTOI (Jensen and Taal 2016) of the gains u. Equal errors of gains can differ much in it: it counts all
    bands and all loudness alike."""
    t3, w3 = target[0], target[1]
    power = WIDTH * (w3 / WIDTH) ** (10 / 3)
    clean = t3 ** (20 / 3) * power
    scale = 1 / (clean.sum(0).mean(0) + 1e-9)
    has = outlines(clean * scale)
    voice = has.square().sum((0, 3))
    voice = (voice > 1e-3 * voice.amax(0)) & (w3.amax((0, 1)) > 0) & (clean.amax((0, 1)) > 1e-6)
    alike = (upright(upright(outlines(u ** (20 / 3) * power * scale), 3), 0) * upright(upright(has, 3), 0)).sum(0).mean(2)
    return (alike * voice).sum() / voice.sum().clamp(min=1)


def loss_of(net, batch, asymmetry):
    """Loss, and its PARTS."""
    (mid, side), speech = net(torch.from_numpy(batch.features))
    target = torch.from_numpy(batch.mid)
    a, d = gain_loss(mid, target, asymmetry), clearness(mid, target)
    b = gain_loss(side, torch.from_numpy(batch.side), asymmetry)
    c = nn.functional.binary_cross_entropy_with_logits(
        speech, torch.from_numpy(batch.voice), torch.from_numpy(batch.heed))
    return a + b + 4 * c - CLEARNESS * d, torch.stack([a, b, c, d]).detach()


# ------------------------------------------------------------------ weights as one vector
def flatten(net):
    return torch.cat([p.detach().reshape(-1) for p in net.parameters()])


def tie(net, values, gradients=None):
    """Makes the parameters (and gradients) of a net views of flat vectors."""
    at = 0
    for p in net.parameters():
        p.data = values[at:at + p.numel()].view_as(p)
        if gradients is not None:
            p.grad = gradients[at:at + p.numel()].view_as(p)
        at += p.numel()


def made(meta):
    """The network of a run: its shape, with the units of its GRUs if they are not the shape's own number."""
    return model.make(meta["shape"], **({"units": meta["units"]} if "units" in meta else {}))


def orthogonal(x):
    """A matrix near the orthogonal one nearest to x: all but very small singular values become .7 to 1.2. Five steps of
    Newton and Schulz with the coefficients of Jordan 2024, Muon: an optimizer for hidden layers in neural networks."""
    tall = x.shape[0] > x.shape[1]
    x = x.t() if tall else x
    x = (x / (x.norm() + 1e-12)).bfloat16()
    for _ in range(5):
        a = x @ x.t()
        x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
    return (x.t() if tall else x).float()


def matrices(net):
    """(place in the flat vector, rows, columns) of the matrices that Muon moves: each gate of a GRU, and the dense
    layers; not vectors, nor the small matrices of single rows."""
    at, found = 0, []
    for name, p in net.named_parameters():
        if p.dim() == 2 and min(p.shape) > 16:
            gates = 3 if name.split(".")[-1] in ("wi", "wh") else 1
            rows = p.shape[0] // gates
            found += [(at + g * rows * p.shape[1], rows, p.shape[1]) for g in range(gates)]
        at += p.numel()
    return found


def only(net, name):
    """1 for the weights of one layer of the net, 0 for the rest, as one vector."""
    return torch.cat([torch.full((p.numel(),), float(n.split(".")[0] == name)) for n, p in net.named_parameters()])


class State:
    """All that a run needs to go on. Adam (Kingma and Ba 2015) with decoupled decay, and the running mean of the
    weights, which is what gets exported. The vectors lie in memory that the workers share."""
    VECTORS = ("weights", "average", "slope", "square")

    def __init__(self, options):
        torch.manual_seed(options.seed)
        self.meta = dict(shape=options.shape, asymmetry=options.asymmetry, rate=options.rate or 2e-3, seed=options.seed,
                         workers=options.workers, step=0, seconds=0.0, cpu=0.0, audio=0.0)
        first, self.matrices, self.moved = flatten(self.net()), [], 1.0
        self.weights, self.average = first.clone().share_memory_(), first.clone().share_memory_()
        self.slope, self.square = (torch.zeros_like(first).share_memory_() for _ in range(2))

    def net(self):
        return made(self.meta)

    def update(self, gradient, rate):
        """One step of AdamW, of Muon for the matrices; the running mean covers the last 1000 steps or the last quarter."""
        step = self.meta["step"] = self.meta["step"] + 1
        self.slope.lerp_(gradient, 0.1)
        self.square.lerp_(gradient * gradient, 0.02)
        size = (self.square / (1 - 0.98 ** step)).sqrt_().add_(1e-8)
        move = self.slope / (1 - 0.9 ** step) / size
        for at, rows, columns in self.matrices:
            part = slice(at, at + rows * columns)
            turned = orthogonal(gradient[part].lerp(self.slope[part], 0.9).view(rows, columns))
            move[part] = turned.reshape(-1) * (0.2 * max(rows, columns) ** 0.5)
        self.weights.sub_(rate * self.moved * (move + 1e-3 * self.weights))
        self.average.lerp_(self.weights, max(1e-3, 4 / (step + 4)))

    def rate(self, cool):
        """Learning rate: up in 100 steps, then down with the root of the steps after 2000; times cool at the end."""
        step = self.meta["step"]
        return self.meta["rate"] * min(1, (step + 1) / 100) * (1 + step / 2000) ** -0.5 * cool

    def save(self, path):
        arrays = {k: getattr(self, k).numpy() for k in self.VECTORS}
        np.savez(path + ".part.npz", meta=json.dumps(self.meta), **arrays)
        os.replace(path + ".part.npz", path)

    def load(self, path):
        with np.load(path) as z:
            self.meta.update(json.loads(str(z["meta"])))
            for k in self.VECTORS:
                setattr(self, k, torch.from_numpy(unpack(z, k)).share_memory_())


# ------------------------------------------------------------------ the small checkpoint
def eight_bits(values):
    """int8 and a scale for each 256 values."""
    rows = np.pad(values, (0, -len(values) % 256)).reshape(-1, 256)
    scale = np.maximum(np.abs(rows).max(1, keepdims=True), 1e-20) / 127
    return np.round(rows / scale).astype(np.int8), scale.astype(np.float32)


def pack(run, path):
    """Weights in half precision; their mean less them and Adam's mean slope as 8 bits with a scale for each 256 values,
    and the root of its mean square as 8 bits on a logarithmic scale, 12 % a step."""
    with np.load(os.path.join(run, "state.npz")) as z:
        out = dict(meta=z["meta"], weights=z["weights"].astype(np.float16))
        less = z["average"] - out["weights"].astype(np.float32)
        out["less8"], out["less_scale"] = eight_bits(less)
        out["slope8"], out["slope_scale"] = eight_bits(z["slope"])
        root = np.log(np.maximum(np.sqrt(z["square"]), 1e-11)) - np.log(1e-11)
        out["square8"] = np.clip(np.round(root / 0.115), 0, 255).astype(np.uint8)
    np.savez_compressed(path, **out)
    print(path, os.path.getsize(path), "bytes")


def unpack(z, name):
    """A vector of a full or packed state, float32."""
    if name in z and name != "weights":
        return z[name]
    if name == "weights":
        return z["weights"].astype(np.float32)
    if name == "average":
        return z["weights"].astype(np.float32) + (z["less8"] * z["less_scale"]).ravel()[: len(z["weights"])]
    if name == "slope":
        return (z["slope8"] * z["slope_scale"]).astype(np.float32).ravel()[: len(z["weights"])]
    return (np.exp(2 * (z["square8"] * 0.115 + np.log(1e-11)))).astype(np.float32)


# ------------------------------------------------------------------ more units
def widen(path, run, units):
    """Writes RUN/state.npz with the weights of a checkpoint in a net of more units. The new units start at random and
    count for nothing at first; Adam's mean squares of their weights start at the mean of all."""
    with np.load(path) as z:
        meta = json.loads(str(z["meta"]))
        vectors = {k: torch.from_numpy(unpack(z, k)) for k in State.VECTORS}
    old, meta["units"] = made(meta), units
    torch.manual_seed(meta["seed"] + 1)
    new = made(meta)
    index, mute = model.wider(old, new)
    fresh = flatten(new)
    fresh[mute] = 0
    out = {}
    for k, v in vectors.items():
        start = {"slope": torch.zeros_like(fresh), "square": torch.full_like(fresh, v.mean())}.get(k, fresh)
        out[k] = start.clone().index_copy_(0, index, v).numpy()
    os.makedirs(run, exist_ok=True)
    np.savez(os.path.join(run, "state.npz"), meta=json.dumps(meta), **out)
    print(run, len(fresh), "weights, they were", len(index))


# ------------------------------------------------------------------ two runs as one
def mean(path, other, run, seed):
    """Writes RUN/state.npz with the mean of two states. Runs that began as one and saw other scenes are better in the
    mean than each (Wortsman et al. 2022, Model soups): as with more workers, which need not wait for one another. The
    count of steps, minutes and hours goes on from the first FILE."""
    with np.load(path) as a, np.load(other) as b:
        meta = json.loads(str(a["meta"]))
        out = {k: (unpack(a, k) + unpack(b, k)) / 2 for k in State.VECTORS}
    meta["seed"] = int(seed)
    os.makedirs(run, exist_ok=True)
    np.savez(os.path.join(run, "state.npz"), meta=json.dumps(meta), **out)


# ------------------------------------------------------------------ validation
def validation(data):
    """The held clips: one half plain sentences in one place, the other as trained."""
    clips, frames, seed = VALIDATION
    mixer = scenes.Mixer(data, seed, val=True)
    return [mixer.batch(frames, [mixer.scene(frames, plain=b < clips // 32) for _ in range(front.LANES)])
            for b in range(clips // front.LANES)]


def validate(state, held):
    """Mean PARTS of the averaged weights over the plain half and over the other; the plain cost
    without asymmetry, so that runs compare."""
    net = state.net()
    tie(net, state.average.clone())
    with torch.no_grad():
        parts = np.array([loss_of(net, b, 1.0)[1].numpy() for b in held])
    half = len(held) // 2
    return parts[:half].mean(0), parts[half:].mean(0)


# ------------------------------------------------------------------ workers
def frames_of(step):
    return FRAMES[step // USES % len(FRAMES)]


def trusted(gain, target):
    """Clips in which the teacher does its work, 1 or 0: a third of the error of no processing at most. It leaves voices behind
    the voice, and some music."""
    t3, w3 = target[:2]
    return (w3 * (gain - t3) ** 2).sum((0, 1)) < (w3 * (1 - t3) ** 2).sum((0, 1)) / 3


def stored(path):
    """The arrays of an .npz that is not compressed, as views of the file: np.load would read all of them whole and check
    their sums, a tenth of a step's time."""
    arrays = {}
    with zipfile.ZipFile(path) as z, open(path, "rb") as f:
        for member in z.infolist():
            f.seek(member.header_offset + 26)
            f.seek(sum(struct.unpack("<HH", f.read(4))), os.SEEK_CUR)
            np.lib.format.read_magic(f)
            shape, columns, kind = np.lib.format.read_array_header_1_0(f)
            arrays[member.filename[:-4]] = np.memmap(path, kind, "r", f.tell(), shape, "F" if columns else "C")
    return arrays


class Taught:
    """Batches of teacher.py. The target of the mid is `heard` times what the teacher leaves of it, and the rest the truth:
    the truth of a few hours of recordings is learned by heart, what a teacher would do there is not."""

    def __init__(self, folder, heard):
        self.folder, self.heard = folder, heard

    def batch(self, rng, frames):
        """The first or the last frames of a batch."""
        names = sorted(n for n in os.listdir(self.folder) if ".part" not in n)   # a folder that grows is read as it is
        part = slice(0, frames) if rng.random() < 0.5 else slice(-frames, None)
        z = stored(os.path.join(self.folder, names[rng.integers(len(names))]))
        arrays = {k: torch.from_numpy(z[k][..., part, :].copy()).float().numpy()    # numpy's own way takes longer
                  for k in ("features", "mid", "side", "voice", "heed")}
        gains = z["taught"][..., part, :] * np.float32(1 / 255)
        heard = self.heard * trusted(gains[0], arrays["mid"])
        for k, gain in zip((0, 2), gains):
            arrays["mid"][k] += heard * (gain - arrays["mid"][k])
        return scenes.Batch(**arrays)


class Supply:
    """Batches of the steps in turn; those of a step depend on (seed, step, worker) alone."""

    def __init__(self, options, seed, worker):
        self.mixer, self.key = scenes.Mixer(options.data, 0), (seed, worker)
        if options.music is not None:
            self.mixer.often = dict(self.mixer.often, music=options.music)
        self.taught = Taught(options.taught, options.heard) if options.taught else None
        self.turn, self.next, self.batches = options.turn, -1, iter(())

    def batch(self, step):
        if self.taught and step // USES % self.turn:
            return self.taught.batch(np.random.default_rng([self.key[0], step, self.key[1]]), frames_of(step))
        if step != self.next or step % USES == 0:
            self.mixer.rng = np.random.default_rng([self.key[0], step // USES, self.key[1]])
            self.batches = self.mixer.batches(frames_of(step), USES)
            for _ in range(step % USES):
                next(self.batches)
        self.next = step + 1
        return next(self.batches)


def work(rank, options, state, gradients, shared, barrier):
    """Loop of one worker. shared: 0 the step, 1 go on, 2 + rank CPU seconds."""
    if rank:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    torch.set_num_threads(1)
    net, supply = state.net(), Supply(options, state.meta["seed"], rank)
    tie(net, state.weights, gradients[rank])
    while True:
        barrier.wait()                   # the weights of this step are there
        if not shared[1]:
            return
        gradients[rank].zero_()
        loss, parts = loss_of(net, supply.batch(int(shared[0])), state.meta["asymmetry"])
        loss.backward()
        shared[2 + rank] = time.process_time()
        shared[8 + len(PARTS) * rank:8 + len(PARTS) * (rank + 1)] = parts.double()
        barrier.wait()                   # all gradients are there
        if rank == 0:
            yield


class Run:
    def __init__(self, options):
        if options.bf16:
            torch.backends.mkldnn.matmul.fp32_precision = "bf16"
        self.options, self.path = options, os.path.join(options.run, "state.npz")
        os.makedirs(options.run, exist_ok=True)
        start = self.path if os.path.exists(self.path) else options.start
        self.state = State(options)
        if start:
            self.state.load(start)
            self.state.meta["rate"] = options.rate or self.state.meta["rate"]
            print("goes on from", start, self.state.meta, flush=True)
        self.state.meta["workers"] = options.workers
        if options.only:
            self.state.moved = only(self.state.net(), options.only)
        elif options.muon:
            self.state.matrices = matrices(self.state.net())
        self.held, self.halt = validation(options.data), False
        for s in (signal.SIGINT, signal.SIGTERM):
            signal.signal(s, self.stop)

    def stop(self, *_):
        self.halt = True

    def finished(self):
        o = self.options
        late = o.until and time.strftime("%H:%M") >= o.until
        enough = self.cpu() - self.cpu_before > 60 * o.minutes
        return self.halt or late or enough

    def cpu(self):
        """CPU minutes of all workers together, kept over restarts."""
        return self.state.meta["cpu"] + float(self.shared[2:2 + self.options.workers].sum()) - self.idle

    def cool(self):
        """1, then down to .02 over the last part of the minutes if --cooldown is set."""
        o = self.options
        if not o.cooldown:
            return 1.0
        left = 1 - (self.cpu() - self.cpu_before) / (60 * o.minutes)
        return max(0.02, min(1.0, left / o.cooldown))

    def train(self):
        o, workers = self.options, self.options.workers
        gradients = [torch.zeros_like(self.state.weights).share_memory_() for _ in range(workers)]
        self.shared = torch.zeros(8 + len(PARTS) * workers, dtype=torch.float64).share_memory_()
        self.shared[1], self.idle = 1, 0.0
        barrier = mp.get_context("fork").Barrier(workers)
        others = [mp.get_context("fork").Process(target=follow, args=(r, o, self.state, gradients, self.shared, barrier),
                                                 daemon=True) for r in range(1, workers)]
        for p in others:
            p.start()
        self.cpu_before = self.state.meta["cpu"]
        self.began = self.saved = self.told = time.time()
        self.before = self.state.meta["seconds"]
        self.sums, self.count = np.zeros(len(PARTS)), 0
        self.shared[0] = self.state.meta["step"]
        self.idle = time.process_time()
        self.shared[2] = self.idle
        for _ in work(0, o, self.state, gradients, self.shared, barrier):
            self.step(gradients)
            if self.finished():
                self.shared[1] = 0
        for p in others:
            p.join()
        self.tell()
        self.save()

    def step(self, gradients):
        state, workers = self.state, self.options.workers
        gradient = torch.stack(gradients).mean(0)
        norm = float(gradient.norm())
        if np.isfinite(norm):
            state.update(gradient * min(1.0, 3.0 / (norm + 1e-9)), state.rate(self.cool()))
            self.sums += self.shared[8:].view(workers, len(PARTS)).mean(0).numpy()
            self.count += 1
        else:
            state.meta["step"] += 1      # other scenes next time
            print("step", state.meta["step"], "is not finite: left out", flush=True)
        seconds = frames_of(int(self.shared[0])) * front.HOP / front.RATE
        state.meta["audio"] += workers * front.LANES * seconds / 3600
        self.shared[0] = state.meta["step"]
        if time.time() - self.told > 60 * self.options.validate:
            self.tell()
        if time.time() - self.saved > 300:
            self.save()

    def tell(self):
        """Validates and writes a line of the curve."""
        meta = self.state.meta
        plain, other = validate(self.state, self.held)
        trained = self.sums / max(self.count, 1)
        self.sums, self.count, self.told = np.zeros(len(PARTS)), 0, time.time()
        line = dict(step=meta["step"], cpu_minutes=round(self.cpu() / 60, 2), audio_hours=round(meta["audio"], 2),
                    rate=f"{self.state.rate(self.cool()):.2e}")
        for name, parts in (("train", trained), ("plain", plain), ("other", other)):
            line.update({f"{name}_{k}": f"{v:.4f}" for k, v in zip(PARTS, parts)})
        path = os.path.join(self.options.run, "curve.csv")
        fresh = not os.path.exists(path)
        with open(path, "a", newline="") as f:
            table = csv.DictWriter(f, line)
            if fresh:
                table.writeheader()
            table.writerow(line)
        print(" ".join(f"{k} {v}" for k, v in line.items()), flush=True)

    def save(self):
        meta, cpu = self.state.meta, self.cpu()
        kept = dict(meta)
        meta["cpu"], meta["seconds"] = cpu, self.before + time.time() - self.began
        self.state.save(self.path)
        meta["cpu"] = kept["cpu"]
        self.saved = time.time()


def follow(*arguments):
    for _ in work(*arguments):
        pass


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data")
    p.add_argument("run")
    p.add_argument("--shape", default="direct", choices=model.SHAPES)
    p.add_argument("--asymmetry", type=float, default=2.0)
    p.add_argument("--rate", type=float, help="learning rate before it falls, .002 if not set; a run that goes on keeps its own")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--minutes", type=float, default=1e9, help="of CPU time of all workers together")
    p.add_argument("--until", help="HH:MM of the same day")
    p.add_argument("--cooldown", type=float, default=0.0, help="share of the minutes in which the rate falls to 0")
    p.add_argument("--validate", type=float, default=5.0, help="minutes between validations")
    p.add_argument("--bf16", action="store_true", help="products of matrices in bfloat16: a sixth less time where the "
                   "processor has it")
    p.add_argument("--muon", action="store_true", help="moves the matrices by Muon")
    p.add_argument("--taught", help="folder made by teacher.py, from which steps learn")
    p.add_argument("--turn", type=int, default=2, help="with --taught: of so many pairs of steps one has new scenes and the truth")
    p.add_argument("--heard", type=float, default=0.8, help="what the teacher counts there, the truth the rest")
    p.add_argument("--only", help="the one layer that learns, as `speech`")
    p.add_argument("--music", type=float, help="share of the plain scenes that have music, in place of scenes.OFTEN's")
    p.add_argument("--from", dest="start")
    return p.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["pack"]:
        pack(*sys.argv[2:4])
    elif sys.argv[1:2] == ["mean"]:
        mean(*sys.argv[2:6])
    elif sys.argv[1:2] == ["widen"]:
        widen(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        Run(parse()).train()
