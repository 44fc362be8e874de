"""Traps of all layers of a model at once, with the false-discovery rate under control."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil, isnan

import numpy as np

from ..records import Complaint, LayerRef, LayerTraps, ModelScan, TrapScan, WeightMatrix
from ..rmt import tw_sf
from .traps import find_traps


def model_scan_steps(
    items: Iterable[WeightMatrix | LayerRef], seeds: Iterable[int] = range(5), rate: float = 0.01
) -> Iterator[ModelScan]:
    """One growing scan per layer; the q-values are those of the layers so far.

    The p-value of a layer is the Tracy–Widom tail at the largest eigenvalue of each shuffle, combined by
    :func:`combined_p_value`; the q-values are adjusted by Benjamini and Hochberg (1995), which holds the rate for
    independent layers. A layer that cannot be tested is kept without numbers and says why; a bare
    ``LayerRef`` with a caveat stands for one that could not be read. No full spectrum of a shuffle is kept.
    """
    seeds = tuple(seeds)
    scan = model_scan((), rate)
    for item in items:
        scan = model_scan((*scan.layers, layer_traps(item, seeds)), rate)
        yield scan


def model_scan(layers: Sequence[LayerTraps], rate: float) -> ModelScan:
    """Scans of layers as one, with the q-values of these layers."""
    if not isinstance(rate, float | int | np.floating) or not 0 < rate < 1:
        raise Complaint(f"The false-discovery rate must lie between 0 and 1, got {rate!r}; 0.01 is usual.")
    adjusted = adjusted_p_values([one.p_value for one in layers])
    return ModelScan(rate, tuple(replace(one, q_value=float(q)) for one, q in zip(layers, adjusted, strict=True)))


def combined_p_value(p_values: Iterable[float]) -> float:
    """One p-value of several for the same layer, valid however they depend on each other.

    ``min(1, K/k · p_(k))`` with the median, ``k = ⌈K/2⌉`` (Rüger 1978): about twice the median. Averages of
    dependent p-values need such a factor; the shuffles of one matrix share their entries.

    >>> combined_p_value([0.01, 0.03, 0.5])
    0.045
    """
    ordered = sorted(p_values)
    k = ceil(len(ordered) / 2)
    return min(1.0, len(ordered) / k * ordered[k - 1])


def adjusted_p_values(p_values: Iterable[float]) -> np.ndarray:
    """Benjamini–Hochberg q-values; ``nan`` stays ``nan`` and is not counted as a test.

    >>> adjusted_p_values([0.01, 0.04, float("nan"), 0.03]).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    values = np.asarray(list(p_values), dtype=float)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known])]
    scaled = values[order] * len(order) / np.arange(1, len(order) + 1)
    result = np.full(len(values), np.nan)
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result


def layer_traps(item: WeightMatrix | LayerRef, seeds: tuple[int, ...], level: float = 0.01) -> LayerTraps:
    """The scan of one layer with its p-value, or the reason why there is none; the q-value is still missing.

    ``level`` is that of the traps counted in each shuffle; the p-value does not depend on it.
    """
    nan = float("nan")
    if isinstance(item, LayerRef):
        return LayerTraps(item, nan, nan, None, item.caveat or "its values were not given")
    try:
        scan = find_traps(item, seeds, level, spectra="none")
    except Complaint as complaint:
        return LayerTraps(item.ref, nan, nan, None, str(complaint))
    p_value = _p_value(scan)
    return LayerTraps(item.ref, p_value, nan, scan, scan.caveat if isnan(p_value) else "")


def _p_value(scan: TrapScan) -> float:
    if scan.refused or scan.statistics.heavy:
        return float("nan")
    largest = [scan.null.excess_widths(one) for one in scan.largest]
    return combined_p_value(float(tw_sf(one)) for one in largest)
