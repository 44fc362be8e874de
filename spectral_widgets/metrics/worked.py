"""Evidence small enough to check by hand, for the worked values on the cards."""

from __future__ import annotations

import numpy as np

from ..records import (
    EntryFit,
    EntryFits,
    ErgCut,
    FarmsFit,
    HillFit,
    LeadingVectors,
    NullFit,
    Rival,
    Spectrum,
    TailAlternatives,
    TailBootstrap,
    TailFit,
    WeibullFit,
)


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


def weibull(*, shape: float = 1.2, scale: float = 1.0, r_squared: float = 0.99, distance: float = 0.01) -> WeibullFit:
    """Weibull fit with these numbers and no points."""
    none = np.empty(0)
    return WeibullFit(shape, scale, r_squared, distance, (0.1, 0.9), none, none, 1000)


def entry_fits(
    *,
    gaussian: float = 0.0,
    laplace: float = 0.0,
    lognormal: float = 0.0,
    student_t: float = 0.0,
    weibull: float = 0.0,
    degrees: float = 5.0,
) -> EntryFits:
    """Laws of entries with these criteria per entry; Student-t with these degrees of freedom."""
    fits = (
        EntryFit("Gaussian", (("deviation", 1.0),), -gaussian / 2, gaussian),
        EntryFit("Laplace", (("scale", 1.0),), -laplace / 2, laplace),
        EntryFit("log-normal", (("log_mean", 0.0), ("log_deviation", 1.0)), -lognormal / 2, lognormal),
        EntryFit("Student-t", (("degrees", degrees), ("scale", 1.0)), -student_t / 2, student_t),
        EntryFit("Weibull", (("shape", 1.2), ("scale", 1.0)), -weibull / 2, weibull),
    )
    return EntryFits(fits, 1000)


def vectors(left: list[float], right: list[float]) -> LeadingVectors:
    """One direction with these components, scaled to unit length."""
    columns = [np.array([side]).T / np.linalg.norm(side) for side in (left, right)]
    return LeadingVectors(np.ones(1), columns[0], columns[1])


def hill(*, alpha: float = 3.0, n_top: int = 25, noise_alpha: float = 2.12) -> HillFit:
    """Hill fit with these numbers and the error that belongs to them."""
    return HillFit(alpha, (alpha - 1) / n_top**0.5, 1.0, n_top, 2 * n_top, noise_alpha)


def farms(*, alpha: float = 3.0) -> FarmsFit:
    """Hill fit of the one window that is the whole 2 × 2 matrix."""
    return FarmsFit(alpha, (2, 2), ((0, 0),), (alpha,), np.ones(2), "grid of windows", 2.12, hill(alpha=alpha))


def erg(*, xmin: float = 0.75, n_tail: int = 12, tail_xmin: float = 1.0) -> ErgCut:
    """Cut of a spectrum of mean one, twice as long as the tail, with product one exactly."""
    return ErgCut(xmin, n_tail, 2 * n_tail, 0.0, 1.0, tail_xmin, tail_xmin - xmin)


def alternatives(
    *, truncated: tuple[float, float] = (-1.0, 0.1), lognormal: tuple[float, float] = (-1.0, 0.3)
) -> TailAlternatives:
    """Comparison in which the rivals have these ratios and p-values."""
    return TailAlternatives(
        alpha=3.0,
        xmin=1.0,
        n_tail=25,
        log_likelihood=-30.0,
        truncated=Rival("truncated power law", (), -29.0, -1.0, *truncated, False),
        lognormal=Rival("log-normal", (), -29.0, -1.0, *lognormal, False),
        sentence="",
    )


def bootstrap(*, p_value: float = 0.5) -> TailBootstrap:
    """Bootstrap of nine samples with this p-value."""
    return TailBootstrap(0.05, np.linspace(0.01, 0.1, 9), p_value, 0.1, 0)
