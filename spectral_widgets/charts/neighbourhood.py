"""The matrix around one entry as a heat map."""

from __future__ import annotations

import numpy as np

from ..records import Patch
from . import theme
from .bars import Row
from .later import alt

CELL = 20

# Nearly transparent: small weights fade into the page, light or dark.
MIDDLE = "rgba(140, 140, 140, 0.14)"


def neighbourhood(patch: Patch, *, cell: int = CELL) -> alt.LayerChart:
    """Diverging heat map of the patch, zero in the middle of the colours, the entry outlined.

    Colours follow a symmetric logarithm that is linear up to the usual weight, so that the culprit stands out and
    its surroundings stay visible. Rows and columns carry the tensor's own indices; values that are not finite
    are gaps.
    """
    datasets = {"patch": _cells(patch), "entry": [{"row": patch.entry.row, "column": patch.entry.column}]}
    cells = (
        alt.Chart(alt.NamedData(name="patch"))
        .mark_rect()
        .encode(
            x=_axis(alt.X, "column", "column of the tensor", -90),
            y=_axis(alt.Y, "row", "row of the tensor", 0),
            color=_colour(patch),
            tooltip=[
                alt.Tooltip("row:O"),
                alt.Tooltip("column:O"),
                alt.Tooltip("value:Q", format=".5~g", title="weight"),
            ],
        )
    )
    outline = (
        alt.Chart(alt.NamedData(name="entry"))
        .mark_rect(filled=False, stroke=theme.TRAP, strokeWidth=2.5)
        .encode(x="column:O", y="row:O")
    )
    chart = alt.layer(cells, outline).properties(width=alt.Step(cell), height=alt.Step(cell))
    return theme.with_data(theme.dressed(chart), datasets)


def _axis(channel: type, field: str, title: str, angle: int) -> alt.X | alt.Y:
    axis = alt.Axis(labelAngle=angle, labelOverlap="parity", ticks=False, domain=False, grid=False)
    scale = alt.Scale(paddingInner=0.06, paddingOuter=0)
    return channel(field, type="ordinal", title=title, axis=axis, scale=scale)


def _colour(patch: Patch) -> alt.Color:
    span = float(np.nanmax(np.abs(patch.values[np.isfinite(patch.values)]), initial=0.0)) or 1.0
    colours = [theme.LAYER, MIDDLE, theme.NULL]
    scale = alt.Scale(type="symlog", constant=_usual_size(patch), range=colours, domain=[-span, 0, span])
    legend = alt.Legend(
        orient="right",
        direction="vertical",
        title="weight (symlog)",
        titleFontWeight="normal",
        gradientLength=140,
        format=".3~g",
    )
    return alt.Color("value:Q", scale=scale, legend=legend)


def _usual_size(patch: Patch) -> float:
    """The size below which colours grow linearly: that of the usual weight around the culprit."""
    sizes = np.abs(patch.values[np.isfinite(patch.values)])
    usual = float(np.median(sizes)) if len(sizes) else 0.0
    return usual or 1.0


def _cells(patch: Patch) -> list[Row]:
    return [
        {"row": int(row), "column": int(column), "value": float(value)}
        for row, values in zip(patch.rows, patch.values, strict=True)
        for column, value in zip(patch.columns, values, strict=True)
        if np.isfinite(value)
    ]
