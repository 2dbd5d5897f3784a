# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks of the training code that need no recordings: test_train.py"""
import os
import subprocess
import tempfile
import types
import zipfile

import numpy as np
import torch

import data
import export
import front
import infer
import model
import scenes
import teacher
import train


def test_features():
    """The C loop and the numpy reference see the same."""
    rng = np.random.default_rng(1)
    mid = np.exp(rng.standard_normal((200, front.ROWS)) + rng.standard_normal((200, 1))).astype(np.float32)
    side = np.roll(mid, 7, 0) * np.float32(0.1)
    out = np.zeros((front.KINDS, front.ROWS, 200, front.LANES), np.float32)
    front.row_features(mid, side, 1.0, front.lane(out, 5))
    reference = front.Features()
    want = np.stack([reference(m, s) for m, s in zip(mid.astype(float), side.astype(float))], 2)
    assert np.abs(out[..., 5] - want).max() < 1e-4


def test_recurrence():
    """Our GRU and its gradients are PyTorch's."""
    torch.manual_seed(1)
    ours, theirs = model.Gru(10, 12), torch.nn.GRU(10, 12)
    pairs = [(ours.wi, theirs.weight_ih_l0), (ours.wh, theirs.weight_hh_l0), (ours.bi, theirs.bias_ih_l0),
             (ours.bh, theirs.bias_hh_l0)]
    for a, b in pairs:
        a.data.normal_(0, 0.3)
        b.data = a.data.clone()
    x, weight = torch.randn(10, 3, 20, front.LANES), torch.randn(12, 3, 20, front.LANES)
    y = ours(x)
    z = theirs(x.permute(2, 1, 3, 0).reshape(20, -1, 10))[0].view(20, 3, front.LANES, 12).permute(3, 1, 0, 2)
    assert (y - z).abs().max() < 1e-5
    (y * weight).sum().backward()
    (z * weight).sum().backward()
    for a, b in pairs:
        assert (a.grad - b.grad).abs().max() < 1e-4 * b.grad.abs().max()


def test_windows():
    """A layer of its own at each position over the rows it sees, and the gradients of its weights."""
    torch.manual_seed(2)
    layer, features = model.Local(model.SEEN, 8), torch.randn(front.KINDS, front.ROWS, 7, front.LANES)
    weight = torch.randn(8, model.POSITIONS, 7, front.LANES)
    results = []
    for y in (layer(model.neighbourhoods(features)), model.Windows.apply(features, layer.w, layer.b)):
        layer.zero_grad()
        (y * weight).sum().backward()
        results.append((y.detach(), layer.w.grad.clone(), layer.b.grad.clone()))
    for a, b in zip(*results):
        assert (a - b).abs().max() < 1e-5 * a.abs().max()


def test_stored():
    """Views of an .npz are what numpy reads."""
    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.npz")
        np.savez(path, features=rng.standard_normal((3, 4, 5)).astype(np.float16), mid=np.asfortranarray(rng.random((6, 7))))
        views = train.stored(path)
        with np.load(path) as z:
            assert sorted(views) == sorted(z.files)
            assert all(np.array_equal(views[k], z[k]) and views[k].dtype == z[k].dtype for k in views)


def test_debian():
    """Music and places out of a package, the music in an archive in it; what is neither stays out."""
    with tempfile.TemporaryDirectory() as folder:
        tree, debs, first, out = (os.path.join(folder, n) for n in ("tree", "debs", "first", "out"))
        for where in ("DEBIAN", "music", "places", "menu"):
            os.makedirs(os.path.join(tree, where))
            if where != "DEBIAN":
                subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=70:a=0.1", os.path.join(tree, where, "a.ogg")], check=True)
        with zipfile.ZipFile(os.path.join(tree, "all.pk3"), "w") as z:
            z.write(os.path.join(tree, "music", "a.ogg"), "music/a.ogg")
        os.remove(os.path.join(tree, "music", "a.ogg"))
        with open(os.path.join(tree, "DEBIAN", "control"), "w") as f:
            f.write("Package: game\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a\n")
        os.makedirs(debs), os.makedirs(first)
        subprocess.run(["dpkg-deb", "-b", tree, os.path.join(debs, "game_1_all.deb")], check=True, stdout=subprocess.DEVNULL)
        for kind in data.KINDS:
            store = data.Store(first, kind)
            store.add(np.arange(9, dtype=np.int16), source="a", licence="", group="", bandwidth=1, clean=1, val=0, voice=0)
            store.close()
        packages, data.PACKAGES = data.PACKAGES, {"game": ("free", ["/music"], ["/places"])}
        data.debian(debs, first, out)
        data.PACKAGES = packages
        for kind, seconds in (("music", 44), ("noise", 70), ("speech", 0), ("ir", 0)):
            sound = np.load(os.path.join(out, kind + ".npy"))
            assert np.array_equal(sound[:9], np.arange(9)) and abs(len(sound) - 9 - seconds * data.RATE) < 0.1 * data.RATE, kind


