"""The trace-log condition of SETOL against the power-law tail."""

from __future__ import annotations

from ..records import ErgCut, TailFit
from . import worked
from .registry import metric
from .tail import BLIND

SETOL = "Martin and Hinrichs (2025), SETOL, arXiv 2507.17912"


@metric(
    symbol="n ERG",
    meaning="Number of largest eigenvalues whose product is one, once the mean eigenvalue is one.",
    source=f"{SETOL}; WeightWatcher's detX_num",
    laws=("scale_free", "within_short_side", *BLIND),
    worked=((worked.erg(n_tail=12), 12),),
)
def erg_size(cut: ErgCut) -> float:
    """Size of the effective correlation space by the trace-log condition."""
    return float(cut.n_tail) if cut.n_tail else float("nan")


@metric(
    symbol="λ ERG",
    meaning="Smallest of these eigenvalues, where the mean eigenvalue is one.",
    source=SETOL,
    laws=("scale_free", "non_negative", *BLIND),
    worked=((worked.erg(xmin=0.75), 0.75),),
)
def erg_xmin(cut: ErgCut) -> float:
    """Start of the tail whose logarithms sum to zero."""
    return cut.xmin


@metric(
    symbol="Δλₘᵢₙ",
    meaning="Start of the power-law tail less that of the tail with product one; zero is ideal in SETOL.",
    source=f"{SETOL}, power law less ERG, as in its experiments",
    laws=("scale_free", *BLIND),
    worked=(((worked.erg(xmin=0.75, tail_xmin=1.25), worked.tail()), 0.5),),
)
def erg_gap(cut: ErgCut, tail: TailFit) -> float:
    """``λmin(power law) − λmin(ERG)`` where the mean eigenvalue is one; stands and falls with the tail fit."""
    return cut.gap
