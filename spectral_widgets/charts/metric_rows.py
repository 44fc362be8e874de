"""What a chart of metrics is drawn from: one row per layer, lines within a kind, links to a second model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from ..records import LayerRef, Measurement
from .bars import Row

LogAxes = Literal["none", "x", "y", "both"]
Values = Mapping[str, Mapping[str, Measurement]]
#: Where layers without a depth stand.
NOWHERE = -1.0


@dataclass(frozen=True, slots=True)
class ChartAxis:
    """What one axis shows: ``depth``, ``position`` or a metric, its title, and where its bands end."""

    name: str
    title: str
    limits: tuple[tuple[float, str], ...] = ()

    @property
    def is_place(self) -> bool:
        return self.name in ("depth", "position")


def metric_datasets(
    layers: Sequence[LayerRef],
    measured: Values,
    x: ChartAxis,
    y: ChartAxis,
    *,
    other: Values | None = None,
    chosen: str | None = None,
    log: LogAxes = "none",
) -> dict[str, list[Row]]:
    """The named datasets of :func:`metric_chart`; each is drawn, so that a page can swap it."""
    rows = metric_rows(layers, measured, x.name, y.name, log)
    beside = metric_rows(layers, other or {}, x.name, y.name, log)
    return {
        **({} if x.is_place else {"x_limits": [{"at": at, "words": words} for at, words in x.limits if rows]}),
        "y_limits": [{"at": at, "words": words} for at, words in y.limits if rows],
        "lines": _joined(rows) if x.is_place else [],
        "links": _links(rows, beside),
        "layers": rows,
        "other": beside,
        "chosen": [row for row in (*rows, *beside) if row["layer"] == chosen],
    }


def metric_rows(layers: Sequence[LayerRef], measured: Values, x: str, y: str, log: LogAxes) -> list[Row]:
    """The layers that can be drawn, with both values, in the order of the model."""
    rows = []
    for position, layer in enumerate(layers):
        known = measured.get(layer.name, {})
        across, up = _value(layer, position, known, x), _value(layer, position, known, y)
        hidden = (log in ("x", "both") and x not in ("depth", "position") and across <= 0) or (
            log in ("y", "both") and up <= 0
        )
        if isfinite(across) and isfinite(up) and not hidden:
            rows.append(_row(layer, across, up, [known[name].caveat for name in (x, y) if name in known]))
    return rows


def left_out(layers: Sequence[LayerRef], measured: Values, x: str, y: str, log: LogAxes) -> int:
    """How many measured layers the chart does not show."""
    known = [layer for layer in layers if layer.name in measured]
    return len(known) - len(metric_rows(known, measured, x, y, log))


def _value(layer: LayerRef, position: int, known: Mapping[str, Measurement], name: str) -> float:
    if name == "position":
        return float(position)
    if name == "depth":
        return NOWHERE if layer.depth is None else float(layer.depth)
    return known[name].value if name in known else float("nan")


def _row(layer: LayerRef, x: float, y: float, caveats: Sequence[str]) -> Row:
    return {
        "layer": layer.name,
        "kind": layer.kind,
        "shape": " × ".join(map(str, layer.shape)),
        "depth": layer.depth,
        "x": x,
        "y": y,
        "caveat": " ".join(dict.fromkeys(filter(None, caveats))) or "none",
    }


def _joined(rows: Sequence[Row]) -> list[Row]:
    """One point per kind and place, at the mean where several layers share it; places that are none are not joined."""
    groups: dict[tuple[str, float], list[float]] = {}
    for row in rows:
        if row["x"] != NOWHERE:
            groups.setdefault((row["kind"], row["x"]), []).append(row["y"])
    return [{"kind": kind, "x": at, "y": sum(values) / len(values)} for (kind, at), values in groups.items()]


def _links(rows: Sequence[Row], beside: Sequence[Row]) -> list[Row]:
    there = {row["layer"]: row for row in beside}
    pairs = [(row, there[row["layer"]]) for row in rows if row["layer"] in there]
    return [{"x": own["x"], "y": own["y"], "x2": one["x"], "y2": one["y"]} for own, one in pairs]
