"""Ratios of neighbouring gaps: whether levels repel each other as those of a random matrix do."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

#: Mean ratio of a large Gaussian orthogonal matrix (Atas, Bogomolny, Giraud and Roux 2013, table I).
GOE_RATIO = 0.5307
#: Mean ratio of independent levels, ``2 ln 2 − 1``.
POISSON_RATIO = 2 * float(np.log(2)) - 1


def spacing_ratios(levels: ArrayLike) -> np.ndarray:
    """Smaller over larger of each two neighbouring gaps, ``(n − 2,)`` numbers in [0, 1].

    No unfolding is needed: a smooth change of the density of levels scales both gaps alike. Two gaps of zero
    have no ratio and are left out. Source: Oganesyan and Huse (2007).

    >>> spacing_ratios([0.0, 1.0, 3.0, 4.0]).tolist()
    [0.5, 0.5]
    """
    gaps = np.diff(np.sort(np.asarray(levels, dtype=float)))
    small, large = np.minimum(gaps[:-1], gaps[1:]), np.maximum(gaps[:-1], gaps[1:])
    return small[large > 0] / large[large > 0]


def poisson_ratio_density(ratio: ArrayLike) -> np.ndarray:
    """Density on [0, 1] of the ratios of independent levels, ``2 / (1 + r)²``.

    >>> poisson_ratio_density([0.0, 1.0]).tolist()
    [2.0, 0.5]
    """
    return 2 / (1 + np.asarray(ratio, dtype=float)) ** 2


def goe_ratio_density(ratio: ArrayLike) -> np.ndarray:
    """Density on [0, 1] of the ratios of a real symmetric noise matrix: ``(27/4) (r + r²) / (1 + r + r²)^{5/2}``.

    Exact for three levels, mean ``4 − 2√3 = 0.5359``; off by at most 5 % for many, whose mean is :data:`GOE_RATIO`.
    Source: Atas, Bogomolny, Giraud and Roux (2013).
    """
    r = np.asarray(ratio, dtype=float)
    return 27 / 4 * (r + r**2) / (1 + r + r**2) ** 2.5
