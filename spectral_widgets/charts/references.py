"""The largest eigenvalues of reference matrices, and where those that are asked about stand among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..records import Complaint, ReferenceTest
from . import theme
from .axes import names, quantity
from .bars import Row
from .comparison import LINE, y_or_x_scale
from .later import alt

REFERENCE_TITLES = {
    "tracy-widom": "Tracy–Widom",
    "shuffles": "its own shuffles",
    "entry-law": "fresh draws of its entry law",
}
MAXIMA = "reference matrices"


def reference_maxima(
    tests: Sequence[ReferenceTest], asked: Mapping[str, float], *, width: theme.Width = "container", line: int = LINE
) -> alt.LayerChart:
    """A tick per reference matrix, one line per reference; the named eigenvalues ``asked`` about as rules.

    Raises Complaint when no reference has matrices of its own.
    """
    rows = [
        {"reference": REFERENCE_TITLES[one.reference], "eigenvalue": top}
        for one in tests
        for top in one.maxima.tolist()
    ]
    if not rows:
        raise Complaint("No reference matrix was drawn yet.")
    rules: list[Row] = [{"name": name, "eigenvalue": value} for name, value in asked.items()]
    kind = y_or_x_scale([row["eigenvalue"] for row in rows + rules])
    x = quantity(alt.X, "eigenvalue", "largest eigenvalue λ", kind, padding=14)
    order = list(dict.fromkeys(row["reference"] for row in rows))
    series = [MAXIMA, *asked]
    dyes = alt.Scale(domain=series, range=[theme.SHUFFLED, theme.LAYER, theme.TRAP][: len(series)])
    ticks = alt.Chart(alt.NamedData(name="maxima")).transform_calculate(name=f"'{MAXIMA}'")
    colour = alt.Color("name:N", scale=dyes)
    tip = [alt.Tooltip("name:N", title=" "), alt.Tooltip("eigenvalue:Q", format=".4~g", title="eigenvalue λ")]
    layers = [
        ticks.mark_tick(thickness=1.5, size=18, opacity=0.7).encode(
            x=x, y=names("reference", order), color=colour, tooltip=tip
        ),
        alt.Chart(alt.NamedData(name="asked")).mark_rule(strokeWidth=2.2).encode(x=x, color=colour, tooltip=tip),
    ]
    chart = alt.layer(*layers).properties(width=width, height=max(len(order), 1) * line)
    return theme.with_data(theme.dressed(chart), {"maxima": rows, "asked": rules})


def reference_maxima_text(tests: Sequence[ReferenceTest], asked: Mapping[str, float]) -> str:
    """Ranges of the references and the values asked about."""
    said = [f"{name} {value:.3g}" for name, value in asked.items()]
    ranges = [
        f"{REFERENCE_TITLES[one.reference]} from {one.maxima.min():.3g} to {one.maxima.max():.3g}"
        for one in tests
        if len(one.maxima)
    ]
    return f"Largest eigenvalues: {', '.join(said)}; references: {'; '.join(ranges)}."
