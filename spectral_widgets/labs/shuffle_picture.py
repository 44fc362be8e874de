"""The picture of lab 4: two spectra, where a trap stands over the size of its cause, and the histogram that is kept."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, line, points, rule
from ..records.text import number, plural
from ..rmt import entry_threshold, mean_threshold, mp_edges, outlier_eigenvalue
from .overlays import EIGENVALUE, PER_UNIT, mp_height, mp_layers
from .sampling import density, mean_and_error
from .shuffle_draws import ShuffleDraws

#: The ends of the dials, at which the axes end.
GREATEST_ENTRY, GREATEST_MEAN = 40.0, 0.3
_ROOM = 3.5
_N_BINS, _N_SIZES = 70, 120


def panels_of(record: ShuffleDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """All four."""
    return _spectra(record, theory, words), _sizes(record, theory), _entry(record, theory), _mean(record, theory)


def highest(record: ShuffleDraws) -> float:
    """Where the axis of eigenvalues ends."""
    return _ROOM * mp_edges(record.aspect, record.variance)[1]


def _spectra(record: ShuffleDraws, theory: bool, words: str) -> Panel:
    window = (0.0, highest(record))
    top = 1.3 * mp_height(record.aspect, record.variance, window, _N_BINS)
    edges = np.linspace(*window, _N_BINS + 1)
    layers: list[Layer] = [
        bars("the matrix", edges, density(record.own, edges)),
        bars("shuffled", edges, density(record.eigenvalues, edges), dye=theme.SHUFFLED),
    ]
    if theory:
        layers += mp_layers(record.aspect, record.variance)
        layers.append(rule("traps foretold", x=record.prediction.eigenvalues, dye=theme.NULL))
    traps = _top(record).ravel()
    layers.append(
        points("largest of each shuffle", traps, np.full(traps.size, 0.05 * top), dye=theme.TRAP, opacity=0.5)
    )
    layers.append(points("largest of the matrix", record.own[-1], 0.12 * top, size=90))
    return Panel(tuple(layers), EIGENVALUE, PER_UNIT, words, x_range=window, y_range=(0.0, top))


def _top(record: ShuffleDraws) -> np.ndarray:
    """The largest eigenvalues of each shuffle, as many as there are causes."""
    return record.eigenvalues[:, -(record.n_giants + (record.mean > 0) or 1) :]


def _sizes(record: ShuffleDraws, theory: bool) -> Panel:
    """How many entries lie beyond a distance from the mean: all that a shuffle keeps."""
    deviation = np.sqrt(record.variance)
    x = np.linspace(0.0, GREATEST_ENTRY, 161)
    n_entries = len(record.sizes)
    beyond = n_entries - np.searchsorted(record.sizes[::-1], x * deviation, side="right")
    layers: list[Layer] = []
    if theory:
        normal = 2 * n_entries * ndtr(-x)
        layers.append(line("normal entries", x, np.where(normal >= 0.5, normal, np.nan), dashed=True))
        layers.append(rule("(NM)^¼", x=entry_threshold(record.n_rows, record.n_cols), dye=theme.BAND))
    seen = np.where(beyond > 0, beyond, np.nan)
    layers.append(line("matrix and shuffles alike", x, seen, dye=theme.LAYER, steps=True))
    threshold = entry_threshold(record.n_rows, record.n_cols)
    n_beyond = int((record.sizes > threshold * deviation).sum())
    words = f"Entries by size: {plural(n_beyond, 'entry', 'entries')} beyond {number(threshold)} deviations."
    return Panel(
        tuple(layers),
        "|entry − mean| / σ",
        "entries beyond",
        words,
        y_scale="log",
        x_range=(0.0, GREATEST_ENTRY),
        y_range=(0.5, 2.0 * n_entries),
    )


def _curve(record: ShuffleDraws, strengths: np.ndarray) -> np.ndarray:
    """Where a cause of these strengths makes an eigenvalue, the edge where it drowns."""
    places = record.variance * outlier_eigenvalue(strengths / record.variance, record.aspect)
    return np.where(np.isfinite(places), places, record.edge)


def _entry(record: ShuffleDraws, theory: bool) -> Panel:
    sizes = np.linspace(0.0, GREATEST_ENTRY, _N_SIZES)
    curve = _curve(record, sizes**2 / record.n_rows)
    threshold = entry_threshold(record.n_rows, record.n_cols, float(np.sqrt(record.variance)))
    return _place(record, theory, "entry", "size of an entry, in deviations of the noise", sizes, curve, threshold)


def _mean(record: ShuffleDraws, theory: bool) -> Panel:
    means = np.linspace(0.0, GREATEST_MEAN, _N_SIZES)
    curve = _curve(record, means**2 * record.n_cols)
    threshold = mean_threshold(record.n_rows, record.n_cols, float(np.sqrt(record.variance)))
    return _place(record, theory, "mean", "mean offset, in deviations of the noise", means, curve, threshold)


def _place(
    record: ShuffleDraws, theory: bool, dial: str, title: str, x: np.ndarray, curve: np.ndarray, threshold: float
) -> Panel:
    """The largest eigenvalues over the size of one cause; a rule that can be dragged stands at its place now."""
    place = float(getattr(record, dial))
    other = "mean" if dial == "entry" else "entries"
    layers: list[Layer] = []
    if theory:
        threshold_name = "(NM)^¼" if dial == "entry" else "(NM)^−¼"
        layers.append(rule(threshold_name, x=threshold, dye=theme.BAND))
        layers.append(line("foretold", x, curve))
        causes = zip(record.prediction.eigenvalues, record.prediction.causes, strict=True)
        layers.append(rule("of the other cause", y=[at for at, cause in causes if cause == other], dye=theme.SHUFFLED))
    layers.append(rule("", x=place, dye=theme.INK, dashed=False, drag=dial))
    middle, error = np.array([mean_and_error(column) for column in _top(record).T]).T
    at = np.full(len(middle), place)
    layers.append(points("shuffled, ± 2 s.e.", at, middle, error=2 * np.nan_to_num(error), dye=theme.TRAP, size=60))
    words = f"Largest eigenvalues of shuffles at {number(place)}: {', '.join(map(number, middle[::-1]))}."
    return Panel(
        tuple(layers),
        title,
        "largest eigenvalues",
        words,
        x_range=(0.0, float(x[-1])),
        y_range=(0.0, highest(record)),
        height=220,
    )
