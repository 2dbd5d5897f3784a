# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The networks that are compared. Tensors are [channel][position][frame][16 lanes], as kernel.c wants them.

Each takes features [4][ROWS][frame][lane] and returns gain^.3 for mid and side, [2][ROWS][frame][lane], and the logit
of speech, [frame][lane].
  plain  a dense layer, two wide GRUs, a dense layer
  direct plain, and each position adds a linear function of the rows it sees to its gains
  bands  36 positions of 4 rows with small GRUs whose weights all positions share, one wide GRU over all
  skip   two wide GRUs over a small encoder; each position sees its own rows again and has a small GRU behind them
"""
import ctypes

import numpy as np
import torch
from torch import nn

import front
from front import KINDS, LANES, LIBRARY, ROWS, address

POSITIONS = ROWS // 4
SEEN = 8 * KINDS                         # inputs of a position: its 4 rows and 2 on each side


class Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inputs, weight, bias):
        inputs, weight = inputs.contiguous(), weight.contiguous()
        units, (positions, frames) = weight.shape[1], inputs.shape[1:3]
        h = torch.empty(units, positions, frames, LANES)
        keep = torch.empty(4 * units, positions, frames, LANES)
        LIBRARY.gru_forward(positions, ctypes.c_long(frames), units, address(weight), address(bias), address(inputs),
                            address(h), address(keep))
        ctx.save_for_backward(h, keep, weight)
        return h

    @staticmethod
    def backward(ctx, grad):
        h, keep, weight = ctx.saved_tensors
        units, positions, frames, _ = h.shape
        turned, grad, out = weight.t().contiguous(), grad.contiguous(), torch.empty_like(keep)
        LIBRARY.gru_backward(positions, ctypes.c_long(frames), units, address(turned), address(h), address(keep),
                             address(grad), address(out))
        before = torch.zeros_like(h)
        before[:, :, 1:] = h[:, :, :-1]
        before = before.view(units, -1).t()
        gates, inner = out[: 2 * units].reshape(2 * units, -1), out[3 * units:].reshape(units, -1)
        return (out[: 3 * units], torch.cat([gates @ before, inner @ before]),
                torch.cat([gates.sum(1), inner.sum(1)]))


def uniform(*shape, ins):
    return nn.Parameter(torch.empty(*shape).uniform_(-1, 1) * ins ** -0.5)


class Gru(nn.Module):
    def __init__(self, ins, units):
        super().__init__()
        self.wi, self.bi = uniform(3 * units, ins, ins=ins), nn.Parameter(torch.zeros(3 * units))
        self.wh, self.bh = uniform(3 * units, units, ins=units), nn.Parameter(torch.zeros(3 * units))

    def forward(self, x):
        into = torch.addmm(self.bi[:, None], self.wi, x.reshape(x.shape[0], -1)).view(-1, *x.shape[1:])
        return Recurrence.apply(into, self.wh, self.bh)


class Dense(nn.Module):
    """The same dense layer at every position."""

    def __init__(self, ins, outs):
        super().__init__()
        self.w, self.b = uniform(outs, ins, ins=ins), nn.Parameter(torch.zeros(outs))

    def forward(self, x):
        return torch.addmm(self.b[:, None], self.w, x.reshape(x.shape[0], -1)).view(-1, *x.shape[1:])


class Local(nn.Module):
    """A dense layer of its own at each position: [ins][position].. -> [outs][position].."""

    def __init__(self, ins, outs):
        super().__init__()
        self.w, self.b = uniform(POSITIONS, outs, ins, ins=ins), nn.Parameter(torch.zeros(POSITIONS, outs))

    def forward(self, x):
        frames = x.shape[2]
        x = x.transpose(0, 1).reshape(POSITIONS, -1, frames * LANES)
        return torch.baddbmm(self.b[:, :, None], self.w, x).transpose(0, 1).reshape(-1, POSITIONS, frames, LANES)


def neighbourhoods(features):
    """[4][ROWS].. -> [32][POSITIONS]..: rows 4p-2 .. 4p+5 of each kind, 0 outside."""
    padded = nn.functional.pad(features, (0, 0, 0, 0, 2, 2))
    windows = padded.unfold(1, 8, 4)
    return windows.permute(0, 4, 1, 2, 3).reshape(SEEN, POSITIONS, *features.shape[2:])


def rows_of(x):
    """[8][POSITIONS].. -> [2][ROWS]..: 4 rows of mid, 4 of side."""
    x = x.view(2, 4, POSITIONS, *x.shape[2:])
    return x.transpose(1, 2).reshape(2, ROWS, *x.shape[3:])


class Plain(nn.Module):
    def __init__(self, units=160):
        super().__init__()
        self.enter, self.first = Dense(KINDS * ROWS, 128), Gru(128, units)
        self.second, self.leave = Gru(units, units), Dense(2 * units, 2 * ROWS)
        self.speech = Dense(2 * units, 1)
        self.leave.b.data += 1

    def forward(self, features):
        x = features.reshape(KINDS * ROWS, 1, *features.shape[2:])
        a = self.first(torch.tanh(self.enter(x)))
        both = torch.cat([a, self.second(a)])
        gains = torch.sigmoid(self.leave(both))
        return gains.view(2, ROWS, *gains.shape[2:]), self.speech(both)[0, 0]


class Windows(torch.autograd.Function):
    """Local over the neighbourhoods of features, window by window, in a quarter of the time: no tensor of all windows is
    made, and features need no gradient."""

    @staticmethod
    def forward(ctx, features, weight, bias):
        padded = nn.functional.pad(features, (0, 0, 0, 0, 2, 2)).flatten(2)
        ctx.save_for_backward(padded)
        x, w, b = padded.numpy(), weight.numpy(), bias.numpy()
        out = np.empty((8, POSITIONS, x.shape[2]), np.float32)
        for p in range(POSITIONS):
            np.matmul(w[p], x[:, 4 * p:4 * p + 8].reshape(SEEN, -1), out=out[:, p])
            out[:, p] += b[p][:, None]
        return torch.from_numpy(out).view(8, POSITIONS, *features.shape[2:])

    @staticmethod
    def backward(ctx, grad):
        x, g = ctx.saved_tensors[0].numpy(), grad.flatten(2).contiguous().numpy()
        w = np.stack([g[:, p] @ x[:, 4 * p:4 * p + 8].reshape(SEEN, -1).T for p in range(POSITIONS)])
        return None, torch.from_numpy(w), torch.from_numpy(g.sum(2).T.copy())


class Direct(Plain):
    def __init__(self, units=160):
        super().__init__(units)
        self.direct = Local(SEEN, 8)
        self.direct.w.data *= 0.1

    def forward(self, features):
        x = features.reshape(KINDS * ROWS, 1, *features.shape[2:])
        a = self.first(torch.tanh(self.enter(x)))
        both = torch.cat([a, self.second(a)])
        near = rows_of(Windows.apply(features, self.direct.w, self.direct.b))
        y = self.leave(both).view(2, ROWS, *features.shape[2:]) + near
        return torch.sigmoid(y), self.speech(both)[0, 0]


class Bands(nn.Module):
    def __init__(self, units=128, small=24, down=6, up=8):
        super().__init__()
        self.encode, self.first = Local(SEEN, small), Gru(small, small)
        self.down, self.enter = Dense(small, down), Dense(down * POSITIONS, units)
        self.wide, self.up = Gru(units, units), Dense(units, up * POSITIONS)
        self.second, self.decode = Gru(small + up, small), Local(3 * small, 8)
        self.speech = Dense(units, 1)
        self.decode.b.data += 1

    def forward(self, features):
        e = torch.tanh(self.encode(neighbourhoods(features)))
        a = self.first(e)
        d = self.down(a)
        q = self.wide(torch.tanh(self.enter(d.reshape(-1, 1, *d.shape[2:]))))
        k = torch.tanh(self.up(q)).view(-1, *e.shape[1:])
        b = self.second(torch.cat([a, k]))
        return rows_of(torch.sigmoid(self.decode(torch.cat([e, a, b])))), self.speech(q)[0, 0]


class Skip(nn.Module):
    def __init__(self, units=160, small=12, up=8, memory=16):
        super().__init__()
        self.encode, self.enter = Local(SEEN, small), Dense(small * POSITIONS, units)
        self.first, self.second = Gru(units, units), Gru(units, units)
        self.up, self.memory = Dense(2 * units, up * POSITIONS), Gru(small + up, memory)
        self.decode, self.speech = Local(small + up + memory, 8), Dense(2 * units, 1)
        self.decode.b.data += 1

    def forward(self, features):
        e = torch.tanh(self.encode(neighbourhoods(features)))
        a = self.first(torch.tanh(self.enter(e.reshape(-1, 1, *e.shape[2:]))))
        both = torch.cat([a, self.second(a)])
        k = torch.tanh(self.up(both)).view(-1, *e.shape[1:])
        m = self.memory(torch.cat([e, k]))
        return rows_of(torch.sigmoid(self.decode(torch.cat([e, k, m])))), self.speech(both)[0, 0]


SHAPES = {"plain": Plain, "direct": Direct, "bands": Bands, "skip": Skip}


def make(shape, **sizes):
    return SHAPES[shape](**sizes)


def wider(old, new):
    """Index of each weight of the net `old` in the flat vector of `new`, a net of the same shape with more units, and a
    mask of the weights of `new` that carry a new unit's value into an old one: with these at 0 both compute the same
    (after Net2WiderNet, Chen, Goodfellow and Shlens 2016, whose new units are copies; ours start at random)."""
    u, v, at, index, mute = old.first.wh.shape[1], new.first.wh.shape[1], 0, [], []
    ends = {u: range(u), 2 * u: [*range(u), *range(v, v + u)], 3 * u: [g * v + i for g in range(3) for i in range(u)]}
    for (name, a), b in zip(old.named_parameters(), new.parameters()):
        places = torch.arange(at, at + b.numel()).view(b.shape)
        muted = torch.zeros(b.shape, dtype=torch.bool)
        for axis, (small, large) in enumerate(zip(a.shape, b.shape)):
            if small != large:
                kept = torch.tensor(ends[small])
                if axis == 1:
                    muted[:] = True
                    muted[:, kept] = False
                places = places.index_select(axis, kept)
        if name.endswith("wh") or name == "second.wi":
            old_rows = torch.zeros(len(muted), dtype=torch.bool)
            old_rows[ends[3 * u]] = True
            muted &= old_rows[:, None]
        index.append(places.reshape(-1))
        mute.append(muted.reshape(-1))
        at += b.numel()
    return torch.cat(index), torch.cat(mute)


def multiplications(net):
    """Multiplications of one frame."""
    shared = POSITIONS if isinstance(net, (Bands, Skip)) else 1
    count = 0
    for name, w in net.named_parameters():
        if w.dim() > 1:
            small = isinstance(net, Bands) and name.split(".")[0] in ("first", "second", "down")
            small |= isinstance(net, Skip) and name.startswith("memory")
            count += w.numel() * (shared if small else 1)
    return count


if __name__ == "__main__":
    for shape in SHAPES:
        net = make(shape)
        print(shape, sum(p.numel() for p in net.parameters()), "weights", multiplications(net) * front.RATE // front.HOP,
              "multiplications a second")
