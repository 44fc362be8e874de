"""Plots made of a few kinds of layers, as plain data: what is drawn is apart from the numbers, which may be swapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from . import theme

Mark = Literal["bars", "line", "points", "band", "rule", "intervals", "cells"]
Scale = Literal["linear", "log"]
Column = np.ndarray
Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Layer:
    """One mark with its columns of equal length. Layers of one name share an entry of the legend; ``""`` has none.

    ``look`` holds options of the mark. ``drag`` names the dial that a rule moves when it is dragged.
    """

    mark: Mark
    name: str
    columns: Mapping[str, Column]
    dye: str
    look: tuple[tuple[str, Any], ...] = ()
    drag: str = ""


@dataclass(frozen=True, eq=False)
class Panel:
    """Layers on one pair of axes, from back to front. ``words`` say what they show.

    ``x_range`` and ``y_range`` widen the axes to these ends, and cut off what lies beyond. ``square`` gives both axes
    the same length, for shapes that must not be stretched.
    """

    layers: tuple[Layer, ...]
    x_title: str
    y_title: str
    words: str
    title: str = ""
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    x_range: Range | None = None
    y_range: Range | None = None
    height: int = 260
    square: bool = False


def bars(name: str, edges: ArrayLike, heights: ArrayLike, *, dye: str = theme.LAYER, base: float = 0.0) -> Layer:
    """A histogram: ``edges`` ``(n + 1,)`` and ``heights`` ``(n,)``; empty bars are left out, those below zero hang."""
    edges, heights = _floats(edges), _floats(heights)
    drawn = (heights > base) | (heights < min(base, 0.0))
    low, high, top = edges[:-1][drawn], edges[1:][drawn], heights[drawn]
    columns = {"low": low, "high": high, "y": top, "base": np.full(len(top), base)}
    return Layer("bars", name, columns, dye)


def line(
    name: str,
    x: ArrayLike,
    y: ArrayLike,
    *,
    dye: str = theme.NULL,
    dashed: bool = False,
    thickness: float = 2.2,
    steps: bool = False,
    turning: bool = False,
) -> Layer:
    """A curve from left to right, broken by ``nan``; ``steps`` draws stairs, ``turning`` keeps the points in order."""
    look = {"strokeWidth": thickness, **({"strokeDash": (5, 3)} if dashed else {})}
    look |= {"interpolate": "step-after"} if steps else {}
    columns = {"x": _floats(x), "y": _floats(y)}
    if turning:
        columns["order"] = np.arange(len(columns["x"]), dtype=float)
    return Layer("line", name, columns, dye, tuple(look.items()))


def points(
    name: str,
    x: ArrayLike,
    y: ArrayLike,
    *,
    error: ArrayLike | None = None,
    dye: str = theme.LAYER,
    size: float = 40.0,
    opacity: float = 0.85,
) -> Layer:
    """Dots, with a bar of ``error`` to both sides where it is given."""
    x, y = _floats(x), _floats(y)
    columns = {"x": x, "y": y}
    if error is not None:
        columns |= {"low": y - _floats(error), "high": y + _floats(error)}
    return Layer("points", name, columns, dye, (("size", size), ("opacity", opacity)))


def band(name: str, x: ArrayLike, low: ArrayLike, high: ArrayLike, *, dye: str = theme.BAND) -> Layer:
    """The area between two curves."""
    return Layer("band", name, {"x": _floats(x), "low": _floats(low), "high": _floats(high)}, dye, (("opacity", 0.25),))


def rule(
    name: str,
    *,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    dye: str = theme.NULL,
    dashed: bool = True,
    drag: str = "",
) -> Layer:
    """Straight lines across the plot, upright at ``x`` or level at ``y``; with ``drag`` the mouse moves that dial."""
    along, at = ("x", x) if x is not None else ("y", y)
    columns = {along: _floats(at)}
    look = (("strokeWidth", 1.8), *((("strokeDash", (4, 4)),) if dashed else ()))
    if drag:
        columns["drag"] = np.full(len(columns[along]), drag)
    return Layer("rule", name, columns, dye, look, drag)


def intervals(
    name: str, labels: Sequence[str], middle: ArrayLike, low: ArrayLike, high: ArrayLike, *, dye: str = theme.LAYER
) -> Layer:
    """One dot with its interval per label, the labels on the y axis from top to bottom."""
    columns = {"label": np.asarray(labels, dtype=str), "x": _floats(middle), "low": _floats(low), "high": _floats(high)}
    return Layer("intervals", name, columns, dye)


def cells(name: str, values: ArrayLike, *, limit: float | None = None) -> Layer:
    """A small matrix as coloured cells, the first row on top; ``limit`` is the size at which colours saturate."""
    values = np.atleast_2d(_floats(values))
    top = float(np.abs(values).max(initial=0.0)) if limit is None else limit
    rows, columns = np.indices(values.shape)
    shares = np.clip(values / top, -1, 1) if top > 0 else values
    made = {"row": rows.ravel(), "column": columns.ravel(), "value": values.ravel(), "share": shares.ravel()}
    return Layer("cells", name, {key: _floats(column) for key, column in made.items()}, theme.LAYER)


def _floats(values: Any) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=float))
