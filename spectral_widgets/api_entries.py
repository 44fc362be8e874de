"""The door to the laws of entries: the Weibull plot of their sizes and rival laws."""

from __future__ import annotations

from .api_sources import Matrix, matrix_of
from .records import EntryFits, WeibullFit
from .spectra import magnitudes


def fit_weibull(matrix: Matrix) -> WeibullFit:
    """Weibull law of ``|w|`` by the middle 80 % of its probability plot; ``charts.weibull`` draws it.

    Raises Complaint below 100 non-zero entries, and where they take fewer than five sizes.
    """
    return magnitudes.weibull_fit(magnitudes.magnitudes_of(matrix_of(matrix)))


def entry_fits(matrix: Matrix) -> EntryFits:
    """Gaussian, Laplace, log-normal, Student-t and Weibull laws of the entries; log-likelihood and AIC per entry."""
    sizes = magnitudes.magnitudes_of(matrix_of(matrix))
    return magnitudes.entry_fits(sizes, magnitudes.weibull_fit(sizes))
