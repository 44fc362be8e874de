"""Whether another law fits the tail better than the power law, and whether the power law fits at all."""

from __future__ import annotations

from ..records import TailAlternatives, TailBootstrap
from . import worked
from .registry import metric
from .tail import BLIND, CLAUSET

VUONG = f"Vuong (1989); {CLAUSET}, section 5"


@metric(
    symbol="R cut-off",
    meaning="Power law against power law with exponential cut-off: below zero the cut-off fits better.",
    source=VUONG,
    laws=("scale_free", "non_positive", *BLIND),
    worked=((worked.alternatives(truncated=(-1.5, 0.04)), -1.5),),
)
def truncated_ratio(alternatives: TailAlternatives) -> float:
    """Log-likelihood ratio over its standard deviation; 0 where the best cut-off is none."""
    return alternatives.truncated.ratio


@metric(
    symbol="p cut-off",
    meaning="Probability that a power-law tail favours the cut-off this much by chance.",
    source=f"{CLAUSET}, section 5; Self and Liang (1987)",
    laws=("scale_free", "within_unit", *BLIND),
    worked=((worked.alternatives(truncated=(-1.5, 0.04)), 0.04),),
)
def truncated_p(alternatives: TailAlternatives) -> float:
    """Likelihood-ratio test on the border: half of what a plain χ²₁ test says; 1 where the best cut-off is none."""
    return alternatives.truncated.p_value


@metric(
    symbol="R log-normal",
    meaning="Power law against log-normal tail: below zero the log-normal law fits better.",
    source=VUONG,
    laws=("scale_free", "non_positive", *BLIND),
    worked=((worked.alternatives(lognormal=(-2.0, 0.05)), -2.0),),
)
def lognormal_ratio(alternatives: TailAlternatives) -> float:
    """Log-likelihood ratio over its standard deviation.

    Never above zero: a log-normal tail of unbounded width becomes the power law, which is its best fit then.
    """
    return alternatives.lognormal.ratio


@metric(
    symbol="p log-normal",
    meaning="Probability of so large a ratio, either way, when power law and log-normal law are equally good.",
    source=VUONG,
    laws=("scale_free", "within_unit", *BLIND),
    worked=((worked.alternatives(lognormal=(-2.0, 0.05)), 0.05),),
)
def lognormal_p(alternatives: TailAlternatives) -> float:
    """Two-sided normal p-value of the ratio."""
    return alternatives.lognormal.p_value


@metric(
    symbol="p tail",
    meaning="Share of samples from the fitted power law that fit it no better; below 0.1 it is no power law.",
    source=f"{CLAUSET}, section 4.1, with 200 samples",
    cost="bootstrap",
    laws=("scale_free", "within_unit", *BLIND),
    worked=((worked.bootstrap(p_value=0.3), 0.3),),
)
def tail_p_value(bootstrap: TailBootstrap) -> float:
    """Goodness of fit by bootstrap, good to 0.04; ask :func:`tail_bootstrap` for more samples."""
    return bootstrap.p_value
