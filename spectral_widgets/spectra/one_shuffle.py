"""What one shuffle of a matrix says: its top and its traps."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ..records import Engine, Entry, EntryStatistics, NullFit, Spectra, Spectrum, Trap, TrapScan, WeightMatrix
from ..rmt import participation_ratio, porter_thomas_participation, tw_sf
from .abreast import beside_steps
from .explain import Explained, explained
from .lanczos import Top
from .naming import named_entries
from .nulls import MIN_SIDE
from .reshuffled import Reshuffled
from .weightwatcher import published_rule

#: A vector whose participation is below this part of its Porter–Thomas value is called localised.
LOCALISED_BELOW = 0.5
#: A shuffle of fewer entries takes less than some 40 ms, and is a fifth faster where its caller goes on with it.
LONG_SHUFFLE = 1 << 23


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One shuffle of a scan: its traps, or ``None`` where the matrix is too small for a verdict.

    ``spectrum`` is there where it is to be kept, ``largest`` is the largest eigenvalue.
    """

    seed: int
    threshold: float
    largest: float
    traps: tuple[Trap, ...] | None
    spectrum: Spectrum | None = None
    caveats: tuple[str, ...] = ()


def look_steps(
    scan: TrapScan, matrix: WeightMatrix, seed: int, known: Spectrum | None, *, whole: bool, spectra: Spectra
) -> Generator[None, None, Look]:
    """Shuffle the matrix by ``seed`` and look beyond the edge; ``scan`` holds what all shuffles share.

    Yields every few steps; the shuffle itself is gone at the end. ``known`` is its full spectrum, where it was made
    before; ``whole`` makes it.
    """
    shuffle = yield from beside_steps(lambda: Reshuffled(matrix, seed, known), matrix.values.size, LONG_SHUFFLE)
    refuses = scan.engine == "calibrated" and min(matrix.values.shape) < MIN_SIDE
    threshold = _threshold(scan, shuffle)
    top = yield from shuffle.top_steps(np.inf if refuses else threshold, whole)
    # The full spectrum of a small layer is there anyway.
    kept = shuffle.spectrum if whole or (shuffle.is_small and spectra != "none") else None
    caveats = (top.caveat, "" if kept is None else kept.caveat)
    traps = None if refuses else tuple(_traps_of(scan, matrix, shuffle, top))
    return Look(seed, threshold, top.largest, traps, kept, caveats)


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
