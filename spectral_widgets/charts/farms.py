"""The Hill exponent of whole layers beside that of windows of one shape, and the exponent of every window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..records import Complaint, FarmsFit
from ..rmt.hill import mp_hill_alpha
from . import theme
from .bars import Row
from .later import alt

HILL = "Hill α of the whole layer"
FARMS = "Hill α of its windows (FARMS)"
NOISE = "pure noise of the layer's shape"
_LINE = 26


def farms(table: Any, *, width: theme.Width = "container", line: int = _LINE) -> alt.LayerChart:
    """Both exponents a layer, joined by a bar: its length is the bias of the layer's shape.

    ``table`` is the frame of :func:`measure` with the metrics ``hill_alpha`` and ``farms_alpha``, or its rows with
    ``layer`` and ``aspect``. Layers without the two numbers are left out; Complaint when that leaves none.
    """
    rows = [row for row in map(_row, _rows_of(table)) if np.isfinite(row["hill"]) and np.isfinite(row["farms"])]
    if not rows:
        raise Complaint('No layer has both exponents: measure with metrics=["hill_alpha", "farms_alpha"].')
    axis = alt.Axis(labelLimit=320, ticks=False, domain=False, labelFontSize=12, labelPadding=8)
    y = alt.Y("layer", type="nominal", sort=[row["layer"] for row in rows], axis=axis, title=None)
    tips = [
        alt.Tooltip("layer:N", title=" "),
        alt.Tooltip("ratio:Q", format=".3g", title="long side / short side"),
        alt.Tooltip("hill:Q", format=".3f", title=HILL),
        alt.Tooltip("farms:Q", format=".3f", title=FARMS),
        alt.Tooltip("noise:Q", format=".3f", title=NOISE),
    ]
    names = alt.Scale(domain=[HILL, FARMS, NOISE], range=[theme.LAYER, theme.TAIL, theme.NULL])
    colour = alt.Color("series:N", scale=names)
    base = alt.Chart(alt.NamedData(name="layers"))

    def series(name: str) -> alt.Chart:
        return base.transform_calculate(series=f'"{name}"')

    layers = [
        base.mark_rule(strokeWidth=2, color=theme.INK).encode(x=_x("hill"), x2="farms", y=y),
        series(NOISE).mark_tick(thickness=2.4, size=16).encode(x=_x("noise"), y=y, color=colour, tooltip=tips),
        series(HILL).mark_point(filled=True, size=150, opacity=1).encode(x=_x("hill"), y=y, color=colour, tooltip=tips),
        series(FARMS)
        .mark_point(filled=True, size=85, opacity=1)
        .encode(x=_x("farms"), y=y, color=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=alt.Step(line))
    return theme.with_data(theme.dressed(chart), {"layers": rows})


def farms_windows(fit: FarmsFit, *, width: theme.Width = "container", height: int = 260) -> alt.LayerChart:
    """Exponent of every window by itself, where it starts in the matrix; the colour's middle is the pooled exponent."""
    alphas = np.array(fit.window_alphas)
    if not np.isfinite(alphas).any():
        raise Complaint("No window has an exponent: their eigenvalues are zero or equal.")
    reach = max(float(np.nanmax(np.abs(alphas - fit.alpha))), 1e-3)
    colour = alt.Fill(
        "alpha:Q",
        scale=alt.Scale(scheme="redblue", domain=[fit.alpha - reach, fit.alpha + reach]),
        legend=alt.Legend(title="Hill α", orient="right", direction="vertical", symbolType="square"),
    )
    tips = [
        alt.Tooltip("row:Q", title="rows from"),
        alt.Tooltip("column:Q", title="columns from"),
        alt.Tooltip("alpha:Q", format=".3f", title="Hill α"),
    ]
    rows = [
        {
            "row": row,
            "column": column,
            "row_end": row + fit.window[0],
            "column_end": column + fit.window[1],
            "row_middle": row + fit.window[0] / 2,
            "column_middle": column + fit.window[1] / 2,
            "alpha": one,
        }
        for (row, column), one in zip(fit.starts, fit.window_alphas, strict=True)
        if np.isfinite(one)
    ]
    base = alt.Chart(alt.NamedData(name="windows"))
    outline = base.mark_rect(fillOpacity=0, stroke=theme.INK, strokeOpacity=0.35)
    middle = base.mark_point(size=150, opacity=1, fillOpacity=1, shape="square", stroke=theme.INK, strokeWidth=0.8)
    layers = [
        outline.encode(x=_place(alt.X, "column"), x2="column_end", y=_place(alt.Y, "row"), y2="row_end"),
        middle.encode(x=_place(alt.X, "column_middle"), y=_place(alt.Y, "row_middle"), fill=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), {"windows": rows})


def _place(channel: type, field: str) -> alt.X | alt.Y:
    title = field.split("_")[0]
    scale = alt.Scale(reverse=title == "row", nice=False)
    axis = alt.Axis(grid=False, labelOverlap="greedy", tickCount=6)
    return channel(field, type="quantitative", title=title, scale=scale, axis=axis)


def _x(field: str) -> alt.X:
    axis = alt.Axis(tickCount=6, labelOverlap="greedy")
    scale = alt.Scale(zero=False, nice=True, padding=10)
    return alt.X(field, type="quantitative", scale=scale, axis=axis, title="Hill exponent α")


def _rows_of(table: Any) -> list[Mapping[str, Any]]:
    if hasattr(table, "reset_index"):
        table = table.reset_index().to_dict("records")
    rows: Iterable[Mapping[str, Any]] = table
    return list(rows)


def _row(given: Mapping[str, Any]) -> Row:
    aspect = float(given["aspect"])
    return {
        "layer": str(given["layer"]),
        "ratio": 1 / aspect,
        "hill": float(given.get("hill_alpha", np.nan)),
        "farms": float(given.get("farms_alpha", np.nan)),
        "noise": mp_hill_alpha(aspect),
    }
