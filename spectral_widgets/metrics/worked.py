"""Evidence small enough to check by hand, for the worked values on the cards."""

from __future__ import annotations

import numpy as np

from ..records import NullFit, Spectrum, TailFit


def spectrum(*eigenvalues: float, n_rows: int = 4) -> Spectrum:
    """Spectrum with these eigenvalues of ``WᵀW / n_rows``, of entries without a mean."""
    values = np.sort(np.array(eigenvalues, dtype=float))
    return Spectrum(values, n_rows, len(values), float(values.mean()))


def tail(*, alpha: float = 3.0, xmin: float = 1.0, distance: float = 0.05, n_tail: int = 25) -> TailFit:
    """Tail fit with these numbers and the error that belongs to them."""
    return TailFit(alpha, (alpha - 1) / n_tail**0.5, xmin, 10 * xmin, distance, n_tail, 2 * n_tail)


def null(*, variance: float = 1.0, edge: float = 3.0, width: float = 0.1, goodness: float = 0.02) -> NullFit:
    """Null of aspect 1/4 with this variance and finite-size edge."""
    low, high = 0.25 * variance, 2.25 * variance
    return NullFit("Marchenko–Pastur", variance, 0.25, low, high, edge, width, "by hand", goodness)
