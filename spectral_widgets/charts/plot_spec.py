"""Plots as Vega-Lite: a spec that knows no number, so that it is drawn once, and the numbers beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from . import theme
from .axes import quantity
from .bars import Row
from .later import alt
from .plot import Column, Panel
from .plot_range import FRAME, datasets_of, name_of

FILE_PANEL = 420
_DRAG_WIDTH = 14


def plotted(panels: Sequence[Panel]) -> alt.Chart:
    """An Altair chart: one panel as wide as its place, several of them side by side in pairs."""
    return alt.Chart.from_dict(figure(panels))


def figure(panels: Sequence[Panel]) -> dict[str, Any]:
    """The same as Vega-Lite, numbers included."""
    if len(panels) == 1:
        return panel_spec(shape_of(panels[0])) | {"datasets": rows_of(panels[0], "")}
    parts = [panel_spec(shape_of(one), f"{place}:", FILE_PANEL) for place, one in enumerate(panels)]
    own = {"config", "$schema"}
    return {
        **{key: parts[0][key] for key in own},
        "concat": [{key: value for key, value in part.items() if key not in own} for part in parts],
        "columns": 2,
        "resolve": {"scale": {"color": "independent"}},
        "datasets": {
            name: rows for place, one in enumerate(panels) for name, rows in rows_of(one, f"{place}:").items()
        },
    }


def rows_of(panel: Panel, prefix: str) -> dict[str, list[Row]]:
    """The named datasets as rows of plain JSON; what is not finite becomes ``None``."""
    return {prefix + name: _rows(columns) for name, columns in datasets_of(panel).items()}


def _rows(columns: dict[str, Column]) -> list[Row]:
    plain = [[_plain(value) for value in column.tolist()] for column in columns.values()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*plain, strict=True)]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


Shape = tuple[Any, ...]


def shape_of(panel: Panel) -> Shape:
    """All of a panel but its numbers: what its spec depends on."""
    layers = tuple((name_of(place, one), one.mark, one.name, one.dye, one.look, one.drag, tuple(one.columns))
                   for place, one in enumerate(panel.layers))  # fmt: skip
    frame = tuple(axis for axis, ends in (("x", panel.x_range), ("y", panel.y_range)) if ends is not None)
    axes = (panel.title, panel.x_title, panel.y_title, panel.x_scale, panel.y_scale)
    return (axes, frame, layers, panel.height, panel.square)


@lru_cache(maxsize=512)
def panel_spec(shape: Shape, prefix: str = "", width: theme.Width = "container") -> dict[str, Any]:
    """The Vega-Lite spec of a panel of this shape without any number; ``prefix`` stands before its datasets' names."""
    (*_, height, square) = shape
    return theme.split(theme.dressed(_bare(shape, prefix, height if square else width)))[0]


def _bare(shape: Shape, prefix: str, width: theme.Width) -> Any:
    (title, *axes), frame, layers, height, _ = shape
    names = [name for _, _, name, *_ in layers if name]
    dyes = {name: dye for _, _, name, dye, *_ in reversed(layers) if name}
    domain = list(dict.fromkeys(names))
    colours = alt.Scale(domain=domain, range=[dyes[name] for name in domain])
    both = _Axes(axes, frame)
    drawn = [_layer(one, both, colours, prefix) for one in layers]
    if frame:
        held = {axis: getattr(both, axis)() for axis in frame}
        drawn.insert(0, alt.Chart(alt.NamedData(name=prefix + FRAME)).mark_point(opacity=0, size=0).encode(**held))
    chart = alt.layer(*drawn).properties(width=width, height=height)
    return chart.properties(title=title) if title else chart


class _Axes:
    """The two axes of a panel; every layer names them alike, so that they are drawn once."""

    def __init__(self, axes: Sequence[Any], held: Sequence[str]) -> None:
        self.x_title, self.y_title, self.x_scale, self.y_scale = axes
        # An axis held by a range ends there; others end at round numbers.
        self.exact = {axis: {"nice": False} for axis in held}

    def x(self, column: str = "x") -> Any:
        options = self.exact.get("x", {}) if self.x_scale == "linear" else {}
        return quantity(alt.X, column, self.x_title, self.x_scale, **options)

    def y(self, column: str = "y") -> Any:
        options = self.exact.get("y", {}) if self.y_scale == "linear" else {}
        return quantity(alt.Y, column, self.y_title, self.y_scale, **options)


