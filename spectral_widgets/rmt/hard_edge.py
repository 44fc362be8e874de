"""The smallest singular value of Gaussian noise: the hard edge of a real Wishart matrix."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import jv

_NODES = 24
_POINTS = 64
# Beyond this excess the law has reached its soft-edge form to five digits.
_SOFT_FROM = 40.0
#: Mean of the β = 1 Tracy–Widom law.
TW_MEAN = -1.2065335745820


def hard_edge_survival(s: float, excess: float) -> float:
    """Probability that ``4 M λ_min > s`` for the smallest eigenvalue of ``WᵀW`` with unit entries, ``M`` large.

    ``det(1 − V)`` on (0, 1) with ``V(x, y) = (√s/2) J_a(√(s x y))`` and ``a`` the excess of rows over columns
    (Forrester 2006, hard edge at β = 1), by Gauss–Legendre quadrature. For ``a = 0`` it is
    ``exp(−s/8 − √s/2)`` (Edelman 1988), for ``a = 1`` it is ``exp(−s/8)``.

    >>> round(hard_edge_survival(4.0, 1.0), 6) == round(float(np.exp(-0.5)), 6)
    True
    """
    nodes, weights = _quadrature(_NODES, 0.0, 1.0)
    # x = t² takes the root out of the kernel's corner, where J_a is not smooth.
    root = np.sqrt(2 * weights * nodes)
    kernel = np.sqrt(s) / 2 * jv(excess, np.sqrt(s) * np.outer(nodes, nodes))
    _, log_determinant = np.linalg.slogdet(np.eye(_NODES) - root[:, None] * kernel * root[None, :])
    return float(np.exp(log_determinant))


@lru_cache(maxsize=1024)
def mean_log_hard_edge(excess: float) -> float:
    """Mean of ``ln s`` under :func:`hard_edge_survival`.

    Beyond an excess of 40: ``2 ln a − 2^⅔ m a^−⅔ + …`` with ``m`` the Tracy–Widom mean; the next term, of order
    ``a^−4/3``, has its factor from the determinants (both ends agree to 1e-4).
    """
    if excess > _SOFT_FROM:
        return 2 * (float(np.log(excess)) - TW_MEAN * 2 ** (-1 / 3) * excess ** (-2 / 3) - 0.37 * excess ** (-4 / 3))
    low, high = -28.0 / (excess + 1) - 2.0, 2 * float(np.log(excess + 8 * (excess + 1) ** (1 / 3) + 8))
    points, weights = _quadrature(_POINTS, low, high)
    survival = [hard_edge_survival(float(np.exp(point)), excess) for point in points]
    return low + float(weights @ survival)


def _quadrature(count: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return low + (high - low) * (nodes + 1) / 2, weights * (high - low) / 2
