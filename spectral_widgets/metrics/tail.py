"""Metrics of the power-law tail."""

from __future__ import annotations

from ..records import TailFit
from . import worked
from .registry import metric

CLAUSET = "Clauset, Shalizi and Newman (2009)"
BLIND = ("rotation_blind", "permutation_blind", "transpose_blind", "sign_blind")


@metric(
    symbol="α",
    meaning="Exponent of the power law that fits the upper tail best; small means heavy-tailed.",
    source=f"{CLAUSET}, equation 3.1; for layers: Martin and Mahoney (2021)",
    laws=("scale_free", *BLIND),
    worked=((worked.tail(alpha=2.5), 2.5),),
)
def alpha(tail: TailFit) -> float:
    """Exponent ``α`` of ``p(λ) ∝ λ^(−α)``."""
    return tail.alpha


@metric(
    symbol="Δα",
    meaning="Standard error of the exponent from the number of eigenvalues in the tail.",
    source=f"{CLAUSET}, equation 3.2",
    laws=("scale_free", "non_negative", *BLIND),
    worked=((worked.tail(alpha=3.0, n_tail=25), 0.4),),
)
def alpha_error(tail: TailFit) -> float:
    """``(α − 1) / √n``."""
    return tail.alpha_error


@metric(
    symbol="D",
    meaning="Largest gap between the tail and its power law, as shares of the tail; small is a good fit.",
    source=f"{CLAUSET}, equation 3.9",
    laws=("scale_free", "within_unit", *BLIND),
    worked=((worked.tail(distance=0.05), 0.05),),
)
def tail_distance(tail: TailFit) -> float:
    """Kolmogorov–Smirnov distance of the tail fit."""
    return tail.distance


@metric(
    symbol="λₘᵢₙ",
    unit="weight²",
    meaning="Eigenvalue at which the power-law tail starts.",
    source=f"{CLAUSET}, section 3.3",
    laws=("grows_as_square", "non_negative", *BLIND),
    worked=((worked.tail(xmin=0.5), 0.5),),
)
def tail_xmin(tail: TailFit) -> float:
    """Start of the tail on the scale ``WᵀW / n_rows``; WeightWatcher's is this times ``n_rows``."""
    return tail.xmin


@metric(
    symbol="λₘₐₓ",
    unit="weight²",
    meaning="Eigenvalue at which the power-law tail ends, the largest.",
    source=f"{CLAUSET}; no upper cut is fitted",
    laws=("grows_as_square", "non_negative", *BLIND),
    worked=((worked.tail(xmin=0.5), 5.0),),
)
def tail_xmax(tail: TailFit) -> float:
    """Largest eigenvalue of ``WᵀW / n_rows``; WeightWatcher's ``xmax`` is this times ``n_rows``."""
    return tail.xmax


@metric(
    symbol="n tail",
    meaning="Number of eigenvalues in the power-law tail.",
    source=f"{CLAUSET}, section 3.3",
    laws=("scale_free", "within_short_side", *BLIND),
    worked=((worked.tail(n_tail=25), 25),),
)
def tail_size(tail: TailFit) -> float:
    """Eigenvalues from ``xmin`` on; ``nan`` without a fit."""
    return float(tail.n_tail) if tail.n_tail else float("nan")
