"""Matrices on the device of their model: Gram matrices and eigenvalues in float64, products as Lanczos needs them.

A device is named as torch names it and travels as ``WeightMatrix.device``. ``"cpu"`` is numpy. ``"cpu:0"`` runs the
code that a GPU runs on the processor, at any size: what the tests use. Against numpy, relative to the largest, the
eigenvalues agree to :data:`EIGENVALUE_TOLERANCE` and the float32 products to :data:`PRODUCT_TOLERANCE`.

MPS has no float64, and a float32 Gram matrix is trustworthy to 1e-3 only: there the eigenvalues are computed on the
processor, and so are the leading singular vectors, whose products are in float64. All other products have the precision
of the entries, and on MPS float32. Nothing runs in half precision or in TF32, whatever is switched on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
import torch

from .precision import full_precision

Result = TypeVar("Result")

#: Short sides below this stay on the processor. On paper: it has not been measured on a GPU yet.
MIN_SIDE = 512
#: Largest deviation of an eigenvalue from numpy's, as a share of the largest one.
EIGENVALUE_TOLERANCE = 1e-12
#: Largest deviation of a float32 product from the exact one, as a share of its norm.
PRODUCT_TOLERANCE = 1e-5
_TORCH_ON_CPU = "cpu:0"
# Rows whose float32 products are summed up before float64 takes over: longer sums lose more than a millionth.
_SUMMED_ROWS = 2048
# Bytes of rows that the cache keeps for both of their products.
_CACHED_BYTES = 1 << 20
#: Entries uploaded at once: 32 MB of float32, so that the copy of one block runs while the last one is multiplied.
_BLOCK_ENTRIES = 1 << 23
_FULL = ("out of memory", "ALLOC_FAILED")


def has_products(device: str, side: int) -> bool:
    """Whether products of a matrix with this short side run by torch on ``device``."""
    return device == _TORCH_ON_CPU or (device != "cpu" and side >= MIN_SIDE)


def has_eigenvalues(device: str, side: int) -> bool:
    """Whether eigenvalues of a matrix with this short side are computed on ``device``, which needs its float64."""
    return has_products(device, side) and torch.device(device).type != "mps"


class Side(Protocol):
    """A matrix ``(n_rows, n_cols)`` that can be multiplied; vectors and blocks of columns go in and come out as numpy.

    ``caveat`` says in one sentence when the device ran out of memory and the processor took over.
    """

    caveat: str

    def times(self, right: np.ndarray) -> np.ndarray:
        """``W x``: ``(n_cols,)`` or ``(n_cols, k)`` to ``(n_rows, …)``."""

    def transposed_times(self, left: np.ndarray) -> np.ndarray:
        """``Wᵀ y``: ``(n_rows,)`` or ``(n_rows, k)`` to ``(n_cols, …)``."""

    def gram_times(self, right: np.ndarray) -> np.ndarray:
        """``WᵀW x`` in float64: ``(n_cols, …)`` to the same; over rows it is summed up in float64, block by block."""

    def step(self, right: np.ndarray, beta: np.float32, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``y = W x − β u`` and ``Wᵀ y`` for float32 vectors: both products of a Lanczos step."""


def product_side(values: np.ndarray, device: str = "cpu", *, wide: bool = False) -> Side:
    """The matrix made ready for many products, in the dtype of ``values`` (float32 on MPS): uploaded once, or as it is.

    ``wide`` products are in float64, which MPS does not have: ask :func:`has_eigenvalues` before.
    ``side.times(x)`` is ``values @ x`` and ``side.transposed_times(y)`` is ``values.T @ y``. The upload is under way
    when this returns, so the next shuffle can be made meanwhile. On out of memory, now or in a later product, the
    processor goes on with the same numbers and ``side.caveat`` says so.
    """
    return _OnDevice(values, device, wide) if has_products(device, min(values.shape)) else _OnProcessor(values)


