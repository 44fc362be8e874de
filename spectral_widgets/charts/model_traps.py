"""Traps of every layer of a model, in the order of the model."""

from __future__ import annotations

from ..records import Complaint, LayerTraps, ModelScan
from . import theme
from .axes import quantity
from .bars import Row
from .later import alt

FOUND, QUIET, UNTESTED = "holds traps", "holds none", "counted, not tested"


def model_traps(scan: ModelScan, *, width: theme.Width = "container", height: int = 200) -> alt.LayerChart:
    """Median number of traps per shuffle of each layer, coloured by the verdict at the false-discovery rate.

    Raises Complaint when no layer was counted.
    """
    rows = _rows(scan)
    if not rows:
        raise Complaint("No layer of the model could be counted, so there is nothing to draw.")
    shown = [name for name in (FOUND, QUIET, UNTESTED) if any(row["verdict"] == name for row in rows)]
    dyes = {FOUND: theme.TRAP, QUIET: theme.SHUFFLED, UNTESTED: theme.BAND}
    colour = alt.Color("verdict:N", scale=alt.Scale(domain=shown, range=[dyes[name] for name in shown]))
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    x = alt.X("layer:N", sort=[row["layer"] for row in rows], title="layers, in the order of the model", axis=axis)
    y = quantity(alt.Y, "traps", "traps per shuffle (median)", zero=True)
    tips = [
        alt.Tooltip("layer:N", title=" "),
        alt.Tooltip("traps:Q", title="traps per shuffle"),
        alt.Tooltip("q_value:N", title="q-value"),
        alt.Tooltip("verdict:N", title="verdict"),
    ]
    base = alt.Chart(alt.NamedData(name="layers"))
    layers = [
        base.mark_rule(strokeWidth=2).encode(x=x, y=y, color=colour),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return theme.with_data(theme.dressed(chart), {"layers": rows})


def _rows(scan: ModelScan) -> list[Row]:
    return [
        {
            "layer": one.layer.name,
            "traps": one.scan.median_count,
            "q_value": "none" if one.left_out else f"{one.q_value:.2g}",
            "verdict": _verdict(one, scan.rate),
        }
        for one in scan.layers
        if one.scan is not None and one.scan.counts
    ]


def _verdict(one: LayerTraps, rate: float) -> str:
    if one.left_out:
        return UNTESTED
    return FOUND if one.q_value <= rate else QUIET


def model_traps_text(scan: ModelScan) -> str:
    """Which layers hold traps."""
    found = ", ".join(one.layer.name for one in scan.found[:8]) or "none"
    rest = f" and {len(scan.found) - 8} more" if len(scan.found) > 8 else ""
    return f"Traps per layer. Layers that hold traps at {100 * scan.rate:g} % FDR: {found}{rest}."
