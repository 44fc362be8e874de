"""The spectrum of a layer with everything that was fitted to it and found in its shuffles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from ..records import Complaint, NullFit, Spectrum, TailFit, TrapScan
from ..rmt import mp_density, tw_quantile
from ..rmt.power_law import power_law_density
from . import theme
from .bars import (
    Row,
    Scale,
    Window,
    bar_rows,
    curve_rows,
    heights_of,
    left_out,
    step_rows,
    window_of,
)
from .traps import selected_layer, trap_rows, traps_layer

LAYER = "layer"
SHUFFLED = "entries shuffled"
NULL = "Marchenko–Pastur fit"
SHUFFLED_NULL = "Marchenko–Pastur, shuffled"
BAND = "Tracy–Widom band"
TAIL = "power-law tail"
TRAP = "trap"
BAND_TAIL = 0.01

Kind = type[Spectrum] | type[TrapScan] | type[NullFit] | type[TailFit]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is there to draw; ``shuffled`` is the spectrum of ``seed`` in ``scan``."""

    spectrum: Spectrum | None
    scan: TrapScan | None
    fit: NullFit | None
    tail: TailFit | None
    seed: int | None
    shuffled: Spectrum | None


def esd(
    *records: Spectrum | TrapScan | NullFit | TailFit,
    bins: int = 60,
    x_scale: Scale = "log",
    y_scale: Scale = "linear",
    seed: int | None = None,
    selected: tuple[int, int] | None = None,
    width: theme.Width = "container",
    height: int = 300,
) -> alt.LayerChart:
    """Histogram of eigenvalues with whatever else is given, in any order: null, tail, shuffles and traps.

    ``seed`` picks the shuffle (the scan's first by default); ``selected`` is the (seed, index) of the trap
    to set off. Heights are densities per unit ln λ on a log axis and per unit λ on a linear one. What the
    axis leaves out is said in the corner. Raises Complaint for nothing to draw, two records of a kind, or
    a seed that was not scanned.
    """
    parts = _parts(records, seed)
    spectra = [one.eigenvalues for one in (parts.spectrum, parts.shuffled) if one is not None]
    if not spectra:
        raise Complaint("There is no spectrum to draw: give a Spectrum or a TrapScan with a shuffle.")
    if x_scale not in ("log", "linear") or y_scale not in ("log", "linear"):
        raise Complaint(f"An axis is 'log' or 'linear', got x_scale={x_scale!r} and y_scale={y_scale!r}.")
    if not 1 <= bins <= 1000:
        raise Complaint(f"The number of bins must lie between 1 and 1000, got {bins}.")
    window = window_of(np.concatenate(spectra), _landmarks(parts), x_scale, bins)
    base, top = heights_of(window, spectra, y_scale)
    datasets = _datasets(parts, window, base, top, selected)
    layers = _layers(datasets, window, y_scale, height)
    chart = alt.layer(*layers, datasets=datasets).properties(width=width, height=height)
    return theme.dressed(chart)


def _parts(records: tuple[Any, ...], seed: int | None) -> Parts:
    found: dict[Kind, Any] = {}
    for record in records:
        kind = type(record)
        if kind not in (Spectrum, TrapScan, NullFit, TailFit):
            raise Complaint(f"esd draws Spectrum, TrapScan, NullFit and TailFit, not {kind.__name__}.")
        if kind in found:
            raise Complaint(f"esd got two records of the kind {kind.__name__}: give one of each.")
        found[kind] = record
    scan = found.get(TrapScan)
    seed, shuffled = _shuffle_of(scan, seed)
    return Parts(found.get(Spectrum), scan, found.get(NullFit), found.get(TailFit), seed, shuffled)


def _shuffle_of(scan: TrapScan | None, seed: int | None) -> tuple[int | None, Spectrum | None]:
    if scan is None or not scan.seeds:
        return None, None
    seed = scan.seeds[0] if seed is None else seed
    if seed not in scan.seeds:
        raise Complaint(f"{scan.layer.name}: seed {seed} was not scanned; choose one of {list(scan.seeds)}.")
    return seed, scan.spectra[scan.seeds.index(seed)]


def _is_drawable(null: NullFit | None) -> bool:
    return null is not None and bool(np.isfinite(null.variance)) and null.variance > 0


def _landmarks(parts: Parts) -> list[float]:
    nulls = [one for one in (parts.fit, parts.scan.null if parts.scan else None) if _is_drawable(one)]
    threshold = [parts.scan.threshold] if parts.scan else []
    return [mark for mark in [one.high for one in nulls if one] + threshold if np.isfinite(mark)]


def _datasets(
    parts: Parts, window: Window, base: float, top: float, selected: tuple[int, int] | None
) -> dict[str, list[Row]]:
    """Rows of every layer that is there, in drawing order."""
    scan_null = parts.scan.null if parts.scan else None
    main = parts.fit or scan_null
    data: dict[str, list[Row]] = {}
    if parts.scan is not None or parts.fit is not None:
        data["band"] = _band_rows(parts, window)
    if parts.shuffled is not None:
        data["shuffled"] = step_rows(window, parts.shuffled.eigenvalues, base)
    if parts.spectrum is not None:
        data["layer"] = bar_rows(window, parts.spectrum.eigenvalues, base)
    if parts.fit is not None and scan_null is not None:
        data["shuffled_null"] = _null_rows(scan_null, window, base, top)
    if main is not None:
        data["edges"] = _edge_rows(main, window)
        data["null"] = _null_rows(main, window, base, top)
    if parts.tail is not None:
        data["tail"] = _tail_rows(parts.tail, window, base, top)
    if parts.scan is not None and parts.seed is not None:
        data["traps"] = trap_rows(parts.scan, parts.seed, window.high, selected)
    data["note"] = [{"text": _note(parts, window), "eigenvalue": window.high, "density": top}]
    return data


