"""Metrics that mix the exponent with the scale."""

from __future__ import annotations

import numpy as np

from ..records import Spectrum, TailFit
from . import worked
from .registry import metric
from .tail import BLIND

SOURCE = "Martin, Peng and Mahoney (2021), with eigenvalues of WᵀW / N"


@metric(
    symbol="α̂",
    meaning="Exponent times the order of magnitude of the largest eigenvalue.",
    source=SOURCE,
    laws=BLIND,
    worked=(((worked.tail(alpha=3.0), worked.spectrum(1.0, 100.0)), 6.0),),
)
def alpha_weighted(tail: TailFit, spectrum: Spectrum) -> float:
    """``α log₁₀ λmax``. WeightWatcher takes ``WᵀW`` without ``1/N``: its value is this plus ``α log₁₀ N``."""
    return tail.alpha * float(np.log10(_largest(spectrum)))


@metric(
    symbol="log Σλ^α",
    meaning="Order of magnitude of the sum of eigenvalues to the power of the exponent.",
    source=SOURCE,
    laws=BLIND,
    worked=(((worked.tail(alpha=2.0), worked.spectrum(0.0, 6.0, 8.0)), 2.0),),
)
def log_alpha_norm(tail: TailFit, spectrum: Spectrum) -> float:
    """``log₁₀ Σ λ^α``. WeightWatcher's value is this plus ``α log₁₀ N``."""
    largest = _largest(spectrum)
    ratios = (spectrum.eigenvalues / largest) ** tail.alpha
    return tail.alpha * float(np.log10(largest)) + float(np.log10(ratios.sum()))


def _largest(spectrum: Spectrum) -> float:
    largest = float(spectrum.eigenvalues[-1])
    return largest if largest > 0 else float("nan")
