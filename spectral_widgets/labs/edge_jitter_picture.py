"""The picture of lab 2: histogram and tail of the largest eigenvalue, its way with the size, the cost of thresholds."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, line, points, rule
from ..records.text import number
from ..rmt import TW_MOMENTS, mp_edges, strength_of, tw_quantile, tw_sf
from .edge_jitter_draws import LEVEL, EdgeDraws, fair_threshold, scaling_of, square_root_threshold, widths_of
from .sampling import density, deviation_and_error, mean_and_error

_LOWEST, _HIGHEST, _RAREST = -5.0, 9.0, 1e-3
_N_BINS = 56
#: Rows at which thresholds are drawn: multiples of 20, at which every shape of the dial has whole columns.
_SIZES = 20 * np.unique(np.geomspace(1, 500, 60).round()).astype(int)
_ENDS = (float(_SIZES[0]), float(_SIZES[-1]))
_LAW = "Tracy–Widom"


def panels_of(record: EdgeDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """All four."""
    return _jitter(record, theory, words), _tail(record, theory), _sizes(record, theory), _cost(record, theory)


@lru_cache
def _log_survival(beta: int) -> CubicSpline:
    """Through a few values of the law, good to 1e-5: each of them is a determinant, too dear for every point."""
    places = np.linspace(_LOWEST, _HIGHEST, 36)
    return CubicSpline(places, np.log(tw_sf(places, beta)))


def _axis(record: EdgeDraws) -> tuple[np.ndarray, float, float, str]:
    """The largest eigenvalues as drawn, and how a number of widths ``z`` is drawn: at ``start + unit · z``."""
    centre, width = scaling_of(record, record.shape, "second")
    if record.scaling == "none":
        return record.largest[:, -1], centre, width, "largest eigenvalue λ"
    shift, unit = scaling_of(record, record.shape)
    return (record.largest[:, -1] - shift) / unit, 0.0, 1.0, "largest eigenvalue, in widths"


def _places(record: EdgeDraws, start: float, unit: float, theory: bool) -> list[Layer]:
    """The two thresholds and the value in question, which can be dragged where the axis counts widths."""
    root = widths_of(record, square_root_threshold(record.shape))
    fair = [rule("1 % point", x=start + unit * tw_quantile(1 - LEVEL, record.beta), dye=theme.BAND)] if theory else []
    drag = "" if record.scaling == "none" else "observed"
    return [
        *fair,
        rule("square-root rule", x=start + unit * root, dye=theme.TRAP),
        rule("observed", x=start + unit * record.observed, dye=theme.INK, dashed=False, drag=drag),
    ]


def _jitter(record: EdgeDraws, theory: bool, words: str) -> Panel:
    values, start, unit, title = _axis(record)
    window = (start + unit * _LOWEST, start + unit * _HIGHEST)
    edges = np.linspace(*window, _N_BINS + 1)
    layers: list[Layer] = [bars("simulated", edges, density(values, edges))]
    z = np.linspace(_LOWEST, _HIGHEST, 160)
    log_survival = _log_survival(record.beta)
    heights = -log_survival(z, 1) * np.exp(log_survival(z)) / unit
    if theory:
        layers.append(line(_LAW, start + unit * z, heights))
    top = 1.6 * float(heights.max())
    layers += _places(record, start, unit, theory)
    return Panel(tuple(layers), title, "density of draws", words, x_range=window, y_range=(0.0, top))


def _tail(record: EdgeDraws, theory: bool) -> Panel:
    values, start, unit, title = _axis(record)
    z = np.linspace(_LOWEST, _HIGHEST, 160)
    x = start + unit * z
    beyond = 1 - np.searchsorted(np.sort(values), x, side="right") / len(values)
    layers: list[Layer] = [line("simulated", x, _seen(beyond), dye=theme.LAYER, steps=True)]
    if theory:
        layers.append(line(_LAW, x, _seen(np.exp(_log_survival(record.beta)(z))), dashed=True))
    layers += _places(record, start, unit, theory)
    share = float((values > start + unit * record.observed).mean())
    words = f"Share of draws beyond a place; {number(share)} lie beyond the observed one."
    return Panel(
        tuple(layers),
        title,
        "share of draws beyond",
        words,
        y_scale="log",
        x_range=(start + unit * _LOWEST, start + unit * _HIGHEST),
        y_range=(_RAREST, 1.0),
    )


def _seen(shares: np.ndarray) -> np.ndarray:
    """A logarithmic axis has no zero."""
    return np.where(shares >= _RAREST, shares, np.nan)


def _sizes(record: EdgeDraws, theory: bool) -> Panel:
    return _raw_sizes(record, theory) if record.scaling == "none" else _scaled_sizes(record, theory)


def _scaled_sizes(record: EdgeDraws, theory: bool) -> Panel:
    scalings = [scaling_of(record, shape) for shape in record.shapes]
    scaled = [(record.largest[:, k] - shift) / unit for k, (shift, unit) in enumerate(scalings)]
    layers: list[Layer] = [rule(_LAW, y=TW_MOMENTS[record.beta])] if theory else []
    for name, measure, dye in (("mean", mean_and_error, theme.LAYER), ("deviation", deviation_and_error, theme.TAIL)):
        middle, error = np.array([measure(one) for one in scaled]).T
        layers.append(points(name, _rows(record), middle, error=2 * np.nan_to_num(error), dye=dye, size=60))
    return _over_rows(record, layers, "in widths", "scaled", (-2.6, 2.0))


def _raw_sizes(record: EdgeDraws, theory: bool) -> Panel:
    middle, error = np.array([mean_and_error(column) for column in record.largest.T]).T
    layers: list[Layer] = []
    aspect = record.shape[1] / record.shape[0]
    if theory:
        scalings = [scaling_of(record, shape, "second") for shape in record.shapes]
        known = [centre + TW_MOMENTS[record.beta][0] * width for centre, width in scalings]
        layers += [rule("edge of the limit", y=mp_edges(aspect)[1], dye=theme.BAND), line(_LAW, _rows(record), known)]
    layers.append(points("mean", _rows(record), middle, error=2 * np.nan_to_num(error), size=60))
    return _over_rows(record, layers, "mean largest eigenvalue", "as it is", (0.0, 1.15 * mp_edges(aspect)[1]))


def _over_rows(record: EdgeDraws, layers: list[Layer], title: str, how: str, span: tuple[float, float]) -> Panel:
    words = f"Mean of the largest eigenvalue, {how}, for {', '.join(f'{n} × {m}' for n, m in record.shapes)}."
    return Panel(tuple(layers), "rows N", title, words, x_scale="log", y_range=span, height=220)


def _rows(record: EdgeDraws) -> list[int]:
    return [rows for rows, _ in record.shapes]


def _cost(record: EdgeDraws, theory: bool) -> Panel:
    """The weakest signal whose eigenvalue passes a threshold, over the size."""
    aspect = record.shape[1] / record.shape[0]
    shapes = [(int(n), max(2, round(aspect * n))) for n in _SIZES]
    rule_needs = strength_of([square_root_threshold(shape) for shape in shapes], aspect)
    layers: list[Layer] = [line("square-root rule", _SIZES, rule_needs, dye=theme.TRAP)]
    if theory:
        fair = strength_of([fair_threshold(record, shape) for shape in shapes], aspect)
        layers.append(line("1 % point", _SIZES, fair, dye=theme.BAND))
        layers.append(rule("leaves the bulk, √y", y=np.sqrt(aspect)))
    seen = strength_of(np.quantile(record.largest, 1 - LEVEL, axis=0), aspect)
    layers.append(points("1 % point, simulated", _rows(record), seen, size=60))
    words = f"The square-root rule asks for a signal θ² of {number(float(rule_needs[0]))} to {number(rule_needs[-1])}."
    top = (0.0, 1.1 * float(rule_needs[0]))
    return Panel(
        tuple(layers), "rows N", "weakest signal θ² seen", words, x_scale="log", x_range=_ENDS, y_range=top, height=220
    )
