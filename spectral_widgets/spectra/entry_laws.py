"""A smooth law of the entries: Student-t or generalised Gaussian, whichever is likelier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats
from scipy.optimize import minimize

from ..records import WeightMatrix

_SAMPLE = 40_000


@dataclass(frozen=True, slots=True)
class EntryLaw:
    """A symmetric law around ``location``; ``shape`` is degrees of freedom (t) or the exponent (Gaussian)."""

    family: Literal["Student-t", "generalised Gaussian"]
    shape: float
    location: float
    scale: float

    def draw(self, size: tuple[int, ...], seed: int) -> np.ndarray:
        """Independent draws, the same for the same seed."""
        rng = np.random.default_rng(seed)
        if self.family == "Student-t":
            return self.location + self.scale * rng.standard_t(self.shape, size)
        # |x|^β of a generalised Gaussian is gamma distributed with shape 1/β.
        sizes = rng.standard_gamma(1 / self.shape, size) ** (1 / self.shape)
        return self.location + self.scale * np.where(rng.random(size) < 0.5, -sizes, sizes)

    @property
    def sentence(self) -> str:
        name = "degrees of freedom" if self.family == "Student-t" else "exponent"
        return f"{self.family} with {name} {self.shape:.3g}, scale {self.scale:.3g}, around {self.location:.3g}"


def fit_entry_law(matrix: WeightMatrix) -> EntryLaw:
    """Maximum likelihood over shape and scale of both families, around the mean of the entries.

    Uses at most 40,000 entries, drawn with a fixed seed. A handful of giants that do not belong to the law of
    the others hardly move the fit, which is what lets the reference find them unusual.
    """
    flat = matrix.values.ravel()
    if flat.size > _SAMPLE:
        flat = flat[np.random.default_rng(flat.size).choice(flat.size, _SAMPLE, replace=False)]
    location = float(matrix.values.mean(dtype=np.float64))
    sizes = np.abs(flat.astype(np.float64) - location)
    unit = float(np.median(sizes)) or float(sizes.mean())
    fits = [_fitted(stats.t, sizes / unit, 5.0), _fitted(stats.gennorm, sizes / unit, 2.0)]
    best = int(fits[1][2] < fits[0][2])
    shape, scale, _ = fits[best]
    return EntryLaw("generalised Gaussian" if best else "Student-t", shape, location, scale * unit)


def _fitted(family: Any, sizes: np.ndarray, start: float) -> tuple[float, float, float]:
    """Shape, scale and the negative mean log-likelihood at its minimum."""

    def cost(point: np.ndarray) -> float:
        shape, scale = np.exp(np.clip(point, -5.0, 7.0))
        return -float(family.logpdf(sizes, shape, scale=scale).mean())

    found = minimize(cost, [np.log(start), np.log(1.5)], method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-8})
    shape, scale = np.exp(np.clip(found.x, -5.0, 7.0))
    return float(shape), float(scale), float(found.fun)
