"""Lab 2: the largest eigenvalue of noise strays around its edge by a law of its own."""

from __future__ import annotations

import numpy as np

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import choice, dial
from ..records.text import number, plural, relation
from ..rmt import TW_MOMENTS, strength_of, tw_sf
from .edge_jitter_draws import (
    FIELDS,
    LEVEL,
    SCALINGS,
    EdgeDraws,
    draw_steps,
    fair_threshold,
    observed_eigenvalue,
    scaling_of,
    square_root_threshold,
    widths_of,
)
from .edge_jitter_picture import panels_of
from .entries import ENTRY_LAWS
from .lab import Lab
from .sampling import deviation_and_error, mean_and_error

_LAWS = {law: words for law, words in ENTRY_LAWS.items() if law != "student"}


def facts(record: EdgeDraws) -> list[LabFact]:
    """Place and jitter of the largest eigenvalue, p-values, and what the two thresholds ask of a signal."""
    top, (mean, deviation) = record.largest[:, -1], TW_MOMENTS[record.beta]
    centre, width = scaling_of(record, record.shape, "second")
    known = record.law == "normal"
    place = "Theory is centre plus Tracy–Widom mean times width, of second order."
    made = [
        LabFact("mean largest eigenvalue", *mean_and_error(top), centre + mean * width, place, known),
        LabFact("its deviation", *deviation_and_error(top), deviation * width, "Over draws.", known),
    ]
    if record.scaling != "none":
        shift, unit = scaling_of(record, record.shape)
        text = "In widths from the centre, by the scaling chosen. Theory is the law of an infinite matrix."
        made.append(LabFact("mean, scaled", *mean_and_error((top - shift) / unit), mean, text))
    return [*made, *_tests(record, top), *_costs(record, top)]


def _tests(record: EdgeDraws, top: np.ndarray) -> list[LabFact]:
    """How often noise passes a place: by counting, and by Tracy–Widom."""
    root = square_root_threshold(record.shape)
    rows = (
        ("p-value of the observed", observed_eigenvalue(record), "Share of draws beyond the grey line."),
        ("noise beyond the 1 % point", fair_threshold(record, record.shape), "Share of draws beyond the yellow line."),
        ("noise beyond the square-root rule", root, "Share of draws beyond the pink line."),
    )
    return [
        LabFact(label, *_share_beyond(top, place), float(tw_sf(widths_of(record, place), record.beta)), text)
        for label, place, text in rows
    ]


def _share_beyond(values: np.ndarray, place: float) -> tuple[float, float]:
    share = float((values > place).mean())
    # With none or all beyond, the error is that of a single one.
    spread = max(share * (1 - share), 1 / len(values) * (1 - 1 / len(values)))
    return share, float(np.sqrt(spread / len(values))) if len(values) > 1 else float("nan")


def _costs(record: EdgeDraws, top: np.ndarray) -> list[LabFact]:
    aspect = record.shape[1] / record.shape[0]
    seen = float(strength_of(np.quantile(top, 1 - LEVEL), aspect))
    fair = float(strength_of(fair_threshold(record, record.shape), aspect))
    rule = float(strength_of(square_root_threshold(record.shape), aspect))
    return [
        LabFact("signal θ² for the 1 % point", seen, theory=fair, help="Weakest whose eigenvalue lies beyond it."),
        LabFact("signal θ² for the square-root rule", rule, help="The same for the rule; it is not simulated."),
    ]


def panels(record: EdgeDraws, theory: bool) -> tuple[Panel, ...]:
    """The jitter, its tail, convergence with size, and what the thresholds cost."""
    return panels_of(record, theory, sentence(record))


def sentence(record: EdgeDraws) -> str:
    """Mean and deviation of the largest eigenvalue, and the p-value of the one in question."""
    top, place = record.largest[:, -1], observed_eigenvalue(record)
    p = float(tw_sf(widths_of(record, place), record.beta))
    n_rows, n_cols = record.shape
    spread = f" ± {number(deviation_and_error(top)[0])}" if record.n_draws > 1 else ""
    return (
        f"{plural(record.n_draws, 'matrix', 'matrices')} of {n_rows} × {n_cols}, {FIELDS[record.field]} entries: the "
        f"largest eigenvalue is {number(float(top.mean()))}{spread}. An observed {number(place)} has p {relation(p)} "
        f"by Tracy–Widom; {plural(int((top > place).sum()), 'draw')} of {record.n_draws} lie beyond it."
    )


def caveat(record: EdgeDraws) -> str:
    """Where theory is less than exact, and what lies beyond the axes."""
    words = []
    if record.n_draws < 2:
        words.append("One draw has no deviation and no standard error.")
    if not np.isfinite(strength_of(np.quantile(record.largest[:, -1], 1 - LEVEL), record.shape[1] / record.shape[0])):
        words.append("The 1 % point of these draws lies inside the bulk, so no signal belongs to it.")
    if record.law != "normal":
        words.append("For entries that are not normal the centre and width of second order are an approximation.")
    if min(record.shape) < 20:
        words.append(f"A short side of {min(record.shape)} is small for an edge law.")
    return " ".join(words)


LAB = Lab(
    name="edge-jitter",
    title="Edge jitter",
    order=2,
    text=(
        "Throw the dice N × M times, fill a matrix and take the largest eigenvalue; then again. It never stands "
        "still: it strays around the edge (1 + √y)² by about N^(−2/3), and by one law for all sizes once a centre is "
        "taken off and a width divided out. Tracy and Widom found it: one law for real entries, another for complex "
        "ones.\n\n"
        "It tells whether an observed largest eigenvalue may be noise. The published trap rule instead adds to the "
        "edge the square root of a width: for large matrices that is many widths."
    ),
    look_for=(
        "Take the scaling off and double N: the histogram narrows. Put it on: it stays, and leans to the right. "
        "Compare the scalings at small N in the third chart. Drag the grey line and read its p-value, by theory and "
        "by counting. Then let N grow and see how far the pink rule moves away."
    ),
    question=(
        "At 784 × 200 the square-root rule stands 6.3 widths beyond the edge. How often does noise pass it, "
        "and which signals does that caution cost?"
    ),
    answer=(
        "Less than once in a million matrices, against once in 100 at the Tracy–Widom point. The price: a signal needs "
        "θ² = 0.88 instead of 0.69 to be seen, and it leaves the bulk at 0.51 already. As giant entries: 26.3 "
        "deviations instead of 23.2. All in between are missed, and the margin in widths grows as N^(1/3)."
    ),
    dials=(
        dial("observed", "Observed λ, in widths", 1.5, -4.0, 8.0, 0.1, help="From the centre, of second order."),
        dial("n_rows", "Rows N", 80, 32, 400, whole=True, grid="log", help="The long side of the matrix."),
        dial("aspect", "Shape y = M/N", 0.5, 0.1, 1.0, 0.05, help="Columns over rows; 1 is a square."),
        choice("field", "Numbers", FIELDS, "real", help="A complex entry has two independent parts."),
        choice("law", "Entries", _LAWS, "normal", help="The dice: the law that every entry is drawn from."),
        choice("scaling", "Centring and scaling", SCALINGS, "second", help="What is taken off before drawing."),
        dial("n_draws", "Draws", 600, 1, 2000, whole=True, grid="log", help="How often the dice are thrown."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="n_rows",
    examples=({"field": "complex"}, {"aspect": 1.0, "scaling": "none"}, {"n_rows": 120, "aspect": 0.25}),
)
