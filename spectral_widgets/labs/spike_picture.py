"""The picture of lab 3: the spectrum, and two curves with the simulation on them at the strength of the signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, line, points, rule
from ..records.text import number
from ..rmt import mp_edges, outlier_eigenvalue, overlap_squared
from .overlays import EIGENVALUE, PER_UNIT, mp_height, mp_layers, spectrum_bars
from .sampling import mean_and_error

if TYPE_CHECKING:
    from .spike import SpikeDraws

#: The strongest signal of the dial, at which the axes end.
STRONGEST = 3.0
_STRENGTH = "signal strength θ²"


def panels_of(record: SpikeDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """The spectrum, then place and overlap of the top over the strength of the signal."""
    return _spectrum(record, theory, words), _place(record, theory), _overlaps(record, theory)


def _highest(record: SpikeDraws) -> float:
    return 1.1 * float(outlier_eigenvalue(STRONGEST, record.aspect))


def _spectrum(record: SpikeDraws, theory: bool, words: str) -> Panel:
    window = (0.0, _highest(record))
    top = 1.3 * mp_height(record.aspect, 1.0, window)
    largest = record.eigenvalues[:, -1]
    layers = [spectrum_bars(record.eigenvalues, window)]
    if theory:
        layers += mp_layers(record.aspect)
    layers.append(
        points("largest of each draw", largest, np.full(len(largest), 0.04 * top), dye=theme.TRAP, opacity=0.5)
    )
    return Panel(tuple(layers), EIGENVALUE, PER_UNIT, words, x_range=window, y_range=(0.0, top))


def _strengths() -> np.ndarray:
    return np.linspace(0.0, STRONGEST, 121)


def _signal_rules(record: SpikeDraws, theory: bool) -> list[Layer]:
    threshold = [rule("threshold √y", x=record.threshold, dye=theme.BAND)] if theory else []
    return [*threshold, rule("", x=record.strength_squared, dye=theme.INK, dashed=False, drag="strength")]


def _place(record: SpikeDraws, theory: bool) -> Panel:
    layers = _signal_rules(record, theory)
    if theory:
        place = np.nan_to_num(outlier_eigenvalue(_strengths(), record.aspect), nan=mp_edges(record.aspect)[1])
        layers.append(line("theory", _strengths(), place))
    mean, error = mean_and_error(record.eigenvalues[:, -1])
    found = points(
        "simulated, ± 2 s.e.", record.strength_squared, mean, error=2 * np.nan_to_num(error), dye=theme.TRAP, size=70
    )
    words = f"Largest eigenvalue {number(mean)} at strength {number(record.strength_squared)}."
    high = (0.0, _highest(record))
    return Panel(
        (*layers, found), _STRENGTH, "largest eigenvalue", words, x_range=(0.0, STRONGEST), y_range=high, height=220
    )


def _overlaps(record: SpikeDraws, theory: bool) -> Panel:
    layers = _signal_rules(record, theory)
    curves = dict(zip(("long", "short"), overlap_squared(_strengths(), record.aspect), strict=True))
    seen = []
    for name, overlaps, dye in (("short", record.short_overlap, theme.TRAP), ("long", record.long_overlap, theme.TAIL)):
        if not np.isfinite(overlaps).all():
            continue
        mean, error = mean_and_error(overlaps)
        if theory:
            layers.append(line(f"{name} side", _strengths(), curves[name], dye=dye, dashed=name == "long"))
        layers.append(
            points(f"{name} side", record.strength_squared, mean, error=2 * np.nan_to_num(error), dye=dye, size=70)
        )
        seen.append(f"{name} side {number(mean)}")
    words = f"Squared overlap of the top vector with the planted one: {', '.join(seen)}."
    return Panel(tuple(layers), _STRENGTH, "overlap²", words, x_range=(0.0, STRONGEST), y_range=(0.0, 1.0), height=220)
