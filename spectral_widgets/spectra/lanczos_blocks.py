"""Lanczos runs on ``WᵀW / n_rows`` from several starts at once, one pass over the entries a step."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np

from .device import has_products, product_side

# Rows taken at a time hold about this many entries: a product and its transpose find them still in the cache.
_BLOCK_ENTRIES = 1 << 18
# And a step gives control back after about this many multiplications.
_STEP_COST = 1 << 30

Run = tuple[np.ndarray, np.ndarray, np.ndarray]
#: Rows ``(n, n_cols)`` to their products with ``WᵀW / n_rows``, in steps.
Product = Callable[[np.ndarray], Generator[None, None, np.ndarray]]


class GramProduct:
    """Products with ``WᵀW / n_rows``, in the precision of the entries and summed up over blocks of rows in float64.

    The matrix goes to ``device`` once, and float64 becomes float32 on MPS, which has no other. Where there is no room
    for it, or none is left, the processor goes on and ``caveat`` says so.
    """

    def __init__(self, values: np.ndarray, device: str = "cpu") -> None:
        self._values = values
        self._side = product_side(values, device) if has_products(device, min(values.shape)) else None

    @property
    def caveat(self) -> str:
        return "" if self._side is None else self._side.caveat

    def __call__(self, vectors: np.ndarray) -> Generator[None, None, np.ndarray]:
        if self._side is None or self._side.caveat:
            return (yield from gram_product_steps(self._values, vectors))
        narrow = np.ascontiguousarray(vectors.T, dtype=self._values.dtype)
        images = self._side.gram_times(narrow)
        yield
        return images.T / len(self._values)


def lanczos_steps(
    product: Product, starts: np.ndarray, n_steps: int, apart: np.ndarray | None = None
) -> Generator[None, None, Run]:
    """Diagonals ``(n_starts, n_steps)``, what stands beside them, and bases ``(n_starts, n_steps, n_cols)``.

    Starts ``(n_starts, n_cols)`` and all that follows are kept orthogonal to the rows of ``apart``. Every new vector
    is orthogonalised against all before it, twice, in float64. The last number beside is what the residuals need.
    Where the directions are used up the rest is zero.
    """
    n_starts, side = starts.shape
    apart = np.empty((0, side)) if apart is None else apart
    vectors = _unit(_without(starts, apart))[0]
    basis = np.zeros((n_starts, n_steps, side))
    diagonal, beside = np.zeros((n_starts, n_steps)), np.zeros((n_starts, n_steps))
    for step in range(n_steps):
        basis[:, step] = vectors
        images = yield from product(vectors)
        diagonal[:, step] = np.einsum("ij,ij->i", images, vectors)
        for _ in range(2):
            images = _without(images, apart)
            known = basis[:, : step + 1]
            images -= np.matmul(np.matmul(known, images[:, :, None])[:, :, 0][:, None, :], known)[:, 0]
        scale = diagonal.max(axis=1)
        vectors, beside[:, step] = _unit(images, 1e-7 * scale)
        yield
    return diagonal, beside, basis


def gram_product_steps(values: np.ndarray, vectors: np.ndarray) -> Generator[None, None, np.ndarray]:
    """``vectors · WᵀW / n_rows`` for rows ``vectors (n, n_cols)``, products in the precision of the entries."""
    n_rows, side = values.shape
    narrow = np.ascontiguousarray(vectors.T, dtype=values.dtype)
    total = np.zeros((side, len(vectors)))
    rows, pause = _pace(side, len(vectors))
    for count, start in enumerate(range(0, n_rows, rows), 1):
        block = values[start : start + rows]
        total += block.T @ (block @ narrow)
        if count % pause == 0:
            yield
    return total.T / n_rows


def n_pauses(shape: tuple[int, int], n_vectors: int) -> int:
    """How often :func:`gram_product_steps` gives control back."""
    rows, pause = _pace(shape[1], n_vectors)
    return -(-shape[0] // rows) // pause


def _pace(side: int, n_vectors: int) -> tuple[int, int]:
    """Rows that are taken together, and after how many such blocks a caller may stop."""
    rows = max(1, _BLOCK_ENTRIES // side)
    return rows, max(1, _STEP_COST // (2 * rows * side * n_vectors))


def mean_square_of(values: np.ndarray) -> Generator[None, None, tuple[float, float]]:
    """Mean square and variance of all entries, in float64."""
    shift = float(values[:1].mean(dtype=np.float64))
    square = total = 0.0
    rows = max(1, _BLOCK_ENTRIES // values.shape[1])
    for count, start in enumerate(range(0, len(values), rows), 1):
        block = values[start : start + rows].astype(np.float64) - shift
        square, total = square + float(np.einsum("ij,ij->", block, block)), total + float(block.sum())
        if count % 8 == 0:
            yield
    mean = total / values.size
    return square / values.size + shift * (2 * mean + shift), max(square / values.size - mean * mean, 0.0)


def tridiagonal(diagonal: np.ndarray, beside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tridiagonal matrix of a run as scipy takes it."""
    return diagonal, beside[:-1]


def _without(vectors: np.ndarray, apart: np.ndarray) -> np.ndarray:
    return vectors - (vectors @ apart.T) @ apart if len(apart) else vectors


def _unit(vectors: np.ndarray, floor: np.ndarray | float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of unit length and what their lengths were; both zero at or below the floor."""
    lengths = np.linalg.norm(vectors, axis=1)
    lengths = np.where(lengths > floor, lengths, 0.0)
    return vectors / np.where(lengths > 0, lengths, np.inf)[:, None], lengths
