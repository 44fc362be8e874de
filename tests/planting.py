"""Matrices whose traps are known because they were planted, and the theory of where they must show."""

from __future__ import annotations

import numpy as np
from spectral_widgets.records import Entry, LayerRef, Trap, TrapScan, Unfolding, WeightMatrix
from spectral_widgets.rmt import entry_threshold, mean_threshold, outlier_eigenvalue


def weight_matrix(array: np.ndarray, name: str = "layer") -> WeightMatrix:
    """The record of one tensor, as a model would give it."""
    array = np.asarray(array)
    unfolding = Unfolding.of_shape(array.shape)
    matrix = unfolding.unfold(array)
    ref = LayerRef(name, "other", None, array.shape, *matrix.shape, str(array.dtype))
    return WeightMatrix(ref, matrix, unfolding)


def noise(shape: tuple[int, ...], seed: int, law: str = "gaussian") -> np.ndarray:
    """Independent entries of zero mean and unit variance."""
    rng = np.random.default_rng(seed)
    draws = {
        "gaussian": lambda: rng.standard_normal(shape),
        "uniform": lambda: rng.uniform(-np.sqrt(3), np.sqrt(3), shape),
        "laplace": lambda: rng.laplace(scale=np.sqrt(0.5), size=shape),
        "student3": lambda: rng.standard_t(3, shape) / np.sqrt(3),
    }
    return draws[law]()


def planted_entries(
    shape: tuple[int, int], factor: float, count: int, seed: int
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Gaussian noise with ``count`` entries of ±``factor`` thresholds, and their cells."""
    rng = np.random.default_rng([seed, 1])
    array = noise(shape, seed)
    flat = rng.choice(array.size, count, replace=False)
    signs = rng.choice([-1.0, 1.0], count)
    array.ravel()[flat] = signs * factor * entry_threshold(*shape)
    return array, [divmod(int(k), shape[1]) for k in flat]


def planted_mean(shape: tuple[int, int], factor: float, seed: int) -> np.ndarray:
    """Gaussian noise around a mean of ``factor`` thresholds."""
    return noise(shape, seed) + factor * mean_threshold(*shape)


def expected_outliers(shuffled: np.ndarray, planted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues that planted giants make in a centred shuffled matrix of unit noise, descending, and their s.e.

    ``planted`` is zero but for the giants. First-order perturbation theory of nearly equal singular values:
    the strengths are the singular values ``a`` of the block of rows and columns that hold giants, noise
    included, so that giants in one row or column merge. With ``c`` rows and ``r`` columns outside the block
    ``λ N = (a² + c)(a² + r) / a²``. Around it ``c`` and ``r`` stand for sums of that many squares of unit
    noise, of variance ``2c`` and ``2r``, which gives the standard error. ``nan`` where nothing leaves the bulk.
    """
    n_rows, n_cols = shuffled.shape
    rows, columns = (np.unique(axis) for axis in np.nonzero(planted))
    rank = np.linalg.matrix_rank(planted[np.ix_(rows, columns)])
    strength = np.linalg.svd(shuffled[np.ix_(rows, columns)], compute_uv=False)[:rank] ** 2
    c, r = n_rows - len(rows), n_cols - len(columns)
    eigenvalues = outlier_eigenvalue(strength / c, r / c) * c / n_rows
    spread = np.sqrt(2 * c * (1 + r / strength) ** 2 + 2 * r * (1 + c / strength) ** 2) / n_rows
    return eigenvalues, spread


def expected_mean_outlier(mean: float, n_rows: int, n_cols: int) -> tuple[float, float]:
    """Eigenvalue that a mean offset makes over unit noise, and its standard error; derived as above."""
    strength = mean**2 * n_rows * n_cols
    eigenvalue = float(outlier_eigenvalue(strength / n_rows, n_cols / n_rows))
    wobble = 2 * n_rows * (1 + n_cols / strength) ** 2 + 2 * n_cols * (1 + n_rows / strength) ** 2
    return eigenvalue, float(np.sqrt(wobble)) / n_rows


def culprits_of(scan: TrapScan) -> dict[tuple[int, int], Entry]:
    """All named entries of a scan by their cells."""
    return {(entry.row, entry.column): entry for trap in scan.traps for entry in trap.culprits}


def cells_of(trap: Trap) -> list[tuple[int, int]]:
    """Cells of the entries that a trap names, largest share first."""
    return [(entry.row, entry.column) for entry in trap.culprits]
