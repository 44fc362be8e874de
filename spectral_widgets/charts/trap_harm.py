"""What every trap does to the outputs beside the noise floor, and what one trap does at every strength."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..records import Complaint
from . import theme
from .bars import Row
from .comparison import LINE, TITLES, y_or_x_scale
from .later import alt

FLOOR = "strongest matched control"
EDIT = "the edit"


def trap_harm(table: Any, *, width: theme.Width = "container", line: int = LINE) -> alt.LayerChart:
    """Change of the outputs with its 95 % interval per trap, and its noise floor as a tick.

    ``table`` is the frame of :func:`ablate_traps`, or its rows. Raises Complaint for an empty one.
    """
    given = _rows_of(table)
    measure = _measure_of(given)
    scale = y_or_x_scale([row[key] for row in given for key in (measure, "noise_floor")])
    rows = [_row(row, measure, scale) for row in given]
    x = _x_axis(TITLES[measure], scale)
    axis = alt.Axis(labelLimit=320, ticks=False, domain=False, labelFontSize=12, labelPadding=8)
    y = alt.Y("trap", type="nominal", sort=[row["trap"] for row in rows], axis=axis, title=None)
    tips = [
        alt.Tooltip("trap:N", title=" "),
        alt.Tooltip("change:Q", format=".4~g", title=TITLES[measure]),
        alt.Tooltip("floor:Q", format=".4~g", title=FLOOR),
        alt.Tooltip("verdict:N", title="verdict"),
    ]
    names = alt.Scale(domain=[EDIT, FLOOR], range=[theme.TRAP, theme.NULL])
    base = alt.Chart(alt.NamedData(name="traps"))
    dots = base.transform_calculate(series=f"'{EDIT}'").mark_point(filled=True, size=95, opacity=1)
    ticks = base.transform_calculate(series=f"'{FLOOR}'").mark_tick(thickness=2.4, size=18)
    layers = [
        base.mark_rule(strokeWidth=2.2, color=theme.TRAP).encode(x=x("low"), x2="high", y=y),
        ticks.encode(x=x("floor"), y=y, color=alt.Color("series:N", scale=names), tooltip=tips),
        dots.encode(x=x("change"), y=y, color=alt.Color("series:N", scale=names), tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=alt.Step(line))
    return theme.with_data(theme.dressed(chart), {"traps": rows})


def dose_response(table: Any, *, width: theme.Width = "container", height: int = 260) -> alt.LayerChart:
    """Change of the outputs with its 95 % band against the factor that scales the trap; a rule stands at 1.

    ``table`` is the frame of :func:`spectral_widgets.dose_response`, or its rows. Raises Complaint for an empty one.
    """
    given = _rows_of(table)
    measure = _measure_of(given)
    rows = [
        {"factor": row["factor"], "change": row[measure], "low": max(row["low"], 0.0), "high": row["high"]}
        for row in given
    ]
    steps = alt.Axis(values=[0, 0.5, 1, 1.5, 2], format="~g")
    x = alt.X("factor", type="quantitative", title="factor of the trap (0 removes it, 1 leaves it)", axis=steps)
    base = alt.Chart(alt.NamedData(name="doses"))

    def y(field: str) -> alt.Y:
        axis = alt.Axis(labelExpr=theme.NUMBERS, tickCount=5, labelOverlap="greedy")
        return alt.Y(field, type="quantitative", title=TITLES[measure], axis=axis)

    tips = [alt.Tooltip("factor:Q"), alt.Tooltip("change:Q", format=".4~g", title=TITLES[measure])]
    unchanged = alt.Chart(alt.NamedData(name="unchanged")).mark_rule(strokeDash=[5, 3], color=theme.NULL)
    layers = [
        unchanged.encode(x=x),
        base.mark_area(opacity=0.24, color=theme.TRAP).encode(x=x, y=y("low"), y2="high"),
        base.mark_line(strokeWidth=2.4, color=theme.TRAP).encode(x=x, y=y("change")),
        base.mark_point(filled=True, size=60, opacity=1, color=theme.TRAP).encode(x=x, y=y("change"), tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), {"doses": rows, "unchanged": [{"factor": 1.0}]})


def _rows_of(table: Any) -> list[Mapping[str, Any]]:
    rows: Iterable[Mapping[str, Any]] = table.to_dict("records") if hasattr(table, "to_dict") else table
    found = list(rows)
    if not found:
        raise Complaint("The table has no rows: there is no trap to draw.")
    return found


def _measure_of(rows: list[Mapping[str, Any]]) -> str:
    return next(name for name in TITLES if name in rows[0])


def _row(row: Mapping[str, Any], measure: str, scale: str) -> Row:
    low = max(row["low"], row[measure] / 10) if scale == "log" else row["low"]
    return {
        "trap": f"{row['layer']} · trap {row['trap'] + 1} (seed {row['seed']})",
        "change": row[measure],
        "low": low,
        "high": row["high"],
        "floor": row["noise_floor"],
        "verdict": row["verdict"],
    }


def _x_axis(title: str, scale: Any) -> Any:
    def x(field: str) -> alt.X:
        axis = alt.Axis(labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy", grid=scale == "linear")
        return alt.X(field, type="quantitative", scale=theme.scale(scale, padding=10), axis=axis, title=title)

    return x
