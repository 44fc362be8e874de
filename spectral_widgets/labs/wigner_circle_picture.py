"""The picture of lab 9: the spectrum on the line or in the plane, the matrix, and gaps and vectors or real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..charts.plot import Layer, Panel, bars, cells, line, points, rule
from ..records.text import number
from ..rmt import expected_real_eigenvalues, porter_thomas_participation, semicircle_density, spacing_ratios
from .sampling import density
from .spacing import spacing_panel

if TYPE_CHECKING:
    from .wigner_circle import SquareDraws

_MOST_CELLS = 40
_MOST_DOTS = 400
_LINE = (-2.6, 2.6)
_PLANE = (-1.35, 1.35)


def panels_of(record: SquareDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Four panels of a symmetric matrix, or four of another one."""
    if record.is_symmetric:
        ratios = np.concatenate([spacing_ratios(levels) for levels in record.eigenvalues])
        gaps = spacing_panel(ratios, theory, "the matrix")
        return _semicircle(record, theory, words), _matrix(record), gaps, _participation(record, theory)
    return _disc(record, theory, words), _matrix(record), _radius(record, theory), _real(record, theory)


def _semicircle(record: SquareDraws, theory: bool, words: str) -> Panel:
    edges = np.linspace(*_LINE, 53)
    layers: list[Layer] = [bars("simulated", edges, density(record.eigenvalues, edges))]
    if theory:
        x = 2 * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 121))
        layers.append(line("semicircle", x, semicircle_density(x)))
    return Panel(
        tuple(layers), "eigenvalue λ", "share per unit of λ", words, "Semicircle", x_range=_LINE, y_range=(0.0, 0.55)
    )


def _matrix(record: SquareDraws) -> Panel:
    step = int(np.ceil(record.n / _MOST_CELLS))
    # Typical size of the entries of a block; the blocks of the last row and column may be smaller.
    starts = np.arange(0, record.n, step)
    squares = np.add.reduceat(np.add.reduceat(record.sample**2, starts, axis=0), starts, axis=1)
    lengths = np.diff(np.append(starts, record.n))
    sizes = np.sqrt(squares / np.outer(lengths, lengths))
    words = (
        f"Size of the entries of the first matrix, in blocks of {step} × {step}; {record.n_in_row} in a row are kept."
    )
    return Panel((cells("entries", sizes),), "column", "row", words, "The matrix", square=True)


def _participation(record: SquareDraws, theory: bool) -> Panel:
    shown = np.unique(np.linspace(0, record.eigenvalues.size - 1, _MOST_DOTS).astype(int))
    dots = points(
        "vectors", record.eigenvalues.ravel()[shown], record.participation.ravel()[shown], size=14, opacity=0.5
    )
    known = porter_thomas_participation(record.n)
    layers = [dots, *([rule("noise, (n + 2)/3", y=known)] if theory else [])]
    mean = number(float(record.participation.mean()))
    words = f"Places that carry a vector, over its eigenvalue: {mean} on average, {number(known)} in full noise."
    return Panel(
        tuple(layers),
        "eigenvalue λ",
        "participation ratio",
        words,
        "Vectors",
        x_range=_LINE,
        y_range=(0.0, 1.6 * known),
        height=220,
    )


def _disc(record: SquareDraws, theory: bool, words: str) -> Panel:
    found = record.eigenvalues.ravel()[:_MOST_DOTS]
    layers: list[Layer] = [points("eigenvalues", found.real, found.imag, size=12, opacity=0.6)]
    if theory:
        angle = np.linspace(0, 2 * np.pi, 145)
        layers.append(line("unit circle", np.cos(angle), np.sin(angle), turning=True))
    return Panel(
        tuple(layers), "real part", "imaginary part", words, "Circle", x_range=_PLANE, y_range=_PLANE, square=True
    )


def _radius(record: SquareDraws, theory: bool) -> Panel:
    edges = np.linspace(0.0, _PLANE[1], 28)
    sizes = np.abs(record.eigenvalues)
    layers: list[Layer] = [bars("simulated", edges, density(sizes, edges))]
    if theory:
        layers.append(line("even disc, 2r", [0.0, 1.0, 1.0, _PLANE[1]], [0.0, 2.0, 0.0, 0.0], turning=True))
    words = f"Distance of the eigenvalues from zero: mean {number(float(sizes.mean()))}, ⅔ in an even disc."
    title, over = "Distance from zero", (0.0, _PLANE[1])
    return Panel(tuple(layers), "|λ|", "share per unit", words, title, x_range=over, y_range=(0.0, 2.6), height=220)


def _real(record: SquareDraws, theory: bool) -> Panel:
    edges = np.linspace(*_PLANE, 28)
    real = record.eigenvalues[record.eigenvalues.imag == 0].real
    # Per matrix, so that the area is the number of real ones.
    counts = np.histogram(real, edges)[0] / (record.n_draws * np.diff(edges))
    layers: list[Layer] = [bars("simulated", edges, counts)]
    known = expected_real_eigenvalues(record.n)
    if theory:
        layers.append(line("even between ±1", [-1.0, -1.0, 1.0, 1.0], [0.0, known / 2, known / 2, 0.0], turning=True))
    words = f"Real eigenvalues: {number(float(record.n_real.mean()))} a matrix, {number(known)} expected of full noise."
    top = 1.2 * max(known / 2, float(counts.max(initial=0.0)))
    return Panel(
        tuple(layers),
        "real eigenvalue",
        "per unit and matrix",
        words,
        "Real eigenvalues",
        x_range=_PLANE,
        y_range=(0.0, top),
        height=220,
    )
