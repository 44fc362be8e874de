"""The ratios of neighbouring gaps between levels, drawn beside the two laws that they can follow."""

from __future__ import annotations

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, line
from ..records.text import number
from ..rmt import GOE_RATIO, POISSON_RATIO, goe_ratio_density, poisson_ratio_density
from .sampling import density

_EDGES = np.linspace(0.0, 1.0, 26)
_R = np.linspace(0.0, 1.0, 101)


def spacing_panel(ratios: np.ndarray, theory: bool, whose: str) -> Panel:
    """Histogram of the ratios, of all draws together; levels that repel each other leave the left side empty."""
    layers: list[Layer] = [bars("simulated", _EDGES, density(ratios, _EDGES))]
    if theory:
        layers.append(line("levels repel (GOE)", _R, goe_ratio_density(_R)))
        layers.append(line("independent levels", _R, poisson_ratio_density(_R), dye=theme.SHUFFLED, dashed=True))
    words = (
        f"Ratios of neighbouring gaps of {whose}: mean {number(float(ratios.mean()))}; {number(GOE_RATIO)} where "
        f"levels repel each other, {number(POISSON_RATIO)} where they do not know each other."
    )
    return Panel(
        tuple(layers),
        "ratio of neighbouring gaps",
        "share per unit",
        words,
        "Level spacing",
        x_range=(0.0, 1.0),
        y_range=(0.0, 2.2),
        height=220,
    )
