"""What the Hill estimator gives on pure noise: a number of the shape alone, with nothing learned in it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from .levels import mp_levels
from .marchenko_pastur import mp_quantile

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)


def hill_estimate(logs: np.ndarray) -> float:
    """``α = 1 + k / Σ (ln λⱼ − ln λᵢ)`` over ascending logarithms whose first is ``ln λᵢ``; ``inf`` when all are equal.

    Source: Hill (1975), with the threshold inside the sum.

    >>> hill_estimate(np.array([0.0, 0.5, 1.5]))
    2.5
    """
    excess = float((logs - logs[0]).sum())
    return 1 + len(logs) / excess if excess > 0 else float("inf")


@lru_cache(maxsize=1024)
def mp_hill_alpha(aspect: float, share: float = 0.5) -> float:
    """Hill exponent of the top ``share`` of a Marchenko–Pastur spectrum, in the limit of a large matrix.

    ``1 + q / ∫ ln(x / x_q) ρ(x) dx`` over ``x > x_q``, where ``x_q`` leaves the share ``q`` above. Free of the
    variance. Source: exact integral of Marchenko and Pastur (1967).

    >>> [round(mp_hill_alpha(1 / ratio), 4) for ratio in (1, 1.5, 2, 4, 8)]
    [2.1217, 2.4492, 2.7058, 3.4546, 4.4699]
    """
    if not 0 < share < 1:
        raise ValueError(f"share must lie strictly between 0 and 1, got {share}")
    root = np.sqrt(aspect)
    start = mp_quantile(1 - share, aspect)
    # x = 1 + y + 2√y cos θ turns ρ(x) dx into 2 sin²θ / (π x) dθ, smooth up to both edges.
    last = np.arccos(np.clip((start - 1 - aspect) / (2 * root), -1.0, 1.0))
    angle = last * (_NODES + 1) / 2
    above = 4 * root * np.sin((last - angle) / 2) * np.sin((last + angle) / 2)
    weights = _WEIGHTS * last / 2 * 2 * np.sin(angle) ** 2 / (np.pi * (start + above))
    return 1 + share / float((weights * np.log1p(above / start)).sum())


def mp_hill_curve(aspect: float, shares: ArrayLike) -> np.ndarray:
    """:func:`mp_hill_alpha` at many shares; ``nan`` at 0 and 1."""
    shares = np.asarray(shares, dtype=float)
    return np.array([mp_hill_alpha(aspect, float(share)) if 0 < share < 1 else np.nan for share in shares])


@lru_cache(maxsize=1024)
def finite_hill_alpha(n_rows: int, n_cols: int, n_pooled: int = 1) -> float:
    """Hill exponent of the upper half of a noise matrix of this size, or of ``n_pooled`` spectra of it in one.

    That of the places where the eigenvalues are expected (:func:`mp_levels`): normal entries, within about 0.2 % of the
    mean over draws from 40 columns on, where :func:`mp_hill_alpha` is 2 % off.

    >>> round(finite_hill_alpha(80, 80), 2), round(finite_hill_alpha(800, 800), 2)
    (2.15, 2.12)
    """
    levels = mp_levels(n_rows, n_cols, n_pooled)
    return hill_estimate(np.log(levels[len(levels) // 2 :]))
