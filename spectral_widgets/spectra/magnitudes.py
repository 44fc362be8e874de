"""Histogram of the sizes of the entries, and the laws fitted to it."""

from __future__ import annotations

from math import ceil, lgamma, log, log10, pi, sinh

import numpy as np
from scipy.optimize import minimize

from ..records import Complaint, EntryFit, EntryFits, EntryMagnitudes, Family, WeibullFit, WeightMatrix
from ..rmt.weibull import MIDDLE, weibull_line

#: The grid of the published protocol: log₁₀|w| from −12 to 2 in 1024 bins.
GRID = (-12.0, 2.0)
N_BINS = 1024
_MIN_COUNT, _MIN_BINS = 100, 5
# Small enough that every step finds the last one in the cache: 1.5 times as fast as chunks of 2¹⁷.
_CHUNK = 1 << 15
_FEW = 1e-3
_DECADES_BELOW = 4
#: Beyond this many degrees of freedom a Student-t law cannot be told from a Gaussian one.
MOST_FREEDOM = 500.0


def magnitudes_of(matrix: WeightMatrix) -> EntryMagnitudes:
    """Counts of ``log₁₀|w|`` and the moments that the fits need, in one pass over the entries.

    Exact zeros and entries below the grid are counted apart; a caveat says so where they are more than one in a
    thousand. The grid is :data:`GRID` for all usual weights and moves by whole decades for huge or tiny ones.
    """
    flat = matrix.values.ravel(order="K")
    low, high = _grid_of(max(float(flat.max()), -float(flat.min())))
    least = flat.dtype.type(max(10.0**low, float(np.finfo(flat.dtype).smallest_subnormal)))
    counts, sums, n_zero, n_outside = np.zeros(N_BINS, dtype=np.int64), np.zeros(4), 0, 0
    for start in range(0, flat.size, _CHUNK):
        sizes = np.abs(flat[start : start + _CHUNK])
        n_zero += sizes.size - int(np.count_nonzero(sizes))
        sizes = sizes[sizes >= least]
        logs = np.log(sizes)
        places = ((logs * (1 / log(10)) - low) * (N_BINS / (high - low))).astype(np.int32)
        counts += np.bincount(np.clip(places, 0, N_BINS - 1), minlength=N_BINS)
        wide, logs = sizes.astype(np.float64, copy=False), logs.astype(np.float64, copy=False)
        sums += [wide.sum(), wide @ wide, logs.sum(), logs @ logs]
        n_outside += len(flat[start : start + _CHUNK]) - len(sizes)
    n_outside -= n_zero
    counted = flat.size - n_zero - n_outside
    means = sums / counted if counted else np.full(4, np.nan)
    return EntryMagnitudes(
        counts=counts,
        edges=(low, high),
        n_entries=flat.size,
        n_zero=n_zero,
        n_outside=n_outside,
        mean_size=float(means[0]),
        mean_square=float(means[1]),
        mean_log=float(means[2]),
        log_variance=max(float(means[3] - means[2] ** 2), 0.0),
        caveat=_left_out(flat.size, n_zero, n_outside, low),
    )


def _grid_of(largest: float) -> tuple[float, float]:
    low, high = GRID
    if 10.0 ** (low + _DECADES_BELOW) < largest <= 10.0**high or not largest > 0:
        return GRID
    top = float(ceil(log10(largest)))
    return top - (high - low), top


def _left_out(n_entries: int, n_zero: int, n_outside: int, low: float) -> str:
    said = []
    if n_zero > _FEW * n_entries:
        said.append(f"{n_zero:,} of {n_entries:,} entries are exactly zero and left out, as after pruning.")
    if n_outside > _FEW * n_entries:
        said.append(f"{n_outside:,} of {n_entries:,} entries are smaller than 1e{low:.0f} and left out.")
    return " ".join(said)


def weibull_fit(magnitudes: EntryMagnitudes) -> WeibullFit:
    """Weibull law by the middle 80 % of the probability plot (arXiv 2605.18898).

    ``F`` is the mean of the distribution function at the two edges of a bin; bins with ``0.1 ≤ F ≤ 0.9`` are fitted
    by :func:`rmt.weibull_line`, weighted by their counts. Raises Complaint below 100 entries or 5 bins.
    """
    counts, log_sizes = magnitudes.counts, log_centres(magnitudes)
    total = magnitudes.n_counted
    upper = np.cumsum(counts) / max(total, 1)
    shares = upper - counts / max(2 * total, 1)
    shown = counts > 0
    kept = shown & (shares >= MIDDLE[0]) & (shares <= MIDDLE[1])
    if total < _MIN_COUNT or np.count_nonzero(kept) < _MIN_BINS:
        raise Complaint(
            f"No Weibull fit: it needs {_MIN_COUNT} non-zero entries in {_MIN_BINS} bins of size, and there are "
            f"{total} in {int(np.count_nonzero(kept))}."
        )
    line = weibull_line(log_sizes[kept], shares[kept], counts[kept])
    return WeibullFit(
        shape=line.shape,
        scale=line.scale,
        r_squared=line.r_squared,
        distance=line.distance,
        middle=MIDDLE,
        log_sizes=log_sizes[shown],
        shares=shares[shown],
        n_entries=total,
        caveat=magnitudes.caveat,
    )


