"""Square matrices of noise: the semicircle of symmetric ones, the circle of the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def semicircle_density(x: ArrayLike, deviation: float = 1.0) -> np.ndarray:
    """Density of the eigenvalues of a symmetric matrix whose rows have variance ``σ²`` in all.

    ``ρ(x) = √(4σ² − x²) / (2π σ²)`` between ``±2σ``, zero beyond. Source: Wigner (1955).

    >>> float(semicircle_density(0.0)) == 1 / np.pi
    True
    """
    x = np.asarray(x, dtype=float)
    return np.sqrt(np.maximum(4 * deviation**2 - x**2, 0.0)) / (2 * np.pi * deviation**2)


def wigner_fourth_moment(n_in_row: int, kurtosis: float = 3.0) -> float:
    """Mean fourth power of the eigenvalues of a symmetric matrix with ``n_in_row`` entries of variance
    ``1/n_in_row`` in every row and column, the others zero: ``2 + (κ − 2)/n_in_row``, exact at every size.

    ``κ`` is the fourth moment of an entry over its squared variance; the diagonal has the law of the others. Of the
    closed walks of four steps two families pair their steps, and one walk of each row is in both. The semicircle has 2.

    >>> wigner_fourth_moment(4, kurtosis=1.0)
    1.75
    """
    return 2 + (kurtosis - 2) / n_in_row


def expected_real_eigenvalues(n: int) -> float:
    """Mean number of real eigenvalues of an ``n × n`` matrix of independent normal entries, about ``√(2n/π)``.

    ``√2 Σ (4k−1)!!/(4k)!!`` over ``k < n/2`` for even ``n``, ``1 + √2 Σ (4k−3)!!/(4k−2)!!`` over ``1 ≤ k ≤ (n−1)/2``
    for odd. Source: Edelman, Kostlan and Shub (1994), corollary 5.1.

    >>> [round(expected_real_eigenvalues(n), 4) for n in (1, 2, 3)]
    [1.0, 1.4142, 1.7071]
    """
    if n < 1:
        raise ValueError(f"a matrix has at least one row, got {n}")
    k = np.arange(1, (n - 1) // 2 + 1 if n % 2 else n // 2)
    if n % 2:
        ratios = np.cumprod(np.where(k == 1, 0.5, (4 * k - 5) * (4 * k - 3) / np.maximum((4 * k - 4) * (4 * k - 2), 1)))
        return 1 + float(np.sqrt(2) * ratios.sum())
    return float(np.sqrt(2) * (1 + np.cumprod((4 * k - 3) * (4 * k - 1) / ((4 * k - 2) * (4 * k))).sum()))
