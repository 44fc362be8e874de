"""The Hill exponent over the number of eigenvalues used, beside what noise of the same shape gives."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, HillPlot
from . import theme
from .bars import Row
from .later import alt

LAYER = "this layer"
NOISE = "pure noise of this shape"
CHOSEN = "number in use"
_TOP = 12.0


def hill(plot: HillPlot, *, width: theme.Width = "container", height: int = 260) -> alt.LayerChart:
    """Exponent against the number of largest eigenvalues, with one standard error either way.

    A flat stretch is a power law. The dashed curve is noise of the same shape: a layer that follows it has no tail
    of its own. The axis ends at an exponent of 12 where the curve goes beyond; the rest is left out.
    Raises Complaint when that is all of it.
    """
    if not (plot.alpha <= _TOP).any():
        raise Complaint(f"All Hill exponents are above {_TOP:.0f}: this spectrum has no tail to draw.")
    datasets = {"curve": _curve_rows(plot), "noise": _noise_rows(plot), "chosen": _chosen_rows(plot)}
    names = alt.Scale(domain=[LAYER, NOISE, CHOSEN], range=[theme.TAIL, theme.NULL, theme.TRAP])
    colour = alt.Color("series:N", scale=names)
    x, y = _x(), _y("alpha")
    tips = [
        alt.Tooltip("n_top:Q", title="largest eigenvalues used"),
        alt.Tooltip("alpha:Q", format=".3f", title="Hill α"),
        alt.Tooltip("error:Q", format=".3f", title="standard error"),
    ]
    curve = alt.Chart(alt.NamedData(name="curve"))
    noise = alt.Chart(alt.NamedData(name="noise")).mark_line(strokeWidth=1.8, strokeDash=[6, 4])
    chosen = alt.Chart(alt.NamedData(name="chosen"))
    layers = [
        curve.mark_area(opacity=0.22).encode(x=x, y=_y("low"), y2="high", color=colour),
        noise.encode(x=x, y=y, color=colour),
        curve.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour),
        chosen.mark_rule(strokeWidth=1.2, strokeDash=[2, 3]).encode(x=x, color=colour),
        chosen.mark_point(filled=True, size=80, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), datasets)


def hill_text(plot: HillPlot) -> str:
    """What the chart shows: the exponent in use, and that of noise beside it."""
    fit = plot.chosen
    if not np.isfinite(fit.alpha):
        return f"Hill exponents of up to {plot.n_top[-1]} eigenvalues. {fit.caveat}"
    noise = f"; pure noise of this shape gives {fit.noise_alpha:.2f}" if np.isfinite(fit.noise_alpha) else ""
    return f"Hill exponent {fit.alpha:.2f} ± {fit.alpha_error:.2f} from the {fit.n_top} largest eigenvalues{noise}."


def _x() -> alt.X:
    axis = alt.Axis(grid=False, labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy")
    scale = alt.Scale(type="log", nice=False)
    return alt.X("n_top", type="quantitative", scale=scale, axis=axis, title="number of largest eigenvalues used")


def _y(field: str) -> alt.Y:
    scale = alt.Scale(zero=False, nice=True)
    return alt.Y(field, type="quantitative", scale=scale, axis=alt.Axis(tickCount=6), title="Hill exponent α")


def _curve_rows(plot: HillPlot) -> list[Row]:
    columns = zip(plot.n_top.tolist(), plot.alpha.tolist(), plot.alpha_error.tolist(), strict=True)
    return [
        {
            "n_top": n_top,
            "alpha": alpha,
            "error": error,
            "low": max(alpha - error, 1.0),
            "high": min(alpha + error, _TOP),
            "series": LAYER,
        }
        for n_top, alpha, error in columns
        if alpha <= _TOP
    ]


def _noise_rows(plot: HillPlot) -> list[Row]:
    return [
        {"n_top": n_top, "alpha": alpha, "series": NOISE}
        for n_top, alpha in zip(plot.n_top.tolist(), plot.noise_alpha.tolist(), strict=True)
        if np.isfinite(alpha) and alpha <= _TOP
    ]


def _chosen_rows(plot: HillPlot) -> list[Row]:
    fit = plot.chosen
    if not (np.isfinite(fit.alpha) and fit.alpha <= _TOP):
        return []
    return [{"n_top": fit.n_top, "alpha": fit.alpha, "error": fit.alpha_error, "series": CHOSEN}]
