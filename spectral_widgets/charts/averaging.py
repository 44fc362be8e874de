"""How much the largest eigenvalue and the edge of noise fluctuate, by the size of the matrix."""

from __future__ import annotations

from ..records import Complaint, SelfAveraging
from . import theme
from .axes import quantity
from .bars import Row
from .later import alt

LARGEST, EDGE = "largest eigenvalue", "edge of noise"


def self_averaging(averaging: SelfAveraging, *, width: theme.Width = "container", height: int = 250) -> alt.LayerChart:
    """Relative variance over shuffles against the short side of nested blocks, both axes logarithmic.

    Raises Complaint where no block is large enough to be measured.
    """
    rows = _rows(averaging)
    if not rows:
        raise Complaint(f"{averaging.layer.name} is too small: no block of it has an edge of noise to compare with.")
    x = quantity(alt.X, "side", "short side of the block", "log", padding=14)
    y = quantity(alt.Y, "variance", "variance over squared mean", "log", padding=12)
    dyes = alt.Scale(domain=[LARGEST, EDGE], range=[theme.TRAP, theme.NULL])
    colour = alt.Color("series:N", scale=dyes)
    tips = [
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip("shape:N", title="block"),
        alt.Tooltip("variance:Q", format=".3~g", title="relative variance"),
    ]
    base = alt.Chart(alt.NamedData(name="variances"))
    layers = [
        base.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), {"variances": rows})


def _rows(averaging: SelfAveraging) -> list[Row]:
    """A variance of zero has no place on a log axis."""
    series = ((LARGEST, averaging.largest_variances), (EDGE, averaging.edge_variances))
    return [
        {"series": name, "side": min(shape), "shape": f"{shape[0]}×{shape[1]}", "variance": variance}
        for name, variances in series
        for shape, variance in zip(averaging.shapes, variances, strict=True)
        if variance > 0
    ]


def self_averaging_text(averaging: SelfAveraging) -> str:
    """Both relative variances at every size."""
    parts = [
        f"{shape[0]}×{shape[1]}: {largest:.2g} and {edge:.2g}"
        for shape, largest, edge in zip(
            averaging.shapes, averaging.largest_variances, averaging.edge_variances, strict=True
        )
    ]
    return (
        f"Relative variance over {len(averaging.seeds)} shuffles of {averaging.layer.name}, of the largest eigenvalue "
        f"and of the edge of noise: {'; '.join(parts) or 'no block is large enough'}."
    )
