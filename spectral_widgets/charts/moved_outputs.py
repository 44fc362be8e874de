"""Which outputs an edit moves: signed change of probability, largest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..records import Complaint
from . import theme
from .axes import names, quantity
from .comparison import LINE
from .later import alt

GAINS, LOSES = "gains", "loses"


def moved_outputs(
    rows: Sequence[Mapping[str, Any]], *, width: theme.Width = "container", line: int = LINE - 4
) -> alt.LayerChart:
    """Bar and 95 % interval per output, by its ``label``, ``change``, ``low`` and ``high``.

    Raises Complaint when there is none.
    """
    if not rows:
        raise Complaint("There are no outputs to draw.")
    drawn = [
        {
            "label": row["label"],
            "change": row["change"],
            "low": row["low"] if row["low"] > -1 else row["change"],
            "high": row["high"] if row["high"] < 1 else row["change"],
            "before": row["before"],
            "way": GAINS if row["change"] > 0 else LOSES,
        }
        for row in rows
    ]
    title = "mean change of probability"
    y = names("label", [row["label"] for row in drawn])
    dyes = alt.Scale(domain=[GAINS, LOSES], range=[theme.SERIES[0], theme.TRAP])
    colour = alt.Color("way:N", scale=dyes, title=None)
    tips = [
        alt.Tooltip("label:N", title=" "),
        alt.Tooltip("change:Q", format="+.4~g", title=title),
        alt.Tooltip("before:Q", format=".4~g", title="probability before"),
    ]
    base = alt.Chart(alt.NamedData(name="outputs"))
    layers = [
        base.mark_bar(height=12, opacity=0.85).encode(
            x=quantity(alt.X, "change", title, zero=True), y=y, color=colour, tooltip=tips
        ),
        base.mark_rule(strokeWidth=1.6, color=theme.NULL).encode(x=quantity(alt.X, "low", title), x2="high", y=y),
    ]
    chart = alt.layer(*layers).properties(width=width, height=len(drawn) * line)
    return theme.with_data(theme.dressed(chart), {"outputs": drawn})
