"""Norms of the matrix itself, free of any convention for eigenvalues."""

from __future__ import annotations

import numpy as np

from ..records import Spectrum
from . import worked
from .registry import metric
from .tail import BLIND

TEXTBOOK = "Golub and Van Loan, Matrix Computations, section 2.3"


@metric(
    symbol="‖W‖_F",
    unit="weight",
    meaning="Frobenius norm: root of the sum of all squared weights.",
    source=TEXTBOOK,
    laws=("grows_linearly", "non_negative", *BLIND),
    worked=((worked.spectrum(1.0, 3.0, n_rows=4), 4.0),),
)
def frobenius_norm(spectrum: Spectrum) -> float:
    """``√Σs²``. WeightWatcher's ``norm`` is the square of this."""
    return float(np.sqrt(spectrum.n_rows * spectrum.eigenvalues.sum()))


@metric(
    symbol="s₁",
    unit="weight",
    meaning="Spectral norm: the largest singular value.",
    source=TEXTBOOK,
    laws=("grows_linearly", "non_negative", *BLIND),
    worked=((worked.spectrum(1.0, 4.0, n_rows=4), 4.0),),
)
def spectral_norm(spectrum: Spectrum) -> float:
    """Largest singular value. WeightWatcher's ``spectral_norm`` is the square of this."""
    return float(np.sqrt(spectrum.n_rows * spectrum.eigenvalues[-1]))


@metric(
    symbol="log‖W‖²",
    meaning="Order of magnitude of the squared Frobenius norm.",
    source="Martin, Peng and Mahoney (2021)",
    laws=BLIND,
    worked=((worked.spectrum(0.0, 25.0, n_rows=4), 2.0),),
)
def log_norm(spectrum: Spectrum) -> float:
    """``log₁₀ ‖W‖_F²``, equal to WeightWatcher's ``log_norm``."""
    return _log10(frobenius_norm(spectrum) ** 2)


@metric(
    symbol="log s₁²",
    meaning="Order of magnitude of the squared largest singular value.",
    source="Martin, Peng and Mahoney (2021)",
    laws=BLIND,
    worked=((worked.spectrum(1.0, 25.0, n_rows=4), 2.0),),
)
def log_spectral_norm(spectrum: Spectrum) -> float:
    """``log₁₀ s₁²``, equal to WeightWatcher's ``log_spectral_norm``."""
    return _log10(spectral_norm(spectrum) ** 2)


def _log10(value: float) -> float:
    return float(np.log10(value)) if value > 0 else float("nan")
