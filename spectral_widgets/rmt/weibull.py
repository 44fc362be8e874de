"""Weibull law of entry magnitudes by the middle of its probability plot, and its exact anchors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtrit

#: Shares between which the probability plot is read: its middle 80 %.
MIDDLE = (0.1, 0.9)
_NODES = 64

Quantile = Callable[[np.ndarray], np.ndarray]


def _gaussian_sizes(share: np.ndarray, kept: float = 1.0) -> np.ndarray:
    return np.asarray(ndtri((1 + share * kept) / 2))


def _student_sizes(share: np.ndarray, degrees: int) -> np.ndarray:
    return np.asarray(stdtrit(degrees, (1 + share) / 2))


#: Quantiles of |w| for entries of a law at unit scale (standard deviation, or half-width of the uniform one).
SIZE_QUANTILES: dict[str, Quantile] = {
    "Gaussian": _gaussian_sizes,
    "uniform": lambda share: share,
    "Gaussian truncated at 2σ": lambda share: _gaussian_sizes(share, float(2 * ndtr(2.0) - 1)),
    "Laplace": lambda share: -np.log1p(-share),
    **{f"Student-t {degrees}": partial(_student_sizes, degrees=degrees) for degrees in (3, 4, 5, 10)},
}


@dataclass(frozen=True, slots=True)
class Line:
    """Shape ``k``, scale ``λ``, weighted ``R²`` of the straight line, and the largest gap between the two laws."""

    shape: float
    scale: float
    r_squared: float
    distance: float


def weibull_cdf(sizes: ArrayLike, shape: float, scale: float) -> np.ndarray:
    """``1 − exp(−(x/λ)^k)``.

    >>> round(float(weibull_cdf(2.0, 1.0, 2.0)), 4)
    0.6321
    """
    return -np.expm1(-((np.asarray(sizes, dtype=float) / scale) ** shape))


def weibull_line(log_sizes: ArrayLike, shares: ArrayLike, weights: ArrayLike) -> Line:
    """Weighted straight line through ``ln(−ln(1 − F))`` against ``ln x``: slope ``k``, ``λ = exp(−intercept / k)``.

    ``shares`` are the distribution function at ``log_sizes``, strictly between 0 and 1. Needs two different
    sizes; raises ``ValueError`` otherwise. Source: the probability plot of Weibull (1951), weighted by counts.

    >>> x = np.array([0.5, 1.0, 2.0])
    >>> line = weibull_line(np.log(x), weibull_cdf(x, 1.5, 2.0), [1, 1, 1])
    >>> round(line.shape, 6), round(line.scale, 6), round(line.r_squared, 6)
    (1.5, 2.0, 1.0)
    """
    x, below, weight = (np.asarray(values, dtype=float) for values in (log_sizes, shares, weights))
    y = np.log(-np.log1p(-below))
    weight = weight / weight.sum()
    x_mean, y_mean = float(weight @ x), float(weight @ y)
    x_variance = float(weight @ (x - x_mean) ** 2)
    if not x_variance > 0:
        raise ValueError("a line needs two different sizes")
    slope = float(weight @ ((x - x_mean) * (y - y_mean))) / x_variance
    intercept = y_mean - slope * x_mean
    residual = float(weight @ (y - slope * x - intercept) ** 2)
    scale = float(np.exp(-intercept / slope))
    gap = np.abs(below - weibull_cdf(np.exp(x), slope, scale)).max()
    return Line(slope, scale, 1 - residual / float(weight @ (y - y_mean) ** 2), float(gap))


def weibull_limit(size_quantile: Quantile) -> Line:
    """What the middle 80 % gives for infinitely many entries, by Gauss–Legendre integration over the share.

    ``size_quantile`` maps a share to the magnitude below which it lies. Exact: weighting by counts is
    integrating over the share.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    low, high = MIDDLE
    shares = low + (high - low) * (nodes + 1) / 2
    return weibull_line(np.log(size_quantile(shares)), shares, weights)


@lru_cache(maxsize=64)
def weibull_anchor(law: str = "Gaussian") -> Line:
    """Limit for entries of a named law of :data:`SIZE_QUANTILES` at unit scale. Raises ``ValueError`` for another.

    >>> anchor = weibull_anchor("Gaussian")
    >>> round(anchor.shape, 5), round(anchor.scale, 5)
    (1.20543, 0.88749)
    """
    if law not in SIZE_QUANTILES:
        raise ValueError(f"there is no entry law {law!r}; known are {', '.join(SIZE_QUANTILES)}")
    return weibull_limit(SIZE_QUANTILES[law])
