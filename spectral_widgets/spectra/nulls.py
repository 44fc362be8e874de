"""Marchenko–Pastur laws fitted to a matrix: to the bulk of its own spectrum, or to its entries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..records import EntryStatistics, NullFit, Spectrum
from ..rmt import edge_scaling, kurtosis_shift, kurtosis_widening, mp_cdf, mp_edges, mp_median, tw_quantile
from .heaviness import MAX_KURTOSIS

#: Below this short side the edge law is a rough guide only, and no traps are counted.
MIN_SIDE = 20
_SPIKE_LEVEL = 0.99


def fit_null(spectrum: Spectrum) -> NullFit:
    """Marchenko–Pastur law of the bulk of a spectrum, from the median of the eigenvalues that are not spikes.

    Spikes (beyond the Tracy–Widom 99 % edge of the current fit) are set aside and the median is matched
    again until nothing changes, so that learned directions do not widen the noise.
    """
    eigenvalues = spectrum.eigenvalues
    n_bulk = len(eigenvalues)
    for _ in range(50):
        variance = float(np.median(eigenvalues[:n_bulk])) / mp_median(spectrum.aspect)
        if not variance > 0:
            return _no_null(spectrum, "more than half of the eigenvalues are zero, so there is no bulk to fit")
        null = _null(variance, spectrum.n_rows, spectrum.n_cols, 0.0, "median of the bulk eigenvalues")
        inside = int(np.searchsorted(eigenvalues, threshold_of(null, 1 - _SPIKE_LEVEL), side="right"))
        if inside >= n_bulk:
            break
        n_bulk = max(inside, 1)
    return _with_goodness(null, eigenvalues[:n_bulk])


def null_of_entries(statistics: EntryStatistics, n_rows: int, n_cols: int) -> NullFit:
    """Law of the shuffled matrix, known before any decomposition: a shuffle keeps the entries.

    The variance leaves out the mean and trap-making entries; the edge is moved and widened by the entries'
    kurtosis.
    """
    how = "variance of the entries without mean and giants"
    null = _null(statistics.bulk_variance, n_rows, n_cols, statistics.excess_kurtosis, how)
    return replace(null, caveat=_caveat(n_cols, statistics))


def threshold_of(null: NullFit, level: float) -> float:
    """Eigenvalue that noise exceeds with probability ``level``."""
    return null.edge_centre + tw_quantile(1 - level) * null.edge_width


def spike_count(spectrum: Spectrum, null: NullFit) -> int:
    """Number of eigenvalues of the true matrix beyond the Tracy–Widom 99 % edge of its fitted null."""
    return int(np.count_nonzero(spectrum.eigenvalues > threshold_of(null, 1 - _SPIKE_LEVEL)))


def _null(variance: float, n_rows: int, n_cols: int, excess_kurtosis: float, how: str) -> NullFit:
    low, high = mp_edges(n_cols / n_rows, variance)
    centre, width = edge_scaling(n_rows, n_cols)
    # A wild kurtosis would move the edge past anything; beyond the limit the law is not used for p-values.
    kurtosis = min(excess_kurtosis, MAX_KURTOSIS)
    shift, widening = kurtosis_shift(n_rows, n_cols, kurtosis), kurtosis_widening(n_rows, n_cols, kurtosis)
    return NullFit(
        law="Marchenko–Pastur",
        variance=variance,
        aspect=n_cols / n_rows,
        low=low,
        high=high,
        edge_centre=variance * (centre + shift),
        edge_width=variance * width * widening,
        how=how,
    )


def _caveat(n_cols: int, statistics: EntryStatistics) -> str:
    if n_cols < MIN_SIDE:
        return (
            f"The short side has only {n_cols} entries; the edge law is a rough guide below {MIN_SIDE}, "
            "so no traps are counted."
        )
    if statistics.heavy:
        return (
            f"The entries are heavy-tailed (excess kurtosis {statistics.excess_kurtosis:.1f}), so no edge law holds "
            "and no Tracy–Widom p-value is given: a shuffle of such entries has outliers without training. A trap "
            "here means only that a few large entries rule the shuffled spectrum."
        )
    return ""


def _no_null(spectrum: Spectrum, why: str) -> NullFit:
    nan = float("nan")
    return NullFit("Marchenko–Pastur", nan, spectrum.aspect, nan, nan, nan, nan, "none", caveat=f"No fit: {why}.")


def _with_goodness(null: NullFit, bulk: np.ndarray) -> NullFit:
    n = len(bulk)
    law = mp_cdf(bulk, null.aspect, null.variance)
    above = np.arange(1, n + 1) / n - law
    below = law - np.arange(n) / n
    return replace(null, goodness=float(max(above.max(), below.max())))
