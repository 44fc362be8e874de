"""The datasets of a panel: the columns of its layers, cut to the ranges of its axes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .plot import Column, Layer, Panel, Range

FRAME = "frame"
_ALL: Range = (-np.inf, np.inf)


def datasets_of(panel: Panel) -> dict[str, dict[str, Column]]:
    """Columns by dataset, in drawing order. The frame is unseen points that hold the axes open."""
    ranges = {"x": panel.x_range, "y": panel.y_range}
    frame = {key: np.asarray(ends, dtype=float) for key, ends in ranges.items() if ends is not None}
    kept = {
        name_of(place, one): cut(one, panel.x_range or _ALL, panel.y_range or _ALL)
        for place, one in enumerate(panel.layers)
    }
    return {FRAME: frame, **kept} if frame else kept


def name_of(place: int, layer: Layer) -> str:
    """The name of a layer's dataset."""
    return f"{place}-{layer.mark}"


def cut(layer: Layer, x_range: Range, y_range: Range) -> dict[str, Column]:
    """The columns without what lies outside: dots and rules go, curves break, bars and bands end at the frame."""
    columns = dict(layer.columns)
    if layer.mark in ("cells", "intervals"):
        return columns
    if layer.mark == "line":
        columns["y"] = np.where(_inside(columns["y"], y_range), columns["y"], np.nan)
    elif layer.mark == "band":
        columns |= {key: np.clip(columns[key], *y_range) for key in ("low", "high")}
    elif layer.mark == "bars":
        columns |= {key: np.clip(columns[key], *y_range) for key in ("y", "base")}
        columns |= {key: np.clip(columns[key], *x_range) for key in ("low", "high")}
    return _kept(columns, _is_drawn(layer.mark, columns, x_range, y_range))


def _is_drawn(mark: str, columns: Mapping[str, Column], x_range: Range, y_range: Range) -> np.ndarray:
    if mark == "bars":
        return columns["high"] > columns["low"]
    drawn = np.ones(len(next(iter(columns.values()))), bool)
    if "x" in columns:
        drawn &= _inside(columns["x"], x_range)
    if "y" in columns and mark != "line":
        drawn &= _inside(columns["y"], y_range)
    return drawn


def _inside(values: Column, ends: Range) -> np.ndarray:
    return (values >= ends[0]) & (values <= ends[1])


def _kept(columns: Mapping[str, Column], drawn: np.ndarray) -> dict[str, Column]:
    return {key: column[drawn] for key, column in columns.items()}