def test_spectra():
    x = np.random.default_rng(2).standard_normal(front.samples(20)).astype(np.float32)
    y = front.sound(front.spectra(x))
    assert np.abs(x - y)[front.HOP:-front.HOP].max() < 1e-5


def test_wider():
    """A net with more units that starts from a smaller one computes the same."""
    small, large = model.make("direct", units=24), model.make("direct", units=40)
    index, mute = model.wider(small, large)
    flat = train.flatten(large)
    flat[mute] = 0
    flat[index] = train.flatten(small)
    train.tie(large, flat)
    f = torch.randn(front.KINDS, front.ROWS, 12, front.LANES)
    with torch.no_grad():
        for a, b in zip(small(f), large(f)):
            assert (a - b).abs().max() < 1e-5


def test_orthogonal():
    """Muon's step has no direction that is much longer than another; its matrices lie apart in the vector."""
    torch.manual_seed(3)
    net = model.make("direct", units=24)
    flat, taken = train.flatten(net), torch.zeros(len(train.flatten(net)))
    for at, rows, columns in train.matrices(net):
        taken[at:at + rows * columns] += 1
        x = flat[at:at + rows * columns].view(rows, columns)
        sizes = torch.linalg.svdvals(train.orthogonal(x))
        assert 0.3 < sizes.min() and sizes.max() < 1.3, (rows, columns, sizes.min(), sizes.max())
    assert taken.max() == 1 and taken.mean() > 0.5


def test_clearness():
    """The wanted gains are as clear as can be, at any gain of a band; noise is not."""
    rng, frames = np.random.default_rng(5), 60
    target = torch.zeros(4, front.ROWS, frames, front.LANES)
    target[0] = torch.from_numpy(rng.uniform(0.3, 1, target.shape[1:]))
    target[1] = torch.from_numpy(rng.uniform(0.5, 1, target.shape[1:])) * train.WIDTH
    assert train.clearness(target[0], target) > 0.999
    low, none = target[0].clone(), torch.full_like(target[0], 0.5)
    low[train.BANDS[2] > 0] *= 0.5
    assert train.clearness(low, target) > 0.999
    assert train.clearness(none, target) < 0.8
    silent = target.clone()
    silent[0] = 0
    assert train.clearness(none, silent).isfinite()


def test_grains():
    """Pieces in any order keep the power and the length of a place; gains of bands never raise it."""
    mixer = scenes.Mixer.__new__(scenes.Mixer)
    mixer.rng = np.random.default_rng(4)
    x = mixer.rng.standard_normal(300000).astype(np.float32)
    for _ in range(10):
        y = mixer.grains(x, 200000)
        assert len(y) == 200000 and abs(np.mean(y ** 2) - 1) < 0.05
        assert np.abs(y - x[:200000]).max() > 1
        gains = mixer.band_rhythms(60)
        assert gains.shape == (60, front.BINS) and gains.min() > 0 and gains.max() < 1.001


def test_teacher():
    """A teacher that halves the sound has the gain 1/2 in all rows; it is aligned with the mixture."""
    rng, frames = np.random.default_rng(6), 40
    voice, rest = (front.spectra(rng.standard_normal(front.samples(frames)).astype(np.float32)) for _ in range(2))
    scene = scenes.Scene(voice, rest, None, None, 24000.0, None, None)
    gains = teacher.taught(lambda x: 0.5 * x, scene)
    for gain, power in zip(gains, (0.3, 0.6)):
        assert np.abs(gain[:, 2:-2] - 0.5 ** power).max() < 1e-3
    late = teacher.taught(lambda x: 0.5 * np.roll(x, 300), scene)
    assert late[0][:, 2:-2].mean() < 0.9 * 0.5 ** 0.3


