"""Pair metrics of the difference: how large it is and how many directions it has."""

from __future__ import annotations

import numpy as np

from ...records import DifferenceSpectrum, NullFit, TopSubspaces
from ...spectra.nulls import spike_count
from ..worked import null
from . import worked
from .registry import pair_metric

BLIND = ("rotation_blind", "permutation_blind", "transpose_blind")
TEXTBOOK = "Golub and Van Loan, Matrix Computations, section 2.3"


@pair_metric(
    symbol="‖Δ‖/‖W‖",
    meaning="Frobenius norm of the difference over that of the base.",
    source="Robust weight signatures (arXiv 2302.12480); Golub and Van Loan, section 2.3",
    laws=("scale_free", "non_negative", "zero_for_equal", *BLIND),
    worked=((worked.difference(3.0, 4.0, base_norm=10.0), 0.5),),
)
def relative_change(difference: DifferenceSpectrum) -> float:
    """``‖Δ‖_F / ‖W‖_F``: the norm of a robust weight signature, layer by layer."""
    return _ratio(float(np.linalg.norm(difference.singular_values)), difference.base_norm)


@pair_metric(
    symbol="s₁(Δ)/s₁(W)",
    meaning="Largest singular value of the difference over that of the base.",
    source=TEXTBOOK,
    laws=("scale_free", "non_negative", "zero_for_equal", *BLIND),
    worked=(((worked.difference(1.0, 2.0), worked.subspaces([[1.0]], base=(4.0, 2.0))), 0.5),),
)
def relative_spectral_change(difference: DifferenceSpectrum, subspaces: TopSubspaces) -> float:
    """``s₁(Δ) / s₁(W)``."""
    return _ratio(_largest(difference), float(subspaces.base_values[0]))


@pair_metric(
    symbol="r(Δ)",
    meaning="Squared Frobenius norm of the difference over its squared spectral norm.",
    source="Rudelson and Vershynin (2007)",
    laws=("scale_free", "symmetric", "within_short_side", *BLIND),
    worked=((worked.difference(1.0, 1.0, 2.0), 1.5),),
)
def update_stable_rank(difference: DifferenceSpectrum) -> float:
    """``‖Δ‖_F² / s₁²``; ``nan`` for equal matrices."""
    return _ratio(float((difference.singular_values**2).sum()), _largest(difference) ** 2)


@pair_metric(
    symbol="rank Δ",
    meaning="Singular values of the difference above what rounding of the stored weights can make.",
    source="Golub and Van Loan, section 5.4; floor: largest singular value of independent rounding errors",
    laws=("scale_free", "non_negative", "zero_for_equal", *BLIND),
    worked=((worked.difference(0.0, 1e-12, 2.0), 1.0),),
)
def update_rank(difference: DifferenceSpectrum) -> float:
    """Count above the floor of :func:`difference_spectrum_of`; 0 for equal matrices."""
    return float(np.count_nonzero(difference.singular_values > difference.floor))


@pair_metric(
    symbol="n₉₀",
    meaning="Smallest number of directions that carry 90 % of the squared norm of the difference.",
    source="Cumulative energy of singular values; for weight updates: Aghajanyan et al. (2021)",
    laws=("scale_free", "symmetric", "within_short_side", *BLIND),
    worked=((worked.difference(1.0, 3.0), 1.0), (worked.difference(1.0, 2.0), 2.0)),
)
def update_directions_90(difference: DifferenceSpectrum) -> float:
    """Smallest n with ``Σ_{i≤n} s² ≥ 0.9 Σ s²``; ``nan`` for equal matrices."""
    return directions_for(difference, 0.90)


@pair_metric(
    symbol="n₉₉",
    meaning="Smallest number of directions that carry 99 % of the squared norm of the difference.",
    source="Cumulative energy of singular values; for weight updates: Aghajanyan et al. (2021)",
    laws=("scale_free", "symmetric", "within_short_side", *BLIND),
    worked=((worked.difference(1.0, 3.0), 2.0), (worked.difference(0.1, 3.0), 1.0)),
)
def update_directions_99(difference: DifferenceSpectrum) -> float:
    """Smallest n with ``Σ_{i≤n} s² ≥ 0.99 Σ s²``; ``nan`` for equal matrices."""
    return directions_for(difference, 0.99)


@pair_metric(
    symbol="spikes(Δ)",
    meaning="Eigenvalues of the difference beyond the 99 % edge of the law of noise fitted to it.",
    source="Johnstone (2001), Tracy–Widom edge of the fitted law",
    laws=("scale_free", "symmetric", *BLIND),
    worked=(((worked.difference(2.0, 3.6, 3.8), null(edge=3.0, width=0.1)), 2.0),),
)
def update_spikes(difference: DifferenceSpectrum, noise: NullFit) -> float:
    """Count above ``edge + 2.0234 widths``; ``nan`` where no law fits, as for an exact low rank: see the rank."""
    return float(spike_count(difference.spectrum, noise)) if noise.variance > 0 else float("nan")


def directions_for(difference: DifferenceSpectrum, share: float) -> float:
    """Smallest number of leading directions that carry ``share`` of the squared norm."""
    energy = np.cumsum(difference.singular_values**2)
    if not len(energy) or not energy[-1] > 0:
        return float("nan")
    return float(1 + np.searchsorted(energy, share * energy[-1] * (1 - 1e-12)))


def _largest(difference: DifferenceSpectrum) -> float:
    return float(difference.singular_values[0]) if len(difference.singular_values) else 0.0


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
