"""Two matrices of one layer, what their difference and their leading directions look like, and two nets made alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .attention import FactoredMatrix
from .brief import brief
from .layer import LayerRef
from .spectrum import Spectrum


@brief
@dataclass(frozen=True, slots=True, eq=False)
class MatrixPair:
    """One layer of a base model and of another one, both ``(n_rows, n_cols)`` and oriented alike.

    Either ``other`` holds the other matrix, or ``update`` the low-rank product that is added to the base.
    ``transposed`` says that the outputs lie along the short side. ``rounding`` is the largest relative
    error that storage made in an entry, ``device`` where the two are compared.
    """

    ref: LayerRef
    base: np.ndarray
    other: np.ndarray | None = None
    update: FactoredMatrix | None = None
    transposed: bool = False
    rounding: float = 0.0
    caveat: str = ""
    device: str = "cpu"


@brief
@dataclass(frozen=True, slots=True, eq=False)
class DifferenceSpectrum:
    """Singular values of other − base, descending, float64; ``spectrum`` has them as eigenvalues of ``ΔᵀΔ / n_rows``.

    ``base_norm`` is the Frobenius norm of the base; singular values up to ``floor`` cannot be told from rounding.
    """

    singular_values: np.ndarray
    spectrum: Spectrum
    base_norm: float
    floor: float
    caveat: str = ""


@brief
@dataclass(frozen=True, slots=True, eq=False)
class TopSubspaces:
    """How leading singular vectors of two matrices lie to each other; left is the output side, right the input side.

    ``left_cosines`` and ``right_cosines`` are ``(k, k)``: vectors of the base by vectors of the other. Of the
    ``len(best_left)`` leading vectors of the other, ``best_left`` is the largest absolute cosine with any left
    vector of the base. ``n_left`` and ``n_right`` are the lengths of the vectors; two random subspaces overlap by
    ``k / n``. ``threshold`` is the cosine below which a direction counts as an intruder, ``how`` says where k is from.
    """

    base_values: np.ndarray
    other_values: np.ndarray
    left_cosines: np.ndarray
    right_cosines: np.ndarray
    best_left: np.ndarray
    n_left: int
    n_right: int
    threshold: float
    how: str
    caveat: str = ""

    @property
    def k(self) -> int:
        return len(self.left_cosines)


@dataclass(frozen=True, slots=True)
class CentredKernels:
    """Inner product and Frobenius norms of the kernels of two matrices: output units by output units, centred."""

    cross: float
    base_norm: float
    other_norm: float
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class AlignedLayer:
    """One layer before and after: Frobenius distance and alignment of singular vectors, a cosine in [−1, 1]."""

    layer: str
    distance_before: float
    distance_after: float
    alignment_before: float
    alignment_after: float


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Hidden units of one net put into the order of another's.

    ``permutations`` maps each hidden layer to ``order``: unit ``i`` of the aligned net was unit ``order[i]``.
    Distances are over all tensors of the chain, statistics of norms included. The alignment is the mean over layers,
    of singular vectors whose value is at least ``gamma`` times the largest. ``state_dict`` holds the aligned tensors.
    """

    layers: tuple[AlignedLayer, ...]
    permutations: Mapping[str, np.ndarray]
    distance_before: float
    distance_after: float
    alignment_before: float
    alignment_after: float
    gamma: float
    seed: int
    n_sweeps: int
    converged: bool
    sentence: str
    state_dict: Mapping[str, Any] = field(repr=False)
    caveat: str = ""

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row per layer, ready for a frame."""
        return [{name: getattr(one, name) for name in AlignedLayer.__slots__} for one in self.layers]
