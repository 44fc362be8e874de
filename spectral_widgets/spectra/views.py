"""What may be subtracted before a shuffle, so that the causes of traps are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

import numpy as np

from ..records import Complaint, Entry, TrapScan, View, WeightMatrix

# Entries that are float64 at a time.
_BLOCK = 1 << 18
#: Row and column of an entry in the tensor's flat view.
Place = tuple[int, int]
VIEWS: tuple[View, ...] = ("raw", "centred", "double_centred")


def viewed(matrix: WeightMatrix, view: View) -> WeightMatrix:
    """The matrix itself, less its mean, or less the means of its rows and columns (the mean added back once).

    A mean offset makes a trap in the raw view only; a giant entry makes one in all three; rows or columns with
    offsets of their own widen the entries' histogram in the first two.
    """
    if view not in VIEWS:
        raise Complaint(f"There is no view {view!r}: choose from {', '.join(map(repr, VIEWS))}.")
    values = matrix.values
    if view == "raw" or values.min() == values.max():
        return matrix
    mean = values.mean(dtype=np.float64)
    if view == "centred":
        return replace(matrix, values=_less(values, np.full((1, 1), mean), np.zeros((1, 1))))
    rows, columns = (values.mean(axis=axis, dtype=np.float64, keepdims=True) for axis in (1, 0))
    return replace(matrix, values=_less(values, rows, columns - mean))


def _less(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The entries less their row's and their column's offset, in the precision they have; some rows at a time."""
    found = np.empty(values.shape, values.dtype if values.dtype == np.float32 else np.float64)
    height = max(1, _BLOCK // values.shape[1])
    rows = np.broadcast_to(rows, (len(values), 1))
    for start in range(0, len(values), height):
        block = slice(start, start + height)
        found[block] = values[block].astype(np.float64) - rows[block] - columns
    return found


def with_raw_values(scan: TrapScan, matrix: WeightMatrix, view: View) -> TrapScan:
    """The scan of a view with the entries' values as the tensor holds them."""
    if view == "raw":
        return scan
    flat = matrix.values.T if matrix.unfolding.transposed else matrix.values
    return with_values(scan, {place: float(flat[place]) for place in places_in(scan)}, view)


def places_in(scan: TrapScan) -> set[Place]:
    """Rows and columns of all entries that a scan names."""
    named = (
        *filter(None, scan.predicted.entries),
        *scan.statistics.giants,
        *chain(*(one.culprits for one in scan.traps)),
    )
    return {(one.row, one.column) for one in named}


def with_values(scan: TrapScan, values: Mapping[Place, float], view: View) -> TrapScan:
    """The scan of a view with these values of the entries that it names."""

    def raw(entry: Entry) -> Entry:
        return replace(entry, value=values[entry.row, entry.column])

    predicted = replace(scan.predicted, entries=tuple(one and raw(one) for one in scan.predicted.entries))
    statistics = replace(scan.statistics, giants=tuple(map(raw, scan.statistics.giants)))
    traps = tuple(replace(one, culprits=tuple(map(raw, one.culprits))) for one in scan.traps)
    return replace(scan, traps=traps, statistics=statistics, predicted=predicted, view=view)
