"""Lab 8: the Hill exponent of pure noise depends on the shape of the matrix; windows of one shape take that away."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..charts.plot import Panel
from ..records import LayerRef, Spectrum, Unfolding, WeightMatrix
from ..records.lab import LabFact
from ..records.setting import choice, dial
from ..records.text import number, plural
from ..rmt.hill import finite_hill_alpha, mp_hill_alpha
from ..spectra.decompose import eigenvalues_of
from ..spectra.farms import farms_steps
from ..spectra.hill import fit_hill
from .aspect_bias_picture import RATIOS, panels_of
from .lab import Lab, Values
from .sampling import gram_work, grow_steps, mean_and_error, stream

_WINDOWS = {"1.0": "square", "0.5": "half as wide as high"}


@dataclass(frozen=True, eq=False)
class ShapeDraws:
    """Noise at the shape of the dial and at the fixed shapes ``RATIOS``, in that order, ``n_shapes`` in all.

    ``hill`` and ``farms`` ``(n_draws, n_shapes)`` are the exponents; ``eigenvalues`` ``(n_draws, n_cols)`` and
    ``pooled`` ``(n_draws, n_windows · side)`` the spectra of the dial's shape, whole and in windows.
    """

    ratio: float
    n_cols: int
    window: tuple[int, int]
    hill: np.ndarray
    farms: np.ndarray
    eigenvalues: np.ndarray
    pooled: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.hill)

    @property
    def n_rows(self) -> int:
        return round(self.ratio * self.n_cols)

    @property
    def window_aspect(self) -> float:
        """Short side of a window over its long side."""
        return min(self.window) / max(self.window)

    @property
    def n_windows(self) -> int:
        return self.pooled.shape[1] // min(self.window)


def draw_steps(values: Values, seed: int) -> Iterator[ShapeDraws]:
    """Growing numbers of draws, each with a noise matrix of every shape."""
    n_cols, ratio = values["n_cols"], values["ratio"]
    window_rows = max(8, round(values["window"] * n_cols))
    aspect, n_windows = float(values["window_aspect"]), values["n_windows"]
    sides = [round(one * n_cols) for one in (ratio, *RATIOS)]

    def one(draw: int) -> list[tuple[float, float, np.ndarray, np.ndarray]]:
        rng = stream(seed, draw)
        return [_one(rng.standard_normal((n_rows, n_cols)), window_rows, aspect, n_windows) for n_rows in sides]

    work = sum(gram_work(n_rows, n_cols) for n_rows in sides)
    work += len(sides) * n_windows**2 * (300_000 + gram_work(window_rows, window_rows))
    for drawn in grow_steps(one, values["n_draws"], work):
        hill, farms = (np.array([[shape[part] for shape in one] for one in drawn]) for part in (0, 1))
        spectra = [np.array([one[0][part] for one in drawn]) for part in (2, 3)]
        yield ShapeDraws(ratio, n_cols, (window_rows, int(window_rows * aspect)), hill, farms, *spectra)


def _one(noise: np.ndarray, rows: int, aspect: float, n_windows: int) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Hill exponent of the whole, exponent of the windows, and the two spectra."""
    n_rows, n_cols = noise.shape
    spectrum = Spectrum(eigenvalues_of(noise), n_rows, n_cols, float(noise.var()))
    ref = LayerRef("noise", "linear", None, noise.shape, n_rows, n_cols, "float64")
    matrix = WeightMatrix(ref, noise, Unfolding.of_shape(noise.shape))
    whole = fit_hill(spectrum)
    windows = deque(farms_steps(matrix, rows, aspect, n_windows, full=whole), maxlen=1).pop()
    return whole.alpha, windows.alpha, spectrum.eigenvalues, windows.eigenvalues


def facts(record: ShapeDraws) -> list[LabFact]:
    """The exponent of the whole and of the windows, at the dial's shape and at a square."""
    square = 1 + RATIOS.index(1.0)
    squares = [_whole(record, square, record.n_cols)] if record.n_rows != record.n_cols else []
    return [_whole(record, 0, record.n_rows), *squares, *_windows(record)]


def _whole(record: ShapeDraws, place: int, n_rows: int) -> LabFact:
    limit = number(mp_hill_alpha(record.n_cols / n_rows), 4)
    text = f"Of the upper half of the eigenvalues. Theory is of this size; {limit} in an infinite matrix of this shape."
    found = mean_and_error(record.hill[:, place])
    label = f"Hill α, {n_rows} × {record.n_cols}"
    return LabFact(label, *found, finite_hill_alpha(n_rows, record.n_cols), text, checked=True)


