"""Lab 5: the edge of noise averages itself, a trap does not."""

from __future__ import annotations

import numpy as np

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import choice, dial
from ..records.text import number, percent, plural
from .lab import Lab
from .not_averaging_draws import CAUSES, TrapDraws, block_strength, draw_steps, expected, mean_of, relative_deviation
from .not_averaging_picture import panels_of, window_of
from .sampling import mean_and_error

_STRONG = 1.8


def facts(record: TrapDraws) -> list[LabFact]:
    """Relative deviations at the largest size, the chance to meet the giant, and how each shrinks with the size."""
    size = record.sizes[-1]
    known, far = expected(record, size), is_far(record)
    holds = record.holds[:, -1]
    made = [
        LabFact(
            "relative deviation of the largest",
            *relative_deviation(record.largest[:, -1]),
            float(np.sqrt(known.relative_variance)),
            "Deviation over shuffles over the mean, at the largest size.",
            checked=far,
        ),
        LabFact(
            "relative deviation of the edge",
            *relative_deviation(record.edge[:, -1]),
            float(np.sqrt(known.relative_edge_variance)),
            "The same for the largest eigenvalue that the trap did not make. Theory is Tracy–Widom.",
        ),
        LabFact("mean of the largest", *mean_and_error(record.largest[:, -1]), known.mean, "Over all shuffles."),
    ]
    if record.cause == "giant":
        made.append(LabFact("corners that hold the giant", *mean_and_error(holds), size.share, "Part of the entries."))
    for label, values, theory in (("with the trap", holds, known.trap), ("without it", ~holds, known.edge)):
        if values.any():
            made.append(LabFact(f"mean {label}", *mean_of(record.largest[values, -1]), theory, "Of the largest."))
    for label, values, name in (
        ("largest", record.largest, "relative_variance"),
        ("edge", record.edge, "relative_edge_variance"),
    ):
        text = "Slope of the relative variance over the size, both logarithmic: 0 is no self-averaging at all."
        made.append(LabFact(f"exponent, {label}", *_exponent(record, values), _slope(record, name), text))
    return made


def is_far(record: TrapDraws) -> bool:
    """Whether the trap stands clear of the bulk of the corner, where theory of first order holds."""
    size = record.sizes[-1]
    return block_strength(record, size) > _STRONG * float(np.sqrt(size.aspect))


def _exponent(record: TrapDraws, values: np.ndarray) -> tuple[float, float]:
    """Slope between the smallest and the largest size, with its error."""
    (first, first_error), (last, last_error) = (relative_deviation(values[:, k]) for k in (0, -1))
    if not (first > 0 and last > 0):
        return float("nan"), float("nan")
    growth = np.log(record.sizes[-1].n_rows / record.sizes[0].n_rows)
    error = 2 * np.hypot(first_error / first, last_error / last) / growth
    return float(2 * np.log(last / first) / growth), float(error)


def _slope(record: TrapDraws, name: str) -> float:
    first, last = (getattr(expected(record, record.sizes[k]), name) for k in (0, -1))
    return float(np.log(last / first) / np.log(record.sizes[-1].n_rows / record.sizes[0].n_rows))


def panels(record: TrapDraws, theory: bool) -> tuple[Panel, ...]:
    """Relative variance over size, the humps at the largest size, and running means."""
    return panels_of(record, theory, sentence(record))


def sentence(record: TrapDraws) -> str:
    """How the two relative variances go with the size, and between which places the trap jumps."""
    first, last = record.sizes[0].n_rows, record.sizes[-1].n_rows
    start = f"{plural(record.n_draws, 'shuffle')}, layers from {first} to {last} rows with {CAUSES[record.cause]}"
    if record.n_draws < 3:
        return f"{start}: too few for a variance."
    trap, edge = (_exponent(record, values)[0] for values in (record.largest, record.edge))
    held = float(record.holds[:, -1].mean())
    seen = f"; {percent(held)} of the corners hold the giant" if record.cause == "giant" else ""
    return (
        f"{start}: the relative variance of the largest eigenvalue goes as N^({number(trap, 2)}), that of the "
        f"edge as N^({number(edge, 2)}){seen}."
    )


def caveat(record: TrapDraws) -> str:
    """Too few draws, a trap too weak, and what lies beyond the axis."""
    words = []
    if record.n_draws < 3:
        words.append("A variance with its error needs three shuffles.")
    if not is_far(record):
        words.append("The trap is near the threshold or hidden in the corner: theory of first order is rough there.")
    low, high = window_of(record)
    n_beyond = int(((record.largest[:, -1] < low) | (record.largest[:, -1] > high)).sum())
    if n_beyond:
        words.append(f"{plural(n_beyond, 'largest eigenvalue')} beyond the axis.")
    return " ".join(words)


LAB = Lab(
    name="not-averaging",
    title="Why a trap does not average out",
    order=5,
    text=(
        "A quantity is self-averaging when one large sample shows what the mean over many does: its relative "
        "variance goes to zero with the size. The edge of noise is: its width falls as N^(−2/3), so the variance as "
        "N^(−4/3).\n\n"
        "Look at a corner of a shuffled layer instead of all of it, as any sample does. A giant entry is in the "
        "corner or it is not, with the chance p = s² for a corner of share s of both sides. The largest eigenvalue "
        "jumps between two places, and p(1 − p)(λ₁ − λ₀)² is no smaller in a larger layer. A mean offset is in "
        "every corner."
    ),
    look_for=(
        "The pink dots hardly fall, the blue ones do. The second chart shows why: two humps, and the mean over "
        "shuffles between them, where no shuffle is. Move the share to 1: the giant is always there, and its variance "
        "falls as 1/N, still slower than the edge's. Then take the mean offset: it averages at any share."
    ),
    question="Is more data a remedy: does the mean over more shuffles, or a layer four times as large, give the trap?",
    answer=(
        "Neither does. The mean over shuffles converges, but to a value between the humps that no layer has. And the "
        "jump has the same relative size in any layer: at s = 0.7 and θ² = 2 the relative variance sinks from "
        "0.09 at 40 rows to 0.06 at 160 and stops at 0.048, while the edge's falls sevenfold and goes on to zero. "
        "One has to say of each shuffle whether the trap is there, not average over them."
    ),
    dials=(
        dial("share", "Corner, share s of both sides", 0.7, 0.3, 1.0, 0.05, help="1 looks at the whole layer."),
        choice("cause", "Trap", CAUSES, "giant", help="One entry, or an offset spread over all of them."),
        dial("strength", "Strength θ² in the layer", 2.0, 0.0, 6.0, 0.1, help="The same at every size."),
        dial(
            "n_rows",
            "Rows N of the largest layer",
            160,
            80,
            320,
            whole=True,
            grid="log",
            help="The others: down to N/4.",
        ),
        dial("aspect", "Shape y = M/N", 0.5, 0.3, 1.0, 0.05, help="Columns over rows; 1 is a square."),
        dial("n_draws", "Shuffles", 400, 1, 1000, whole=True, grid="log", help="Of one layer of each size."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="share",
    examples=({"share": 1.0}, {"cause": "mean", "share": 1.0, "strength": 3.0}, {"cause": "mean", "strength": 4.0}),
)
