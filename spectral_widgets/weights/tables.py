"""Tables of positions that were written down and not learned."""

from __future__ import annotations

import numpy as np

_MIN_POSITIONS = 8
_N_FIRST = 4
# The second difference of a sinusoid is a multiple of itself; what is left over is rounding, by the stored type.
_TOLERANCE = {"bfloat16": 3e-2, "float16": 4e-3}
_FINE = 1e-3


def is_sinusoids(table: np.ndarray, dtype: str = "float32") -> bool:
    """Whether every column of ``(n_positions, n_features)`` is a sinusoid of the position, constants included.

    A sinusoid obeys ``x[p-1] + x[p+1] = 2 cos(ω) x[p]``, whatever its phase, scale and order among the columns.
    A first row of zeros (padding) is passed over. A grid ``(side², n_features)``, the first row free for a
    class token, may be a sinusoid of the row number or of the column number.
    """
    table = table[1:] if len(table) and not table[0].any() else table
    tolerance = _TOLERANCE.get(dtype, _FINE)
    side = round(len(table) ** 0.5)
    grids = [table[:, None]] + ([table.reshape(side, side, -1)] if side * side == len(table) else [])
    return any(_obeys(grid[..., :_N_FIRST], tolerance) and _obeys(grid, tolerance) for grid in grids)


def _obeys(grid: np.ndarray, tolerance: float) -> bool:
    """``(n_rows, n_columns, n_features)``: a recurrence with one coefficient along each axis that is long enough."""
    if max(grid.shape[:2]) < _MIN_POSITIONS:
        return False
    values = grid.astype(np.float64)
    return all(_along(values, axis, tolerance) for axis in (0, 1) if values.shape[axis] > 1)


def _along(values: np.ndarray, axis: int, tolerance: float) -> bool:
    x = np.moveaxis(values, axis, 0)
    middle, around = x[1:-1], x[2:] + x[:-2]
    other = tuple(range(middle.ndim - 1))
    energy = (middle**2).sum(axis=other)
    factor = np.clip((around * middle).sum(axis=other) / np.where(energy > 0, energy, 1.0), -2.0, 2.0)
    left_over = ((around - factor * middle) ** 2).sum(axis=other)
    # A fast sinusoid has a small factor, so the scale is that of the values and not of their sum.
    return bool((left_over <= tolerance**2 * np.maximum(energy, 1e-30)).all())
