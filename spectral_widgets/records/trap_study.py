"""What is asked about traps beyond one scan: other references, many shuffles, many sizes, whole models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .brief import brief
from .layer import LayerRef
from .trap import TrapScan

Reference = Literal["tracy-widom", "shuffles", "entry-law"]


@brief
@dataclass(frozen=True, slots=True, eq=False)
class ReferenceTest:
    """Eigenvalues against a stated reference. ``p_values`` run along ``eigenvalues``.

    ``maxima`` ``(R,)`` are the largest eigenvalues of the reference matrices; empty for Tracy–Widom. ``question``
    is what the p-values answer, ``law`` the entry law that was fitted.
    """

    layer: LayerRef
    reference: Reference
    question: str
    eigenvalues: tuple[float, ...]
    p_values: tuple[float, ...]
    maxima: np.ndarray
    law: str = ""
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class RankSpread:
    """The ``index``-th largest trap over the ``n`` shuffles that have it; the deviation is ``nan`` for one."""

    index: int
    n: int
    mean: float
    deviation: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CulpritStability:
    """An entry and the share of shuffles, in (0, 1], in which some trap names it."""

    row: int
    column: int
    value: float
    share_of_seeds: float


@brief
@dataclass(frozen=True, slots=True)
class ShuffleSummary:
    """What many shuffles agree on.

    ``modal_count`` is the commonest number of traps (the smaller one of a tie) and ``evidence`` the e-value for
    its holding in more than half of all shuffles. ``settled`` means that the evidence reached the stated bound.
    """

    layer: LayerRef
    n_shuffles: int
    counts: tuple[int, ...]
    modal_count: float
    evidence: float
    settled: bool
    ranks: tuple[RankSpread, ...]
    culprits: tuple[CulpritStability, ...]
    rule: str
    caveat: str = ""


@brief
@dataclass(frozen=True, slots=True, eq=False)
class SelfAveraging:
    """Fluctuation of the largest eigenvalue and of the bulk edge over shuffles, by size.

    All run along ``shapes``, the shapes of nested blocks of each shuffled matrix. The variances are relative:
    variance over squared mean. ``edge`` is the largest eigenvalue that is not a trap.
    """

    layer: LayerRef
    seeds: tuple[int, ...]
    shapes: tuple[tuple[int, int], ...]
    largest_variances: tuple[float, ...]
    edge_variances: tuple[float, ...]
    caveat: str = ""


@brief
@dataclass(frozen=True, slots=True, eq=False)
class EntrySurvival:
    """Share of entries whose distance from the mean is at least ``sizes``; both at most a few hundred points.

    ``threshold`` is the size beyond which one entry makes a trap by itself, ``σ (N M)^¼``.
    """

    layer: LayerRef
    sizes: np.ndarray
    shares: np.ndarray
    threshold: float
    n_beyond: int


@brief
@dataclass(frozen=True, slots=True, eq=False)
class LayerTraps:
    """One layer of a whole-model scan. A layer that was left out has no numbers and says why in ``caveat``."""

    layer: LayerRef
    p_value: float
    q_value: float
    scan: TrapScan | None
    caveat: str = ""

    @property
    def left_out(self) -> bool:
        return self.p_value != self.p_value


@brief
@dataclass(frozen=True, slots=True, eq=False)
class ModelScan:
    """All layers of a model, tested together at the false-discovery rate ``rate``."""

    rate: float
    layers: tuple[LayerTraps, ...]

    @property
    def tested(self) -> tuple[LayerTraps, ...]:
        return tuple(one for one in self.layers if not one.left_out)

    @property
    def found(self) -> tuple[LayerTraps, ...]:
        return tuple(one for one in self.tested if one.q_value <= self.rate)

    @property
    def sentence(self) -> str:
        """How many layers hold traps, and which were left out and why."""
        n_tested, left_out = len(self.tested), [one for one in self.layers if one.left_out]
        noun = "layer" if len(self.found) == 1 else "layers"
        verb = "holds" if len(self.found) == 1 else "hold"
        said = f"{len(self.found)} {noun} of {n_tested} {verb} traps at {100 * self.rate:g} % FDR."
        if left_out:
            said += " Left out: " + " ".join(f"{one.layer.name} ({one.caveat.rstrip('.')})." for one in left_out)
        return said
