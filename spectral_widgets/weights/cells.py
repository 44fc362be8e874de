"""A few cells of a layer without the rest of it, or all of it without a copy, where that can be helped."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..records import Complaint, WeightMatrix
from .layers import Layer
from .store import floats_of, seen_floats
from .values import matrix_of

#: More entries than these are taken from the whole layer.
MOST_SINGLE = 32


def cells_of(layer: Layer, rows: range, columns: range) -> np.ndarray:
    """A rectangle of the flat view of a layer; of a plain tensor nothing else is read. Raises Complaint."""
    if layer.caveat:
        raise Complaint(layer.caveat)
    model, unfolding = layer.model, layer.model.row(layer.name).unfolding
    if _is_plain(layer):
        first, second = (*(start for start, _ in unfolding.block), 0, 0)[:2]
        window = (
            slice(first + rows.start, first + rows.stop),
            slice(second + columns.start, second + columns.stop),
        )
        return floats_of(model._weights, layer.ref.parameter, window).numpy()
    return _flat(layer)[rows.start : rows.stop, columns.start : columns.stop]


def values_at(layer: Layer, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """Single entries by their rows and columns in the flat view; a few of a plain stored tensor without the rest."""
    asked = list(places)
    # In a file each entry costs a call of its own, and what is computed is computed as a whole for each.
    if len(asked) <= MOST_SINGLE and _is_plain(layer) and layer.model.is_stored(layer.name):
        return {(i, j): float(cells_of(layer, range(i, i + 1), range(j, j + 1))[0, 0]) for i, j in asked}
    flat = _flat(layer) if asked else np.empty((0, 0))
    return {place: float(flat[place]) for place in asked}


def glimpse_of(layer: Layer) -> WeightMatrix | None:
    """The matrix of a layer of a live module where it lies, without a copy where it is in float32 on the processor.

    For whoever reads it at once and forgets it: it changes with the module. ``None`` for weights that have to be read.
    Raises Complaint as ``layer.read`` does.
    """
    row = layer.model.row(layer.name)
    if row.ref.caveat:
        raise Complaint(row.ref.caveat)
    block = seen_floats(layer.model._weights, row.ref.parameter, row.unfolding.window)
    return None if block is None else matrix_of(row, block)


def _is_plain(layer: Layer) -> bool:
    unfolding = layer.model.row(layer.name).unfolding
    return len(unfolding.shape) == 2 and not unfolding.order and unfolding.n_row_axes == 1


def _flat(layer: Layer) -> np.ndarray:
    values = layer.read().values
    return values.T if layer.model.row(layer.name).unfolding.transposed else values
