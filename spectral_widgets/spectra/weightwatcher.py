"""The published trap rule, number for number as WeightWatcher 0.7.5.5 and 0.7.7 apply it.

Kept beside the calibrated engine so that counts can be compared with the paper's. Its weak points are the
rule's own: the margin is the square root of a Tracy–Widom scale, hence conservative for large layers; one
strong trap can stretch the density grid so far that it invents others; a square layer's edge ignores σ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import fmin

from ..records import Complaint, TrapScan
from ..rmt import mp_density

#: Layers with a shorter short side are judged on five pooled shuffles.
POOLING_SIDE = 100
POOLED_SHUFFLES = 5
_BANDWIDTH = 0.1
_GRID = 1000
_MIN_DENSITY = 0.01
_PENALTY = 1000.0


@dataclass(frozen=True, slots=True)
class PublishedRule:
    """What the published rule says of a shuffled spectrum, on the scale ``WᵀW / n_rows``.

    ``count`` eigenvalues lie beyond ``threshold``; ``bulk_edge`` is the fitted edge without the margin.
    ``sigma`` is the fitted standard deviation once the mean eigenvalue is 1, and ``scale`` the factor that
    makes it 1. ``n_shuffles`` spectra were pooled; the published count is not divided by it.
    """

    threshold: float
    sigma: float
    bulk_edge: float
    count: int
    scale: float
    n_shuffles: int = 1


def published_rule(eigenvalues: np.ndarray, n_rows: int, n_cols: int) -> PublishedRule:
    """Published rule applied to the ascending eigenvalues of one shuffled ``n_rows × n_cols`` matrix.

    Rescale to mean 1, fit σ of the Marchenko–Pastur density (square: of the quarter circle, to the square
    roots) to a kernel density by least squares, and count what lies beyond
    ``edge + √(Q^(−1/2) edge^(2/3) M^(−2/3))``. Layers under 100 columns: :func:`published_rule_pooled`.
    Raises ``Complaint`` when the eigenvalues are not finite or all zero.
    Source: arXiv 2605.12394, equation 6, with the margin as in WeightWatcher 0.7.5.5.
    """
    return published_rule_pooled([eigenvalues], n_rows, n_cols)


def published_margin(edge: float, aspect: float, n_cols: int) -> float:
    """What the published rule adds to the edge, ``√(Q^(−1/2) edge^(2/3) M^(−2/3))``, once the mean eigenvalue is 1.

    The square root of a Tracy–Widom scale, as published; the scale itself would be the natural margin.
    """
    return float(np.sqrt(np.sqrt(aspect) * edge ** (2 / 3) * n_cols ** (-2 / 3)))


def published_rule_pooled(spectra: Sequence[np.ndarray], n_rows: int, n_cols: int) -> PublishedRule:
    """Published rule applied to the eigenvalues of several shuffles of one matrix thrown together.

    The rule pools :data:`POOLED_SHUFFLES` when ``n_cols`` is below :data:`POOLING_SIDE`; a trap then
    counts about once per shuffle.
    """
    pooled = np.sort(np.concatenate([np.asarray(one, dtype=np.float64) for one in spectra]))
    if not np.isfinite(pooled).all() or not pooled[-1] > 0:
        raise Complaint("The published rule needs finite eigenvalues that are not all zero.")
    scale = len(pooled) / float(pooled.sum())
    aspect = n_cols / n_rows
    sigma = _fitted_sigma(pooled * scale, aspect)
    edge = (sigma * (1 + np.sqrt(aspect))) ** 2
    margin = published_margin(edge, aspect, n_cols)
    return PublishedRule(
        threshold=float((edge + margin) / scale),
        sigma=sigma,
        bulk_edge=float(edge / scale),
        count=int(np.count_nonzero(pooled * scale > edge + margin)),
        scale=scale,
        n_shuffles=len(spectra),
    )


def published_rule_of(scan: TrapScan) -> PublishedRule:
    """What WeightWatcher reports for the shuffles of a scan: the first alone, five pooled below 100 columns.

    A scan with ``engine="weightwatcher"`` judges every shuffle by itself; this is the number in the tool's column
    ``rand_num_spikes`` had it drawn the same shuffles. Raises ``Complaint`` when the scan has too few of them.
    """
    needed = POOLED_SHUFFLES if scan.layer.n_cols < POOLING_SIDE else 1
    if len(scan.spectra) < needed:
        raise Complaint(
            f"{scan.layer.name}: the published rule pools {needed} shuffles and the scan has {len(scan.spectra)}; "
            f"scan with at least {needed} seeds and spectra='all'."
        )
    first = [spectrum.eigenvalues for spectrum in scan.spectra[:needed]]
    return published_rule_pooled(first, scan.layer.n_rows, scan.layer.n_cols)


def _fitted_sigma(scaled: np.ndarray, aspect: float) -> float:
    """Best of a grid of σ, polished by the simplex method: the same two steps, so the same local minimum."""
    sample = np.sqrt(scaled) if aspect == 1 else scaled
    x, density = _kernel_density(sample)
    widest = float(np.sqrt(scaled[-1])) / (1 + np.sqrt(aspect))
    grid = np.arange(0.05 * widest, 2.0 * widest, 0.01 * widest)
    losses = np.array([_loss(sigma, x, density, aspect) for sigma in grid])
    start = grid[int(np.argmin(losses))]
    polished = fmin(lambda point: _loss(float(point[0]), x, density, aspect), start, disp=False)
    return float(polished[0])


def _kernel_density(sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangular-kernel density of an ascending sample on a grid, where it is above the floor.

    A triangle is a difference of ramps, and a sum of ramps needs prefix sums alone: O(n + grid · log n).
    """
    x = np.linspace(0, sample[-1] + 0.5, _GRID)
    prefix = np.concatenate([[0.0], np.cumsum(sample)])

    def ramps(edge: np.ndarray) -> np.ndarray:
        below = np.searchsorted(sample, edge)
        return below * edge - prefix[below]

    triangles = ramps(x + _BANDWIDTH) - 2 * ramps(x) + ramps(x - _BANDWIDTH)
    density = triangles / (len(sample) * _BANDWIDTH**2)
    kept = density > _MIN_DENSITY
    return x[kept], density[kept]


def _loss(sigma: float, x: np.ndarray, density: np.ndarray, aspect: float) -> float:
    """Sum of squared residuals; a constant penalty where the bulk misses the peak or overshoots the data."""
    if aspect == 1:
        circle = np.sqrt(np.maximum(4 - x**2, 0.0)) / (np.pi * sigma**2)
        return float(((circle - density) ** 2).sum())
    low, high = (sigma * (1 - np.sqrt(aspect))) ** 2, (sigma * (1 + np.sqrt(aspect))) ** 2
    peak = x[int(np.argmax(density))]
    if high < peak or low > peak or high > x[-1]:
        return _PENALTY**2 * len(x)
    return float(((mp_density(x, aspect, sigma**2) - density) ** 2).sum())
