"""An ablation in parts: each part some of the inputs, measured anywhere, and together the same as one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from ..records import AblationPlan, AblationResult
from .ablation import RunnableModel, part_steps, run_of


def values_of_part(model: RunnableModel, plan: AblationPlan, start: int, stop: int) -> dict[str, np.ndarray]:
    """What the inputs ``start`` to ``stop`` alone give: arrays ``(n_edits, stop − start)`` by what was measured."""
    run = run_of(model, replace(plan, stop="all"))
    for _ in part_steps(run, start, stop):
        pass
    return run.values.arrays


def joined_steps(
    model: RunnableModel, plan: AblationPlan, parts: Iterable[dict[str, np.ndarray]]
) -> Iterator[AblationResult]:
    """The results of a run from its parts in order, batch by batch; ends where the plan says that it is decided."""
    run = run_of(model, plan)
    yield run.result()
    for part in parts:
        n = len(next(iter(part.values()))[0])
        for start in range(0, n, plan.batch_size):
            run.extend({name: values[:, start : start + plan.batch_size] for name, values in part.items()})
            yield run.result()
            if run.result().is_complete:
                return
