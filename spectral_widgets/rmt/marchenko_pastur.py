"""The Marchenko–Pastur law: eigenvalues of ``WᵀW / n_rows`` when all entries are independent noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq


def mp_edges(aspect: float, variance: float = 1.0) -> tuple[float, float]:
    """Lower and upper edge ``σ² (1 ∓ √y)²`` of the bulk.

    >>> mp_edges(0.25)
    (0.25, 2.25)

    Source: Marchenko and Pastur (1967).
    """
    _check(aspect, variance)
    root = float(np.sqrt(aspect))
    return variance * (1 - root) ** 2, variance * (1 + root) ** 2


def mp_density(x: ArrayLike, aspect: float, variance: float = 1.0) -> np.ndarray:
    """Density per unit eigenvalue at ``x``; zero outside the edges and at ``x = 0``.

    ``ρ(x) = √((x₊ − x)(x − x₋)) / (2π y σ² x)``. Source: Marchenko and Pastur (1967).
    """
    low, high = mp_edges(aspect, variance)
    x = np.asarray(x, dtype=float)
    inside = (x > low) & (x < high) & (x > 0)
    safe = np.where(inside, x, 1.0)
    root = np.sqrt(np.where(inside, (high - x) * (x - low), 0.0))
    return root / (2 * np.pi * aspect * variance * safe)


def mp_cdf(x: ArrayLike, aspect: float, variance: float = 1.0) -> np.ndarray:
    """Share of eigenvalues up to ``x``, by the closed-form integral of the density.

    With ``x = σ²(1 + y + 2√y cos θ)`` the integral is elementary; it agrees with quadrature to 1e-12.
    """
    low, high = mp_edges(aspect, variance)
    unit = np.clip(np.asarray(x, dtype=float), low, high) / variance
    root = np.sqrt(aspect)
    cosine = np.clip((unit - 1 - aspect) / (2 * root), -1.0, 1.0)
    angle = np.arccos(cosine)
    # ∫ of (2/π) sin²t / (1 + y − 2√y cos t) dt from 0 to π − θ, split by polynomial division in cos t.
    back = np.pi - angle
    half = np.arctan2((1 + root) * np.sin(back / 2), (1 - root) * np.cos(back / 2))
    bulk = (1 + aspect) * back / 2 + root * np.sin(back) - (1 - aspect) * half
    return np.clip(bulk / (np.pi * aspect), 0.0, 1.0)


def mp_quantile(probability: float, aspect: float, variance: float = 1.0) -> float:
    """Eigenvalue below which the given share of the bulk lies."""
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must lie in [0, 1], got {probability}")
    low, high = mp_edges(aspect, 1.0)
    if probability in (0, 1):
        return variance * (low if probability == 0 else high)
    return variance * float(brentq(lambda x: float(mp_cdf(x, aspect)) - probability, low, high, xtol=1e-14))


def mp_quantiles(probabilities: ArrayLike, aspect: float, variance: float = 1.0) -> np.ndarray:
    """Many quantiles at once, by interpolation of the distribution function; good to about 1e-6 of the edge.

    >>> round(float(mp_quantiles([0.5], 1.0)[0]), 4)
    0.6528
    """
    # In the angle of the closed form both edges are smooth, so that straight lines between points are enough.
    angles = np.linspace(np.pi, 0.0, 4097)
    points = 1 + aspect + 2 * np.sqrt(aspect) * np.cos(angles)
    shares = mp_cdf(points, aspect)
    found = np.interp(np.asarray(probabilities, dtype=float), shares, -angles)
    return variance * (1 + aspect + 2 * np.sqrt(aspect) * np.cos(found))


@lru_cache(maxsize=1024)
def mp_median(aspect: float) -> float:
    """Median eigenvalue at unit variance.

    >>> round(mp_median(1.0), 4)
    0.6528
    """
    return mp_quantile(0.5, aspect)


def _check(aspect: float, variance: float) -> None:
    if not 0 < aspect <= 1:
        raise ValueError(f"aspect is short side over long side and must lie in (0, 1], got {aspect}")
    if not variance > 0:
        raise ValueError(f"variance must be positive, got {variance}")
