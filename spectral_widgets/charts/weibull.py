"""Weibull probability plot of the sizes of the entries: a straight line where the law holds."""

from __future__ import annotations

import numpy as np

from ..records import WeibullFit
from ..rmt import weibull_anchor
from . import theme
from .bars import Row
from .later import alt

ENTRIES = "entries"
LINE = "Weibull law"
MIDDLE = "fitted middle 80 %"
ANCHOR = "slope of Gaussian entries"
MAX_POINTS = 400
# Shares beyond which a handful of entries stretches the plot.
_SHOWN = (1e-3, 1 - 1e-6)


def weibull(fit: WeibullFit, *, width: theme.Width = "container", height: int = 260) -> alt.LayerChart:
    """``ln(−ln(1 − F))`` against ``|w|`` on a logarithmic axis, the fitted line, and the band that it was fitted in.

    A dashed line through the same centre has the slope that untrained Gaussian entries have.
    """
    points = _points(fit)
    sizes = [row["size"] for row in points]
    datasets = {"points": points, "lines": _lines(fit, min(sizes), max(sizes)), "middle": _middle(fit)}
    colours = alt.Scale(
        domain=[ENTRIES, LINE, ANCHOR, MIDDLE], range=[theme.LAYER, theme.TAIL, theme.SHUFFLED, theme.BAND]
    )
    colour = alt.Color("series:N", scale=colours, legend=alt.Legend(columns=4))
    x_axis = alt.Axis(grid=False, labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy")
    log_scale = alt.Scale(type="log", nice=False)
    x = alt.X("size", type="quantitative", scale=log_scale, axis=x_axis, title="size |w| of an entry")
    y_title = "ln(−ln(1 − share of smaller entries))"
    y = alt.Y("plot", type="quantitative", scale=alt.Scale(zero=False), title=y_title)
    tips = [
        alt.Tooltip("size:Q", format=".3~g", title="|w|"),
        alt.Tooltip("share:Q", format=".3~%", title="share of smaller entries"),
    ]
    band = alt.Chart(alt.NamedData(name="middle")).mark_rect(opacity=0.16)
    dots = alt.Chart(alt.NamedData(name="points")).mark_point(filled=True, size=14, opacity=0.8)
    lines = alt.Chart(alt.NamedData(name="lines")).mark_line(strokeWidth=2)
    dash = alt.condition(f"datum.series === '{ANCHOR}'", alt.value([5, 4]), alt.value([1, 0]))
    layers = [
        band.encode(y=alt.Y("low", type="quantitative", title=y_title), y2="high", color=colour),
        dots.encode(x=x, y=y, color=colour, tooltip=tips),
        lines.encode(x=x, y=y, color=colour, strokeDash=dash),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), datasets)


def weibull_text(fit: WeibullFit) -> str:
    """Shape and scale, how straight the plot is, and the anchor of Gaussian entries."""
    anchor = weibull_anchor("Gaussian").shape
    return (
        f"Weibull plot of {fit.n_entries:,} entries: shape k {fit.shape:.3f} (Gaussian entries {anchor:.3f}), scale "
        f"{fit.scale:.3g}, R² {fit.r_squared:.3f} over the middle 80 %."
    )


def _points(fit: WeibullFit) -> list[Row]:
    """At most 400 points, evenly over the shares on the plot's own axis."""
    kept = np.flatnonzero((fit.shares > _SHOWN[0]) & (fit.shares < _SHOWN[1]))
    step = max(1, -(-len(kept) // MAX_POINTS))
    return [
        {
            "size": float(np.exp(fit.log_sizes[k])),
            "share": float(fit.shares[k]),
            "plot": float(_plotted(fit.shares[k])),
            "series": ENTRIES,
        }
        for k in kept[::step].tolist()
    ]


def _plotted(share: float) -> float:
    return float(np.log(-np.log1p(-share)))


def _lines(fit: WeibullFit, low: float, high: float) -> list[Row]:
    """The fitted line, and the one of Gaussian entries through the middle of the fitted band."""
    middle = float(np.mean([_plotted(share) for share in fit.middle]))
    centre = np.log(fit.scale) + middle / fit.shape
    slopes = {LINE: fit.shape, ANCHOR: weibull_anchor("Gaussian").shape}
    return [
        {"size": size, "plot": float(middle + slope * (np.log(size) - centre)), "series": series}
        for series, slope in slopes.items()
        for size in (low, high)
    ]


def _middle(fit: WeibullFit) -> list[Row]:
    low, high = (_plotted(share) for share in fit.middle)
    return [{"low": low, "high": high, "series": MIDDLE}]
