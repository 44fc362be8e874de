"""The table of one bench: its own layers, those of the other model, and what is measured on request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from .columns import measured_on_request
from .state import BenchState
from .tasks import TableProgress, by_cost, lacking, requested_steps, table_steps

if TYPE_CHECKING:
    from .bench import Bench


def filling_steps(bench: Bench, state: BenchState) -> Iterator[TableProgress]:
    """The table of the model, then what stands beside it in the other one, then the metrics that were asked for."""
    layers, show_row = bench.model.layers, bench.screen.show_row
    steps = table_steps(layers, bench.memory, state, show_row)
    if bench.other is None:
        yield from steps
    else:
        yield from (replace(one, share=one.share / 2, n_total=2 * one.n_total) for one in steps)
        yield from _other_steps(bench)
    yield from requested_steps(layers, bench.memory, lambda: wanted(bench.state), show_row)


def _other_steps(bench: Bench) -> Iterator[TableProgress]:
    assert bench.other is not None
    names = [layer.name for layer in by_cost(bench.model.layers)]
    for done, name in enumerate(bench.other.measure_steps(names), 1):
        bench.screen.refresh_other(name)
        yield TableProgress(len(names) + done, 0.5 + 0.5 * done / len(names), 2 * len(names))


def wanted(state: BenchState) -> tuple[str, ...]:
    """What the screen shows that is measured on request only."""
    return measured_on_request((*state.columns, state.chart_x, state.chart_y))


def waits(bench: Bench) -> bool:
    """True when something shown has to be measured and nothing is on its way to it."""
    job = bench.jobs.get("layers")
    idle = job is not None and not job.is_active
    return idle and bool(lacking(bench.model.layers, bench.memory, wanted(bench.state)))
