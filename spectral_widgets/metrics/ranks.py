"""How many directions a matrix uses."""

from __future__ import annotations

import numpy as np

from ..records import Spectrum
from ..rmt import participation_ratio
from . import worked
from .registry import metric
from .tail import BLIND


@metric(
    symbol="r",
    meaning="Squared Frobenius norm over squared spectral norm: how many equal directions would do.",
    source="Rudelson and Vershynin (2007)",
    laws=("scale_free", "within_short_side", *BLIND),
    worked=((worked.spectrum(1.0, 1.0, 2.0), 2.0),),
)
def stable_rank(spectrum: Spectrum) -> float:
    """``Σλ / λmax``, between 1 and the short side; ``nan`` for a zero matrix."""
    largest = spectrum.eigenvalues[-1]
    return float(spectrum.eigenvalues.sum() / largest) if largest > 0 else float("nan")


@metric(
    symbol="rank",
    meaning="Number of singular values that stand above rounding.",
    source="Golub and Van Loan, Matrix Computations, section 5.4",
    laws=("scale_free", "within_short_side", *BLIND),
    worked=((worked.spectrum(0.0, 1.0, 2.0), 2.0), (worked.spectrum(1e-17, 1.0), 1.0)),
)
def numerical_rank(spectrum: Spectrum) -> float:
    """Eigenvalues above ``λmax · N · 2⁻⁵²``, what a Gram matrix in float64 can tell from zero.

    WeightWatcher puts the same number on singular values, where only a singular value decomposition could
    tell; the two differ when singular values lie between ``N·2⁻⁵²`` and its root, relative to the largest.
    """
    tolerance = spectrum.eigenvalues[-1] * spectrum.n_rows * np.finfo(np.float64).eps
    return float(np.count_nonzero(spectrum.eigenvalues > tolerance))


@metric(
    symbol="H",
    meaning="Entropy of the shares of energy per direction, over its largest value: 1 is evenly spread.",
    source="Roy and Vetterli (2007), with shares of squared singular values",
    laws=("scale_free", "within_unit", *BLIND),
    worked=((worked.spectrum(1.0, 1.0), 1.0), (worked.spectrum(0.0, 2.0, 2.0), 1.0)),
)
def spectral_entropy(spectrum: Spectrum) -> float:
    """``−Σ p ln p / ln rank`` with ``p = λ / Σλ``; ``nan`` below rank 2, where nothing can spread.

    WeightWatcher's ``entropy`` adds 1e-10 to every share and to the rank: equal to about 1e-6.
    """
    rank = numerical_rank(spectrum)
    if rank < 2:
        return float("nan")
    shares = spectrum.eigenvalues[-int(rank) :] / spectrum.eigenvalues[-int(rank) :].sum()
    return float(-(shares * np.log(shares)).sum() / np.log(rank))


@metric(
    symbol="r_eff",
    meaning="Exponential of the entropy of the singular values: how many directions the matrix spreads over.",
    source="Roy and Vetterli (2007), equation 4; for representations RankMe (Garrido and others 2023)",
    laws=("scale_free", "within_short_side", *BLIND),
    worked=((worked.spectrum(4.0, 4.0), 2.0), (worked.spectrum(0.0, 1.0, 1.0, 1.0), 3.0)),
)
def effective_rank(spectrum: Spectrum) -> float:
    """``exp(−Σ p ln p)`` with ``p = s / Σ s`` over the numerical rank; ``nan`` for a zero matrix.

    RankMe adds 1e-7 to every share: equal to about 1e-5.
    """
    rank = int(numerical_rank(spectrum))
    if not rank:
        return float("nan")
    shares = np.sqrt(spectrum.eigenvalues[-rank:])
    shares = shares / shares.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


@metric(
    symbol="PR_λ",
    meaning="How many equal eigenvalues would have the same mean square: small where a few carry the energy.",
    source="Bell and Dean (1970), participation ratio applied to the eigenvalues",
    laws=("scale_free", "within_short_side", *BLIND),
    worked=((worked.spectrum(1.0, 1.0, 2.0), 16 / 6), (worked.spectrum(0.0, 3.0), 1.0)),
)
def eigenvalue_participation(spectrum: Spectrum) -> float:
    """``(Σλ)² / Σλ²``, between 1 and the short side; ``nan`` for a zero matrix.

    ``1 / (1 + y)`` of the short side for pure noise of aspect ``y``.
    """
    largest = spectrum.eigenvalues[-1]
    return participation_ratio(np.sqrt(spectrum.eigenvalues / largest)) if largest > 0 else float("nan")
