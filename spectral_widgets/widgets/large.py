"""Spectra of large layers in steps short enough to be given up, and estimates where a full one would take too long.

Two things of a large layer's size never stand in memory side by side with a third: who decomposes takes the matrix out
of the memory of the explorer, and it is read again for what comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from ..metrics import Evidence
from ..records import Complaint, Spectrum, SpectrumEstimate, TrapScan, View, WeightMatrix
from ..spectra.apart import goes_apart, spectrum_steps
from ..spectra.merging import merged
from ..spectra.reshuffled import Reshuffled
from ..spectra.slq import estimate_spectrum_steps
from ..spectra.traps import find_traps_fine_steps, with_known_spectrum
from ..spectra.views import viewed
from ..weights.layers import Layer
from .memory import Memory
from .state import BenchState


def made_steps(evidence: Evidence, memory: Memory, layer: Layer, view: View) -> Iterator[None]:
    """Put the spectrum, or its estimate where the evidence is not exact, into the evidence, unless it is there."""
    if evidence.recalled(Spectrum if evidence.exact else SpectrumEstimate) is not None:
        return
    if evidence.exact:
        evidence.add((yield from _exact_steps(partial(_seen, memory, layer, view))))
        return
    found: SpectrumEstimate | None = None
    for found in estimate_spectrum_steps(evidence.of(WeightMatrix)):
        yield
    assert found is not None
    evidence.add(found)


def shuffled_spectrum_steps(memory: Memory, layer: Layer, view: View, seed: int) -> Generator[None, None, Spectrum]:
    """All eigenvalues of one shuffle."""
    return (yield from _exact_steps(partial(_shuffled, memory, layer, view, seed)))


def scan_apart_steps(memory: Memory, layer: Layer, state: BenchState) -> Iterator[TrapScan | None]:
    """The trap scan of a large layer, with the full spectra that it needs made apart; ``None`` between."""
    parts: list[TrapScan] = []
    if state.engine == "weightwatcher":  # its threshold needs the spectrum of every shuffle
        for seed in state.seeds:
            known = {seed: (yield from shuffled_spectrum_steps(memory, layer, state.view, seed))}
            for found in _tops_steps(memory, layer, state, (seed,), known):
                yield None if found is None else merged([*parts, found])
            assert found is not None
            parts.append(found)
        return
    for found in _tops_steps(memory, layer, state, state.seeds, {}):
        yield found
    assert found is not None
    first = state.seeds[0]
    yield with_known_spectrum(found, first, (yield from shuffled_spectrum_steps(memory, layer, state.view, first)))


def _tops_steps(
    memory: Memory, layer: Layer, state: BenchState, seeds: tuple[int, ...], known: Mapping[int, Spectrum]
) -> Iterator[TrapScan | None]:
    """What lies above the threshold of these shuffles; the matrix is held by this alone."""
    return find_traps_fine_steps(
        _contiguous(memory.taken(layer)),
        seeds,
        state.level,
        state.engine,
        view=state.view,
        spectra="none",
        known=known,
    )


def _exact_steps(source: Callable[[], WeightMatrix]) -> Generator[None, None, Spectrum]:
    found: Spectrum | None = None
    try:
        for found in spectrum_steps(source):
            if found is None:
                yield
    except np.linalg.LinAlgError:
        raise Complaint("The eigenvalues did not converge; rescale the weights or leave it out.") from None
    assert found is not None
    return found


def _seen(memory: Memory, layer: Layer, view: View) -> WeightMatrix:
    return viewed(memory.taken(layer) if goes_apart(layer.ref) else memory.matrix(layer), view)


def _shuffled(memory: Memory, layer: Layer, view: View, seed: int) -> WeightMatrix:
    if not goes_apart(layer.ref):
        return Reshuffled(viewed(memory.matrix(layer), view), seed).matrix
    return Reshuffled(viewed(_contiguous(memory.taken(layer)), view), seed).matrix


def _contiguous(matrix: WeightMatrix) -> WeightMatrix:
    """In the order of its rows, which a shuffle needs: of a transposed view it would make a copy of its own."""
    return replace(matrix, values=np.ascontiguousarray(matrix.values))
