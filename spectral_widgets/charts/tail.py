"""The tail of a spectrum on double logarithmic axes, where a power law is a straight line."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, Spectrum, TailFit
from . import theme
from .bars import Row
from .later import alt

SURVIVAL = "share of eigenvalues at least λ"
MAX_POINTS = 600


def tail(
    spectrum: Spectrum, fit: TailFit | None = None, *, width: theme.Width = "container", height: int = 260
) -> alt.LayerChart:
    """Survival curve of the eigenvalues, with ``(n_tail/n) (λ/xmin)^(1 − alpha)`` where the fit holds.

    Raises Complaint for a spectrum without positive eigenvalues.
    """
    rows = _survival_rows(spectrum)
    if not rows:
        raise Complaint("No eigenvalue is positive: the layer is zero, so there is no tail to draw.")
    datasets = {"survival": rows, "fit": _fit_rows(fit)}
    dots = alt.Chart(alt.NamedData(name="survival")).mark_point(filled=True, size=16, opacity=0.8)
    line = alt.Chart(alt.NamedData(name="fit")).mark_line(strokeWidth=2.4, strokeDash=[7, 4])
    names = alt.Scale(domain=["eigenvalues", "power law"], range=[theme.LAYER, theme.TAIL])
    encoding = {
        "x": _log_axis(alt.X, "eigenvalue", "eigenvalue λ of WᵀW/N"),
        "y": _log_axis(alt.Y, "share", SURVIVAL),
        "color": alt.Color("series:N", scale=names),
    }
    chart = alt.layer(dots.encode(**encoding), line.encode(**encoding)).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), datasets)


def _log_axis(channel: type, field: str, title: str) -> alt.X | alt.Y:
    axis = alt.Axis(grid=False, labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy")
    scale = alt.Scale(type="log", nice=False)
    return channel(field, type="quantitative", scale=scale, axis=axis, title=title)


def _survival_rows(spectrum: Spectrum) -> list[Row]:
    """At most 600 points, all of the largest ones and an even spread over the rest."""
    ordered = np.sort(spectrum.eigenvalues)[::-1]
    n_positive = int((ordered > 0).sum())
    ranks = np.unique(np.geomspace(1, max(n_positive, 1), MAX_POINTS).round().astype(int))
    return [
        {"eigenvalue": float(ordered[rank - 1]), "share": rank / len(ordered), "series": "eigenvalues"}
        for rank in ranks.tolist()
        if rank <= n_positive
    ]


def _fit_rows(fit: TailFit | None) -> list[Row]:
    if fit is None or not (np.isfinite(fit.alpha) and fit.alpha > 1 and 0 < fit.xmin < fit.xmax):
        return []
    share = fit.n_tail / fit.n_eigenvalues
    return [
        {"eigenvalue": x, "share": share * (x / fit.xmin) ** (1 - fit.alpha), "series": "power law"}
        for x in (fit.xmin, fit.xmax)
    ]
