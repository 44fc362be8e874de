"""Accuracy, α and traps over training steps, one under the other, with the paper's phases shaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
from spectral_widgets.charts import theme

from . import paper
from .comparing import Run, number

WIDTH, HEIGHT = 560, 130
PHASE_COLOURS = (theme.SHUFFLED, theme.TAIL, theme.TRAP)
COLOURS = (*theme.SERIES, theme.TRAP, theme.NULL, theme.SHUFFLED)
Row = dict[str, Any]


def over_steps(run: Run, names: Mapping[str, str], *, phases: bool = True, speed: float = 1.0) -> alt.VConcatChart:
    """Four panels over the log of the step. ``names`` says which layers are drawn and what they are called.

    Bars at the points are the error of α and the s.d. of the counts over shuffles. ``phases`` shades those of the
    paper's MLP, their bounds divided by ``speed``.
    """
    frame = _Frame(run["checkpoints"][0]["step"], run["steps"] * 1.15, speed if phases else None)
    alphas, counts, published = (_layer_rows(run, names, key) for key in ("alpha", "traps", "published_traps"))
    layers = list(names.values())
    panels = [
        frame.panel(_accuracy_rows(run), "accuracy", ["train", "test"], named_phases=True),
        frame.panel(alphas, "α", layers, kind="log", rule=2.0),
        frame.panel(counts, "traps, calibrated", layers, legend=False),
        frame.panel(published, "traps, published rule", layers, legend=False),
    ]
    chart = theme.dressed(alt.vconcat(*panels, spacing=14).resolve_scale(color="independent"))
    return chart.properties(background="white")  # drawn to PNG on nothing, translucent marks would lose their colour


def _accuracy_rows(run: Run) -> list[Row]:
    return [
        {"step": one["step"], "value": one[f"{part}_accuracy"], "series": part}
        for part in ("train", "test")
        for one in run["checkpoints"]
    ]


def _layer_rows(run: Run, names: Mapping[str, str], key: str) -> list[Row]:
    spread, rows = "alpha_error" if key == "alpha" else f"{key}_sd", []
    for layer, name in names.items():
        for one in run["checkpoints"]:
            row = one["layers"][layer]
            if row[key] is not None:
                low, high = max(row[key] - number(row[spread]), 0.0), row[key] + number(row[spread])
                rows.append({"step": one["step"], "value": row[key], "low": low, "high": high, "series": name})
    return rows


@dataclass(frozen=True)
class _Frame:
    """The common axis of steps; ``speed`` is None where no phases are drawn."""

    start: float
    end: float
    speed: float | None

    def panel(
        self,
        rows: list[Row],
        title: str,
        series: list[str],
        *,
        kind: str = "linear",
        rule: float | None = None,
        legend: bool = True,
        named_phases: bool = False,
    ) -> Any:
        """Lines with bars over the phases; ``rule`` is a dashed level."""
        dyes = alt.Scale(domain=series, range=list(COLOURS[: len(series)]))
        colour = alt.Color("series:N", scale=dyes, legend=alt.Legend() if legend else None)
        y = _y_axis(rows, title, kind)
        base = alt.Chart(alt.Data(values=rows)).encode(x=self._x(), color=colour)
        layers = self._phases(named_phases)
        if rule is not None:
            level = alt.Chart(alt.Data(values=[{"value": rule}]))
            layers.append(level.mark_rule(strokeDash=[4, 4], color=theme.INK).encode(y=y("value")))
        if any("low" in row for row in rows):
            layers.append(base.mark_rule(opacity=0.5).encode(y=y("low"), y2="high:Q"))
        layers.append(base.mark_line(point=True, strokeWidth=2).encode(y=y("value")))
        return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)

    def _x(self) -> alt.X:
        axis = alt.Axis(format="~s", tickCount=8, labelOverlap="greedy", grid=False)
        return alt.X("step:Q", title="step", axis=axis, scale=alt.Scale(type="log", domain=[self.start, self.end]))

    def _phases(self, named: bool) -> list[alt.Chart]:
        if self.speed is None:
            return []
        bounds = [
            (max(low / self.speed, self.start), min(high / self.speed, self.end)) for low, high in paper.PHASE_BOUNDS
        ]
        rows = [
            {"phase": phase, "step": low, "end": high, "colour": colour}
            for phase, (low, high), colour in zip(paper.PHASES, bounds, PHASE_COLOURS, strict=True)
            if low < high
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(x=self._x(), color=alt.Color("colour:N", scale=None))
        band = base.mark_rect(opacity=0.09, stroke=None).encode(x2="end:Q")
        text = base.mark_text(align="left", baseline="bottom", dx=4, dy=-3, fontSize=11)
        return [band, text.encode(y=alt.value(HEIGHT), text="phase:N")] if named else [band]


def _y_axis(rows: list[Row], title: str, kind: str) -> Any:
    top = max((row["high" if "high" in row else "value"] for row in rows), default=1.0)
    linear = alt.Scale(type="linear", domainMin=0, domainMax=max(top, 1.0))
    axis = alt.Axis(tickCount=4, labelExpr=theme.NUMBERS, grid=kind == "linear")

    def y(field: str) -> alt.Y:
        scale = linear if kind == "linear" else alt.Scale(type="log", nice=False, padding=6)
        return alt.Y(field, type="quantitative", title=title, axis=axis, scale=scale)

    return y
