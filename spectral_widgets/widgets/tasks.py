"""Long work of the explorer as generators: fill the table, scan a layer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ..metrics import Evidence, measure_one, metrics_named
from ..metrics.evidence import scan_settings
from ..records import Complaint, Measurement, Spectra, TrapScan
from ..spectra.abreast import beside_steps
from ..spectra.traps import find_traps_fine_steps
from ..weights.layers import Layer
from .columns import ESSENTIALS, at_reading, from_shuffles
from .large import is_scanned, made_steps, needs_a_turn, scan_apart_steps
from .memory import Memory, small_records
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
    """Layers done of how many, and the share of the work that they were."""

    n_layers: int
    share: float
    n_total: int = 0


def table_steps(
    layers: Sequence[Layer],
    memory: Memory,
    state: BenchState,
    show_row: RowSink,
) -> Iterator[TableProgress]:
    """Fill the table, one layer after the other; a layer that fails becomes a row with its sentence."""
    state = replace(state, view="raw")  # rows compare layers as they are stored
    ordered = sorted(by_cost(layers), key=lambda layer: not memory.is_at_hand(layer))
    total, done = sum(map(cost_of, ordered)) or 1, 0
    for count, layer in enumerate(ordered):
        if layer.name not in memory.rows:
            steps = row_steps(layer, memory, state, show_row)
            yield from (TableProgress(count, done / total, len(ordered)) for _ in steps)
        done += cost_of(layer)
        yield TableProgress(count + 1, done / total, len(ordered))


def row_steps(layer: Layer, memory: Memory, state: BenchState, show_row: RowSink) -> Iterator[object]:
    """Measure one layer in pieces; the row is shown while it works and when it is done."""
    show_row(rows.working_row(layer.ref))
    try:
        yield from preview_steps(layer, memory, show_row)
        yield from spectrum_steps(layer, memory, state)
        is_whole = memory.is_whole(layer, state)
        yield from _reading_steps(layer, memory, _unseen if is_whole else show_row)
        yield from evidence_steps(layer, memory, state)
        row = scanned_row(layer, memory, state)
    except Complaint as complaint:
        row = memory.rows[layer.name] = rows.failed_row(layer.ref, str(complaint))
    except MemoryError:
        row = memory.rows[layer.name] = rows.failed_row(layer.ref, _too_large(layer))
    finally:
        memory.flush(layer)
    show_row(row)


def _unseen(row: Json) -> None:
    """A row on the way to one that comes at once."""


def _reading_steps(layer: Layer, memory: Memory, show_row: RowSink) -> Iterator[None]:
    """All that a matrix tells without shuffles, measured while it is in memory; what most look at comes first."""
    if needs_a_turn(layer):
        yield from memory.turns.alone(lambda: _measured_steps(layer, memory, show_row))
    else:
        yield from _measured_steps(layer, memory, show_row)


def _measured_steps(layer: Layer, memory: Memory, show_row: RowSink) -> Generator[None, None, None]:
    evidence = memory.fresh_evidence(layer)
    first = [name for name in ESSENTIALS if name in at_reading()]
    for names in (first, at_reading()):
        yield from measuring_steps(evidence, memory, names)
        show_row(rows.spectrum_row(evidence))
        yield


def measuring_steps(evidence: Evidence, memory: Memory, names: Sequence[str]) -> Iterator[None]:
    """Measure what is not measured yet, one metric a step."""
    for metric in metrics_named(memory.lacks(evidence.layer.name, names)):
        memory.note((yield from beside_steps(partial(measure_one, evidence, metric), evidence.layer.n_entries)))
        yield


def scanned_row(layer: Layer, memory: Memory, state: BenchState) -> Json:
    """The complete row of a layer from the scan of this state, which the metrics of shuffles then stand on too."""
    evidence = memory.complete_evidence(layer.name, state)
    for metric in metrics_named(from_shuffles()):
        memory.note(measure_one(evidence, metric))
    row = memory.rows[layer.name] = rows.measured_row(evidence)
    return row


def requested_steps(
    layers: Sequence[Layer], memory: Memory, wanted: Callable[[], Sequence[str]], show_row: RowSink
) -> Iterator[TableProgress]:
    """Measure what is measured on request only, as long as it is ``wanted``, which may change meanwhile."""
    n_done = 0
    while todo := lacking(layers, memory, wanted()):
        layer, names = todo[0], memory.lacks(todo[0].name, wanted())
        total = n_done + len(todo)
        yield TableProgress(n_done, n_done / total, total)
        try:
            steps = _asked_steps(layer, memory, names)
            yield from (TableProgress(n_done, n_done / total, total) for _ in steps)
        except (Complaint, MemoryError) as error:
            sentence = str(error) if isinstance(error, Complaint) else _too_large(layer)
            for name in memory.lacks(layer.name, names):
                memory.note(Measurement(layer.name, name, float("nan"), sentence))
        finally:
            memory.flush(layer)
        n_done += 1
        show_row(memory.rows[layer.name])
        yield TableProgress(n_done, n_done / total, total)


def _asked_steps(layer: Layer, memory: Memory, names: Sequence[str]) -> Generator[None, None, None]:
    def steps() -> Generator[None, None, None]:
        yield from measuring_steps(memory.fresh_evidence(layer), memory, names)

    return memory.turns.alone(steps) if needs_a_turn(layer) else steps()


def lacking(layers: Sequence[Layer], memory: Memory, wanted: Sequence[str]) -> list[Layer]:
    """The measured layers that lack one of these metrics, cheapest first."""
    return [one for one in by_cost(layers) if memory.is_measured(one.name) and memory.lacks(one.name, wanted)]


def _too_large(layer: Layer) -> str:
    return f"{layer.name} does not fit into memory: close other models or open it on a larger machine."


def preview_steps(layer: Layer, memory: Memory, show_row: RowSink) -> Iterator[None]:
    """What can be shown before a decomposition that takes long."""
    is_slow = cost_of(layer) > PREVIEW_COST and memory.evidence(layer.name) is None and not layer.caveat
    if is_slow and not memory.is_at_hand(layer):
        # In one step, since it waits for no turn: while it holds the matrix nothing else of that size is begun.
        show_row(rows.preview_row(memory.glimpse(layer)))
        yield


def evidence_steps(layer: Layer, memory: Memory, state: BenchState) -> Iterator[bool]:
    """Spectrum, fits and shuffles of a layer in the view of the state, each kept as soon as it is there.

    Yields whether there is something new to show; within a shuffle there is not, but one may stop.
    """
    if needs_a_turn(layer):
        yield from memory.turns.alone(lambda: _evidence_steps(layer, memory, state))
    else:
        yield from _evidence_steps(layer, memory, state)


def _evidence_steps(layer: Layer, memory: Memory, state: BenchState) -> Generator[bool, None, None]:
    yield from _spectrum_steps(layer, memory, state)
    if is_scanned(layer, memory, state):
        return
    shelf = memory.shelf(layer)
    settings = scan_settings(state.seeds, state.level, state.engine, state.view)
    known = shelf.get(TrapScan, **settings) if shelf is not None else None
    if known is not None:
        memory.keep_scan(layer.name, state, known)
        yield True
        return
    for found in _scan_steps(layer, memory, state):
        if found is not None:
            scan = found
            memory.keep_scan(layer.name, state, scan)
        yield found is not None
    if shelf is not None:
        shelf.put(scan, **settings)
        memory.flush(layer)


def _scan_steps(layer: Layer, memory: Memory, state: BenchState) -> Iterator[TrapScan | None]:
    if needs_a_turn(layer):
        return scan_apart_steps(memory, layer, state)
    matrix = memory.matrix(layer)
    spectra: Spectra = "first" if memory.is_exact(layer) else "none"
    return find_traps_fine_steps(matrix, state.seeds, state.level, state.engine, view=state.view, spectra=spectra)


def spectrum_steps(layer: Layer, memory: Memory, state: BenchState) -> Iterator[bool]:
    """Spectrum and fits of a layer in the view of the state, unless they are kept; True when they are there to show."""
    if needs_a_turn(layer):
        yield from memory.turns.alone(lambda: _spectrum_steps(layer, memory, state))
    else:
        yield from _spectrum_steps(layer, memory, state)


def _spectrum_steps(layer: Layer, memory: Memory, state: BenchState) -> Generator[bool, None, None]:
    if memory.evidence(layer.name, state.view) is not None:
        return
    evidence = memory.fresh_evidence(layer, state.view)
    yield from (False for _ in made_steps(evidence, memory, layer, state.view))
    yield False
    yield from (False for _ in beside_steps(partial(small_records, evidence), layer.ref.n_entries))
    memory.keep(layer.name, evidence, state.view)
    yield True
