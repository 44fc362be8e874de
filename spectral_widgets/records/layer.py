"""A weight matrix, what it is called, and how it was cut from its tensor."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np


@dataclass(frozen=True, slots=True)
class LayerRef:
    """Name and shape of one weight matrix, without its values.

    ``shape`` is the tensor's own shape; ``n_rows >= n_cols`` are the sides of the oriented matrix.
    ``depth`` is the block index in the model, ``None`` outside any block. ``caveat`` is empty for a
    readable matrix and otherwise says in one sentence why it cannot be analysed.
    """

    name: str
    kind: str
    depth: int | None
    shape: tuple[int, ...]
    n_rows: int
    n_cols: int
    dtype: str
    caveat: str = ""

    @property
    def aspect(self) -> float:
        """Short side over long side, in (0, 1]; ``nan`` for an empty tensor."""
        return self.n_cols / self.n_rows if self.n_rows else float("nan")

    @property
    def n_entries(self) -> int:
        return self.n_rows * self.n_cols


@dataclass(frozen=True, slots=True)
class Unfolding:
    """How a tensor became a matrix: first axis against all others, turned so that rows are the long side."""

    shape: tuple[int, ...]
    transposed: bool

    @classmethod
    def of_shape(cls, shape: tuple[int, ...]) -> Unfolding:
        return cls(tuple(shape), shape[0] < prod(shape[1:]))

    def unfold(self, tensor: np.ndarray) -> np.ndarray:
        flat = tensor.reshape(self.shape[0], -1)
        return flat.T if self.transposed else flat

    def fold(self, matrix: np.ndarray) -> np.ndarray:
        """The tensor whose unfolding is ``matrix``; exact inverse of :meth:`unfold`."""
        flat = matrix.T if self.transposed else matrix
        return np.ascontiguousarray(flat).reshape(self.shape)

    def position(self, row: int, column: int) -> tuple[int, int]:
        """Row and column of a matrix cell as the user counts them, in the tensor's own flat view."""
        return (column, row) if self.transposed else (row, column)


@dataclass(frozen=True, slots=True, eq=False)
class WeightMatrix:
    """A weight matrix with ``values`` of shape ``(n_rows, n_cols)``, ``n_rows >= n_cols``, floating point."""

    ref: LayerRef
    values: np.ndarray
    unfolding: Unfolding