class _OnProcessor:
    def __init__(self, values: np.ndarray) -> None:
        self.caveat = ""
        self._values = values

    def times(self, right: np.ndarray) -> np.ndarray:
        return self._values @ right

    def transposed_times(self, left: np.ndarray) -> np.ndarray:
        return self._values.T @ left

    def gram_times(self, right: np.ndarray) -> np.ndarray:
        dtype = np.result_type(self._values, right)
        rows = max(1, _CACHED_BYTES // (dtype.itemsize * self._values.shape[1]))
        total = np.zeros(right.shape)
        for start in range(0, len(self._values), rows):
            block = self._values[start : start + rows].astype(dtype, copy=False)
            total += block.T @ (block @ right)
        return total

    def step(self, right: np.ndarray, beta: np.float32, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self._values.dtype == np.float32 and self._values.flags.c_contiguous:
            from .golub_kahan import step_of

            return step_of(self._values, right, beta, last)
        image = self._values @ right - beta * last
        return image, self._values.T @ image


class _OnDevice(_OnProcessor):
    def __init__(self, values: np.ndarray, device: str, wide: bool) -> None:
        super().__init__(values)
        self._device = torch.device(device)
        self._matrix = self._attempted(lambda: _uploaded_in_blocks(values, self._device, wide))

    def times(self, right: np.ndarray) -> np.ndarray:
        found = self._found(lambda matrix: _product(matrix, right))
        return super().times(right) if found is None else found

    def transposed_times(self, left: np.ndarray) -> np.ndarray:
        found = self._found(lambda matrix: _product(matrix.T, left))
        return super().transposed_times(left) if found is None else found

    def gram_times(self, right: np.ndarray) -> np.ndarray:
        found = self._found(lambda matrix: _gram_product(matrix, right))
        return super().gram_times(right) if found is None else found

    def step(self, right: np.ndarray, beta: np.float32, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = self._found(lambda matrix: _step(matrix, right, float(beta), last))
        return super().step(right, beta, last) if found is None else found

    def _found(self, work: Callable[[torch.Tensor], Result]) -> Result | None:
        matrix = self._matrix
        if matrix is None:
            return None
        found = self._attempted(lambda: work(matrix))
        if found is None:
            self._matrix = None
        return found

    def _attempted(self, work: Callable[[], Result]) -> Result | None:
        found = attempted(work)
        if found is None:
            self.caveat = processor_took_over(str(self._device), self._values.shape)
        return found


def _product(matrix: torch.Tensor, factor: np.ndarray) -> np.ndarray:
    with torch.no_grad(), full_precision(matrix.device.type):
        return (matrix @ uploaded(factor, matrix.device).to(matrix.dtype)).cpu().numpy()


def _gram_product(matrix: torch.Tensor, right: np.ndarray) -> np.ndarray:
    with torch.no_grad(), full_precision(matrix.device.type):
        factor = uploaded(right, matrix.device).to(matrix.dtype)
        adds_up = torch.device("cpu") if matrix.device.type == "mps" else matrix.device
        total = torch.zeros(right.shape, dtype=torch.float64, device=adds_up)
        for block in matrix.split(_SUMMED_ROWS):
            total += (block.T @ (block @ factor)).to(adds_up).to(torch.float64)
        return total.cpu().numpy()


def _step(matrix: torch.Tensor, right: np.ndarray, beta: float, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with torch.no_grad(), full_precision(matrix.device.type):
        factor, shift = (uploaded(one, matrix.device).to(matrix.dtype) for one in (right, last))
        image = torch.mv(matrix, factor).sub_(shift, alpha=beta)
        back = torch.mv(matrix.T, image)
        return image.cpu().numpy(), back.cpu().numpy()


def uploaded(values: np.ndarray, device: torch.device) -> torch.Tensor:
    """The values on the device, in the precision they have; float32 where MPS has no float64."""
    wanted = torch.float64 if values.dtype == np.float64 and device.type != "mps" else torch.float32
    # Pinned memory lets the copy run beside the work; filling it also takes read-only and strided arrays.
    staged = torch.empty(values.shape, dtype=wanted, pin_memory=device.type == "cuda")
    staged.numpy()[...] = values
    return staged.to(device, non_blocking=device.type == "cuda")


def _uploaded_in_blocks(values: np.ndarray, device: torch.device, wide: bool) -> torch.Tensor:
    """The whole matrix on the device; only some rows of it are in pinned memory at a time."""
    rows = max(1, _BLOCK_ENTRIES // values.shape[1])
    blocks = (uploaded(values[start : start + rows], device) for start in range(0, len(values), rows))
    with torch.no_grad():
        first = next(blocks)
        matrix = torch.empty(values.shape, dtype=torch.float64 if wide else first.dtype, device=device)
        matrix[:rows] = first
        for count, block in enumerate(blocks, 1):
            matrix[count * rows : (count + 1) * rows] = block
        return matrix


def attempt_gram(values: np.ndarray, device: str) -> torch.Tensor | None:
    """``WᵀW / n_rows`` in float64 on the device, from blocks of rows, smaller ones on out of memory; else ``None``."""
    most = max(1, _BLOCK_ENTRIES // values.shape[1])
    for rows in (most, max(1, most // 16)):
        gram = attempted(partial(_gram_of_blocks, values, torch.device(device), rows))
        if gram is not None:
            return gram
    return None


def attempt_eigenvalues(gram: torch.Tensor) -> np.ndarray | None:
    """Ascending eigenvalues of a symmetric float64 matrix, computed where it lies; ``None`` on out of memory."""
    try:
        return attempted(lambda: _eigenvalues(gram))
    except torch.linalg.LinAlgError as error:
        raise np.linalg.LinAlgError(str(error)) from error


def attempted(work: Callable[[], Result]) -> Result | None:
    """What ``work`` gives, or ``None`` when the device has no memory for it."""
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        if not is_full(error):
            raise
    return None


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no memory left."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(word in str(error) for word in _FULL)


def _gram_of_blocks(values: np.ndarray, device: torch.device, rows: int) -> torch.Tensor:
    n_rows, n_cols = values.shape
    with torch.no_grad(), full_precision(device.type):
        gram = torch.zeros((n_cols, n_cols), dtype=torch.float64, device=device)
        for start in range(0, n_rows, rows):
            block = uploaded(values[start : start + rows], device).to(torch.float64)
            gram.addmm_(block.T, block)
        return gram.div_(n_rows)


def _eigenvalues(gram: torch.Tensor) -> np.ndarray:
    with torch.no_grad(), full_precision(gram.device.type):
        return torch.linalg.eigvalsh(gram).cpu().numpy()


def processor_took_over(device: str, shape: tuple[int, ...]) -> str:
    """What is said when a device had no room."""
    sides = " × ".join(map(str, shape))
    return f"{device} ran out of memory for a {sides} matrix, so the processor computed it; the numbers are the same."