def _layer(layer: Shape, axes: _Axes, colours: alt.Scale, prefix: str) -> Any:
    data, mark, name, dye, look, drag, columns = layer
    base = alt.Chart(alt.NamedData(name=prefix + data))
    if name:
        base = base.transform_calculate(series=json.dumps(name))
    colour = alt.Color("series:N", scale=colours) if name else alt.value(dye)
    return _MARKS[mark](base, axes, colour, dict(look), drag, columns)


def _tip(column: str, title: str) -> alt.Tooltip:
    return alt.Tooltip(column, type="quantitative", title=title, format=".4~g")


def _bars(base: Any, axes: _Axes, colour: Any, look: Any, drag: str, columns: Sequence[str]) -> Any:
    tip = [_tip("low", f"{axes.x_title}, from"), _tip("high", "to"), _tip("y", axes.y_title)]
    encoding = {"x": axes.x("low"), "x2": "high", "y": axes.y(), "y2": "base"}
    return base.mark_rect(opacity=0.6).encode(**encoding, color=colour, tooltip=tip)


def _line(base: Any, axes: _Axes, colour: Any, look: Any, drag: str, columns: Sequence[str]) -> Any:
    look = {key: list(value) if isinstance(value, tuple) else value for key, value in look.items()}
    # A curve that turns back must not be sorted by x.
    order = {"order": "order:Q"} if "order" in columns else {}
    return base.mark_line(**look).encode(x=axes.x(), y=axes.y(), color=colour, **order)


def _points(base: Any, axes: _Axes, colour: Any, look: Any, drag: str, columns: Sequence[str]) -> Any:
    tip = [_tip("x", axes.x_title), _tip("y", axes.y_title)]
    dots = base.mark_point(filled=True, **look).encode(x=axes.x(), y=axes.y(), color=colour, tooltip=tip)
    if "low" not in columns:
        return dots
    return alt.layer(base.mark_rule(strokeWidth=1.5).encode(x=axes.x(), y=axes.y("low"), y2="high", color=colour), dots)


def _band(base: Any, axes: _Axes, colour: Any, look: Any, drag: str, columns: Sequence[str]) -> Any:
    return base.mark_area(**look).encode(x=axes.x(), y=axes.y("low"), y2="high", color=colour)


def _rule(base: Any, axes: _Axes, colour: Any, look: Any, drag: str, columns: Sequence[str]) -> Any:
    along = "x" if "x" in columns else "y"
    place = {along: getattr(axes, along)()}
    look = {key: list(value) if isinstance(value, tuple) else value for key, value in look.items()}
    seen = base.mark_rule(**look).encode(**place, color=colour)
    if not drag:
        return seen
    cursor = "ew-resize" if along == "x" else "ns-resize"
    grip = base.mark_rule(strokeWidth=_DRAG_WIDTH, opacity=0.001, cursor=cursor).encode(**place, detail="drag:N")
    return alt.layer(seen, grip)


def _intervals(base: Any, axes: _Axes, colour: Any, look: Any, drag: str, columns: Sequence[str]) -> Any:
    axis = alt.Axis(labelLimit=170, ticks=False, domain=False, labelPadding=8, grid=False)
    y = alt.Y("label", type="nominal", sort=None, axis=axis, title=axes.y_title or None)
    tip = [alt.Tooltip("label:N", title=" "), _tip("x", axes.x_title), _tip("low", "from"), _tip("high", "to")]
    span = base.mark_rule(strokeWidth=2).encode(x=axes.x("low"), x2="high", y=y, color=colour, tooltip=tip)
    return alt.layer(
        span, base.mark_point(filled=True, size=70, opacity=1).encode(x=axes.x(), y=y, color=colour, tooltip=tip)
    )


def _cells(base: Any, axes: _Axes, colour: Any, look: Any, drag: str, columns: Sequence[str]) -> Any:
    quiet = alt.Axis(labels=False, ticks=False, domain=False, grid=False)
    x = alt.X("column", type="ordinal", title=axes.x_title or None, axis=quiet)
    y = alt.Y("row", type="ordinal", title=axes.y_title or None, axis=quiet)
    tip = [_tip("row", "row"), _tip("column", "column"), _tip("value", "value")]
    shade = alt.Color(
        "share",
        type="quantitative",
        scale=alt.Scale(domain=[-1, 0, 1], range=[theme.NULL, "#9994", theme.LAYER]),
        legend=None,
    )
    return base.mark_rect().encode(x=x, y=y, color=shade, tooltip=tip)


_MARKS = {
    "bars": _bars,
    "line": _line,
    "points": _points,
    "band": _band,
    "rule": _rule,
    "intervals": _intervals,
    "cells": _cells,
}
