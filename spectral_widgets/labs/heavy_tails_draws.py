"""The draws of lab 7: matrices of heavy-tailed entries, and samples of a power law that are fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ..records import Spectrum
from ..rmt import mp_edges, outlier_eigenvalue, spectral_exponent, stable_tail, strength_of, student_survival
from ..rmt.hill import hill_estimate
from ..spectra.decompose import eigenvalues_of
from ..spectra.tails import MIN_EIGENVALUES, fit_tail
from .lab import Values
from .sampling import gram_work, grow_steps, stream

LAWS = {"student": "Student t", "pareto": "Pareto, both signs", "levy": "Lévy stable"}
#: The index from which a stable law is the normal one.
NORMAL = 2.0
_LENGTHS = (8, 16, 32, 64, 128, 256, 512)
_N_COUNTS = 40
# A scan of all starts costs about as much as this many multiplications.
_FIT_WORK = 1_000_000


@dataclass(frozen=True, eq=False)
class TailDraws:
    """Matrices whose entries have the tail exponent ``exponent``: eigenvalues ``(n_draws, n_cols)``, and the mean
    square of the first ``counts`` entries ``(n_draws, counts)``. Beside them samples of a power law of the exponent
    that such eigenvalues have, and what two fits make of its first ``lengths``: ``hill`` knows where the tail begins
    (here: at the smallest), ``scan`` looks for it; both ``(n_draws, lengths)``, ``nan`` where there are too few.
    """

    law: str
    exponent: float
    n_rows: int
    n_cols: int
    eigenvalues: np.ndarray
    counts: np.ndarray
    mean_squares: np.ndarray
    lengths: np.ndarray
    hill: np.ndarray
    scan: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.eigenvalues)

    @property
    def aspect(self) -> float:
        return self.n_cols / self.n_rows

    @property
    def alpha(self) -> float:
        """Exponent of the density of eigenvalues, ``1 + μ/2``."""
        return spectral_exponent(self.exponent)

    @property
    def variance(self) -> float:
        """Of an entry; infinite up to ``μ = 2``."""
        return variance_of(self.law, self.exponent)


def draw_steps(values: Values, seed: int) -> Iterator[TailDraws]:
    """Growing numbers of matrices and of samples of a power law."""
    law, exponent, n_rows = values["law"], values["exponent"], values["n_rows"]
    n_cols = max(4, round(values["aspect"] * n_rows))
    lengths = np.array([length for length in _LENGTHS if length <= values["longest"]])
    counts = np.unique(np.geomspace(1, n_rows * n_cols, _N_COUNTS).round().astype(int))

    def one(draw: int) -> tuple[np.ndarray, ...]:
        rng = stream(seed, draw)
        entries = entries_of(law, (n_rows, n_cols), exponent, rng)
        mean_squares = np.cumsum(np.square(entries).ravel())[counts - 1] / counts
        logs = rng.exponential(1 / (spectral_exponent(exponent) - 1), lengths[-1])
        fits = [fitted(logs[:length]) for length in lengths]
        return eigenvalues_of(entries), mean_squares, *np.array(fits).T

    for drawn in grow_steps(one, values["n_draws"], gram_work(n_rows, n_cols) + _FIT_WORK):
        eigenvalues, mean_squares, hill, scan = (np.array(part) for part in zip(*drawn, strict=True))
        yield TailDraws(law, exponent, n_rows, n_cols, eigenvalues, counts, mean_squares, lengths, hill, scan)


def fitted(logs: np.ndarray) -> tuple[float, float]:
    """Exponent of a sample of a power law, given as logarithms, by Hill over all of it and by the best start."""
    hill = hill_estimate(np.sort(logs))
    if len(logs) < MIN_EIGENVALUES:
        return hill, float("nan")
    values = np.sort(np.exp(logs))
    return hill, fit_tail(Spectrum(values, len(values), len(values), float(values.mean()))).alpha


def entries_of(law: str, shape: tuple[int, int], exponent: float, rng: np.random.Generator) -> np.ndarray:
    """Independent symmetric entries with this tail exponent, on the scale natural to the law."""
    if law == "student":
        return rng.standard_t(exponent, shape)
    if law == "pareto":
        return np.where(rng.random(shape) < 0.5, -1.0, 1.0) * (1 + rng.pareto(exponent, shape))
    return stable(exponent, shape, rng)


def stable(index: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Symmetric stable variables, characteristic function ``exp(−|t|^μ)``; from ``μ = 2`` on normal of variance 2.

    ``sin(μφ)/cos(φ)^(1/μ) · (cos((1 − μ)φ)/E)^((1 − μ)/μ)`` with a uniform angle and an exponential ``E``.
    Source: Chambers, Mallows and Stuck (1976).
    """
    index = min(index, NORMAL)
    angle, waiting = rng.uniform(-np.pi / 2, np.pi / 2, shape), rng.exponential(size=shape)
    first = np.sin(index * angle) / np.cos(angle) ** (1 / index)
    return first * (np.cos((1 - index) * angle) / waiting) ** ((1 - index) / index)


