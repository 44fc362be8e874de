"""The picture of lab 7: large eigenvalues, the largest, the exponent that fits recover, and a variance that is not."""

from __future__ import annotations

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, line, points, rule
from ..records.text import number
from ..rmt import frechet_cdf, hill_mean, mp_edges
from .heavy_tails_draws import TailDraws, expected_beyond, has_tail, scale_of
from .sampling import mean_and_error

_N_POINTS = 160
_RAREST = 0.02
#: In units of what the largest entry alone would make.
_UNITS = (1e-3, 1e4)
_ALPHAS = 6.0


def panels_of(record: TailDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """All four."""
    return (
        _beyond(record, theory, words),
        _largest(record, theory),
        _exponents(record, theory),
        _squares(record, theory),
    )


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Whole powers of ten around the upper eigenvalues, up to where the count ends."""
    low, high = np.log10(np.quantile(values, [0.3, 1 - _RAREST / values.shape[1]]))
    return float(10 ** np.floor(low)), float(10 ** np.ceil(high + 1e-9))


def _beyond(record: TailDraws, theory: bool, words: str) -> Panel:
    """Mean number of eigenvalues beyond each place: a straight line for a power law."""
    window = _ends(record.eigenvalues)
    x = np.geomspace(*window, _N_POINTS)
    pooled = np.sort(record.eigenvalues, axis=None)
    seen = (len(pooled) - np.searchsorted(pooled, x, side="right")) / record.n_draws
    layers: list[Layer] = []
    if theory:
        known = expected_beyond(record, x)
        inside = (known <= record.n_cols) & (known >= _RAREST)
        layers.append(line("one entry each", x, np.where(inside, known, np.nan), dashed=True))
        edge = mp_edges(record.aspect, record.variance)[1] if np.isfinite(record.variance) else np.nan
        layers.append(rule("edge of the bulk", x=edge, dye=theme.BAND))
    shown = np.where(seen >= _RAREST, seen, np.nan)
    layers.append(line("simulated", x, shown, dye=theme.LAYER, steps=True))
    return Panel(
        tuple(layers),
        "eigenvalue λ",
        "eigenvalues beyond, per matrix",
        words,
        x_scale="log",
        y_scale="log",
        x_range=window,
        y_range=(_RAREST, 1.5 * record.n_cols),
    )


def _largest(record: TailDraws, theory: bool) -> Panel:
    """Law of the largest eigenvalue in units of the largest entry squared over N."""
    unit = scale_of(record) ** 2 / record.n_rows
    unit = unit if np.isfinite(unit) else mp_edges(record.aspect, record.variance)[1]
    x = np.geomspace(*_UNITS, _N_POINTS)
    scaled = np.sort(record.eigenvalues[:, -1]) / unit
    layers: list[Layer] = []
    if theory and has_tail(record):
        layers.append(line("Fréchet", x, frechet_cdf(x, record.exponent / 2), dashed=True))
    if theory:
        beyond = expected_beyond(record, x * unit)
        layers.append(line("Poisson, this size", x, np.exp(-beyond), dye=theme.BAND))
    shares = np.searchsorted(scaled, x, side="right") / record.n_draws
    layers.append(line("simulated", x, shares, dye=theme.LAYER, steps=True))
    words = f"Share of matrices whose largest eigenvalue is below a place, in units of {number(unit)}."
    return Panel(
        tuple(layers),
        "largest eigenvalue × N / b²",
        "share of matrices below",
        words,
        x_scale="log",
        x_range=_UNITS,
        y_range=(0.0, 1.0),
    )


def _exponents(record: TailDraws, theory: bool) -> Panel:
    """What two fits make of a power law, over the number of values they have."""
    lengths = record.lengths.astype(float)
    layers: list[Layer] = []
    if theory:
        fine = np.geomspace(lengths[0], lengths[-1], 60)
        layers.append(rule("true α", y=record.alpha, dye=theme.INK))
        layers.append(line("Hill in theory", fine, hill_mean(record.alpha, fine)))
    for name, fits, dye in (("Hill", record.hill, theme.LAYER), ("best start", record.scan, theme.TAIL)):
        known = np.isfinite(fits).all(axis=0)
        if known.any():
            middle, error = np.array([mean_and_error(column) for column in fits[:, known].T]).T
            at = lengths[known] * (1.0 if name == "Hill" else 1.06)
            layers.append(points(name, at, middle, error=2 * np.nan_to_num(error), dye=dye, size=60))
    words = f"Fitted exponents of samples of a power law with α = {number(record.alpha)}."
    return Panel(
        tuple(layers),
        "values in the tail",
        "fitted α, ± 2 s.e.",
        words,
        x_scale="log",
        y_range=(1.0, 1 + 1.8 * (record.alpha - 1)),
        height=220,
    )


def _squares(record: TailDraws, theory: bool) -> Panel:
    """Mean square of the first entries: it settles at the variance where there is one."""
    middle = np.median(record.mean_squares, axis=0)
    layers: list[Layer] = []
    if theory and np.isfinite(record.variance):
        layers.append(rule("theory", y=record.variance))
    elif theory:
        # The largest of n squares has the tail of one, so their mean grows as n^(2/μ − 1); the height is the last.
        growth = (record.counts / record.counts[-1]) ** (2 / record.exponent - 1)
        layers.append(line("theory", record.counts, middle[-1] * growth))
    layers.append(line("one matrix", record.counts, record.mean_squares[0], dye=theme.SHUFFLED, thickness=1.2))
    layers.append(line("median of all", record.counts, middle, dye=theme.LAYER))
    words = f"Mean square of the first entries; over whole matrices its median is {number(float(middle[-1]))}."
    return Panel(tuple(layers), "entries", "mean square so far", words, x_scale="log", y_scale="log", height=220)
