"""Traps explained from the entries: predicted ones, the cause of a measured one, and its surroundings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..records import Cause, Detail, Entry, EntryStatistics, EntrySurvival, Patch, TrapPrediction, WeightMatrix
from ..rmt import outlier_eigenvalue
from .entries import entry_statistics

_NAMED_SHARE = 0.05
_MAX_CULPRITS = 12
# Near the threshold a trap keeps little of its cause (overlap goes to zero there), noise traps have none.
_EXPLAINS = 0.1
_MOST = 0.6
# One pair expected in every other shuffle.
_MEETING = 0.5
_CROWDED = (
    "Of {} giant entries some share a row or column of a shuffle and make one trap there, so the prediction overcounts."
)


def predict_traps(statistics: EntryStatistics, n_rows: int, n_cols: int, threshold: float) -> TrapPrediction:
    """Traps that the histogram alone foretells, without a shuffle or a decomposition.

    A mean ``μ`` is a rank-one piece of strength ``θ² = μ² M / σ²``, an entry ``a`` one of ``a² / (N σ²)``;
    each makes the eigenvalue of :func:`rmt.outlier_eigenvalue`. Exact for a mean and a few giants; an
    overcount where some share a row or column after a shuffle, two making one trap: among ``k`` giants
    ``k (k − 1) (1/N + 1/M) / 2`` pairs are expected to.
    """
    variance, giants = statistics.bulk_variance, statistics.giants
    strengths = [statistics.mean**2 * n_cols / variance]
    strengths += [(entry.value - statistics.mean) ** 2 / (n_rows * variance) for entry in giants]
    eigenvalues = variance * outlier_eigenvalue(strengths, n_cols / n_rows)
    found = [k for k in np.argsort(-np.nan_to_num(eigenvalues)) if eigenvalues[k] > threshold]
    causes: list[Cause] = ["mean" if k == 0 else "entries" for k in found]
    n_giants = len(found) - causes.count("mean")
    meeting = n_giants * (n_giants - 1) * (1 / n_rows + 1 / n_cols) / 2
    return TrapPrediction(
        eigenvalues=tuple(float(eigenvalues[k]) for k in found),
        causes=tuple(causes),
        entries=tuple(None if k == 0 else giants[k - 1] for k in found),
        caveat=_CROWDED.format(n_giants) if meeting > _MEETING else "",
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a trap is there. ``cells`` are flat places in the shuffled matrix, ``shares`` what they carry of the trap."""

    cause: Cause
    mean_share: float
    cells: np.ndarray
    shares: np.ndarray
    detail: Detail


def explained(
    values: np.ndarray,
    statistics: EntryStatistics,
    left: np.ndarray,
    right: np.ndarray,
    singular_value: float,
    transposed: bool,
) -> Explained:
    """Which part of a trap's singular value the mean carries, which the single entries, and where they are.

    ``values`` is the shuffled matrix. ``s = uᵀ W v`` splits exactly: ``μ (Σu)(Σv)`` is the mean's part and
    ``u_i (W_ij − μ) v_j`` each entry's. Entries are named when they carry at least 5 % of ``s`` and stand out of the
    bulk.
    """
    mean_share = float(statistics.mean * left.sum() * right.sum() / singular_value)
    cells, shares = _shares(values, statistics, left, right, singular_value)
    cause: Cause = "mean" if mean_share >= shares.sum() else "entries"
    if max(mean_share, shares.sum()) < _EXPLAINS:
        cause = "collective"
    detail = _detail(values, statistics, left, right, singular_value, transposed)
    return Explained(cause, mean_share, cells, shares, detail)


