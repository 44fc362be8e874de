"""Lab 4: a shuffle keeps the histogram and destroys the arrangement, and the histogram alone can make traps."""

from __future__ import annotations

import numpy as np

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import dial
from ..records.text import number, plural
from ..rmt import entry_threshold
from .lab import Lab
from .sampling import mean_and_error
from .shuffle_draws import ShuffleDraws, draw_steps
from .shuffle_picture import GREATEST_ENTRY, GREATEST_MEAN, highest, panels_of


def facts(record: ShuffleDraws) -> list[LabFact]:
    """What is kept, what is destroyed, and the traps beside those foretold."""
    foretold, clear = record.prediction.eigenvalues, _is_clear(record)
    kept = float(record.eigenvalues.mean())
    deviation = float(np.sqrt(record.variance))
    n_beyond = int((record.sizes > deviation * entry_threshold(record.n_rows, record.n_cols)).sum())
    top = foretold[0] if foretold else record.edge
    return [
        LabFact(
            "mean eigenvalue, kept", kept, 0.0, float(record.own.mean()), "Theory is that before the shuffle.", True
        ),
        LabFact("largest before the shuffle", float(record.own[-1]), help="Of the matrix itself, signal included."),
        LabFact("entries beyond (NM)^¼ σ", n_beyond, help="Each of them is foretold to make a trap."),
        LabFact(
            "traps",
            *mean_and_error(record.counts),
            float(len(foretold)),
            "Eigenvalues beyond the 1 % point of noise, per shuffle. Theory is foretold from the histogram alone.",
            checked=clear and bool(foretold),
        ),
        LabFact(
            "largest after the shuffle",
            *mean_and_error(record.eigenvalues[:, -1]),
            top,
            "Theory is the trap foretold, or the mean edge of noise where none is.",
            checked=clear and len(foretold) < 2,
        ),
    ]


def _is_clear(record: ShuffleDraws) -> bool:
    """Whether every cause is further from its threshold than the transition is wide, and no two giants can meet."""
    deviation = np.sqrt(record.variance)
    entry = (record.entry / deviation) ** 2 / record.n_rows if record.n_giants else 0.0
    ratios = np.array([entry, record.mean**2 * record.n_cols / record.variance]) / np.sqrt(record.aspect)
    return bool((abs(ratios - 1) > 3 * record.n_cols ** (-1 / 3)).all()) and record.n_giants <= 2


def panels(record: ShuffleDraws, theory: bool) -> tuple[Panel, ...]:
    """Spectra, histogram of the entries, and the place of the traps over both causes."""
    return panels_of(record, theory, sentence(record))


def sentence(record: ShuffleDraws) -> str:
    """How many traps there are and how many were foretold, and what became of the largest eigenvalue."""
    found = mean_and_error(record.counts)[0]
    foretold = record.prediction.eigenvalues
    at = f", at {', '.join(map(number, foretold))}" if foretold else ""
    before, after = record.own[-1], record.eigenvalues[:, -1].mean()
    return (
        f"{plural(record.n_draws, 'shuffle')} of {record.n_rows} × {record.n_cols}: {number(found)} found and "
        f"{len(foretold)} foretold from the histogram{at} (traps a shuffle). The largest eigenvalue is "
        f"{number(float(before))} before and {number(float(after))} after."
    )


def caveat(record: ShuffleDraws) -> str:
    """Where the prediction is rough, and what lies beyond the axis."""
    words = [record.prediction.caveat] if record.prediction.caveat else []
    if not _is_clear(record):
        words.append(
            "A cause is near its threshold or there are several giants: the count varies from shuffle to shuffle."
        )
    if len(record.prediction.eigenvalues) > 1:
        words.append("Several causes overlap a little in a small matrix, which pushes their traps apart.")
    if record.n_draws < 2:
        words.append("One shuffle has no standard error.")
    n_beyond = int((record.eigenvalues > highest(record)).sum() + (record.own > highest(record)).sum())
    if n_beyond:
        words.append(f"{plural(n_beyond, 'eigenvalue')} beyond the axis.")
    return " ".join(words)


LAB = Lab(
    name="shuffle",
    title="Shuffle: what is left of a layer",
    order=4,
    text=(
        "Shuffle all entries of a matrix. Rows, columns, correlations and every learned direction are gone; the "
        "histogram of entries is kept, each entry used once. So the shuffled spectrum should be that of noise; what "
        "stands out of it, a trap, is made by the histogram alone.\n\n"
        "Two things do it. One entry is a rank-one matrix of strength θ² = a²/(Nσ²), so it leaves the bulk at "
        "a = σ(NM)^¼. A mean offset μ is one of strength θ² = μ²M/σ², so it does at μ = σ(NM)^−¼. Both can be read "
        "off the histogram, without a shuffle and without an eigenvalue."
    ),
    look_for=(
        "The signal's eigenvalue (blue) vanishes with the shuffle, whatever its strength. Drag the grey line: the "
        "trap of the entry stays in the bulk up to (NM)^¼, then leaves it along the curve, while the trap of the "
        "mean stands still. Put the mean to 0 and it is gone. Then take several giants."
    ),
    question=(
        "A giant of 30 deviations makes a trap. You cut it into four entries of 15 deviations, which have the same "
        "energy. What happens to the trap in a 200 × 100 matrix, and in a 400 × 400 one?"
    ),
    answer=(
        "Energy is not what counts: every entry must pass (NM)^¼ by itself, as a shuffle scatters the four. At "
        "200 × 100 that is 11.9 deviations: one trap near 6.2 becomes four that are foretold near 3.1, so close to the "
        "edge that a shuffle shows about two of them. At 400 × 400 it is 20: the trap goes, and none replaces it."
    ),
    dials=(
        dial("entry", "Giant entry a", 26.0, 0.0, GREATEST_ENTRY, 0.5, help="Its value in deviations σ of the noise."),
        dial("n_giants", "Number of giants", 1, 0, 12, whole=True, help="All of the same size."),
        dial("mean", "Mean offset μ", 0.14, 0.0, GREATEST_MEAN, 0.005, help="Added to every entry, in deviations."),
        dial("strength", "Signal strength θ²", 3.0, 0.0, 6.0, 0.1, help="Of a direction planted before the shuffle."),
        dial("n_rows", "Rows N", 200, 60, 400, whole=True, grid="log", help="The long side of the matrix."),
        dial("aspect", "Shape y = M/N", 0.5, 0.1, 1.0, 0.05, help="Columns over rows; 1 is a square."),
        dial("n_draws", "Shuffles", 40, 1, 200, whole=True, grid="log", help="Of one and the same matrix."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="entry",
    examples=({"mean": 0.0, "entry": 25.0}, {"n_giants": 0, "mean": 0.25, "aspect": 1.0}, {"entry": 3.0, "mean": 0.0}),
)
