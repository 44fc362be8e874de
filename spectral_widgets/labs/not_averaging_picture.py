"""The picture of lab 5: relative variance over size, the two humps at the largest size, and averages that go on."""

from __future__ import annotations

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, line, points, rule
from ..records.text import number
from .not_averaging_draws import TrapDraws, expected, relative_deviation
from .overlays import EIGENVALUE
from .sampling import density

_N_BINS, _MOST_POINTS = 60, 200
_TRAP, _EDGE = "largest eigenvalue", "edge of the bulk"


def panels_of(record: TrapDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """All three."""
    return _variances(record, theory, words), _humps(record, theory), _averages(record, theory)


def _variances(record: TrapDraws, theory: bool, words: str) -> Panel:
    rows = np.array([size.n_rows for size in record.sizes])
    known = [expected(record, size) for size in record.sizes]
    layers: list[Layer] = []
    if theory:
        layers.append(line("theory", rows, [one.relative_variance for one in known], dye=theme.TRAP))
        layers.append(line("Tracy–Widom", rows, [one.relative_edge_variance for one in known], dashed=True))
    for name, values, dye in ((_TRAP, record.largest, theme.TRAP), (_EDGE, record.edge, theme.LAYER)):
        middle, error = np.array([relative_deviation(column) for column in values.T]).T
        low, high = np.maximum(middle - 2 * error, 1e-3) ** 2, (middle + 2 * error) ** 2
        layers.append(points(name, rows, np.nan_to_num(middle**2, nan=-1.0), dye=dye, size=70))
        layers.append(_bars_of_error(name, rows, low, high, dye))
    return Panel(
        tuple(layers),
        "rows N of the layer",
        "relative variance",
        words,
        x_scale="log",
        y_scale="log",
        x_range=(0.85 * float(rows[0]), 1.15 * float(rows[-1])),
        y_range=(1e-4, 1.0),
    )


def _bars_of_error(name: str, x: np.ndarray, low: np.ndarray, high: np.ndarray, dye: str) -> Layer:
    """Upright strokes as one broken line: errors of a variance are not the same to both sides."""
    gap = np.full(len(x), np.nan)
    at = np.column_stack([x, x, x]).ravel()
    return line(name, at, np.column_stack([low, high, gap]).ravel(), dye=dye, thickness=1.5, turning=True)


def window_of(record: TrapDraws) -> tuple[float, float]:
    """Where the axis of eigenvalues ends at the largest size."""
    known = expected(record, record.sizes[-1])
    return 0.6 * known.edge, max(known.trap + 5 * np.sqrt(known.trap_variance), 1.6 * known.edge)


def _humps(record: TrapDraws, theory: bool) -> Panel:
    """Both eigenvalues at the largest size, and the mean that no shuffle shows."""
    edges = np.linspace(*window_of(record), _N_BINS + 1)
    known = expected(record, record.sizes[-1])
    layers: list[Layer] = [
        bars(_EDGE, edges, density(record.edge[:, -1], edges)),
        bars(_TRAP, edges, density(record.largest[:, -1], edges), dye=theme.TRAP),
    ]
    if theory:
        layers.append(rule("their places in theory", x=[known.edge, known.trap]))
    layers.append(rule("mean over shuffles", x=float(record.largest[:, -1].mean()), dye=theme.INK, dashed=False))
    size = record.sizes[-1]
    words = f"Eigenvalues of corners of {size.block_rows} × {size.block_cols} over {record.n_draws} shuffles."
    top = max(1.1 * max(float(one.columns["y"].max(initial=0.0)) for one in layers[:2]), 1e-3)
    return Panel(
        tuple(layers),
        EIGENVALUE,
        "density of shuffles",
        words,
        x_range=window_of(record),
        y_range=(0.0, top),
        height=220,
    )


def _averages(record: TrapDraws, theory: bool) -> Panel:
    """The mean over the first shuffles, as more are taken: of the largest eigenvalue and of the edge."""
    counts = np.unique(np.geomspace(1, record.n_draws, _MOST_POINTS).round().astype(int))
    known = expected(record, record.sizes[-1])
    layers: list[Layer] = []
    if theory:
        layers.append(rule("mean in theory", y=[known.mean, known.edge]))
    shown = counts - 1
    layers.append(points("single shuffle", counts, record.largest[shown, -1], dye=theme.SHUFFLED, size=12))
    for name, values, dye in ((_TRAP, record.largest, theme.TRAP), (_EDGE, record.edge, theme.LAYER)):
        running = np.cumsum(values[:, -1]) / np.arange(1, record.n_draws + 1)
        layers.append(line(name, counts, running[shown], dye=dye))
    words = (
        f"Mean over the first shuffles; after all {record.n_draws} it is {number(float(record.largest[:, -1].mean()))}."
    )
    return Panel(
        tuple(layers),
        "shuffles averaged",
        "mean so far",
        words,
        x_scale="log",
        y_range=window_of(record),
        height=220,
    )
