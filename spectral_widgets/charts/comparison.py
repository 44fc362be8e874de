"""Every edit of an ablation side by side: where each stands among the controls."""

from __future__ import annotations

import numpy as np

from ..records import AblationResult, Track
from . import theme
from .bars import Row, Scale
from .later import alt

SPAN = 30.0
LINE = 30
CONTROL = "matched controls"
HIGHEST = "strongest control"
TITLES = {
    "divergence_nats": "Jensen–Shannon divergence (nats)",
    "relative_change": "relative change of the output",
}


def measure_title(result: AblationResult) -> str:
    """What was measured, with its unit. A relative change is never called a divergence."""
    return TITLES[result.measure]


def y_or_x_scale(values: list[float]) -> Scale:
    """``log`` when all finite values are positive and span more than 30 to 1, otherwise ``linear``.

    >>> y_or_x_scale([1.0, 31.0]), y_or_x_scale([1.0, 29.0]), y_or_x_scale([0.0, 31.0])
    ('log', 'linear', 'linear')
    """
    finite = [value for value in values if np.isfinite(value)]
    return "log" if finite and min(finite) > 0 and max(finite) > SPAN * min(finite) else "linear"


def comparison(result: AblationResult, *, width: theme.Width = "container", line: int = LINE) -> alt.LayerChart:
    """Dot and 95 % interval of the edit and each companion, and the controls as a strip in one line.

    The dashed rule is the largest control. Tracks without a measurement yet are left out.
    """
    rows = _rows(result)
    scale = y_or_x_scale([row["change"] for row in rows["edits"] + rows["controls"]])
    if scale == "log":
        for row in rows["edits"]:
            row["low"] = max(row["low"], row["change"] / 10)
    order = list(dict.fromkeys(row["label"] for row in rows["edits"] + rows["controls"]))
    axes = _Axes(measure_title(result), scale, order, colours(result))
    at_end = _is_last(rows)
    layers = [axes.limit(), axes.limit_label(at_end), axes.strip(), axes.intervals(), axes.dots()]
    # A number of pixels, not a step: a step cannot follow a width that is the container's.
    chart = alt.layer(*layers).properties(width=width, height=max(len(order), 1) * line)
    return theme.with_data(theme.dressed(chart), rows)


def _rows(result: AblationResult) -> dict[str, list[Row]]:
    label = f"matched controls ({len(result.controls)})"
    tracks = [("edit", result.edit), *(("companion", track) for track in result.companions)]
    edits = [_row(track, track.label, role) for role, track in tracks]
    controls = [_row(track, label, "control") for track in result.controls]
    kept = [row for row in controls if row is not None]
    highest = max((row["change"] for row in kept), default=None)
    return {
        "edits": [row for row in edits if row is not None],
        "controls": kept,
        "limit": [] if highest is None else [{"change": highest}],
    }


def _row(track: Track, label: str, role: str) -> Row | None:
    """The last known mean with its interval; an interval that is not known yet shrinks to the dot."""
    if not len(track.mean) or not np.isfinite(track.mean[-1]):
        return None
    mean, low, high = float(track.mean[-1]), float(track.low[-1]), float(track.high[-1])
    low, high = (low, high) if np.isfinite([low, high]).all() else (mean, mean)
    series = CONTROL if role == "control" else label
    return {"label": label, "role": role, "series": series, "change": mean, "low": low, "high": high}


def _is_last(rows: dict[str, list[Row]]) -> bool:
    """Whether the strongest control reaches as far right as anything else."""
    highest = [row["change"] for row in rows["limit"]]
    return bool(highest) and highest[0] >= max((row["high"] for row in rows["edits"]), default=0.0)


class _Axes:
    """The encodings that all layers share."""

    def __init__(self, title: str, scale: Scale, order: list[str], dyes: alt.Scale) -> None:
        self._title, self._scale, self._order, self._dyes = title, scale, order, dyes

    def x(self, field: str) -> alt.X:
        scale = theme.scale(self._scale, padding=10)
        grid = self._scale == "linear"
        axis = alt.Axis(labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy", grid=grid)
        return alt.X(field, type="quantitative", scale=scale, axis=axis, title=self._title)

    def y(self) -> alt.Y:
        axis = alt.Axis(labelLimit=260, ticks=False, domain=False, labelFontSize=12, labelPadding=8)
        return alt.Y("label", type="nominal", sort=self._order, axis=axis, title=None)

    def colour(self) -> alt.Color:
        return alt.Color("series:N", scale=self._dyes, legend=None)

    def intervals(self) -> alt.Chart:
        mark = alt.Chart(alt.NamedData(name="edits")).mark_rule(strokeWidth=2.2)
        return mark.encode(x=self.x("low"), x2="high", y=self.y(), color=self.colour())

    def dots(self) -> alt.Chart:
        tip = [
            alt.Tooltip("label:N", title=" "),
            alt.Tooltip("change:Q", format=".4~g", title=self._title),
            alt.Tooltip("low:Q", format=".4~g", title="95 % from"),
            alt.Tooltip("high:Q", format=".4~g", title="to"),
        ]
        mark = alt.Chart(alt.NamedData(name="edits")).mark_point(filled=True, size=95, opacity=1)
        return mark.encode(x=self.x("change"), y=self.y(), color=self.colour(), tooltip=tip)

    def strip(self) -> alt.Chart:
        mark = alt.Chart(alt.NamedData(name="controls")).mark_tick(thickness=2, size=16, opacity=0.75)
        tip = [alt.Tooltip("change:Q", format=".4~g", title="one control")]
        return mark.encode(x=self.x("change"), y=self.y(), color=self.colour(), tooltip=tip)

    def limit(self) -> alt.Chart:
        mark = alt.Chart(alt.NamedData(name="limit")).mark_rule(strokeDash=[5, 3], strokeWidth=1.6, color=theme.NULL)
        return mark.encode(x=self.x("change"))

    def limit_label(self, at_end: bool) -> alt.Chart:
        """Its words; where the rule stands at the right end they stay inside of the chart."""
        mark = alt.Chart(alt.NamedData(name="limit")).mark_text(
            dx=12 if at_end else 0,
            dy=-5,
            align="right" if at_end else "center",
            baseline="bottom",
            fontSize=11,
            color=theme.NULL,
        )
        return mark.encode(x=self.x("change"), y=alt.value(0), text=alt.value(HIGHEST))


def colours(result: AblationResult) -> alt.Scale:
    """The edit in the traps' colour, companions in the series' colours, controls grey."""
    names = [result.edit.label, *(track.label for track in result.companions)]
    dyes = [theme.TRAP, *(theme.SERIES[at % len(theme.SERIES)] for at in range(len(result.companions)))]
    if result.controls:
        names, dyes = [*names, CONTROL, HIGHEST], [*dyes, theme.SHUFFLED, theme.NULL]
    return alt.Scale(domain=names, range=dyes)
