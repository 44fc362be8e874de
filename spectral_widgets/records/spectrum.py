"""Spectra and what was fitted to them. One convention: eigenvalues of ``WᵀW / n_rows``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .brief import brief


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Eigenvalues ``(n_cols,)`` of ``WᵀW / n_rows``, ascending, float64, never negative.

    ``caveat`` is empty unless something went otherwise than asked, such as a device without memory.
    """

    eigenvalues: np.ndarray
    n_rows: int
    n_cols: int
    element_variance: float
    caveat: str = ""

    @property
    def aspect(self) -> float:
        return self.n_cols / self.n_rows

    @property
    def n_uncertain(self) -> int:
        """Eigenvalues at most ``n_rows · 2⁻⁵²`` of the largest, which a Gram matrix cannot tell from zero.

        Zeros are among them; the numerical rank is ``n_cols`` less so many.
        """
        tolerance = self.eigenvalues[-1] * self.n_rows * np.finfo(np.float64).eps
        return int(np.count_nonzero(self.eigenvalues <= tolerance))


@dataclass(frozen=True, slots=True)
class NullFit:
    """A Marchenko–Pastur law fitted to a matrix, and the Tracy–Widom edge that goes with it.

    ``low`` and ``high`` are the asymptotic edges. ``edge_centre`` and ``edge_width`` locate the largest
    eigenvalue of finite noise: ``(λmax − edge_centre) / edge_width`` follows Tracy–Widom (β = 1).
    ``how`` says where the variance came from. ``goodness`` is the Kolmogorov–Smirnov distance between
    the eigenvalues in the bulk and the law, in [0, 1]; ``nan`` when it was not computed.
    """

    law: str
    variance: float
    aspect: float
    low: float
    high: float
    edge_centre: float
    edge_width: float
    how: str
    goodness: float = float("nan")
    caveat: str = ""

    def excess_widths(self, eigenvalue: float) -> float:
        """Distance beyond the expected edge in Tracy–Widom widths."""
        return (eigenvalue - self.edge_centre) / self.edge_width


@dataclass(frozen=True, slots=True)
class TailFit:
    """Power law ``p(λ) ∝ λ^(−alpha)`` on ``[xmin, xmax]``; ``distance`` is its Kolmogorov–Smirnov distance."""

    alpha: float
    alpha_error: float
    xmin: float
    xmax: float
    distance: float
    n_tail: int
    n_eigenvalues: int
    caveat: str = ""