def log_centres(magnitudes: EntryMagnitudes) -> np.ndarray:
    """Natural logarithm of the size in the middle of every bin."""
    low, high = magnitudes.edges
    n_bins = len(magnitudes.counts)
    return (low + (high - low) * (np.arange(n_bins) + 0.5) / n_bins) * log(10)


def entry_fits(magnitudes: EntryMagnitudes, weibull: WeibullFit) -> EntryFits:
    """Gaussian, log-normal, Laplace and Student-t laws by maximum likelihood, the Weibull one as it was read off.

    All are symmetric about zero and of the same entries, so that their likelihoods can be compared. Student-t
    and Weibull likelihoods are sums over the bins (3 % wide). Raises Complaint where all sizes are equal.
    """
    if not (magnitudes.log_variance > 0 and magnitudes.mean_square > 0):
        raise Complaint("No law of entries: all of them have the same size, or are too small to square.")
    variance, size = magnitudes.mean_square, magnitudes.mean_size
    spread = magnitudes.log_variance
    degrees, scale, of_student = _student_t(magnitudes)
    fits = (
        _fit("Gaussian", magnitudes, -0.5 * log(2 * pi * variance) - 0.5, deviation=variance**0.5),
        _fit("Laplace", magnitudes, -log(2 * size) - 1, scale=size),
        _fit(
            "log-normal",
            magnitudes,
            -log(2) - magnitudes.mean_log - 0.5 * log(2 * pi * spread) - 0.5,
            log_mean=magnitudes.mean_log,
            log_deviation=spread**0.5,
        ),
        _fit("Student-t", magnitudes, of_student, degrees=degrees, scale=scale),
        _fit("Weibull", magnitudes, _weibull_likelihood(magnitudes, weibull), shape=weibull.shape, scale=weibull.scale),
    )
    return EntryFits(fits, magnitudes.n_counted, magnitudes.caveat)


def _fit(family: Family, magnitudes: EntryMagnitudes, log_likelihood: float, **parameters: float) -> EntryFit:
    aic = 2 * (len(parameters) / magnitudes.n_counted - log_likelihood)
    return EntryFit(family, tuple(parameters.items()), float(log_likelihood), float(aic))


def _weibull_likelihood(magnitudes: EntryMagnitudes, weibull: WeibullFit) -> float:
    shape, log_scale = weibull.shape, log(weibull.scale)
    shown = magnitudes.counts > 0
    powers = _powers(magnitudes, shape, log_scale)[shown]
    power = float(magnitudes.counts[shown] @ powers) / magnitudes.n_counted
    return log(shape / 2) - shape * log_scale + (shape - 1) * magnitudes.mean_log - power


def _powers(magnitudes: EntryMagnitudes, power: float, log_unit: float) -> np.ndarray:
    """``(|w| / unit)^power`` in the middle of every bin, less what grouping adds to its mean (Sheppard)."""
    low, high = magnitudes.edges
    half = power * (high - low) / len(magnitudes.counts) * log(10) / 2
    exponents = np.minimum(power * (log_centres(magnitudes) - log_unit), 700.0)
    return np.exp(exponents) * half / sinh(half)


def _student_t(magnitudes: EntryMagnitudes) -> tuple[float, float, float]:
    """Degrees of freedom, scale and mean log-likelihood at its maximum, over the occupied bins."""
    shown = magnitudes.counts > 0
    weights = magnitudes.counts[shown] / magnitudes.n_counted
    unit = 0.5 * log(magnitudes.mean_square)
    squares = _powers(magnitudes, 2.0, unit)[shown]

    def cost(point: np.ndarray) -> float:
        nu, scale = np.exp(np.clip(point, -5.0, log(2 * MOST_FREEDOM)))
        constant = lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * log(nu * pi) - log(scale)
        return (nu + 1) / 2 * float(weights @ np.log1p(squares / (nu * scale * scale))) - constant

    options = {"xatol": 1e-4, "fatol": 1e-9}
    found = minimize(cost, [log(5.0), log(0.8)], method="Nelder-Mead", options=options)
    nu, scale = np.exp(np.clip(found.x, -5.0, log(2 * MOST_FREEDOM)))
    return float(nu), float(scale) * float(np.exp(unit)), -float(found.fun) - unit
