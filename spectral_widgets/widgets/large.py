"""Spectra of large layers in steps short enough to be given up, and estimates where a full one would take too long.

No more than two things of a large layer's size stand in memory side by side here, and half a Gram matrix elsewhere: who
decomposes takes the matrix out of the memory of the explorer, and it is read again for what comes after; a scan holds
the matrix as it is seen and one shuffle.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np

from ..metrics import Evidence
from ..records import Complaint, Spectrum, SpectrumEstimate, TrapScan, View, WeightMatrix
from ..spectra.abreast import beside_steps
from ..spectra.apart import goes_apart, spectrum_steps
from ..spectra.merging import merged
from ..spectra.reshuffled import Reshuffled
from ..spectra.slq import estimate_spectrum_steps
from ..spectra.traps import find_traps_fine_steps, with_known_spectrum
from ..spectra.views import Place, places_in, viewed, with_values
from ..weights.cells import values_at
from ..weights.layers import Layer
from .memory import Memory
from .state import BenchState

S = TypeVar("S")
#: Shuffles of a large layer that are in memory side by side.
MOST_BESIDE = 1


def made_steps(evidence: Evidence, memory: Memory, layer: Layer, view: View) -> Iterator[None]:
    """Put the spectrum, or its estimate where the evidence is not exact, into the evidence, unless it is there."""
    if evidence.recalled(Spectrum if evidence.exact else SpectrumEstimate) is not None:
        return
    if evidence.exact:
        evidence.add((yield from _exact_steps(partial(_seen, memory, layer, view))))
    else:
        evidence.add((yield from _last_of(estimate_spectrum_steps(evidence.of(WeightMatrix)))))


def shuffled_spectrum_steps(memory: Memory, layer: Layer, view: View, seed: int) -> Generator[None, None, Spectrum]:
    """All eigenvalues of one shuffle."""
    return (yield from _exact_steps(partial(_shuffled, memory, layer, view, seed)))


def needs_a_turn(layer: Layer) -> bool:
    """Whether work on this layer holds so much that two pieces of it should not be under way side by side."""
    return goes_apart(layer.ref)


def is_scanned(layer: Layer, memory: Memory, state: BenchState) -> bool:
    """Whether the scan of this state is there with all that is kept of it."""
    scan = memory.scan(layer.name, state)
    has_tops = scan is not None and len(scan.seeds) == state.n_shuffles
    return has_tops and not _lacks_first(scan, memory, layer)


def scan_apart_steps(memory: Memory, layer: Layer, state: BenchState) -> Iterator[TrapScan | None]:
    """The trap scan of a large layer, with the full spectra that it needs made apart; ``None`` between."""
    scan = memory.scan(layer.name, state)
    if scan is None or len(scan.seeds) < state.n_shuffles:
        for scan in _all_tops_steps(memory, layer, state):
            yield scan
    assert scan is not None
    if _lacks_first(scan, memory, layer):
        spectrum = yield from shuffled_spectrum_steps(memory, layer, state.view, scan.seeds[0])
        yield with_known_spectrum(scan, scan.seeds[0], spectrum)


def _lacks_first(scan: TrapScan | None, memory: Memory, layer: Layer) -> bool:
    """Whether the spectrum of the first shuffle, which metrics stand on, is made in a step of its own and missing."""
    return scan is not None and needs_a_turn(layer) and memory.is_exact(layer) and scan.seeds[0] not in scan.decomposed


def _all_tops_steps(memory: Memory, layer: Layer, state: BenchState) -> Iterator[TrapScan | None]:
    if state.engine != "weightwatcher":
        yield from _tops_steps(memory, layer, state, state.seeds, {})
        return
    parts: list[TrapScan] = []
    for seed in state.seeds:  # the threshold of this rule needs the spectrum of every shuffle
        known = {seed: (yield from shuffled_spectrum_steps(memory, layer, state.view, seed))}
        for found in _tops_steps(memory, layer, state, (seed,), known):
            yield None if found is None else merged([*parts, found])
        assert found is not None
        parts.append(found)


def _tops_steps(
    memory: Memory, layer: Layer, state: BenchState, seeds: tuple[int, ...], known: Mapping[int, Spectrum]
) -> Iterator[TrapScan | None]:
    """What lies above the threshold of these shuffles; the matrix as it is seen is all that is held of the layer."""
    taken = [memory.taken(layer)]  # named nowhere, so that it is gone when its copy is there
    see = partial(_popped, taken, state.view)
    seen = yield from beside_steps(see, layer.ref.n_entries)
    scans = find_traps_fine_steps(
        seen, seeds, state.level, state.engine, spectra="none", known=known, most_beside=MOST_BESIDE
    )
    values: dict[Place, float] = {}
    with closing(scans):
        for scan in scans:
            yield None if scan is None else (yield from _as_stored_steps(scan, layer, state.view, values))


def _popped(taken: list[WeightMatrix], view: View) -> WeightMatrix:
    return viewed(_contiguous(taken.pop()), view)


def _as_stored_steps(
    scan: TrapScan, layer: Layer, view: View, values: dict[Place, float]
) -> Generator[None, None, TrapScan]:
    """The scan of a view with its entries' values read from the layer again, those that are not among ``values``."""
    if view == "raw":
        return scan
    if missing := places_in(scan) - values.keys():
        values |= yield from beside_steps(partial(values_at, layer, missing), layer.ref.n_entries)
    return with_values(scan, values, view)


def _exact_steps(source: Callable[[], WeightMatrix]) -> Generator[None, None, Spectrum]:
    try:
        return (yield from _last_of(spectrum_steps(source)))
    except np.linalg.LinAlgError:
        raise Complaint("The eigenvalues did not converge; rescale the weights or leave it out.") from None


def _last_of(steps: Iterator[S | None]) -> Generator[None, None, S]:
    last: S | None = None
    for step in steps:
        last = step
        yield
    assert last is not None
    return last


def _seen(memory: Memory, layer: Layer, view: View) -> WeightMatrix:
    return viewed(memory.taken(layer) if goes_apart(layer.ref) else memory.matrix(layer), view)


def _shuffled(memory: Memory, layer: Layer, view: View, seed: int) -> WeightMatrix:
    if not goes_apart(layer.ref):
        return Reshuffled(viewed(memory.matrix(layer), view), seed).matrix
    return Reshuffled(viewed(_contiguous(memory.taken(layer)), view), seed).matrix


def _contiguous(matrix: WeightMatrix) -> WeightMatrix:
    """In the order of its rows, which a shuffle needs: of a transposed view it would make a copy of its own."""
    return replace(matrix, values=np.ascontiguousarray(matrix.values))
