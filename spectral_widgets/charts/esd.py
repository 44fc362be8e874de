"""The spectrum of a layer with everything that was fitted to it and found in its shuffles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..records import Complaint, NullFit, Spectrum, SpectrumEstimate, TailFit, TrapScan
from ..rmt import mp_density, tw_quantile
from ..rmt.power_law import power_law_density
from . import theme
from .bars import (
    Row,
    Scale,
    Window,
    bar_rows,
    curve_rows,
    heights_of,
    left_out,
    step_rows,
    window_of,
)
from .esd_layers import layers_of
from .estimated import error_rows, stand_in
from .later import alt
from .traps import trap_rows

BAND_TAIL = 0.01

Drawable = Spectrum | SpectrumEstimate | TrapScan | NullFit | TailFit
Kind = type[Spectrum] | type[SpectrumEstimate] | type[TrapScan] | type[NullFit] | type[TailFit]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is there to draw; ``shuffled`` is the spectrum of ``seed`` in ``scan``, where that was decomposed fully."""

    spectrum: Spectrum | None
    scan: TrapScan | None
    fit: NullFit | None
    tail: TailFit | None
    seed: int | None
    shuffled: Spectrum | None
    estimate: SpectrumEstimate | None = None


def esd(
    *records: Drawable,
    bins: int = 60,
    x_scale: Scale = "log",
    y_scale: Scale = "linear",
    seed: int | None = None,
    selected: tuple[int, int] | None = None,
    other: Spectrum | None = None,
    width: theme.Width = "container",
    height: int = 300,
) -> alt.LayerChart:
    """Histogram of eigenvalues with whatever else is given, in any order: null, tail, shuffles and traps.

    ``seed`` picks the shuffle (the scan's first by default); ``selected`` is the (seed, index) of the trap
    to set off. ``other`` is a spectrum of the same layer in another model, drawn as an outline. An estimate stands
    in for a spectrum, with two standard errors around its bars.
    Heights are densities per unit ln λ on a log axis and per unit λ on a linear one. What the
    axis leaves out is said in the corner. Raises Complaint for nothing to draw, two records of a kind, or
    a seed that was not scanned.
    """
    rows = esd_rows(*records, bins=bins, x_scale=x_scale, y_scale=y_scale, seed=seed, selected=selected, other=other)
    return theme.with_data(_bare(tuple(rows), x_scale, y_scale, width, height), rows)


@lru_cache(maxsize=64)
def esd_spec(names: tuple[str, ...], x_scale: Scale, y_scale: Scale) -> dict[str, Any]:
    """The Vega-Lite spec of the chart of these datasets: it depends on no value, so a redraw sends rows alone."""
    return theme.layered(layers_of(names, x_scale, y_scale, 300), width="container", height=300)


def _bare(names: tuple[str, ...], x_scale: Scale, y_scale: Scale, width: theme.Width, height: int) -> alt.LayerChart:
    layers = layers_of(names, x_scale, y_scale, height)
    return theme.dressed(alt.layer(*layers).properties(width=width, height=height))


def esd_rows(
    *records: Drawable,
    bins: int = 60,
    x_scale: Scale = "log",
    y_scale: Scale = "linear",
    seed: int | None = None,
    selected: tuple[int, int] | None = None,
    other: Spectrum | None = None,
) -> dict[str, list[Row]]:
    """The named datasets of :func:`esd`, for a page that has its spec already."""
    parts = _parts(records, seed)
    spectra = [one.eigenvalues for one in (parts.spectrum, parts.shuffled) if one is not None]
    spectra += [other.eigenvalues] if other is not None and spectra else []
    if not spectra:
        raise Complaint("There is no spectrum to draw: give a Spectrum or a TrapScan with a shuffle.")
    if x_scale not in ("log", "linear") or y_scale not in ("log", "linear"):
        raise Complaint(f"An axis is 'log' or 'linear', got x_scale={x_scale!r} and y_scale={y_scale!r}.")
    if not 1 <= bins <= 1000:
        raise Complaint(f"The number of bins must lie between 1 and 1000, got {bins}.")
    window = window_of(np.concatenate(spectra), _landmarks(parts), x_scale, bins)
    base, top = heights_of(window, spectra, y_scale)
    return _datasets(parts, window, base, top, selected, other)


def _parts(records: tuple[Any, ...], seed: int | None) -> Parts:
    found: dict[Kind, Any] = {}
    for record in records:
        kind = type(record)
        if kind not in (Spectrum, SpectrumEstimate, TrapScan, NullFit, TailFit):
            raise Complaint(
                f"esd draws Spectrum, SpectrumEstimate, TrapScan, NullFit and TailFit, not {kind.__name__}."
            )
        if kind in found:
            raise Complaint(f"esd got two records of the kind {kind.__name__}: give one of each.")
        found[kind] = record
    scan = found.get(TrapScan)
    seed, shuffled = _shuffle_of(scan, seed)
    estimate = found.get(SpectrumEstimate) if Spectrum not in found else None
    spectrum = stand_in(estimate) if estimate is not None else found.get(Spectrum)
    return Parts(spectrum, scan, found.get(NullFit), found.get(TailFit), seed, shuffled, estimate)


