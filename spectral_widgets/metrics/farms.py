"""The Hill exponent of submatrices of one fixed shape."""

from __future__ import annotations

from ..records import FarmsFit
from . import worked
from .registry import metric


@metric(
    symbol="α FARMS",
    meaning="Hill exponent of square submatrices pooled: comparable between layers of different aspect ratio.",
    source="Hu et al. (2025), FARMS, arXiv 2506.06280, with windows as in its language-model runs",
    cost="sampling",
    laws=("scale_free", "sign_blind", "transpose_blind"),
    worked=((worked.farms(alpha=2.5), 2.5),),
)
def farms_alpha(fit: FarmsFit) -> float:
    """Ten square windows an axis, 2000 rows or as many as fit; noise gives 2.12 whatever the shape of the matrix."""
    return fit.alpha
