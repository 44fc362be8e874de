"""What the sizes of the entries look like, and the laws that were fitted to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .brief import brief

Family = Literal["Gaussian", "log-normal", "Laplace", "Student-t", "Weibull"]


@brief
@dataclass(frozen=True, slots=True, eq=False)
class EntryMagnitudes:
    """Histogram of ``log₁₀|w|`` with the exact moments that maximum likelihood needs.

    ``counts`` run along ``len(counts)`` equal bins between ``edges[0]`` and ``edges[1]``. The moments are those of
    the counted entries: mean of ``|w|``, of ``w²``, of ``ln|w|``, and variance of ``ln|w|``. ``n_entries`` is all
    entries, ``n_zero`` the exact zeros, ``n_outside`` the other entries outside the grid; neither is counted.
    """

    counts: np.ndarray
    edges: tuple[float, float]
    n_entries: int
    n_zero: int
    n_outside: int
    mean_size: float
    mean_square: float
    mean_log: float
    log_variance: float
    caveat: str = ""

    @property
    def n_counted(self) -> int:
        return self.n_entries - self.n_zero - self.n_outside


@brief
@dataclass(frozen=True, slots=True, eq=False)
class WeibullFit:
    """Weibull law of ``|w|`` by the middle of its probability plot.

    ``shape`` is k, ``scale`` λ, ``r_squared`` how straight the plot is, ``distance`` the largest gap between the
    shares and the law inside ``middle``. ``log_sizes`` (natural) and ``shares`` are the points of the plot.
    """

    shape: float
    scale: float
    r_squared: float
    distance: float
    middle: tuple[float, float]
    log_sizes: np.ndarray
    shares: np.ndarray
    n_entries: int
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class EntryFit:
    """One law fitted to the entries by maximum likelihood, symmetric about zero.

    ``log_likelihood`` and ``aic`` are per entry, in nats: ``aic = 2 (n_parameters / n − log_likelihood)``.
    """

    family: Family
    parameters: tuple[tuple[str, float], ...]
    log_likelihood: float
    aic: float

    def parameter(self, name: str) -> float:
        return dict(self.parameters)[name]


@brief
@dataclass(frozen=True, slots=True)
class EntryFits:
    """Laws of one matrix's entries, side by side."""

    fits: tuple[EntryFit, ...]
    n_entries: int
    caveat: str = ""

    def of(self, family: Family) -> EntryFit:
        return next(fit for fit in self.fits if fit.family == family)