def _detail(
    values: np.ndarray,
    statistics: EntryStatistics,
    left: np.ndarray,
    right: np.ndarray,
    singular_value: float,
    transposed: bool,
) -> Detail:
    """Whether several large entries of one row or column of the shuffled matrix make a trap together.

    Entries count as large beyond a quarter of the trap threshold. A line is named when its large entries carry
    at least 10 % of the singular value, more than a line of noise would, and no single one has most of their
    energy: that would be a giant alone.
    """
    row, column = int(np.argmax(np.abs(left))), int(np.argmax(np.abs(right)))
    lines = {
        "row": (values[row], left[row] * right),
        "column": (values[:, column], right[column] * left),
    }
    shares = {along: _carried(*line, statistics) / singular_value for along, line in lines.items()}
    along = max(shares, key=shares.__getitem__)
    # The largest squared component of a random unit vector is about 2 ln(n) / n.
    n = len(left if along == "row" else right)
    if shares[along] < max(_EXPLAINS, 4 * np.log(n) / n):
        return ""
    # An oriented matrix is the tensor's flat view or its transpose.
    return "row" if (along == "row") != transposed else "column"


def _carried(line: np.ndarray, weights: np.ndarray, statistics: EntryStatistics) -> float:
    """What the large entries of a line carry of the singular value; zero where one of them has most of it."""
    deviations = line.astype(float) - statistics.mean
    large = np.abs(deviations) > statistics.threshold / 4
    energies = deviations[large] ** 2
    if len(energies) < 2 or energies.max() > _MOST * energies.sum():
        return 0.0
    return float((deviations * weights)[large].sum())


def entry_survival(matrix: WeightMatrix, n_points: int = 400) -> EntrySurvival:
    """Survival function of ``|entry − mean|`` at up to ``n_points`` sizes, densest in the tail, for a chart."""
    statistics = entry_statistics(matrix)
    sizes = np.sort(np.abs(matrix.values.ravel().astype(np.float64) - statistics.mean))[::-1]
    ranks = np.unique(np.geomspace(1, len(sizes), n_points).round().astype(int))
    return EntrySurvival(
        layer=matrix.ref,
        sizes=sizes[ranks - 1],
        shares=ranks / len(sizes),
        threshold=statistics.threshold,
        n_beyond=int(np.count_nonzero(sizes > statistics.threshold)),
    )


def patch_of(matrix: WeightMatrix, entry: Entry, reach: int = 12) -> Patch:
    """The tensor's flat view around one entry, ``reach`` cells to every side where there are that many."""
    flat = matrix.values.T if matrix.unfolding.transposed else matrix.values
    rows, columns = patch_window(entry, flat.shape, reach)
    return Patch(matrix.ref, tuple(rows), tuple(columns), flat[np.ix_(rows, columns)].astype(float), entry)


def patch_window(entry: Entry, shape: tuple[int, ...], reach: int = 12) -> tuple[range, range]:
    """Rows and columns of a flat view of this shape that the patch around an entry has."""
    return _window(entry.row, reach, shape[0]), _window(entry.column, reach, shape[1])


def _window(centre: int, reach: int, size: int) -> range:
    start = min(max(centre - reach, 0), max(size - (2 * reach + 1), 0))
    return range(start, min(start + 2 * reach + 1, size))


def _shares(
    values: np.ndarray, statistics: EntryStatistics, left: np.ndarray, right: np.ndarray, singular_value: float
) -> tuple[np.ndarray, np.ndarray]:
    # Where an entry carries 5 % of s, both its components are large: look only at the largest few of each.
    rows = np.argsort(-np.abs(left))[:64]
    columns = np.argsort(-np.abs(right))[:64]
    deviations = values[np.ix_(rows, columns)].astype(float) - statistics.mean
    shares = left[rows][:, None] * deviations * right[columns][None, :] / singular_value
    stands_out = np.abs(deviations) > statistics.threshold / 4
    picked = np.flatnonzero(((shares >= _NAMED_SHARE) & stands_out).ravel())
    picked = picked[np.argsort(-shares.ravel()[picked])][:_MAX_CULPRITS]
    cells = rows[picked // len(columns)] * values.shape[1] + columns[picked % len(columns)]
    return cells, shares.ravel()[picked]
