"""How many components carry a vector."""

from __future__ import annotations

import numpy as np


def participation_ratio(vector: np.ndarray) -> float:
    """Effective number of components of a vector, ``(Σ v²)² / Σ v⁴``, from 1 to ``n``.

    >>> participation_ratio(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    squares = np.asarray(vector, dtype=float) ** 2
    return float(squares.sum() ** 2 / (squares**2).sum())


def porter_thomas_participation(n: int) -> float:
    """Participation of a random real unit vector of length ``n``: ``(n + 2) / 3`` (Porter and Thomas 1956)."""
    return (n + 2) / 3
