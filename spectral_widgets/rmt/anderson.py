"""The Anderson chain: how fast waves die away along a line of sites with random energies, neighbours coupled by 1.

``(Hψ)ₙ = ψₙ₋₁ + ψₙ₊₁ + εₙ ψₙ``. All its states are localised; ``γ`` is the rate at which the amplitude falls per site,
one over the localisation length.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def anderson_rate(energy: ArrayLike, width: float) -> np.ndarray:
    """``γ = W² / (24 (4 − E²))`` for site energies that are uniform over ``W``; ``nan`` outside the band ``|E| < 2``.

    First order in the variance ``W²/12``: good to a few percent up to ``W`` about 2, but not at the middle of the band,
    where resonance leaves ``W²/105`` (Kappus and Wegner 1981), nor at its ends. Source: Thouless (1979).

    >>> float(anderson_rate(1.0, 1.2))
    0.02
    """
    energy = np.asarray(energy, dtype=float)
    inside = np.abs(energy) < 2
    return np.where(inside, width**2 / (24 * np.where(inside, 4 - energy**2, 1.0)), np.nan)


def lloyd_rate(energy: ArrayLike, width: float) -> np.ndarray:
    """``γ`` for site energies of a Cauchy law of half-width ``δ``, exact at every energy and width.

    ``4 cosh γ = √((2 + E)² + δ²) + √((2 − E)² + δ²)``. Source: Thouless (1972), for the model of Lloyd (1969).

    >>> round(float(lloyd_rate(0.0, 2.0)), 6) == round(float(np.arccosh(np.sqrt(2))), 6)
    True
    """
    energy = np.asarray(energy, dtype=float)
    return np.arccosh((np.hypot(2 + energy, width) + np.hypot(2 - energy, width)) / 4)
