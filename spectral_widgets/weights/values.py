"""From a stored tensor to the matrix that is analysed, with every reason why not."""

from __future__ import annotations

import numpy as np
import torch

from ..records import Complaint, LayerRef, Unfolding, WeightMatrix
from .rows import Row
from .store import as_floats
from .tables import is_sinusoids

_TABLE_KINDS = ("position_embedding", "embedding", "other")
#: Fourth powers of the largest entry, and sums of them, stay within float64 between these.
_SMALLEST, _LARGEST = 1e-70, 1e70


def matrix_of(row: Row, block: torch.Tensor) -> WeightMatrix:
    """Values ``(n_rows, n_cols)`` of a block that is cut out already, float32, or float64 where stored so.

    Raises Complaint for a bad layer.
    """
    ref, unfolding = row.ref, row.unfolding
    if ref.caveat:
        raise Complaint(ref.caveat)
    if tuple(block.shape) != unfolding.block_shape:
        raise Complaint(
            f"Layer {ref.name!r} had shape {unfolding.block_shape} when the model was opened and now has "
            f"{tuple(block.shape)}; open the model again."
        )
    values = as_floats(block).numpy()
    matrix = WeightMatrix(ref, unfolding.unfold_block(values), unfolding)
    _check(matrix)
    return matrix


def matrix_of_array(array: np.ndarray) -> WeightMatrix:
    """The matrix of an array, under the name “matrix”. Raises Complaint for what has no spectrum."""
    if array.ndim < 2 or min(array.shape[0], array.size // max(array.shape[0], 1)) < 2:
        raise Complaint(f"The matrix has shape {array.shape}: give one with at least two rows and two columns.")
    if array.dtype.kind == "c":
        raise Complaint("The matrix is complex, and spectra here are of real ones: give its real part or its size.")
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        raise Complaint("Some entries of the matrix are masked, so it has no spectrum: fill them first.")
    values = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    if not np.isfinite(values).all():
        raise Complaint("The matrix holds NaN or infinity, so it has no spectrum: replace those entries first.")
    _check_range("the matrix", values.min(), values.max())
    unfolding = Unfolding.of_shape(values.shape)
    matrix = unfolding.unfold(values)
    n_rows, n_cols = matrix.shape
    ref = LayerRef("matrix", "other", None, values.shape, n_rows, n_cols, str(values.dtype))
    return WeightMatrix(ref, matrix, unfolding)


def fold_into(unfolding: Unfolding, tensor: torch.Tensor, matrix: np.ndarray) -> torch.Tensor:
    """A copy of the tensor, dtype and device as they are, with ``matrix`` in its block; the rest bit for bit."""
    whole = tensor.detach().clone()
    whole[unfolding.window] = torch.from_numpy(unfolding.fold(matrix)).to(whole)
    return whole


def _check(matrix: WeightMatrix) -> None:
    low, high = matrix.values.min(), matrix.values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise Complaint(_not_finite(matrix))
    _check_range(f"layer {matrix.ref.name!r}", low, high)
    if low == high:
        raise Complaint(
            f"Every entry of layer {matrix.ref.name!r} is {float(low):g}; a constant matrix has no spectrum "
            "to study, leave it out."
        )
    flat = matrix.values.T if matrix.unfolding.transposed else matrix.values
    if matrix.ref.kind in _TABLE_KINDS and is_sinusoids(flat, matrix.ref.dtype):
        raise Complaint(
            f"Layer {matrix.ref.name!r} is a fixed table of sinusoids and holds nothing learned; it is left out."
        )


def _check_range(what: str, low: float, high: float) -> None:
    size = max(-float(low), float(high))
    if size and not _SMALLEST < size < _LARGEST:
        raise Complaint(
            f"The largest entry of {what} is {size:.3g}, whose fourth power no float64 holds: multiply all entries by "
            "a constant first."
        )


def _not_finite(matrix: WeightMatrix) -> str:
    bad = ~np.isfinite(matrix.values)
    position = np.unravel_index(int(bad.argmax()), bad.shape)
    row, column = matrix.unfolding.position(int(position[0]), int(position[1]))
    n_nan = int(np.isnan(matrix.values).sum())
    return (
        f"Layer {matrix.ref.name!r} holds {n_nan} NaN and {int(bad.sum()) - n_nan} infinite entries, the "
        f"first at row {row}, column {column}; open a checkpoint from before they appeared."
    )
