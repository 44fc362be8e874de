"""Lab 9: the semicircle of symmetric noise, the circle of the rest, and what a band of entries changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import choice, dial
from ..records.text import number, percent, plural
from ..rmt import (
    GOE_RATIO,
    expected_real_eigenvalues,
    porter_thomas_participation,
    spacing_ratios,
    wigner_fourth_moment,
)
from .entries import ENTRY_LAWS, entries_of, kurtosis_of
from .lab import Lab, Values
from .sampling import grow_steps, mean_and_error, stream
from .wigner_circle_picture import panels_of

_SYMMETRIES = {"symmetric": "symmetric: semicircle", "free": "none: circle"}
_LAWS = {key: words for key, words in ENTRY_LAWS.items() if key != "student"}
_WIDEST = 200


@dataclass(frozen=True, eq=False)
class SquareDraws:
    """Eigenvalues ``(n_draws, n)`` of square noise with ``n_in_row`` entries in each row and column, of variance
    ``1/n_in_row``; real where the matrix is symmetric. ``participation`` is that of the vectors, ``nan`` without
    symmetry; ``sample`` ``(n, n)`` the first matrix.
    """

    is_symmetric: bool
    law: str
    n: int
    bandwidth: int
    eigenvalues: np.ndarray
    participation: np.ndarray
    sample: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.eigenvalues)

    @property
    def n_in_row(self) -> int:
        return entries_in_row(self.n, self.bandwidth)

    @property
    def is_full(self) -> bool:
        return self.n_in_row == self.n

    @property
    def n_real(self) -> np.ndarray:
        """Real eigenvalues of each draw; LAPACK gives them without any imaginary part."""
        return (self.eigenvalues.imag == 0).sum(axis=1)


def entries_in_row(n: int, bandwidth: int) -> int:
    """Entries within the bandwidth to both sides of the diagonal on a ring of ``n`` places, all of them at most."""
    return min(2 * bandwidth + 1, n)


def draw_steps(values: Values, seed: int) -> Iterator[SquareDraws]:
    """Growing numbers of square matrices."""
    n, bandwidth, law = values["n"], values["bandwidth"], values["law"]
    is_symmetric = values["symmetry"] == "symmetric"

    def one(draw: int) -> tuple[np.ndarray, ...]:
        matrix = banded(n, bandwidth, law, is_symmetric, stream(seed, draw))
        if not is_symmetric:
            return np.linalg.eigvals(matrix).astype(complex), np.full(n, np.nan), matrix
        eigenvalues, vectors = np.linalg.eigh(matrix)
        return eigenvalues, 1 / (vectors**4).sum(axis=0), matrix

    for drawn in grow_steps(one, values["n_draws"], (8 if is_symmetric else 25) * n**3):
        eigenvalues, participation, matrices = zip(*drawn, strict=True)
        parts = (np.array(eigenvalues), np.array(participation), matrices[0])
        yield SquareDraws(is_symmetric, law, n, bandwidth, *parts)


def banded(n: int, bandwidth: int, law: str, is_symmetric: bool, rng: np.random.Generator) -> np.ndarray:
    """A noise matrix whose entries stop ``bandwidth`` places from the diagonal, on a ring so that all rows are "
    "alike."""
    entries = entries_of(law, (n, n), rng)
    if is_symmetric:
        entries = np.triu(entries) + np.triu(entries, 1).T
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    kept = np.minimum(apart, n - apart) <= bandwidth
    return np.where(kept, entries, 0.0) / np.sqrt(entries_in_row(n, bandwidth))


def facts(record: SquareDraws) -> list[LabFact]:
    """Moments, spacing and participation of symmetric matrices; the disc and the real line of the others."""
    return _symmetric(record) if record.is_symmetric else _free(record)


def _symmetric(record: SquareDraws) -> list[LabFact]:
    eigenvalues = record.eigenvalues
    spacing = [spacing_ratios(levels).mean() for levels in eigenvalues]
    fourth = wigner_fourth_moment(record.n_in_row, kurtosis_of(record.law))
    inverse = (1 / record.participation).mean(axis=1)
    spread = "One over the participation ratio, averaged over all vectors."
    goe = "Theory is that of a full noise matrix whose vectors are spread over all places."
    return [
        LabFact(
            "second moment", *mean_and_error((eigenvalues**2).mean(axis=1)), 1.0, "Exact at any size.", checked=True
        ),
        LabFact(
            "fourth moment",
            *mean_and_error((eigenvalues**4).mean(axis=1)),
            fourth,
            "Theory is 2 + (κ − 2)/w, exact, with w entries in a row of kurtosis κ; the semicircle has 2.",
            checked=True,
        ),
        LabFact(
            "largest eigenvalue", *mean_and_error(eigenvalues[:, -1]), 2.0, "Theory is that of an infinite matrix."
        ),
        LabFact("spacing ratio", *mean_and_error(spacing), GOE_RATIO, goe, checked=record.is_full and record.n >= 100),
        LabFact("Σ v⁴", *mean_and_error(inverse), 1 / porter_thomas_participation(record.n), f"{spread} {goe}"),
    ]


