"""The spectrum of a product of two small factors, without the product."""

from __future__ import annotations

import numpy as np

from ..records import FactoredMatrix, Spectrum
from .decompose import floored


def spectrum_of_product(product: FactoredMatrix) -> Spectrum:
    """Eigenvalues of ``XᵀX / n_rows`` of ``X = left @ right``: the ``ref.n_cols`` of the product, zero beyond its rank.

    Singular values of ``R_L R_Rᵀ`` with ``left = Q_L R_L`` and ``rightᵀ = Q_R R_R``: rotations on both sides
    leave them alone, and the largest matrix on the way is ``inner × inner``. ``element_variance`` is that of the
    product's entries.
    """
    left, right = product.left.astype(np.float64), product.right.astype(np.float64)
    left_core, right_core = (np.asarray(np.linalg.qr(factor, mode="r")) for factor in (left, right.T))
    core = left_core @ right_core.T
    n_rows = max(len(left), right.shape[1])
    n_cols = product.ref.n_cols
    singular_values = np.linalg.svd(core, compute_uv=False)[:n_cols]
    nothing = np.zeros(n_cols - len(singular_values))
    eigenvalues = floored(np.concatenate([nothing, np.sort(singular_values**2) / n_rows]))
    n_entries = len(left) * right.shape[1]
    mean = float(left.sum(axis=0) @ right.sum(axis=1)) / n_entries
    variance = float((singular_values**2).sum()) / n_entries - mean**2
    return Spectrum(eigenvalues, n_rows, n_cols, max(variance, 0.0))
