"""The door to long ablations: here or by the workers of an executor, each with some of the inputs or of the traps."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .api_progress import Progress, listener_for
from .api_work import in_order, last_of, pickled, spread_steps, unpickled
from .jobs import Executors, Lost, n_workers, told_steps
from .probing import ablation, many, parts
from .records import AblationPlan, AblationResult, Complaint, Trap
from .weights.live import open_module
from .weights.model import Model

#: Tasks a worker: few, since each carries the model.
_TASKS_A_WORKER = 4


@dataclass(frozen=True, slots=True)
class Shipment:
    """A model and plans, pickled once; a worker that has unpickled them keeps them for its next task."""

    name: str
    digest: str
    content: bytes = field(repr=False)


def ablated(model: Model, plan: AblationPlan, executor: Executors | None, progress: Progress) -> AblationResult:
    """A whole run; of an interrupted one ``Interrupted.partial`` is the result so far."""
    lost: list[str] = []
    steps = _steps_here(model, plan, progress) if executor is None else _steps_on(executor, model, plan, progress, lost)
    result = last_of(steps, None, lambda last: last, lambda last: _is_whole(last, lost), "The ablation")
    assert result is not None
    return replace(result, caveat=" ".join(filter(None, [result.caveat, *lost])))


def _is_whole(result: AblationResult | None, lost: list[str]) -> bool:
    return result is not None and (result.is_complete or bool(lost))


def _steps_here(model: Model, plan: AblationPlan, progress: Progress) -> Generator[AblationResult | None]:
    total = ablation.n_steps(plan)
    # A batch that is halved for want of memory takes more steps than were planned.
    steps = ((min(k, total - 1), one) for k, one in enumerate(ablation.ablate_steps(model, plan)))
    for _, result in told_steps(steps, "Passing inputs", [1.0] * total, listener_for(progress)):
        yield result


def _steps_on(
    executor: Executors, model: Model, plan: AblationPlan, progress: Progress, lost: list[str]
) -> Generator[AblationResult | None]:
    spans = _spans(plan, executor)
    shipment = shipment_of(model, [plan])
    steps = spread_steps(
        measured_span,
        spans,
        [float(stop - start) for start, stop in spans],
        lambda span: (shipment, span),
        "Passing inputs",
        executor,
        progress,
        sizes=[float(len(shipment.content))] * len(spans),
    )

    def measured() -> Iterator[Any]:
        for index, part in in_order(steps):
            if isinstance(part, Lost):
                start, stop = spans[index]
                lost.append(f"The inputs {start} to {stop - 1} are missing: {part.sentence}")
            else:
                yield part

    yield from parts.joined_steps(model, plan, measured())


def _spans(plan: AblationPlan, executor: Executors) -> list[tuple[int, int]]:
    """Inputs from where to where, in whole batches, so that the batches are those of a run on one machine."""
    n_batches = -(-plan.probe.n // plan.batch_size)
    count = n_workers(executor)
    n_tasks = n_batches if count is None else min(n_batches, _TASKS_A_WORKER * count)
    size = -(-n_batches // max(n_tasks, 1)) * plan.batch_size
    return [(start, min(start + size, plan.probe.n)) for start in range(0, plan.probe.n, size)]


def traps_ablated(
    model: Model, traps: Sequence[Trap], plans: Sequence[AblationPlan], executor: Executors | None, progress: Progress
) -> list[many.Row]:
    """A row per trap; of an interrupted run ``Interrupted.partial`` is the frame of those that are there."""
    import pandas as pd

    here = executor is None
    shipment = None if here else shipment_of(model, plans)
    steps = spread_steps(
        trap_row,
        range(len(traps)),
        [float(plan.probe.n) for plan in plans],
        lambda k: ((model, plans[k]) if here else (shipment, k), traps[k]),
        "Ablating traps",
        executor,
        progress,
        sizes=[float(len(shipment.content)) if shipment else 0.0] * len(traps),
    )

    def growing() -> Generator[list[many.Row]]:
        rows: dict[int, many.Row] = {}
        for index, row in steps:
            rows[index] = many.missing_row(traps[index], row.sentence) if isinstance(row, Lost) else row
            yield [rows[k] for k in sorted(rows)]

    return last_of(growing(), [], pd.DataFrame, lambda rows: len(rows) == len(traps), "The ablation")


def shipment_of(model: Model, plans: Sequence[AblationPlan]) -> Shipment:
    """Raises ``Complaint`` for a model that cannot run or cannot be pickled."""
    if model.module is None:
        raise Complaint(model.missing or "This model has weights but nothing to run them with.")
    about = {"name": model.name, "code": model.code, "forward": model.forward, "outputs": model.outputs}
    content = pickled((model.module, about, list(plans)), model.name)
    return Shipment(model.name, hashlib.blake2b(content, digest_size=16).hexdigest(), content)


def measured_span(payload: tuple[Shipment, tuple[int, int]]) -> Any:
    """Some inputs with all edits, on the worker's side."""
    shipment, (start, stop) = payload
    with _ONE_AT_A_TIME:
        model, [plan] = _unpacked(shipment)
        return parts.measured_part(model, plan, start, stop)


def trap_row(payload: tuple[tuple[Any, Any], Trap]) -> many.Row:
    """One trap ablated, here or on the worker's side."""
    (first, second), trap = payload
    if not isinstance(first, Shipment):
        return many.row_of(trap, ablation.ablate(first, second))
    with _ONE_AT_A_TIME:
        model, plans = _unpacked(first)
        return many.row_of(trap, ablation.ablate(model, plans[second]))


# Passes set and restore switches of torch that all threads of a process share.
_ONE_AT_A_TIME = threading.Lock()
_kept: dict[str, tuple[Model, list[AblationPlan]]] = {}


def _unpacked(shipment: Shipment) -> tuple[Model, list[AblationPlan]]:
    if shipment.digest not in _kept:
        _kept.clear()
        module, about, plans = unpickled(shipment.content, shipment.name)
        _kept[shipment.digest] = Model(store=open_module(module), module=module, **about), plans
    return _kept[shipment.digest]
