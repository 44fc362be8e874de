"""What a chart of metrics shows, in words: extremes and trend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bars import Row
from .metric_rows import NOWHERE, ChartAxis

FEWEST_FOR_A_TREND = 5


def metric_text(rows: Sequence[Row], x: ChartAxis, y: ChartAxis) -> str:
    """Smallest and largest value with their layers, and the rank correlation with what lies across."""
    if not rows:
        return f"No layer has {y.title} yet."
    least, most = min(rows, key=lambda row: float(row["y"])), max(rows, key=lambda row: float(row["y"]))
    if len(rows) == 1 or least["y"] == most["y"]:
        return f"{y.title} is {_short(most['y'])} in {_layers(len(rows))}."
    ends = f"from {_short(least['y'])} ({least['layer']}) to {_short(most['y'])} ({most['layer']})"
    return f"{y.title} of {_layers(len(rows))}, {ends}. {_trend(rows, x)}".strip()


def rank_correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Spearman's: the correlation of the ranks, ties at their mean rank; ``nan`` where one of the two never changes."""
    first, second = _ranks(np.asarray(one, float)), _ranks(np.asarray(two, float))
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _trend(rows: Sequence[Row], x: ChartAxis) -> str:
    placed = [row for row in rows if not (x.name == "depth" and row["x"] == NOWHERE)]
    if len(placed) < FEWEST_FOR_A_TREND:
        return ""
    value = rank_correlation(np.array([row["x"] for row in placed]), np.array([row["y"] for row in placed]))
    if not np.isfinite(value):
        return ""
    across = x.title.split(",")[0]
    return f"Rank correlation with {across} {value:+.2f} over {_layers(len(placed))}.".replace(" -", " −")


def _ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{count} layers"


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
