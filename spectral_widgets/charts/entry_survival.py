"""Which entries are large enough to make a trap: their survival curve on double logarithmic axes."""

from __future__ import annotations

from ..records import EntrySurvival
from . import theme
from .axes import quantity
from .bars import Row
from .later import alt

USUAL, BEYOND = "entries", "beyond the line"
LINE = "σ (NM)^¼, where one entry makes a trap"
#: Entries closer to the mean than this part of the line say nothing here.
LEAST = 2e-3


def entry_survival(survival: EntrySurvival, *, width: theme.Width = "container", height: int = 260) -> alt.LayerChart:
    """Share of entries at least so far from the mean, with the line ``σ (NM)^¼`` beyond which one makes a trap."""
    rows = _rows(survival)
    largest = max(float(survival.sizes[0]), survival.threshold)
    x = quantity(alt.X, "size", "distance of the entry from the mean", "log", domainMax=1.15 * largest)
    y = quantity(alt.Y, "share", "share of entries at least so far", "log")
    shown = [USUAL, BEYOND, LINE] if survival.n_beyond else [USUAL, LINE]
    dyes = {USUAL: theme.LAYER, BEYOND: theme.TRAP, LINE: theme.NULL}
    colour = alt.Color("series:N", scale=alt.Scale(domain=shown, range=[dyes[name] for name in shown]))
    size = alt.Size("series:N", scale=alt.Scale(domain=[USUAL, BEYOND], range=[16, 70]), legend=None)
    tips = [
        alt.Tooltip("size:Q", format=".4~g", title="distance from the mean"),
        alt.Tooltip("count:Q", title="entries at least so far"),
    ]
    line = alt.Chart(alt.NamedData(name="line")).mark_rule(strokeDash=[5, 3], strokeWidth=1.6)
    dots = alt.Chart(alt.NamedData(name="entries")).mark_point(filled=True, opacity=0.9)
    layers = [line.encode(x=x, color=colour), dots.encode(x=x, y=y, color=colour, size=size, tooltip=tips)]
    chart = alt.layer(*layers).properties(width=width, height=height)
    datasets = {"entries": rows, "line": [{"size": survival.threshold, "series": LINE}]}
    return theme.with_data(theme.dressed(chart), datasets)


def _rows(survival: EntrySurvival) -> list[Row]:
    """Entries near the mean say nothing here, and those at the mean have no place on a log axis."""
    n, line = survival.layer.n_entries, survival.threshold
    pairs = zip(survival.sizes.tolist(), survival.shares.tolist(), strict=True)
    return [
        {"size": size, "share": share, "count": round(share * n), "series": BEYOND if size > line else USUAL}
        for size, share in pairs
        if size > LEAST * line
    ]


def entry_survival_text(survival: EntrySurvival) -> str:
    """How many entries lie beyond the line, and how far out the largest is."""
    noun = "entry lies" if survival.n_beyond == 1 else "entries lie"
    return (
        f"Survival of entry sizes of {survival.layer.name}: {survival.n_beyond} {noun} beyond "
        f"{survival.threshold:.3g}, the size that makes a trap; the largest is {survival.sizes[0]:.3g}."
    )
