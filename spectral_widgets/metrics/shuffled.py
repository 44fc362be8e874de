"""How far a spectrum is from those of the same entries in random places."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import jensenshannon

from ..records import Spectrum, TrapScan
from .registry import metric

LAWS = ("scale_free", "sign_blind")


@metric(
    symbol="√JS",
    cost="shuffles",
    meaning="Root of the Jensen–Shannon divergence between sorted eigenvalues and those of the shuffled matrix.",
    source="WeightWatcher's rand_distance, of the first shuffle; natural logarithm",
    laws=("within_unit", *LAWS),
)
def shuffled_distance(scan: TrapScan, spectrum: Spectrum) -> float:
    """``√JS(p, q)`` with ``p = λ / Σλ``: a divergence of sorted shares, not of densities; at most ``√ln 2``."""
    return _of_first_shuffle(scan, spectrum, lambda own, other: float(jensenshannon(own, other)))


@metric(
    symbol="D_rand",
    cost="shuffles",
    meaning="Largest gap between the shares of eigenvalues below any size, before and after the shuffle.",
    source="two-sample Kolmogorov–Smirnov distance (Smirnov 1939), of the first shuffle",
    laws=("within_unit", *LAWS),
)
def shuffled_ks(scan: TrapScan, spectrum: Spectrum) -> float:
    """Two-sample Kolmogorov–Smirnov distance; a distance only, eigenvalues repel and have no such p-value."""
    return _of_first_shuffle(scan, spectrum, _kolmogorov_smirnov)


@metric(
    symbol="W₁_rand",
    cost="shuffles",
    meaning="Mean distance that eigenvalues move when the entries are shuffled, over the mean eigenvalue.",
    source="Wasserstein-1 distance between sorted eigenvalues, of the first shuffle",
    laws=("non_negative", *LAWS),
)
def shuffled_wasserstein(scan: TrapScan, spectrum: Spectrum) -> float:
    """``Σ |λᵢ − λ′ᵢ| / Σ λᵢ`` over sorted eigenvalues; at most 2, since a shuffle keeps their sum."""
    return _of_first_shuffle(scan, spectrum, lambda own, other: float(np.abs(own - other).sum() / own.sum()))


def _of_first_shuffle(scan: TrapScan, spectrum: Spectrum, distance: Callable[[np.ndarray, np.ndarray], float]) -> float:
    """Distance to the first shuffle, whose full spectrum every scan but one with ``spectra="none"`` has."""
    own, first = spectrum.eigenvalues, scan.spectrum_of(scan.seeds[0]) if scan.seeds else None
    if not own[-1] > 0 or first is None:
        return float("nan")
    return distance(own, first.eigenvalues)


def _kolmogorov_smirnov(own: np.ndarray, other: np.ndarray) -> float:
    both = np.concatenate([own, other])
    shares = [np.searchsorted(one, both, side="right") / len(one) for one in (own, other)]
    return float(np.abs(shares[0] - shares[1]).max())
