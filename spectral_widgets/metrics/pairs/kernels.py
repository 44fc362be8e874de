"""How alike two matrices relate their output units: the kernels that centred alignment compares."""

from __future__ import annotations

import numpy as np

from ...records import CentredKernels, MatrixPair
from ...spectra.dense import Dense
from .difference import other_of


def kernels_of(pair: MatrixPair) -> CentredKernels:
    """Inner product and norms of ``XXᵀ`` and ``YYᵀ``, output units as samples and inputs as features, centred."""
    one, two = _samples(pair, pair.base), _samples(pair, other_of(pair))
    dense = Dense(pair.device)
    if len(one) < one.shape[1]:  # the kernels are then the smaller products
        kernel_one, kernel_two = dense.product(one, one.T), dense.product(two, two.T)
        cross = float((kernel_one * kernel_two).sum())
    else:
        kernel_one, kernel_two = dense.product(one.T, one), dense.product(two.T, two)
        cross = float(np.linalg.norm(dense.product(two.T, one)) ** 2)
    return CentredKernels(
        cross=cross,
        base_norm=float(np.linalg.norm(kernel_one)),
        other_norm=float(np.linalg.norm(kernel_two)),
        caveat=" ".join(filter(None, [pair.caveat, dense.caveat])),
    )


def _samples(pair: MatrixPair, values: np.ndarray) -> np.ndarray:
    rows = (values.T if pair.transposed else values).astype(np.float64)
    return rows - rows.mean(axis=0)
