"""What an edit did to the outputs, probe by probe, next to its companions and its matched controls."""

from __future__ import annotations

import numpy as np

from ..records import AblationResult, Track
from . import theme
from .bars import Row, Scale
from .comparison import CONTROL, HIGHEST, colours, comparison, y_or_x_scale
from .comparison import measure_title as _title
from .later import alt

__all__ = ["comparison", "divergence"]

MAX_POINTS = 160


def divergence(result: AblationResult, *, width: theme.Width = "container", height: int = 260) -> alt.LayerChart:
    """Running mean of the measured change against the number of probes, valid at any size.

    The edit is drawn with its 95 % band, companions as thin coloured lines, controls as grey lines with
    the largest of them on top. The axis is logarithmic when every mean is positive and they span more
    than 30 to 1.
    """
    scale = y_or_x_scale([_finals(track) for track in _tracks(result)])
    datasets = _datasets(result, scale)
    axes = _Axes(result, scale)
    layers = [axes.line("controls", 0.8, 0.4, detail="track"), axes.line("highest", 1.8, 1.0, [5, 3])]
    layers += [axes.line("companions", 1.7, 1.0), axes.band(), axes.line("edit", 2.8, 1.0)]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), datasets)


def _tracks(result: AblationResult) -> tuple[Track, ...]:
    return (result.edit, *result.companions, *result.controls)


def _finals(track: Track) -> float:
    finite = track.mean[np.isfinite(track.mean)]
    return float(finite[-1]) if len(finite) else float("nan")


def _datasets(result: AblationResult, scale: str) -> dict[str, list[Row]]:
    lowest, cap = (0.0 if scale == "log" else float("-inf")), _cap(result)
    return {
        "edit": _rows(result.edit, result.edit.label, "edit", lowest, cap),
        "band": _band_rows(result.edit, lowest, cap),
        "companions": [
            row for track in result.companions for row in _rows(track, track.label, track.label, lowest, cap)
        ],
        "controls": [
            row
            for number, track in enumerate(result.controls)
            for row in _rows(track, CONTROL, f"control {number + 1}", lowest, cap)
        ],
        "highest": _highest_rows(result, lowest, cap),
    }


def _cap(result: AblationResult) -> float:
    """Top of the axis: a quarter above what is reached after the first tenth, once means are calm."""
    late = [track.mean[len(track.mean) // 10 :] for track in _tracks(result)]
    late.append(result.edit.high[len(result.edit.high) // 10 :])
    values = np.concatenate(late)
    return 1.25 * float(np.max(values[np.isfinite(values)], initial=0.0))


def _shown(n_done: int) -> np.ndarray:
    """Indices of the probes that are drawn: all of them, or a spread of 160 that keeps first and last."""
    return np.unique(np.linspace(0, n_done - 1, min(n_done, MAX_POINTS)).round().astype(int))


def _rows(track: Track, series: str, name: str, lowest: float, cap: float) -> list[Row]:
    return [
        {"probe": int(at) + 1, "change": float(track.mean[at]), "series": series, "track": name}
        for at in _shown(len(track.mean))
        if np.isfinite(track.mean[at]) and lowest < track.mean[at] <= cap
    ]


def _band_rows(track: Track, lowest: float, cap: float) -> list[Row]:
    """The known interval, cut at zero and at the top; its low end on a log axis stops at mean/10."""
    rows = []
    for at in _shown(len(track.mean)):
        low, high, mean = (float(one[at]) for one in (track.low, track.high, track.mean))
        if np.isfinite([low, high]).all() and mean > lowest:
            low = max(low, mean / 10 if lowest == 0.0 else 0.0)
            rows.append({"probe": int(at) + 1, "low": low, "high": min(high, cap), "series": track.label})
    return rows


def _highest_rows(result: AblationResult, lowest: float, cap: float) -> list[Row]:
    """The largest control mean at each probe that all controls have reached."""
    n_shared = min((len(track.mean) for track in result.controls), default=0)
    if not n_shared:
        return []
    highest = np.max([track.mean[:n_shared] for track in result.controls], axis=0)
    return [
        {"probe": int(at) + 1, "change": float(highest[at]), "series": HIGHEST, "track": HIGHEST}
        for at in _shown(n_shared)
        if np.isfinite(highest[at]) and lowest < highest[at] <= cap
    ]


class _Axes:
    """The encodings that all layers of one result share."""

    def __init__(self, result: AblationResult, scale: Scale) -> None:
        self._x_title = f"running mean over inputs ({result.plan.probe.n} planned)"
        self._y_title = _title(result)
        self._scale = scale
        self._colours = colours(result)

    def x(self) -> alt.X:
        axis = alt.Axis(grid=False, format="~s", tickMinStep=1, tickCount=8)
        scale = alt.Scale(nice=False, zero=False)
        return alt.X("probe", type="quantitative", axis=axis, scale=scale, title=self._x_title)

    def y(self, field: str) -> alt.Y:
        scale = theme.scale(self._scale, nice=self._scale == "linear", padding=10)
        axis = alt.Axis(labelExpr=theme.NUMBERS, tickCount=5, labelOverlap="greedy")
        return alt.Y(field, type="quantitative", axis=axis, scale=scale, title=self._y_title)

    def colour(self) -> alt.Color:
        return alt.Color("series:N", scale=self._colours)

    def line(
        self, name: str, stroke: float, opacity: float, dash: list[int] | None = None, detail: str = "series"
    ) -> alt.Chart:
        mark = alt.Chart(alt.NamedData(name=name)).mark_line(
            strokeWidth=stroke, opacity=opacity, strokeDash=dash or [1, 0], clip=True
        )
        return mark.encode(x=self.x(), y=self.y("change"), color=self.colour(), detail=f"{detail}:N")

    def band(self) -> alt.Chart:
        mark = alt.Chart(alt.NamedData(name="band")).mark_area(opacity=0.24)
        return mark.encode(x=self.x(), y=self.y("low"), y2="high", color=self.colour())
