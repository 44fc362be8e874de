"""Axes that several charts share."""

from __future__ import annotations

from typing import Any

from . import theme
from .bars import Scale
from .later import alt


def quantity(
    channel: type, field: str, title: str, kind: Scale = "linear", *, zero: bool = False, **options: Any
) -> Any:
    """A quantitative axis with the house's number format; a log one has no grid and is not rounded to decades."""
    axis = alt.Axis(labelExpr=theme.NUMBERS, tickCount=6, labelOverlap="greedy", grid=kind == "linear")
    scale = alt.Scale(type="log", nice=False, **options) if kind == "log" else alt.Scale(zero=zero, **options)
    return channel(field, type="quantitative", title=title, scale=scale, axis=axis)


def names(field: str, order: list[str], *, room: int = 220) -> alt.Y:
    """One line per name, top to bottom in the given order."""
    axis = alt.Axis(labelLimit=room, ticks=False, domain=False, labelFontSize=12, labelPadding=8)
    return alt.Y(field, type="nominal", sort=order, axis=axis, title=None)