def _null_rows(null: NullFit, window: Window, base: float, top: float) -> list[Row]:
    if not _is_drawable(null):
        return []
    x = window.grid(null.low, null.high)
    density = window.of_density(x, mp_density(x, null.aspect, null.variance))
    return curve_rows(x, density, base, top)


def _edge_rows(null: NullFit, window: Window) -> list[Row]:
    edges = (("lower", null.low), ("upper", null.high))
    return [
        {"eigenvalue": float(edge), "edge": f"{which} edge"}
        for which, edge in edges
        if window.low < edge < window.high
    ]


def _band_rows(parts: Parts, window: Window) -> list[Row]:
    """Where the largest eigenvalue of noise lies, from its 1 % quantile to the trap threshold."""
    null = parts.scan.null if parts.scan else parts.fit
    if null is None or not _is_drawable(null):
        return []
    low = null.edge_centre + null.edge_width * tw_quantile(BAND_TAIL)
    high = null.edge_centre + null.edge_width * tw_quantile(1 - BAND_TAIL)
    high = parts.scan.threshold if parts.scan else high
    low, high = max(float(low), window.low), min(float(high), window.high)
    return [{"low": low, "high": high}] if high > low else []


def _tail_rows(tail: TailFit, window: Window, base: float, top: float) -> list[Row]:
    if not (np.isfinite(tail.alpha) and tail.alpha > 1 and tail.xmin > 0):
        return []
    x = window.grid(tail.xmin, tail.xmax, 60)
    share = tail.n_tail / tail.n_eigenvalues
    density = window.of_density(x, power_law_density(x, tail.alpha, tail.xmin, share))
    return curve_rows(x, density, base, top)


def _note(parts: Parts, window: Window) -> str:
    words = []
    if parts.spectrum is not None:
        words.append(left_out(window, parts.spectrum.eigenvalues))
    elif parts.shuffled is not None:
        words.append(left_out(window, parts.shuffled.eigenvalues))
    if parts.tail is not None and not np.isfinite(parts.tail.alpha):
        words.append("no power law could be fitted")
    return "; ".join(word for word in words if word)


def _layers(datasets: dict[str, list[Row]], window: Window, y_scale: Scale, height: int) -> list[alt.Chart]:
    draw = {
        "band": _band,
        "shuffled": _shuffled,
        "layer": _bars,
        "shuffled_null": _shuffled_null,
        "edges": _edges,
        "null": _null,
        "tail": _tail,
    }
    axes = Axes(window.scale, y_scale, _colours(datasets))
    layers = [draw[name](axes) for name in datasets if name in draw]
    if "traps" in datasets:
        layers.append(selected_layer(axes.x("drawn_at"), height))
        layers.append(traps_layer(_named("traps", TRAP), axes.x("drawn_at"), axes.colour(), height))
    return [*layers, _corner_note(axes)]


def _colours(datasets: dict[str, list[Row]]) -> alt.Scale:
    named = {
        "layer": (LAYER, theme.LAYER),
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
        scale = alt.Scale(type=self.x_scale, nice=False, zero=self.x_scale == "linear")
        axis = alt.Axis(grid=False, tickCount=8, labelExpr=theme.NUMBERS, labelOverlap="greedy")
        return alt.X(field, type="quantitative", scale=scale, axis=axis, title="eigenvalue λ of WᵀW/N")

    def y(self, field: str = "density") -> alt.Y:
        unit = "ln λ" if self.x_scale == "log" else "λ"
        scale = alt.Scale(type=self.y_scale, nice=False, zero=self.y_scale == "linear")
        axis = alt.Axis(tickCount=5, labelExpr=theme.NUMBERS, labelOverlap="greedy")
        return alt.Y(field, type="quantitative", scale=scale, axis=axis, title=f"density per unit {unit}")

    def colour(self) -> alt.Color:
        return alt.Color("series:N", scale=self.colours, legend=alt.Legend(columns=4))


def _named(name: str, label: str) -> alt.Chart:
    """A chart of one dataset whose rows all belong to the series ``label`` of the legend."""
    return alt.Chart(alt.NamedData(name=name)).transform_calculate(series=f"'{label}'")


def _bars(axes: Axes) -> alt.Chart:
    tip = [
        alt.Tooltip("low:Q", format=".4~g", title="λ from"),
        alt.Tooltip("high:Q", format=".4~g", title="to"),
        alt.Tooltip("count:Q", title="eigenvalues"),
    ]
    return (
        _named("layer", LAYER)
        .mark_rect(opacity=0.72, stroke=None)
        .encode(x=axes.x("low"), x2="high", y=axes.y(), y2="base", color=axes.colour(), tooltip=tip)
    )


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


def _corner_note(axes: Axes) -> alt.Chart:
    """What the axes leave out; its place also stretches both axes to the ends of the window."""
    mark = alt.Chart(alt.NamedData(name="note")).mark_text(
        align="right", baseline="top", dy=2, fontSize=11, color=theme.INK
    )
    return mark.encode(x=axes.x("eigenvalue"), y=axes.y(), text="text:N")
