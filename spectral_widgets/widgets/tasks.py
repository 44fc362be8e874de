"""Long work of the explorer as generators: fill the table, scan a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..metrics import Evidence
from ..records import Complaint, NullFit, Spectrum, TailFit, TrapScan, WeightMatrix
from ..spectra.traps import find_traps_steps
from ..spectra.views import viewed
from ..spectra.weightwatcher import published_rule
from ..weights.layers import Layer
from .memory import Memory
from .state import BenchState
from .views import Json
from .views import layers as rows

RowSink = Callable[[Json], None]
#: Decompositions beyond this many multiplications take about half a second or more.
PREVIEW_COST = 2_000_000_000


def by_cost(layers: Sequence[Layer]) -> list[Layer]:
    """Cheapest first, so that the first rows come at once whatever the model's size."""
    return sorted(layers, key=lambda layer: cost_of(layer))


def cost_of(layer: Layer) -> int:
    """Work of one decomposition, in multiplications."""
    return layer.ref.n_rows * layer.ref.n_cols**2


@dataclass(frozen=True, slots=True)
class TableProgress:
    """Layers done, and the share of the work that they were."""

    n_layers: int
    share: float


def table_steps(
    layers: Sequence[Layer], memory: Memory, state: BenchState, show_row: RowSink
) -> Iterator[TableProgress]:
    """Fill the table, one layer after the other; a layer that fails becomes a row with its sentence."""
    state = replace(state, view="raw")  # rows compare layers as they are stored
    ordered = by_cost(layers)
    total, done = sum(map(cost_of, ordered)) or 1, 0
    for count, layer in enumerate(ordered):
        if layer.name not in memory.rows:
            yield from (TableProgress(count, done / total) for _ in row_steps(layer, memory, state, show_row))
        done += cost_of(layer)
        yield TableProgress(count + 1, done / total)


def row_steps(layer: Layer, memory: Memory, state: BenchState, show_row: RowSink) -> Iterator[None]:
    """Measure one layer in pieces; the row is shown while it works and when it is done."""
    show_row(rows.working_row(layer.ref))
    try:
        yield from _preview_steps(layer, memory, show_row)
        for shown, _ in enumerate(evidence_steps(layer, memory, state)):
            evidence = memory.evidence(layer.name)
            if shown == 1 and evidence is not None:
                show_row(rows.spectrum_row(evidence))
            yield
        row = rows.measured_row(memory.complete_evidence(layer.name, state))
        memory.rows[layer.name] = row
    except Complaint as complaint:
        row = memory.rows[layer.name] = rows.failed_row(layer.ref, str(complaint))
    except MemoryError:
        sentence = f"{layer.name} does not fit into memory: close other models or open it on a larger machine."
        row = memory.rows[layer.name] = rows.failed_row(layer.ref, sentence)
    show_row(row)


def _preview_steps(layer: Layer, memory: Memory, show_row: RowSink) -> Iterator[None]:
    """What can be shown before a decomposition that takes long."""
    if cost_of(layer) > PREVIEW_COST and memory.evidence(layer.name) is None and not layer.caveat:
        show_row(rows.preview_row(memory.matrix(layer)))
        yield


def evidence_steps(layer: Layer, memory: Memory, state: BenchState) -> Iterator[None]:
    """Spectrum, fits and shuffles of a layer in the view of the state, each kept as soon as it is there."""
    matrix: WeightMatrix | None = None
    if memory.evidence(layer.name, state.view) is None:
        matrix = memory.matrix(layer)
        evidence = Evidence(viewed(matrix, state.view), seeds=state.seeds, level=state.level)
        evidence.of(Spectrum)
        yield
        evidence.of(TailFit)
        evidence.of(NullFit)
        memory.keep(layer.name, evidence, state.view)
        yield
    known = memory.scan(layer.name, state)
    if known is not None and len(known.seeds) == state.n_shuffles:
        return
    matrix = matrix or memory.matrix(layer)
    for scan in find_traps_steps(matrix, state.seeds, state.level, state.engine, view=state.view):
        memory.keep_scan(layer.name, state, scan)
        yield


def published_steps(scan: TrapScan, most: int = 3) -> Iterator[tuple[int, ...]]:
    """Trap counts by the published rule on the same shuffles, the first few: it is slow."""
    counts: tuple[int, ...] = ()
    for spectrum in scan.spectra[:most]:
        counts += (published_rule(spectrum.eigenvalues, spectrum.n_rows, spectrum.n_cols).count,)
        yield counts
