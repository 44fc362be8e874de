"""The Tracy–Widom laws: how far the largest eigenvalue of pure noise strays from its edge.

``beta`` is 1 for real entries, and 2 for complex ones.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import airy

_NODES = 60
# Beyond it the tail is below what a double holds, and far beyond it the Airy function is lost.
_ALL = 120.0
#: Mean and deviation by ``beta``: the moments that Bornemann (2010) computed from the same determinants.
TW_MOMENTS = {1: (-1.2065335745820, 1.6077810345810**0.5), 2: (-1.7710868074116, 0.8131947928329**0.5)}


def tw_cdf(s: ArrayLike, beta: int = 1) -> np.ndarray:
    """Probability that a Tracy–Widom variable is at most ``s``.

    ``F₁(s) = det(1 − V)`` on ``L²(s, ∞)`` with kernel ``V(x, y) = Ai((x + y)/2)/2`` (Ferrari and Spohn
    2005), by Gauss–Legendre quadrature of the determinant (Bornemann 2010). Good to about 1e-12 on [−8, 8].
    The Airy kernel is the square of ``V``, stretched, hence ``F₂(s) = det(1 − V²)``.

    >>> [round(float(tw_cdf(-1.0, beta=beta)), 4) for beta in (1, 2)]
    [0.5838, 0.8072]
    """
    return np.exp(_log_determinants(s, beta))


def tw_sf(s: ArrayLike, beta: int = 1) -> np.ndarray:
    """Probability of exceeding ``s``, with full relative precision far into the right tail.

    Below 1e-300 it underflows to zero: say "less than 1e-300" rather than zero.
    """
    return 0.0 - np.expm1(_log_determinants(s, beta))


@lru_cache(maxsize=256)
def tw_quantile(probability: float, beta: int = 1) -> float:
    """Value that a Tracy–Widom variable stays below with the given probability.

    >>> round(tw_quantile(0.99), 4)
    2.0234
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie strictly between 0 and 1, got {probability}")
    tail = 1 - probability
    return float(brentq(lambda s: float(tw_sf(s, beta)) - tail, -8.0, 60.0, xtol=1e-12))


def edge_scaling(n_rows: int, n_cols: int) -> tuple[float, float]:
    """Centre and width of the largest eigenvalue of ``WᵀW / n_rows`` at unit variance.

    ``(λ − centre) / width`` follows Tracy–Widom. Johnstone (2001), with the ``−1/2`` of Ma (2012) that
    makes the error second order in the size.
    """
    a, b = np.sqrt(n_rows - 0.5), np.sqrt(n_cols - 0.5)
    width = (a + b) * (1 / a + 1 / b) ** (1 / 3)
    return float((a + b) ** 2 / n_rows), float(width / n_rows)


def kurtosis_shift(n_rows: int, n_cols: int, excess_kurtosis: float) -> float:
    """How far entries of excess kurtosis ``κ`` move the edge, at unit variance: ``ε (1 + √y)² / √y``, ``ε = κ / N``.

    Derivation. Let ``a`` and ``b`` be the mean resolvent diagonals of ``[[0, W/√N], [Wᵀ/√N, 0]]`` at ``w = √z``
    over rows and columns. Expanding ``E[x G]`` in cumulants of an entry ``x``, the second gives the
    Marchenko–Pastur law and the fourth one more term, second order in the deviations of row and column energies::

        1 + w a + y (ab) + y ε (ab)² = 0        1 + w b + (ab) + ε (ab)² = 0

    With ``p = ab`` their product is ``z(p) = (1 + y q)(1 + q) / p``, ``q = p + ε p²``. The edge is where
    ``dz/dp = 0``: ``p = 1/√y`` and ``z = (1 + √y)²`` at ``ε = 0``. Since ``p`` is stationary there, the shift to
    first order is ``ε ∂z/∂ε = ε p (1 + y + 2 y p) = ε (1 + √y)² / √y``. Negative for flat histograms such as the
    uniform one. That the shifted edge keeps Tracy–Widom fluctuations: Hwang, Lee and Schnelli (2019), local law
    and Tracy–Widom limit for sparse sample covariance matrices. Terms of order ``ε²`` are left out, so it holds
    for ``κ`` up to about 6 and a short side of some dozens. The same equation gives :func:`kurtosis_widening`.

    >>> round(kurtosis_shift(400, 100, 3.0), 4)
    0.0338
    """
    root = np.sqrt(n_cols / n_rows)
    return float(excess_kurtosis / n_rows * (1 + root) ** 2 / root)


def kurtosis_widening(n_rows: int, n_cols: int, excess_kurtosis: float) -> float:
    """Factor by which entries of excess kurtosis ``κ`` stretch the width: ``exp(κ (1/N + 1/M + 4/√(NM)) / 2)``.

    Derivation. With ``p``, ``q`` and ``z(p)`` of :func:`kurtosis_shift` the resolvent trace is ``m = −(1 + q) / z``.
    Near the edge ``E`` the density of the ``M`` eigenvalues is ``(q′/E) √(2/z″) √(E − x) / π``, and a density
    ``γ^(3/2) √(E − x) / π`` has Tracy–Widom fluctuations of width ``M^(−2/3) / γ``, that is
    ``M^(−2/3) (E/q′)^(2/3) (z″/2)^(1/3)`` at the stationary ``p``. To first order in ``ε`` its logarithm changes by
    ``ε ((1 + y) / (2 y) + 2/√y)``, the exponent above; the exponential keeps the width positive. At ``ε = 0`` it
    is Johnstone's width. It is of higher order than the shift and matters for short sides of some dozens.

    >>> round(kurtosis_widening(64, 64, 3.0), 4)
    1.151
    """
    slope = (1 / n_rows + 1 / n_cols + 4 / np.sqrt(n_rows * n_cols)) / 2
    return float(np.exp(excess_kurtosis * slope))


def _log_determinants(s: ArrayLike, beta: int) -> np.ndarray:
    if beta not in TW_MOMENTS:
        raise ValueError(f"beta is 1 for real entries or 2 for complex ones, got {beta}")
    s = np.asarray(s, dtype=float)
    flat = [_log_determinant(float(value), beta) for value in s.ravel()]
    return np.array(flat).reshape(s.shape)


@lru_cache(maxsize=4096)
def _log_determinant(s: float, beta: int) -> float:
    """``log F(s)``, summed over eigenvalues so that a tiny right tail keeps its relative precision."""
    if np.isnan(s):
        return float("nan")
    if s > _ALL:
        return 0.0
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    length = 16.0 - min(s, 0.0) if s < 16 else 8.0
    x = s + (nodes + 1) / 2 * length
    root = np.sqrt(weights * length / 2)
    kernel = 0.5 * airy((x[:, None] + x[None, :]) / 2)[0] * root[:, None] * root[None, :]
    eigenvalues = np.linalg.eigvalsh(kernel) ** beta
    return float(np.sum(np.log1p(-np.minimum(eigenvalues, 1 - 1e-16))))
