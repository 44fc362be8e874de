"""Heavy tails: the largest of many draws, and what an exponent fitted to such draws is expected to be.

An entry has tail exponent ``μ`` when ``P(|w| > x) ~ c x^(−μ)``. Its square, and with it a large eigenvalue of
``WᵀW``, has ``μ/2``, so the density of eigenvalues falls with ``α = 1 + μ/2``; the variance is finite above ``α = 2``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gamma, stdtr


def spectral_exponent(entry_exponent: float) -> float:
    """Exponent ``α = 1 + μ/2`` of the density of eigenvalues whose entries have the tail exponent ``μ``.

    >>> spectral_exponent(2.0)
    2.0
    """
    return 1 + entry_exponent / 2


def frechet_cdf(x: ArrayLike, exponent: float) -> np.ndarray:
    """Law of the largest of many positive draws of this tail exponent, ``exp(−x^(−exponent))``; zero up to 0.

    ``x`` is in units of the size that one draw is expected to exceed. Source: Fréchet (1927). For the largest
    eigenvalue of ``WᵀW`` with ``exponent = μ/2``, ``μ < 4``: Auffinger, Ben Arous and Péché (2009).

    >>> float(frechet_cdf(1.0, 0.5).round(4))
    0.3679
    """
    x = np.asarray(x, dtype=float)
    safe = np.where(x > 0, x, 1.0)
    return np.where(x > 0, np.exp(-(safe**-exponent)), 0.0)


def student_survival(sizes: ArrayLike, degrees: float) -> np.ndarray:
    """``P(|w| > size)`` of Student's t law, whose tail exponent is its degrees of freedom.

    >>> float(student_survival(1.0, 1.0).round(4))
    0.5
    """
    return 2 * stdtr(degrees, -np.asarray(sizes, dtype=float))


def stable_tail(sizes: ArrayLike, index: float) -> np.ndarray:
    """``P(|w| > size)`` far out, of the symmetric stable law with characteristic function ``exp(−|t|^index)``.

    ``(2/π) Γ(μ) sin(πμ/2) size^(−μ)``, never above one; zero for ``index`` 2, the normal law.
    Source: Nolan (2020), theorem 1.2.

    >>> float(stable_tail(100.0, 1.0).round(5))
    0.00637
    """
    scale = 2 / np.pi * float(gamma(index)) * np.sin(np.pi * index / 2) if index < 2 else 0.0
    sizes = np.asarray(sizes, dtype=float)
    return np.minimum(1.0, scale * np.where(sizes > 0, sizes, np.inf) ** -index) if scale > 0 else np.zeros(sizes.shape)


def hill_mean(alpha: float, n_tail: ArrayLike) -> np.ndarray:
    """Mean Hill exponent of ``n_tail`` draws from a power law, its threshold among them: ``1 + (α − 1) k / (k − 2)``.

    Derivation: the excess logarithms over the smallest draw sum to a gamma variable of shape ``k − 1`` and rate
    ``α − 1`` (Rényi 1953), whose inverse has the mean ``(α − 1) / (k − 2)``. ``nan`` for two draws or fewer.

    >>> hill_mean(3.0, [4, 102]).round(2).tolist()
    [5.0, 3.04]
    """
    k = np.asarray(n_tail, dtype=float)
    return 1 + (alpha - 1) * k / np.where(k > 2, k - 2, np.nan)


def hill_deviation(alpha: float, n_tail: ArrayLike) -> np.ndarray:
    """Standard deviation of the exponent of :func:`hill_mean`, ``(α − 1) k / ((k − 2) √(k − 3))``; ``nan`` up to three.

    >>> float(hill_deviation(3.0, 103).round(3))
    0.204
    """
    k = np.asarray(n_tail, dtype=float)
    return (alpha - 1) * k / ((k - 2) * np.sqrt(np.where(k > 3, k - 3, np.nan)))