def _free(record: SquareDraws) -> list[LabFact]:
    sizes = np.abs(record.eigenvalues)
    is_exact = record.is_full and record.law == "normal"
    real = "Exact for a full matrix of normal entries (Edelman, Kostlan and Shub), about √(2n/π)."
    infinite = "Theory is that of an infinite matrix."
    return [
        LabFact(
            "real eigenvalues",
            *mean_and_error(record.n_real),
            expected_real_eigenvalues(record.n),
            real,
            checked=is_exact,
        ),
        LabFact("share within radius ½", *mean_and_error((sizes < 0.5).mean(axis=1)), 0.25, infinite),
        LabFact("share within radius 1", *mean_and_error((sizes < 1).mean(axis=1)), 1.0, infinite),
        LabFact("largest |λ|", *mean_and_error(sizes.max(axis=1)), 1.0, infinite),
    ]


def panels(record: SquareDraws, theory: bool) -> tuple[Panel, ...]:
    """Spectrum, the matrix itself, and what tells a band from a full matrix."""
    return panels_of(record, theory, sentence(record))


def sentence(record: SquareDraws) -> str:
    """The law, and the vectors or the real eigenvalues."""
    kind = "full" if record.is_full else f"banded ({record.n_in_row} of {record.n} entries in a row)"
    start = f"Over {plural(record.n_draws, f'{kind} matrix', f'{kind} matrices')} of {record.n} × {record.n}"
    if record.is_symmetric:
        within = percent(float((np.abs(record.eigenvalues) <= 2).mean()))
        carried = number(float(record.participation.mean()))
        return (
            f"{start}, symmetric, {within} of the eigenvalues lie within the semicircle's ±2, and {carried} places "
            f"carry a vector on average, against {number(porter_thomas_participation(record.n))} in full noise."
        )
    within = percent(float((np.abs(record.eigenvalues) <= 1).mean()))
    real = number(float(record.n_real.mean()))
    return f"{start}, without symmetry, {within} of the eigenvalues lie in the unit disc and {real} of them are real."


def caveat(record: SquareDraws) -> str:
    """Where the bands are too narrow for the laws, and what is not of this size."""
    words = ["One draw has no standard error."] if record.n_draws < 2 else []
    if record.n_in_row < 10:
        words.append("So few entries in a row are no sum of many: the laws hold for wide bands only.")
    if record.is_symmetric and not record.is_full:
        words.append("Spacing and participation are compared with a full matrix, from which a narrow band departs.")
    return " ".join(words)


LAB = Lab(
    name="wigner-circle",
    title="Wigner and circular laws, band matrices",
    order=9,
    text=(
        "Square noise with entries of variance 1/n. Made symmetric, it has real eigenvalues that follow the semicircle "
        "√(4 − x²)/2π (Wigner). Left as it is, they fill the unit disc of the complex plane evenly (Ginibre, Girko), "
        "and only about √(2n/π) of them are real.\n\n"
        "Then keep only the entries within b places of the diagonal, on a ring, and scale so that every row keeps the "
        "variance one. The densities do not mind as long as many entries are left in a row. The vectors do: a wave has "
        "to pass on from neighbour to neighbour, and stays within about b² places."
    ),
    look_for=(
        "Lower the bandwidth from 200: the semicircle stays until a few entries are left, but the participation falls "
        "and the gaps turn from the law of repelling levels to that of independent ones. This happens a little below b "
        "= √n, 14 at n = 200. Then drop the symmetry: the disc is even out to its edge, and the real eigenvalues stand "
        "out."
    ),
    question=(
        "A histogram of eigenvalues agrees with the semicircle to the last bar. May one conclude that all entries of "
        "the matrix are independent noise?"
    ),
    answer=(
        "No. A band of 21 entries in a row of 200 has a fourth moment of 2.05 against 2, which no histogram shows, "
        "yet nine tenths of the entries are zero and the vectors are not those of noise. The density knows only the "
        "variance of the rows; structure shows in vectors and gaps."
    ),
    dials=(
        choice("symmetry", "Symmetry", _SYMMETRIES, "symmetric", help="Whether entry (i, j) is also entry (j, i)."),
        dial("n", "Size n", 200, 20, 400, whole=True, grid="log", help="Rows and columns."),
        dial(
            "bandwidth",
            "Bandwidth b",
            _WIDEST,
            1,
            _WIDEST,
            whole=True,
            grid="log",
            help="Entries kept to each side of the diagonal, on a ring; from n/2 on the matrix is full.",
        ),
        choice("law", "Entries", _LAWS, "normal", help="The law that every entry is drawn from."),
        dial("n_draws", "Draws", 20, 1, 100, whole=True, grid="log", help="Matrices that are drawn and pooled."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="bandwidth",
    examples=(
        {"bandwidth": 5},
        {"law": "signs", "n": 50, "bandwidth": 3},
        {"symmetry": "free", "n": 60, "n_draws": 100},
    ),
)
