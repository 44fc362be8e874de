"""Laws of the entries: the Weibull plot of their sizes, and rival laws by their information criterion."""

from __future__ import annotations

from ..records import Complaint, EntryFits, Family, WeibullFit
from ..spectra.magnitudes import MOST_FREEDOM
from . import worked
from .registry import metric

WEIBULL = "arXiv 2605.18898, middle 80 % of the probability plot"
AKAIKE = "Akaike (1974), per entry, laws symmetric about zero"
BLIND = ("permutation_blind", "transpose_blind", "sign_blind")


@metric(
    symbol="k",
    cost="entries",
    meaning="Weibull shape of the sizes of the entries: 1.205 for Gaussian ones, 1.375 for uniform ones.",
    source=WEIBULL,
    laws=("scale_free_to_a_percent", "non_negative", *BLIND),
    worked=((worked.weibull(shape=1.2), 1.2),),
)
def weibull_shape(fit: WeibullFit) -> float:
    """Slope of the probability plot; its anchor depends on the initialisation, see :func:`rmt.weibull_anchor`."""
    return fit.shape


@metric(
    symbol="λ_W",
    unit="weight",
    cost="entries",
    meaning="Weibull scale of the sizes of the entries: 0.8875 standard deviations for Gaussian ones.",
    source=WEIBULL,
    laws=("grows_linearly_to_a_percent", "non_negative", *BLIND),
    worked=((worked.weibull(scale=0.03), 0.03),),
)
def weibull_scale(fit: WeibullFit) -> float:
    """Size that ``1 − 1/e`` of the entries stay below, by the fitted law."""
    return fit.scale


@metric(
    symbol="R²",
    cost="entries",
    meaning="How straight the Weibull plot of the entries is, weighted by counts: 1 is a line.",
    source=WEIBULL,
    laws=("within_unit", *BLIND),
    worked=((worked.weibull(r_squared=0.98), 0.98),),
)
def weibull_r_squared(fit: WeibullFit) -> float:
    """Share of the variance of ``ln(−ln(1 − F))`` that the line explains."""
    return fit.r_squared


@metric(
    symbol="D_W",
    cost="entries",
    meaning="Largest gap between the sizes of the entries and their Weibull law, inside the middle 80 %.",
    source=WEIBULL,
    laws=("within_unit", *BLIND),
    worked=((worked.weibull(distance=0.02), 0.02),),
)
def weibull_distance(fit: WeibullFit) -> float:
    """Kolmogorov–Smirnov distance over the fitted bins."""
    return fit.distance


@metric(
    symbol="ν",
    cost="entries",
    meaning="Degrees of freedom of the Student-t law of the entries: small means heavy-tailed.",
    source="Student (1908), by maximum likelihood around zero",
    laws=("non_negative", *BLIND),
    worked=((worked.entry_fits(degrees=4.0), 4.0),),
)
def student_t_freedom(fits: EntryFits) -> float:
    """``ν``. Raises Complaint where the likelihood grows to the end of its range: no heavier than Gaussian."""
    degrees = fits.of("Student-t").parameter("degrees")
    if degrees > MOST_FREEDOM:
        raise Complaint("The entries have no heavier tail than a Gaussian, so ν has no upper bound.")
    return degrees


@metric(
    symbol="ΔAIC Student-t",
    unit="nat",
    cost="entries",
    meaning="Information criterion per entry less that of a Gaussian; negative means that Student-t fits better.",
    source=AKAIKE,
    laws=BLIND,
    worked=((worked.entry_fits(student_t=-1.5, gaussian=-1.0), -0.5),),
)
def student_t_aic(fits: EntryFits) -> float:
    """``AIC / n`` of Student-t less that of the Gaussian."""
    return _beyond_gaussian(fits, "Student-t")


@metric(
    symbol="ΔAIC Laplace",
    unit="nat",
    cost="entries",
    meaning="Information criterion per entry less that of a Gaussian; negative means that Laplace fits better.",
    source=AKAIKE,
    laws=("scale_free", *BLIND),
    worked=((worked.entry_fits(laplace=-1.5, gaussian=-1.0), -0.5),),
)
def laplace_aic(fits: EntryFits) -> float:
    """``AIC / n`` of Laplace less that of the Gaussian."""
    return _beyond_gaussian(fits, "Laplace")


@metric(
    symbol="ΔAIC log-normal",
    unit="nat",
    cost="entries",
    meaning="Information criterion per entry less that of a Gaussian; negative means that log-normal sizes fit better.",
    source=AKAIKE,
    laws=("scale_free", *BLIND),
    worked=((worked.entry_fits(lognormal=-1.5, gaussian=-1.0), -0.5),),
)
def lognormal_aic(fits: EntryFits) -> float:
    """``AIC / n`` of log-normal sizes with random signs less that of the Gaussian."""
    return _beyond_gaussian(fits, "log-normal")


@metric(
    symbol="ΔAIC Weibull",
    unit="nat",
    cost="entries",
    meaning="Information criterion per entry less that of a Gaussian, for the Weibull law of the probability plot.",
    source=AKAIKE,
    laws=BLIND,
    worked=((worked.entry_fits(weibull=-1.5, gaussian=-1.0), -0.5),),
)
def weibull_aic(fits: EntryFits) -> float:
    """``AIC / n`` of the plotted Weibull law, which is not the likeliest one, less that of the Gaussian."""
    return _beyond_gaussian(fits, "Weibull")


def _beyond_gaussian(fits: EntryFits, family: Family) -> float:
    return fits.of(family).aic - fits.of("Gaussian").aic
