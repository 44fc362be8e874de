"""What the histogram of entries says: mean, bulk variance and the entries that stand out."""

from __future__ import annotations

import numpy as np

from ..records import Entry, EntryStatistics, WeightMatrix
from ..rmt import entry_threshold, mean_threshold

_MAX_GIANTS = 4096


def entry_statistics(matrix: WeightMatrix) -> EntryStatistics:
    """Mean, bulk variance, excess kurtosis and giants of a matrix, in one pass and a short iteration.

    The bulk variance leaves out the mean and every entry that is itself beyond the trap threshold
    ``σ (N M)^¼``; since the threshold depends on that variance, the two are iterated to a fixed point.
    ``giants`` are the entries beyond half the threshold, largest first: those that can take part in a trap.
    """
    values = matrix.values
    mean = float(values.mean(dtype=np.float64))
    deviation = values.astype(np.float64) - mean
    squares = deviation * deviation
    variance, n_outside = _bulk_variance(np.sort(squares.ravel()[_candidates(squares)])[::-1], squares)
    threshold = entry_threshold(*values.shape) * float(np.sqrt(variance))
    return EntryStatistics(
        n_entries=values.size,
        mean=mean,
        variance=float(squares.mean()),
        bulk_variance=variance,
        excess_kurtosis=_bulk_kurtosis(squares, threshold, variance, n_outside),
        threshold=threshold,
        mean_threshold=mean_threshold(*values.shape) * float(np.sqrt(variance)),
        giants=tuple(_giants(matrix, mean, deviation, threshold / 2, float(np.sqrt(variance)))),
    )


def entry_at(matrix: WeightMatrix, flat: int, mean: float, deviation: float, share: float = float("nan")) -> Entry:
    """The entry at flat position ``flat`` of the oriented matrix, as the tensor's own view counts it."""
    row, column = divmod(int(flat), matrix.values.shape[1])
    value = float(matrix.values[row, column])
    return Entry(*matrix.unfolding.position(row, column), value, (value - mean) / deviation, share)


def _candidates(squares: np.ndarray) -> np.ndarray:
    # The bulk variance can shrink far below the raw one, so what might end up outside is found from a
    # robust scale: the median square of a centred bulk, generous enough for any histogram.
    scale = float(np.median(squares))
    return np.flatnonzero(squares.ravel() > min(scale, float(squares.mean())) * np.sqrt(squares.size) / 4)


def _bulk_variance(candidates: np.ndarray, squares: np.ndarray) -> tuple[float, int]:
    """Fixed point of (variance without entries beyond the threshold, threshold from that variance)."""
    total, count = float(squares.sum()), squares.size
    energy = np.concatenate([[0.0], np.cumsum(candidates)])
    n_outside, variance = 0, total / count
    for _ in range(100):
        beyond = int(np.count_nonzero(candidates > variance * np.sqrt(count)))
        if beyond == n_outside:
            break
        n_outside = max(beyond, n_outside)
        variance = (total - float(energy[n_outside])) / (count - n_outside)
    return variance, n_outside


def _bulk_kurtosis(squares: np.ndarray, threshold: float, variance: float, n_outside: int) -> float:
    if not variance > 0:
        return 0.0
    fourth = float(np.einsum("ij,ij->", squares, squares))
    outside = squares[squares > threshold**2]
    fourth -= float((outside**2).sum())
    return fourth / (squares.size - n_outside) / variance**2 - 3.0


def _giants(matrix: WeightMatrix, mean: float, deviation: np.ndarray, floor: float, scale: float) -> list[Entry]:
    size = np.abs(deviation).ravel()
    found = np.flatnonzero(size > floor)
    found = found[np.argsort(-size[found], kind="stable")][:_MAX_GIANTS]
    return [entry_at(matrix, int(flat), mean, scale) for flat in found]
