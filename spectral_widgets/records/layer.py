"""A weight matrix, what it is called, and how it was cut from its tensor."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from .brief import brief


@dataclass(frozen=True, slots=True)
class LayerRef:
    """Name and shape of one weight matrix, without its values.

    ``shape`` is the tensor's own shape, or that of the block which was cut from it; ``n_rows >= n_cols``
    are the sides of the oriented matrix. ``depth`` is the block index in the model, ``None`` outside any
    block. ``caveat`` is empty for a readable matrix and otherwise says in one sentence why it cannot be
    analysed. ``parameter`` is the name of the parameter that the matrix is cut from (``name`` where it is
    not cut), and ``cut`` says in words how: "gate i", "head 3", "kernel offset (0, 2)", "flattened".
    """

    name: str
    kind: str
    depth: int | None
    shape: tuple[int, ...]
    n_rows: int
    n_cols: int
    dtype: str
    caveat: str = ""
    parameter: str = ""
    cut: str = ""

    def __post_init__(self) -> None:
        if not self.parameter:
            object.__setattr__(self, "parameter", self.name)

    @property
    def aspect(self) -> float:
        """Short side over long side, in (0, 1]; ``nan`` for an empty tensor."""
        return self.n_cols / self.n_rows if self.n_rows else float("nan")

    @property
    def n_entries(self) -> int:
        return self.n_rows * self.n_cols


@dataclass(frozen=True, slots=True)
class Unfolding:
    """How a tensor became a matrix: a block of it, some axes against the others, turned so that rows are the long side.

    ``shape`` is the shape of the whole tensor. ``block`` gives start and stop along the leading axes and is
    empty for the whole tensor. ``order`` is the order in which the axes are flattened, empty for their own;
    the first ``n_row_axes`` of them become the rows of the flat view, the others its columns.
    """

    shape: tuple[int, ...]
    transposed: bool
    block: tuple[tuple[int, int], ...] = ()
    order: tuple[int, ...] = ()
    n_row_axes: int = 1

    @classmethod
    def of_shape(
        cls,
        shape: tuple[int, ...],
        block: tuple[tuple[int, int], ...] = (),
        order: tuple[int, ...] = (),
        n_row_axes: int = 1,
    ) -> Unfolding:
        upright = cls(tuple(shape), False, block, order, n_row_axes)
        n_rows, n_columns = upright.flat_shape
        return cls(tuple(shape), n_rows < n_columns, block, order, n_row_axes)

    @property
    def window(self) -> tuple[slice, ...]:
        """The block as an index into the tensor."""
        return tuple(slice(start, stop) for start, stop in self.block)

    @property
    def block_shape(self) -> tuple[int, ...]:
        """Shape of the block, with every axis of the tensor."""
        return (*(stop - start for start, stop in self.block), *self.shape[len(self.block) :])

    @property
    def flat_shape(self) -> tuple[int, int]:
        """Rows and columns of the block's flat view, before it is turned."""
        sides = self._ordered_shape
        return prod(sides[: self.n_row_axes]), prod(sides[self.n_row_axes :])

    @property
    def _axes(self) -> tuple[int, ...]:
        return self.order or tuple(range(len(self.shape)))

    @property
    def _ordered_shape(self) -> tuple[int, ...]:
        return tuple(self.block_shape[axis] for axis in self._axes)

    def unfold(self, tensor: np.ndarray) -> np.ndarray:
        """The matrix of the whole tensor's block."""
        return self.unfold_block(tensor[self.window])

    def unfold_block(self, block: np.ndarray) -> np.ndarray:
        """The matrix of a block that is already cut out."""
        flat = block.transpose(self._axes).reshape(self.flat_shape)
        return flat.T if self.transposed else flat

    def fold(self, matrix: np.ndarray) -> np.ndarray:
        """The block (without a cut: the tensor) whose unfolding is ``matrix``; exact inverse of :meth:`unfold`."""
        flat = matrix.T if self.transposed else matrix
        ordered = np.ascontiguousarray(flat).reshape(self._ordered_shape)
        return np.ascontiguousarray(ordered.transpose(np.argsort(self._axes)))

    def fold_into(self, tensor: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """A new tensor of the same dtype with ``matrix`` in the block and every cell outside it as it was."""
        whole = np.array(tensor)
        whole[self.window] = self.fold(matrix)
        return whole

    def position(self, row: int, column: int) -> tuple[int, int]:
        """Row and column of a matrix cell as the user counts them, in the block's own flat view."""
        return (column, row) if self.transposed else (row, column)

    def index_of(self, row: int, column: int) -> tuple[int, ...]:
        """Where a matrix cell stands in the whole tensor: one number for every axis."""
        row, column = self.position(row, column)
        flat = row * self.flat_shape[1] + column
        ordered = np.unravel_index(flat, self._ordered_shape)
        starts = [start for start, _ in self.block] + [0] * len(self.shape)
        within = dict(zip(self._axes, ordered, strict=True))
        return tuple(starts[axis] + int(within[axis]) for axis in range(len(self.shape)))


@brief
@dataclass(frozen=True, slots=True, eq=False)
class WeightMatrix:
    """A weight matrix with ``values`` of shape ``(n_rows, n_cols)``, ``n_rows >= n_cols``, floating point.

    ``device`` is where its model lies, and where its spectrum and products are computed; ``values`` are here.
    """

    ref: LayerRef
    values: np.ndarray
    unfolding: Unfolding
    device: str = "cpu"
