"""Metrics over many matrices, one row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from typing import Any

from ..records import (
    Complaint,
    FactoredMatrix,
    LayerRef,
    Measurement,
    SpectrumEstimate,
    Table,
    TrapScan,
    WeightMatrix,
)
from .estimated import ESTIMATORS, sentence_of
from .evidence import Evidence
from .registry import Metric, metrics_named

#: What can be measured; a bare ``LayerRef`` with a caveat stands for a matrix that could not be read.
Item = WeightMatrix | FactoredMatrix | Evidence | LayerRef


def measure_steps(
    items: Iterable[Item],
    metrics: Sequence[str] | None = None,
    *,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
) -> Iterator[tuple[Measurement, ...]]:
    """One tuple of measurements per matrix, in the order of the metrics.

    ``metrics`` are names; ``None`` is every metric but those on request (see their ``cost``), ``"all"`` all.

    What cannot be computed is ``nan`` with a caveat, and the others go on. Values that stand on a doubtful
    fit carry the fit's caveat. Raises ``Complaint`` at once when a metric's name is wrong.
    """
    return _rows(items, metrics_named(metrics), tuple(seeds), level)


def table_of(
    items: Iterable[Item],
    metrics: Sequence[str] | None = None,
    *,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
) -> Table:
    """All rows of :func:`measure_steps` with the layers and cards that they belong to."""
    items = tuple(items)
    rows = tuple(measure_steps(items, metrics, seeds=seeds, level=level))
    cards = tuple(one.card for one in metrics_named(metrics))
    return Table(tuple(_layer_of(item) for item in items), cards, rows)


def measure_one(evidence: Evidence, metric: Metric) -> Measurement:
    """One metric of one matrix."""
    settings = _settings_of(evidence, metric)
    shelf = None if settings is None else evidence.shelf
    kept = shelf.get(Measurement, **(settings or {})) if shelf is not None else None
    if kept is not None:
        return kept
    measured, is_complete = _measured(evidence, metric)
    if shelf is not None and is_complete:
        shelf.put(measured, **(settings or {}))
    return measured


def _settings_of(evidence: Evidence, metric: Metric) -> dict[str, Any] | None:
    """What a stored measurement is found by; ``None`` where it is not to be stored.

    A metric of a user may change from one moment to the next, and a scan that is given may be made in any way.
    """
    if metric.function.__module__.partition(".")[0] != __name__.partition(".")[0]:
        return None
    if not evidence.exact and metric.card.name in ESTIMATORS:
        return {"metric": metric.card.name, "exact": False}
    if TrapScan not in metric.evidence:
        return {"metric": metric.card.name}
    return None if evidence.known(TrapScan) else {"metric": metric.card.name, **evidence.scan_settings()}


def _measured(evidence: Evidence, metric: Metric) -> tuple[Measurement, bool]:
    """The measurement, and whether it was computed: a complaint stands for what was not."""
    layer, name = evidence.layer.name, metric.card.name
    if not evidence.exact and name in ESTIMATORS:
        return _estimated(evidence, name)
    try:
        records: list[object] = [evidence.of(kind) for kind in metric.evidence]
        value = float(metric.function(*records))
    except Complaint as complaint:
        return Measurement(layer, name, float("nan"), str(complaint)), False
    caveats = dict.fromkeys(_caveat_of(record) for record in records)
    if isnan(value) and not any(caveats):
        caveats = {f"{metric.card.symbol} is not defined for this matrix.": None}
    return Measurement(layer, name, value, " ".join(filter(None, caveats))), True


def _estimated(evidence: Evidence, name: str) -> tuple[Measurement, bool]:
    layer = evidence.layer.name
    try:
        estimate = evidence.of(SpectrumEstimate)
    except Complaint as complaint:
        return Measurement(layer, name, float("nan"), str(complaint)), False
    found = ESTIMATORS[name](estimate)
    said = sentence_of(estimate) if found.error > 0 else ""
    caveat = " ".join(filter(None, (said, estimate.caveat)))
    return Measurement(layer, name, found.value, caveat, found.error if found.error > 0 else float("nan")), True


def _rows(
    items: Iterable[Item], metrics: tuple[Metric, ...], seeds: tuple[int, ...], level: float
) -> Iterator[tuple[Measurement, ...]]:
    for item in items:
        layer = _layer_of(item)
        if isinstance(item, LayerRef) or layer.caveat:
            yield tuple(_unreadable(layer, metric) for metric in metrics)
            continue
        evidence = item if isinstance(item, Evidence) else Evidence(item, seeds=seeds, level=level)
        yield tuple(measure_one(evidence, metric) for metric in metrics)


def _layer_of(item: Item) -> LayerRef:
    if isinstance(item, Evidence):
        return item.layer
    return item if isinstance(item, LayerRef) else item.ref


def _unreadable(layer: LayerRef, metric: Metric) -> Measurement:
    caveat = layer.caveat or f"{layer.name} has no values here; give the matrix, not its name."
    return Measurement(layer.name, metric.card.name, float("nan"), caveat)


def _caveat_of(record: object) -> str:
    return str(getattr(record, "caveat", ""))
