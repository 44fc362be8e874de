"""Least squares trained by gradient flow on noisy labels: what of signal and noise is learnt, and what reaches test.

``n`` examples, ``p`` features, ``ratio = p / n`` of any size. The features are independent with variance one, but for
``n_spikes`` of variance ``spike``, and these alone make the labels, which have signal of variance one. Training
multiplies the part of the labels in a mode with eigenvalue λ by a filter; that of gradient flow up to time T leaves
``exp(−λT)`` of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

Filter = Callable[[np.ndarray], np.ndarray]
_N_NODES = 600


@dataclass(frozen=True, eq=False)
class Measure:
    """Point masses at eigenvalues, that stand for a spectral measure."""

    eigenvalues: np.ndarray
    masses: np.ndarray

    def mean(self, function: Filter) -> float:
        return float(self.masses @ function(self.eigenvalues))


def dissipated(eigenvalue: ArrayLike, time: float) -> np.ndarray:
    """Eigenvalue of ``2 W_S`` of a mode: the share of its squared residual that training up to ``time`` takes away.

    ``W_S = ∫ Pᵀ K P dt`` with the residual ``r(t) = P(t) r(0)``; for squared loss ``P = exp(−Kt)``, so that
    ``2 W_S = 1 − PᵀP`` and a mode has ``1 − exp(−2λT)``.

    >>> round(float(dissipated(1.0, 0.5)), 3)
    0.632
    """
    return -np.expm1(-2 * time * np.asarray(eigenvalue, dtype=float))


def dissipated_density(share: ArrayLike, time: float, ratio: float) -> np.ndarray:
    """Density of the eigenvalues of ``2 W_S`` over those of noise features; modes that are exactly zero are left out.

    The Marchenko–Pastur law in another variable: ``ρ(λ) / (2T (1 − u))`` at ``λ = −ln(1 − u) / 2T``. Its area is
    ``min(1, p/n)``, the share of modes of the examples that are not zero.
    """
    share = np.asarray(share, dtype=float)
    inside = (share > 0) & (share < 1)
    left = np.where(inside, 1 - share, 0.5)
    eigenvalue = -np.log(left) / (2 * time)
    root = _root(eigenvalue, ratio)
    return np.where(inside, root / (2 * np.pi * eigenvalue) / (2 * time * left), 0.0)


def _edges(ratio: float) -> tuple[float, float]:
    return (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2


def _root(eigenvalue: np.ndarray, ratio: float) -> np.ndarray:
    low, high = _edges(ratio)
    return np.sqrt(np.maximum((high - eigenvalue) * (eigenvalue - low), 0.0))


def spiked_outlier(spike: float, ratio: float) -> tuple[float, float]:
    """Eigenvalue outside the bulk that a feature of variance ``spike`` makes, and the feature's mass on its vector.

    ``λ = ℓ (1 + y / (ℓ − 1))`` with mass ``(1 − y/(ℓ − 1)²) / (1 + y/(ℓ − 1))`` iff ``ℓ > 1 + √y``; else ``nan`` and 0.
    Source: Baik, Ben Arous and Péché (2005), Paul (2007).

    >>> spiked_outlier(3.0, 1.0)
    (4.5, 0.5)
    """
    above = spike - 1
    if above <= np.sqrt(ratio):
        return float("nan"), 0.0
    return spike * (1 + ratio / above), (1 - ratio / above**2) / (1 + ratio / above)


@lru_cache(maxsize=64)
def direction_measure(spike: float, ratio: float) -> Measure:
    """How a feature of variance ``spike`` is spread over the eigenvectors of ``XᵀX / n``, by eigenvalue.

    The resolvent of the feature is ``−1 / (z (1 + ℓ m(z)))`` with the companion transform ``m`` of the bulk,
    ``z m² + (z + 1 − y) m + 1 = 0``; its imaginary part gives the density. With ``spike = 1`` this is the
    Marchenko–Pastur law of the whole spectrum, with its mass ``1 − 1/y`` at zero for ``y > 1``.
    Source: Benaych-Georges and Nadakuditi (2011).
    """
    low, high = _edges(ratio)
    angle = (np.arange(_N_NODES) + 0.5) * np.pi / _N_NODES
    x = (low + high) / 2 - (high - low) / 2 * np.cos(angle)
    width = (high - low) / 2 * np.sin(angle) * np.pi / _N_NODES
    companion = (-(x + 1 - ratio) + 1j * _root(x, ratio)) / (2 * x)
    masses = np.imag(-1 / (x * (1 + spike * companion))) / np.pi * width
    place, mass = spiked_outlier(spike, ratio)
    at_zero = max(1 - float(masses.sum()) - mass, 0.0) if ratio > 1 else 0.0
    return Measure(np.array([0.0, *x, np.nan_to_num(place)]), np.array([at_zero, *masses, mass]))


@dataclass(frozen=True)
class LinearTask:
    """The task of this module; ``signal_share`` and the like are limits of many examples with few spikes."""

    n_examples: int
    n_features: int
    n_spikes: int
    spike: float
    noise_variance: float

    @property
    def ratio(self) -> float:
        return self.n_features / self.n_examples

    def test_energy(self, on_signal: Filter, on_noise: Filter) -> float:
        """Mean square over fresh inputs of a predictor with these filters of λ on signal and on noise.

        Filters ``exp(−λT)`` and ``1 − exp(−λT)`` give the test error beyond the noise: what is not learnt of the
        signal, and what is learnt of the noise.
        """
        spread, bulk = direction_measure(self.spike, self.ratio), direction_measure(1.0, self.ratio)
        first, second = spread.mean(on_signal), spread.mean(lambda x: on_signal(x) ** 2)
        signal = (second + (self.spike - 1) * first**2) / self.spike

        def gain(x: np.ndarray) -> np.ndarray:
            return np.divide(on_noise(x) ** 2, x, out=np.zeros_like(x), where=x > 0)

        of_bulk = (self.n_features - self.n_spikes) * bulk.mean(gain)
        noise = of_bulk + self.n_spikes * self.spike * spread.mean(gain)
        return float(signal + self.noise_variance * noise / self.n_examples)

    def train_energy(self, on_labels: Filter) -> float:
        """Mean square over the examples of what a filter of λ leaves of signal and noise."""
        spread, bulk = direction_measure(self.spike, self.ratio), direction_measure(1.0, self.ratio)
        signal = spread.mean(lambda x: x * on_labels(x) ** 2) / self.spike
        at_zero = float(on_labels(np.zeros(1))[0] ** 2)
        noise = (1 - self.ratio) * at_zero + self.ratio * bulk.mean(lambda x: on_labels(x) ** 2)
        return float(signal + self.noise_variance * noise)
