"""An ablation in parts: each part some of the inputs, measured anywhere, and together the same as one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..records import AblationPlan, AblationResult
from .ablation import RunnableModel, part_steps, run_of


@dataclass(frozen=True, slots=True)
class Part:
    """What some inputs gave: arrays ``(n_edits, n_inputs)`` by what was measured, and notes on how it went."""

    values: dict[str, np.ndarray]
    notes: dict[str, str]


def measured_part(model: RunnableModel, plan: AblationPlan, start: int, stop: int) -> Part:
    """The inputs ``start`` to ``stop`` alone, with all edits."""
    run = run_of(model, replace(plan, stop="all"))
    for _ in part_steps(run, start, stop):
        pass
    return Part(run.values.arrays, run.notes)


def joined_steps(model: RunnableModel, plan: AblationPlan, parts: Iterable[Part]) -> Iterator[AblationResult]:
    """The results of a run from its parts in order, batch by batch; ends where the plan says that it is decided."""
    run = run_of(model, plan)
    yield run.result()
    for part in parts:
        run.notes.update(part.notes)
        n = len(next(iter(part.values.values()))[0])
        for start in range(0, n, plan.batch_size):
            run.extend({name: values[:, start : start + plan.batch_size] for name, values in part.values.items()})
            yield run.result()
            if run.result().is_complete:
                return
