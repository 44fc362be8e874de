"""From exponents to ratios: pure functions of the values of all layers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..records import Complaint

#: ``(values, low, high) → ratios``, all arrays of one length.
Mapping = Callable[[np.ndarray, float, float], np.ndarray]

EQUAL = 1e-9


def linear(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Smallest value to ``low``, largest to ``high``, the others between in proportion.

    >>> linear(np.array([2.0, 3.0, 4.0]), 0.5, 1.5)
    array([0.5, 1. , 1.5])
    """
    return np.interp(values, [values.min(), values.max()], [low, high])


def root(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """``√α`` over its mean; the bounds play no part."""
    return np.sqrt(values) / np.sqrt(values).mean()


def logarithm(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """``log₂ α`` over its mean; the bounds play no part. Values must lie above 1."""
    return np.log2(values) / np.log2(values).mean()


def sigmoid(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """``2 / (1 + exp(−4 z))`` with ``z`` the value in standard deviations from the mean; the bounds play no part."""
    return 2 / (1 + np.exp(-4 * (values - values.mean()) / values.std()))


#: The mappings of the published code, by name; any function of the same arguments serves as well.
MAPPINGS: dict[str, Mapping] = {"linear": linear, "sqrt": root, "log2": logarithm, "sigmoid": sigmoid}


def mapping_of(mapping: str | Mapping) -> Mapping:
    """The function itself or the one of this name. Raises ``Complaint`` for an unknown name."""
    if callable(mapping):
        return mapping
    if mapping not in MAPPINGS:
        raise Complaint(f"There is no mapping {mapping!r}; choose from {', '.join(MAPPINGS)} or give a function.")
    return MAPPINGS[mapping]


def ratios_of(values: np.ndarray, low: float, high: float, mapping: str | Mapping = "linear") -> np.ndarray:
    """Ratios for these values; all 1 where they do not differ, since then nothing tells one layer from another.

    Raises ``Complaint`` for bounds that are no interval of positive numbers, and where the mapping gives no numbers.
    """
    if not 0 < low <= high < np.inf:
        raise Complaint(f"The bounds {low} and {high} are no interval of positive ratios; give 0 < low <= high.")
    function = mapping_of(mapping)
    if not len(values) or are_equal(values):
        return np.ones(len(values))
    with np.errstate(all="ignore"):
        ratios = np.asarray(function(np.asarray(values, dtype=float), low, high), dtype=float)
    if ratios.shape != np.shape(values) or not (np.isfinite(ratios) & (ratios > 0)).all():
        raise Complaint(f"The mapping {_name(mapping)} gives no positive ratio for every layer; choose another one.")
    return ratios


def are_equal(values: np.ndarray) -> bool:
    """Whether the values are the same up to rounding: one layer, or all alike."""
    return float(np.ptp(values)) <= EQUAL * float(np.abs(values).max())


def sparsities_of(values: np.ndarray, sizes: np.ndarray, target: float, spread: float, most: float = 1.0) -> np.ndarray:
    """Shares to remove whose mean, weighted by ``sizes``, is ``target`` exactly, none above ``most``.

    In proportion to ``(1 − ε) + 2ε (α − α_min)/(α_max − α_min)``: the larger the exponent, the more goes. What would
    exceed ``most`` is set to it and the others are scaled up until the mean holds.

    >>> sparsities_of(np.array([2.0, 4.0]), np.array([1, 1]), 0.5, 0.2)
    array([0.4, 0.6])

    Source: Lu et al. (2024), AlphaPruning, arXiv 2410.10912. Raises ``Complaint`` for numbers that cannot be met.
    """
    _check_sparsity(target, spread, most)
    weights = np.asarray(sizes, dtype=float)
    equal = not len(values) or are_equal(values)
    shares = np.ones(len(values)) if equal else linear(np.asarray(values, dtype=float), 1 - spread, 1 + spread)
    full = np.zeros(len(shares), dtype=bool)
    result = np.zeros(len(shares))
    for _ in range(len(shares) + 1):
        left = target * weights.sum() - most * weights[full].sum()
        if not (weights * shares)[~full].any():  # a spread of 1 gives the lowest layer nothing, unless it must
            shares = np.where(full, shares, 1.0)
        result = np.where(full, most, shares * left / max(float((weights * shares)[~full].sum()), 1e-300))
        beyond = ~full & (result > most)
        if not beyond.any():
            break
        full |= beyond
    return np.minimum(result, most)


def _check_sparsity(target: float, spread: float, most: float) -> None:
    if not 0 <= target <= most <= 1:
        raise Complaint(f"A target sparsity of {target} with at most {most} a layer is not in 0 ≤ target ≤ most ≤ 1.")
    if not 0 <= spread <= 1:
        raise Complaint(f"A spread of {spread} is not in [0, 1]; 0 is uniform, 0.3 the published one.")


def _name(mapping: str | Mapping) -> str:
    return repr(mapping) if isinstance(mapping, str) else getattr(mapping, "__name__", "given")
