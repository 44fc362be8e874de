"""The picture of lab 8: exponents against shape, and the two spectra that they are fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, line, points, rule
from ..records.text import number
from ..rmt import mp_edges
from ..rmt.hill import finite_hill_alpha, mp_hill_alpha
from .overlays import EIGENVALUE, PER_UNIT, mp_height, mp_layers, spectrum_bars

if TYPE_CHECKING:
    from .aspect_bias import ShapeDraws

#: Rows over columns of the matrices that are always drawn.
RATIOS = (1.0, 2.0, 4.0, 8.0, 16.0)
_NAMES = ("Hill, whole matrix", "FARMS, windows")
_FINE = np.geomspace(1.0, 16.0, 25)
_TOP = 7.5


def panels_of(record: ShapeDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Exponents, spectrum of the whole, spectrum of the windows."""
    whole = _spectrum(
        record.eigenvalues, record.n_cols / record.n_rows, theory, "Whole matrix", float(record.hill[:, 0].mean())
    )
    pooled = _spectrum(record.pooled, record.window_aspect, theory, "Windows, pooled", float(record.farms[:, 0].mean()))
    return _exponents(record, theory, words), whole, pooled


def _exponents(record: ShapeDraws, theory: bool, words: str) -> Panel:
    layers: list[Layer] = [rule("", x=record.ratio, dye=theme.INK, dashed=False, drag="ratio")]
    if theory:
        of_size = [finite_hill_alpha(round(float(one) * record.n_cols), record.n_cols) for one in _FINE]
        layers.append(line("noise of this size", _FINE, of_size))
        infinite = [mp_hill_alpha(float(1 / one)) for one in _FINE]
        layers.append(line("of infinite size", _FINE, infinite, dye=theme.SHUFFLED, dashed=True, thickness=1.4))
        layers.append(rule("noise in the windows", y=mp_hill_alpha(record.window_aspect), dye=theme.BAND))
    ratios = np.array([record.ratio, *RATIOS])
    many = record.n_draws > 1
    for name, values, dye in zip(_NAMES, (record.hill, record.farms), (theme.LAYER, theme.TAIL), strict=True):
        spread = values.std(axis=0, ddof=1) / np.sqrt(record.n_draws) if many else np.zeros(len(ratios))
        sizes = ((slice(1, None), 45.0), (slice(0, 1), 110.0))
        layers += [
            points(name, ratios[part], values[:, part].mean(axis=0), error=2 * spread[part], dye=dye, size=size)
            for part, size in sizes
        ]
    return Panel(
        tuple(layers),
        "shape N/M",
        "exponent α of pure noise",
        words,
        "Exponent against shape",
        x_scale="log",
        x_range=(0.95, 17.0),
        y_range=(1.0, _TOP),
    )


def _spectrum(eigenvalues: np.ndarray, aspect: float, theory: bool, title: str, alpha: float) -> Panel:
    low, high = mp_edges(aspect)
    # A tenth of the bulk of room on both sides; the narrow law of a tall matrix stands far from zero.
    room = (high - low) / 10
    window = (max(0.0, low - room), high + 2 * room)
    layers: list[Layer] = [spectrum_bars(eigenvalues, window, 50)]
    if theory:
        layers += mp_layers(aspect)
    start = float(np.median(eigenvalues))
    x = np.linspace(start, window[1], 81)
    fitted = (alpha - 1) / (2 * start) * (x / start) ** -alpha
    layers.append(line("power law of this α", x, fitted, dye=theme.TRAP))
    layers.append(rule("upper half from here", x=start, dye=theme.SHUFFLED))
    words = f"{title}: eigenvalues, and the power law with α = {number(alpha)} from their median {number(start)} on."
    top = 1.3 * max(mp_height(aspect, 1.0, window, 50), 0.0)
    return Panel(tuple(layers), EIGENVALUE, PER_UNIT, words, title, x_range=window, y_range=(0.0, top), height=220)
