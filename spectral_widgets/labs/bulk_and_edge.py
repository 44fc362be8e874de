"""Lab 1: noise of any kind of entry has one spectrum, unless its tail is too heavy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, intervals, rule
from ..records.lab import LabFact
from ..records.setting import choice, dial
from ..records.text import number, percent, plural
from ..rmt import TW_MEAN, edge_scaling, kurtosis_shift, mp_edges, mp_median
from ..spectra.decompose import eigenvalues_of
from .entries import ENTRY_LAWS, entries_of, has_variance, kurtosis_of
from .lab import Lab, Values
from .overlays import EIGENVALUE, PER_UNIT, mp_height, mp_layers, spectrum_bars
from .sampling import gram_work, grow_steps, mean_and_error, stream

_ROOM = 1.25
_QUANTITIES = ("mean", "second moment", "third moment", "median", "largest")


@dataclass(frozen=True, eq=False)
class BulkDraws:
    """Eigenvalues ``(n_draws, n_cols)`` of ``WᵀW / n_rows`` for independent entries of one law."""

    law: str
    degrees: float
    deviation: float
    n_rows: int
    n_cols: int
    eigenvalues: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.eigenvalues)

    @property
    def aspect(self) -> float:
        return self.n_cols / self.n_rows

    @property
    def variance(self) -> float:
        """Of an entry; ``nan`` where the law has none."""
        return self.deviation**2 if has_variance(self.law, self.degrees) else float("nan")


def draw_steps(values: Values, seed: int) -> Iterator[BulkDraws]:
    """Growing numbers of matrices, each from a stream of its own."""
    n_rows, law, degrees = values["n_rows"], values["law"], values["degrees"]
    n_cols = max(2, round(values["aspect"] * n_rows))

    def one(draw: int) -> np.ndarray:
        entries = entries_of(law, (n_rows, n_cols), stream(seed, draw), degrees)
        return eigenvalues_of(values["deviation"] * entries)

    for drawn in grow_steps(one, values["n_draws"], gram_work(n_rows, n_cols)):
        yield BulkDraws(law, degrees, values["deviation"], n_rows, n_cols, np.array(drawn))


def measured(record: BulkDraws) -> dict[str, np.ndarray]:
    """Each quantity, one value a draw."""
    eigenvalues = record.eigenvalues
    moments = {name: (eigenvalues**power).mean(axis=1) for power, name in enumerate(_QUANTITIES[:3], start=1)}
    return moments | {"median": np.median(eigenvalues, axis=1), "largest": eigenvalues[:, -1]}


def limits(record: BulkDraws) -> dict[str, float]:
    """The same quantities of an infinitely large matrix of this shape: ``1, 1 + y, 1 + 3y + y²`` times ``σ²ᵏ``, …"""
    y, variance = record.aspect, record.variance
    if not np.isfinite(variance):
        return dict.fromkeys(_QUANTITIES, float("nan"))
    moments = (variance, variance**2 * (1 + y), variance**3 * (1 + 3 * y + y**2))
    return dict(zip(_QUANTITIES, (*moments, variance * mp_median(y), mp_edges(y, variance)[1]), strict=True))


def at_this_size(record: BulkDraws) -> dict[str, float]:
    """What is known at this size: the first two moments exactly, the largest by Tracy–Widom; where entries allow it.

    ``E[λ] = σ²`` and ``E[λ²] = σ⁴ (1 + (κ − 1)/N + (M − 1)/N)`` with the fourth moment ``κ σ⁴`` of an entry.
    """
    variance, kurtosis = record.variance, kurtosis_of(record.law, record.degrees)
    if not np.isfinite(kurtosis):
        return {"mean": variance}
    n_rows, n_cols = record.n_rows, record.n_cols
    centre, width = edge_scaling(n_rows, n_cols)
    shift = kurtosis_shift(n_rows, n_cols, kurtosis - 3)
    return {
        "mean": variance,
        "second moment": variance**2 * (1 + (kurtosis - 1) / n_rows + (n_cols - 1) / n_rows),
        "largest": variance * (centre + shift + TW_MEAN * width),
    }


def facts(record: BulkDraws) -> list[LabFact]:
    """Every quantity beside what is known at this size, or else beside its limit."""
    limit, finite = limits(record), at_this_size(record)
    return [_fact(record, name, values, limit[name], finite) for name, values in measured(record).items()]


def _fact(record: BulkDraws, name: str, values: np.ndarray, limit: float, finite: dict[str, float]) -> LabFact:
    mean, error = mean_and_error(values)
    source = "of this size" if name in finite else "of an infinite matrix"
    # Errors need moments twice as high; the edge law is of second order for normal entries only.
    exact = name in finite and kurtosis_of(record.law, record.degrees) <= 6
    checked = exact and (name != "largest" or record.law == "normal")
    label = {"largest": "largest eigenvalue", "median": "median eigenvalue", "mean": "mean eigenvalue"}.get(name, name)
    return LabFact(label, mean, error, finite.get(name, limit), f"Theory is that {source}.", checked)


def panels(record: BulkDraws, theory: bool) -> tuple[Panel, ...]:
    """The spectrum, and each quantity over its value in an infinite matrix."""
    return (_spectrum(record, theory), *([_ratios(record, theory)] if np.isfinite(record.variance) else []))


def _spectrum(record: BulkDraws, theory: bool) -> Panel:
    scale = record.deviation**2
    window = (0.0, _ROOM * mp_edges(record.aspect, scale)[1])
    found = spectrum_bars(record.eigenvalues, window)
    tallest = float(found.columns["y"][1:].max(initial=0.0))
    top = max(1.3 * mp_height(record.aspect, scale, window), 1.05 * tallest)
    over = mp_layers(record.aspect, scale) if theory and np.isfinite(record.variance) else ()
    return Panel((found, *over), EIGENVALUE, PER_UNIT, sentence(record), x_range=window, y_range=(0.0, top))


def _ratios(record: BulkDraws, theory: bool) -> Panel:
    limit = limits(record)
    made = {name: np.array(mean_and_error(values)) / limit[name] for name, values in measured(record).items()}
    middle = np.array([one[0] for one in made.values()])
    error = 2 * np.nan_to_num([one[1] for one in made.values()])
    layers: list[Layer] = [rule("infinite matrix", x=1.0, dye=theme.SHUFFLED)] if theory else []
    layers.append(intervals("simulated, ± 2 s.e.", list(made), middle, np.maximum(middle - error, 0), middle + error))
    if theory:
        known = {name: value / limit[name] for name, value in at_this_size(record).items()}
        places = list(known.values())
        layers.append(intervals("theory of this size", list(known), places, places, places, dye=theme.NULL))
    words = f"Moments, median and largest eigenvalue over those of an infinite matrix: {_list(middle)}."
    return Panel(tuple(layers), "over the value of an infinite matrix", "", words, height=200, x_range=(0.9, 1.1))


def _list(ratios: np.ndarray) -> str:
    return ", ".join(f"{name} {number(ratio)}" for name, ratio in zip(_QUANTITIES, ratios.tolist(), strict=True))


def sentence(record: BulkDraws) -> str:
    """How much lies within the edges, and where the largest stands."""
    shape = f"{plural(record.n_draws, 'matrix', 'matrices')} of {record.n_rows} × {record.n_cols}"
    law = ENTRY_LAWS[record.law] + (f" (ν = {number(record.degrees)})" if record.law == "student" else "")
    largest = number(mean_and_error(record.eigenvalues[:, -1])[0])
    start = f"{shape}, entries {law}: the largest eigenvalue is {largest} on average"
    if not np.isfinite(record.variance):
        return f"{start}, and no Marchenko–Pastur law holds."
    low, high = mp_edges(record.aspect, record.variance)
    within = float(((record.eigenvalues >= low) & (record.eigenvalues <= high)).mean())
    return f"{start}, the edge {number(high)}; {percent(within)} lie between the edges."


def caveat(record: BulkDraws) -> str:
    """What the chart leaves out, and where the law has no variance."""
    window = _ROOM * mp_edges(record.aspect, record.deviation**2)[1]
    n_beyond = int((record.eigenvalues > window).sum())
    words = []
    if not np.isfinite(record.variance):
        words.append("Entries with ν ≤ 2 have no variance, so the law has no width to take: there is no theory here.")
    if record.n_draws < 2:
        words.append("One draw has no standard error.")
    if n_beyond:
        words.append(f"{plural(n_beyond, 'eigenvalue')} beyond the axis.")
    return " ".join(words)


LAB = Lab(
    name="bulk-and-edge",
    title="Bulk and edge",
    order=1,
    text=(
        "Fill an N × M matrix W with independent entries of mean 0 and variance σ². The eigenvalues of WᵀW/N do not "
        "scatter at will: as the matrix grows they fill one interval, from σ²(1 − √y)² to σ²(1 + √y)² with "
        "y = M/N, and follow the Marchenko–Pastur law inside it.\n\n"
        "Nothing but the variance of the entries and the shape of the matrix is left of how it was made, as long as "
        "the entries have a fourth moment."
    ),
    look_for=(
        "Let N grow: the bars settle on the curve and the largest eigenvalue on the edge. Change the entries from "
        "normal to coin tosses: nothing moves. Then take Student t and lower ν: first single eigenvalues leave "
        "the bulk, then the law is gone."
    ),
    question=(
        "At N = 20 the largest eigenvalue lies below the edge on average, although single draws lie above it. "
        "Why, and how fast does the gap close?"
    ),
    answer=(
        "The largest of M eigenvalues strays around the edge by the Tracy–Widom law, whose mean is −1.21 widths: it "
        "sits inside. The width shrinks as N^(−2/3), so the gap does too: eight times the rows close three quarters "
        "of it. The orange dot of the second chart follows it."
    ),
    dials=(
        dial("n_rows", "Rows N", 300, 20, 1000, whole=True, grid="log", help="The long side of the matrix."),
        dial("aspect", "Shape y = M/N", 0.5, 0.05, 1.0, 0.05, help="Columns over rows; 1 is a square."),
        dial("deviation", "Deviation σ", 1.0, 0.1, 3.0, 0.1, help="Standard deviation of an entry."),
        choice("law", "Entries", ENTRY_LAWS, "normal", help="The law that every entry is drawn from."),
        dial("degrees", "Degrees of freedom ν", 3.0, 1.0, 12.0, 0.5, help="Of Student t: fewer are heavier."),
        dial("n_draws", "Draws", 40, 1, 200, whole=True, grid="log", help="Matrices that are drawn and pooled."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="n_rows",
    examples=({"law": "signs"}, {"law": "laplace", "n_rows": 100, "aspect": 1.0}, {"n_rows": 50, "deviation": 2.0}),
)
