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
