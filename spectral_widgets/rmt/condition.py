"""Condition numbers, and what Gaussian noise of the same shape has."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .hard_edge import TW_MEAN, mean_log_hard_edge
from .tracy_widom import edge_scaling


def condition_number(singular_values: ArrayLike, floor: float = 0.0) -> float:
    """Largest over smallest singular value, ``s₁ / (s_min + floor)``; infinite for a singular matrix at floor 0.

    ``floor=1e-8`` is the number of KappaTune (Oswaldo Ludwig, arXiv 2506.16289); ``nan`` for a zero matrix.

    >>> condition_number([1.0, 2.0, 4.0])
    4.0
    """
    values = np.asarray(singular_values, dtype=float)
    largest, smallest = float(values.max()), float(values.min()) + floor
    if not largest > 0:
        return float("nan")
    return largest / smallest if smallest > 0 else float("inf")


def mp_condition(aspect: float) -> float:
    """``(1 + √y) / (1 − √y)``: ratio of the Marchenko–Pastur edges; infinite for a square.

    >>> mp_condition(0.25)
    3.0
    """
    root = float(np.sqrt(aspect))
    return (1 + root) / (1 - root) if root < 1 else float("inf")


def gaussian_log_condition(n_rows: int, n_cols: int) -> float:
    """``E ln κ`` of an ``n_rows × n_cols`` matrix of independent Gaussian entries.

    ``ln s₁`` from the Tracy–Widom mean. ``ln s_min`` from the hard-edge law, whose excess of rows is taken as
    ``a = 2 (√N − √M) (N M)^¼``: that is ``N − M`` for nearly square shapes, and makes the law's own soft edge
    fall on the Marchenko–Pastur edge with the right width for all others. For squares it is ``ln n + 1.537``
    (Edelman 1988). Good to about 0.01 from ten columns on (checked by simulation).

    >>> round(gaussian_log_condition(512, 512) - float(np.log(512)), 2)
    1.53
    """
    n_rows, n_cols = max(n_rows, n_cols), min(n_rows, n_cols)
    centre, width = edge_scaling(n_rows, n_cols)
    largest = 0.5 * float(np.log(n_rows * (centre + TW_MEAN * width)))
    geometric = float(n_rows * n_cols) ** 0.25
    # Rounded so that the law, which is dear, is computed once per shape.
    excess = round(2 * float(np.sqrt(n_rows) - np.sqrt(n_cols)) * geometric, 6)
    smallest = 0.5 * mean_log_hard_edge(excess) - float(np.log(2 * geometric))
    return largest - smallest
