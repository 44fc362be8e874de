"""The chosen layer of one bench: its spectrum, its shuffles, and the full spectra of those that somebody looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..records import Complaint
from ..weights.layers import Layer
from .full_spectra import published_steps, shuffle_steps
from .memory import key_of
from .state import BenchState
from .tasks import PREVIEW_COST, by_cost, cost_of, evidence_steps, preview_steps, row_steps
from .views import Json
from .views.spectrum import shown_seed

if TYPE_CHECKING:
    from .bench import Bench

#: The published rule is asked about so many shuffles: it is slow, and needs their full spectra.
N_PUBLISHED = 3


def scan_steps(bench: Bench, layer: Layer, state: BenchState) -> Iterator[None]:
    """Spectrum and shuffles, the full spectrum of the shuffle on the screen, then the counts of the published rule."""
    yield from _first_number_steps(bench, layer, state)
    try:
        if layer.name not in bench.memory.rows:
            yield from preview_steps(layer, bench.memory, bench.screen.show_row)
        for is_new in evidence_steps(layer, bench.memory, state):
            if is_new:
                bench.screen.show("spectrum", "trap", "ablate")
            yield
    except Complaint as complaint:
        bench.screen.failures[layer.name] = str(complaint)
        raise
    is_exact = bench.memory.is_exact(layer) and not bench.is_reading
    if is_exact:
        yield from _shown_steps(bench, layer, state)
    if bench.other is not None:
        bench.other.measure(layer.name, state.view)
        bench.screen.show("spectrum")
        yield
    if layer.name in bench.memory.rows and state.view == "raw":
        bench.screen.refresh_row(layer, state)
    if is_exact:
        yield from _published_steps(bench, layer, state)
        yield from _shown_steps(bench, layer, state)


def _first_number_steps(bench: Bench, layer: Layer, state: BenchState) -> Iterator[None]:
    """A number in the row of the cheapest layer, where none is there yet and the chosen layer takes long to read."""
    cheapest = next((one for one in by_cost(bench.model.layers) if not one.caveat), layer)
    if bench.memory.measured or cost_of(layer) <= PREVIEW_COST or cheapest.name == layer.name:
        return
    shown: list[bool] = []

    def show(row: Json) -> None:
        bench.screen.show_row(row)
        shown.append(row.get("stable_rank") is not None)

    for _ in row_steps(cheapest, bench.memory, replace(state, view="raw"), show):
        yield
        if any(shown):
            return


def _published_steps(bench: Bench, layer: Layer, state: BenchState) -> Iterator[None]:
    key = key_of(layer.name, state)
    if len(bench.memory.published.get(key, ())) == min(state.n_shuffles, N_PUBLISHED):
        return
    for counts in published_steps(layer, bench.memory, state, N_PUBLISHED):
        bench.memory.published[key] = counts
        bench.screen.show("spectrum")
        yield


def _shown_steps(bench: Bench, layer: Layer, state: BenchState) -> Iterator[None]:
    """The full spectrum of the shuffle that is looked at now, as long as it is one of this scan."""
    key = key_of(layer.name, state)
    while key == key_of(bench.state.layer or "", bench.state) and (seed := lacking_seed(bench)) is not None:
        bench.screen.show("spectrum")
        yield
        yield from shuffle_steps(layer, bench.memory, state, seed)
        bench.screen.show("spectrum")


def lacking_seed(bench: Bench) -> int | None:
    """The shuffle on the screen, where the scan is finished and its full spectrum is not there yet."""
    scan, state = bench.scan, bench.state
    is_estimated = bench.layer is not None and not bench.memory.is_exact(bench.layer)
    if scan is None or len(scan.seeds) < state.n_shuffles or is_estimated or bench.is_reading:
        return None
    seed = shown_seed(scan, state)
    return None if seed in scan.decomposed else seed


def waits(bench: Bench) -> bool:
    """True when a spectrum on the screen has to be computed and nothing is on its way to it."""
    job = bench.jobs.get("scan")
    return lacking_seed(bench) is not None and (job is None or not job.is_active)


def done_and_total(bench: Bench, layer: Layer, state: BenchState) -> tuple[int, int]:
    """Shuffles that are scanned and counted by the published rule, and how many there are to be."""
    scan = bench.memory.scan(layer.name, state)
    published = bench.memory.published.get(key_of(layer.name, state), ())
    done = (len(scan.seeds) if scan is not None else 0) + len(published)
    return done, state.n_shuffles + min(state.n_shuffles, N_PUBLISHED)
