"""One pair metric, layer by layer in the model's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from ..records import Complaint
from . import theme
from .bars import Row
from .later import alt

LINE = 20


def change_by_layer(
    rows: Sequence[Mapping[str, Any]],
    metric: str = "relative_change",
    *,
    title: str = "",
    width: theme.Width = "container",
    line: int = LINE,
) -> alt.LayerChart:
    """A bar a layer, coloured by kind, in the order of the rows.

    ``rows`` hold ``layer``, ``kind`` and the metric, as those of :func:`spectral_widgets.compare`. Layers without a
    number are left out. Raises Complaint when that leaves none.
    """
    shown = _rows(rows, metric)
    kinds = list(dict.fromkeys(row["kind"] for row in shown))
    dyes = [theme.SERIES[at % len(theme.SERIES)] for at in range(len(kinds))]
    axis = alt.Axis(labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy")
    x = alt.X("value", type="quantitative", title=title or metric, axis=axis)
    labels = alt.Axis(labelLimit=320, ticks=False, domain=False, labelFontSize=11, labelPadding=6)
    y = alt.Y("layer", type="nominal", sort=[row["layer"] for row in shown], axis=labels, title=None)
    tips = [alt.Tooltip("layer:N", title=" "), alt.Tooltip("value:Q", format=".4~g", title=title or metric)]
    bars = alt.Chart(alt.NamedData(name="change")).mark_bar(height={"band": 0.72})
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=dyes))
    chart = alt.layer(bars.encode(x=x, y=y, color=colour, tooltip=tips)).properties(width=width, height=alt.Step(line))
    return theme.with_data(theme.dressed(chart), {"change": shown})


def change_by_layer_text(rows: Sequence[Mapping[str, Any]], metric: str = "relative_change") -> str:
    """Range of the metric and the layer that has most of it."""
    shown = _rows(rows, metric)
    most = max(shown, key=lambda row: float(row["value"]))
    low = min(row["value"] for row in shown)
    return f"{metric} of {len(shown)} layers, from {low:.3g} to {most['value']:.3g} in {most['layer']}."


def _rows(rows: Sequence[Mapping[str, Any]], metric: str) -> list[Row]:
    shown = [
        {"layer": row["layer"], "kind": row["kind"], "value": float(row[metric])}
        for row in rows
        if isfinite(row[metric])
    ]
    if not shown:
        raise Complaint(f"No layer has a number in {metric!r}: there is nothing to draw.")
    return shown
