"""Matched controls: random changes of the same Frobenius norm, in three families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..records import ControlKind
from .shuffles import permuted

_FIRST_CLASS = 16
# Entries that stay in the cache next to a core.
_BLOCK = 1 << 14


def draws_of(seed: int) -> np.random.Generator:
    """The random numbers of a control."""
    return np.random.default_rng([seed, 0xC0])


def signs_and_order(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """What a moved control draws: signs of the rows and of the columns, and the seed of the shuffle of its entries."""
    rows, columns = (rng.choice([-1.0, 1.0], side) for side in shape)
    return rows, columns, _order(rng)


@dataclass(frozen=True, slots=True, eq=False)
class Magnitudes:
    """Flat indices of entries in classes by falling distance from their mean, and −1 for entries below it, else 1."""

    classes: Sequence[np.ndarray]
    outward: np.ndarray


def magnitudes_of(weights: np.ndarray) -> Magnitudes:
    """The classes of a matrix's entries; sorting them takes far longer than a control that uses them."""
    weights = weights.astype(np.float64, copy=False)
    return Magnitudes(magnitude_classes(weights), np.where(weights.ravel() < weights.mean(), -1, 1).astype(np.int8))


def matched_change(
    original: np.ndarray, seed: int, kind: ControlKind = "moved", magnitudes: Magnitudes | None = None
) -> np.ndarray:
    """A random change of the same size as ``original``; see :class:`records.MatchedControl`.

    ``magnitudes`` are those of the entries before the change, which ``same_magnitude`` needs.
    """
    rng = draws_of(seed)
    if kind == "rank_one":
        n_rows, n_cols = original.shape
        control = np.outer(rng.standard_normal(n_rows), rng.standard_normal(n_cols))
    elif kind == "same_magnitude":
        if magnitudes is None:
            raise TypeError("a control of the same magnitude class needs the magnitudes of the weights")
        control = _within_classes(original, magnitudes, rng)
    else:
        control = _moved(original, rng)
    size = np.linalg.norm(control)
    if size:
        control *= np.linalg.norm(original) / size
    return control


def magnitude_classes(weights: np.ndarray) -> list[np.ndarray]:
    """Flat indices by falling distance from the mean: the 16 farthest, the next 32, the next 64, and so on."""
    order = np.argsort(-np.abs(weights - weights.mean()), axis=None, kind="stable")
    ends = np.cumsum(_FIRST_CLASS * 2 ** np.arange(64 - _FIRST_CLASS.bit_length()))
    return np.split(order, ends[ends < order.size])


def _moved(original: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    mean = original.mean()
    rows, columns, order = signs_and_order(original.shape, rng)
    control = permuted(original, order).astype(np.float64, copy=False)
    # The mean keeps its size and loses its direction: of a row it is added to one half of the columns.
    offset = mean * columns
    step = max(1, _BLOCK // columns.size)
    for start in range(0, rows.size, step):
        control[start : start + step] += np.multiply.outer(rows[start : start + step], offset) - mean
    return control


def _order(rng: np.random.Generator) -> int:
    """A seed of a shuffle."""
    return int(rng.integers(2**64, dtype=np.uint64))


def _within_classes(original: np.ndarray, magnitudes: Magnitudes, rng: np.random.Generator) -> np.ndarray:
    """Move the change inside each class, towards or away from the mean as it was."""
    outward = magnitudes.outward
    inward, control = original.ravel() * outward, np.empty(original.size)
    for members in magnitudes.classes:
        control[members] = permuted(inward[members], _order(rng)) * outward[members]
    return control.reshape(original.shape)
