"""Metrics: the card that describes one, and the numbers that it gave."""

from __future__ import annotations

from dataclasses import dataclass

from .layer import LayerRef


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the house must know about one metric.

    ``evidence`` names the record the metric is computed from (``WeightMatrix``, ``Spectrum``, …).
    ``laws`` are words with a check in the test suite; ``worked`` are ``(input, expected value)`` pairs.
    """

    name: str
    symbol: str
    unit: str
    meaning: str
    source: str
    evidence: str
    laws: tuple[str, ...] = ()
    worked: tuple[tuple[object, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number. A missing value is ``nan`` and always comes with a caveat."""

    layer: str
    metric: str
    value: float
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Layers × metrics, in the order asked for."""

    layers: tuple[LayerRef, ...]
    cards: tuple[Card, ...]
    measurements: tuple[tuple[Measurement, ...], ...]
