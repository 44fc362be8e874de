"""The door to shuffles of one layer or of many: here or by the workers of an executor, growing scans."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .api_progress import Progress, listener_for
from .api_sources import layer_of, matrix_of, readable
from .api_work import in_order, last_of, spread_steps
from .jobs import Executors, Lost, n_workers, told_steps
from .records import Engine, LayerRef, LayerTraps, ModelScan, Spectra, TrapScan, View
from .spectra import merging, settled, traps, whole_model
from .weights.parcels import bytes_of, cost_of, lost_ref, matrix_parcel, unpacked

#: Tasks a worker, where it is known how many workers there are: few, since each carries or reads the matrix.
_TASKS_A_WORKER = 2


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Everything about a trap scan, or the first or a later part of one, but the matrix."""

    seeds: tuple[int, ...]
    level: float
    engine: Engine
    view: View
    spectra: Spectra | None
    is_first: bool = True


def scanned(
    item: Any, settings: ScanSettings, stop_early: bool, executor: Executors | None, progress: Progress
) -> TrapScan:
    """All shuffles of one matrix; of an interrupted run ``Interrupted.partial`` is the scan until then, or ``None``."""
    lost: dict[int, Lost] = {}
    item = layer_of(item)
    if executor is None or not settings.seeds:
        steps = _steps_here(item, settings, stop_early, progress)
    else:
        steps = _steps_on(executor, item, settings, stop_early, progress, lost)

    def is_whole(scan: TrapScan | None) -> bool:
        asked = set(settings.seeds) - set(lost)
        return scan is not None and (asked <= set(scan.seeds) or (stop_early and settled.summary_of(scan).settled))

    scan = last_of(steps, None, lambda scan: scan, is_whole, "The scan")
    assert scan is not None
    return replace(scan, caveat=" ".join(filter(None, [scan.caveat, *_missing(lost)])))


def _missing(lost: dict[int, Lost]) -> list[str]:
    return [f"The shuffle of seed {seed} is missing: {one.sentence}" for seed, one in sorted(lost.items())]


def _steps_here(item: Any, settings: ScanSettings, stop_early: bool, progress: Progress) -> Generator[TrapScan | None]:
    matrix = matrix_of(item)
    steps = traps.find_traps_steps(
        matrix,
        settings.seeds,
        settings.level,
        settings.engine,
        view=settings.view,
        stop_early=stop_early,
        spectra=settings.spectra,
    )
    costs = [1.0] * len(settings.seeds)
    for _, scan in told_steps(enumerate(steps), "Shuffling", costs, listener_for(progress)):
        yield scan


def _steps_on(
    executor: Executors,
    item: Any,
    settings: ScanSettings,
    stop_early: bool,
    progress: Progress,
    lost: dict[int, Lost],
) -> Generator[TrapScan | None]:
    """Growing scans in the order of the seeds, whatever the order in which parts come back."""
    parts = _parts(settings, 1 if stop_early else _chunk(settings.seeds, executor))
    parcel = matrix_parcel(item, matrix_of)
    steps = spread_steps(
        scanned_part,
        parts,
        [float(len(part.seeds)) for part in parts],
        lambda part: (parcel, part),
        "Shuffling",
        executor,
        progress,
        sizes=[bytes_of(item)] * len(parts),
    )
    scans = _growing(steps, parts, lost)
    yield from settled.settled_steps(scans) if stop_early else scans


def _growing(steps: Any, parts: Sequence[ScanSettings], lost: dict[int, Lost]) -> Generator[TrapScan]:
    ready: list[TrapScan] = []
    for index, part in in_order(steps):
        if isinstance(part, Lost):
            lost |= dict.fromkeys(parts[index].seeds, part)
        else:
            ready.append(part)
            yield merging.merged(ready)


def _chunk(seeds: tuple[int, ...], executor: Executors) -> int:
    count = n_workers(executor)
    return 1 if count is None else -(-len(seeds) // (_TASKS_A_WORKER * count))


def _parts(settings: ScanSettings, size: int) -> list[ScanSettings]:
    starts = range(0, len(settings.seeds), size)
    return [replace(settings, seeds=settings.seeds[k : k + size], is_first=k == 0) for k in starts]


def scanned_part(payload: tuple[Any, ScanSettings]) -> TrapScan:
    """Some shuffles of a matrix, on the worker's side."""
    parcel, settings = payload
    matrix = matrix_of(unpacked(parcel))
    spectra = merging.spectra_of_part(settings.spectra, min(matrix.values.shape), is_first=settings.is_first)
    return traps.find_traps(
        matrix, settings.seeds, settings.level, settings.engine, view=settings.view, spectra=spectra
    )


def scanned_model(
    items: Sequence[Any],
    seeds: tuple[int, ...],
    rate: float,
    executor: Executors | None,
    progress: Progress,
    level: float = 0.01,
) -> ModelScan:
    """Scans of many layers; of an interrupted run ``Interrupted.partial`` is the scan of those that are there."""
    here = executor is None
    steps = spread_steps(
        layer_traps,
        items,
        [cost_of(item) for item in items],
        lambda item: (item if here else matrix_parcel(item, readable), seeds, level),
        "Scanning",
        executor,
        progress,
        sizes=[bytes_of(item) for item in items],
    )
    first = whole_model.model_scan((), rate)

    def growing() -> Generator[ModelScan]:
        found: dict[int, LayerTraps] = {}
        for index, one in steps:
            found[index] = _lost_layer(items[index], one) if isinstance(one, Lost) else one
            yield whole_model.model_scan([found[k] for k in sorted(found)], rate)

    return last_of(growing(), first, lambda scan: scan, lambda scan: len(scan.layers) == len(items), "The scan")


def _lost_layer(item: Any, lost: Lost) -> LayerTraps:
    nan = float("nan")
    return LayerTraps(lost_ref(item, lost.sentence), nan, nan, None, lost.sentence)


def layer_traps(payload: tuple[Any, tuple[int, ...], float]) -> LayerTraps:
    """The scan of one layer, here or on the worker's side."""
    parcel, seeds, level = payload
    item = unpacked(parcel)
    return whole_model.layer_traps(item if isinstance(item, LayerRef) else readable(item), seeds, level)
