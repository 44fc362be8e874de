"""The door to measuring many layers: here or by the workers of an executor, a growing table."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

from .api import measured
from .api_kept import StorePlace, store_in_use
from .api_progress import Progress
from .api_sources import items_of, readable
from .api_work import last_of, spread_steps
from .jobs import Executors, Lost
from .metrics import measure_steps as rows_of
from .metrics import metrics_named
from .records import LayerRef, Measurement, Table
from .spectra.costs import is_too_large
from .spectra.traps import check_level, checked_seeds
from .weights.layers import Layer
from .weights.parcels import Parcel, bytes_of, cost_of, lost_ref, parcel_of, unpacked
from .weights.streaming import place_of_layer

#: An estimate takes about as long as a decomposition would if the short side were so long: 225 ns an entry on one core.
ESTIMATED_SIDE = 3000
Row = tuple[LayerRef, tuple[Measurement, ...]]
#: Metrics, seeds, level, where results are kept, and whether spectra must be exact.
Settings = tuple[Sequence[str] | None, tuple[int, ...], float, StorePlace | None, bool | None]


def measure_steps(
    layers: Any,
    metrics: Sequence[str] | None = None,
    *,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    executor: Executors | None = None,
    progress: Progress = False,
    cache: bool = True,
    exact: bool | None = None,
) -> Generator[Table]:
    """A growing :class:`Table`, one more layer a step, in the order of the layers; ``metrics.frame_of`` makes a frame.

    The arguments are those of :func:`measure`. Closing the generator cancels what waits.
    """
    check_level(level)
    settings = (metrics, checked_seeds(seeds), level, store_in_use(cache), exact)
    yield from _table_steps(list(items_of(layers)), settings, executor, progress)


def measured_table(
    items: Sequence[Any],
    settings: Settings,
    executor: Executors | None,
    progress: Progress,
) -> Table:
    """All rows; of an interrupted run ``Interrupted.partial`` is the frame of those that are there."""
    from .metrics import frame_of

    empty = Table((), tuple(one.card for one in metrics_named(settings[0])), ())
    steps = _table_steps(items, settings, executor, progress)
    return last_of(steps, empty, frame_of, lambda table: len(table.layers) == len(items), "Measuring")


def measured_parcel(payload: tuple[Parcel, Settings]) -> Row:
    """One row, on the worker's side."""
    parcel, settings = payload
    return measured(unpacked(parcel), *settings)


def _table_steps(
    items: Sequence[Any], settings: Settings, executor: Executors | None, progress: Progress
) -> Generator[Table]:
    cards = tuple(one.card for one in metrics_named(settings[0]))
    here = executor is None
    order = file_order(items) if here else range(len(items))
    items = [items[k] for k in order]
    steps = spread_steps(
        measured_parcel,
        items,
        [work_of(item, settings[-1]) for item in items],
        lambda item: (item if here else parcel_of(item, readable), settings),
        "Measuring",
        executor,
        progress,
        sizes=[bytes_of(item) for item in items],
    )
    rows: dict[int, Row] = {}
    for index, row in steps:
        rows[order[index]] = _lost_row(items[index], row, settings) if isinstance(row, Lost) else row
        kept = [rows[k] for k in sorted(rows)]
        yield Table(tuple(ref for ref, _ in kept), cards, tuple(measurements for _, measurements in kept))


def work_of(item: Any, exact: bool | None = None) -> float:
    """Work of measuring an item, in multiplications of a decomposition: an estimate is passes over the entries."""
    cost, ref = cost_of(item), lost_ref(item, "")
    is_estimated = is_too_large(ref) if exact is None else not exact
    return min(cost, max(float(ref.n_entries) * ESTIMATED_SIDE, 1.0)) if is_estimated else cost


def file_order(items: Sequence[Any]) -> list[int]:
    """Numbers of the items, those that lie in files file by file and each from its beginning on; the others first."""
    nowhere = (Path(), 0, ())
    return sorted(range(len(items)), key=lambda k: place_of_layer(items[k]) if isinstance(items[k], Layer) else nowhere)


def _lost_row(item: Any, lost: Lost, settings: Settings) -> Row:
    ref = lost_ref(item, lost.sentence)
    return ref, next(iter(rows_of([ref], settings[0])))
