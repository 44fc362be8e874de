"""Bins and windows: which part of an eigenvalue axis is drawn, and how high the bars stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..records import Complaint

Scale = Literal["log", "linear"]
LOG_FLOOR = 1e-5
ROOM = 1.06
FAR = 2.5
HEADROOM, LOG_HEADROOM = 1.18, 1.6
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """The drawn part ``[low, high]`` of the eigenvalue axis and the bin edges that cut it."""

    scale: Scale
    low: float
    high: float
    edges: np.ndarray

    def density(self, eigenvalues: np.ndarray) -> np.ndarray:
        """Height of each bar: share of *all* eigenvalues per unit of λ, or per unit of ln λ on a log axis.

        The bars' area is therefore the share that is drawn: 1 when nothing lies outside the window.
        """
        counts, _ = np.histogram(eigenvalues, self.edges)
        return counts / (len(eigenvalues) * np.diff(self.measure(self.edges)))

    def measure(self, x: np.ndarray) -> np.ndarray:
        """What the axis counts: ``ln λ`` or ``λ``."""
        return np.log(x) if self.scale == "log" else x

    def of_density(self, x: np.ndarray, density: np.ndarray) -> np.ndarray:
        """A density per unit λ as this axis shows it: times λ on a log axis."""
        return density * x if self.scale == "log" else density

    def grid(self, low: float, high: float, n_points: int = 240) -> np.ndarray:
        """Points from ``low`` to ``high`` within the window, denser near both ends where laws bend."""
        low, high = max(low, self.low), min(high, self.high)
        if not high > low:
            return np.empty(0)
        position = (1 - np.cos(np.linspace(0, np.pi, n_points))) / 2
        if self.scale == "log":
            return np.exp(np.log(low) + position * (np.log(high) - np.log(low)))
        return low + position * (high - low)


def window_of(eigenvalues: np.ndarray, landmarks: list[float], scale: Scale, bins: int) -> Window:
    """The window for all eigenvalues drawn together and the landmarks (edges, thresholds) to keep in sight.

    Log axis: from ``1e-5`` times the median positive eigenvalue to the largest. Linear axis: from zero to
    the largest, unless that lies beyond 2.5 times the larger of the 98 % quantile and the landmarks; then
    the axis ends there, so that one far outlier cannot squeeze the rest. Complaint without positive values.
    """
    positive = eigenvalues[eigenvalues > 0]
    if not len(positive):
        raise Complaint("No eigenvalue is positive: the layer is zero, so there is nothing to draw.")
    largest = float(max([positive.max(), *landmarks]))
    if scale == "log":
        low = max(float(positive.min()), LOG_FLOOR * float(np.median(positive))) / ROOM
        high = max(largest, low * ROOM) * ROOM**2
        return Window(scale, low, high, np.geomspace(low, high, bins + 1))
    usual = max([float(np.quantile(eigenvalues, 0.98)), *landmarks])
    high = (FAR * usual if largest > FAR * usual > 0 else largest) * ROOM
    return Window(scale, 0.0, high, np.linspace(0.0, high, bins + 1))


def heights_of(window: Window, spectra: list[np.ndarray], scale: str) -> tuple[float, float]:
    """Base and top of the density axis: zero or half the lowest bar, and some room over the tallest."""
    heights = np.concatenate([window.density(one) for one in spectra])
    highest, lowest = float(heights.max()), float(heights[heights > 0].min())
    return (lowest / 2, highest * LOG_HEADROOM) if scale == "log" else (0.0, highest * HEADROOM)


def bar_rows(window: Window, eigenvalues: np.ndarray, base: float) -> list[Row]:
    """One row a non-empty bar that stands above ``base``."""
    counts, _ = np.histogram(eigenvalues, window.edges)
    heights = window.density(eigenvalues)
    return [
        {"low": low, "high": high, "density": height, "base": base, "count": int(count)}
        for low, high, height, count in zip(
            window.edges[:-1].tolist(), window.edges[1:].tolist(), heights.tolist(), counts, strict=True
        )
        if height > base
    ]


def step_rows(window: Window, eigenvalues: np.ndarray, base: float) -> list[Row]:
    """The outline of the bars, for a line that steps after each point."""
    heights = np.maximum(np.append(window.density(eigenvalues), 0.0), base)
    return [
        {"eigenvalue": edge, "density": height, "base": base}
        for edge, height in zip(window.edges.tolist(), heights.tolist(), strict=True)
    ]


def curve_rows(x: np.ndarray, density: np.ndarray, base: float, top: float) -> list[Row]:
    """A drawn curve, without what lies below the axis or above its top."""
    return [
        {"eigenvalue": eigenvalue, "density": height}
        for eigenvalue, height in zip(x.tolist(), density.tolist(), strict=True)
        if base < height <= top
    ]


def left_out(window: Window, eigenvalues: np.ndarray) -> str:
    """What the axis does not show, in words; empty when it shows everything."""
    below = int((eigenvalues < window.low).sum())
    beyond = eigenvalues[eigenvalues > window.high]
    words = []
    if below:
        words.append(f"{below} of {len(eigenvalues)} eigenvalues below {window.low:.2g} (or zero) not drawn")
    if len(beyond):
        many = f"{len(beyond)} of {len(eigenvalues)} eigenvalues"
        words.append(f"{many} beyond the axis, largest {beyond.max():.3g}")
    return "; ".join(words)
