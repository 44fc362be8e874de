"""The power law: density of a heavy tail."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def power_law_density(x: ArrayLike, alpha: float, xmin: float, share: float = 1.0) -> np.ndarray:
    """Density ``share · (α − 1)/xmin · (x/xmin)^(−α)`` per unit of ``x``; zero below ``xmin``.

    ``share`` is the part of the whole sample that lies in the tail, so that the curve can be drawn over a
    histogram of everything. Needs ``alpha > 1`` and ``xmin > 0``; raises ``ValueError`` otherwise.
    Source: Clauset, Shalizi and Newman (2009), equation 2.2.

    >>> power_law_density([1.0, 2.0, 4.0], alpha=2.0, xmin=2.0).tolist()
    [0.0, 0.5, 0.125]
    """
    if not (alpha > 1 and xmin > 0):
        raise ValueError(f"a power law needs alpha > 1 and xmin > 0, got alpha {alpha} and xmin {xmin}")
    x = np.asarray(x, dtype=float)
    inside = x >= xmin
    ratio = np.where(inside, x, xmin) / xmin
    return np.where(inside, share * (alpha - 1) / xmin * ratio**-alpha, 0.0)
