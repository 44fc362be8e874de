"""Full spectra of single shuffles, made when somebody looks at them, and what stands on those."""

from __future__ import annotations

from collections.abc import Iterator

from ..spectra.traps import with_known_spectrum
from ..spectra.weightwatcher import published_rule
from ..weights.layers import Layer
from .large import shuffled_spectrum_steps
from .memory import Memory
from .state import BenchState


def shuffle_steps(layer: Layer, memory: Memory, state: BenchState, seed: int) -> Iterator[None]:
    """The full spectrum of one shuffle of a finished scan, unless it is there."""
    scan = memory.scan(layer.name, state)
    if scan is None or seed not in scan.seeds or seed in scan.decomposed:
        return
    spectrum = yield from memory.turns.alone(lambda: shuffled_spectrum_steps(memory, layer, state.view, seed))
    memory.keep_scan(layer.name, state, with_known_spectrum(scan, seed, spectrum))
    yield


def published_steps(layer: Layer, memory: Memory, state: BenchState, most: int) -> Iterator[tuple[int, ...]]:
    """Trap counts by the published rule on the same shuffles, the first few: it is slow and needs full spectra."""
    shelf = memory.shelf(layer)
    settings = {"what": "published counts", "seeds": list(state.seeds[:most]), "view": state.view}
    kept = shelf.get(tuple, **settings) if shelf is not None else None
    if kept is not None:
        yield kept
        return
    counts: tuple[int, ...] = ()
    for seed in state.seeds[:most]:
        yield from (counts for _ in shuffle_steps(layer, memory, state, seed))
        scan = memory.scan(layer.name, state)
        spectrum = scan.spectrum_of(seed) if scan is not None else None
        assert spectrum is not None
        counts += (published_rule(spectrum.eigenvalues, spectrum.n_rows, spectrum.n_cols).count,)
        yield counts
    if shelf is not None:
        shelf.put(counts, **settings)
        memory.flush(layer)
