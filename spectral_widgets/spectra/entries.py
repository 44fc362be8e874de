"""What the histogram of entries says: mean, bulk variance and the entries that stand out."""

from __future__ import annotations

import numpy as np

from ..records import Entry, EntryStatistics, WeightMatrix
from ..rmt import entry_threshold, mean_threshold
from .heaviness import is_heavy

_MAX_GIANTS = 4096
_MAX_ROUNDS = 100


def entry_statistics(matrix: WeightMatrix) -> EntryStatistics:
    """Mean, bulk variance, excess kurtosis and giants of a matrix, in one pass and a short iteration.

    Mean, bulk variance, kurtosis and :func:`is_heavy` leave out every entry that is itself beyond the trap threshold
    ``σ (N M)^¼`` from the mean; since the threshold depends on them, they are iterated to a fixed point.
    ``giants`` are the entries beyond half the threshold, largest first: those that can take part in a trap.
    """
    values = matrix.values
    mean, deviation, squares, variance = _bulk(values)
    threshold = entry_threshold(*values.shape) * float(np.sqrt(variance))
    kurtosis, heavy = _shape_of_bulk(squares, threshold, variance)
    return EntryStatistics(
        n_entries=values.size,
        mean=mean,
        variance=float(squares.mean() - deviation.mean() ** 2),
        bulk_variance=variance,
        excess_kurtosis=kurtosis,
        threshold=threshold,
        mean_threshold=mean_threshold(*values.shape) * float(np.sqrt(variance)),
        giants=tuple(_giants(matrix, mean, deviation, threshold / 2, float(np.sqrt(variance)))),
        heavy=heavy,
    )


def entry_at(matrix: WeightMatrix, flat: int, mean: float, deviation: float, share: float = float("nan")) -> Entry:
    """The entry at flat position ``flat`` of the oriented matrix, as the tensor's own view counts it."""
    row, column = divmod(int(flat), matrix.values.shape[1])
    value = float(matrix.values[row, column])
    z_score = (value - mean) / deviation if deviation else float("inf")
    return Entry(*matrix.unfolding.position(row, column), value, z_score, share)


def _bulk(values: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, float]:
    """Mean, deviations from it, their squares and variance, all of the entries that make no trap by themselves."""
    if _all_equal(values):
        # The rounded mean of equal numbers can differ from them, which would pass for a variance.
        zeros = np.zeros(values.shape)
        return float(values.flat[0]), zeros, zeros, 0.0
    mean, n_outside = float(values.mean(dtype=np.float64)), 0
    for _ in range(_MAX_ROUNDS):
        deviation = values.astype(np.float64) - mean
        squares = deviation * deviation
        variance, n_beyond = _bulk_variance(squares)
        if n_beyond == n_outside:
            break
        # A giant drags the mean of all entries along: the mean of the bulk is that of the others.
        n_outside = n_beyond
        inside = squares <= variance * np.sqrt(squares.size)
        mean += float(deviation.mean(where=inside))
    if n_outside and _all_equal(rest := values[squares <= variance * np.sqrt(squares.size)]):
        # Zeros with a few entries among them: what looks like a variance is the rounding of the mean.
        mean, variance = float(rest[0]), 0.0
        deviation = values.astype(np.float64) - mean
    return mean, deviation, deviation * deviation, variance


def _all_equal(values: np.ndarray) -> bool:
    return bool(values.min() == values.max())


def _bulk_variance(squares: np.ndarray) -> tuple[float, int]:
    """Fixed point of (variance without entries beyond the threshold, threshold from that variance)."""
    count = squares.size
    # The bulk variance can shrink far below the raw one, so what might end up outside is found from a
    # robust scale: the median square of a centred bulk, generous enough for any histogram.
    scale = min(float(np.median(squares)), float(squares.mean()))
    may_leave = squares > scale * np.sqrt(count) / 4
    candidates = np.sort(squares[may_leave])
    # Summed from the small ones up: subtracting giants from a total would leave rounding noise only.
    rest = float(squares[~may_leave].sum() if len(candidates) else squares.sum())
    energy = np.concatenate([[0.0], np.cumsum(candidates)]) + rest
    n_outside, variance = 0, float(energy[-1]) / count
    for _ in range(_MAX_ROUNDS):
        beyond = len(candidates) - int(np.searchsorted(candidates, variance * np.sqrt(count), side="right"))
        if beyond <= n_outside:
            break
        n_outside = beyond
        variance = float(energy[len(candidates) - n_outside]) / (count - n_outside)
    return variance, n_outside


def _shape_of_bulk(squares: np.ndarray, threshold: float, variance: float) -> tuple[float, bool]:
    """Excess kurtosis of the entries within the threshold, and whether they are heavy-tailed."""
    if not variance > 0:
        return 0.0, False
    bulk = squares.ravel()
    if bulk.max() > threshold**2:
        bulk = bulk[bulk <= threshold**2]
    cut = threshold / float(np.sqrt(variance))
    if not 1e-70 < variance < 1e70:
        # Fourth powers would leave the range of a double.
        bulk, variance = bulk / variance, 1.0
    kurtosis = float(bulk @ bulk) / len(bulk) / variance**2 - 3.0
    return kurtosis, is_heavy(bulk, variance, kurtosis, cut)


def _giants(matrix: WeightMatrix, mean: float, deviation: np.ndarray, floor: float, scale: float) -> list[Entry]:
    size = np.abs(deviation).ravel()
    found = np.flatnonzero(size > floor)
    found = found[np.argsort(-size[found], kind="stable")][:_MAX_GIANTS]
    return [entry_at(matrix, int(flat), mean, scale) for flat in found]
