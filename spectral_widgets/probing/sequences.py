"""Confidence sequences: intervals that hold at all numbers of probes at once, so that one may look and stop."""

from __future__ import annotations

import math

import numpy as np

_PRIOR_VARIANCE = 1 / 8


def sequence_reach(deviation: np.ndarray, count: np.ndarray, level: float = 0.05) -> np.ndarray:
    """Half width of the confidence sequence for a mean, from the sample deviation of the first ``count`` values.

    Normal-mixture t sequence: with ``ν = n − 1``, ``b = 1 + n g`` and ``k = (√b / level)^(2/n)`` the half
    width is ``s √(ν (k − 1) / (n (1 − k/b)))``, infinite while ``k ≥ b``. With probability 1 − level the mean
    of Gaussian values lies inside at every n at once; for other values that holds asymptotically. ``g`` = 1/8
    makes it narrowest near 60 values. Sources: Wang and Ramdas (2024), anytime-valid t-tests; Waudby-Smith,
    Arbour, Sinha, Kennedy and Ramdas (2024), time-uniform central limit theory.
    """
    spread = 1 + count * _PRIOR_VARIANCE
    bound = np.exp((np.log(spread) - 2 * math.log(level)) / np.maximum(count, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        square = (count - 1) * (bound - 1) / (count * (1 - bound / spread))
        reach = deviation * np.sqrt(square)
    return np.where((count > 1) & (bound < spread), reach, np.inf)


def running_sequence(values: np.ndarray, level: float = 0.05) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of the first k values for every k with the confidence sequence, along the last axis.

    The half width of :func:`sequence_reach` plus ``r ln(2 / level) / k``, with ``r`` the largest distance of a value
    seen from the mean on that side: the range term of an empirical Bernstein bound (Maurer and Pontil 2009;
    Waudby-Smith and Ramdas 2024) with the range seen for the range allowed. Infinite while all values are equal.

    The level is exact for Gaussian values and asymptotic for others: measured from 32 values on, the sequence
    misses the mean of exponential, gamma (shape 0.3), log-normal (σ = 1), rare (1 in 20) and beta (0.1, 2) values
    in 0.4 to about 5 % of runs at level 5 %, where the half width alone does in up to 27 %. The limit: what moves the
    mean and happens in fewer than about 1 of ``k / 3`` values may not have been seen. A bound for every law on the
    allowed range [−ln 2, ln 2] exists, but is no narrower than 5/k nats, wider than most effects.
    """
    values = np.asarray(values, dtype=float)
    count = np.arange(1, values.shape[-1] + 1)
    mean = np.cumsum(values, -1) / count
    centred = values - values[..., :1]
    energy = np.cumsum(centred**2, -1) - np.cumsum(centred, -1) ** 2 / count
    deviation = np.sqrt(np.maximum(energy, 0) / np.maximum(count - 1, 1))
    largest, smallest = np.maximum.accumulate(values, -1), np.minimum.accumulate(values, -1)
    reach = np.where(largest > smallest, sequence_reach(deviation, count, level), np.inf)
    share = math.log(2 / level) / count
    return mean, mean - reach - share * (mean - smallest), mean + reach + share * (largest - mean)
