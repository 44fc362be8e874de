"""Power law fitted to the upper tail of a spectrum."""

from __future__ import annotations

import numpy as np

from ..records import Complaint, Spectrum, TailFit

MIN_EIGENVALUES = 20
MIN_TAIL = 20
SENSIBLE_ALPHA = (2.0, 6.0)
# √n times the distance of a true power law with fitted exponent and start exceeds this in one sample of a
# hundred (simulated: 600 samples each of 50 to 4000 values, with and without a body below the tail).
MAX_SCALED_DISTANCE = 0.9
# Below this share of the largest eigenvalue a float64 Gram matrix holds rounding, not spectrum.
RELATIVE_FLOOR = 1e-13
_EQUAL = 1e-10
_PROBES = (10, 40, 240)
# From this length on the compiled scan is used: it takes a quarter of the time, and the compiler half a second to load.
_LONG = 2048


def fit_tail(spectrum: Spectrum) -> TailFit:
    """Exponent and start of the power law that fits the upper tail of the spectrum best.

    For every eigenvalue but the largest as ``xmin``: ``α = 1 + n / Σ ln(λ/xmin)`` (maximum likelihood);
    of all these, the fit whose Kolmogorov–Smirnov distance is smallest, the exact arg-min. The empirical
    side of the distance is ``i/n`` for the i-th tail value from zero. ``alpha_error`` is ``(α − 1)/√n``.
    Scale-free: ``xmin`` and ``xmax`` carry the scale ``WᵀW / n_rows``, the rest none.

    WeightWatcher 0.7.7 minimises the same distance over the same candidates, so α and distance are equal
    and its ``xmin`` is ours times ``n_rows``. It differs in two ways: it drops eigenvalues of ``WᵀW`` below
    1e-5 (here: below a share of the largest), and under 20 eigenvalues it changes to a bias-corrected fit
    (here: ``nan`` with a caveat).

    Raises ``Complaint`` when an eigenvalue is not finite. Stops being true where the spectrum has no heavy
    tail: noise gives a large α from a few points at the edge; the caveat says so.
    Source: Clauset, Shalizi and Newman (2009), equations 3.1, 3.2 and 3.9.
    """
    values = positive_values(spectrum.eigenvalues)
    total = len(spectrum.eigenvalues)
    # Relative to the largest, so that sums over a short tail lose no digits.
    logs = np.log(values / values[-1]) if len(values) else values
    if len(values) < MIN_EIGENVALUES or logs[0] > -_EQUAL:
        return _no_fit(total, len(values))
    start, rate, distance = best_tail(logs)
    n_tail = len(values) - start
    return TailFit(
        alpha=1 + rate,
        alpha_error=rate / float(np.sqrt(n_tail)),
        xmin=float(values[start]),
        xmax=float(values[-1]),
        distance=distance,
        n_tail=n_tail,
        n_eigenvalues=total,
        caveat=_caveat(1 + rate, distance, n_tail),
    )


def positive_values(eigenvalues: np.ndarray) -> np.ndarray:
    """Ascending eigenvalues above rounding, as every fit to a spectrum takes them. Complaint for NaN or Inf."""
    values = np.sort(np.asarray(eigenvalues, dtype=np.float64))
    if not np.isfinite(values).all():
        raise Complaint("The spectrum has values that are not finite; look for NaN or Inf among the weights.")
    return values[values > RELATIVE_FLOOR * max(values[-1], 0.0)] if len(values) else values


