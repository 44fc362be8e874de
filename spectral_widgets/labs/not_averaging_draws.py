"""The draws of lab 5: layers of growing size with one giant or a mean, shuffled, and a corner of each looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..rmt import TW_MOMENTS, edge_scaling, entry_outlier_variance, mean_outlier_variance, outlier_eigenvalue
from ..spectra.decompose import eigenvalues_of
from .lab import Values
from .sampling import LEAST_WORK, gram_work, grow_steps, mean_and_error, stream

CAUSES = {"giant": "one giant entry", "mean": "a mean offset"}
_SHARES = (0.25, 0.35, 0.5, 0.7, 1.0)
_SMALLEST = 12
# In multiplications: a shuffle draws and moves each entry.
_WORK_OF_AN_ENTRY = 20


@dataclass(frozen=True, slots=True)
class Size:
    """Sides of a layer and of the corner that is looked at."""

    n_rows: int
    n_cols: int
    block_rows: int
    block_cols: int

    @property
    def share(self) -> float:
        """Part of the layer's entries that lie in the corner, the chance that a given one does."""
        return self.block_rows * self.block_cols / (self.n_rows * self.n_cols)

    @property
    def aspect(self) -> float:
        return self.block_cols / self.block_rows


@dataclass(frozen=True, eq=False)
class TrapDraws:
    """Of each shuffle and size ``(n_draws, sizes)``: the largest eigenvalue of the corner, the edge of its bulk, which
    is the largest that the trap did not make, and whether the corner holds the giant.

    ``strength_squared`` is that of the cause in a whole layer, the same at every size.
    """

    cause: str
    strength_squared: float
    sizes: tuple[Size, ...]
    largest: np.ndarray
    edge: np.ndarray
    holds: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.largest)


@dataclass(frozen=True, slots=True)
class Expected:
    """What theory says of one size: place and variance with and without the trap, and the chance that it is there."""

    chance: float
    trap: float
    trap_variance: float
    edge: float
    edge_variance: float

    @property
    def mean(self) -> float:
        """Mean of the largest eigenvalue over shuffles: no shuffle need have it."""
        return self.chance * self.trap + (1 - self.chance) * self.edge

    @property
    def variance(self) -> float:
        """``p v₁ + (1 − p) v₀ + p (1 − p) (λ₁ − λ₀)²``: the last part does not shrink with the size."""
        apart = self.chance * (1 - self.chance) * (self.trap - self.edge) ** 2
        return self.chance * self.trap_variance + (1 - self.chance) * self.edge_variance + apart

    @property
    def relative_variance(self) -> float:
        return self.variance / self.mean**2

    @property
    def relative_edge_variance(self) -> float:
        return self.edge_variance / self.edge**2


def draw_steps(values: Values, seed: int) -> Iterator[TrapDraws]:
    """Growing numbers of shuffles of one layer of each size."""
    cause, strength = values["cause"], values["strength"]
    sizes = sizes_of(values["n_rows"], values["aspect"], values["share"])
    # Draws are counted from zero, so the layers have streams that no shuffle has.
    layers = [layer_of(cause, strength, size, stream(seed, (1 << 30) + k)) for k, size in enumerate(sizes)]

    def one(draw: int) -> list[tuple[float, float, bool]]:
        rng = stream(seed, draw)
        return [looked_at(cause, layer, size, rng) for layer, size in zip(layers, sizes, strict=True)]

    for drawn in grow_steps(one, values["n_draws"], sum(map(_work_of, sizes))):
        largest, edge, holds = np.array(drawn).transpose(2, 0, 1)
        yield TrapDraws(cause, strength, sizes, largest, edge, holds > 0)


def _work_of(size: Size) -> int:
    """One shuffle of all entries, and the eigenvalues of the corner."""
    shuffled = _WORK_OF_AN_ENTRY * size.n_rows * size.n_cols
    return LEAST_WORK + shuffled + 2 * gram_work(size.block_rows, size.block_cols)


def sizes_of(n_rows: int, aspect: float, share: float) -> tuple[Size, ...]:
    """Layers up to ``n_rows``, each with a corner of ``share`` of both sides."""
    made = []
    for part in _SHARES:
        rows = round(part * n_rows)
        cols = max(_SMALLEST, round(aspect * rows))
        rows = max(rows, cols)
        made.append(Size(rows, cols, max(2, round(share * rows)), max(2, round(share * cols))))
    return tuple(made)


def layer_of(cause: str, strength_squared: float, size: Size, rng: np.random.Generator) -> np.ndarray:
    """Normal entries with a giant ``√(N θ²)`` in the first cell, or with the mean ``√(θ²/M)`` exactly."""
    values = rng.standard_normal((size.n_rows, size.n_cols))
    values -= values.mean()
    if cause == "mean":
        return values + np.sqrt(strength_squared / size.n_cols)
    values[0, 0] = giant_of(strength_squared, size)
    return values


def giant_of(strength_squared: float, size: Size) -> float:
    """The entry that has this strength in the whole layer."""
    return float(np.sqrt(strength_squared * size.n_rows))


def looked_at(cause: str, layer: np.ndarray, size: Size, rng: np.random.Generator) -> tuple[float, float, bool]:
    """Largest eigenvalue, edge of the bulk, and whether the giant is there, in the corner of one shuffle."""
    block = rng.permutation(layer.ravel()).reshape(layer.shape)[: size.block_rows, : size.block_cols]
    eigenvalues = eigenvalues_of(block)
    holds = cause == "mean" or bool((block == layer[0, 0]).any())
    return float(eigenvalues[-1]), float(eigenvalues[-2 if holds else -1]), holds


def block_strength(record: TrapDraws, size: Size) -> float:
    """Strength of the cause within the corner: a giant gains by the smaller noise around it, a mean loses."""
    if record.cause == "giant":
        return record.strength_squared * size.n_rows / size.block_rows
    return record.strength_squared * size.block_cols / size.n_cols


def expected(record: TrapDraws, size: Size) -> Expected:
    """Theory of one size: Tracy–Widom for the edge, first order for the trap, and a coin for the giant's place."""
    strength = block_strength(record, size)
    centre, width = edge_scaling(size.block_rows, size.block_cols)
    mean, deviation = TW_MOMENTS[1]
    edge, edge_variance = centre + mean * width, (deviation * width) ** 2
    place = float(outlier_eigenvalue(strength, size.aspect))
    if not np.isfinite(place):
        return Expected(0.0, edge, edge_variance, edge, edge_variance)
    if record.cause == "giant":
        variance = entry_outlier_variance(strength, size.block_rows, size.block_cols)
    else:
        variance = mean_outlier_variance(strength, size.block_rows, size.block_cols, size.share)
    chance = size.share if record.cause == "giant" else 1.0
    return Expected(chance, place, float(variance), edge, edge_variance)


def relative_deviation(values: np.ndarray) -> tuple[float, float]:
    """Deviation over mean and its standard error, by leaving one draw out at a time; ``nan`` for fewer than three."""
    n = len(values)
    if n < 3:
        return float("nan"), float("nan")
    centred = values - values.mean()
    means = values.mean() - centred / (n - 1)
    variances = ((centred**2).sum() - centred**2 * n / (n - 1)) / (n - 2)
    left_out = np.sqrt(np.maximum(variances, 0.0)) / means
    error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    return float(values.std(ddof=1) / values.mean()), float(error)


def mean_of(values: np.ndarray) -> tuple[float, float]:
    """Mean and error, and nothing where there is no draw."""
    return mean_and_error(values) if len(values) else (float("nan"), float("nan"))