def _windows(record: ShapeDraws) -> list[LabFact]:
    rows, columns = sorted(record.window, reverse=True)
    known = finite_hill_alpha(rows, columns, record.n_windows)
    limit = number(mp_hill_alpha(record.window_aspect), 4)
    text = f"Of the pooled eigenvalues of all windows. Theory is of this size; {limit} in large windows."
    label = f"α of windows, {record.n_rows} × {record.n_cols}"
    first = LabFact(label, *mean_and_error(record.farms[:, 0]), known, text, checked=True)
    span = record.farms.max(axis=1) - record.farms.min(axis=1)
    wide = record.hill.max(axis=1) - record.hill.min(axis=1)
    text = "Largest less smallest exponent over all shapes, within one draw."
    return [
        first,
        LabFact("spread over shapes, Hill", *mean_and_error(wide), help=text),
        LabFact("spread over shapes, windows", *mean_and_error(span), help=text),
    ]


def panels(record: ShapeDraws, theory: bool) -> tuple[Panel, ...]:
    """Exponents against shape, then the spectrum of the dial's shape, whole and in windows."""
    return panels_of(record, theory, sentence(record))


def sentence(record: ShapeDraws) -> str:
    """The exponent of noise at this shape and at a square, and what the windows make of it."""
    whole, windows = float(record.hill[:, 0].mean()), float(record.farms[:, 0].mean())
    square = float(record.hill[:, 1 + RATIOS.index(1.0)].mean())
    return (
        f"Pure noise of {record.n_rows} × {record.n_cols} has a Hill exponent of {number(whole)} over "
        f"{plural(record.n_draws, 'draw')}, a square one {number(square)}; windows of {record.window[0]} × "
        f"{record.window[1]} give {number(windows)}."
    )


def caveat(record: ShapeDraws) -> str:
    """What the numbers are not."""
    words = ["One draw has no standard error."] if record.n_draws < 2 else []
    words.append("Nothing was learned in any of these matrices: an exponent near 2 is no sign of learning by itself.")
    return " ".join(words)


LAB = Lab(
    name="aspect-bias",
    title="Aspect-ratio bias",
    order=8,
    text=(
        "Layers are compared by a tail exponent, mostly Hill's, α = 1 + k/Σ ln(λⱼ/λₖ) over the upper half of the "
        "eigenvalues. But the width of the Marchenko–Pastur law depends on the shape N/M of the matrix, and the upper "
        "half of a narrow law looks like a steep tail: the estimator answers with the shape, where nothing was "
        "learned.\n\n"
        "FARMS cuts windows of one shape out of every matrix, pools their eigenvalues and fits one exponent to them. "
        "All matrices are then measured with one bias, which cancels in comparisons."
    ),
    look_for=(
        "Drag the grey line: the blue exponent climbs from 2.1 at a square to 6 at 16 : 1 while the green one of the "
        "windows stays. Below, the line fitted by Hill runs through a spectrum that is no power law. Then change the "
        "shape of the windows: the green level moves, but for all matrices alike."
    ),
    question=(
        "Two layers of a network have Hill exponents 2.1 (4096 × 4096) and 3.5 (4096 × 1024). Which of them has "
        "learned more?"
    ),
    answer=(
        "One cannot say: these are the exponents of pure noise, 2.12 for a square and 3.45 for 4 : 1. By the common "
        "reading (near 2 is well trained) the untrained square layer would be the best one. Measured through square "
        "windows both give 2.12; only what departs from it can be learning."
    ),
    dials=(
        dial("ratio", "Shape N/M", 4.0, 1.0, 16.0, grid="log", help="Rows over columns of the matrix."),
        dial("n_cols", "Columns M", 80, 30, 120, whole=True, grid="log", help="The short side of every matrix."),
        dial("window", "Window rows / M", 0.5, 0.3, 1.0, 0.05, help="Rows of a window over the columns of the matrix."),
        choice("window_aspect", "Window shape", _WINDOWS, "1.0", help="All windows have it, whatever the matrix."),
        dial("n_windows", "Windows an axis", 3, 1, 4, whole=True, help="Squared: windows cut out of a matrix."),
        dial("n_draws", "Draws", 12, 1, 100, whole=True, grid="log", help="Matrices of each shape that are drawn."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="ratio",
    examples=({"ratio": 1.0, "n_cols": 40}, {"ratio": 8.0, "window_aspect": "0.5"}),
)
