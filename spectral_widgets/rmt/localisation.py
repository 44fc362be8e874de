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


def peaked_inverse_participation(overlap: float, n: int) -> float:
    """Mean ``Σ v⁴`` of a unit vector with squared ``overlap`` with one axis and the rest in random directions.

    ``q² + 3 (1 − q)² / (n + 1)``: one over it stays finite as the vector grows.

    >>> peaked_inverse_participation(1.0, 100)
    1.0
    """
    return overlap**2 + 3 * (1 - overlap) ** 2 / (n + 1)


def spread_inverse_participation(overlap: float, n: int) -> float:
    """Mean ``Σ v⁴`` of a unit vector with squared ``overlap`` with ``(1, …, 1)/√n`` and the rest in random directions.

    ``(q² + 6 q (1 − q) + 3 (1 − q)² (n − 1)/(n + 1)) / n``: one over it grows with the vector, from about ``n/3`` to
    ``n``.

    >>> spread_inverse_participation(1.0, 100)
    0.01
    """
    rest = 1 - overlap
    return (overlap**2 + 6 * overlap * rest + 3 * rest**2 * (n - 1) / (n + 1)) / n
