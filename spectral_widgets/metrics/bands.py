"""The names that the field gives to ranges of the exponent α."""

from __future__ import annotations

from math import isnan

from ..records import Band, TailFit

SOURCE = "Martin and Mahoney (2021); WeightWatcher's documentation"
LOW, HIGH = 2.0, 6.0
_FAILS = (
    "Only for α with the start of the tail chosen by distance: a Hill α of the upper half is 2.12 for an untrained "
    "square matrix and grows with its aspect. Not where the fit carries a caveat. "
)

OVER_TRAINED = Band(
    "over-trained",
    1.0,
    LOW,
    "Very heavy tail: a few directions dominate, as in over-fitted layers.",
    SOURCE,
    _FAILS + "Rank collapse, a mean offset and giant weights give it without over-fitting, and over-fitting can show "
    "as a rising α (modular addition), so a value above 2 acquits nobody.",
)
WELL_TRAINED = Band(
    "well-trained",
    LOW,
    HIGH,
    "Heavy tail as in most layers of models that generalise well.",
    SOURCE,
    _FAILS + "Noise with heavy-tailed entries lies here untrained, and so do short tails at the edge of a bulk.",
)
UNDER_TRAINED = Band(
    "under-trained",
    HIGH,
    float("inf"),
    "No heavy tail to speak of: close to the random start, or a layer with little to do.",
    SOURCE,
    _FAILS + "Narrow layers and ones with few strong directions over a noise bulk score high though they are trained.",
)
NO_FIT = Band(
    "no fit", float("nan"), float("nan"), "There is no exponent to judge.", SOURCE, "Always: it judges nothing."
)


def band_of(alpha: float | TailFit) -> Band:
    """The band of an exponent: over-trained below 2, well-trained from 2 to 6, under-trained above 6.

    A convention, not a law: the fields of the record say where it comes from and where it fails. ``nan`` has the
    band "no fit".

    >>> band_of(3.1).name
    'well-trained'
    """
    value = alpha.alpha if isinstance(alpha, TailFit) else float(alpha)
    if isnan(value):
        return NO_FIT
    if value < LOW:
        return OVER_TRAINED
    return WELL_TRAINED if value <= HIGH else UNDER_TRAINED
