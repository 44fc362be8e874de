"""The trace-log condition drawn: a spectrum in ln λ, its two cuts, and the two areas that cancel."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, ErgCut, Spectrum
from . import theme
from .bars import Row
from .later import alt

LAYER = "eigenvalues"
BELOW = "λ below 1, in the tail: share × ln λ"
ABOVE = "λ above 1: share × ln λ"
ERG_LINE = "cut with product 1"
TAIL_LINE = "power-law cut"
_FLOOR = 1e-4


def erg(
    spectrum: Spectrum, cut: ErgCut, *, bins: int = 60, width: theme.Width = "container", height: int = 280
) -> alt.LayerChart:
    """Histogram of ln λ where the mean eigenvalue is one, with the ERG cut and the power-law cut.

    The filled bars are the share of eigenvalues times their mean ln λ, for the eigenvalues from the ERG cut on: left
    of 1 they hang down, right of 1 they stand up, and the two areas are equal, for the logarithms of the tail sum to
    zero (short of the last eigenvalue's part). Raises Complaint for a spectrum without a cut.
    """
    if not np.isfinite(cut.xmin):
        raise Complaint(f"There is no cut to draw. {cut.caveat}")
    rows = _datasets(spectrum, cut, bins)
    names = [LAYER, BELOW, ABOVE, ERG_LINE, TAIL_LINE]
    colours = [theme.LAYER, theme.BAND, theme.TAIL, theme.SHUFFLED_NULL, theme.TRAP]
    colour = alt.Color("series:N", scale=alt.Scale(domain=names, range=colours), legend=alt.Legend(columns=2))
    tips = [
        alt.Tooltip("low:Q", format=".4~g", title="λ from"),
        alt.Tooltip("high:Q", format=".4~g", title="to"),
        alt.Tooltip("count:Q", title="eigenvalues"),
    ]
    bars = alt.Chart(alt.NamedData(name="bars")).mark_rect(opacity=0.3, stroke=None)
    areas = alt.Chart(alt.NamedData(name="areas")).mark_rect(opacity=0.85, stroke=None)
    lines = alt.Chart(alt.NamedData(name="cuts")).mark_rule(strokeWidth=2.2, strokeDash=[6, 3])
    one = alt.Chart(alt.NamedData(name="one")).mark_rule(strokeWidth=1, color=theme.INK)
    layers = [
        bars.encode(x=_x("low"), x2="high", y=_y(), y2="base", color=colour, tooltip=tips),
        areas.encode(x=_x("low"), x2="high", y=_y(), y2="base", color=colour, tooltip=tips),
        one.encode(x=_x("eigenvalue")),
        lines.encode(x=_x("eigenvalue"), color=colour, tooltip=[alt.Tooltip("eigenvalue:Q", format=".4~g")]),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), rows)


def erg_text(cut: ErgCut) -> str:
    """What the chart shows: the two cuts and the gap between them."""
    if not np.isfinite(cut.xmin):
        return cut.caveat
    said = f"The {cut.n_tail} largest of {cut.n_eigenvalues} eigenvalues multiply to one, from {cut.xmin:.3g} on"
    if not np.isfinite(cut.gap):
        return f"{said}; there is no power-law tail to compare with."
    return f"{said}; the power-law tail starts at {cut.tail_xmin:.3g}, a gap of {cut.gap:+.3g}."


def _x(field: str) -> alt.X:
    axis = alt.Axis(grid=False, tickCount=8, labelExpr=theme.NUMBERS, labelOverlap="greedy")
    title = "eigenvalue λ, in units of the mean eigenvalue"
    return alt.X(field, type="quantitative", scale=alt.Scale(type="log", nice=False), axis=axis, title=title)


def _y() -> alt.Y:
    axis = alt.Axis(tickCount=6, labelOverlap="greedy")
    return alt.Y("height", type="quantitative", axis=axis, title="per unit ln λ")


def _datasets(spectrum: Spectrum, cut: ErgCut, bins: int) -> dict[str, list[Row]]:
    values = np.sort(spectrum.eigenvalues) * cut.scale
    tail = values[-cut.n_tail :]
    drawn = values[values > min(_FLOOR * float(np.median(values[values > 0])), cut.xmin / 2)]
    edges = _edges(drawn, cut, bins)
    lines = [(ERG_LINE, cut.xmin), (TAIL_LINE, cut.tail_xmin)]
    return {
        "bars": _rows(edges, drawn, np.ones(len(drawn)), len(values), (LAYER, LAYER)),
        "areas": _rows(edges, tail, np.log(tail), len(values), (BELOW, ABOVE)),
        "one": [{"eigenvalue": 1.0}],
        "cuts": [{"eigenvalue": place, "series": name} for name, place in lines if np.isfinite(place)],
    }


def _edges(drawn: np.ndarray, cut: ErgCut, bins: int) -> np.ndarray:
    """Even in ln λ, with further edges at 1 and at the cut, so that no bar is on both sides of either."""
    low, high = min(float(drawn[0]), 1.0) / 1.02, max(float(drawn[-1]), 1.0) * 1.02
    even = np.geomspace(low, high, bins + 1)
    return np.unique(np.append(even, [1.0, cut.xmin]))


def _rows(edges: np.ndarray, values: np.ndarray, weights: np.ndarray, total: int, names: tuple[str, str]) -> list[Row]:
    """One row a bar that is not empty; its area is the sum of its weights over ``total``."""
    counts, sums = (np.histogram(values, edges, weights=one)[0] for one in (None, weights))
    heights = sums / (total * np.diff(np.log(edges)))
    return [
        {"low": low, "high": high, "height": height, "base": 0.0, "count": int(count), "series": names[low >= 1]}
        for low, high, height, count in zip(
            edges[:-1].tolist(), edges[1:].tolist(), heights.tolist(), counts.tolist(), strict=True
        )
        if count
    ]
