"""Traps: eigenvalues that stay beyond the edge of noise after all entries were shuffled."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from ..records import (
    Complaint,
    Engine,
    Entry,
    EntryStatistics,
    NullFit,
    Spectra,
    Spectrum,
    Trap,
    TrapScan,
    View,
    WeightMatrix,
)
from ..rmt import participation_ratio, porter_thomas_participation, tw_sf
from .entries import entry_statistics
from .explain import Explained, explained, predict_traps
from .lanczos import Top
from .naming import named_entries
from .nulls import MIN_SIDE, null_of_entries, threshold_of
from .reshuffled import Reshuffled
from .settled import settled_steps
from .views import viewed, with_raw_values
from .weightwatcher import published_rule

#: A vector whose participation is below this part of its Porter–Thomas value is called localised.
LOCALISED_BELOW = 0.5


def find_traps(
    matrix: WeightMatrix,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    engine: Engine = "calibrated",
    *,
    view: View = "raw",
    stop_early: bool = False,
    spectra: Spectra = "first",
) -> TrapScan:
    """Shuffle a matrix once per seed and collect what lies beyond the edge of noise.

    ``engine="calibrated"``: λ beyond the Tracy–Widom quantile of ``level``, with the variance from the
    entries (mean and giants set apart) and the edge moved and widened by their kurtosis; false positives are near
    ``level`` from 50×50 up. ``engine="weightwatcher"``: the published rule, applied to each shuffle alone (the
    tool itself pools five below 100 columns). Below 20 on the short side the calibrated engine counts nothing:
    ``counts`` is empty and the caveat says why. The p-value of a trap is the Tracy–Widom tail at its
    eigenvalue: exact for the largest, conservative for the rest. ``view`` is what :func:`viewed` subtracts first;
    ``stop_early`` leaves out the remaining seeds as soon as :func:`settled_steps` calls the count settled.

    ``spectra`` says of which shuffles the full spectrum is kept: of the ``"first"`` (enough for a picture), of
    ``"all"`` or of ``"none"``. Of the others only what lies above the threshold is computed, many times faster on
    large layers, with the same traps: eigenvalues to :data:`lanczos.TOLERANCE`, vectors to :data:`lanczos.RESIDUAL`.
    The published rule needs every spectrum and keeps it; layers with a short side up to
    :data:`reshuffled.FULL_SIDE` are decomposed fully anyway and keep all but for ``"none"``.

    Every shuffle is looked at, also where the histogram of entries foretells no trap: :func:`predict_traps` is no
    bound, since many entries below the threshold may meet in a line of a shuffle and make a trap together. A bound over
    all arrangements is the Frobenius norm, ``M / (1 + √c)²`` times beyond the edge, and concentration inequalities for
    random ones (matrix Bernstein) keep a factor of ``ln M``: neither clears a real layer.
    """
    *_, last = find_traps_steps(matrix, seeds, level, engine, view=view, stop_early=stop_early, spectra=spectra)
    return last


def find_traps_steps(
    matrix: WeightMatrix,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    engine: Engine = "calibrated",
    *,
    view: View = "raw",
    stop_early: bool = False,
    spectra: Spectra = "first",
) -> Iterator[TrapScan]:
    """Like :func:`find_traps`, one growing scan per shuffle."""
    fine = find_traps_fine_steps(matrix, seeds, level, engine, view=view, spectra=spectra)
    scans = (scan for scan in fine if scan is not None)
    yield from settled_steps(scans) if stop_early else scans


def find_traps_fine_steps(
    matrix: WeightMatrix,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    engine: Engine = "calibrated",
    *,
    view: View = "raw",
    spectra: Spectra = "first",
    known: Mapping[int, Spectrum] | None = None,
) -> Iterator[TrapScan | None]:
    """Like :func:`find_traps_steps`, with a ``None`` every few steps within a shuffle, where a caller may stop.

    ``known`` are full spectra of shuffles by their seeds, which are not made again.
    """
    if spectra not in ("first", "all", "none"):
        raise Complaint(f"There is no choice {spectra!r} of spectra: choose 'first', 'all' or 'none'.")
    seen, seeds = viewed(matrix, view), tuple(seeds)
    scan = empty_scan(seen, level, engine)
    if not seeds:
        raise Complaint("No shuffle was asked for: give at least one seed.")
    n_whole = len(seeds) if engine == "weightwatcher" else {"first": 1, "all": len(seeds), "none": 0}[spectra]
    # A tensor's transposed view would be copied again for every shuffle.
    seen = replace(seen, values=np.ascontiguousarray(seen.values))
    for position, seed in enumerate(seeds):
        # Named nowhere here: the last shuffle must be gone before the next one is made.
        scan = yield from _extended_steps(
            scan, seen, Reshuffled(seen, seed, (known or {}).get(seed)), position < n_whole, spectra
        )
        yield with_raw_values(scan, matrix, view)


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


def with_spectrum(scan: TrapScan, matrix: WeightMatrix, seed: int) -> TrapScan:
    """The scan with the full spectrum of one more of its shuffles, at the cost of a decomposition."""
    if seed not in scan.seeds:
        raise Complaint(f"{scan.layer.name}: seed {seed} was not scanned; choose one of {list(scan.seeds)}.")
    if seed in scan.decomposed:
        return scan
    return with_known_spectrum(scan, seed, Reshuffled(viewed(matrix, scan.view), seed).spectrum)


def with_known_spectrum(scan: TrapScan, seed: int, spectrum: Spectrum) -> TrapScan:
    """The same with a spectrum that was made elsewhere."""
    known = dict(zip((*scan.decomposed, seed), (*scan.spectra, spectrum), strict=True))
    kept = tuple(one for one in scan.seeds if one in known)
    return replace(scan, decomposed=kept, spectra=tuple(known[one] for one in kept))


def _extended_steps(
    scan: TrapScan, matrix: WeightMatrix, shuffle: Reshuffled, whole: bool, spectra: Spectra
) -> Generator[None, None, TrapScan]:
    refuses = scan.engine == "calibrated" and min(matrix.values.shape) < MIN_SIDE
    threshold = _threshold(scan, shuffle)
    top = yield from shuffle.top_steps(np.inf if refuses else threshold, whole)
    # The full spectrum of a small layer is there anyway.
    keeps = whole or (shuffle.is_small and spectra != "none")
    grown = replace(
        scan,
        seeds=(*scan.seeds, shuffle.seed),
        largest=(*scan.largest, top.largest),
        spectra=(*scan.spectra, shuffle.spectrum) if keeps else scan.spectra,
        decomposed=(*scan.decomposed, shuffle.seed) if keeps else scan.decomposed,
        caveat=_said(scan.caveat, top.caveat, shuffle.spectrum.caveat if keeps else ""),
    )
    if refuses:
        return grown
    traps = _traps_of(scan, matrix, shuffle, top)
    return replace(grown, threshold=threshold, counts=(*scan.counts, len(traps)), traps=(*scan.traps, *traps))


def _said(caveat: str, *more: str) -> str:
    return " ".join([caveat] * bool(caveat) + [one for one in dict.fromkeys(more) if one and one not in caveat])


def _threshold(scan: TrapScan, shuffle: Reshuffled) -> float:
    if scan.engine == "calibrated":
        return scan.threshold
    spectrum = shuffle.spectrum
    return published_rule(spectrum.eigenvalues, spectrum.n_rows, spectrum.n_cols).threshold


def _traps_of(scan: TrapScan, matrix: WeightMatrix, shuffle: Reshuffled, top: Top) -> list[Trap]:
    scales = np.sqrt(top.eigenvalues * len(shuffle.values))
    whys = [
        explained(shuffle.values, scan.statistics, left, right, float(scale), matrix.unfolding.transposed)
        for left, right, scale in zip(top.left.T, top.right.T, scales, strict=True)
    ]
    named = named_entries(matrix, scan.statistics, shuffle, whys)
    return [_trap(scan, shuffle, top, index, *both) for index, both in enumerate(zip(whys, named, strict=True))]


def _trap(
    scan: TrapScan, shuffle: Reshuffled, top: Top, index: int, why: Explained, culprits: tuple[Entry, ...]
) -> Trap:
    n_rows, n_cols = shuffle.values.shape
    left, right, eigenvalue = top.left[:, index], top.right[:, index], float(top.eigenvalues[index])
    participations = participation_ratio(left), participation_ratio(right)
    expected = porter_thomas_participation(n_rows), porter_thomas_participation(n_cols)
    excess = scan.null.excess_widths(eigenvalue)
    p_value, caveat = _p_value(scan.engine, scan.null, scan.statistics, excess)
    return Trap(
        layer=scan.layer,
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
        cause=why.cause,
        mean_share=why.mean_share,
        culprits=culprits,
        caveat=caveat,
        detail=why.detail,
    )


def _p_value(engine: Engine, null: NullFit, statistics: EntryStatistics, excess: float) -> tuple[float, str]:
    if engine == "weightwatcher":
        return float("nan"), "The published rule gives no p-value."
    if statistics.heavy:
        return float("nan"), null.caveat
    return float(tw_sf(excess)), null.caveat
