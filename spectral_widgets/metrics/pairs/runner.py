"""Pair metrics over many pairs, one row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...records import LayerRef, MatrixPair, Measurement
from ..registry import Metric
from ..runner import measure_one
from .evidence import PairEvidence
from .registry import pair_metrics_named

#: What can be compared; a bare ``LayerRef`` with a caveat stands for a pair that could not be read.
PairItem = MatrixPair | PairEvidence | LayerRef


def measure_pairs_steps(
    items: Iterable[PairItem], metrics: Sequence[str] | None = None, **settings: Any
) -> Iterator[tuple[Measurement, ...]]:
    """One tuple of measurements per pair, in the order of the metrics (all for ``None``).

    ``settings`` are ``k``, ``top`` and ``threshold`` of :func:`subspaces_of`. What cannot be computed is ``nan`` with
    a caveat, and the others go on. Raises ``Complaint`` at once when a metric's name is wrong.
    """
    return _rows(items, pair_metrics_named(metrics), settings)


def _rows(
    items: Iterable[PairItem], metrics: tuple[Metric, ...], settings: dict[str, Any]
) -> Iterator[tuple[Measurement, ...]]:
    for item in items:
        if isinstance(item, LayerRef):
            yield tuple(Measurement(item.name, one.card.name, float("nan"), item.caveat) for one in metrics)
            continue
        evidence = item if isinstance(item, PairEvidence) else PairEvidence(item, **settings)
        yield tuple(measure_one(evidence, one) for one in metrics)
