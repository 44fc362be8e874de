"""Layers that several labs draw: a spectrum as bars, the Marchenko–Pastur law over it."""

from __future__ import annotations

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Range, bars, line, rule
from ..rmt import mp_density, mp_edges
from .sampling import density

MP = "Marchenko–Pastur"
EIGENVALUE = "eigenvalue λ"
PER_UNIT = "share per unit of λ"


def spectrum_bars(eigenvalues: np.ndarray, window: Range, n_bins: int = 60, name: str = "simulated") -> Layer:
    """Eigenvalues of all draws as bars over the window; the height counts all of them, drawn or not."""
    edges = np.linspace(*window, n_bins + 1)
    return bars(name, edges, density(eigenvalues, edges))


def mp_layers(aspect: float, variance: float = 1.0) -> tuple[Layer, ...]:
    """The density of the Marchenko–Pastur law and its two edges."""
    low, high = mp_edges(aspect, variance)
    # Denser at both edges, where the law bends.
    x = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, 160))) / 2
    return line(MP, x, mp_density(x, aspect, variance)), rule("its edges", x=[low, high], dye=theme.BAND)


def mp_height(aspect: float, variance: float, window: Range, n_bins: int = 60) -> float:
    """Greatest height of the law at the middle of a bar, beyond the first: at square shapes it has no top."""
    middles = np.linspace(*window, n_bins + 1)[1:-1]
    return float(mp_density(middles, aspect, variance).max())
