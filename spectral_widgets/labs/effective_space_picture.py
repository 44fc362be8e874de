"""The picture of lab 10: a spectrum over ln λ with two lines, the running sum of logarithms, and the balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..charts import theme
from ..charts.plot import Layer, Panel, bars, intervals, line, points, rule
from ..records.text import number
from ..rmt import mp_edges
from .sampling import mean_and_error

if TYPE_CHECKING:
    from .effective_space import TailDraws

LINES = ("first line", "second line")
_KEYS, _DYES = ("erg_line", "tail_line"), (theme.SHUFFLED_NULL, theme.TRAP)
_PLACE = "eigenvalue λ over the mean one"
_RANGE = (0.03, 30.0)
_FINE = np.geomspace(*_RANGE, 161)
_EDGES = np.geomspace(*_RANGE, 61)


def panels_of(record: TailDraws, theory: bool, words: str) -> tuple[Panel, ...]:
    """Spectrum, running sum, balance."""
    return _spectrum(record, theory, words), _running(record, theory), _balance(record, theory)


def _lines(record: TailDraws) -> list[Layer]:
    return [
        rule(name, x=place, dye=dye, dashed=False, drag=key)
        for name, place, dye, key in zip(LINES, record.lines, _DYES, _KEYS, strict=True)
    ]


def _spectrum(record: TailDraws, theory: bool, words: str) -> Panel:
    # Further edges at 1 and at the line, so that no bar is on both sides of either.
    edges = np.exp(np.unique(np.log(np.concatenate([_EDGES, [1.0, record.lines[0]]])).round(9)))
    widths = np.diff(np.log(edges)) * record.eigenvalues.size
    values = record.eigenvalues[record.eigenvalues > 0]
    heights = np.histogram(values, edges)[0] / widths
    inside = values[values >= record.lines[0]]
    areas = np.histogram(inside, edges, weights=np.log(inside))[0] / widths
    layers: list[Layer] = [bars("eigenvalues", edges, heights, dye=theme.SHUFFLED)]
    layers.append(bars("share × ln λ, left of 1", edges, np.minimum(areas, 0), dye=theme.BAND))
    layers.append(bars("share × ln λ, right of 1", edges, np.maximum(areas, 0), dye=theme.TAIL))
    if theory:
        known = record.law.density(_FINE)
        layers.append(line("theory", _FINE, np.where(known > 0, known, np.nan), thickness=1.6))
        layers.append(rule("areas cancel, theory", x=record.law.product_cut()))
    layers += [rule("", x=1.0, dye=theme.INK), *_lines(record)]
    top = 1.1 * float(heights.max(initial=0.0))
    low = min(-0.4, 1.3 * float(areas.min(initial=0.0)))
    return Panel(
        tuple(layers),
        _PLACE,
        "per unit of ln λ",
        words,
        "Drag the lines",
        x_scale="log",
        x_range=_RANGE,
        y_range=(low, max(top, 0.5)),
        height=300,
    )


def _running(record: TailDraws, theory: bool) -> Panel:
    found = [float(record.log_areas(float(place)).sum(axis=1).mean()) for place in _EDGES]
    layers: list[Layer] = [rule("", y=0.0, dye=theme.INK), *_lines(record)]
    layers.append(line("simulated", _EDGES, found, dye=theme.LAYER))
    if theory:
        layers.append(line("theory", _EDGES, [record.law.log_sum(float(one)) for one in _EDGES], dashed=True))
        layers.append(rule("areas cancel, theory", x=record.law.product_cut()))
    for name, place, dye in zip(LINES, record.lines, _DYES, strict=True):
        mean, error = mean_and_error(record.log_areas(place).sum(axis=1))
        layers.append(points(name, place, mean, error=2 * np.nan_to_num(error), dye=dye, size=80))
    words = f"Sum of ln λ from a place on, per eigenvalue: zero at {number(float(record.cuts[:, 0].mean()))}."
    return Panel(
        tuple(layers),
        _PLACE,
        "Σ ln λ from here on, over M",
        words,
        "Where the product is one",
        x_scale="log",
        x_range=_RANGE,
        y_range=(-0.6, 0.6),
        height=240,
    )


def _balance(record: TailDraws, theory: bool) -> Panel:
    labels, simulated, known = [], [], []
    for name, place in zip(LINES, record.lines, strict=True):
        left, right = record.log_areas(place).T
        labels += [f"{name.split()[0]}, {part}" for part in ("left", "right", "sum")]
        simulated += [mean_and_error(part) for part in (left, right, left + right)]
        whole, beyond = record.law.log_sum(place), record.law.log_sum(max(place, 1.0))
        known += [whole - beyond, beyond, whole]
    middle, error = np.nan_to_num(np.array(simulated)).T
    layers: list[Layer] = [rule("", x=0.0, dye=theme.INK)]
    layers.append(intervals("simulated, ± 2 s.e.", labels, middle, middle - 2 * error, middle + 2 * error))
    if theory:
        layers.append(intervals("theory", labels, known, known, known, dye=theme.NULL))
    said = ", ".join(f"{label} {number(one)}" for label, one in zip(labels, middle.tolist(), strict=True))
    words = f"Log-areas of both lines left and right of 1, over the number of eigenvalues: {said}."
    if record.law.share:
        words += f" The power law was planted from {number(mp_edges(record.law.aspect)[1] / record.law.mean)} on."
    title = "The balance"
    return Panel(tuple(layers), "log-area over M", "", words, title, x_range=(-0.6, 0.6), height=240)
