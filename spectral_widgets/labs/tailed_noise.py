"""A spectrum of noise with a power law on top, infinitely large, in units of its mean eigenvalue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ..rmt import mp_density, mp_edges
from ..rmt.log_sums import mp_log_sum, mp_tail_share, pareto_log_sum, pareto_tail_share

_LOWEST = 1e-6


@dataclass(frozen=True)
class TailedNoise:
    """A ``share`` of the eigenvalues follows ``λ^(−α)`` from the upper edge of the noise on, the rest is noise."""

    aspect: float
    alpha: float
    share: float

    @property
    def start(self) -> float:
        """Where the power law starts, in units of the noise's variance."""
        return mp_edges(self.aspect)[1]

    @property
    def mean(self) -> float:
        """Mean eigenvalue in units of the noise's variance."""
        return 1 - self.share + self.share * self.start * (self.alpha - 1) / (self.alpha - 2)

    def log_sum(self, place: float) -> float:
        """Sum of ``ln λ`` from a place on, per eigenvalue; both in units of the mean."""
        cut = place * self.mean
        body = mp_log_sum(cut, self.aspect) if cut < self.start else 0.0
        sums = (1 - self.share) * body + self.share * pareto_log_sum(cut, self.alpha, self.start)
        return float(sums - np.log(self.mean) * self.tail_share(place))

    def tail_share(self, place: float) -> float:
        """Share of the eigenvalues from a place on."""
        cut = place * self.mean
        body, tail = mp_tail_share(cut, self.aspect), pareto_tail_share(cut, self.alpha, self.start)
        return (1 - self.share) * body + self.share * tail

    def product_cut(self) -> float:
        """The place from which on the eigenvalues multiply to one; it exists, for the mean of logarithms is "
        "negative."""
        return float(brentq(self.log_sum, _LOWEST, 1.0))

    def density(self, places: np.ndarray) -> np.ndarray:
        """Share per unit of ``ln λ``."""
        raw = places * self.mean
        body = raw * mp_density(raw, self.aspect)
        tail = np.where(raw >= self.start, (self.alpha - 1) * (raw / self.start) ** (1 - self.alpha), 0.0)
        return (1 - self.share) * body + self.share * tail
