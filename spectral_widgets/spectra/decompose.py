"""From a weight matrix to its eigenvalues."""

from __future__ import annotations

import numpy as np

from ..records import Spectrum, WeightMatrix

# Squaring in float64 leaves eigenvalues trustworthy down to about (1e-8)² of the largest one's scale.
_FLOOR = 1e-16


def spectrum_of(matrix: WeightMatrix) -> Spectrum:
    """Eigenvalues of ``WᵀW / n_rows``, through the Gram matrix in float64.

    Relative to the largest, singular values are good down to about 1e-7, the noise of float32 weights;
    what lies below 1e-8 is reported as exactly zero.
    """
    values = matrix.values
    return Spectrum(
        eigenvalues=eigenvalues_of(values),
        n_rows=values.shape[0],
        n_cols=values.shape[1],
        element_variance=float(values.var(dtype=np.float64)),
    )


def gram_of(values: np.ndarray) -> np.ndarray:
    """``WᵀW / n_rows`` in float64, ``(n_cols, n_cols)``."""
    wide = np.ascontiguousarray(values.T, dtype=np.float64)
    return wide @ wide.T / values.shape[0]


def eigenvalues_of(values: np.ndarray) -> np.ndarray:
    """Ascending eigenvalues of the Gram matrix, rounding noise below the floor set to zero."""
    return floored(np.linalg.eigvalsh(gram_of(values)))


def floored(eigenvalues: np.ndarray) -> np.ndarray:
    """Ascending eigenvalues with what is rounding noise set to zero."""
    return np.where(eigenvalues > _FLOOR * eigenvalues[-1], eigenvalues, 0.0)
