"""Matrices whose traps are known because they were planted, and the theory of where they must show."""

from __future__ import annotations

import numpy as np
from spectral_widgets.records import LayerRef, Unfolding, WeightMatrix
from spectral_widgets.rmt import entry_threshold, mean_threshold


def weight_matrix(array: np.ndarray, name: str = "layer") -> WeightMatrix:
    """The record of one tensor, as a model would give it."""
    array = np.asarray(array)
    unfolding = Unfolding.of_shape(array.shape)
    matrix = unfolding.unfold(array)
    ref = LayerRef(name, "other", None, array.shape, *matrix.shape, str(array.dtype))
    return WeightMatrix(ref, matrix, unfolding)


def noise(shape: tuple[int, ...], seed: int, law: str = "gaussian") -> np.ndarray:
    """Independent entries of zero mean and unit variance."""
    rng = np.random.default_rng(seed)
    draws = {
        "gaussian": lambda: rng.standard_normal(shape),
        "uniform": lambda: rng.uniform(-np.sqrt(3), np.sqrt(3), shape),
        "laplace": lambda: rng.laplace(scale=np.sqrt(0.5), size=shape),
        "student3": lambda: rng.standard_t(3, shape) / np.sqrt(3),
    }
    return draws[law]()


def planted_entries(
    shape: tuple[int, int], factor: float, count: int, seed: int
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Gaussian noise with ``count`` entries of ±``factor`` thresholds, and their cells."""
    rng = np.random.default_rng([seed, 1])
    array = noise(shape, seed)
    flat = rng.choice(array.size, count, replace=False)
    signs = rng.choice([-1.0, 1.0], count)
    array.ravel()[flat] = signs * factor * entry_threshold(*shape)
    return array, [divmod(int(k), shape[1]) for k in flat]


def planted_mean(shape: tuple[int, int], factor: float, seed: int) -> np.ndarray:
    """Gaussian noise around a mean of ``factor`` thresholds."""
    return noise(shape, seed) + factor * mean_threshold(*shape)
