"""Eigenvalues in float64 against singular values by numpy, scipy's gesdd and torch, from the same float32 weights.

numpy computes float32 in float64 anyway; scipy and torch stay in float32, so they do less. A shape is rows × columns:
the tall matrix has the same singular values as the wide one, and numpy finds them faster. With one thread it is the
processor time that counts, with more the time on the clock.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.linalg
import spectral_widgets as sw
import torch

from .rows import Row, Setting
from .timing import Side, interleaved

#: Shape, target against numpy, rounds.
FULL = (
    ((256, 256), None, 9),
    ((384, 1536), None, 7),
    ((768, 3072), 3.5, 7),
    ((3072, 768), None, 7),
    ((1024, 4096), 3.5, 5),
    ((4096, 1024), None, 5),
    ((2048, 2048), 2.5, 5),
    ((768, 50257), 8.0, 3),
    ((50257, 768), None, 3),
)
QUICK = (((256, 256), None, 3), ((384, 1536), None, 3))
SAYS = {
    "ours": "spectrum",
    "numpy": "np.linalg.svd, values only",
    "scipy": "scipy gesdd, values only, float32",
    "torch": "torch svdvals, float32",
}


def rows(setting: Setting) -> Iterator[Row]:
    """Three ratios and one difference per shape."""
    clock = "processor" if setting.threads == 1 else "wall"
    for shape, target, rounds in QUICK if setting.quick else FULL:
        values = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
        sides = sides_of(values)
        times = interleaved(sides, rounds)
        size = f"{shape[0]} × {shape[1]}"
        for peer in list(sides)[1:]:
            yield times.row(size, "ours", peer, clock, SAYS, target=target if peer == "numpy" else None)
        yield difference(size, values)


def sides_of(values: np.ndarray) -> dict[str, Side]:
    """All the ways to the same numbers."""
    tensor, patient = torch.from_numpy(values), values.size < 1e7
    return {
        "ours": Side(lambda _: sw.spectrum(values)),
        "numpy": Side(lambda _: np.linalg.svd(values, compute_uv=False), warm=patient),
        "scipy": Side(lambda _: scipy.linalg.svd(values, compute_uv=False, check_finite=False), warm=patient),
        "torch": Side(lambda _: torch.linalg.svdvals(tensor), warm=patient),
    }


def difference(size: str, values: np.ndarray) -> Row:
    """Largest deviation of an eigenvalue from the square of numpy's singular value, as a share of the largest."""
    theirs = np.linalg.svd(values.astype(np.float64), compute_uv=False)[::-1] ** 2 / max(values.shape)
    gap = float(np.abs(sw.spectrum(values).eigenvalues - theirs).max() / theirs[-1])
    name = f"{size}, largest difference over the largest eigenvalue"
    return Row(name, "spectrum", "np.linalg.svd in float64", (gap,), kind="difference", target=1e-12, at_most=True)
