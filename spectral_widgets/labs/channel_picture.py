"""The picture of lab 12: the spectrum of the Gramian with its cut, and what of it reaches test."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, band, bars, line, points, rule
from ..records.text import number
from ..rmt.gradient_flow import LinearTask, dissipated, dissipated_density, spiked_outlier
from .channel_draw import CUTS, N_SPIKES, TIMES

if TYPE_CHECKING:
    from .channel import ChannelDraws

_SHARE = "eigenvalue of 2 W_S"
_MOST_DOTS = 300
_HEIGHT = 220


def at_cut(record: ChannelDraws) -> int:
    """Place of the record's cut among those that were measured."""
    return int(np.abs(CUTS - record.cut).argmin())


def excess_error(task: LinearTask, time: float) -> float:
    """Excess test error in theory, after this training time."""
    return task.test_energy(lambda x: np.exp(-x * time), lambda x: -np.expm1(-x * time))


def channel_error(task: LinearTask, time: float, cut: float) -> tuple[float, float]:
    """In theory: excess test error of the channel alone, and test energy of the reservoir."""

    def channel(x: np.ndarray) -> np.ndarray:
        return -np.expm1(-x * time) * (dissipated(x, time) > cut)

    def reservoir(x: np.ndarray) -> np.ndarray:
        return -np.expm1(-x * time) * (dissipated(x, time) <= cut)

    return task.test_energy(lambda x: 1 - channel(x), channel), task.test_energy(reservoir, reservoir)


@lru_cache(maxsize=64)
def _known_of_cuts(task: LinearTask, time: float) -> np.ndarray:
    """Theory at all ``CUTS``, ``(2, n_cuts)``; kept, since it takes longer than a draw and no draw changes it."""
    return np.array([channel_error(task, time, float(cut)) for cut in CUTS]).T


@lru_cache(maxsize=64)
def _known_of_times(task: LinearTask) -> list[float]:
    """Theory at all ``TIMES``; kept too."""
    return [excess_error(task, float(time)) for time in TIMES]


def panels_of(record: ChannelDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Spectrum of ``2 W_S``, what each mode does at test, and the test error over the cut and over time."""
    return _spectrum(record, theory, words), _responses(record, theory), _cuts(record, theory), _times(record, theory)


def _cut_rule(record: ChannelDraws) -> Layer:
    return rule("cut", x=record.cut, dye=theme.INK, dashed=False, drag="cut")


def _spectrum(record: ChannelDraws, theory: bool, words: str) -> Panel:
    edges = np.linspace(0.0, 1.0, 51)
    shares = record.shares
    counts, _ = np.histogram(shares, edges)
    heights = counts / (record.n_draws * record.task.n_examples * np.diff(edges))
    top = 1.2 * max(float(heights.max(initial=0.0)), 0.1)
    layers: list[Layer] = [bars("modes", edges, heights)]
    if theory:
        u = np.concatenate([np.linspace(0.0, 0.98, 200), 1 - np.geomspace(0.02, 1e-4, 60)])
        layers.append(line("Marchenko–Pastur", u, dissipated_density(u, record.time, record.task.ratio)))
        place, mass = spiked_outlier(record.task.spike, record.task.ratio)
        outlier = [dissipated(place, record.time)] if mass else []
        layers.append(rule("signal, theory", x=np.array(outlier, dtype=float), dye=theme.BAND))
    strongest = shares[:, -N_SPIKES:].ravel()
    layers.append(points("three strongest", strongest, np.full(len(strongest), top / 20), dye=theme.TRAP, opacity=0.4))
    layers.append(_cut_rule(record))
    return Panel(tuple(layers), _SHARE, "share of modes per unit", words, x_range=(0.0, 1.0), y_range=(0.0, top))


def _responses(record: ChannelDraws, theory: bool) -> Panel:
    shares, response = record.shares.ravel(), record.stacked("response").ravel()
    every = max(1, len(shares) // _MOST_DOTS)
    order = np.argsort(shares)[::every]
    layers: list[Layer] = []
    eigenvalue = np.geomspace(1e-3, 30.0, 240)
    curve = np.expm1(-eigenvalue * record.time) ** 2 / eigenvalue
    top = 1.6 * float(curve.max())
    layers.append(points("modes", shares[order], response[order], size=18, opacity=0.5))
    if theory:
        layers.append(line("(1 − e^(−λT))² / λ", dissipated(eigenvalue, record.time), curve))
    layers.append(_cut_rule(record))
    words = f"Effect on test of one unit of label: from {number(response[order[0]])} to {number(response.max())}."
    title = "test per unit of label"
    return Panel(tuple(layers), _SHARE, title, words, x_range=(0.0, 1.0), y_range=(0.0, top), height=_HEIGHT)


def _with_error(name: str, x: np.ndarray, values: np.ndarray, dye: str) -> list[Layer]:
    mean = values.mean(axis=0)
    error = 2 * values.std(axis=0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.zeros(len(mean))
    return [
        band(f"{name}, ± 2 s.e.", x, mean - error, mean + error, dye=dye),
        line(f"{name}, ± 2 s.e.", x, mean, dye=dye),
    ]


def _cuts(record: ChannelDraws, theory: bool) -> Panel:
    alone, leak = record.stacked("cut_error"), record.stacked("leak")
    layers = _with_error("channel alone", CUTS, alone, theme.LAYER)
    layers += _with_error("reservoir at test", CUTS, leak, theme.TAIL)
    if theory:
        known = _known_of_cuts(record.task, record.time)
        layers += [line("theory", CUTS, values, dashed=True, thickness=1.5) for values in known]
    layers.append(_cut_rule(record))
    best = int(alone.mean(axis=0).argmin())
    lowest = number(alone.mean(axis=0)[best])
    words = f"The channel alone has its lowest test error, {lowest}, at the cut {number(CUTS[best])}."
    return Panel(
        tuple(layers), "cut", "excess test error", words, x_range=(0.0, 1.0), y_range=(0.0, 1.1), height=_HEIGHT
    )


def _times(record: ChannelDraws, theory: bool) -> Panel:
    layers = _with_error("no gate", TIMES, record.stacked("error"), theme.LAYER)
    words = f"Without the gate the lowest test error is {number(record.stacked('error').mean(axis=0).min())}."
    if record.gate:
        layers += _with_error("gate", TIMES, record.stacked("gated_error"), theme.TRAP)
    if theory:
        layers.append(line("theory, no gate", TIMES, _known_of_times(record.task), dashed=True, thickness=1.5))
    layers.append(rule("", x=record.time, dye=theme.INK, dashed=False, drag="time"))
    return Panel(
        tuple(layers),
        "training time T",
        "excess test error",
        words,
        x_scale="log",
        x_range=(0.01, 10.0),
        y_range=(0.0, 1.1),
        height=_HEIGHT,
    )
