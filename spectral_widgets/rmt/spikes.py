"""Where a rank-one signal leaves the bulk: the Baik–Ben Arous–Péché transition for rectangular noise.

A signal is measured by its strength squared ``θ² = a² / (N σ²)``, where ``a`` is the singular value of the
rank-one piece added to an ``N × M`` matrix with entries of variance ``σ²``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def outlier_eigenvalue(strength_squared: ArrayLike, aspect: float) -> np.ndarray:
    """Eigenvalue at unit variance that the signal makes; ``nan`` while it drowns in the bulk.

    ``λ = (1 + θ²)(y + θ²) / θ²`` iff ``θ² > √y``. Source: Benaych-Georges and Nadakuditi (2012).

    >>> float(outlier_eigenvalue(4.0, 1.0))
    6.25
    """
    strength_squared = np.asarray(strength_squared, dtype=float)
    visible = strength_squared > np.sqrt(aspect)
    safe = np.where(visible, strength_squared, 1.0)
    return np.where(visible, (1 + safe) * (aspect + safe) / safe, np.nan)


def strength_of(eigenvalue: ArrayLike, aspect: float) -> np.ndarray:
    """Strength ``θ²`` of the signal that makes this eigenvalue at unit variance; ``nan`` inside the bulk.

    ``θ² = (d + √(d² − 4y)) / 2`` with ``d = λ − 1 − y``: the inverse of :func:`outlier_eigenvalue`.

    >>> float(strength_of(6.25, 1.0))
    4.0
    """
    excess = np.asarray(eigenvalue, dtype=float) - 1 - aspect
    outside = excess > 2 * np.sqrt(aspect)
    root = np.sqrt(np.where(outside, excess**2 - 4 * aspect, 0.0))
    return np.where(outside, (excess + root) / 2, np.nan)


def overlap_squared(strength_squared: ArrayLike, aspect: float) -> tuple[np.ndarray, np.ndarray]:
    """Squared overlap of the outlier's singular vectors with the signal's: long side, short side.

    Long side (length N): ``1 − (y + θ²) / (θ² (θ² + 1))``; short side: ``1 − y (1 + θ²) / (θ² (θ² + y))``;
    zero while hidden. Source: Benaych-Georges and Nadakuditi (2012).
    """
    strength_squared = np.asarray(strength_squared, dtype=float)
    visible = strength_squared > np.sqrt(aspect)
    safe = np.where(visible, strength_squared, 1.0)
    long_side = 1 - (aspect + safe) / (safe * (safe + 1))
    short_side = 1 - aspect * (1 + safe) / (safe * (safe + aspect))
    return np.where(visible, long_side, 0.0), np.where(visible, short_side, 0.0)


def entry_threshold(n_rows: int, n_cols: int, standard_deviation: float = 1.0) -> float:
    """Size beyond which one entry makes an outlier by itself: ``σ (N M)^¼``.

    >>> round(entry_threshold(784, 200), 1)
    19.9
    """
    return standard_deviation * float(n_rows * n_cols) ** 0.25


def mean_threshold(n_rows: int, n_cols: int, standard_deviation: float = 1.0) -> float:
    """Mean offset beyond which it makes an outlier: ``σ (N M)^−¼``.

    >>> round(mean_threshold(784, 200), 4)
    0.0503
    """
    return standard_deviation * float(n_rows * n_cols) ** -0.25
