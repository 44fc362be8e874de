"""Numbers from the estimate of a spectrum, each with its standard error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..records import SpectrumEstimate
from ..rmt import quadrature_shares

Function = Callable[[np.ndarray], np.ndarray]
#: Rounding of products in float32, as a part of the value: no error is quoted below it.
ROUNDING = 2e-6


def trace_of(estimate: SpectrumEstimate, function: Function) -> tuple[float, float]:
    """``Σ f(λ)`` over all ``n_cols`` eigenvalues, and its standard error."""
    return of_traces(estimate, [function], lambda mean: float(mean[0]))


def of_traces(
    estimate: SpectrumEstimate, functions: list[Function], combine: Callable[[np.ndarray], float]
) -> tuple[float, float]:
    """``combine([Σ f(λ), Σ g(λ), …])`` with its standard error, by leaving out one probe at a time."""
    totals = np.column_stack([_totals(estimate, one) for one in functions])
    return jackknifed(with_known_sum(estimate, totals), combine)


def with_known_sum(estimate: SpectrumEstimate, totals: np.ndarray) -> np.ndarray:
    """Totals ``(n_probes, n)`` less what the error of each probe's own ``Σ λ`` explains: that sum is known."""
    error = _totals(estimate, lambda x: x) - estimate.sum_of_eigenvalues
    spread = error - error.mean()
    energy = float(spread @ spread)
    if len(error) < 4 or not energy > 0:
        return totals
    slope = spread @ (totals - totals.mean(axis=0)) / energy
    return totals - error[:, None] * slope


def jackknifed(totals: np.ndarray, combine: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """``combine`` of the mean row, and its standard error from the rows; that of a single row is unknown."""
    count = len(totals)
    value = combine(totals.mean(axis=0))
    if count < 2:
        return value, float("nan")
    left_out = np.array([combine((totals.sum(axis=0) - one) / (count - 1)) for one in totals])
    # One degree of freedom is spent on the known sum.
    scale = (count - 1) / count * (count - 1) / max(count - 2, 1)
    spread = float(np.sqrt(scale * ((left_out - left_out.mean()) ** 2).sum()))
    return value, float(np.hypot(spread, ROUNDING * abs(value)))


def cdf_of(estimate: SpectrumEstimate, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of eigenvalues up to each point, and its standard error between the probes.

    Between two nodes the share is interpolated; Gauss quadrature promises no more than that it lies between theirs.
    """
    return _mean_and_error(_shares(estimate, np.asarray(points, dtype=np.float64)))


def quantiles_of(estimate: SpectrumEstimate, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues below which these shares of all lie, and their standard errors between the probes."""
    points = np.unique(np.concatenate([estimate.nodes.ravel(), estimate.top, [0.0]]))
    return _mean_and_error(np.array([np.interp(shares, row, points) for row in _shares(estimate, points)]))


def _shares(estimate: SpectrumEstimate, points: np.ndarray) -> np.ndarray:
    """``(n_probes, n_points)``: the share of all eigenvalues up to each point, by every probe alone."""
    n_top, floor = len(estimate.top), estimate.floor
    pairs = zip(estimate.nodes, estimate.weights, strict=True)
    rest = np.array([quadrature_shares(*pair, points, floor) for pair in pairs])
    top = (estimate.top[:, None] <= points[None, :]).sum(axis=0)
    return ((estimate.n_cols - n_top) * rest + top) / estimate.n_cols


def _mean_and_error(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(rows) < 2:
        return rows.mean(axis=0), np.full(rows.shape[1:], np.nan)
    return rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(len(rows))


def _totals(estimate: SpectrumEstimate, function: Function) -> np.ndarray:
    """``Σ f(λ)`` by every probe alone."""
    n_rest = estimate.n_cols - len(estimate.top)
    top = float(function(estimate.top).sum()) if len(estimate.top) else 0.0
    if not estimate.n_steps:
        return np.full(max(estimate.n_probes, 1), top)
    return top + n_rest * (estimate.weights * function(estimate.nodes)).sum(axis=1)
