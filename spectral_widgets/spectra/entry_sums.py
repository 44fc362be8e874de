"""Sums over the entries of a matrix in one pass, a cacheful at a time: no copy of the matrix is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_BLOCK = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class EntrySums:
    """Power sums of the near entries' deviations, and the far entries one by one.

    Deviations are ``(entry − mean) / unit``. ``far`` are those whose square exceeds ``floor``, ``places`` their flat
    places in the matrix, ascending.
    """

    n_entries: int
    mean: float
    unit: float
    floor: float
    first: float
    second: float
    fourth: float
    far: np.ndarray
    places: np.ndarray


def entry_sums(values: np.ndarray, mean: float, unit: float, floor: float) -> EntrySums:
    """One pass over the entries; ``unit`` is a power of two, which rounds nothing."""
    totals, far, places = np.zeros(3), [np.empty(0)], [np.empty(0, np.int64)]
    for start, block in _blocks(values):
        deviations = block.astype(np.float64)
        deviations -= mean
        deviations /= unit
        squares = deviations * deviations
        if squares.max() > floor:
            found = np.flatnonzero(squares > floor)
            far.append(deviations[found])
            places.append(found + start)
            deviations[found] = squares[found] = 0.0
        totals += deviations.sum(), squares.sum(), squares @ squares
    flat = _oriented(values, np.concatenate(places))
    order = np.argsort(flat, kind="stable")
    first, second, fourth = map(float, totals)
    return EntrySums(
        n_entries=values.size,
        mean=mean,
        unit=unit,
        floor=floor,
        first=first,
        second=second,
        fourth=fourth,
        far=np.concatenate(far)[order],
        places=flat[order],
    )


def mean_of(values: np.ndarray) -> float:
    """Mean of the entries, summed in float64 without a copy in it."""
    return float(values.mean(dtype=np.float64))


def _blocks(values: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Pieces of the entries as they lie in memory, each with where it begins."""
    flat = as_stored(values).reshape(-1)
    for start in range(0, values.size, _BLOCK):
        yield start, flat[start : start + _BLOCK]


def as_stored(values: np.ndarray) -> np.ndarray:
    """The values in the order of memory, rows or columns, without a copy where either fits."""
    return values.T if values.flags.f_contiguous else np.ascontiguousarray(values)


def _oriented(values: np.ndarray, stored: np.ndarray) -> np.ndarray:
    """Flat places in the matrix from those in memory."""
    if not values.flags.f_contiguous:
        return stored
    column, row = np.divmod(stored, values.shape[0])
    return row * values.shape[1] + column
