"""An estimated spectrum as the pictures need it: eigenvalues that stand for it, and a band of error around its bars."""

from __future__ import annotations

import numpy as np

from ..records import Spectrum, SpectrumEstimate
from ..rmt import quadrature_ranks
from .bars import Row, Window

#: The band reaches so many standard errors to either side.
BAND_ERRORS = 2.0


def ranked(estimate: SpectrumEstimate) -> np.ndarray:
    """``(n_probes, n_cols)``: eigenvalues that stand for the spectrum, ascending, by every probe alone."""
    n_rest = estimate.n_cols - len(estimate.top)
    pairs = zip(estimate.nodes, estimate.weights, strict=True)
    return np.array([np.append(quadrature_ranks(*pair, n_rest, estimate.floor), estimate.top[::-1]) for pair in pairs])


def stand_in(estimate: SpectrumEstimate) -> Spectrum:
    """As many eigenvalues as there are, each the mean over the probes at its rank: for pictures, not for metrics."""
    eigenvalues = np.maximum.accumulate(ranked(estimate).mean(axis=0))
    return Spectrum(eigenvalues, estimate.n_rows, estimate.n_cols, estimate.element_variance)


def error_rows(window: Window, estimate: SpectrumEstimate, base: float, top: float) -> list[Row]:
    """One row a bin: its density two standard errors down and up."""
    single = np.array([window.density(one) for one in ranked(estimate)])
    mean = window.density(stand_in(estimate).eigenvalues)
    error = BAND_ERRORS * single.std(axis=0, ddof=1) / np.sqrt(max(len(single), 2)) if len(single) > 1 else 0 * mean
    low, high = np.clip(mean - error, base, top), np.clip(mean + error, base, top)
    columns = (window.edges[:-1], window.edges[1:], high, low)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [{"low": a, "high": b, "density": up, "base": down} for a, b, up, down in rows if up > down]
