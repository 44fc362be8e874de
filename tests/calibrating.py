"""How often pure noise is called a trap, measured on fresh draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spectral_widgets.spectra.decompose import gram_of
from spectral_widgets.spectra.traps import empty_scan

from .planting import weight_matrix

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]

LAWS: dict[str, Draw] = {
    "Gaussian": lambda rng, shape: rng.standard_normal(shape),
    "uniform": lambda rng, shape: rng.uniform(-1.0, 1.0, shape),
    "Laplace": lambda rng, shape: rng.laplace(size=shape),
    "truncated normal": lambda rng, shape: truncated_normal(rng, shape),
}


def truncated_normal(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Gaussian entries without those beyond two standard deviations, the usual initialisation."""
    draws = rng.standard_normal(int(np.prod(shape) * 1.1) + 100)
    return draws[np.abs(draws) <= 2.0][: np.prod(shape)].reshape(shape)


def excess_of(array: np.ndarray) -> float:
    """Tracy–Widom widths of the largest eigenvalue beyond the edge that the entries foretell.

    Independent draws are exchangeable, so a shuffle of them has the law of another draw: none is made here.
    """
    matrix = weight_matrix(array)
    largest = np.linalg.eigvalsh(gram_of(matrix.values))[-1]
    return empty_scan(matrix).null.excess_widths(float(largest))


def excesses(law: str, shape: tuple[int, int], n_draws: int, first_seed: int = 0) -> np.ndarray:
    """The same for ``n_draws`` draws with seeds of their own."""
    seeds = range(first_seed, first_seed + n_draws)
    return np.array([excess_of(LAWS[law](np.random.default_rng([seed, *shape]), shape)) for seed in seeds])
