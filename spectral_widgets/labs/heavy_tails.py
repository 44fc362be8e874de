"""Lab 7: entries without a fourth moment, or without a variance, and the exponents fitted to their spectra."""

from __future__ import annotations

import numpy as np

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import choice, dial
from ..records.text import number, plural
from ..rmt import frechet_cdf, hill_deviation, hill_mean, mp_edges
from .heavy_tails_draws import LAWS, NORMAL, TailDraws, draw_steps, has_tail, median_largest, scale_of
from .heavy_tails_picture import panels_of
from .lab import Lab
from .sampling import deviation_and_error, mean_and_error

#: From this exponent on the largest eigenvalue is at the edge of the bulk.
FOURTH_MOMENT = 4.0


def facts(record: TailDraws) -> list[LabFact]:
    """The fits at the longest tail and at the shortest, and the largest eigenvalue."""
    return [*_fits(record), *_matrices(record)]


def _fits(record: TailDraws) -> list[LabFact]:
    alpha, made = record.alpha, []
    for k in sorted({0, len(record.lengths) - 1}):
        n = int(record.lengths[k])
        text = f"Mean exponent of {n} values whose start is known. Theory is 1 + (α − 1) k/(k − 2)."
        made.append(
            LabFact(f"Hill α, {n} values", *mean_and_error(record.hill[:, k]), float(hill_mean(alpha, n)), text, True)
        )
    n = int(record.lengths[-1])
    spread = float(hill_deviation(alpha, n))
    made.append(LabFact("its deviation", *deviation_and_error(record.hill[:, -1]), spread, "Of one sample."))
    if np.isfinite(record.scan[:, -1]).all():
        text = "The same values, but the start of the tail is looked for. Theory is the true α."
        made.append(LabFact(f"best-start α, {n} values", *mean_and_error(record.scan[:, -1]), alpha, text))
    return made


def _matrices(record: TailDraws) -> list[LabFact]:
    top = record.eigenvalues[:, -1]
    below, error = _share_below(top, median_largest(record))
    text = "Of matrices whose largest eigenvalue is below the median foretold from the largest entry."
    made = [
        LabFact("median largest eigenvalue", float(np.median(top)), theory=median_largest(record), help=text),
        LabFact("share below the median foretold", below, error, 0.5, text),
    ]
    if has_tail(record):
        unit = scale_of(record) ** 2 / record.n_rows
        text = "Of matrices whose largest eigenvalue is below b²/N, b the size one entry of all should exceed."
        fall = float(frechet_cdf(1.0, record.exponent / 2))
        made.append(LabFact("share below b²/N, Fréchet", *_share_below(top, unit), fall, text))
    if np.isfinite(record.variance):
        text = "Mean square of an entry, over all entries of a matrix."
        made.append(LabFact("variance", *mean_and_error(record.mean_squares[:, -1]), record.variance, text))
    return made


def _share_below(values: np.ndarray, place: float) -> tuple[float, float]:
    share, n = float((values < place).mean()), len(values)
    spread = max(share * (1 - share), 1 / n * (1 - 1 / n))
    return share, float(np.sqrt(spread / n)) if n > 1 else float("nan")


def panels(record: TailDraws, theory: bool) -> tuple[Panel, ...]:
    """Large eigenvalues, the largest, the fits, and the mean square of entries."""
    return panels_of(record, theory, sentence(record))


def sentence(record: TailDraws) -> str:
    """The largest eigenvalue, and the exponent that fits find."""
    top, n = number(float(np.median(record.eigenvalues[:, -1]))), int(record.lengths[-1])
    alpha = number(float(record.hill[:, -1].mean()))
    kept = "finite" if np.isfinite(record.variance) else "infinite"
    edge = ""
    if np.isfinite(record.variance):
        edge = f", {number(mp_edges(record.aspect, record.variance)[1])} being the edge of the bulk"
    drawn = f"{plural(record.n_draws, 'matrix', 'matrices')} of {record.n_rows} × {record.n_cols}"
    return (
        f"{drawn}, {LAWS[record.law]} with μ = {number(record.exponent)} (variance {kept}): the median of the largest "
        f"eigenvalue is {top}{edge}. A power law of α = {number(record.alpha)} is fitted as {alpha} from {n} values."
    )


def caveat(record: TailDraws) -> str:
    """Where there is no tail, no edge, or too little to fit."""
    words = []
    if not has_tail(record):
        words.append("A stable law of index 2 or more is the normal one: no heavy tail, and no Fréchet law.")
    if record.law == "levy" and record.exponent > NORMAL:
        words.append("Stable laws end at index 2, so the entries have that index; the samples have the α of the dial.")
    if has_tail(record) and record.exponent >= FOURTH_MOMENT:
        words.append("With a fourth moment the largest eigenvalue goes to the edge as the matrix grows.")
    elif record.exponent > NORMAL and has_tail(record):
        words.append("With a variance but no fourth moment Fréchet's law is reached slowly: the bulk is still felt.")
    if record.n_draws < 2:
        words.append("One draw has no standard error.")
    return " ".join(words)


LAB = Lab(
    name="heavy-tails",
    title="Heavy tails",
    order=7,
    text=(
        "Let an entry exceed x with a chance that falls as x^(−μ). With μ > 4 the largest eigenvalue sticks to the "
        "edge. Below that every large eigenvalue is made by one large entry, λ ≈ w²/N: they are a Poisson swarm, the "
        "largest follows Fréchet's law exp(−x^(−μ/2)), and does not settle. Below μ = 2 there is no variance, no "
        "Marchenko–Pastur law and no edge at all: Lévy matrices.\n\n"
        "The density of such eigenvalues falls as λ^(−α) with α = 1 + μ/2, so α = 2 is the border of finite variance. "
        "The lower charts ask how well a fit finds α from few values, and what a missing variance looks like."
    ),
    look_for=(
        "Lower μ from 6 to 1: beyond the edge a straight line grows out of the bulk, with the slope of one entry each. "
        "Around μ = 2 the mean square of the entries stops settling and climbs by jumps. In the third chart α "
        "comes out too high for short tails, and more so for a fit that has to look for the start."
    ),
    question="A tail of 10 eigenvalues is fitted and α comes out as 2.6. Is the variance finite?",
    answer=(
        "It cannot be told. With k = 10 the mean estimate is 1 + (α − 1) · 10/8: a true α of 2 gives 2.25 on average, "
        "with a deviation of 0.47, so 2.6 is not unusual at the border. At 500 values the bias is 0.004 and the "
        "deviation 0.045, and 2.6 would be far from 2."
    ),
    dials=(
        dial("exponent", "Tail exponent μ of the entries", 1.5, 0.8, 6.0, 0.1, help="α of the spectrum is 1 + μ/2."),
        choice("law", "Entries", LAWS, "student", help="Lévy stable entries have tails up to μ = 2 only."),
        dial("n_rows", "Rows N", 150, 40, 400, whole=True, grid="log", help="The long side of the matrix."),
        dial("aspect", "Shape y = M/N", 0.5, 0.1, 1.0, 0.05, help="Columns over rows; 1 is a square."),
        dial(
            "longest",
            "Longest tail fitted",
            128,
            8,
            512,
            whole=True,
            grid="log",
            help="8, 16, 32, … values of a power law, up to it.",
        ),
        dial("n_draws", "Draws", 120, 1, 500, whole=True, grid="log", help="Matrices, and samples that are fitted."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="exponent",
    examples=({"law": "levy", "exponent": 1.2}, {"exponent": 3.0}, {"law": "pareto", "exponent": 1.0, "aspect": 1.0}),
)
