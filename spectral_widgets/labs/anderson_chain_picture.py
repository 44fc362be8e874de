"""The picture of the Anderson chain: rate of decay, participation, three states, and level spacing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, line, points, rule
from ..records.text import number
from ..rmt import spacing_ratios
from .anderson_chain import ENERGIES, SHOWN, theory_rates
from .spacing import spacing_panel

if TYPE_CHECKING:
    from .anderson_chain import ChainDraws

_ENERGY = "energy E"
_BAND = (-4.0, 4.0)
_MOST_DOTS = 400
_FAINTEST = 1e-8
_DYES = (theme.LAYER, theme.TRAP, theme.TAIL)


def panels_of(record: ChainDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Rate of decay, participation, states, spacing."""
    ratios = np.concatenate([spacing_ratios(levels) for levels in record.levels])
    last = spacing_panel(ratios, theory, "the chain")
    return _rates(record, theory, words), _participation(record, theory), _states(record, theory), last


def _rates(record: ChainDraws, theory: bool, words: str) -> Panel:
    mean = record.rates.mean(axis=0)
    n_draws = record.n_draws
    error = 2 * record.rates.std(axis=0, ddof=1) / np.sqrt(n_draws) if n_draws > 1 else np.zeros(len(mean))
    fine = np.linspace(ENERGIES[0], ENERGIES[-1], 121)
    known = theory_rates(record, fine)
    layers: list[Layer] = [line("theory", fine, known)] if theory else []
    layers.append(points("simulated, ± 2 s.e.", ENERGIES, np.maximum(mean, 0.0), error=np.minimum(error, mean)))
    top = 1.25 * max(float(known.max()), float(mean.max()))
    return Panel(
        tuple(layers),
        _ENERGY,
        "rate of decay 1/ξ per site",
        words,
        "How fast a state falls off",
        x_range=(-2.0, 2.0),
        y_range=(0.0, top),
    )


def _participation(record: ChainDraws, theory: bool) -> Panel:
    energies, carried = record.levels.ravel(), record.participation.ravel()
    inside = np.flatnonzero(np.abs(energies) < _BAND[1])
    shown = inside[np.unique(np.linspace(0, len(inside) - 1, _MOST_DOTS).astype(int))] if len(inside) else inside
    layers: list[Layer] = [points("states", energies[shown], carried[shown], size=14, opacity=0.5)]
    clean = 2 * (record.n_sites + 1) / 3
    if theory:
        layers.append(rule("clean chain", y=clean))
    mean = number(float(carried.mean()))
    words = f"Sites that carry a state, over its energy: {mean} on average, {number(clean)} in a clean chain."
    title, height = "How many sites carry it", 1.1 * clean
    return Panel(tuple(layers), _ENERGY, "participation ratio", words, title, x_range=_BAND, y_range=(0.0, height))


def _states(record: ChainDraws, theory: bool) -> Panel:
    sites = np.arange(1, record.n_sites + 1, dtype=float)
    rates = theory_rates(record, np.array(SHOWN))
    layers: list[Layer] = []
    for energy, state, rate, dye in zip(SHOWN, record.states, rates, _DYES, strict=True):
        name = f"E near {number(energy)}"
        layers.append(line(name, sites, np.maximum(state**2, _FAINTEST), dye=dye, thickness=1.4))
        if theory:
            peak = int(np.argmax(state**2))
            fall = state[peak] ** 2 * np.exp(-2 * rate * np.abs(sites - sites[peak]))
            layers.append(line("theory", sites, np.maximum(fall, _FAINTEST), dashed=True, thickness=1.0))
    peaks = ", ".join(number(float((state**2).max())) for state in record.states)
    words = f"Three states of one chain, |ψ|² on a logarithmic scale; their peaks are {peaks}."
    return Panel(
        tuple(layers),
        "site",
        "|ψ|²",
        words,
        "Three states of one chain",
        y_scale="log",
        x_range=(1.0, float(record.n_sites)),
        y_range=(_FAINTEST, 1.0),
        height=220,
    )
