"""The picture of the two traps: their eigenvalues, their participation, their components, and the noise's spacing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, line, points, rule
from ..records.text import number
from ..rmt import (
    outlier_eigenvalue,
    peaked_inverse_participation,
    porter_thomas_participation,
    spacing_ratios,
    spread_inverse_participation,
)
from .localised_traps import ASPECT, KINDS
from .overlays import EIGENVALUE, PER_UNIT, mp_height, mp_layers, spectrum_bars
from .sampling import density
from .spacing import spacing_panel

if TYPE_CHECKING:
    from .localised_traps import TrapDraws

#: The strongest trap of the dial, in units of the threshold.
STRONGEST = 6.0
_DYES = (theme.TRAP, theme.TAIL)
_MOST_DOTS = 300
_COMPONENTS = np.linspace(-4.0, 4.0, 41)
_FINE = np.linspace(-4.0, 4.0, 121)


def panels_of(record: TrapDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Spectrum, participation, components, spacing."""
    ratios = np.concatenate([spacing_ratios(levels) for levels in record.levels])
    last = spacing_panel(ratios, theory, "the noise")
    return _spectrum(record, theory, words), _participation(record, theory), _components(record, theory), last


def _window() -> tuple[float, float]:
    return (0.0, 1.1 * float(outlier_eigenvalue(STRONGEST * np.sqrt(ASPECT), ASPECT)))


def _spectrum(record: TrapDraws, theory: bool, words: str) -> Panel:
    top = 1.3 * mp_height(ASPECT, 1.0, _window())
    layers = [spectrum_bars(record.levels, _window(), name="noise")]
    if theory:
        layers += mp_layers(ASPECT)
    for place, (name, tops) in enumerate(zip(KINDS, record.tops.T, strict=True)):
        height = np.full(len(tops), (0.05 + 0.09 * place) * top)
        layers.append(points(name, tops, height, dye=_DYES[place], opacity=0.5))
    if theory and record.strength > 1:
        known = float(outlier_eigenvalue(record.strength_squared, ASPECT))
        layers.append(rule("both traps, theory", x=known, dye=theme.NULL))
    return Panel(tuple(layers), EIGENVALUE, PER_UNIT, words, "Same eigenvalue", x_range=_window(), y_range=(0.0, top))


def _participation(record: TrapDraws, theory: bool) -> Panel:
    n = record.n_cols
    shown = np.unique(np.linspace(0, record.levels.size - 1, _MOST_DOTS).astype(int))
    noise = points("noise", record.levels.ravel()[shown], 1 / record.inverse.ravel()[shown], size=14, opacity=0.5)
    layers: list[Layer] = [noise]
    for name, tops, inverse, dye in zip(KINDS, record.tops.T, record.trap_inverse.T, _DYES, strict=True):
        layers.append(points(name, tops, 1 / inverse, dye=dye, opacity=0.6))
    known = [porter_thomas_participation(n)]
    if record.strength > 1:
        known += [1 / one(record.overlap, n) for one in (peaked_inverse_participation, spread_inverse_participation)]
    if theory:
        layers.append(rule("theory", y=known))
    means = (1 / record.trap_inverse.mean(axis=0)).tolist()
    words = (
        f"Columns that take part in a vector, of {n}: {number(1 / record.inverse.mean())} in noise, {number(means[0])} "
        f"with the giant entry, {number(means[1])} with the offset."
    )
    title = "Opposite vectors"
    return Panel(
        tuple(layers), EIGENVALUE, "participation ratio", words, title, x_range=_window(), y_range=(0.0, 1.05 * n)
    )


def _components(record: TrapDraws, theory: bool) -> Panel:
    root, middle = np.sqrt(record.n_cols), (_COMPONENTS[1:] + _COMPONENTS[:-1]) / 2
    layers: list[Layer] = [bars("noise", _COMPONENTS, density(root * record.own, _COMPONENTS))]
    for place, (name, dye) in enumerate(zip(KINDS, _DYES, strict=True)):
        heights = density(root * record.vectors[:, place], _COMPONENTS)
        layers.append(line(name, middle, heights, dye=dye, thickness=1.8))
    if theory:
        q = record.overlap
        narrow = np.sqrt(max(1 - q, 1e-9))
        shapes = ((0.0, 1.0), *(((0.0, narrow), (np.sqrt(q), narrow)) if record.strength > 1 else ()))
        layers += [line("theory", _FINE, _normal(_FINE, *shape), dashed=True, thickness=1.4) for shape in shapes]
    words = (
        "Components of the vectors times √n: normal in noise (Porter and Thomas), narrower around zero with the giant "
        f"entry but for one of {number(root * float(record.vectors[:, 0, 0].mean()))}, and around "
        f"{number(float(root * record.vectors[:, 1].mean()))} with the offset."
    )
    return Panel(
        tuple(layers),
        "component × √n",
        "share per unit",
        words,
        "Porter–Thomas",
        x_range=(-4.0, 4.0),
        y_range=(0.0, 1.0),
        height=220,
    )


def _normal(x: np.ndarray, middle: float, width: float) -> np.ndarray:
    return np.exp(-(((x - middle) / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
