"""What the histogram of entries says: mean, bulk variance and the entries that stand out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..records import Entry, EntryStatistics, WeightMatrix
from ..rmt import entry_threshold, mean_threshold
from .entry_sums import EntrySums, as_stored, entry_sums, mean_of
from .heaviness import is_heavy

#: No more giants are listed.
MOST_GIANTS = 4096
_MAX_ROUNDS = 100
# A variance below this share of the largest square may be the rounding of the mean.
_ROUNDING = 1e-20


def entry_statistics(matrix: WeightMatrix) -> EntryStatistics:
    """Mean, bulk variance, excess kurtosis and giants of a matrix, in a few passes over the entries.

    Mean, bulk variance, kurtosis and :func:`is_heavy` leave out every entry that is itself beyond the trap threshold
    ``σ (N M)^¼`` from the mean; since the threshold depends on them, they are iterated to a fixed point.
    ``giants`` are the entries beyond half the threshold, largest first: those that can take part in a trap.
    """
    values = matrix.values
    bulk = _bulk(values)
    scale = float(np.sqrt(bulk.variance))
    threshold = entry_threshold(*values.shape) * scale
    return EntryStatistics(
        n_entries=values.size,
        mean=bulk.mean,
        variance=bulk.variance_of_all,
        bulk_variance=bulk.variance,
        excess_kurtosis=bulk.excess_kurtosis,
        threshold=threshold,
        mean_threshold=mean_threshold(*values.shape) * scale,
        giants=tuple(entry_at(matrix, int(flat), bulk.mean, scale) for flat in bulk.giants[:MOST_GIANTS]),
        heavy=_is_heavy(values, bulk, threshold),
    )


def entry_at(matrix: WeightMatrix, flat: int, mean: float, deviation: float, share: float = float("nan")) -> Entry:
    """The entry at flat position ``flat`` of the oriented matrix, as the tensor's own view counts it."""
    row, column = divmod(int(flat), matrix.values.shape[1])
    value = float(matrix.values[row, column])
    z_score = (value - mean) / deviation if deviation else float("inf")
    return Entry(*matrix.unfolding.position(row, column), value, z_score, share)


@dataclass(frozen=True, slots=True, eq=False)
class _Bulk:
    """The entries that make no trap by themselves; ``giants`` are flat places, largest first."""

    mean: float
    variance: float
    variance_of_all: float
    excess_kurtosis: float
    giants: np.ndarray


def _bulk(values: np.ndarray) -> _Bulk:
    if values.min() == values.max():
        # The rounded mean of equal numbers can differ from them, which would pass for a variance.
        return _Bulk(float(values.flat[0]), 0.0, 0.0, 0.0, np.empty(0, np.int64))
    mean, n_outside, root = mean_of(values), 0, float(np.sqrt(values.size))
    for _ in range(_MAX_ROUNDS):
        sums, variance, outside = _settled(values, mean, root)
        if np.count_nonzero(outside) == n_outside:
            break
        # A giant drags the mean of all entries along: the mean of the bulk is that of the others.
        n_outside = int(np.count_nonzero(outside))
        inside = sums.first + float(sums.far[~outside].sum())
        mean += sums.unit * inside / (values.size - n_outside)
    if n_outside and variance < _ROUNDING * (np.abs(sums.far).max() + abs(mean) / sums.unit) ** 2:
        rest = np.delete(values.reshape(-1), sums.places[outside])
        if rest.min() == rest.max():
            # Zeros with a few entries among them: what looks like a variance is the rounding of the mean.
            sums = entry_sums(values, float(rest[0]), sums.unit, 0.0)
            return _summed(sums, 0.0, np.ones(len(sums.far), bool))
    return _summed(sums, variance, outside)


def _settled(values: np.ndarray, mean: float, root: float) -> tuple[EntrySums, float, np.ndarray]:
    """Sums about a mean, the variance of the bulk in their unit, and which of the far entries are outside."""
    unit = _unit(values, mean)
    floor = root / 8
    while True:
        sums = entry_sums(values, mean, unit, floor)
        variance, outside = _bulk_variance(sums, root)
        # Half the threshold must be within what was listed one by one; the bulk can be far narrower than all entries.
        if variance * root / 4 >= floor or not floor > 0:
            return sums, variance, outside
        floor = variance * root / 8


def _unit(values: np.ndarray, mean: float) -> float:
    """A power of two near the spread of the entries."""
    spread = max(float(values.max()) - mean, mean - float(values.min()))
    sample = as_stored(values).reshape(-1)[:: max(values.size // 4096, 1)].astype(np.float64) - mean
    return float(np.exp2(np.floor(np.log2(min(float(np.median(np.abs(sample))) or spread, spread)))))


def _bulk_variance(sums: EntrySums, root: float) -> tuple[float, np.ndarray]:
    """Fixed point of (variance without entries beyond the threshold, threshold from that variance)."""
    squares = sums.far**2
    candidates = np.sort(squares)
    # Summed from the small ones up: subtracting giants from a total would leave rounding noise only.
    energy = np.concatenate([[0.0], np.cumsum(candidates)]) + sums.second
    n_outside, variance = 0, float(energy[-1]) / sums.n_entries
    for _ in range(_MAX_ROUNDS):
        beyond = len(candidates) - int(np.searchsorted(candidates, variance * root, side="right"))
        if beyond <= n_outside:
            break
        n_outside = beyond
        variance = float(energy[len(candidates) - n_outside]) / (sums.n_entries - n_outside)
    return variance, squares > variance * root


def _summed(sums: EntrySums, variance: float, outside: np.ndarray) -> _Bulk:
    squares, n = sums.far**2, sums.n_entries
    fourth = sums.fourth + float((squares[~outside] ** 2).sum())
    kurtosis = fourth / (n - np.count_nonzero(outside)) / variance**2 - 3.0 if variance > 0 else 0.0
    drift = (sums.first + float(sums.far.sum())) / n
    of_all = (sums.second + float(squares.sum())) / n - drift**2
    giants = np.flatnonzero(squares > variance * np.sqrt(n) / 4)
    giants = giants[np.argsort(-squares[giants], kind="stable")]
    return _Bulk(sums.mean, variance * sums.unit**2, of_all * sums.unit**2, kurtosis, sums.places[giants])


def _is_heavy(values: np.ndarray, bulk: _Bulk, threshold: float) -> bool:
    if not bulk.variance > 0:
        return False
    cut = threshold / float(np.sqrt(bulk.variance))

    def sampled(most: int) -> np.ndarray:
        n = values.size
        chosen = np.arange(n) if n <= most else np.random.default_rng(n).integers(n, size=most)
        squares = (values[np.divmod(chosen, values.shape[1])].astype(np.float64) - bulk.mean) ** 2
        return squares[squares <= threshold**2]

    return is_heavy(sampled, bulk.variance, bulk.excess_kurtosis, cut)
