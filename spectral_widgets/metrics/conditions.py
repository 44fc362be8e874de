"""How unevenly a matrix treats its strongest and its weakest direction."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, Spectrum
from ..rmt import condition_number as condition_of
from ..rmt import gaussian_log_condition
from . import worked
from .ranks import numerical_rank
from .registry import metric
from .tail import BLIND

KAPPATUNE = "Oswaldo Ludwig, KappaTune, arXiv 2506.16289"
_QUANTILE = 0.1


@metric(
    symbol="κ",
    meaning="Largest over smallest singular value.",
    source=f"{KAPPATUNE}; Golub and Van Loan, Matrix Computations, section 2.6",
    laws=("scale_free", "at_least_one", *BLIND),
    worked=((worked.spectrum(1.0, 4.0, 9.0), 3.0),),
)
def condition_number(spectrum: Spectrum) -> float:
    """``s₁ / s_min``. Raises ``Complaint`` below full rank, where rounding alone would decide.

    KappaTune adds 1e-8 to ``s_min``: the same to one part in ``s_min / 1e-8``. Wide or square shapes have large ones
    by geometry: compare :func:`condition_ratio`.
    """
    return condition_of(_of_full_rank(spectrum))


@metric(
    symbol="κ/κ₀",
    meaning="Condition number over that of Gaussian noise of the same shape; above 1 is worse than noise.",
    source=f"{KAPPATUNE}; the law of noise from Edelman (1988) and Forrester (2006)",
    laws=("scale_free", "non_negative", *BLIND),
    worked=((worked.spectrum(*(1.0,) * 10, n_rows=20), float(np.exp(-gaussian_log_condition(20, 10)))),),
)
def condition_ratio(spectrum: Spectrum) -> float:
    """``κ / exp(E ln κ)`` with the expectation of :func:`rmt.gaussian_log_condition`.

    It takes the aspect out of the ranking. For squares one draw of noise scatters by a factor of about e, for a
    clear excess of rows by a few percent.
    """
    expected = gaussian_log_condition(spectrum.n_rows, spectrum.n_cols)
    return float(np.exp(np.log(condition_of(_of_full_rank(spectrum))) - expected))


@metric(
    symbol="κ₁₀",
    meaning="Largest singular value over the one that a tenth of them stays below.",
    source=f"{KAPPATUNE}, with a quantile in the place of the smallest singular value",
    laws=("scale_free", "at_least_one", *BLIND),
    worked=((worked.spectrum(*(float(k * k) for k in range(11))), 10.0),),
)
def condition_at_decile(spectrum: Spectrum) -> float:
    """``s₁ / s_{10 %}``: steady where a single small singular value would decide ``κ``; ``nan`` where it is zero."""
    singular_values = np.sqrt(spectrum.eigenvalues)
    low = float(np.quantile(singular_values, _QUANTILE))
    if numerical_rank(spectrum) < (1 - _QUANTILE) * spectrum.n_cols or not low > 0:
        raise Complaint(f"More than a tenth of the {spectrum.n_cols} singular values are zero, so κ₁₀ has no value.")
    return float(singular_values[-1]) / low


def _of_full_rank(spectrum: Spectrum) -> np.ndarray:
    rank, side = int(numerical_rank(spectrum)), len(spectrum.eigenvalues)
    if rank < side:
        raise Complaint(f"The rank is {rank} of {side}: the smallest singular value is zero up to rounding.")
    return np.sqrt(spectrum.eigenvalues)
