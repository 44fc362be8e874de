"""What may be subtracted before a shuffle, so that the causes of traps are told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..records import Complaint, Entry, TrapScan, View, WeightMatrix

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
    wide = values.astype(np.float64)
    mean = wide.mean()
    if view == "centred":
        return replace(matrix, values=wide - mean)
    return replace(matrix, values=wide - wide.mean(axis=0) - wide.mean(axis=1, keepdims=True) + mean)


def with_raw_values(scan: TrapScan, matrix: WeightMatrix, view: View) -> TrapScan:
    """The scan of a view with the entries' values as the tensor holds them."""
    if view == "raw":
        return scan
    flat = matrix.values.T if matrix.unfolding.transposed else matrix.values

    def raw(entry: Entry) -> Entry:
        return replace(entry, value=float(flat[entry.row, entry.column]))

    predicted = replace(scan.predicted, entries=tuple(one and raw(one) for one in scan.predicted.entries))
    statistics = replace(scan.statistics, giants=tuple(map(raw, scan.statistics.giants)))
    traps = tuple(replace(one, culprits=tuple(map(raw, one.culprits))) for one in scan.traps)
    return replace(scan, traps=traps, statistics=statistics, predicted=predicted, view=view)
