"""The Hill exponent of the upper half of the spectrum, and what noise of the same shape would give."""

from __future__ import annotations

from ..records import HillFit
from . import worked
from .registry import metric
from .tail import BLIND

SOURCE = "Hill (1975); as PL_Alpha_Hill: Zhou et al. (2023), TempBalance"


@metric(
    symbol="α Hill",
    meaning="Hill exponent of the larger half of the eigenvalues; it grows with the aspect ratio, trained or not.",
    source=SOURCE,
    laws=("scale_free", *BLIND),
    worked=((worked.hill(alpha=2.5), 2.5),),
)
def hill_alpha(fit: HillFit) -> float:
    """``1 + k / Σ ln(λⱼ/λᵢ)`` over the upper half. The bands for α do not apply: noise in a square gives 2.12."""
    return fit.alpha


@metric(
    symbol="ΔαH",
    meaning="Standard error of the Hill exponent from the number of eigenvalues in it.",
    source=SOURCE,
    laws=("scale_free", "non_negative", *BLIND),
    worked=((worked.hill(alpha=3.0, n_top=25), 0.4),),
)
def hill_error(fit: HillFit) -> float:
    """``(α − 1)/√k``, as for independent values; eigenvalues repel, so noise scatters less."""
    return fit.alpha_error


@metric(
    symbol="αH − noise",
    meaning="Hill exponent less that of pure noise of the same shape; negative means a heavier tail than noise.",
    source=f"{SOURCE}; exact integral of Marchenko and Pastur (1967)",
    laws=("scale_free", *BLIND),
    worked=((worked.hill(alpha=2.0, noise_alpha=2.5), -0.5),),
)
def hill_excess(fit: HillFit) -> float:
    """``α − α(noise)``: the exponent without the part that the shape alone explains."""
    return fit.alpha - fit.noise_alpha
