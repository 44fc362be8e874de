"""From a stored tensor to the matrix that is analysed, with every reason why not."""

from __future__ import annotations

import numpy as np
import torch

from ..records import Complaint, LayerRef, Unfolding, WeightMatrix


def matrix_of(ref: LayerRef, tensor: torch.Tensor) -> WeightMatrix:
    """Values ``(n_rows, n_cols)``, float32, or float64 where stored so. Raises Complaint for a bad layer."""
    if ref.caveat:
        raise Complaint(ref.caveat)
    if tuple(tensor.shape) != ref.shape:
        raise Complaint(
            f"Layer {ref.name!r} had shape {ref.shape} when the model was opened and now has "
            f"{tuple(tensor.shape)}; open the model again."
        )
    dtype = torch.float64 if tensor.dtype == torch.float64 else torch.float32
    values = tensor.detach().cpu().to(dtype).numpy()
    unfolding = Unfolding.of_shape(ref.shape)
    matrix = WeightMatrix(ref, unfolding.unfold(values), unfolding)
    _check(matrix)
    return matrix


def _check(matrix: WeightMatrix) -> None:
    low, high = matrix.values.min(), matrix.values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise Complaint(_not_finite(matrix))
    if low == high:
        raise Complaint(
            f"Every entry of layer {matrix.ref.name!r} is {float(low):g}; a constant matrix has no spectrum "
            "to study, leave it out."
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
