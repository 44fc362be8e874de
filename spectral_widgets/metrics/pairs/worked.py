"""Pairs small enough to check by hand, for the worked values on the cards."""

from __future__ import annotations

import numpy as np

from ...records import CentredKernels, DifferenceSpectrum, LayerRef, MatrixPair, Spectrum, TopSubspaces
from .kernels import kernels_of


def pair(base: list[list[float]], other: list[list[float]]) -> MatrixPair:
    """Two matrices of a layer named “layer”."""
    one, two = np.array(base), np.array(other)
    ref = LayerRef("layer", "other", None, one.shape, one.shape[0], one.shape[1], "float64")
    return MatrixPair(ref, one, two)


def kernels(base: list[list[float]], other: list[list[float]]) -> CentredKernels:
    """What relates the output units of two such matrices."""
    return kernels_of(pair(base, other))


def difference(*values: float, base_norm: float = 10.0, floor: float = 1e-9) -> DifferenceSpectrum:
    """A difference with these singular values, of matrices with four rows."""
    descending = np.sort(np.array(values, dtype=float))[::-1]
    spectrum = Spectrum(descending[::-1] ** 2 / 4, 4, len(values), float((descending**2).sum() / 4 / len(values)))
    return DifferenceSpectrum(descending, spectrum, base_norm, floor)


def subspaces(
    cosines: list[list[float]], *, best: tuple[float, ...] = (1.0, 0.4), base: tuple[float, ...] = (4.0, 2.0)
) -> TopSubspaces:
    """Subspaces with these cosines on both sides, of an 8 × 4 matrix."""
    between, values = np.array(cosines), np.array(base)
    return TopSubspaces(values, values, between, between, np.array(best), 8, 4, 0.5, "given")
