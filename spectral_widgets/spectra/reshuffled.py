"""One shuffle of a matrix and what lies above the threshold: from its whole spectrum, or from the top alone."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial

import numpy as np

from ..records import Spectrum, WeightMatrix
from .abreast import beside_steps
from .decompose import spectrum_of
from .lanczos import Top, exact_top, top_of, top_steps
from .shuffles import permuted, places_of

#: Up to this short side a full decomposition costs no more than the top alone (measured at 200 to 384).
FULL_SIDE = 320


def largest_of(matrix: WeightMatrix, threshold: float, seed: int) -> tuple[float, str]:
    """The largest eigenvalue alone, near or beyond ``threshold``, to :data:`lanczos.EDGE_TOLERANCE`; and a caveat."""
    if min(matrix.values.shape) <= FULL_SIDE:
        spectrum = spectrum_of(matrix)
        return float(spectrum.eigenvalues[-1]), spectrum.caveat
    top = top_of(matrix.values, threshold, seed, matrix.device)
    return top.largest, top.caveat


class Reshuffled:
    """The entries of a matrix in random places; its spectrum, unless given, is made when it is first asked for."""

    def __init__(self, matrix: WeightMatrix, seed: int, spectrum: Spectrum | None = None) -> None:
        self.seed, self._spectrum = seed, spectrum
        self.matrix = replace(matrix, values=permuted(matrix.values, seed))

    @property
    def values(self) -> np.ndarray:
        """The shuffled matrix, in the precision of the weights."""
        return self.matrix.values

    @property
    def is_small(self) -> bool:
        """Whether all eigenvalues cost no more than the largest ones."""
        return min(self.values.shape) <= FULL_SIDE

    @property
    def spectrum(self) -> Spectrum:
        """All eigenvalues."""
        # No cached_property: before Python 3.12 its lock would let one shuffle at a time compute.
        if self._spectrum is None:
            self._spectrum = spectrum_of(self.matrix)
        return self._spectrum

    def sources(self, cells: np.ndarray) -> np.ndarray:
        """Flat places in the matrix that the entries in these flat cells came from."""
        return places_of(cells, self.values.size, self.seed)

    def top_steps(self, threshold: float, whole: bool) -> Generator[None, None, Top]:
        """What lies above the threshold; with the eigenvalues of the ``whole`` spectrum where that is made."""
        whole = whole or self.is_small
        if whole and not self._count(threshold):
            return self._without_traps()
        top = None if self.is_small else (yield from top_steps(self.values, threshold, self.seed, self.matrix.device))
        if not whole:
            assert top is not None
            return top
        count = self._count(threshold)
        if top is None or len(top.eigenvalues) != count:
            exact = partial(exact_top, self.values, threshold, count, self.matrix.device)
            top = yield from beside_steps(exact, self.values.size)
        descending = self.spectrum.eigenvalues[::-1]
        return replace(top, eigenvalues=descending[:count], largest=float(descending[0]), exact=True)

    def _count(self, threshold: float) -> int:
        return int(np.count_nonzero(self.spectrum.eigenvalues > threshold))

    def _without_traps(self) -> Top:
        n_rows, n_cols = self.values.shape
        largest = float(self.spectrum.eigenvalues[-1])
        return Top(np.empty(0), np.empty((n_rows, 0)), np.empty((n_cols, 0)), largest, exact=True)
