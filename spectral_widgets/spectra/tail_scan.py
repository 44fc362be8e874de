"""The compiled heart of :mod:`tails` for long spectra; importing it loads the compiler, so that is done when needed."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiling import compiled

# Distances closer than this are told apart by the caller, in one way for spectra of any length.
_SLACK = 1e-13
_PROBES = 10
_COARSEST = 256


def contenders(logs: np.ndarray, starts: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Positions of the tails whose distance is the smallest of all, up to rounding.

    A few probes bound every distance from below; then the tails are measured, the most promising first, each only
    until it is seen to be beaten. Arguments as in :func:`tails.best_tail`, whose result follows from these alone.
    """
    bounds = _bounds(logs, starts, rates)
    return np.flatnonzero(_measured(logs, starts, rates, bounds, np.argsort(bounds, kind="stable")))


@compiled
def _gap(logs: Any, start: Any, rate: Any, place: Any) -> Any:
    """Deviation of the fitted from the empirical law at one value of the tail."""
    return abs(np.exp(rate * (logs[start] - logs[place])) - 1.0 + (place - start) / (len(logs) - start))


@compiled
def _bounds(logs: Any, starts: Any, rates: Any) -> Any:
    bounds = np.zeros(len(starts))
    for position in range(len(starts)):
        start = starts[position]
        last = len(logs) - 1 - start
        for probe in range(_PROBES):
            place = start + last * probe // (_PROBES - 1)
            bounds[position] = max(bounds[position], _gap(logs, start, rates[position], place))
    return bounds


@compiled
def _distance_below(logs: Any, start: Any, rate: Any, limit: Any) -> Any:
    """Distance of the tail from ``start``; infinite as soon as it is seen to exceed ``limit``."""
    count, largest = len(logs) - start, 0.0
    first, step = 0, _COARSEST
    # Coarse to fine, every place once: a large deviation is broad, and shows after a few places.
    while step > 1:
        for offset in range(first, count, step):
            largest = max(largest, _gap(logs, start, rate, start + offset))
            if largest > limit:
                return np.inf
        step = step // 2 if first else step
        first = step // 2
    return largest


@compiled
def _measured(logs: Any, starts: Any, rates: Any, bounds: Any, order: Any) -> Any:
    """Which tails are within rounding of the smallest distance."""
    distances, best = np.full(len(starts), np.inf), np.inf
    for position in order:
        if bounds[position] > best + _SLACK:
            break
        distances[position] = _distance_below(logs, starts[position], rates[position], best + _SLACK)
        best = min(best, distances[position])
    return distances <= best + _SLACK
