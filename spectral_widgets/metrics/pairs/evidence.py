"""What the metrics of one pair are computed from, each kind made once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...records import CentredKernels, Complaint, DifferenceSpectrum, MatrixPair, NullFit, TopSubspaces
from ...spectra.nulls import fit_null
from ..evidence import Evidence
from .difference import difference_spectrum_of
from .kernels import kernels_of
from .subspaces import subspaces_of


class PairEvidence(Evidence):
    """Records about one pair of matrices, made lazily and kept; a failure is kept too, not tried again.

    ``settings`` are those of :func:`subspaces_of`: ``k``, ``top`` and ``threshold``. ``NullFit`` is the law of noise
    fitted to the difference.
    """

    def __init__(self, pair: MatrixPair, **settings: Any) -> None:
        self.settings = settings
        self.shelf, self.exact = None, True
        self.layer = pair.ref
        self._made: dict[type, Any] = {MatrixPair: pair}

    def _attempt(self, kind: type) -> object:
        if kind not in PAIR_MAKERS:
            return Complaint(f"No maker for evidence of type {kind.__name__} about a pair of matrices.")
        try:
            return PAIR_MAKERS[kind](self)
        except Complaint as complaint:
            return complaint
        except MemoryError:
            return Complaint("There is not enough memory to compare these matrices; close other models first.")
        except np.linalg.LinAlgError:
            return Complaint("The singular values did not converge; rescale the weights or leave the layer out.")


#: How each kind of evidence is made from the others. Open: a new kind is one more line.
PAIR_MAKERS: dict[type, Callable[[PairEvidence], object]] = {
    CentredKernels: lambda evidence: kernels_of(evidence.of(MatrixPair)),
    DifferenceSpectrum: lambda evidence: difference_spectrum_of(evidence.of(MatrixPair)),
    NullFit: lambda evidence: fit_null(evidence.of(DifferenceSpectrum).spectrum),
    TopSubspaces: lambda evidence: subspaces_of(evidence.of(MatrixPair), **evidence.settings),
}
