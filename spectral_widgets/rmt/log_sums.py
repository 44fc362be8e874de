"""Sums of logarithms over the tail of a spectrum, per eigenvalue: what the trace-log condition of SETOL weighs."""

from __future__ import annotations

import numpy as np

from .marchenko_pastur import mp_cdf

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)


def mp_log_sum(cut: float, aspect: float) -> float:
    """``∫ ln x ρ(x) dx`` over ``x > cut`` for the Marchenko–Pastur law ``ρ`` of unit variance.

    >>> round(mp_log_sum(0.0, 1.0), 3)
    -1.0
    """
    root = np.sqrt(aspect)
    # x = 1 + y + 2√y cos θ turns ρ(x) dx into 2 sin²θ / (π x) dθ, smooth up to both edges.
    last = np.arccos(np.clip((cut - 1 - aspect) / (2 * root), -1.0, 1.0))
    angle = last * (_NODES + 1) / 2
    x = (1 - root) ** 2 + 4 * root * np.cos(angle / 2) ** 2
    return float((_WEIGHTS * last / 2 * 2 * np.sin(angle) ** 2 / (np.pi * x) * np.log(x)).sum())


def mp_tail_share(cut: float, aspect: float) -> float:
    """Share of the Marchenko–Pastur law of unit variance beyond ``cut``."""
    return 1 - float(mp_cdf(cut, aspect))


def pareto_log_sum(cut: float, alpha: float, start: float) -> float:
    """``∫ ln x p(x) dx`` over ``x > cut`` for ``p ∝ x^(−α)`` from ``start`` on: ``S (ln x₀ + 1/(α − 1))``.

    ``x₀`` is the later of ``cut`` and ``start``, ``S`` the share beyond it.

    >>> pareto_log_sum(0.5, 3.0, 1.0)
    0.5
    """
    later = max(cut, start)
    return float(pareto_tail_share(cut, alpha, start) * (np.log(later) + 1 / (alpha - 1)))


def pareto_tail_share(cut: float, alpha: float, start: float) -> float:
    """Share beyond ``cut`` of a power law ``x^(−α)`` from ``start`` on: ``(x₀/start)^(1−α)``."""
    return float((max(cut, start) / start) ** (1 - alpha))
