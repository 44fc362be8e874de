"""Edits whose change is a product of two thin matrices: nothing of the layer's size need be kept for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..records import ChangeEntries, Edit, MatchedControl, SubtractMean, Together, WeightMatrix
from ..spectra.controls import draws_of, signs_and_order
from ..spectra.shuffles import permuted

Factors = tuple[np.ndarray, np.ndarray]
MOST_FACTORS = 16


def factors_of(
    edit: Edit, matrix: WeightMatrix, mean: float, size_of_change: Callable[[Edit], float]
) -> Factors | None:
    """``U (n_rows, k)`` and ``V (n_cols, k)`` with ``U Vᵀ`` the change that ``spectra.edits.change_of`` gives.

    ``None`` for a change without such a structure, and for more than 16 factors. ``mean`` is that of all entries, which
    takes longer than all else here and is the same for every edit; ``size_of_change`` gives the Frobenius norm of a
    change in this matrix that has no factors.
    """
    if isinstance(edit, MatchedControl):
        found = _control(edit, matrix, mean, size_of_change)
    else:
        found = _plain(edit, matrix, mean)
    return found if found is None or found[0].shape[1] <= MOST_FACTORS else None


def has_factors(edit: Edit, matrix: WeightMatrix) -> bool:
    """Whether :func:`factors_of` gives any, told without making them, which takes a while for some controls."""
    if not isinstance(edit, MatchedControl):
        return _n_factors(edit, matrix) <= MOST_FACTORS
    if edit.kind == "rank_one" or (edit.kind == "moved" and isinstance(edit.of, SubtractMean)):
        return True
    return (
        edit.kind == "moved" and isinstance(edit.of, ChangeEntries) and _n_factors(edit.of, matrix) + 2 <= MOST_FACTORS
    )


def size_of(factors: Factors) -> float:
    """Frobenius norm of the product."""
    left, right = factors
    return float(np.sqrt(max(((left.T @ left) * (right.T @ right)).sum(), 0.0)))


def _plain(edit: Edit, matrix: WeightMatrix, mean: float) -> Factors | None:
    n_rows, n_cols = matrix.values.shape
    if isinstance(edit, SubtractMean):
        return np.full((n_rows, 1), -mean), np.ones((n_cols, 1))
    if isinstance(edit, ChangeEntries):
        cells = _cells(edit, matrix)
        return _at_cells(cells, _changes(cells, matrix, mean), matrix.values.shape)
    if isinstance(edit, Together):
        parts = [_plain(part, matrix, mean) for part in edit.edits if part.layer.name == matrix.ref.name]
        known = [part for part in parts if part is not None]
        return _joined(known, matrix.values.shape) if len(known) == len(parts) else None
    return None


def _n_factors(edit: Edit, matrix: WeightMatrix) -> int:
    """How many columns the factors have; more than are used where there are none."""
    if isinstance(edit, SubtractMean):
        return 1
    if isinstance(edit, ChangeEntries):
        return len(_cells(edit, matrix))
    if isinstance(edit, Together):
        return sum(_n_factors(part, matrix) for part in edit.edits if part.layer.name == matrix.ref.name)
    return MOST_FACTORS + 1


def _cells(edit: ChangeEntries, matrix: WeightMatrix) -> np.ndarray:
    """Flat places of the entries, each once."""
    n_cols = matrix.values.shape[1]
    places = (matrix.unfolding.position(entry.row, entry.column) for entry in edit.entries)
    return np.unique(np.array([row * n_cols + column for row, column in places], dtype=np.int64))


def _changes(cells: np.ndarray, matrix: WeightMatrix, mean: float) -> np.ndarray:
    """What is added there."""
    return mean - matrix.values.flat[cells].astype(np.float64)


def _at_cells(cells: np.ndarray, changes: np.ndarray, shape: tuple[int, int]) -> Factors:
    left, right = np.zeros((shape[0], len(cells))), np.zeros((shape[1], len(cells)))
    rows, columns = np.divmod(cells, shape[1])
    left[rows, np.arange(len(cells))] = changes
    right[columns, np.arange(len(cells))] = 1.0
    return left, right


def _joined(parts: list[Factors], shape: tuple[int, int]) -> Factors:
    empty = np.zeros((shape[0], 0)), np.zeros((shape[1], 0))
    lefts, rights = zip(empty, *parts, strict=True)
    return np.hstack(lefts), np.hstack(rights)


def _control(
    edit: MatchedControl, matrix: WeightMatrix, mean: float, size_of_change: Callable[[Edit], float]
) -> Factors | None:
    original = _plain(edit.of, matrix, mean)
    rng = draws_of(edit.seed)
    control: Factors | None = None
    if edit.kind == "rank_one":
        n_rows, n_cols = matrix.values.shape
        control = rng.standard_normal((n_rows, 1)), rng.standard_normal((n_cols, 1))
    elif edit.kind == "moved" and original is not None:
        control = _moved(edit.of, original, matrix, mean, rng)
    if control is None:
        return None
    wanted, size = size_of(original) if original is not None else size_of_change(edit.of), size_of(control)
    return (control[0] * (wanted / size), control[1]) if size else control


def _moved(
    edit: Edit, original: Factors, matrix: WeightMatrix, mean: float, rng: np.random.Generator
) -> Factors | None:
    """The draws of ``spectra.controls``: signs of rows and columns, then one shuffle of the deviations."""
    n_rows, n_cols = matrix.values.shape
    shape = (n_rows, n_cols)
    offset_mean = float(original[0].sum(0) @ original[1].sum(0)) / (n_rows * n_cols)
    row_signs, column_signs, order = signs_and_order(shape, rng)
    offset = offset_mean * row_signs[:, None], column_signs[:, None]
    if isinstance(edit, SubtractMean):
        return offset
    if not isinstance(edit, ChangeEntries):
        return None
    cells = _cells(edit, matrix)
    changes = _changes(cells, matrix, mean)
    labels = np.zeros(matrix.values.size, dtype=np.uint8 if len(cells) <= MOST_FACTORS else np.int64)
    labels[cells] = np.arange(1, len(cells) + 1)
    labels = permuted(labels, order)
    targets = np.flatnonzero(labels)
    level = np.full((n_rows, 1), -offset_mean), np.ones((n_cols, 1))
    return _joined([offset, level, _at_cells(targets, changes[labels[targets] - 1], shape)], shape)
