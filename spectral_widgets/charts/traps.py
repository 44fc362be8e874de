"""Traps of one shuffle as marks that can be hovered and clicked."""

from __future__ import annotations

from ..records import Trap, TrapScan
from . import theme
from .bars import Row
from .later import alt

SMALLEST_P = 1e-300


def trap_rows(scan: TrapScan, seed: int, high: float, selected: tuple[int, int] | None) -> list[Row]:
    """One row a trap of the seed; beyond the axis' end ``high`` it is drawn at the end and says so."""
    return [_trap_row(trap, high, selected == (trap.seed, trap.index)) for trap in scan.of_seed(seed)]


def _trap_row(trap: Trap, high: float, is_selected: bool) -> Row:
    beyond = trap.eigenvalue > high
    return {
        "trap_seed": int(trap.seed),
        "trap_index": int(trap.index),
        "eigenvalue": float(trap.eigenvalue),
        "excess_widths": float(trap.excess_widths),
        "p_value": p_value_text(trap.p_value),
        "drawn_at": float(min(trap.eigenvalue, high)),
        "place": "beyond" if beyond else "here",
        "selected": is_selected,
        "label": f"trap {trap.index + 1} of seed {trap.seed}: click for its causes",
    }


def p_value_text(p_value: float) -> str:
    """A p-value to two digits; never a bare zero or ``nan``.

    >>> p_value_text(0.0123), p_value_text(0.0), p_value_text(float("nan"))
    ('0.012', 'below 1e-300', 'none')
    """
    if p_value != p_value:
        return "none"
    return f"{p_value:.2g}" if not p_value < SMALLEST_P else f"below {SMALLEST_P:g}"


def traps_layer(named: alt.Chart, x: alt.X, colour: alt.Color, height: int) -> alt.Chart:
    """Triangles just above the axis, sideways when the trap lies beyond its end.

    The hover parameter is also what makes Vega-Lite mark all layers without a tooltip as not interactive,
    so that no drawn curve swallows a click.
    """
    hover = alt.selection_point(name="trap_hover", on="pointerover", clear="pointerout", empty=False)
    tip = [
        alt.Tooltip("label:N", title=" "),
        alt.Tooltip("eigenvalue:Q", format=".4~g", title="eigenvalue λ"),
        alt.Tooltip("excess_widths:Q", format=".3~g", title="Tracy–Widom widths over the edge"),
        alt.Tooltip("p_value:N", title="p-value"),
    ]
    shapes = alt.Scale(domain=["here", "beyond"], range=["triangle-up", "triangle-right"])
    return (
        named.mark_point(filled=True, opacity=1, cursor="pointer", stroke=theme.INK, strokeWidth=0.5)
        .encode(
            x=x,
            y=alt.YValue(height - 9),
            color=colour,
            shape=alt.Shape("place:N", scale=shapes, legend=None),
            size=alt.when("datum.selected")
            .then(alt.value(330))
            .when(hover)
            .then(alt.value(260))
            .otherwise(alt.value(170)),
            tooltip=tip,
        )
        .add_params(hover)
    )


def selected_layer(x: alt.X, height: int) -> alt.Chart:
    """A line through the trap that is looked at, below the corner note."""
    mark = alt.Chart(alt.NamedData(name="traps")).transform_filter("datum.selected")
    rule = mark.mark_rule(color=theme.TRAP, strokeWidth=1.4, opacity=0.8)
    return rule.encode(x=x, y=alt.YValue(24), y2=alt.Y2Value(height - 16))
