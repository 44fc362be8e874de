"""Distributions that are known by the nodes and weights of Gauss quadratures."""

from __future__ import annotations

import numpy as np


def quadrature_shares(nodes: np.ndarray, weights: np.ndarray, points: np.ndarray, floor: float = 0.0) -> np.ndarray:
    """Share of a distribution up to each of ``points``; nodes at or below ``floor`` stand for zero itself.

    Up to a node it is the weight of all nodes before and half its own, linear in between: Gauss quadrature promises
    that the truth lies between the sums without and with the node's own weight (Chebyshev, Markov and Stieltjes).

    >>> quadrature_shares(np.array([1.0, 3.0]), np.array([0.5, 0.5]), np.array([0.0, 1.0, 2.0, 4.0])).tolist()
    [0.0, 0.25, 0.5, 1.0]
    """
    kept = (weights > 0) & (nodes > floor)
    at_zero = float(weights[nodes <= floor].sum())
    if not kept.any():
        return np.where(points >= 0, at_zero, 0.0)
    nodes, weights = nodes[kept], weights[kept]
    inside = np.interp(points, nodes, np.cumsum(weights) - weights / 2, left=0.0, right=1.0 - at_zero)
    return np.where(points >= 0, at_zero + inside, 0.0)


def quadrature_ranks(nodes: np.ndarray, weights: np.ndarray, count: int, floor: float = 0.0) -> np.ndarray:
    """``count`` numbers, ascending, that stand for the distribution: its quantiles in the middle of equal shares.

    >>> quadrature_ranks(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 2).tolist()
    [1.0, 3.0]
    """
    wanted = (np.arange(count) + 0.5) / max(count, 1)
    kept = (weights > 0) & (nodes > floor)
    at_zero = float(weights[nodes <= floor].sum())
    if not kept.any():
        return np.zeros(count)
    nodes, weights = nodes[kept], weights[kept]
    ranks = np.interp(wanted, at_zero + np.cumsum(weights) - weights / 2, nodes)
    return np.where(wanted < at_zero, 0.0, ranks)
