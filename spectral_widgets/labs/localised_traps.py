"""Of lab 6: one giant entry and one small offset of all entries make the same eigenvalue, and opposite vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..records.lab import LabFact
from ..records.text import number, plural
from ..rmt import (
    GOE_RATIO,
    TW_MEAN,
    edge_scaling,
    outlier_eigenvalue,
    overlap_squared,
    peaked_inverse_participation,
    porter_thomas_participation,
    spacing_ratios,
    spread_inverse_participation,
)
from ..spectra.decompose import gram_of
from .lab import Values
from .sampling import gram_work, grow_steps, mean_and_error, stream

ASPECT = 0.5
KINDS = ("giant entry", "mean offset")


@dataclass(frozen=True, eq=False)
class TrapDraws:
    """Noise alone and with each of two rank-one traps of one strength, in units of the threshold.

    ``levels`` ``(n_draws, n_cols)`` and ``inverse`` ``Σ v⁴`` of the noise; ``tops`` ``(n_draws, 2)`` the largest
    eigenvalue with the giant entry and with the offset, ``vectors`` ``(n_draws, 2, n_cols)`` its vectors, turned
    towards the trap, and ``own`` ``(n_draws, n_cols)`` one vector of the bulk of each draw.
    """

    system: ClassVar[str] = "traps"
    strength: float
    n_cols: int
    levels: np.ndarray
    inverse: np.ndarray
    tops: np.ndarray
    vectors: np.ndarray
    own: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.levels)

    @property
    def strength_squared(self) -> float:
        """``θ²``, the strength times its threshold ``√y``."""
        return self.strength * float(np.sqrt(ASPECT))

    @property
    def overlap(self) -> float:
        """Squared overlap of a trap's vector with its cause in an infinite matrix."""
        return float(overlap_squared(self.strength_squared, ASPECT)[1])

    @property
    def trap_inverse(self) -> np.ndarray:
        """``Σ v⁴`` of the two traps, ``(n_draws, 2)``."""
        return (self.vectors**4).sum(axis=2)


def draw_steps(values: Values, seed: int) -> Iterator[TrapDraws]:
    """Growing numbers of noise matrices ``2n × n``, each decomposed alone and with either trap."""
    n_cols, strength = values["size"], values["strength"]

    def one(draw: int) -> tuple[np.ndarray, ...]:
        return _one(n_cols, strength * np.sqrt(ASPECT), stream(seed, draw))

    for drawn in grow_steps(one, values["n_draws"], 9 * gram_work(round(n_cols / ASPECT), n_cols)):
        yield TrapDraws(strength, n_cols, *(np.array(part) for part in zip(*drawn, strict=True)))


def _one(n_cols: int, strength_squared: float, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Levels and ``Σ v⁴`` of the noise, largest eigenvalues and vectors of the traps, one vector of the bulk."""
    n_rows = round(n_cols / ASPECT)
    noise = rng.standard_normal((n_rows, n_cols))
    row, column = int(rng.integers(n_rows)), int(rng.integers(n_cols))
    levels, vectors = np.linalg.eigh(gram_of(noise))
    giant = noise.copy()
    giant[row, column] += np.sqrt(n_rows * strength_squared)
    offset = noise + np.sqrt(strength_squared / n_cols)
    found = [np.linalg.eigh(gram_of(one)) for one in (giant, offset)]
    tops = np.array([eigenvalues[-1] for eigenvalues, _ in found])
    peaked, spread = (vectors[:, -1] for _, vectors in found)
    # The peak is rolled to the first place, so that it can be told from the rest.
    turned = np.array([np.roll(peaked, -column) * _sign(peaked[column]), spread * _sign(spread.sum())])
    return levels, (vectors**4).sum(axis=0), tops, turned, vectors[:, n_cols // 2]


def _sign(value: float) -> float:
    return -1.0 if value < 0 else 1.0


def expected_top(record: TrapDraws) -> float:
    """Where both traps stand: the outlier, or the edge of noise at this size while they drown."""
    if record.strength > 1:
        return float(outlier_eigenvalue(record.strength_squared, ASPECT))
    centre, width = edge_scaling(round(record.n_cols / ASPECT), record.n_cols)
    return centre + TW_MEAN * width


def facts(record: TrapDraws) -> list[LabFact]:
    """The same eigenvalue twice, the opposite participation, and the two textbook numbers of the noise."""
    far = abs(record.strength - 1) > 3 * record.n_cols ** (-1 / 3)
    seen = far and record.strength > 1
    place = "Theory is the same for both: (1 + θ²)(y + θ²)/θ² beyond the threshold, the edge of noise before it."
    made = [
        LabFact(f"eigenvalue, {name}", *mean_and_error(tops), expected_top(record), place, checked=far)
        for name, tops in zip(KINDS, record.tops.T, strict=True)
    ]
    sums = (peaked_inverse_participation, spread_inverse_participation)
    for name, inverse, theory in zip(KINDS, record.trap_inverse.T, sums, strict=True):
        text = "Σ v⁴, one over the participation ratio. Theory takes the overlap of an infinite matrix."
        expected = theory(record.overlap, record.n_cols)
        made.append(LabFact(f"Σ v⁴, {name}", *mean_and_error(inverse), expected, text, checked=seen))
    known = 1 / porter_thomas_participation(record.n_cols)
    text = "Porter and Thomas: 3/(n + 2), exact for normal noise."
    made.append(LabFact("Σ v⁴, noise", *mean_and_error(record.inverse.mean(axis=1)), known, text, checked=True))
    text = "Mean of smaller over larger of two neighbouring gaps; theory is that of a large matrix of the GOE."
    spacing = [spacing_ratios(levels).mean() for levels in record.levels]
    return [
        *made,
        LabFact("spacing ratio, noise", *mean_and_error(spacing), GOE_RATIO, text, checked=record.n_cols >= 100),
    ]


def sentence(record: TrapDraws) -> str:
    """Same eigenvalue, and how many columns carry each vector."""
    giant, offset = (1 / record.trap_inverse.mean(axis=0)).tolist()
    tops = record.tops.mean(axis=0).tolist()
    return (
        f"Over {plural(record.n_draws, 'draw')} at {number(record.strength)} times the threshold the giant entry makes "
        f"an eigenvalue of {number(tops[0])}, the mean offset one of {number(tops[1])}; {number(giant)} of "
        f"{record.n_cols} columns take part in the vector of the first, {number(offset)} in that of the second."
    )


def caveat(record: TrapDraws) -> str:
    """What is beyond an axis, and strengths at which there is no trap."""
    words = ["One draw has no standard error."] if record.n_draws < 2 else []
    if record.strength <= 1:
        words.append("At this strength both traps drown in the noise, and their vectors are noise as well.")
    else:
        peak = np.sqrt(record.n_cols) * record.vectors[:, 0, 0].mean()
        if peak > 4:
            words.append(f"The one large component of the giant entry's vector, at {number(peak)}, is beyond the axis.")
    return " ".join(words)