def _shuffle_of(scan: TrapScan | None, seed: int | None) -> tuple[int | None, Spectrum | None]:
    if scan is None or not scan.seeds:
        return None, None
    seed = scan.seeds[0] if seed is None else seed
    if seed not in scan.seeds:
        raise Complaint(f"{scan.layer.name}: seed {seed} was not scanned; choose one of {list(scan.seeds)}.")
    return seed, scan.spectrum_of(seed)


def _is_drawable(null: NullFit | None) -> bool:
    return null is not None and bool(np.isfinite(null.variance)) and null.variance > 0


def _landmarks(parts: Parts) -> list[float]:
    nulls = [one for one in (parts.fit, parts.scan.null if parts.scan else None) if _is_drawable(one)]
    threshold = [parts.scan.threshold] if parts.scan else []
    marks = [one.high for one in nulls if one] + threshold + _largest_of_shuffle(parts)
    return [mark for mark in marks if np.isfinite(mark)]


def _largest_of_shuffle(parts: Parts) -> list[float]:
    """The traps of a shuffle must be in sight also where its spectrum is not known."""
    if parts.scan is None or parts.seed is None or parts.shuffled is not None:
        return []
    return [parts.scan.largest[parts.scan.seeds.index(parts.seed)]]


def _datasets(
    parts: Parts,
    window: Window,
    base: float,
    top: float,
    selected: tuple[int, int] | None,
    other: Spectrum | None,
) -> dict[str, list[Row]]:
    """Rows of every layer that is there, in drawing order."""
    scan_null = parts.scan.null if parts.scan else None
    main = parts.fit or scan_null
    data: dict[str, list[Row]] = {}
    if parts.scan is not None or parts.fit is not None:
        data["band"] = _band_rows(parts, window)
    if parts.shuffled is not None:
        data["shuffled"] = step_rows(window, parts.shuffled.eigenvalues, base)
    if parts.spectrum is not None:
        drawn = "layer" if parts.estimate is None else "estimated"
        data[drawn] = bar_rows(window, parts.spectrum.eigenvalues, base)
    if parts.estimate is not None:
        data["errors"] = error_rows(window, parts.estimate, base, top)
    if other is not None:
        data["other"] = step_rows(window, other.eigenvalues, base)
    if parts.fit is not None and scan_null is not None:
        data["shuffled_null"] = _null_rows(scan_null, window, base, top)
    if main is not None:
        data["edges"] = _edge_rows(main, window)
        data["null"] = _null_rows(main, window, base, top)
    if parts.tail is not None:
        data["tail"] = _tail_rows(parts.tail, window, base, top)
    if parts.scan is not None and parts.seed is not None:
        data["traps"] = trap_rows(parts.scan, parts.seed, window.high, selected)
    data["note"] = [{"text": _note(parts, window), "eigenvalue": window.high, "density": top}]
    return data


def _null_rows(null: NullFit, window: Window, base: float, top: float) -> list[Row]:
    if not _is_drawable(null):
        return []
    x = window.grid(null.low, null.high)
    density = window.of_density(x, mp_density(x, null.aspect, null.variance))
    return curve_rows(x, density, base, top)


def _edge_rows(null: NullFit, window: Window) -> list[Row]:
    edges = (("lower", null.low), ("upper", null.high))
    return [
        {"eigenvalue": float(edge), "edge": f"{which} edge"} for which, edge in edges if window.low < edge < window.high
    ]


def _band_rows(parts: Parts, window: Window) -> list[Row]:
    """Where the largest eigenvalue of noise lies, from its 1 % quantile to the trap threshold."""
    null = parts.scan.null if parts.scan else parts.fit
    if null is None or not _is_drawable(null):
        return []
    low = null.edge_centre + null.edge_width * tw_quantile(BAND_TAIL)
    high = null.edge_centre + null.edge_width * tw_quantile(1 - BAND_TAIL)
    high = parts.scan.threshold if parts.scan else high
    low, high = max(float(low), window.low), min(float(high), window.high)
    return [{"low": low, "high": high}] if high > low else []


def _tail_rows(tail: TailFit, window: Window, base: float, top: float) -> list[Row]:
    if not (np.isfinite(tail.alpha) and tail.alpha > 1 and tail.xmin > 0):
        return []
    x = window.grid(tail.xmin, tail.xmax, 60)
    share = tail.n_tail / tail.n_eigenvalues
    density = window.of_density(x, power_law_density(x, tail.alpha, tail.xmin, share))
    return curve_rows(x, density, base, top)


def _note(parts: Parts, window: Window) -> str:
    words = []
    if parts.spectrum is not None:
        words.append(left_out(window, parts.spectrum.eigenvalues))
    elif parts.shuffled is not None:
        words.append(left_out(window, parts.shuffled.eigenvalues))
    if parts.seed is not None and parts.shuffled is None:
        words.append(f"of the shuffle with seed {parts.seed} only the top was computed")
    if parts.tail is not None and not np.isfinite(parts.tail.alpha):
        words.append("no power law could be fitted")
    return "; ".join(word for word in words if word)
