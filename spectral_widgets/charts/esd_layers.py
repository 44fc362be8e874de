"""The drawn layers of a spectrum: one dataset, one mark each; all share their axes and one legend."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from . import theme
from .bars import Scale
from .later import alt
from .traps import selected_layer, traps_layer

LAYER = "layer"
ESTIMATED = "layer, estimated"
ERRORS = "± 2 standard errors"
OTHER = "the other model"
SHUFFLED = "entries shuffled"
NULL = "Marchenko–Pastur fit"
SHUFFLED_NULL = "Marchenko–Pastur, shuffled"
BAND = "Tracy–Widom band"
TAIL = "power-law tail"
TRAP = "trap"


def layers_of(datasets: Collection[str], x_scale: Scale, y_scale: Scale, height: int) -> list[alt.Chart]:
    """One layer a named dataset, in their order; the traps and the corner note come last."""
    draw = {
        "band": _band,
        "shuffled": _shuffled,
        "layer": _bars,
        "estimated": _estimated,
        "errors": _errors,
        "other": _other,
        "shuffled_null": _shuffled_null,
        "edges": _edges,
        "null": _null,
        "tail": _tail,
    }
    axes = Axes(x_scale, y_scale, _colours(datasets))
    layers = [draw[name](axes) for name in datasets if name in draw]
    if "traps" in datasets:
        layers.append(selected_layer(axes.x("drawn_at"), height))
        layers.append(traps_layer(_named("traps", TRAP), axes.x("drawn_at"), axes.colour(), height))
    return [*layers, _stretch(axes), _corner_note(axes)]


def _colours(datasets: Collection[str]) -> alt.Scale:
    named = {
        "layer": (LAYER, theme.LAYER),
        "estimated": (ESTIMATED, theme.LAYER),
        "errors": (ERRORS, theme.INK),
        "other": (OTHER, theme.OTHER),
        "shuffled": (SHUFFLED, theme.SHUFFLED),
        "null": (NULL, theme.NULL),
        "shuffled_null": (SHUFFLED_NULL, theme.SHUFFLED_NULL),
        "band": (BAND, theme.BAND),
        "tail": (TAIL, theme.TAIL),
        "traps": (TRAP, theme.TRAP),
    }
    present = [pair for name, pair in named.items() if name in datasets]
    return alt.Scale(domain=[label for label, _ in present], range=[colour for _, colour in present])


@dataclass(frozen=True, slots=True)
class Axes:
    """The encodings that all layers share."""

    x_scale: Scale
    y_scale: Scale
    colours: alt.Scale

    def x(self, field: str) -> alt.X:
        scale = theme.scale(self.x_scale, nice=False)
        axis = alt.Axis(grid=False, tickCount=8, labelExpr=theme.NUMBERS, labelOverlap="greedy")
        return alt.X(field, type="quantitative", scale=scale, axis=axis, title="eigenvalue λ of WᵀW/N")

    def y(self, field: str = "density") -> alt.Y:
        unit = "ln λ" if self.x_scale == "log" else "λ"
        scale = theme.scale(self.y_scale, nice=False)
        axis = alt.Axis(tickCount=5, labelExpr=theme.NUMBERS, labelOverlap="greedy")
        return alt.Y(field, type="quantitative", scale=scale, axis=axis, title=f"density per unit {unit}")

    def colour(self) -> alt.Color:
        return alt.Color("series:N", scale=self.colours, legend=alt.Legend(columns=4))


def _named(name: str, label: str) -> alt.Chart:
    """A chart of one dataset whose rows all belong to the series ``label`` of the legend."""
    return alt.Chart(alt.NamedData(name=name)).transform_calculate(series=f"'{label}'")


def _bars(axes: Axes) -> alt.Chart:
    return _bars_of("layer", LAYER, "eigenvalues", 0.72, axes)


def _estimated(axes: Axes) -> alt.Chart:
    return _bars_of("estimated", ESTIMATED, "eigenvalues, about", 0.4, axes)


def _bars_of(name: str, label: str, counted: str, opacity: float, axes: Axes) -> alt.Chart:
    tip = [
        alt.Tooltip("low:Q", format=".4~g", title="λ from"),
        alt.Tooltip("high:Q", format=".4~g", title="to"),
        alt.Tooltip("count:Q", title=counted),
    ]
    return (
        _named(name, label)
        .mark_rect(opacity=opacity, stroke=None)
        .encode(x=axes.x("low"), x2="high", y=axes.y(), y2="base", color=axes.colour(), tooltip=tip)
    )


def _errors(axes: Axes) -> alt.Chart:
    """Two standard errors to either side of the top of every bar."""
    mark = _named("errors", ERRORS).mark_rect(opacity=0.3)
    return mark.encode(x=axes.x("low"), x2="high", y=axes.y(), y2="base", color=axes.colour())


def _other(axes: Axes) -> alt.Chart:
    """The outline of the other model's bars, and nothing of it along the ground."""
    mark = _named("other", OTHER).mark_line(strokeWidth=2, interpolate="step-after")
    return mark.encode(x=axes.x("eigenvalue"), y=axes.y(), color=axes.colour())


def _shuffled(axes: Axes) -> alt.Chart:
    line = {"strokeWidth": 1.2, "interpolate": "step-after", "opacity": 0.9}
    return (
        _named("shuffled", SHUFFLED)
        .mark_area(interpolate="step-after", line=line, opacity=0.28)
        .encode(x=axes.x("eigenvalue"), y=axes.y(), y2="base", color=axes.colour())
    )


def _band(axes: Axes) -> alt.Chart:
    mark = _named("band", BAND).mark_rect(opacity=0.36)
    return mark.encode(x=axes.x("low"), x2="high", color=axes.colour())


def _null(axes: Axes) -> alt.Chart:
    mark = _named("null", NULL).mark_line(strokeWidth=2.4)
    return mark.encode(x=axes.x("eigenvalue"), y=axes.y(), color=axes.colour())


def _shuffled_null(axes: Axes) -> alt.Chart:
    mark = _named("shuffled_null", SHUFFLED_NULL).mark_line(strokeWidth=1.6, strokeDash=[1.5, 2.5])
    return mark.encode(x=axes.x("eigenvalue"), y=axes.y(), color=axes.colour())


def _edges(axes: Axes) -> alt.Chart:
    mark = _named("edges", NULL).mark_rule(strokeWidth=1.2, strokeDash=[2, 3], opacity=0.9)
    return mark.encode(x=axes.x("eigenvalue"), color=axes.colour())


def _tail(axes: Axes) -> alt.Chart:
    mark = _named("tail", TAIL).mark_line(strokeWidth=2.2, strokeDash=[7, 4])
    return mark.encode(x=axes.x("eigenvalue"), y=axes.y(), color=axes.colour())


def _stretch(axes: Axes) -> alt.Chart:
    """An unseen point at the window's far corner: it stretches both axes to their ends."""
    return (
        alt.Chart(alt.NamedData(name="note"))
        .mark_point(opacity=0, aria=False)
        .encode(x=axes.x("eigenvalue"), y=axes.y())
    )


def _corner_note(axes: Axes) -> alt.Chart:
    """What the axes leave out, in the corner where a spectrum has least ink."""
    left = axes.x_scale == "log"
    place = alt.value(6) if left else alt.value(alt.expr("width - 6"))
    mark = alt.Chart(alt.NamedData(name="note")).mark_text(
        align="left" if left else "right", baseline="top", dy=2, fontSize=11, color=theme.INK
    )
    return mark.encode(x=place, y=alt.value(0), text="text:N")
