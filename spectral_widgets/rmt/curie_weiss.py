"""The Curie–Weiss magnet: ``n`` spins ±1, every pair coupled by ``1/n``, so that the transition is at temperature 1.

The energy of magnetisation ``m`` is ``−n m²/2``, up to a constant.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln


def mean_field_magnetisation(temperature: float) -> float:
    """The solution ``m ≥ 0`` of ``m = tanh(m/T)`` that an infinite magnet takes: zero from ``T = 1`` on.

    Source: Weiss (1907).

    >>> mean_field_magnetisation(1.5), round(mean_field_magnetisation(0.5), 4)
    (0.0, 0.9575)
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    # tanh(x) = T x in x = m/T, whose first term left over is x²/3 = 1 − T: below rounding there is no root to find.
    if temperature > 1 - 1e-9:
        return 0.0
    low = np.sqrt(1 - temperature) / 2
    return temperature * float(brentq(lambda x: np.tanh(x) - temperature * x, low, 2 / temperature, xtol=1e-14))


def curie_weiss_distribution(n_spins: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """The ``n + 1`` magnetisations and their exact probabilities ``∝ C(n, k) exp(n m²/2T)``.

    >>> places, shares = curie_weiss_distribution(2, 1.0)
    >>> places.tolist(), bool(np.isclose(shares[1] / shares[0], 2 / np.e))
    ([-1.0, 0.0, 1.0], True)
    """
    up = np.arange(n_spins + 1)
    places = 2 * up / n_spins - 1
    logs = n_spins * places**2 / (2 * temperature) - gammaln(up + 1) - gammaln(n_spins - up + 1)
    shares = np.exp(logs - logs.max())
    return places, shares / shares.sum()
