"""Metrics against the Marchenko–Pastur law of pure noise."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, NullFit, Spectrum
from ..rmt import mp_quantiles, spacing_ratios
from ..spectra.nulls import spike_count
from . import worked
from .ranks import numerical_rank
from .registry import metric
from .tail import BLIND

_MIN_LEVELS = 20
# Singular values whose gaps are 1, 2, 1, 2, …: every ratio is one half.
_LADDER = tuple(float((3 * (k // 2) + k % 2 + 1) ** 2) for k in range(24))


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


@metric(
    symbol="R_mp",
    meaning="Edge of the bulk over the largest eigenvalue: 1 is noise, near 0 is one dominating direction.",
    source="Martin and Mahoney (2021), MP soft rank",
    laws=("scale_free", "non_negative", *BLIND),
    worked=(((worked.spectrum(1.0, 9.0), worked.null()), 0.25),),
)
def mp_soft_rank(spectrum: Spectrum, null: NullFit) -> float:
    """``λ₊ / λmax``; a little above 1 for noise, whose largest eigenvalue stays below the asymptotic edge."""
    return null.high / float(spectrum.eigenvalues[-1]) if null.variance > 0 else float("nan")


@metric(
    symbol="bulk",
    meaning="Share of the eigenvalues between the edges of the fitted law of noise.",
    source="Marchenko and Pastur (1967); compare Martin and Mahoney (2021)",
    laws=("scale_free", "within_unit", *BLIND),
    worked=(((worked.spectrum(0.1, 1.0, 2.0, 3.0), worked.null()), 0.5),),
)
def bulk_fraction(spectrum: Spectrum, null: NullFit) -> float:
    """Share of eigenvalues in ``[λ₋, λ₊]``; near 1 for noise, lower with learned or with vanishing directions."""
    if not null.variance > 0:
        return float("nan")
    inside = (spectrum.eigenvalues >= null.low) & (spectrum.eigenvalues <= null.high)
    return float(inside.mean())


@metric(
    symbol="W₁/σ²",
    meaning="Mean distance that the eigenvalues would have to move to follow the law of noise, in its variances.",
    source="Wasserstein-1 distance to Marchenko and Pastur (1967), by quantiles",
    laws=("scale_free", "non_negative", *BLIND),
    worked=(((worked.spectrum(0.0, 0.0), worked.null()), float(mp_quantiles([0.25, 0.75], 0.25).mean())),),
)
def null_wasserstein(spectrum: Spectrum, null: NullFit) -> float:
    """``Σ |λᵢ − q((i − ½)/n)| / (n σ²)`` over all eigenvalues.

    :func:`null_distance` looks at the shape of the bulk only; this one feels how far out the spikes are.
    """
    if not null.variance > 0:
        return float("nan")
    n = len(spectrum.eigenvalues)
    law = mp_quantiles((np.arange(n) + 0.5) / n, null.aspect)
    return float(np.abs(spectrum.eigenvalues / null.variance - law).mean())


@metric(
    symbol="⟨r⟩",
    meaning="Mean ratio of neighbouring gaps in the bulk: 0.531 where levels repel as in noise, 0.386 if independent.",
    source="Oganesyan and Huse (2007); Atas, Bogomolny, Giraud and Roux (2013)",
    laws=("scale_free", "within_unit", *BLIND),
    worked=(((worked.spectrum(*_LADDER), worked.null(edge=5000.0)), 0.5),),
)
def level_spacing_ratio(spectrum: Spectrum, null: NullFit) -> float:
    """Mean of smaller over larger gap of neighbouring singular values, without zeros and spikes.

    Its standard error is about ``0.27 / √n``. Raises ``Complaint`` below 20 bulk eigenvalues, and where they
    coincide.
    """
    if not null.variance > 0:
        return float("nan")
    count = len(spectrum.eigenvalues) - spike_count(spectrum, null)
    positive = spectrum.eigenvalues[:count][-int(numerical_rank(spectrum)) :]
    levels = np.sqrt(positive[positive > 0])
    ratios = spacing_ratios(levels)
    if len(ratios) < _MIN_LEVELS - 2:
        raise Complaint(f"Only {len(levels)} levels in the bulk, some perhaps equal: ⟨r⟩ needs {_MIN_LEVELS} apart.")
    return float(ratios.mean())
