"""Edits into numbers: the change of a weight matrix that an edit asks for, in the layer's own order."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from ..records import AddNoise, ChangeEntries, Edit, MatchedControl, RemoveTrap, SubtractMean, Trap, WeightMatrix
from .shuffles import permutation, unshuffled


def change_of(edit: Edit, matrix: WeightMatrix) -> np.ndarray:
    """The matrix ``(n_rows, n_cols)``, float64, to add to ``matrix.values``; the matrix itself is not touched."""
    return _change(edit, matrix)


def edited(edit: Edit, matrix: WeightMatrix) -> np.ndarray:
    """A new tensor in the layer's own shape and float64 with the edit applied."""
    return matrix.unfolding.fold(matrix.values.astype(np.float64) + change_of(edit, matrix))


def component_of(trap: Trap, matrix: WeightMatrix) -> np.ndarray:
    """The trap's component ``s u vᵀ`` of the shuffled matrix with every entry back in its own place.

    It is rank one in shuffled order but not here. Source: Prakash and Martin (2026), appendix B.
    """
    scale = np.sqrt(trap.eigenvalue * matrix.values.shape[0])
    component = scale * np.outer(trap.left, trap.right)
    return unshuffled(component, permutation(matrix.values.size, trap.seed))


@singledispatch
def _change(edit: Edit, matrix: WeightMatrix) -> np.ndarray:
    raise TypeError(f"not an edit: {edit!r}")


@_change.register
def _(edit: RemoveTrap, matrix: WeightMatrix) -> np.ndarray:
    component = component_of(edit.trap, matrix)
    if edit.replacement == "zero":
        return -component
    return component.mean() + component.std() * _standard_noise(component.shape, edit.seed) - component


@_change.register
def _(edit: AddNoise, matrix: WeightMatrix) -> np.ndarray:
    component = component_of(edit.trap, matrix)
    return component.std() * _standard_noise(component.shape, edit.seed)


@_change.register
def _(edit: SubtractMean, matrix: WeightMatrix) -> np.ndarray:
    return np.full(matrix.values.shape, -matrix.values.mean(dtype=np.float64))


@_change.register
def _(edit: ChangeEntries, matrix: WeightMatrix) -> np.ndarray:
    change = np.zeros(matrix.values.shape)
    target = matrix.values.mean(dtype=np.float64)
    for entry in edit.entries:
        cell = matrix.unfolding.position(entry.row, entry.column)
        change[cell] = target - matrix.values[cell]
    return change


@_change.register
def _(edit: MatchedControl, matrix: WeightMatrix) -> np.ndarray:
    return matched_change(change_of(edit.of, matrix), edit.seed)


def matched_change(original: np.ndarray, seed: int) -> np.ndarray:
    """A random change of the same size and make as ``original``; see :class:`records.MatchedControl`."""
    rng = np.random.default_rng([seed, 0xC0])
    mean = original.mean()
    n_rows, n_cols = original.shape
    signs = np.outer(rng.choice([-1.0, 1.0], n_rows), rng.choice([-1.0, 1.0], n_cols))
    control = rng.permutation((original - mean).ravel()).reshape(original.shape) + mean * signs
    size = np.linalg.norm(control)
    return control * (np.linalg.norm(original) / size) if size else control


def _standard_noise(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Gaussian matrix with exactly zero mean and unit standard deviation."""
    noise = np.random.default_rng([seed, 0xA0]).standard_normal(shape)
    noise -= noise.mean()
    return noise / noise.std()
