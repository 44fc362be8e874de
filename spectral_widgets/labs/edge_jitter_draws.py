"""The draws of lab 2: largest eigenvalues of noise at several sizes, their scalings, and two thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..rmt import edge_scaling, kurtosis_shift, kurtosis_widening, mp_edges, tw_quantile
from ..spectra.weightwatcher import published_margin
from .entries import entries_of, kurtosis_of
from .lab import Values
from .sampling import gram_work, grow_steps, stream

FIELDS = {"real": "real", "complex": "complex"}
SCALINGS = {
    "none": "none: λ as it is",
    "limit": "first order: N and M",
    "johnstone": "Johnstone: N − 1 and M",
    "second": "second order: N − ½ and M − ½",
}
_SHARES = (0.125, 0.25, 0.5, 1.0)
#: The share of noise that a fair threshold lets pass.
LEVEL = 0.01


@dataclass(frozen=True, eq=False)
class EdgeDraws:
    """Largest eigenvalues ``(n_draws, sizes)`` of ``WᴴW / n_rows`` for the corner blocks of these shapes, last the
    whole; ``observed`` is a value in question, in widths from the centre.
    """

    field: str
    law: str
    scaling: str
    observed: float
    shapes: tuple[tuple[int, int], ...]
    largest: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.largest)

    @property
    def shape(self) -> tuple[int, int]:
        return self.shapes[-1]

    @property
    def beta(self) -> int:
        return 2 if self.field == "complex" else 1


def draw_steps(values: Values, seed: int) -> Iterator[EdgeDraws]:
    """Growing numbers of matrices, each from a stream of its own; its corners are the smaller sizes."""
    field, law, n_rows = values["field"], values["law"], values["n_rows"]
    sides = [max(round(share * n_rows), 4) for share in _SHARES]
    shapes = tuple((rows, max(2, round(values["aspect"] * rows))) for rows in sides)

    def one(draw: int) -> list[float]:
        rng = stream(seed, draw)
        entries = entries_of(law, shapes[-1], rng)
        if field == "complex":
            entries = (entries + 1j * entries_of(law, shapes[-1], rng)) / np.sqrt(2)
        return [largest_of(entries[:rows, :cols]) for rows, cols in shapes]

    work = gram_work(*shapes[-1]) * (4 if field == "complex" else 1)
    for drawn in grow_steps(one, values["n_draws"], work):
        yield EdgeDraws(field, law, values["scaling"], values["observed"], shapes, np.array(drawn))


def largest_of(values: np.ndarray) -> float:
    """Largest eigenvalue of ``WᴴW / n_rows``."""
    return float(np.linalg.eigvalsh(values.conj().T @ values)[-1]) / len(values)


def scaling_of(record: EdgeDraws, shape: tuple[int, int], scaling: str = "") -> tuple[float, float]:
    """Centre and width that a scaling takes off a largest eigenvalue; without one they are 0 and 1.

    Complex entries are of second order with ``N`` and ``M`` as they are.
    """
    scaling = scaling or record.scaling
    n_rows, n_cols = shape
    if scaling == "none":
        return 0.0, 1.0
    if scaling == "second" and record.beta == 1:
        centre, width = edge_scaling(n_rows, n_cols)
        excess = kurtosis_of(record.law) - 3
        return centre + kurtosis_shift(n_rows, n_cols, excess), width * kurtosis_widening(n_rows, n_cols, excess)
    a, b = np.sqrt(n_rows - (scaling == "johnstone")), np.sqrt(n_cols)
    return float((a + b) ** 2 / n_rows), float((a + b) * (1 / a + 1 / b) ** (1 / 3) / n_rows)


def square_root_threshold(shape: tuple[int, int]) -> float:
    """Eigenvalue beyond which the published rule sees a trap, for entries of variance one."""
    aspect = shape[1] / shape[0]
    edge = mp_edges(aspect)[1]
    return edge + published_margin(edge, aspect, shape[1])


def fair_threshold(record: EdgeDraws, shape: tuple[int, int]) -> float:
    """Eigenvalue that noise exceeds with a chance of one in a hundred, by Tracy–Widom."""
    centre, width = scaling_of(record, shape, "second")
    return centre + width * tw_quantile(1 - LEVEL, record.beta)


def widths_of(record: EdgeDraws, eigenvalue: float) -> float:
    """An eigenvalue of the whole matrix in widths from the centre, of second order."""
    centre, width = scaling_of(record, record.shape, "second")
    return (eigenvalue - centre) / width


def observed_eigenvalue(record: EdgeDraws) -> float:
    """The value in question as an eigenvalue."""
    centre, width = scaling_of(record, record.shape, "second")
    return centre + width * record.observed
