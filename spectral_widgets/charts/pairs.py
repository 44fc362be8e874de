"""Two models in pictures: overlap of leading directions, change over depth, two spectra."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, Literal

import numpy as np

from ..records import Complaint, Spectrum, TopSubspaces
from . import theme
from .bars import Row, bar_rows, heights_of, step_rows, window_of
from .later import alt

Side = Literal["left", "right"]
Layout = Literal["overlaid", "side by side"]
_SIDES = {"left": "left (output)", "right": "right (input)"}


def overlap(subspaces: TopSubspaces, side: Side = "left", *, size: int = 260) -> alt.LayerChart:
    """Heat map of ``|U_aᵀ U_b|``: leading singular vectors of the base by those of the other, strongest first.

    A bright diagonal means that each direction is still there and as strong; off it, directions changed places or
    mixed. Raises Complaint for another side.
    """
    cosines = np.abs(_cosines(subspaces, side))
    rows = [
        {"base": i + 1, "other": j + 1, "cosine": float(cosines[i, j])}
        for i in range(len(cosines))
        for j in range(len(cosines))
    ]
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", ticks=False, domain=False)
    colour = alt.Color(
        "cosine",
        type="quantitative",
        scale=alt.Scale(domain=[0, 1], scheme="viridis"),
        legend=alt.Legend(title="absolute cosine", gradientLength=160),
    )
    tips = [
        alt.Tooltip("base:O", title="direction of the base"),
        alt.Tooltip("other:O", title="direction of the other"),
        alt.Tooltip("cosine:Q", format=".3f", title="absolute cosine"),
    ]
    cells = alt.Chart(alt.NamedData(name="overlap")).mark_rect()
    chart = alt.layer(
        cells.encode(
            x=alt.X("other:O", title=f"{_SIDES[side]} direction of the other", axis=axis),
            y=alt.Y("base:O", title=f"{_SIDES[side]} direction of the base", axis=axis),
            color=colour,
            tooltip=tips,
        )
    ).properties(width=size, height=size)
    return theme.with_data(theme.dressed(chart), {"overlap": rows})


def overlap_text(subspaces: TopSubspaces, side: Side = "left") -> str:
    """How much of the leading subspace is shared, next to chance."""
    cosines = _cosines(subspaces, side)
    length = subspaces.n_left if side == "left" else subspaces.n_right
    shared = float((cosines**2).sum() / len(cosines))
    return (
        f"Absolute cosines between the {subspaces.k} leading {_SIDES[side]} directions of both matrices: "
        f"the subspaces share {shared:.0%}, and {subspaces.k / length:.0%} by chance."
    )


def change_over_depth(
    table: Any, metric: str = "relative_change", *, width: theme.Width = "container", height: int = 260
) -> alt.LayerChart:
    """One pair metric against the depth of the layer, a line per kind.

    ``table`` is the frame of :func:`compare`, or its rows with ``layer``. Layers outside any block are left out.
    Raises Complaint when no layer has a depth and a number.
    """
    rows = _depth_rows(table, metric)
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    dyes = [theme.SERIES[at % len(theme.SERIES)] for at in range(len(kinds))]
    x = alt.X("depth", type="quantitative", title="depth (block)", axis=alt.Axis(tickMinStep=1, format="d"))
    y = alt.Y("value", type="quantitative", title=_title(table, metric), axis=alt.Axis(labelExpr=theme.NUMBERS))
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=dyes))
    tips = [alt.Tooltip("layer:N", title=" "), alt.Tooltip("value:Q", format=".4~g", title=metric)]
    base = alt.Chart(alt.NamedData(name="change"))
    layers = [
        base.mark_line(strokeWidth=1.6, opacity=0.7).encode(x=x, y=y, color=colour),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), {"change": rows})


def change_text(table: Any, metric: str = "relative_change") -> str:
    """Range of the metric and the layer that has most of it."""
    rows = _depth_rows(table, metric)
    most = max(rows, key=lambda row: row["value"])
    low = min(row["value"] for row in rows)
    return f"{metric} over depth, {len(rows)} layers, from {low:.3g} to {most['value']:.3g} in {most['layer']}."


def two_spectra(
    base: Spectrum,
    other: Spectrum,
    *,
    names: tuple[str, str] = ("base", "other"),
    layout: Layout = "overlaid",
    bins: int = 40,
    width: theme.Width = "container",
    height: int = 260,
) -> alt.LayerChart | alt.HConcatChart:
    """Histograms of eigenvalues on one logarithmic axis: bars for the base, an outline for the other.

    ``layout="side by side"`` draws both as bars with the same axes; ``width`` is then that of both together and
    must be a number of pixels. Raises Complaint for matrices without positive eigenvalues.
    """
    both = [base.eigenvalues, other.eigenvalues]
    window = window_of(np.concatenate(both), [], "log", bins)
    bottom, top = heights_of(window, both, "linear")
    x = _log_x([window.low, window.high])
    dyes = alt.Scale(domain=list(names), range=[theme.LAYER, theme.OTHER])
    if layout == "side by side":
        if not isinstance(width, int):
            raise Complaint("Two charts side by side need a width in pixels, such as width=640.")
        panels = [_bars(name, x, top, dyes).properties(width=width // 2, height=height) for name in names]
        rows = {name: _named(bar_rows(window, one, bottom), name) for name, one in zip(names, both, strict=True)}
        return theme.with_data(theme.dressed(alt.hconcat(*panels)), rows)
    if layout != "overlaid":
        raise Complaint(f"There is no layout {layout!r}; choose 'overlaid' or 'side by side'.")
    outline = alt.Chart(alt.NamedData(name=names[1])).mark_line(interpolate="step-after", strokeWidth=2.2)
    y = _density(top)
    layers = [
        _bars(names[0], x, top, dyes),
        outline.encode(x=x("eigenvalue"), y=y("density"), color=alt.Color("series:N", scale=dyes)),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    rows = {
        names[0]: _named(bar_rows(window, both[0], bottom), names[0]),
        names[1]: _named(step_rows(window, both[1], bottom), names[1]),
    }
    return theme.with_data(theme.dressed(chart), rows)


def two_spectra_text(base: Spectrum, other: Spectrum, names: tuple[str, str] = ("base", "other")) -> str:
    """Number and largest of both spectra."""
    parts = [
        f"{name}: {len(one.eigenvalues)} eigenvalues, largest {one.eigenvalues[-1]:.3g}"
        for name, one in zip(names, (base, other), strict=True)
    ]
    return f"Histograms of two spectra. {'; '.join(parts)}."


def _cosines(subspaces: TopSubspaces, side: str) -> np.ndarray:
    if side not in _SIDES:
        raise Complaint(f"There is no side {side!r}; choose 'left' or 'right'.")
    return subspaces.left_cosines if side == "left" else subspaces.right_cosines


def _depth_rows(table: Any, metric: str) -> list[Row]:
    given: Iterable[Mapping[str, Any]] = table
    if hasattr(table, "to_dict"):
        given = table.reset_index(names="layer").to_dict("records")
    rows = []
    for row in given:
        if metric not in row:
            raise Complaint(f"The table has no column {metric!r} to draw.")
        depth, value = row["depth"], float(row[metric])
        if isinstance(depth, int | np.integer) and isfinite(value):
            rows.append({"layer": row["layer"], "kind": row["kind"], "depth": int(depth), "value": value})
    if not rows:
        raise Complaint(f"No layer has both a depth and a number in {metric!r}: there is nothing to draw.")
    return rows


def _title(table: Any, metric: str) -> str:
    card = getattr(table, "attrs", {}).get("cards", {}).get(metric, {})
    unit = f", {card['unit']}" if card.get("unit") else ""
    return f"{metric} ({card['symbol']}{unit})" if card else metric


def _log_x(domain: list[float]) -> Any:
    def x(field: str) -> alt.X:
        axis = alt.Axis(grid=False, labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy")
        scale = alt.Scale(type="log", domain=domain, nice=False)
        return alt.X(field, type="quantitative", scale=scale, axis=axis, title="eigenvalue λ of WᵀW/N")

    return x


def _density(top: float) -> Any:
    def y(field: str) -> alt.Y:
        scale = alt.Scale(domain=[0, top], nice=False)
        return alt.Y(field, type="quantitative", scale=scale, title="share per unit of ln λ")

    return y


def _bars(name: str, x: Any, top: float, dyes: alt.Scale) -> alt.Chart:
    tips = [alt.Tooltip("low:Q", format=".3~g"), alt.Tooltip("high:Q", format=".3~g"), alt.Tooltip("count:Q")]
    mark = alt.Chart(alt.NamedData(name=name)).mark_rect(opacity=0.55)
    return mark.encode(
        x=x("low"),
        x2="high",
        y=_density(top)("density"),
        y2="base",
        color=alt.Color("series:N", scale=dyes),
        tooltip=tips,
    )


def _named(rows: list[Row], name: str) -> list[Row]:
    return [{**row, "series": name} for row in rows]