def variance_of(law: str, exponent: float) -> float:
    """Variance of an entry, infinite where the tail is too heavy."""
    if law == "levy":
        return 2.0 if exponent >= NORMAL else float("inf")
    if exponent <= NORMAL:
        return float("inf")
    return exponent / (exponent - 2)


def survival(law: str, sizes: np.ndarray, exponent: float) -> np.ndarray:
    """``P(|w| > size)``; of the stable law far out only."""
    if law == "student":
        return student_survival(sizes, exponent)
    if law == "pareto":
        return np.maximum(sizes, 1.0) ** -exponent
    return stable_tail(sizes, min(exponent, NORMAL))


def scale_of(record: TailDraws) -> float:
    """Size that one of all entries is expected to exceed; ``nan`` for normal entries, whose tail is no power law."""
    n_entries = record.n_rows * record.n_cols
    if not has_tail(record):
        return float("nan")
    excess = lambda log: float(n_entries * survival(record.law, np.exp(log), record.exponent)) - 1.0  # noqa: E731
    return float(np.exp(brentq(excess, -30.0, 60.0)))


def has_tail(record: TailDraws) -> bool:
    """Whether entries have a power-law tail at all: stable ones of index 2 are normal."""
    return not (record.law == "levy" and record.exponent >= NORMAL)


def expected_beyond(record: TailDraws, eigenvalues: np.ndarray) -> np.ndarray:
    """Mean number of eigenvalues beyond each, as if every large one were made by one entry; ``nan`` in the bulk.

    ``N M P(|w| > a)`` with the entry ``a`` that makes this eigenvalue: ``a² = N λ`` where the bulk has no edge, and
    ``N σ² θ²(λ/σ²)`` where the variance is finite, since the noise adds to it.
    """
    if not has_tail(record):
        return np.full(np.shape(eigenvalues), np.nan)
    variance = record.variance
    if np.isfinite(variance):
        squares = record.n_rows * variance * strength_of(np.asarray(eigenvalues) / variance, record.aspect)
    else:
        squares = record.n_rows * np.asarray(eigenvalues, dtype=float)
    known = np.nan_to_num(squares, nan=1.0)
    beyond = record.n_rows * record.n_cols * survival(record.law, np.sqrt(known), record.exponent)
    return np.where(np.isfinite(squares), beyond, np.nan)


def median_largest(record: TailDraws) -> float:
    """Median of the largest eigenvalue if the largest entry makes it: ``exp(−N M P(|w| > a)) = ½``.

    With a finite variance and an entry below the threshold it is the edge of the bulk.
    """
    if not has_tail(record):
        return mp_edges(record.aspect, record.variance)[1]
    chance = np.log(2) / (record.n_rows * record.n_cols)
    gap = lambda log: float(survival(record.law, np.exp(log), record.exponent)) - chance  # noqa: E731
    square = np.exp(2 * brentq(gap, -30.0, 60.0)) / record.n_rows
    if not np.isfinite(record.variance):
        return float(square)
    place = record.variance * float(outlier_eigenvalue(square / record.variance, record.aspect))
    return place if np.isfinite(place) else mp_edges(record.aspect, record.variance)[1]