def best_tail(logs: np.ndarray) -> tuple[int, float, float]:
    """Start, rate ``α − 1`` and distance of the best tail of ascending logarithms, zero the largest.

    Ties go to the longest tail.
    A lower bound from a few order statistics rules out every candidate whose bound exceeds the best distance so
    far; more of them rule out more of those that are left. What was ruled out cannot win, so the result is the exact
    arg-min.
    """
    starts, rates = _candidates(logs)
    if len(logs) >= _LONG:
        return _measured(logs, int(starts[_best_of_long(logs, starts, rates)]))
    left = np.arange(len(starts))
    best, bounds = (np.inf, -1), np.zeros(len(starts))
    for probes in _PROBES:
        bounds = _lower_bounds(logs, starts[left], rates[left], probes)
        index = int(left[np.argmin(bounds)])
        best = min(best, (_distance(logs[starts[index] :], rates[index]), index))
        left, bounds = left[bounds <= best[0]], bounds[bounds <= best[0]]
    for position in np.argsort(bounds, kind="stable"):
        if bounds[position] > best[0]:
            break
        index = int(left[position])
        best = min(best, (_distance(logs[starts[index] :], rates[index]), index))
    return _measured(logs, int(starts[best[1]]))


def _measured(logs: np.ndarray, start: int) -> tuple[int, float, float]:
    """Start, rate and distance of one tail, summed for itself: sums over all tails at once lose digits."""
    tail = logs[start:]
    rate = len(tail) / float((tail - tail[0]).sum())
    return start, rate, _distance(tail, rate)


def _best_of_long(logs: np.ndarray, starts: np.ndarray, rates: np.ndarray) -> int:
    from .tail_scan import contenders

    left = contenders(logs, starts, rates)
    return int(left[np.argmin([_distance(logs[starts[index] :], rates[index]) for index in left])])


def _candidates(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First index and maximum-likelihood rate of every tail: one per distinct value below the largest."""
    counts = len(logs) - np.arange(len(logs))
    excess = np.cumsum(logs[::-1])[::-1] - counts * logs
    is_new = np.append(True, np.diff(logs) > 0)
    starts = np.flatnonzero(is_new & (logs < -_EQUAL))
    return starts, counts[starts] / excess[starts]


def _lower_bounds(logs: np.ndarray, starts: np.ndarray, rates: np.ndarray, probes: int) -> np.ndarray:
    """Largest deviation over evenly spaced order statistics: at most the distance over all of them."""
    counts = len(logs) - starts
    offsets = (np.linspace(0, 1, probes)[:, None] * (counts - 1)).astype(np.intp)
    survival = np.exp(rates * (logs[starts] - logs[starts + offsets]))
    # A hair lower than computed, so that rounding can never rule out the winner.
    return np.abs(survival + (offsets / counts - 1)).max(axis=0) - 1e-14


def _distance(tail: np.ndarray, rate: float) -> float:
    """Kolmogorov–Smirnov distance of one ascending tail of logarithms."""
    survival = np.exp(-rate * (tail - tail[0]))
    return float(np.abs(survival - 1 + np.arange(len(tail)) / len(tail)).max())


def _no_fit(total: int, n_positive: int) -> TailFit:
    nan = float("nan")
    if n_positive < MIN_EIGENVALUES:
        caveat = f"No tail fit: {n_positive} positive eigenvalues, and at least {MIN_EIGENVALUES} are needed."
    else:
        caveat = "No tail fit: all eigenvalues are equal."
    return TailFit(nan, nan, nan, nan, nan, 0, total, caveat)


def _caveat(alpha: float, distance: float, n_tail: int) -> str:
    low, high = SENSIBLE_ALPHA
    doubts = {
        f"Only {n_tail} eigenvalues lie in the tail, so alpha is uncertain.": n_tail < MIN_TAIL,
        f"The tail is not a power law: distance {distance:.3f} is too large for {n_tail} eigenvalues.": (
            distance > MAX_SCALED_DISTANCE / np.sqrt(n_tail)
        ),
        f"Alpha {alpha:.1f} is above {high:.0f}: the edge of a bulk, not a heavy tail.": alpha > high,
        f"Alpha {alpha:.1f} is below {low:.0f}: the fit runs into the bulk.": alpha < low,
    }
    return " ".join(sentence for sentence, applies in doubts.items() if applies)
