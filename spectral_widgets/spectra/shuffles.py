"""Uniform permutations of all entries of a matrix, each entry used once."""

from __future__ import annotations

import numpy as np


def permutation(n_entries: int, seed: int) -> np.ndarray:
    """Uniform random permutation of ``range(n_entries)``; the same for the same seed on every machine."""
    return np.random.default_rng(seed).permutation(n_entries)


def shuffled(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The matrix whose flat entry ``k`` is entry ``order[k]`` of ``values``."""
    return values.ravel()[order].reshape(values.shape)


def unshuffled(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Exact inverse of :func:`shuffled`: every entry back in its own place."""
    back = np.empty_like(values).ravel()
    back[order] = values.ravel()
    return back.reshape(values.shape)
