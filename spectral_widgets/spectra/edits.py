"""Edits into numbers: the change of a weight matrix that an edit asks for, in the layer's own order."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from ..records import (
    AddNoise,
    ChangeEntries,
    Edit,
    MatchedControl,
    RemoveTrap,
    ScaleTrap,
    SubtractMean,
    Together,
    Trap,
    WeightMatrix,
)
from .controls import magnitudes_of, matched_change
from .shuffles import permutation, unshuffled

__all__ = ["change_of", "component_of", "edited", "matched_change"]


def change_of(edit: Edit, matrix: WeightMatrix) -> np.ndarray:
    """The matrix ``(n_rows, n_cols)``, float64, to add to ``matrix.values``; the matrix itself is not touched."""
    return _change(edit, matrix)


def edited(edit: Edit, matrix: WeightMatrix, tensor: np.ndarray | None = None) -> np.ndarray:
    """A new array with the edit applied, in float64 and of the shape of the tensor, or of the block cut from it.

    With ``tensor``, the whole one that the matrix was cut from: a copy of it, of its dtype, with the block changed.
    """
    values = matrix.values.astype(np.float64) + change_of(edit, matrix)
    return matrix.unfolding.fold(values) if tensor is None else matrix.unfolding.fold_into(tensor, values)


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
def _(edit: ScaleTrap, matrix: WeightMatrix) -> np.ndarray:
    return (edit.factor - 1.0) * component_of(edit.trap, matrix)


@_change.register
def _(edit: Together, matrix: WeightMatrix) -> np.ndarray:
    """The sum over the edits of this layer; zero where there is none."""
    own = [part for part in edit.edits if part.layer.name == matrix.ref.name]
    return sum((change_of(part, matrix) for part in own), np.zeros(matrix.values.shape))


@_change.register
def _(edit: MatchedControl, matrix: WeightMatrix) -> np.ndarray:
    magnitudes = magnitudes_of(matrix.values) if edit.kind == "same_magnitude" else None
    return matched_change(change_of(edit.of, matrix), edit.seed, edit.kind, magnitudes)


def _standard_noise(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Gaussian matrix with exactly zero mean and unit standard deviation."""
    noise = np.random.default_rng([seed, 0xA0]).standard_normal(shape)
    noise -= noise.mean()
    return noise / noise.std()
