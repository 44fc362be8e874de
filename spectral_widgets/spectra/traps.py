"""Traps: eigenvalues that stay beyond the edge of noise after all entries were shuffled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse.linalg import ArpackError, eigsh

from ..records import Complaint, Engine, EntryStatistics, NullFit, Spectrum, Trap, TrapScan, View, WeightMatrix
from ..rmt import participation_ratio, porter_thomas_participation, tw_sf
from .decompose import floored, gram_of
from .entries import entry_statistics
from .explain import cause_of, detail_of, predict_traps
from .nulls import MIN_SIDE, null_of_entries, threshold_of
from .settled import settled_steps
from .shuffles import permutation, shuffled
from .views import viewed, with_raw_values
from .weightwatcher import published_rule

#: A vector whose participation is below this part of its Porter–Thomas value is called localised.
LOCALISED_BELOW = 0.5
_DENSE_SIDE = 512


def find_traps(
    matrix: WeightMatrix,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    engine: Engine = "calibrated",
    *,
    view: View = "raw",
    stop_early: bool = False,
) -> TrapScan:
    """Shuffle a matrix once per seed and collect what lies beyond the edge of noise.

    ``engine="calibrated"``: λ beyond the Tracy–Widom quantile of ``level``, with the variance from the
    entries (mean and giants set apart) and the edge moved and widened by their kurtosis; false positives are near
    ``level`` from 50×50 up. ``engine="weightwatcher"``: the published rule, applied to each shuffle alone (the
    tool itself pools five below 100 columns). Below 20 on the short side the calibrated engine counts nothing:
    ``counts`` is empty and the caveat says why. The p-value of a trap is the Tracy–Widom tail at its
    eigenvalue: exact for the largest, conservative for the rest. ``view`` is what :func:`viewed` subtracts first;
    ``stop_early`` leaves out the remaining seeds as soon as :func:`settled_steps` calls the count settled.
    """
    *_, last = find_traps_steps(matrix, seeds, level, engine, view=view, stop_early=stop_early)
    return last


def find_traps_steps(
    matrix: WeightMatrix,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    engine: Engine = "calibrated",
    *,
    view: View = "raw",
    stop_early: bool = False,
) -> Iterator[TrapScan]:
    """Like :func:`find_traps`, one growing scan per shuffle."""
    steps = _steps(viewed(matrix, view), seeds, level, engine)
    for scan in settled_steps(steps) if stop_early else steps:
        yield with_raw_values(scan, matrix, view)


def _steps(matrix: WeightMatrix, seeds: Iterable[int], level: float, engine: Engine) -> Iterator[TrapScan]:
    scan = empty_scan(matrix, level, engine)
    seeds = tuple(seeds)
    if not seeds:
        raise Complaint("No shuffle was asked for: give at least one seed.")
    for seed in seeds:
        scan = _extended(scan, matrix, seed)
        yield scan


def empty_scan(matrix: WeightMatrix, level: float = 0.01, engine: Engine = "calibrated") -> TrapScan:
    """What is known before any shuffle: statistics, null, threshold and the predicted traps."""
    if not 0 < level < 0.5:
        raise Complaint(f"The level of the trap test must lie between 0 and 0.5, got {level}; 0.01 is usual.")
    if engine not in ("calibrated", "weightwatcher"):
        raise Complaint(f"There is no trap engine {engine!r}: choose 'calibrated' or 'weightwatcher'.")
    statistics = entry_statistics(matrix)
    if not statistics.bulk_variance > 0:
        giants = f"but {len(statistics.giants)} " if statistics.giants else ""
        raise Complaint(f"{matrix.ref.name}: all entries {giants}are equal, so there is no noise to compare with.")
    n_rows, n_cols = matrix.values.shape
    null = null_of_entries(statistics, n_rows, n_cols)
    threshold = threshold_of(null, level)
    return TrapScan(
        layer=matrix.ref,
        engine=engine,
        level=level,
        seeds=(),
        threshold=threshold,
        null=null,
        spectra=(),
        counts=(),
        traps=(),
        statistics=statistics,
        predicted=predict_traps(statistics, n_rows, n_cols, threshold),
        caveat=null.caveat,
    )


@dataclass(frozen=True, slots=True)
class _Shuffle:
    seed: int
    order: np.ndarray
    values: np.ndarray
    gram: np.ndarray
    spectrum: Spectrum


def _extended(scan: TrapScan, matrix: WeightMatrix, seed: int) -> TrapScan:
    shuffle = _shuffle(matrix, seed)
    if scan.engine == "calibrated" and min(matrix.values.shape) < MIN_SIDE:
        return replace(scan, seeds=(*scan.seeds, seed), spectra=(*scan.spectra, shuffle.spectrum))
    threshold = _threshold(scan, shuffle)
    traps = _traps_of(scan, matrix, shuffle, threshold)
    return replace(
        scan,
        seeds=(*scan.seeds, seed),
        threshold=threshold,
        spectra=(*scan.spectra, shuffle.spectrum),
        counts=(*scan.counts, len(traps)),
        traps=(*scan.traps, *traps),
    )


def _shuffle(matrix: WeightMatrix, seed: int) -> _Shuffle:
    order = permutation(matrix.values.size, seed)
    values = shuffled(matrix.values, order)
    gram = gram_of(values)
    spectrum = Spectrum(
        floored(np.linalg.eigvalsh(gram)), values.shape[0], values.shape[1], float(values.var(dtype=np.float64))
    )
    return _Shuffle(seed, order, values, gram, spectrum)


def _threshold(scan: TrapScan, shuffle: _Shuffle) -> float:
    if scan.engine == "calibrated":
        return scan.threshold
    spectrum = shuffle.spectrum
    return published_rule(spectrum.eigenvalues, spectrum.n_rows, spectrum.n_cols).threshold


def _traps_of(scan: TrapScan, matrix: WeightMatrix, shuffle: _Shuffle, threshold: float) -> list[Trap]:
    eigenvalues = shuffle.spectrum.eigenvalues
    count = int(np.count_nonzero(eigenvalues > threshold))
    if not count:
        return []
    vectors = _leading_vectors(shuffle.gram, eigenvalues, count)
    return [
        _trap(scan, matrix, shuffle, index, float(eigenvalues[-1 - index]), vectors[:, index]) for index in range(count)
    ]


def _leading_vectors(gram: np.ndarray, eigenvalues: np.ndarray, count: int) -> np.ndarray:
    """Eigenvectors ``(n_cols, count)`` of the largest eigenvalues, largest first."""
    side = len(gram)
    if side > _DENSE_SIDE and count < side // 16:
        start = np.random.default_rng(side).standard_normal(side)
        try:
            values, vectors = eigsh(gram, k=count, which="LA", v0=start, tol=1e-10)
        except ArpackError:
            values = np.empty(0)
        if len(values) == count and np.allclose(values, eigenvalues[-count:], rtol=1e-8, atol=0):
            return vectors[:, ::-1]
    return np.linalg.eigh(gram)[1][:, ::-1][:, :count]


def _trap(
    scan: TrapScan, matrix: WeightMatrix, shuffle: _Shuffle, index: int, eigenvalue: float, right: np.ndarray
) -> Trap:
    n_rows, n_cols = shuffle.values.shape
    image = shuffle.values @ right
    singular_value = float(np.linalg.norm(image))
    left = image / singular_value
    cause, mean_share, culprits = cause_of(matrix, scan.statistics, shuffle.order, left, right, singular_value)
    detail = detail_of(matrix, scan.statistics, shuffle.order, left, right, singular_value)
    participations = participation_ratio(left), participation_ratio(right)
    expected = porter_thomas_participation(n_rows), porter_thomas_participation(n_cols)
    excess = scan.null.excess_widths(eigenvalue)
    p_value, caveat = _p_value(scan.engine, scan.null, scan.statistics, excess)
    return Trap(
        layer=matrix.ref,
        seed=shuffle.seed,
        index=index,
        eigenvalue=eigenvalue,
        excess_widths=excess,
        p_value=p_value,
        left=left,
        right=right,
        left_participation=participations[0],
        right_participation=participations[1],
        left_expected=expected[0],
        right_expected=expected[1],
        localised=min(a / b for a, b in zip(participations, expected, strict=True)) < LOCALISED_BELOW,
        cause=cause,
        mean_share=mean_share,
        culprits=culprits,
        caveat=caveat,
        detail=detail,
    )


def _p_value(engine: Engine, null: NullFit, statistics: EntryStatistics, excess: float) -> tuple[float, str]:
    if engine == "weightwatcher":
        return float("nan"), "The published rule gives no p-value."
    if statistics.heavy:
        return float("nan"), null.caveat
    return float(tw_sf(excess)), null.caveat
