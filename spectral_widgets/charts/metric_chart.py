"""A metric of every layer over depth, or two metrics against each other, grouped by the kind of layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import altair as alt

from ..records import LayerRef, Measurement
from . import theme
from .axes import quantity
from .bars import Row
from .bars import Scale as Kind

LogAxes = Literal["none", "x", "y", "both"]
Values = Mapping[str, Mapping[str, Measurement]]
HEIGHT = 320
#: Kinds of layers differ by colour and by shape.
DYES = (*theme.SERIES, theme.SHUFFLED, theme.TRAP)
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
NOWHERE = -1.0
MOST_TICKS = 30


@dataclass(frozen=True, slots=True)
class ChartAxis:
    """What one axis shows: ``depth``, ``position`` or a metric, its title, and where its bands end."""

    name: str
    title: str
    limits: Sequence[tuple[float, str]] = ()

    @property
    def is_place(self) -> bool:
        return self.name in ("depth", "position")


def metric_chart(
    layers: Sequence[LayerRef],
    measured: Values,
    x: ChartAxis,
    y: ChartAxis,
    *,
    other: Values | None = None,
    chosen: str | None = None,
    log: LogAxes = "none",
    width: theme.Width = "container",
    height: int = HEIGHT,
) -> alt.LayerChart:
    """One mark per layer; over depth or position, lines join the layers of a kind.

    ``measured`` has the measurements by layer and metric. Where ``other`` has those of a second model, its marks are
    hollow and a thin line joins the two marks of a layer. Layers without a depth stand left of all others. What is
    missing, or not positive on a logarithmic axis, is left out: :func:`left_out` counts it. Only the named
    datasets change while the axes stay.
    """
    rows = metric_rows(layers, measured, x.name, y.name, log)
    beside = metric_rows(layers, other or {}, x.name, y.name, log)
    across = _place(layers, x) if x.is_place else _channel(alt.X, x, log in ("x", "both"))
    channels = {"x": across, "y": _channel(alt.Y, y, log in ("y", "both"))}
    parts = [*_rules(x, y, channels), *_lines(layers, channels), *_marks(layers, x, y, channels)]
    data = {
        # The page swaps datasets by name, so there is none that no mark stands on.
        **({} if x.is_place else {"x_limits": [{"at": at, "words": words} for at, words in x.limits if rows]}),
        "y_limits": [{"at": at, "words": words} for at, words in y.limits if rows],
        "lines": _joined(rows) if x.is_place else [],
        "links": _links(rows, beside),
        "layers": rows,
        "other": beside,
        "chosen": [row for row in (*rows, *beside) if row["layer"] == chosen],
    }
    return theme.with_data(theme.dressed(alt.layer(*parts).properties(width=width, height=height)), data)


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


def _channel(channel: type, axis: ChartAxis, is_log: bool) -> Any:
    kind: Kind = "log" if is_log else "linear"
    return quantity(channel, "x" if channel is alt.X else "y", axis.title, kind, padding=14)


def _place(layers: Sequence[LayerRef], axis: ChartAxis) -> alt.X:
    """Whole numbers along the axis; layers without a depth have a tick of their own."""
    at = (
        range(len(layers))
        if axis.name == "position"
        else sorted({one.depth for one in layers if one.depth is not None})
    )
    ticks = [*at][:: len(at) // MOST_TICKS + 1]
    if axis.name == "depth" and any(layer.depth is None for layer in layers):
        ticks = [int(NOWHERE), *ticks]
    labels = f"datum.value == {NOWHERE:g} ? 'none' : datum.label"
    dress = alt.Axis(values=ticks, format="d", grid=False, labelExpr=labels, labelOverlap="greedy")
    return alt.X(
        "x", type="quantitative", title=axis.title, axis=dress, scale=alt.Scale(zero=False, nice=False, padding=18)
    )


def _rules(x: ChartAxis, y: ChartAxis, channels: Mapping[str, Any]) -> list[Any]:
    """Where bands end, with their words."""
    dress: dict[str, Any] = {"strokeDash": [5, 3], "strokeWidth": 1.2, "color": theme.INK}
    words: dict[str, Any] = {"color": theme.INK, "fontSize": 11, "align": "right", "baseline": "bottom"}
    parts: list[Any] = []
    for side, axis, channel in (("x", x, alt.X), ("y", y, alt.Y)):
        if axis.is_place:
            continue
        at = channel("at", type="quantitative", title=axis.title)
        base = alt.Chart(alt.NamedData(name=f"{side}_limits"))
        turned: dict[str, Any] = {"angle": 270, "dx": -4} if side == "x" else {"dx": -2, "dy": -2}
        end = {"y": alt.value(0)} if side == "x" else {"x": alt.value("width")}
        parts.append(base.mark_rule(**dress).encode(**{side: at}))
        parts.append(base.mark_text(**words, **turned).encode(**{side: at}, **end, text="words:N"))
    return parts


def _lines(layers: Sequence[LayerRef], channels: Mapping[str, Any]) -> list[Any]:
    joined = alt.Chart(alt.NamedData(name="lines")).mark_line(strokeWidth=1.4, strokeOpacity=0.55)
    links = alt.Chart(alt.NamedData(name="links")).mark_rule(strokeWidth=1.1, color=theme.INK)
    ends = {"x2": "x2:Q", "y2": "y2:Q"}
    return [
        joined.encode(**channels, color=_colour(layers), detail="kind:N"),
        links.encode(**channels, **ends),
    ]


def _marks(layers: Sequence[LayerRef], x: ChartAxis, y: ChartAxis, channels: Mapping[str, Any]) -> list[Any]:
    tips = [
        alt.Tooltip("layer:N", title=" "),
        alt.Tooltip("kind:N", title="kind"),
        alt.Tooltip("shape:N", title="shape"),
        *([] if x.is_place else [alt.Tooltip("x:Q", format=".4~g", title=x.title)]),
        alt.Tooltip("depth:N", title="depth"),
        alt.Tooltip("y:Q", format=".4~g", title=y.title),
        alt.Tooltip("caveat:N", title="caveat"),
    ]
    shown = {"color": _colour(layers), "shape": _shape(layers), "tooltip": tips}
    ring = alt.Chart(alt.NamedData(name="chosen")).mark_point(size=330, strokeWidth=2.2, shape="circle", opacity=1)
    filled = alt.Chart(alt.NamedData(name="layers")).mark_point(filled=True, size=75, opacity=1)
    hollow = alt.Chart(alt.NamedData(name="other")).mark_point(filled=False, size=70, strokeWidth=1.8, opacity=1)
    return [
        ring.encode(**channels, color=alt.value(theme.NULL)),
        hollow.encode(**channels, **shown),
        filled.encode(**channels, **shown),
    ]


def _colour(layers: Sequence[LayerRef]) -> alt.Color:
    kinds = _kinds(layers)
    dyes = [DYES[at % len(DYES)] for at in range(len(kinds))]
    return alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=dyes), title=None)


def _shape(layers: Sequence[LayerRef]) -> alt.Shape:
    kinds = _kinds(layers)
    shapes = [SHAPES[at % len(SHAPES)] for at in range(len(kinds))]
    return alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=shapes), title=None)


def _kinds(layers: Sequence[LayerRef]) -> list[str]:
    return list(dict.fromkeys(layer.kind for layer in layers))


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
