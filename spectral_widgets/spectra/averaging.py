"""Self-averaging: does a trap settle down with the size, as the edge of noise does?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ..records import Complaint, EntryStatistics, SelfAveraging, WeightMatrix
from .decompose import spectrum_of_values
from .entries import entry_statistics
from .nulls import MIN_SIDE, null_of_entries, threshold_of
from .shuffles import permuted


def self_averaging(
    matrix: WeightMatrix, seeds: Iterable[int] = range(20), sizes: Sequence[float] = (0.25, 0.5, 0.75, 1.0)
) -> SelfAveraging:
    """Relative variance over shuffles of the largest eigenvalue and of the bulk edge, by size.

    ``sizes`` are shares of both sides, in (0, 1]: nested corner blocks of each shuffled matrix. The edge of noise
    is self-averaging, its relative variance falls as the width squared, ``~ M^−4/3``. A trap of one giant entry is
    not: a block holds the giant or it does not, so from shuffle to shuffle its eigenvalue jumps at any size
    below the whole. Sizes with a short side below 20 are left out, with a caveat.
    """
    *_, last = self_averaging_steps(matrix, seeds, sizes)
    return last


def self_averaging_steps(
    matrix: WeightMatrix, seeds: Iterable[int] = range(20), sizes: Sequence[float] = (0.25, 0.5, 0.75, 1.0)
) -> Iterator[SelfAveraging]:
    """Like :func:`self_averaging`, one growing result per shuffle from the second on."""
    seeds = tuple(seeds)
    if len(seeds) < 2:
        raise Complaint("A variance over shuffles needs at least two seeds.")
    if not all(0 < size <= 1 for size in sizes):
        raise Complaint(f"Sizes are shares of both sides, above 0 and at most 1, got {tuple(sizes)}.")
    n_rows, n_cols = matrix.values.shape
    asked = [(round(n_rows * size), round(n_cols * size)) for size in sorted(sizes)]
    shapes = tuple(shape for shape in asked if min(shape) >= MIN_SIDE)
    left_out = f"Blocks with a short side below {MIN_SIDE} are left out."
    caveats = {"sizes": "" if shapes == tuple(asked) else left_out, "device": ""}
    statistics = entry_statistics(matrix)
    found: list[list[tuple[float, float]]] = []
    for seed in seeds:
        measured, full = _of_shuffle(matrix, statistics, seed, shapes)
        found.append(measured)
        caveats["device"] = caveats["device"] or full
        if len(found) > 1:
            yield _summed(matrix, seeds[: len(found)], shapes, found, " ".join(filter(None, caveats.values())))


def _summed(
    matrix: WeightMatrix,
    seeds: tuple[int, ...],
    shapes: tuple[tuple[int, int], ...],
    found: list[list[tuple[float, float]]],
    caveat: str,
) -> SelfAveraging:
    measured = np.array(found).reshape(len(seeds), len(shapes), 2)
    relative = measured.var(axis=0, ddof=1) / measured.mean(axis=0) ** 2
    return SelfAveraging(
        layer=matrix.ref,
        seeds=seeds,
        shapes=shapes,
        largest_variances=tuple(map(float, relative[:, 0])),
        edge_variances=tuple(map(float, relative[:, 1])),
        caveat=caveat,
    )


def _of_shuffle(
    matrix: WeightMatrix, statistics: EntryStatistics, seed: int, shapes: tuple[tuple[int, int], ...]
) -> tuple[list[tuple[float, float]], str]:
    """Largest eigenvalue and bulk edge of each block of one shuffle, and the caveat of a device without room."""
    values = permuted(matrix.values, seed)
    found, caveat = [], ""
    for rows, columns in shapes:
        spectrum = spectrum_of_values(values[:rows, :columns], matrix.device)
        eigenvalues = spectrum.eigenvalues
        caveat = caveat or spectrum.caveat
        threshold = threshold_of(null_of_entries(statistics, rows, columns), 0.01)
        n_bulk = max(int(np.searchsorted(eigenvalues, threshold, side="right")), 1)
        found.append((float(eigenvalues[-1]), float(eigenvalues[n_bulk - 1])))
    return found, caveat
