# Copyright (C) 2026 The dmix authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Front end of the network: windows, rows of bins, features. README.md says it in formulas.

Training uses the C loops of kernel.c; class Features is the same in numpy, frame by frame, and is what an
implementer compares with (test_train.py holds the two together).
"""
import ctypes
import hashlib
import os
import subprocess
import tempfile

import numpy as np
from scipy.fft import irfft, rfft

RATE, WINDOW, HOP = 48000, 1536, 768     # 32 ms every 16 ms
BINS = WINDOW // 2 + 1
LANES = 16                               # clips side by side in kernel.c
KINDS = 4                                # features of a row
ROOT_HANN = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def row_edges():
    """First bin of each row and the end of the last: bins 1..64 alone (to 2 kHz), 65..128 in pairs (to 4 kHz), then
    48 rows of equal width on the ERB-rate scale (Glasberg and Moore 1990). Bin 0 is left out."""
    erb = lambda hz: 21.4 * np.log10(1 + 0.00437 * hz)
    hz = lambda e: (10 ** (e / 21.4) - 1) / 0.00437
    upper = hz(np.linspace(erb(129 * RATE / WINDOW), erb(RATE / 2), 49)) * WINDOW / RATE
    return np.array([*range(1, 65), *range(65, 129, 2), *np.round(upper[:-1]), BINS], np.int32)


EDGE = row_edges()
ROWS = len(EDGE) - 1
WIDTH = np.diff(EDGE).astype(np.float32)
CENTRE = (EDGE[:-1] + EDGE[1:] - 1) / 2


def row_of(hz):
    """Number of rows that lie wholly below a frequency."""
    return int(np.searchsorted(EDGE[1:], hz * WINDOW / RATE))


def row_sums(power):
    return np.add.reduceat(power, EDGE[:-1], axis=-1)


# ------------------------------------------------------------------ sound and spectra
def samples(frames):
    return (frames - 1) * HOP + WINDOW


def spectra(x):
    """Frames of complex64 bins of a signal of samples(frames) samples."""
    x = np.ascontiguousarray(x, np.float32)
    return rfft(np.lib.stride_tricks.sliding_window_view(x, WINDOW)[::HOP] * ROOT_HANN, axis=1)


def sound(bins):
    """Inverse of spectra(): the squares of two overlapping windows add to 1."""
    frames = irfft(bins, axis=1).astype(np.float32) * ROOT_HANN
    y = np.zeros((len(frames) + 1) * HOP, np.float32)
    y[:-HOP] += frames[:, :HOP].ravel()
    y[HOP:] += frames[:, HOP:].ravel()
    return y


class Features:
    """Four numbers a row from the row energies of mid and side, one frame a call."""

    def __init__(self):
        self.count = 0

    def start(self, l, p):
        self.level, self.smooth, self.floor = l.mean(), l.copy(), l.copy()
        self.noise, self.present, self.clean = p.copy(), np.full(ROWS, 0.5), np.zeros(ROWS)

    def prior_ratio(self, p):
        """ln of the a-priori ratio of speech to noise, by statistics alone (sources: kernel.c)."""
        prior = 31.6228
        q = 1 / (1 + (1 + prior) * np.exp(-np.minimum(p / self.noise, 200) * prior / (1 + prior)))
        self.present += 0.14 * (q - self.present)
        q = np.where(self.present > 0.99, np.minimum(q, 0.99), q)
        self.noise = np.maximum(self.noise + 0.3 * (1 - q) * (p - self.noise), 1e-9)
        snr = np.minimum(p / self.noise, 1e4)
        xi = np.maximum(0.96 * self.clean + 0.04 * np.maximum(snr - 1, 0), 0.0158)
        self.clean = (xi / (1 + xi)) ** 2 * snr
        return np.log(xi)

    def __call__(self, mid, side):
        p = mid / WIDTH + 1e-9
        l = np.log(p)
        if self.count == 0:
            self.start(l, p)
        self.count += 1
        self.level += (l.mean() - self.level) * max(1 / self.count, 1 / 125)
        xi = self.prior_ratio(p)
        self.smooth += 0.4 * (l - self.smooth)
        self.floor = np.minimum(self.smooth, self.floor + 0.016 + 0.008 * (self.smooth - self.floor))
        d = np.clip(np.log(side / WIDTH + 1e-9) - l, -12, 8)
        return 0.25 * np.stack([l - self.level, l - self.floor, xi, d])


def bin_gains(u):
    """Gains of all bins from the network's row outputs (gain^.3): to bin 128 each bin takes its row's, above it is
    interpolated between the middles of the rows. u: (..., ROWS)."""
    flat = u.reshape(-1, ROWS)
    row = np.maximum(np.searchsorted(EDGE, np.arange(BINS), side="right") - 1, 0)
    high = np.arange(129, BINS)
    k = np.clip(np.searchsorted(CENTRE, high) - 1, 0, ROWS - 2)
    f = np.clip((high - CENTRE[k]) / (CENTRE[k + 1] - CENTRE[k]), 0, 1)
    g = flat[:, row]
    g[:, high] = flat[:, k] * (1 - f) + flat[:, k + 1] * f
    return g.reshape(*u.shape[:-1], BINS) ** (1 / 0.3)


# ------------------------------------------------------------------ kernel.c
def build():
    """Path of the compiled kernel; compiled once for each content and kept in the cache folder."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kernel.c")
    key = hashlib.sha256(open(source, "rb").read()).hexdigest()[:16]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(tempfile.gettempdir(), f"dmix-train-{os.getuid()}")
    os.makedirs(cache, exist_ok=True)
    library = os.path.join(cache, f"kernel-{key}.so")
    if not os.path.exists(library):
        scratch = f"{library}.{os.getpid()}"
        subprocess.check_call([os.environ.get("CC", "cc"), "-O3", "-march=native", "-ffast-math", "-fopenmp-simd",
                               "-shared", "-fPIC", source, "-o", scratch, "-lm"])
        os.replace(scratch, library)
    return library


LIBRARY = ctypes.CDLL(build())


def address(a):
    """Pointer to the data of a contiguous numpy array or torch tensor, None for None."""
    if a is None:
        return None
    return ctypes.c_void_p(a.ctypes.data if isinstance(a, np.ndarray) else a.data_ptr())


def read_at_speed(x, speed, count):
    """count samples of an int16 recording, read at a speed; float32, full scale 1."""
    out = np.empty(count, np.float32)
    x = np.ascontiguousarray(x)
    LIBRARY.read_at_speed(address(x), ctypes.c_long(len(x)), ctypes.c_double(speed), address(out),
                          ctypes.c_long(count))
    return out


def row_targets(speech, rest, limit, target):
    """Row energies (frames, ROWS) of speech + rest; fills the view target[4][rows][frames][LANES] of one lane."""
    frames = len(speech)
    energy = np.empty((frames, ROWS), np.float32)
    speech, rest = (np.ascontiguousarray(a, np.complex64) for a in (speech, rest))
    LIBRARY.row_targets(ctypes.c_long(frames), ROWS, address(EDGE), int(limit), address(speech), address(rest),
                        address(energy), target)
    return energy


def row_features(mid, side, volume, features):
    LIBRARY.row_features(ctypes.c_long(len(mid)), ROWS, address(EDGE), address(mid), address(side),
                         ctypes.c_float(volume), features)


def lane(array, index):
    """Pointer to one lane of a batch array."""
    return ctypes.c_void_p(array.ctypes.data + 4 * index)
