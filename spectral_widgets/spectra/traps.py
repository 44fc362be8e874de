"""Traps: eigenvalues that stay beyond the edge of noise after all entries were shuffled."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

import numpy as np

from ..records import (
    Complaint,
    Engine,
    LayerRef,
    Spectra,
    Spectrum,
    TrapScan,
    View,
    WeightMatrix,
)
from .abreast import Steps, abreast, beside_steps, n_abreast
from .costs import is_too_large
from .entries import entry_statistics
from .explain import predict_traps
from .nulls import null_of_entries, threshold_of
from .one_shuffle import Look, look_steps
from .reshuffled import Reshuffled
from .settled import settled_steps
from .views import viewed, with_raw_values

#: Memory for a full spectrum of a shuffle in copies of it: itself, its Gram matrix and room to work.
WHOLE_COPIES = 4
#: And for one in float64, whose products are in float32.
FLOAT32_COPIES = 2.5


def find_traps(
    matrix: WeightMatrix,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    engine: Engine = "calibrated",
    *,
    view: View = "raw",
    stop_early: bool = False,
    spectra: Spectra | None = None,
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
    ``"all"`` or of ``"none"``. Without it, of the first, and where that takes more than about a minute of none, which
    the caveat says. Of the others only what lies above the threshold is computed, many times faster on
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
    spectra: Spectra | None = None,
) -> Generator[TrapScan]:
    """Like :func:`find_traps`, one growing scan per shuffle; until it is closed, BLAS may have one thread only."""
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
    spectra: Spectra | None = None,
    known: Mapping[int, Spectrum] | None = None,
    most_beside: int | None = None,
) -> Generator[TrapScan | None]:
    """Like :func:`find_traps_steps`, with a ``None`` every few steps within a shuffle, where a caller may stop.

    ``known`` are full spectra of shuffles by their seeds, which are not made again. At most ``most_beside`` shuffles
    are in memory at once.
    """
    seeds, spectra, said = checked_seeds(seeds), *_chosen(spectra, matrix.ref, engine)
    n_whole = len(seeds) if engine == "weightwatcher" else {"first": 1, "all": len(seeds), "none": 0}[spectra]
    seen, scan = yield from beside_steps(lambda: _before_shuffles(matrix, level, engine, view), matrix.values.size)
    scan = replace(scan, caveat=_said(scan.caveat, said))
    looks = [
        partial(look_steps, scan, seen, seed, (known or {}).get(seed), whole=position < n_whole, spectra=spectra)
        for position, seed in enumerate(seeds)
    ]
    most = len(seeds) if most_beside is None else most_beside
    with closing(_looks(seen.values, seen.device, looks, n_whole, most)) as steps:
        for look in steps:
            if look is None:
                yield None
            else:
                scan = _extended(scan, look)
                yield with_raw_values(scan, matrix, view)


def checked_seeds(seeds: Iterable[int]) -> tuple[int, ...]:
    """The seeds of shuffles, each once. Raises Complaint for none, and for what are no whole numbers from 0 on."""
    found = tuple(seeds) if isinstance(seeds, Iterable) and not isinstance(seeds, str | bytes) else (seeds,)
    if isinstance(seeds, Iterable) and not found:
        raise Complaint("No shuffle was asked for: give at least one seed.")
    if not isinstance(seeds, Iterable) or not all(isinstance(one, int | np.integer) and one >= 0 for one in found):
        raise Complaint(f"seeds={seeds!r} are no seeds: give whole numbers from 0 on, such as range(5).")
    return tuple(dict.fromkeys(int(one) for one in found))


def check_level(level: float) -> None:
    """Raises Complaint for a share of false positives that the trap test cannot have."""
    if not isinstance(level, float | int | np.floating | np.integer) or not 0 < level < 0.5:
        raise Complaint(f"The level of the trap test must lie between 0 and 0.5, got {level!r}; 0.01 is usual.")


def _chosen(spectra: Spectra | None, ref: LayerRef, engine: Engine) -> tuple[Spectra, str]:
    """Which full spectra are kept, and what is said where that is less than usual."""
    if spectra not in ("first", "all", "none", None):
        raise Complaint(f"There is no choice {spectra!r} of spectra: choose 'first', 'all' or 'none'.")
    if spectra is not None or engine == "weightwatcher" or not is_too_large(ref):
        return spectra or "first", ""
    size = f"{ref.n_rows} × {ref.n_cols}"
    return "none", f"No full spectrum of a shuffle was made, as {size} is large; spectra='first' makes one."


def _before_shuffles(matrix: WeightMatrix, level: float, engine: Engine, view: View) -> tuple[WeightMatrix, TrapScan]:
    seen = viewed(matrix, view)
    scan = empty_scan(seen, level, engine)
    # A tensor's transposed view would be copied again for every shuffle.
    return replace(seen, values=np.ascontiguousarray(seen.values)), scan


def _looks(
    values: np.ndarray, device: str, looks: Sequence[Callable[[], Steps[Look]]], n_whole: int, most: int
) -> Generator[Look | None]:
    """All looks in order: first those with a full spectrum, then the others, side by side as memory allows."""
    for part, n_copies in ((looks[:n_whole], WHOLE_COPIES), (looks[n_whole:], 1)):
        n_bytes = n_copies * values.nbytes * (1 if values.dtype == np.float32 else FLOAT32_COPIES)
        n_threads = min(n_abreast(values.size, n_bytes, len(part)), most)
        # A device takes one product at a time: one shuffle is made and uploaded while another is multiplied.
        yield from abreast(part, n_threads if device == "cpu" else min(n_threads, 2))


def empty_scan(matrix: WeightMatrix, level: float = 0.01, engine: Engine = "calibrated") -> TrapScan:
    """What is known before any shuffle: statistics, null, threshold and the predicted traps."""
    check_level(level)
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


def _extended(scan: TrapScan, look: Look) -> TrapScan:
    kept = () if look.spectrum is None else (look.spectrum,)
    grown = replace(
        scan,
        seeds=(*scan.seeds, look.seed),
        largest=(*scan.largest, look.largest),
        spectra=(*scan.spectra, *kept),
        decomposed=(*scan.decomposed, *([look.seed] * len(kept))),
        caveat=_said(scan.caveat, *look.caveats),
    )
    if look.traps is None:
        return grown
    counts, traps = (*scan.counts, len(look.traps)), (*scan.traps, *look.traps)
    return replace(grown, threshold=look.threshold, counts=counts, traps=traps)


def _said(caveat: str, *more: str) -> str:
    return " ".join([caveat] * bool(caveat) + [one for one in dict.fromkeys(more) if one and one not in caveat])
