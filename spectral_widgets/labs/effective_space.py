"""Lab 10: the tail whose eigenvalues multiply to one, found by dragging a line until two areas cancel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..charts.plot import Panel
from ..records import Spectrum
from ..records.lab import LabFact
from ..records.setting import dial
from ..records.text import number, percent, plural, signed
from ..rmt import mp_edges
from ..spectra.decompose import eigenvalues_of
from ..spectra.erg import erg_cut
from .effective_space_picture import LINES, panels_of
from .lab import Lab, Values
from .sampling import gram_work, grow_steps, mean_and_error, stream
from .tailed_noise import TailedNoise

_LIGHT_TAIL = 5.0


@dataclass(frozen=True, eq=False)
class TailDraws:
    """Spectra in units of their mean eigenvalue, ``(n_draws, n_cols)`` ascending: noise with a power law on top.

    ``lines`` are the places of the two lines; ``cuts`` ``(n_draws, 3)`` hold where the product is one, the share of the
    eigenvalues from there on, and the gap from there to the fitted power law.
    """

    law: TailedNoise
    lines: tuple[float, float]
    eigenvalues: np.ndarray
    cuts: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.eigenvalues)

    def log_areas(self, place: float) -> np.ndarray:
        """Sum of ``ln λ`` over ``n_cols`` from a place on, left and right of 1, ``(n_draws, 2)``."""
        logs = np.log(np.maximum(self.eigenvalues, 1e-300))
        inside = np.where(self.eigenvalues >= place, logs, 0.0)
        return np.stack([np.minimum(inside, 0).mean(axis=1), np.maximum(inside, 0).mean(axis=1)], axis=1)


def draw_steps(values: Values, seed: int) -> Iterator[TailDraws]:
    """Growing numbers of spectra."""
    n_cols, aspect = values["n_cols"], values["aspect"]
    n_rows, n_tail = round(n_cols / aspect), round(values["share"] * n_cols)
    law = TailedNoise(n_cols / n_rows, values["alpha"], n_tail / n_cols)

    def one(draw: int) -> tuple[np.ndarray, tuple[float, float, float]]:
        rng = stream(seed, draw)
        body = rng.permutation(eigenvalues_of(rng.standard_normal((n_rows, n_cols))))[n_tail:]
        tail = mp_edges(law.aspect)[1] * (1 - rng.random(n_tail)) ** (-1 / (law.alpha - 1))
        eigenvalues = np.sort(np.concatenate([body, tail]))
        cut = erg_cut(Spectrum(eigenvalues, n_rows, n_cols, 1.0))
        return eigenvalues / eigenvalues.mean(), (cut.xmin, cut.n_tail / n_cols, cut.gap)

    for drawn in grow_steps(one, values["n_draws"], 1_000_000 + gram_work(n_rows, n_cols)):
        spectra, cuts = (np.array(part) for part in zip(*drawn, strict=True))
        yield TailDraws(law, (values["erg_line"], values["tail_line"]), spectra, cuts)


def facts(record: TailDraws) -> list[LabFact]:
    """The areas that the lines leave, and where they cancel."""
    law = record.law
    # Below, the mean eigenvalue of so few hangs on the largest of them.
    calm = law.share == 0 or law.alpha >= _LIGHT_TAIL
    made, scale = [], law.log_sum(1.0)
    for name, place in zip(LINES, record.lines, strict=True):
        areas = record.log_areas(place)
        known = law.log_sum(place)
        text = "Sum of ln λ over all eigenvalues from the line on, over their number M; zero where the areas cancel."
        found = mean_and_error(areas.sum(axis=1))
        made.append(LabFact(f"log-area, {name}", *found, known, text, checked=calm, scale=scale))
    cut = law.product_cut()
    place, share, gap = record.cuts.T
    # The eigenvalue at which the product drops below one counts, though only half of it is needed on average.
    half = 0.5 / record.eigenvalues.shape[1]
    finite = "Theory is that of infinitely many eigenvalues."
    start = mp_edges(law.aspect)[1] / law.mean if law.share else float("nan")
    text = "Start of the fitted power law less this cut, mean over draws. Theory takes the start that was planted."
    return [
        *made,
        LabFact("cut with product 1", *mean_and_error(place), cut, finite, checked=calm),
        LabFact("share in the space", *mean_and_error(share), law.tail_share(cut) + half, finite, checked=calm),
        LabFact("gap to the power law", *mean_and_error(gap), start - cut, text),
    ]


def panels(record: TailDraws, theory: bool) -> tuple[Panel, ...]:
    """The spectrum with both lines and its areas, the running sum, the balance of both lines."""
    return panels_of(record, theory, sentence(record))


def sentence(record: TailDraws) -> str:
    """What the first line leaves, and where the areas cancel."""
    areas = record.log_areas(record.lines[0]).mean(axis=0)
    place, share = float(record.cuts[:, 0].mean()), float(record.cuts[:, 1].mean())
    return (
        f"From the first line at {number(record.lines[0])} on, the log-areas are {number(float(areas[0]))} left of 1 "
        f"and {signed(float(areas[1]))} right of it over {plural(record.n_draws, 'draw')}; they cancel at "
        f"{number(place)}, with {percent(share)} of the eigenvalues in the space."
    )


def caveat(record: TailDraws) -> str:
    """Where theory is of an infinite spectrum, and what the condition does not test."""
    words = ["One draw has no standard error."] if record.n_draws < 2 else []
    if record.law.share == 0:
        words.append("There is no power law in this spectrum: the fitted one is noise, and its gap means nothing.")
    elif record.law.alpha < _LIGHT_TAIL:
        words.append("With so heavy a tail the mean eigenvalue hangs on the largest: finite spectra stray from theory.")
    return " ".join(words)


LAB = Lab(
    name="effective-space",
    title="Effective correlation space",
    order=10,
    text=(
        "SETOL takes a layer's effective correlation space to be the directions of its largest eigenvalues, as many as "
        "multiply to one when the mean eigenvalue is one: Σ ln λ = 0. On a logarithmic axis this is a balance: between "
        "the cut and λ = 1 the logarithms are negative, beyond 1 positive, and at the right cut the two areas "
        "cancel.\n\n"
        "The theory holds a layer to be ideal where this cut meets the start of its power-law tail, which it expects "
        "at α = 2. Here the spectrum is noise with a planted power law, so both places are known."
    ),
    look_for=(
        "Drag the purple line until the yellow and the green area are equal and the dot of the second chart stands on "
        "zero; then switch the theory on. Drag the pink line to where the power law starts. Change α, then the share "
        "of the tail: both move the distance between the lines."
    ),
    question="Does the cut with product one meet the start of the power law at α = 2, and only there?",
    answer=(
        "No. Where the areas cancel depends on the bulk below the tail as well. With infinitely many eigenvalues, 20 % "
        "of them tail, they meet at α = 2.1; with 90 % the cut is then four times the start, and in a pure power law "
        "it lies above the start for every α (at e^(−1/(α − 1)) of the mean, 1.2 times the start for α = 3). Even pure "
        "noise has a cut, with 81 % of its eigenvalues in the space at N/M = 2."
    ),
    dials=(
        dial(
            "erg_line",
            "First line (product)",
            0.6,
            0.05,
            5.0,
            grid="log",
            help="Where the space is cut, in units of the mean eigenvalue; drag the purple line.",
        ),
        dial(
            "tail_line",
            "Second line (power law)",
            3.0,
            0.05,
            5.0,
            grid="log",
            help="Where the power law starts, in the same units; drag the pink line.",
        ),
        dial(
            "alpha", "Exponent α of the tail", 5.0, 2.1, 8.0, 0.1, help="Density λ^(−α) from the edge of the noise on."
        ),
        dial("share", "Share of the tail", 0.2, 0.0, 1.0, 0.05, help="Eigenvalues that are of the power law."),
        dial("aspect", "Shape y = M/N", 0.5, 0.1, 1.0, 0.05, help="Of the noise below the tail."),
        dial("n_cols", "Eigenvalues M", 200, 50, 400, whole=True, grid="log", help="Columns of the matrix."),
        dial("n_draws", "Draws", 40, 1, 200, whole=True, grid="log", help="Spectra that are drawn."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="alpha",
    examples=(
        {"share": 0.0},
        {"share": 1.0, "alpha": 5.0, "n_cols": 400},
        {"erg_line": 0.3, "tail_line": 1.5, "alpha": 6.0},
    ),
)
