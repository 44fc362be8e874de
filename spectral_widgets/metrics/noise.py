"""Metrics against the Marchenko–Pastur law of pure noise."""

from __future__ import annotations

from ..records import NullFit, Spectrum
from ..spectra.nulls import spike_count
from . import worked
from .registry import metric
from .tail import BLIND


@metric(
    symbol="σ²",
    unit="weight²",
    meaning="Variance of the noise that fits the bulk of the spectrum.",
    source="Marchenko and Pastur (1967), matched at the median of the bulk",
    laws=("grows_as_square", "non_negative", *BLIND),
    worked=((worked.null(variance=0.5), 0.5),),
)
def bulk_variance(null: NullFit) -> float:
    """Variance per entry of the fitted law."""
    return null.variance


@metric(
    symbol="D₀",
    meaning="Largest gap between the bulk and the law of noise, as shares of the bulk.",
    source="Kolmogorov–Smirnov distance to Marchenko and Pastur (1967)",
    laws=("scale_free", "within_unit", *BLIND),
    worked=((worked.null(goodness=0.02), 0.02),),
)
def null_distance(null: NullFit) -> float:
    """Kolmogorov–Smirnov distance between bulk and law; large for trained layers whose bulk is not noise."""
    return null.goodness


@metric(
    symbol="spikes",
    meaning="Eigenvalues of the true matrix beyond the 99 % edge of its noise law: learned directions.",
    source="Johnstone (2001), Tracy–Widom edge of the fitted law",
    laws=("scale_free", "non_negative", *BLIND),
    worked=(((worked.spectrum(1.0, 3.1, 3.3), worked.null(edge=3.0, width=0.1)), 1.0),),
)
def spikes(spectrum: Spectrum, null: NullFit) -> float:
    """Count of eigenvalues above ``edge + 2.0234 widths``; ``nan`` when no law could be fitted."""
    return float(spike_count(spectrum, null)) if null.variance > 0 else float("nan")
