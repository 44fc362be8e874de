"""A few cells of a layer, without the rest of it where that can be helped."""

from __future__ import annotations

import numpy as np

from ..records import Complaint
from .layers import Layer
from .store import floats_of


def cells_of(layer: Layer, rows: range, columns: range) -> np.ndarray:
    """A rectangle of the flat view of a layer; of a plain tensor nothing else is read. Raises Complaint."""
    if layer.caveat:
        raise Complaint(layer.caveat)
    model, unfolding = layer.model, layer.model.row(layer.name).unfolding
    if len(unfolding.shape) == 2 and not unfolding.order and unfolding.n_row_axes == 1:
        first, second = (*(start for start, _ in unfolding.block), 0, 0)[:2]
        window = (
            slice(first + rows.start, first + rows.stop),
            slice(second + columns.start, second + columns.stop),
        )
        return floats_of(model._weights, layer.ref.parameter, window).numpy()
    values = layer.read().values
    flat = values.T if unfolding.transposed else values
    return flat[rows.start : rows.stop, columns.start : columns.stop]
