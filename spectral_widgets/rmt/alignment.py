"""How much two matrices amplify each other when their directions have nothing to do with each other."""

from __future__ import annotations

import math


def composition_moments(width: int, spread_reader: float, spread_writer: float) -> tuple[float, float]:
    """Mean and standard deviation of ``‖B A‖_F / (‖B‖_F ‖A‖_F)`` when a random rotation stands between the two.

    ``spread_*`` is ``Σ s⁴ / (Σ s²)²`` of the singular values, from 1 (one direction) down to ``1 / width``. The
    square has mean ``1/d`` and variance ``2 (p − 1/d)(q − 1/d) / ((d − 1)(d + 2))``, exactly, by the second
    moments of the orthogonal group; the root follows to first order. Needs ``width > 1``.

    >>> mean, deviation = composition_moments(256, 0.04, 0.04)
    >>> round(mean, 4), round(deviation, 4)
    (0.0625, 0.0016)
    """
    if width < 2:
        raise ValueError(f"directions need a width of at least 2, got {width}")
    excess = max(spread_reader - 1 / width, 0.0) * max(spread_writer - 1 / width, 0.0)
    variance = 2 * excess / ((width - 1) * (width + 2))
    # Of a root: E √x ≈ √μ − σ²/(8 μ^{3/2}), sd √x ≈ σ / (2 √μ).
    root = math.sqrt(1 / width)
    return root - variance / (8 * root**3), math.sqrt(variance) / (2 * root)


def gaussian_head_spread(width: int, rank: int) -> float:
    """``Σ s⁴ / (Σ s²)²`` of ``A B`` with Gaussian ``A (width, rank)`` and ``B (rank, width)``, for large width.

    With Wishart ``W = AᵀA`` of ``d`` degrees of freedom: ``E W X W = d (d + 1) X + d tr(X) I``,
    ``E tr W² = d r (d + r + 1)``, ``E (tr W)² = d² r² + 2 d r``, so that the mean of the numerator is
    ``d (d + 1) E tr W² + d E (tr W)²`` and that of ``(Σ s²)²`` is ``(E (tr W)²)²`` less terms of order ``1/(d r)``.

    >>> round(1 / gaussian_head_spread(256, 32), 1)
    25.4
    """
    trace_of_square = width * rank * (width + rank + 1)
    square_of_trace = float(width * rank) ** 2 + 2 * width * rank
    return (width * (width + 1) * trace_of_square + width * square_of_trace) / (float(width) ** 2 * rank) ** 2
