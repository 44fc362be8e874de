"""What the metrics of one matrix are computed from, each kind made once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from ..records import Complaint, LayerRef, NullFit, Spectrum, TailFit, TrapScan, WeightMatrix
from ..spectra.decompose import spectrum_of
from ..spectra.nulls import fit_null
from ..spectra.tails import fit_tail
from ..spectra.traps import find_traps

Kind = TypeVar("Kind")


class Evidence:
    """Records about one weight matrix, made lazily and kept; a failure is kept too, not tried again.

    ``seeds`` and ``level`` are those of the trap scan. ``known`` are records that exist already, for
    example a spectrum that is on the screen.
    """

    def __init__(
        self,
        matrix: WeightMatrix,
        *,
        seeds: Iterable[int] = range(5),
        level: float = 0.01,
        known: Iterable[object] = (),
    ) -> None:
        self.seeds = tuple(seeds)
        self.level = level
        self._made: dict[type, Any] = {WeightMatrix: matrix}
        self._made |= {type(record): record for record in known}

    @property
    def layer(self) -> LayerRef:
        return self.of(WeightMatrix).ref

    def of(self, kind: type[Kind]) -> Kind:
        """The record of this kind. Raises the ``Complaint`` of whoever could not make it."""
        if kind not in self._made:
            self._made[kind] = self._attempt(kind)
        made = self._made[kind]
        if isinstance(made, Complaint):
            raise made
        return made

    def _attempt(self, kind: type) -> object:
        if kind not in MAKERS:
            return Complaint(f"No maker for evidence of type {kind.__name__}; known are {_known_kinds()}.")
        if not np.isfinite(self.of(WeightMatrix).values).all():
            return Complaint(f"{self.layer.name} holds NaN or Inf; repair these weights or leave them out.")
        try:
            return MAKERS[kind](self)
        except Complaint as complaint:
            return complaint
        except MemoryError:
            return Complaint("There is not enough memory to decompose this matrix; close other models first.")
        except np.linalg.LinAlgError:
            return Complaint("The eigenvalues did not converge; rescale the weights or leave it out.")


def _known_kinds() -> str:
    return ", ".join(kind.__name__ for kind in (WeightMatrix, *MAKERS))


#: How each kind of evidence is made from the others. Open: a new kind is one more line.
MAKERS: dict[type, Callable[[Evidence], object]] = {
    Spectrum: lambda evidence: spectrum_of(evidence.of(WeightMatrix)),
    NullFit: lambda evidence: fit_null(evidence.of(Spectrum)),
    TailFit: lambda evidence: fit_tail(evidence.of(Spectrum)),
    TrapScan: lambda evidence: find_traps(evidence.of(WeightMatrix), evidence.seeds, evidence.level),
}
