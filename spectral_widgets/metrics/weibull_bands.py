"""The names that the Weibull study gives to ranges of its shape k."""

from __future__ import annotations

from ..records import Band, WeibullFit

SOURCE = "arXiv 2605.18898 and its code, from transformer language models"
LOW, HIGH, DEEP = 1.18, 1.21, 0.95
_STRAIGHT = 0.95
_FAILS = (
    "Only against a Gaussian initialisation: an untrained uniform layer has 1.375, a Gaussian one truncated at 2σ "
    "1.227 (rmt.weibull_anchor has more). Not for pruned matrices, nor where rounding leaves few sizes."
)

TRANSMISSION = Band(
    "transmission", LOW, HIGH, "Sizes as of Gaussian entries: usual in output and feed-forward weights.", SOURCE, _FAILS
)
MILD = Band(
    "mild shift", DEEP, LOW, "Sizes spread wider than Gaussian: usual in query and key weights.", SOURCE, _FAILS
)
STRONG = Band("strong shift", 0.0, DEEP, "Sizes spread wider than exponential ones, k 1.", SOURCE, _FAILS)
NO_BAND = Band(
    "no fit",
    float("nan"),
    float("nan"),
    "The plot is not straight, or bends the other way: the study has no name for it.",
    SOURCE,
    _FAILS,
)


def weibull_band_of(fit: WeibullFit) -> Band:
    """Transmission from 1.18 to 1.21 with R² of at least 0.95, mild shift down to 0.95, strong shift below."""
    return weibull_band(fit.shape, fit.r_squared)


def weibull_band(shape: float, r_squared: float) -> Band:
    """The band of :func:`weibull_band_of` from the two numbers alone."""
    if shape < DEEP:
        return STRONG
    if shape < LOW:
        return MILD
    return TRANSMISSION if shape <= HIGH and r_squared >= _STRAIGHT else NO_BAND
