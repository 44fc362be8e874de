"""Eigenvalues of traps: over the shuffles of one scan, and of several scans side by side."""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Complaint, TrapScan
from . import theme
from .axes import names, quantity
from .bars import Row
from .comparison import LINE, y_or_x_scale
from .later import alt

EDGE = "edge of noise"
NO_TRAP = "largest, no trap"
EIGENVALUE = "eigenvalue λ"


def _tips() -> tuple[alt.Tooltip, alt.Tooltip]:
    return alt.Tooltip("seed:O", title="seed"), alt.Tooltip("eigenvalue:Q", format=".4~g", title=EIGENVALUE)


def trap_spread(scan: TrapScan, *, width: theme.Width = "container", height: int = 240) -> alt.LayerChart:
    """One dot per trap and shuffle, coloured by rank, over the seeds; the rule is the threshold of the scan.

    The largest eigenvalue of a shuffle without traps is a small grey dot. Raises Complaint for a scan that counts
    nothing.
    """
    if not scan.counts:
        raise Complaint(f"{scan.layer.name}: no traps were counted, so there is no spread to draw.")
    rows, quiet = _trap_rows(scan), _quiet_rows(scan)
    kind = y_or_x_scale([row["eigenvalue"] for row in rows + quiet] + [scan.threshold])
    y = quantity(alt.Y, "eigenvalue", EIGENVALUE, kind, padding=12)
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", grid=False)
    x = alt.X("seed", type="ordinal", title="seed of the shuffle", axis=axis)
    series = [*dict.fromkeys(row["series"] for row in rows + quiet), EDGE]
    dyes = [theme.TRAP, *theme.SERIES]
    special = {NO_TRAP: theme.SHUFFLED, EDGE: theme.NULL}
    colours = [special.get(name, dyes[k % len(dyes)]) for k, name in enumerate(series)]
    # A dozen ranks are told apart by the tip, not by a legend.
    legend = alt.Legend() if len(series) <= len(dyes) + 1 else None
    colour = alt.Color("series:N", scale=alt.Scale(domain=series, range=colours), legend=legend)
    tips = [alt.Tooltip("series:N", title=" "), *_tips()]
    layers = [
        _marks("edge").mark_rule(strokeDash=[5, 3], strokeWidth=1.6).encode(y=y, color=colour),
        _marks("quiet").mark_point(filled=True, size=26, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
        _marks("traps").mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    edge = [{"eigenvalue": float(scan.threshold), "series": EDGE}]
    return theme.with_data(theme.dressed(chart), {"traps": rows, "quiet": quiet, "edge": edge})


def trap_strips(
    scans: Sequence[tuple[str, TrapScan]], *, width: theme.Width = "container", line: int = LINE
) -> alt.LayerChart:
    """One line per named scan: a dot per trap of every shuffle, the edge of noise as a tick.

    The largest eigenvalue of a shuffle without traps is a small grey dot. Raises Complaint for no scan.
    """
    if not scans:
        raise Complaint("There is no scan to draw.")
    named = {name: [{**row, "scan": name} for row in _trap_rows(scan)] for name, scan in scans}
    quiet = [{**row, "scan": name} for name, scan in scans for row in _quiet_rows(scan)]
    rows = [row for part in named.values() for row in part]
    edges = [{"scan": name, "eigenvalue": float(scan.threshold), "series": EDGE} for name, scan in scans]
    kind = y_or_x_scale([row["eigenvalue"] for row in rows + quiet + edges])
    x, y = quantity(alt.X, "eigenvalue", EIGENVALUE, kind, padding=12), names("scan", list(named))
    series = {"trap": theme.TRAP, NO_TRAP: theme.SHUFFLED, EDGE: theme.NULL}
    shown = [name for name in series if name == EDGE or (quiet if name == NO_TRAP else rows)]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=shown, range=[series[name] for name in shown]))
    tips = [alt.Tooltip("scan:N", title=" "), alt.Tooltip("series:N", title="which"), *_tips()]
    layers = [
        _marks("edges", EDGE).mark_tick(thickness=2.4, size=20).encode(x=x, y=y, color=colour),
        _marks("quiet", NO_TRAP)
        .mark_point(filled=True, size=26, opacity=0.9)
        .encode(x=x, y=y, color=colour, tooltip=tips),
        _marks("traps", "trap")
        .mark_point(filled=True, size=70, opacity=0.75)
        .encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=len(named) * line)
    return theme.with_data(theme.dressed(chart), {"traps": rows, "quiet": quiet, "edges": edges})


def _marks(data: str, kind: str = "") -> alt.Chart:
    named = alt.Chart(alt.NamedData(name=data))
    return named.transform_calculate(kind=f"'{kind}'") if kind else named


def _trap_rows(scan: TrapScan) -> list[Row]:
    return [
        {"seed": trap.seed, "series": f"trap {trap.index + 1}", "eigenvalue": trap.eigenvalue}
        for trap in sorted(scan.traps, key=lambda one: (one.index, one.seed))
    ]


def _quiet_rows(scan: TrapScan) -> list[Row]:
    counts = scan.counts or (0,) * len(scan.seeds)
    return [
        {"seed": seed, "series": NO_TRAP, "eigenvalue": one}
        for seed, one, count in zip(scan.seeds, scan.largest, counts, strict=True)
        if not count
    ]


def trap_spread_text(scan: TrapScan) -> str:
    """How many traps the shuffles have and where the largest ones lie."""
    largest = [trap.eigenvalue for trap in scan.traps if trap.index == 0]
    start = f"Traps of {len(scan.seeds)} shuffles of {scan.layer.name}"
    if not largest:
        return f"{start}: none has one, the edge of noise is at {scan.threshold:.3g}."
    return (
        f"{start}, {min(scan.counts)} to {max(scan.counts)} each; the largest of each between {min(largest):.3g} and "
        f"{max(largest):.3g}, the edge of noise at {scan.threshold:.3g}."
    )


def trap_strips_text(scans: Sequence[tuple[str, TrapScan]]) -> str:
    """Traps per shuffle of each scan, in words."""
    said = [f"{name}: {' '.join(map(str, scan.counts)) or 'none counted'}" for name, scan in scans]
    return "Traps per shuffle. " + "; ".join(said) + "."
