"""The picture of lab 11: the spectrum of a layer beside that of its shuffles, and three numbers over the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, line, points, rule
from ..records.text import number, percent
from ..rmt import mp_density
from .overlays import EIGENVALUE, MP
from .sampling import density, mean_and_error

if TYPE_CHECKING:
    from .grokking import GrokkingDraws

#: Eigenvalues that the axis of the spectra holds.
WINDOW = (0.01, 20.0)
_BINS = 44
_STEP, _STEPS_SHOWN = "training step", (2_500.0, 500_000.0)
_HEIGHT = 190


def panels_of(record: GrokkingDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Both spectra of the checkpoint, then accuracies, exponent and traps over the whole training."""
    return (
        _spectra(record, theory, words),
        _accuracies(record, theory),
        _exponents(record, theory),
        _traps(record, theory),
    )


def _per_decade(eigenvalues: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return density(np.log10(np.maximum(eigenvalues, 1e-12)), np.log10(edges))


def _spectra(record: GrokkingDraws, theory: bool, words: str) -> Panel:
    shown, shuffled = record.shown, record.shuffled[:, record.place]
    edges = np.geomspace(*WINDOW, _BINS + 1)
    grey = _per_decade(shuffled, edges)
    layers: list[Layer] = [bars("trained", edges, _per_decade(shown.eigenvalues, edges))]
    layers.append(line("shuffled", edges, np.append(grey, grey[-1]), dye=theme.SHUFFLED, steps=True))
    x = np.geomspace(*WINDOW, 240)
    law = mp_density(x, shown.null.aspect, shown.null.variance) * x * np.log(10)
    if theory:
        layers += [line(MP, x, law), rule("threshold of traps", x=shown.threshold, dye=theme.BAND)]
    outside = shuffled[shuffled > shown.threshold]
    top = 1.5 * float(law.max())
    layers.append(
        points("traps of the shuffles", outside, np.full(len(outside), top / 20), dye=theme.TRAP, opacity=0.5)
    )
    return Panel(
        tuple(layers), EIGENVALUE, "share per decade", words, x_scale="log", x_range=WINDOW, y_range=(0.0, top)
    )


def _over_steps(
    record: GrokkingDraws, layers: list[Layer], title: str, words: str, height: tuple[float, float]
) -> Panel:
    now = rule("", x=record.shown.step, dye=theme.INK, dashed=False, drag="step")
    return Panel(
        (*layers, now), _STEP, title, words, x_scale="log", x_range=_STEPS_SHOWN, y_range=height, height=_HEIGHT
    )


def _steps(record: GrokkingDraws) -> np.ndarray:
    return np.array([one.step for one in record.snapshots], dtype=float)


def _accuracies(record: GrokkingDraws, theory: bool) -> Panel:
    steps, made = _steps(record), []
    for name, dye in (("train", theme.LAYER), ("test", theme.TAIL)):
        shares = [getattr(one, f"{name}_accuracy") for one in record.snapshots]
        made += [line(f"{name} accuracy", steps, shares, dye=dye), points(f"{name} accuracy", steps, shares, dye=dye)]
    if theory:
        made.append(rule("guessing", y=0.1, dye=theme.NULL))
    tests = [one.test_accuracy for one in record.snapshots]
    words = f"Test accuracy from {percent(tests[0])} over {percent(max(tests))} to {percent(tests[-1])}."
    return _over_steps(record, made, "accuracy", words, (0.0, 1.05))


def _exponents(record: GrokkingDraws, theory: bool) -> Panel:
    alphas = [one.alpha for one in record.snapshots]
    errors = [one.alpha_error for one in record.snapshots]
    made = [points("α, ± 1 s.e. of the fit", _steps(record), alphas, error=errors, dye=theme.TAIL)]
    if theory:
        made.append(rule("α = 2", y=2.0, dye=theme.NULL))
    words = f"α of the trained layer goes from {number(alphas[0])} to {number(alphas[-1])}."
    return _over_steps(record, made, "exponent α", words, (0.0, 11.0))


def _traps(record: GrokkingDraws, theory: bool) -> Panel:
    found = np.array([mean_and_error(one) for one in record.counts.T])
    made = []
    if theory:
        foretold = [len(one.predicted) for one in record.snapshots]
        made.append(line("foretold from the entries", _steps(record), foretold, dashed=True))
    error = 2 * np.nan_to_num(found[:, 1])
    made.append(points("traps a shuffle, ± 2 s.e.", _steps(record), found[:, 0], error=error, dye=theme.TRAP))
    words = f"Traps a shuffle: {', '.join(number(one) for one in found[:, 0])}."
    return _over_steps(record, made, "traps", words, (-0.5, 4.0))
