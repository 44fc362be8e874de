"""A first number for a large matrix, long before its spectrum is there."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal

from ..records import WeightMatrix

_STEPS = 12


def estimated_stable_rank(matrix: WeightMatrix, seed: int = 0) -> float:
    """``‖W‖²_F / s₁²`` with the largest singular value from 12 Lanczos steps on ``WᵀW``, in the weights' own precision.

    A Lanczos value never exceeds the true ``s₁²``, so the estimate is never below the true stable rank; it is within
    a per cent where a spike leads and within about ten where the spectrum ends in a dense bulk. ``nan`` for a zero
    matrix. Source: Golub and Van Loan, Matrix Computations, section 10.1.
    """
    values = matrix.values
    energy = float(np.einsum("ij,ij->", values, values, dtype=np.float64))
    return energy / _largest_squared(values, seed) if energy > 0 else float("nan")


def _largest_squared(values: np.ndarray, seed: int) -> float:
    steps = min(_STEPS, values.shape[1])
    start = np.random.default_rng(seed).standard_normal((values.shape[1],))
    basis = [(start / np.linalg.norm(start)).astype(values.dtype)]
    diagonal: list[float] = []
    beside: list[float] = []
    for _ in range(steps):
        image = (values @ basis[-1]) @ values
        diagonal.append(float(image @ basis[-1]))
        for known in basis:
            image = image - (image @ known) * known
        length = float(np.linalg.norm(image))
        if length <= 1e-6 * max(diagonal):
            break
        beside.append(length)
        basis.append(image / length)
    return float(eigvalsh_tridiagonal(np.array(diagonal), np.array(beside[: len(diagonal) - 1]))[-1])
