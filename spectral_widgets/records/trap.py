"""Traps: outliers of the shuffled matrix, and what the histogram of entries says about them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from .brief import brief
from .layer import LayerRef
from .spectrum import NullFit, Spectrum

Cause = Literal["entries", "mean", "collective"]
Detail = Literal["", "row", "column"]
Engine = Literal["calibrated", "weightwatcher"]
View = Literal["raw", "centred", "double_centred"]
Spectra = Literal["first", "all", "none"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a weight matrix, as the tensor's flat view counts it.

    ``z_score`` is (value − mean) / standard deviation of the bulk entries. ``share`` is the part of
    the trap's singular value that this entry carries; ``nan`` when no trap is meant.
    """

    row: int
    column: int
    value: float
    z_score: float
    share: float = float("nan")


@brief
@dataclass(frozen=True, slots=True)
class EntryStatistics:
    """What the histogram of entries knows, with trap-making entries set apart from the bulk.

    ``threshold`` is the |entry − mean| beyond which a single entry makes a trap, ``mean_threshold``
    the |mean| beyond which the mean offset does. ``heavy`` means that no edge law holds for such entries.
    """

    n_entries: int
    mean: float
    variance: float
    bulk_variance: float
    excess_kurtosis: float
    threshold: float
    mean_threshold: float
    giants: tuple[Entry, ...]
    heavy: bool = False


@brief
@dataclass(frozen=True, slots=True)
class TrapPrediction:
    """Traps expected from the entries alone: eigenvalues descending, with the cause of each."""

    eigenvalues: tuple[float, ...]
    causes: tuple[Cause, ...]
    entries: tuple[Entry | None, ...]
    caveat: str = ""

    @property
    def count(self) -> int:
        return len(self.eigenvalues)


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Trap:
    """An eigenvalue of the shuffled matrix beyond the edge of noise.

    ``left`` ``(n_rows,)`` and ``right`` ``(n_cols,)`` are its unit singular vectors in *shuffled* order.
    Participation is ``1 / Σ v⁴``: how many components carry the vector; ``*_expected`` is its
    Porter–Thomas value ``(n + 2) / 3`` for a random vector. ``mean_share`` and the entries' shares are
    parts of the singular value and add up to one over all causes. ``detail`` is ``"row"`` or ``"column"`` when
    several entries of one row or column of the *shuffled* matrix, as the tensor counts it, make the trap together.
    """

    layer: LayerRef
    seed: int
    index: int
    eigenvalue: float
    excess_widths: float
    p_value: float
    left: np.ndarray
    right: np.ndarray
    left_participation: float
    right_participation: float
    left_expected: float
    right_expected: float
    localised: bool
    cause: Cause
    mean_share: float
    culprits: tuple[Entry, ...]
    caveat: str = ""
    detail: Detail = ""


@brief
@dataclass(frozen=True, slots=True, eq=False)
class TrapScan:
    """All traps of one layer over several shuffles. ``counts`` and ``largest`` run along ``seeds``.

    ``largest`` are the largest eigenvalues. ``spectra`` are the full shuffled spectra of the seeds ``decomposed``, in
    that order: often of the first shuffle only. A layer that is too small for the edge law has no counts; then
    ``refused`` is true and ``caveat`` says why. ``view`` says what was subtracted before the shuffle: nothing, the
    mean, or the means of rows and columns; culprits keep their values and places in the tensor.
    """

    layer: LayerRef
    engine: Engine
    level: float
    seeds: tuple[int, ...]
    threshold: float
    null: NullFit
    spectra: tuple[Spectrum, ...]
    counts: tuple[int, ...]
    traps: tuple[Trap, ...]
    statistics: EntryStatistics
    predicted: TrapPrediction
    caveat: str = ""
    view: View = "raw"
    largest: tuple[float, ...] = ()
    decomposed: tuple[int, ...] = ()

    def spectrum_of(self, seed: int) -> Spectrum | None:
        """The full spectrum of a shuffle; ``None`` where only its top was computed."""
        return self.spectra[self.decomposed.index(seed)] if seed in self.decomposed else None

    @property
    def refused(self) -> bool:
        return bool(self.seeds) and not self.counts

    @property
    def median_count(self) -> float:
        return float(median(self.counts)) if self.counts else float("nan")

    def of_seed(self, seed: int) -> tuple[Trap, ...]:
        return tuple(trap for trap in self.traps if trap.seed == seed)


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The matrix around one entry: ``values`` ``(len(rows), len(columns))`` in the tensor's flat view."""

    layer: LayerRef
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    values: np.ndarray
    entry: Entry
