"""A metric of every layer over depth, or two metrics against each other, grouped by the kind of layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..records import LayerRef
from . import theme
from .axes import quantity
from .bars import Scale as Kind
from .later import alt
from .metric_rows import NOWHERE, ChartAxis, LogAxes, Values, metric_datasets

Kinds = tuple[str, ...]
Ticks = tuple[int, ...]
HEIGHT = 250
#: Kinds of layers differ by colour and by shape.
DYES = (*theme.SERIES, theme.SHUFFLED, theme.TRAP)
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
MOST_TICKS = 30
LEGEND_COLUMNS = 6


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
    data = metric_datasets(layers, measured, x, y, other=other, chosen=chosen, log=log)
    return theme.with_data(_bare(_kinds(layers), _ticks(layers, x), x, y, log, width, height), data)


def metric_spec(layers: Sequence[LayerRef], x: ChartAxis, y: ChartAxis, log: LogAxes = "none") -> dict[str, Any]:
    """The Vega-Lite spec of the chart: it depends on no value, so a redraw sends rows alone."""
    return _spec(_kinds(layers), _ticks(layers, x), x, y, log)


@lru_cache(maxsize=64)
def _spec(kinds: Kinds, ticks: Ticks, x: ChartAxis, y: ChartAxis, log: LogAxes) -> dict[str, Any]:
    return theme.split(_bare(kinds, ticks, x, y, log, "container", HEIGHT))[0]


def _bare(
    kinds: Kinds, ticks: Ticks, x: ChartAxis, y: ChartAxis, log: LogAxes, width: theme.Width, height: int
) -> alt.LayerChart:
    across = _place(ticks, x) if x.is_place else _channel(alt.X, x, log in ("x", "both"))
    channels = {"x": across, "y": _channel(alt.Y, y, log in ("y", "both"))}
    parts = [*_rules(x, y, channels), *_lines(kinds, channels), *_marks(kinds, x, y, channels)]
    return theme.dressed(alt.layer(*parts).properties(width=width, height=height))


def _kinds(layers: Sequence[LayerRef]) -> Kinds:
    return tuple(dict.fromkeys(layer.kind for layer in layers))


def _ticks(layers: Sequence[LayerRef], axis: ChartAxis) -> Ticks:
    """Where the axis of places has its numbers; few enough to be read."""
    if not axis.is_place:
        return ()
    depths = sorted({layer.depth for layer in layers if layer.depth is not None})
    at = [*range(len(layers))] if axis.name == "position" else depths
    ticks = at[:: len(at) // MOST_TICKS + 1]
    homeless = axis.name == "depth" and any(layer.depth is None for layer in layers)
    return (int(NOWHERE), *ticks) if homeless else tuple(ticks)


def _channel(channel: type, axis: ChartAxis, is_log: bool) -> Any:
    kind: Kind = "log" if is_log else "linear"
    rounded = {} if is_log else {"nice": False}
    return quantity(channel, "x" if channel is alt.X else "y", axis.title, kind, padding=14, **rounded)


def _place(ticks: Ticks, axis: ChartAxis) -> alt.X:
    """Whole numbers along the axis; layers without a depth have a tick of their own."""
    labels = f"datum.value == {NOWHERE:g} ? 'none' : datum.label"
    dress = alt.Axis(values=list(ticks), format="d", grid=False, labelExpr=labels, labelOverlap="greedy")
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


def _lines(kinds: Kinds, channels: Mapping[str, Any]) -> list[Any]:
    joined = alt.Chart(alt.NamedData(name="lines")).mark_line(strokeWidth=1.4, strokeOpacity=0.55)
    links = alt.Chart(alt.NamedData(name="links")).mark_rule(strokeWidth=1.1, color=theme.INK)
    ends = {"x2": "x2:Q", "y2": "y2:Q"}
    return [
        joined.encode(**channels, color=_colour(kinds), detail="kind:N"),
        links.encode(**channels, **ends),
    ]


def _marks(kinds: Kinds, x: ChartAxis, y: ChartAxis, channels: Mapping[str, Any]) -> list[Any]:
    tips = [
        alt.Tooltip("layer:N", title=" "),
        alt.Tooltip("kind:N", title="kind"),
        alt.Tooltip("shape:N", title="shape"),
        *([] if x.is_place else [alt.Tooltip("x:Q", format=".4~g", title=x.title)]),
        alt.Tooltip("depth:N", title="depth"),
        alt.Tooltip("y:Q", format=".4~g", title=y.title),
        alt.Tooltip("caveat:N", title="caveat"),
    ]
    shown = {"color": _colour(kinds), "shape": _shape(kinds), "tooltip": tips}
    ring = alt.Chart(alt.NamedData(name="chosen")).mark_point(size=330, strokeWidth=2.2, shape="circle", opacity=1)
    filled = alt.Chart(alt.NamedData(name="layers")).mark_point(filled=True, size=75, opacity=1)
    hollow = alt.Chart(alt.NamedData(name="other")).mark_point(filled=False, size=70, strokeWidth=1.8, opacity=1)
    return [
        ring.encode(**channels, color=alt.value(theme.NULL)),
        hollow.encode(**channels, **shown),
        filled.encode(**channels, **shown),
    ]


def _colour(kinds: Kinds) -> alt.Color:
    dyes = [DYES[at % len(DYES)] for at in range(len(kinds))]
    return alt.Color("kind:N", scale=alt.Scale(domain=list(kinds), range=dyes), legend=_legend())


def _legend() -> alt.Legend:
    return alt.Legend(title=None, columns=LEGEND_COLUMNS)


def _shape(kinds: Kinds) -> alt.Shape:
    shapes = [SHAPES[at % len(SHAPES)] for at in range(len(kinds))]
    return alt.Shape("kind:N", scale=alt.Scale(domain=list(kinds), range=shapes), legend=_legend())
