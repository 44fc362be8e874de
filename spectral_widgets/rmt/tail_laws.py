"""Laws of a heavy tail beside the power law: with an exponential cut-off, and log-normal.

All three are one family in ``u = ln(x / xmin) ≥ 0``: the density of ``u`` is proportional to
``exp(−a u − b s(u))`` with ``s(u) = eᵘ − 1`` for the cut-off, ``s(u) = u²`` for the log-normal law, and ``b = 0``
for the power law of exponent ``a + 1``. It is an exponential family: the log-likelihood is concave in ``(a, b)``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Bend = Callable[[np.ndarray], np.ndarray]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)
_FAR = 45.0  # e⁻⁴⁵ is 3e-20 of the peak
_MAX_STEPS = 200
_SETTLED = 1e-20


def cut_off(logs: np.ndarray) -> np.ndarray:
    """``eᵘ − 1``: bends the power law into ``x^(−α) e^(−λx)``, with ``b = λ xmin``."""
    with np.errstate(over="ignore"):
        return np.expm1(logs)


def log_normal(logs: np.ndarray) -> np.ndarray:
    """``u²``: bends the power law into a log-normal one, with ``b = 1 / 2σ²`` and ``a = −(μ − ln xmin) / σ²``."""
    return np.square(logs)


def log_density(logs: np.ndarray, rate: float, strength: float, bend: Bend) -> np.ndarray:
    """Natural logarithm of the density of ``u`` at ``logs``; that of ``x`` is less by ``u + ln xmin``.

    >>> log_density(np.array([0.0, 1.0]), rate=2.0, strength=0.0, bend=log_normal).round(3).tolist()
    [0.693, -1.307]
    """
    logs = np.asarray(logs, dtype=float)
    if strength == 0:
        return np.log(rate) - rate * logs
    return -rate * logs - strength * bend(logs) - _moments(rate, strength, bend, float(logs.max()))[0]


def most_likely(logs: np.ndarray, bend: Bend) -> tuple[float, float]:
    """``(a, b)`` of greatest likelihood, ``b ≥ 0``; ``b`` is exactly 0 where the power law cannot be improved.

    Newton's method on a concave function, which ends at the one maximum. On the border ``b = 0`` it is
    ``a = 1 / mean u``, and the maximum lies there exactly when the mean of ``s`` is at least what the power law
    expects: ``1 / (a − 1)`` for the cut-off (infinite from ``a = 1`` down), ``2 / a²`` for the log-normal law.
    Source: Barndorff-Nielsen (1978); for the border, del Castillo (1994).
    """
    bends = bend(logs)
    observed = np.array([logs.mean(), bends.mean()])
    rate = 1 / float(observed[0])
    if observed[1] >= _on_the_border(rate, bend):
        return rate, 0.0
    scale = float(logs.max())
    place = np.array([rate, 1 / float(bends.max())])
    likelihood, slope, spread = _ascent(place, observed, bend, scale)
    for _ in range(_MAX_STEPS):
        step = np.linalg.solve(spread, slope)
        gain = float(step @ slope)
        if gain < _SETTLED:
            break
        size = 1.0 if step[1] >= 0 else min(1.0, 0.9 * place[1] / -step[1])
        while size > 1e-12:
            tried = place + size * step
            reached = _ascent(tried, observed, bend, scale)
            if reached[0] >= likelihood + 1e-4 * size * gain - 1e-15 * abs(likelihood):
                break
            size /= 2
        place, (likelihood, slope, spread) = tried, reached
    return float(place[0]), float(place[1])


def _ascent(place: np.ndarray, observed: np.ndarray, bend: Bend, scale: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean log-likelihood, its slope and the negative of its curvature."""
    log_mass, means, spread = _moments(float(place[0]), float(place[1]), bend, scale)
    return float(-place @ observed) - log_mass, means - observed, spread


def _on_the_border(rate: float, bend: Bend) -> float:
    """Mean of ``s`` under the power law."""
    if bend is log_normal:
        return 2 / rate**2
    return 1 / (rate - 1) if rate > 1 else np.inf


def _moments(rate: float, strength: float, bend: Bend, scale: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Log of ``∫ exp(−a u − b s(u)) du``, means and covariance of ``(u, s)``, by Gauss–Legendre quadrature."""
    low, high = _support(rate, strength, bend, scale)
    u = low + (high - low) * (_NODES + 1) / 2
    statistics = np.stack([u, bend(u)])
    exponent = -rate * statistics[0] - strength * statistics[1]
    peak = exponent.max()
    mass = _WEIGHTS * np.exp(exponent - peak)
    total = mass.sum()
    means = statistics @ (mass / total)
    centred = statistics - means[:, None]
    log_mass = float(peak + np.log(total * (high - low) / 2))
    return log_mass, means, (centred * (mass / total)) @ centred.T


def _support(rate: float, strength: float, bend: Bend, scale: float) -> tuple[float, float]:
    """Where the density is above ``e⁻⁴⁵`` of its peak."""
    grid = np.append(0.0, scale * np.geomspace(1e-5, 1e4, 160))
    with np.errstate(over="ignore"):
        exponent = -rate * grid - strength * bend(grid)
    inside = np.flatnonzero(exponent > exponent.max() - _FAR)
    return float(grid[max(inside[0] - 1, 0)]), float(grid[min(inside[-1] + 1, len(grid) - 1)])
