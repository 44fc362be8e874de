"""Correlation traps as one number per layer."""

from __future__ import annotations

from ..records import TrapScan
from .registry import metric


@metric(
    symbol="traps",
    meaning="Eigenvalues beyond the edge of noise after all entries were shuffled: median over the shuffles.",
    source="arXiv 2605.12394, equation 6, with the calibrated edge",
    cost="shuffles",
    laws=("scale_free", "sign_blind", "non_negative"),
)
def traps(scan: TrapScan) -> float:
    """Median trap count of the scan."""
    return scan.median_count
