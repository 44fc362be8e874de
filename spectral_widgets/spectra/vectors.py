"""The strongest singular vectors, without the others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from ..records import LeadingVectors, Spectrum, WeightMatrix
from .decompose import gram_of

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

    By Lanczos iteration on ``WᵀW`` (some dozens of products with the matrix), and densely below 64 columns. A caveat
    says where equal singular values leave the vectors undetermined.
    """
    eigenvalues = spectrum.eigenvalues[::-1]
    count = min(count, int(np.count_nonzero(eigenvalues > spectrum.n_rows * 2.0**-52 * eigenvalues[0])))
    values = matrix.values
    if values.size <= _SMALL:
        values = values.astype(np.float64, copy=False)
    right = _right_vectors(values, count)
    images = np.concatenate([block @ right for block in _wide_blocks(values)])
    sizes = np.linalg.norm(images, axis=0)
    order = np.argsort(-sizes, kind="stable")
    left = images[:, order] / sizes[order]
    return LeadingVectors(sizes[order], left, right[:, order], _caveat(eigenvalues, count))


def _right_vectors(values: np.ndarray, count: int) -> np.ndarray:
    side = values.shape[1]
    if not count:
        return np.empty((side, 0))
    if side <= _DENSE_SIDE or count > side // 4:
        return np.linalg.eigh(gram_of(values))[1][:, ::-1][:, :count]
    product = LinearOperator((side, side), matvec=lambda x: _normal_product(values, x), dtype=np.float64)
    start = np.random.default_rng(side).standard_normal(side)
    try:
        return np.asarray(eigsh(product, k=count, which="LA", v0=start, tol=1e-9)[1])
    except ArpackError:
        return np.linalg.eigh(gram_of(values))[1][:, ::-1][:, :count]


def _normal_product(values: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``WᵀW x`` in float64."""
    return np.sum([(block @ right) @ block for block in _wide_blocks(values)], axis=0)


def _wide_blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """The rows in float64, some at a time: of the whole matrix there is never a copy."""
    step = max(1, _BLOCK_ENTRIES // values.shape[1])
    return (values[start : start + step].astype(np.float64, copy=False) for start in range(0, len(values), step))


def _caveat(eigenvalues: np.ndarray, count: int) -> str:
    neighbours = eigenvalues[: count + 1]
    if count and (np.diff(-neighbours) < _SAME * neighbours[0]).any():
        return "Some of the largest singular values are equal, so their vectors are not unique."
    return ""
