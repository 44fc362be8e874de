"""Which heads listen to which: a matrix of composition scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..records import Complaint, Reading
from . import theme
from .bars import Row
from .later import alt

MIDDLE = "rgba(140, 140, 140, 0.14)"
TITLES = {
    "z_score": "standard deviations above random heads",
    "z_rotated": "standard deviations above the same heads rotated",
    "score": "composition score",
    "component_score": "score of the direction heard best",
}
CELL = 12


def composition(table: Any, reading: Reading = "key", value: str = "z_rotated", *, cell: int = CELL) -> alt.LayerChart:
    """Heat map of one reading: writers along, readers down, each as block.head; the strongest pair is outlined.

    ``table`` is the frame of :func:`spectral_widgets.composition_scores`, or its rows; ``value`` one of its number
    columns. Pairs without a value are gaps. Raises Complaint for a table without such rows.
    """
    rows = _cells(table, reading, value)
    best = _strongest(rows)
    span = max(abs(row["value"]) for row in rows) or 1.0
    order = {axis: _ordered(rows, axis) for axis in ("writer", "reader")}
    x = _axis(alt.X, "writer", "writing head (block.head)", order["writer"], -90)
    y = _axis(alt.Y, "reader", f"head that reads it by its {reading}", order["reader"], 0)
    legend = alt.Legend(
        orient="right", direction="vertical", title=TITLES.get(value, value), titleLimit=320, titleFontWeight="normal"
    )
    colours = alt.Scale(domain=[-span, 0, span], range=[theme.LAYER, MIDDLE, theme.NULL])
    tips = [
        alt.Tooltip("writer:O", title="writes"),
        alt.Tooltip("reader:O", title="reads"),
        alt.Tooltip("value:Q", format=".3~g", title=TITLES.get(value, value)),
        alt.Tooltip("score:Q", format=".3~g", title="score"),
        alt.Tooltip("component:O", title="direction heard best"),
    ]
    cells = (
        alt.Chart(alt.NamedData(name="pairs"))
        .mark_rect()
        .encode(x=x, y=y, color=alt.Color("value:Q", scale=colours, legend=legend), tooltip=tips)
    )
    outline = (
        alt.Chart(alt.NamedData(name="strongest"))
        .mark_rect(filled=False, stroke=theme.TRAP, strokeWidth=2.5)
        .encode(x=x, y=y)
    )
    chart = alt.layer(cells, outline).properties(width=alt.Step(cell), height=alt.Step(cell))
    return theme.with_data(theme.dressed(chart), {"pairs": rows, "strongest": [best]})


def composition_text(table: Any, reading: Reading = "key", value: str = "z_rotated") -> str:
    """How many pairs there are, and which one is strongest."""
    rows = _cells(table, reading, value)
    best = _strongest(rows)
    return (
        f"Composition of {len(rows)} pairs of heads by the {reading}. The strongest is head {best['writer']} read by "
        f"head {best['reader']}: {best['value']:.3g} {TITLES.get(value, value)}, score {best['score']:.3g}."
    )


def _cells(table: Any, reading: str, value: str) -> list[Row]:
    given: Iterable[Mapping[str, Any]] = table.to_dict("records") if hasattr(table, "to_dict") else table
    rows = [_cell(row, value) for row in given if row["reading"] == reading]
    rows = [row for row in rows if row["value"] == row["value"]]
    if not rows:
        raise Complaint(f"No pair of heads here is read by the {reading} with a {value}; nothing to draw.")
    return rows


def _cell(row: Mapping[str, Any], value: str) -> Row:
    return {
        "writer": _label(row["writer"], row["writer_depth"], row["writer_head"]),
        "reader": _label(row["reader"], row["reader_depth"], row["reader_head"]),
        "value": float(row[value]),
        "score": float(row["score"]),
        "component": int(row["component"]),
    }


def _label(attention: str, depth: int | None, head: int) -> str:
    return f"{attention if depth is None or depth != depth else int(depth)}.{head}"


def _ordered(rows: list[Row], axis: str) -> list[str]:
    return list(dict.fromkeys(str(row[axis]) for row in rows))


def _strongest(rows: list[Row]) -> Row:
    return max(rows, key=lambda row: float(row["value"]))


def _axis(channel: type, field: str, title: str, order: list[str], angle: int) -> alt.X | alt.Y:
    axis = alt.Axis(labelAngle=angle, labelOverlap="greedy", ticks=False, domain=False, grid=False)
    return channel(field, type="ordinal", title=title, sort=order, axis=axis, scale=alt.Scale(paddingInner=0.06))
