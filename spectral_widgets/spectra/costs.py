"""What a full decomposition costs, and from where on it is made only where somebody asks for it."""

from __future__ import annotations

from ..records import LayerRef

#: Multiplications beyond which a spectrum is estimated unless it is asked for: about a minute on two cores.
EXACT_COST = 4_000_000_000_000


def cost_of_spectrum(ref: LayerRef) -> int:
    """Multiplications of a full decomposition: the Gram matrix, and its eigenvalues by tridiagonalisation."""
    return ref.n_rows * ref.n_cols**2 + 2 * ref.n_cols**3


def is_too_large(ref: LayerRef) -> bool:
    """Whether the spectrum of this matrix is estimated unless somebody asks for it."""
    return cost_of_spectrum(ref) > EXACT_COST
