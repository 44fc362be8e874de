"""How far the eigenvalue of a trap strays from shuffle to shuffle, at unit variance of the entries.

Both laws come from the two-by-two block of the resolvent ``G`` of ``[[0, W/√N], [Wᵀ/√N, 0]]`` in which the signal
lives. With ``t = θ²``, ``z = (1 + t)(y + t)/t`` and ``z′ = 1 − y/t²`` the averages over the bulk are
``m = −1/(y + t)`` on the short side and ``−1/(1 + t)`` on the long one, ``z m m̲ = 1/t``; the outlier moves by ``−t z′``
times the change of the block's determinant, to first order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def entry_outlier_variance(
    strength_squared: ArrayLike, n_rows: int, n_cols: int, excess_kurtosis: float = 0.0
) -> np.ndarray:
    """Variance of the eigenvalue that one giant entry makes among noise of excess kurtosis ``κ``; ``nan`` if hidden.

    ``z′/N · (2 (1 + y) + 4y/t + κ (1 + y) z′)``. Derivation: the block's diagonal is the energy that the giant's row
    and column have in the bulk, ``Σ x_k x_l G_kl`` with variance ``(κ Σ G_kk² + 2 Tr G²)/N²``; its corner
    joins row to column, with variance ``y / (N (t² − y))``. Row, column and corner are uncorrelated.

    >>> float(entry_outlier_variance(2.0, 100, 100).round(4))
    0.045
    """
    t, aspect, slope = _outlier(strength_squared, n_cols / n_rows)
    return slope / n_rows * (2 * (1 + aspect) + 4 * aspect / t + excess_kurtosis * (1 + aspect) * slope)


def mean_outlier_variance(strength_squared: ArrayLike, n_rows: int, n_cols: int, share: float = 1.0) -> np.ndarray:
    """Variance of the eigenvalue that a mean offset makes in a block with ``share`` of a shuffled matrix's entries.

    ``z′/N · (2 (1 + y) + 4t (1 − share · z′))``; ``nan`` if hidden. Derivation: the vectors of the mean are spread out,
    so the block's diagonal has the variance of a random direction, ``2 (Tr G²/n − (Tr G/n)²)/n``, and its corner
    ``1/(N (t² − y))``, of which ``1/(N t²)`` is the sum of all entries. A shuffle holds that sum fixed: a part of it
    is fixed in a part of the matrix. In the whole of it the mean strays exactly as a giant does among
    normal entries.

    >>> float(mean_outlier_variance(2.0, 100, 100).round(4))
    0.045
    """
    t, aspect, slope = _outlier(strength_squared, n_cols / n_rows)
    return slope / n_rows * (2 * (1 + aspect) + 4 * t * (1 - share * slope))


def _outlier(strength_squared: ArrayLike, aspect: float) -> tuple[np.ndarray, float, np.ndarray]:
    """``t``, ``y`` and ``z′``, the slope of the eigenvalue over the strength; ``nan`` up to the threshold."""
    t = np.asarray(strength_squared, dtype=float)
    t = np.where(t > np.sqrt(aspect), t, np.nan)
    return t, aspect, 1 - aspect / t**2
