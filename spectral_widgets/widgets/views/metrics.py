"""The chart of metrics: one over depth, or two against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...charts.metric_chart import metric_spec
from ...charts.metric_rows import ChartAxis, left_out, metric_datasets
from ...charts.metric_text import metric_text
from .. import text
from . import Json, bands, columns

if TYPE_CHECKING:
    from ..bench import Bench


def metrics_view(bench: Bench) -> Json:
    """The chart, its finding, what it leaves out, and what else it could show."""
    state, measured = bench.state, bench.memory.measured
    refs = [layer.ref for layer in bench.model.layers]
    across = _axis(_place(bench) if state.chart_x == "depth" else state.chart_x)
    up = _axis(state.chart_y)
    beside = {ref.name: bench.other.measured(ref.name) for ref in refs} if bench.other is not None else None
    data = metric_datasets(refs, measured, across, up, other=beside, chosen=state.layer, log=state.chart_log)
    rows = data["layers"]
    words = metric_text(rows, across, up)
    spec = metric_spec(refs, across, up, state.chart_log)
    return {
        "status": "ready" if rows else "empty",
        "sentence": words,
        "notes": _notes(bench, across.name, data),
        "chart": {"spec": spec, "datasets": data, "alt": words} if rows else None,
        "choices": columns.axes(),
    }


def _axis(name: str) -> ChartAxis:
    return ChartAxis(name, columns.axis_title(name), tuple(bands.limits(name)))


def _place(bench: Bench) -> str:
    """Depth, unless no layer has one."""
    return "depth" if any(layer.ref.depth is not None for layer in bench.model.layers) else "position"


def _notes(bench: Bench, across: str, data: dict[str, list[Json]]) -> list[str]:
    state, measured = bench.state, bench.memory.measured
    refs = [layer.ref for layer in bench.model.layers]
    notes = []
    if across != state.chart_x:
        notes.append("No layer of this model has a depth, so they stand in the order of the model.")
    homeless = sum(1 for row in data["layers"] if row["depth"] is None)
    if across == "depth" and homeless:
        notes.append(f"{text.plural(homeless, 'layer')} without a depth at the left, joined by no line.")
    hidden = left_out(refs, measured, across, state.chart_y, state.chart_log)
    if hidden:
        why = "" if state.chart_log == "none" else ", or not positive on a logarithmic axis"
        notes.append(f"{text.plural(hidden, 'measured layer')} not drawn: the value is missing{why}.")
    if bench.other is not None:
        notes.append(f"Filled: this model. Hollow: the other model, {bench.other.name}.")
    return notes
