"""The picture of the magnet: the transition, the distribution of the magnetisation, and a few runs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, line, points, rule
from ..records.text import number
from ..rmt import curie_weiss_distribution, mean_field_magnetisation
from .mean_field_magnet import N_SWEEPS, exact_means
from .sampling import density, mean_and_error

if TYPE_CHECKING:
    from .mean_field_magnet import MagnetDraws

#: The ends of the temperature dial.
COLDEST, HOTTEST = 0.3, 2.5
_TEMPERATURES = np.unique(np.append(np.linspace(COLDEST, HOTTEST, 45), 1 - np.geomspace(1e-4, 0.1, 20)))
_N_RUNS = 6


def panels_of(record: MagnetDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Transition, distribution, runs."""
    return _transition(record, theory, words), _distribution(record, theory), _runs(record, theory)


@lru_cache(maxsize=64)
def _curves(n_spins: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean field and exact sum over the temperatures of the dial."""
    field = np.array([mean_field_magnetisation(float(one)) for one in _TEMPERATURES])
    return field, np.array([exact_means(n_spins, float(one))[0] for one in _TEMPERATURES])


def _transition(record: MagnetDraws, theory: bool, words: str) -> Panel:
    layers: list[Layer] = [rule("transition T = 1", x=1.0, dye=theme.BAND)] if theory else []
    layers.append(rule("", x=record.temperature, dye=theme.INK, dashed=False, drag="temperature"))
    if theory:
        field, exact = _curves(record.n_spins)
        layers.append(line("mean field, infinite magnet", _TEMPERATURES, field))
        layers.append(line("exact sum, this size", _TEMPERATURES, exact, dye=theme.TAIL, dashed=True))
    mean, error = mean_and_error(np.abs(record.settled).mean(axis=1))
    shown = points(
        "simulated, ± 2 s.e.", record.temperature, mean, error=2 * np.nan_to_num(error), dye=theme.TRAP, size=70
    )
    return Panel(
        (*layers, shown),
        "temperature T",
        "magnetisation |m|",
        words,
        "Order below T = 1",
        x_range=(COLDEST, HOTTEST),
        y_range=(0.0, 1.05),
    )


def _distribution(record: MagnetDraws, theory: bool) -> Panel:
    # As many of the places that m can take in every bar, or else the bars would be ragged.
    per_bar = max(1, round(record.n_spins / 40))
    step = 2 * per_bar / record.n_spins
    edges = np.arange(-1 - 1 / record.n_spins, 1 + step, step)
    layers: list[Layer] = [bars("simulated", edges, density(record.settled, edges))]
    places, shares = curie_weiss_distribution(record.n_spins, record.temperature)
    heights = np.histogram(places, edges, weights=shares)[0] / step
    middle = (edges[1:] + edges[:-1]) / 2
    if theory:
        layers.append(line("exact sum, this size", middle, heights, dye=theme.TAIL))
    up = float((record.settled > 0).mean())
    words = f"Distribution of the magnetisation over the settled halves of all runs; {number(up)} of it is above zero."
    top = 1.3 * max(float(heights.max()), float(density(record.settled, edges).max()))
    return Panel(
        tuple(layers),
        "magnetisation m",
        "share per unit",
        words,
        "Distribution",
        x_range=(-1.1, 1.1),
        y_range=(0.0, top),
        height=220,
    )


def _runs(record: MagnetDraws, theory: bool) -> Panel:
    known = mean_field_magnetisation(record.temperature)
    layers: list[Layer] = [rule("mean field, infinite magnet", y=[-known, known])] if theory else []
    sweeps = np.arange(N_SWEEPS + 1)
    shown = record.history[:_N_RUNS]
    # One curve of all runs, broken between them, so that the picture has as many layers whatever the draws.
    gap = np.full((len(shown), 1), np.nan)
    time = np.tile(np.append(sweeps, N_SWEEPS), len(shown))
    layers.append(
        line("single runs", time, np.hstack([shown, gap]).ravel(), dye=theme.LAYER, thickness=1.2, turning=True)
    )
    words = f"Magnetisation of {len(shown)} runs over {N_SWEEPS} sweeps; measured in the second half."
    return Panel(
        tuple(layers),
        "sweeps",
        "magnetisation m",
        words,
        "Single runs",
        x_range=(0.0, float(N_SWEEPS)),
        y_range=(-1.05, 1.05),
        height=220,
    )
