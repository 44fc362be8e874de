"""The metrics that the estimate of a spectrum can give, each with its standard error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..records import LayerRef, SpectrumEstimate
from ..spectra.quadrature import ROUNDING, Function, of_traces


@dataclass(frozen=True, slots=True)
class Estimated:
    """A number and its standard error; 0 where the number is exact."""

    value: float
    error: float


def frobenius_norm(estimate: SpectrumEstimate) -> Estimated:
    """Exact: the root of the known sum of squares."""
    return Estimated(float(np.sqrt(estimate.n_rows * estimate.sum_of_eigenvalues)), 0.0)


def spectral_norm(estimate: SpectrumEstimate) -> Estimated:
    """Root of the largest Lanczos value, with half its relative bound."""
    value = float(np.sqrt(estimate.n_rows * estimate.largest))
    return Estimated(value, value / 2 * _part(estimate))


def log_norm(estimate: SpectrumEstimate) -> Estimated:
    """Exact, like the norm."""
    return _log10_of_square(frobenius_norm(estimate))


def log_spectral_norm(estimate: SpectrumEstimate) -> Estimated:
    """Logarithm of the squared spectral norm."""
    return _log10_of_square(spectral_norm(estimate))


def stable_rank(estimate: SpectrumEstimate) -> Estimated:
    """The known sum over the largest Lanczos value."""
    if not estimate.largest > 0:
        return _NOTHING
    value = estimate.sum_of_eigenvalues / estimate.largest
    return Estimated(value, value * _part(estimate))


def spectral_entropy(estimate: SpectrumEstimate) -> Estimated:
    """``(ln T − Σ λ ln λ / T) / ln rank`` with the known sum ``T`` and the rank as far as float32 can tell it."""
    total, floor = estimate.sum_of_eigenvalues, estimate.floor
    if not total > 0 or estimate.n_cols < 2:
        return _NOTHING

    def entropy(sums: np.ndarray) -> float:
        return float((np.log(total) - sums[0] / total) / np.log(max(sums[1], 2.0)))

    return Estimated(*of_traces(estimate, [_x_log_x, lambda x: (x > floor).astype(float)], entropy))


def effective_rank(estimate: SpectrumEstimate) -> Estimated:
    """``exp(ln S − Σ s ln s / S)`` with ``S = Σ s``."""
    if not estimate.sum_of_eigenvalues > 0:
        return _NOTHING
    roots: list[Function] = [np.sqrt, lambda x: _x_log_x(np.sqrt(x))]
    return Estimated(*of_traces(estimate, roots, lambda sums: float(sums[0] * np.exp(-sums[1] / sums[0]))))


def eigenvalue_participation(estimate: SpectrumEstimate) -> Estimated:
    """The known sum squared, over the estimated sum of squares."""
    total = estimate.sum_of_eigenvalues
    if not total > 0:
        return _NOTHING
    return Estimated(*of_traces(estimate, [np.square], lambda sums: float(total**2 / sums[0])))


ESTIMATORS: dict[str, Callable[[SpectrumEstimate], Estimated]] = {
    one.__name__: one
    for one in (
        frobenius_norm,
        spectral_norm,
        log_norm,
        log_spectral_norm,
        stable_rank,
        spectral_entropy,
        effective_rank,
        eigenvalue_participation,
    )
}
_NOTHING = Estimated(float("nan"), float("nan"))


def sentence_of(estimate: SpectrumEstimate) -> str:
    """What is said of every number that is no exact one."""
    return f"Estimated by Lanczos quadrature with {estimate.n_probes} probes of {estimate.n_steps} steps."


def refusal_of(ref: LayerRef) -> str:
    """Why a metric that needs every eigenvalue is missing."""
    size = f"{ref.n_rows}×{ref.n_cols}"
    return f"{ref.name} ({size}) is estimated, and this needs every eigenvalue; ask for it exactly with exact=True."


def _part(estimate: SpectrumEstimate) -> float:
    """Bound on the error of the largest eigenvalue, as a part of it."""
    return (
        float(np.hypot(estimate.largest_error / estimate.largest, ROUNDING)) if estimate.largest > 0 else float("nan")
    )


def _log10_of_square(norm: Estimated) -> Estimated:
    if not norm.value > 0:
        return _NOTHING
    return Estimated(2 * float(np.log10(norm.value)), 2 * norm.error / norm.value / float(np.log(10)))


def _x_log_x(x: np.ndarray) -> np.ndarray:
    return x * np.log(np.where(x > 0, x, 1.0))
