"""The strongest singular vectors, without the others."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from ..records import LeadingVectors, Spectrum, WeightMatrix
from .decompose import gram_of
from .dense import Dense
from .device import Side, has_eigenvalues, product_side

#: How many directions are kept.
N_LEADING = 10
_DENSE_SIDE = 64
# Gaps below this share of the largest eigenvalue are rounding: the vectors on both sides may mix.
_SAME = 1e-10
# So many entries are turned into float64 once. Of larger matrices it is done by the block, in every product: a block
# stays in the cache for both of its uses, which takes 0.7 of the time at 1024 × 4096 and no memory.
_SMALL = 1 << 20
_BLOCK_ENTRIES = 1 << 17


def leading_vectors(matrix: WeightMatrix, spectrum: Spectrum, count: int = N_LEADING) -> LeadingVectors:
    """The ``count`` strongest singular vectors on both sides, fewer where the rank is lower.

    By Lanczos iteration on ``WᵀW`` (some dozens of products with the matrix in float64, on its device unless that is
    MPS), and densely below 64 columns. A caveat says where equal singular values leave the vectors undetermined, and
    where the device ran out of memory.
    """
    eigenvalues = spectrum.eigenvalues[::-1]
    count = min(count, int(np.count_nonzero(eigenvalues > spectrum.n_rows * 2.0**-52 * eigenvalues[0])))
    values = matrix.values
    if values.size <= _SMALL:
        values = values.astype(np.float64, copy=False)
    on_device = has_eigenvalues(matrix.device, min(values.shape)) and not _is_dense(values, count)
    side = product_side(values, matrix.device if on_device else "cpu", wide=True)
    dense = Dense(matrix.device)
    right = _right_vectors(values, count, side, dense)
    # On the processor block by block: of the whole matrix there is never a copy in float64.
    images = side.times(right) if on_device and not side.caveat else _images(values, right)
    sizes = np.linalg.norm(images, axis=0)
    order = np.argsort(-sizes, kind="stable")
    left = images[:, order] / sizes[order]
    caveat = " ".join(filter(None, [_caveat(eigenvalues, count), side.caveat or dense.caveat]))
    return LeadingVectors(sizes[order], left, right[:, order], caveat)


def _is_dense(values: np.ndarray, count: int) -> bool:
    side = values.shape[1]
    return not count or side <= _DENSE_SIDE or count > side // 4


def _right_vectors(values: np.ndarray, count: int, side: Side, dense: Dense) -> np.ndarray:
    n_cols = values.shape[1]
    if not count:
        return np.empty((n_cols, 0))
    if _is_dense(values, count):
        return _densely(values, count, dense)
    product = LinearOperator((n_cols, n_cols), matvec=side.gram_times, dtype=np.float64)
    start = np.random.default_rng(n_cols).standard_normal(n_cols)
    try:
        return np.asarray(eigsh(product, k=count, which="LA", v0=start, tol=1e-9)[1])
    except ArpackError:
        return _densely(values, count, dense)


def _densely(values: np.ndarray, count: int, dense: Dense) -> np.ndarray:
    pairs = dense.gram_pairs(values)
    vectors = np.linalg.eigh(gram_of(values))[1][:, ::-1] if pairs is None else pairs[1]
    return vectors[:, :count]


def _images(values: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``W x`` in float64."""
    step = max(1, _BLOCK_ENTRIES // values.shape[1])
    starts = range(0, len(values), step)
    return np.concatenate([values[start : start + step].astype(np.float64, copy=False) @ right for start in starts])


def _caveat(eigenvalues: np.ndarray, count: int) -> str:
    neighbours = eigenvalues[: count + 1]
    if count and (np.diff(-neighbours) < _SAME * neighbours[0]).any():
        return "Some of the largest singular values are equal, so their vectors are not unique."
    return ""
