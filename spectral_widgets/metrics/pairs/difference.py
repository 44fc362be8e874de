"""The difference of two matrices and its singular values, through small factors where it has them."""

from __future__ import annotations

import numpy as np

from ...records import DifferenceSpectrum, MatrixPair, Spectrum
from ...spectra.decompose import spectrum_of_values
from ...spectra.products import spectrum_of_product

EQUAL = "The two matrices are equal, so their difference has no directions."
_EPSILON = float(np.finfo(np.float64).eps)


def difference_spectrum_of(pair: MatrixPair) -> DifferenceSpectrum:
    """Singular values of other − base; a low-rank update is never formed.

    The floor of rounding is ``u · √(rms(W)² + rms(W')²) · (√N + √M)``, the largest singular value of independent errors
    of that size, with ``u`` the relative error of the stored dtype. A low-rank update was not rounded as a whole.
    """
    n_rows, n_cols = pair.base.shape
    base_norm = float(np.linalg.norm(pair.base.astype(np.float64)))
    spectrum, floor = _of_update(pair), 0.0
    if pair.other is not None:
        size = np.hypot(base_norm, np.linalg.norm(pair.other.astype(np.float64))) / np.sqrt(n_rows * n_cols)
        floor = float(pair.rounding * size * (np.sqrt(n_rows) + np.sqrt(n_cols)))
    values = np.sqrt(n_rows * spectrum.eigenvalues)[::-1]
    numerical_zero = float(values[0]) * float(np.sqrt(n_rows * _EPSILON))
    caveat = " ".join(filter(None, [pair.caveat, "" if values[0] else EQUAL, spectrum.caveat]))
    return DifferenceSpectrum(values, spectrum, base_norm, max(floor, numerical_zero), caveat)


def _of_update(pair: MatrixPair) -> Spectrum:
    """Spectrum with all ``n_cols`` eigenvalues; those that a low rank cannot have are zero."""
    if pair.update is not None:
        return spectrum_of_product(pair.update)
    n_rows, n_cols = pair.base.shape
    delta = difference_of(pair)
    return spectrum_of_values(delta, pair.device) if delta.any() else Spectrum(np.zeros(n_cols), n_rows, n_cols, 0.0)


def difference_of(pair: MatrixPair) -> np.ndarray:
    """Other − base in float64 ``(n_rows, n_cols)``; forms the product of a low-rank update."""
    if pair.update is not None:
        return pair.update.left.astype(np.float64) @ pair.update.right
    assert pair.other is not None
    return pair.other.astype(np.float64) - pair.base


def other_of(pair: MatrixPair) -> np.ndarray:
    """The other matrix in float64."""
    if pair.other is not None:
        return pair.other.astype(np.float64)
    return pair.base + difference_of(pair)
