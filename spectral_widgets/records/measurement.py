"""Metrics: the card that describes one, and the numbers that it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .brief import brief
from .layer import LayerRef

#: The dearest thing that a metric needs: the eigenvalues, one pass over the entries, the leading singular vectors
#: (about twice the time of the eigenvalues), shuffled matrices, a few hundred submatrices, or a few hundred refits
#: of random samples.
Cost = Literal["spectrum", "entries", "vectors", "shuffles", "sampling", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the house must know about one metric.

    ``evidence`` names the record the metric is computed from (``WeightMatrix``, ``Spectrum``, …).
    ``laws`` are words with a check in the test suite; ``worked`` are ``(input, expected value)`` pairs.
    ``cost`` says what it takes to compute.
    """

    name: str
    symbol: str
    unit: str
    meaning: str
    source: str
    evidence: str
    laws: tuple[str, ...] = ()
    worked: tuple[tuple[object, float], ...] = ()
    cost: Cost = "spectrum"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number. A missing value is ``nan`` and always comes with a caveat.

    ``standard_error`` is ``nan`` for an exact value; an estimated one says so in its caveat too.
    """

    layer: str
    metric: str
    value: float
    caveat: str = ""
    standard_error: float = float("nan")

    @property
    def is_estimated(self) -> bool:
        return self.standard_error >= 0


@brief
@dataclass(frozen=True, slots=True)
class Table:
    """Layers × metrics, in the order asked for."""

    layers: tuple[LayerRef, ...]
    cards: tuple[Card, ...]
    measurements: tuple[tuple[Measurement, ...], ...]
