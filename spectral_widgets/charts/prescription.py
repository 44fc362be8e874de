"""A prescription as bars: what each layer gets, beside the base; and which layers are chosen for fine-tuning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

from ..records import Complaint, Prescription
from . import theme
from .bars import Row
from .later import alt

LINE = 20
BASE = "base"
CHOSEN, LEFT = "to fine-tune", "left as it is"
_ROLES = {
    "measured": ("measured", theme.LAYER),
    "table": ("embedding or head", theme.BAND),
    "small": ("too small to measure", theme.SHUFFLED),
    "unreadable": ("not measurable", theme.TRAP),
    "excluded": ("excluded", theme.SHUFFLED_NULL),
    "other": ("everything else", theme.TAIL),
}


def prescription(
    source: Prescription | Iterable[Mapping[str, Any]],
    *,
    title: str | None = None,
    base: float | None = None,
    width: theme.Width = "container",
    line: int = LINE,
) -> alt.LayerChart:
    """One bar per layer in the model's order, coloured by how the number came about; a rule stands at the base.

    ``source`` is a prescription or the rows of its ``table``; for rows, ``base`` draws the rule and ``title`` names
    the axis. Only the named datasets change when a slider moves. Raises Complaint for no rows.
    """
    given = list(source.table if isinstance(source, Prescription) else source)
    if not given:
        raise Complaint("The prescription has no rows: there is no layer to draw.")
    if isinstance(source, Prescription):
        base = source.base if base is None else base
        title = title or source.quantity
    rows = [_row(row) for row in given]
    marks = [] if base is None else [{"prescription": base, "role": BASE}]
    order, used = tuple(row["layer"] for row in rows), frozenset(row["role"] for row in [*rows, *marks])
    chart = _bars(order, used, title or "prescription", width, line).copy(deep=False)
    return theme.with_data(chart, {"layers": rows, "base": marks})


@lru_cache(maxsize=8)
def _bars(order: tuple[str, ...], used: frozenset[str], title: str, width: theme.Width, line: int) -> alt.LayerChart:
    """The chart without its rows: the same for every place of a slider, so made once."""
    x = alt.X("prescription", type="quantitative", title=title, axis=_axis())
    labels = alt.Axis(labelLimit=320, ticks=False, domain=False, labelFontSize=11, labelPadding=6)
    y = alt.Y("layer", type="nominal", sort=list(order), axis=labels, title=None)
    tips = [
        alt.Tooltip("layer:N", title=" "),
        alt.Tooltip("prescription:Q", format=".4~g", title=title),
        alt.Tooltip("reason:N", title="why"),
    ]
    colour = alt.Color("role:N", scale=_dyes(used))
    rule = alt.Chart(alt.NamedData(name="base")).mark_rule(strokeDash=[5, 3], strokeWidth=1.6)
    layers = [
        alt.Chart(alt.NamedData(name="layers"))
        .mark_bar(height={"band": 0.72})
        .encode(x=x, y=y, color=colour, tooltip=tips),
        rule.encode(x=alt.X("prescription", type="quantitative"), color=colour),
    ]
    return theme.dressed(alt.layer(*layers).properties(width=width, height=alt.Step(line)))


def layer_choice(
    source: Prescription | Iterable[Mapping[str, Any]], *, width: theme.Width = "container", line: int = LINE
) -> alt.LayerChart:
    """The value that decides, lowest first on a logarithmic axis, coloured by whether the layer is chosen.

    A rule stands at the largest value that was chosen. ``source`` is what :func:`layers_to_finetune` gives, or the rows
    of its ``table``. Raises Complaint where no layer was measured.
    """
    given = source.table if isinstance(source, Prescription) else source
    rows = [
        {
            "layer": row["layer"],
            "value": row["value"],
            "role": CHOSEN if row["ratio"] else LEFT,
            "metric": row["metric"],
        }
        for row in sorted(given, key=lambda row: row["value"])
        if row["role"] == "measured" and isfinite(row["value"]) and row["value"] > 0
    ]
    if not rows:
        raise Complaint("No layer was measured: there is nothing to choose from.")
    chosen = [row["value"] for row in rows if row["role"] == CHOSEN]
    marks = [{"value": max(chosen)}] if chosen else []
    chart = _dots(tuple(row["layer"] for row in rows), rows[0]["metric"], width, line).copy(deep=False)
    return theme.with_data(chart, {"layers": rows, "cut": marks})


@lru_cache(maxsize=8)
def _dots(order: tuple[str, ...], metric: str, width: theme.Width, line: int) -> alt.LayerChart:
    """The chart without its rows: the same for every place of a slider, so made once."""
    x = alt.X("value", type="quantitative", title=metric, scale=alt.Scale(type="log", padding=12), axis=_axis())
    labels = alt.Axis(labelLimit=320, ticks=False, domain=False, labelFontSize=11, labelPadding=6, grid=True)
    y = alt.Y("layer", type="nominal", sort=list(order), axis=labels, title=None)
    dyes = alt.Scale(domain=[CHOSEN, LEFT], range=[theme.LAYER, theme.SHUFFLED])
    tips = [alt.Tooltip("layer:N", title=" "), alt.Tooltip("value:Q", format=".4~g", title=metric)]
    dots = alt.Chart(alt.NamedData(name="layers")).mark_point(filled=True, size=80, opacity=1)
    rule = alt.Chart(alt.NamedData(name="cut")).mark_rule(strokeDash=[5, 3], strokeWidth=1.6, color=theme.NULL)
    layers = [dots.encode(x=x, y=y, color=alt.Color("role:N", scale=dyes), tooltip=tips), rule.encode(x=x)]
    return theme.dressed(alt.layer(*layers).properties(width=width, height=alt.Step(line)))


def prescription_text(source: Prescription) -> str:
    """The summary of the prescription, with the layers that get least and most."""
    measured = [row for row in source.rows if row.role == "measured"]
    if not measured or source.quantity == "fine-tuning":
        return source.sentence
    least, most = min(measured, key=_amount), max(measured, key=_amount)
    return f"{source.sentence} Least in {least.layer}, most in {most.layer}."


def _amount(row: Any) -> float:
    return float(row.prescription)


def _row(row: Mapping[str, Any]) -> Row:
    role = _ROLES.get(row["role"], (row["role"], ""))[0]
    return {"layer": row["layer"], "prescription": row["prescription"], "role": role, "reason": row["reason"]}


def _axis() -> alt.Axis:
    return alt.Axis(labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy")


def _dyes(used: frozenset[str]) -> alt.Scale:
    pairs = [pair for pair in (*_ROLES.values(), (BASE, theme.NULL)) if pair[0] in used]
    return alt.Scale(domain=[name for name, _ in pairs], range=[dye for _, dye in pairs])
