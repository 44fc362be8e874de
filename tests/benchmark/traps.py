"""Ten shuffles with singular vectors: ``find_traps`` against a permutation and numpy's full decomposition.

The matrices are Gaussian with a planted mean offset and one giant entry, so that every shuffle has two traps. Ours
also gives threshold, p-values, participation and causes; by default it keeps the full spectrum of the first shuffle,
which the second row of a size includes. The target is for the traps; the spectrum is a gift beside them. With one
thread it is the processor time that counts, with two the time on the clock.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import spectral_widgets as sw
from spectral_widgets.spectra.shuffles import permutation

from .rows import Row, Setting
from .timing import Side, interleaved

SHUFFLES = 10
#: Shape, the target, rounds, and how many of the ten shuffles the other side really does.
FULL = (((3072, 768), 20.0, 5, 10), ((4096, 1024), 30.0, 3, 10), ((4096, 4096), 60.0, 2, 1))
SAYS = {
    "traps": 'find_traps, 10 seeds, spectra="none"',
    "default": "find_traps, 10 seeds",
    "numpy": "default_rng permutation + np.linalg.svd",
}
QUICK = (((1024, 256), None, 3, 10), ((3072, 768), 20.0, 1, 2))


def rows(setting: Setting) -> Iterator[Row]:
    """Two ratios per shape, and whether the traps of one shuffle are those of its full decomposition."""
    clock = "processor" if setting.threads == 1 else "wall"
    for shape, target, rounds, done in QUICK if setting.quick else FULL:
        matrix = planted(shape)
        times = interleaved(sides_of(matrix, done), rounds)
        size = f"{shape[1]} × {shape[0]}"
        scaled = f"{size}: the other side does {done} of the 10 shuffles, and its time is scaled."
        note = scaled if done < SHUFFLES else ""
        yield times.row(f"{size}, traps alone", "traps", "numpy", clock, SAYS, target=target, note=note)
        yield times.row(f"{size}, with one full spectrum", "default", "numpy", clock, SAYS)
        yield disagreement(size, matrix)


def sides_of(values: np.ndarray, done: int) -> dict[str, Side]:
    """Ten shuffles by us, without and with the full spectrum of the first, and ``done`` of ten the plain way."""
    return {
        "traps": Side(lambda _: sw.find_traps(values, range(SHUFFLES), spectra="none")),
        "default": Side(lambda _: sw.find_traps(values, range(SHUFFLES))),
        "numpy": Side(lambda _: decomposed(values, done), SHUFFLES / done, warm=False),
    }


def planted(shape: tuple[int, int]) -> np.ndarray:
    """Gaussian entries in float32, with a mean and one entry, each twice as strong as a trap needs."""
    n_rows, n_cols = shape
    values = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    strength = 2 * (n_cols / n_rows) ** 0.25
    values += strength / np.sqrt(n_cols)
    values[0, 0] = 1.5 * strength * np.sqrt(n_rows)
    return values


def decomposed(values: np.ndarray, n_shuffles: int) -> None:
    """The plain way: shuffle all entries, decompose, with vectors."""
    for seed in range(n_shuffles):
        order = np.random.default_rng(seed).permutation(values.size)
        np.linalg.svd(values.ravel()[order].reshape(values.shape), full_matrices=False)


def disagreement(size: str, values: np.ndarray) -> Row:
    """Largest relative difference of a trap's eigenvalue in one shuffle from those of the full decomposition of it."""
    scan = sw.find_traps(values, [0])
    order = permutation(values.size, 0)
    full = np.linalg.svd(values.ravel()[order].reshape(values.shape).astype(np.float64), compute_uv=False)
    expected = [one for one in full**2 / len(values) if one > scan.threshold]
    found = [trap.eigenvalue for trap in scan.traps]
    if len(found) != len(expected) or not found:
        raise ValueError(f"{size}: {len(found)} traps found, {len(expected)} in the full decomposition.")
    gaps = [abs(a / b - 1) for a, b in zip(found, expected, strict=True)]
    fields = {"kind": "difference", "target": 1e-5, "at_most": True}
    return Row(f"{size}: {len(found)} traps of one shuffle", "find_traps", "np.linalg.svd", (max(gaps),), **fields)