def test_taught():
    """The target moves to the teacher's gains, but in clips in which it does worse than a third of no processing's error."""
    rng, size = np.random.default_rng(7), (4, front.ROWS, 30, front.LANES)
    mid = rng.uniform(0.2, 0.4, size).astype(np.float32)
    gains = mid[[0, 2]] + np.float32(0.1)
    gains[..., 3] = 1 - mid[[0, 2]][..., 3]              # it lets the noise of this clip pass
    arrays = dict(features=mid, mid=mid, side=mid, voice=mid[0, 0], heed=mid[0, 0])
    with tempfile.TemporaryDirectory() as folder:
        np.savez(os.path.join(folder, "1-00000.npz"), taught=np.round(gains * 255).astype(np.uint8),
                 **{k: v.astype(np.float16) for k, v in arrays.items()})
        batch = train.Taught(folder, 0.8).batch(rng, 30)
        assert train.Taught(folder, 0.8).batch(rng, 20).mid.shape == (4, front.ROWS, 20, front.LANES)
    moved = batch.mid - mid
    heard = np.arange(front.LANES) != 3
    assert np.abs(moved[[0, 2]][..., heard] - 0.08).max() < 4e-3 and np.abs(moved[..., 3]).max() < 1e-3
    assert np.abs(moved[[1, 3]]).max() < 1e-3 and np.abs(batch.side - mid).max() < 1e-3


def state(seed):
    return train.State(types.SimpleNamespace(shape="direct", asymmetry=2, rate=None, seed=seed, workers=1))


def test_mean():
    """Each vector of the mean of two states lies halfway between theirs; the seed is the new one."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{seed}.npz") for seed in (1, 2)]
        for seed, path in zip((1, 2), paths):
            state(seed).save(path)
        train.mean(*paths, os.path.join(folder, "run"), "7")
        with np.load(os.path.join(folder, "run", "state.npz")) as z, np.load(paths[0]) as a, np.load(paths[1]) as b:
            assert train.json.loads(str(z["meta"]))["seed"] == 7
            for k in train.State.VECTORS:
                assert np.abs(z[k] - (a[k] + b[k]) / 2).max() < 1e-7
            assert np.abs(z["weights"] - a["weights"]).max() > 1e-3


def test_only():
    """A step of one layer moves that layer alone; a step of all moves every weight."""
    for name in ("speech", None):
        run, before = state(1), state(1).weights
        mask = train.only(run.net(), "speech")
        if name:
            run.moved = mask
        run.update(torch.ones_like(before), 1e-3)
        moved = (run.weights - before).abs() > 1e-6
        assert moved[mask > 0].all() and moved[mask == 0].all() == (name is None)
        assert name is None or not moved[mask == 0].any()


def test_export():
    """torch, the file and the frame-by-frame reference agree for each shape; a broken file is refused."""
    for shape in model.SHAPES:
        net = model.make(shape)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "net")
            export.write(path, shape, {k: v.detach().numpy() for k, v in net.named_parameters()}, half=True)
            other = infer.Net(path)
            with torch.no_grad():
                for p in net.parameters():
                    p.copy_(p.half().float())
                f = torch.randn(front.KINDS, front.ROWS, 12, front.LANES)
                u, speech = net(f)
            for t in range(12):
                v, p = other.step(f[:, :, t, 3].numpy())
                assert np.abs(v - u[:, :, t, 3].numpy()).max() < 1e-5
                assert abs(p - torch.sigmoid(speech[t, 3]).item()) < 1e-5
            whole = open(path, "rb").read()
            for broken in (whole[:-1], whole[:100] + b"x" + whole[101:], b""):
                open(path, "wb").write(broken)
                try:
                    export.read(path)
                except ValueError:
                    continue
                raise AssertionError("a broken file was read")


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print(name, "ok")
