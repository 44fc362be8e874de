"""The table of layers as the page gets it: rows in their columns, what else can be a column, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import text
from . import Json, columns
from .layers import dressed, left_out_view, waiting_row

if TYPE_CHECKING:
    from ..bench import Bench


def table_view(bench: Bench, is_active: bool) -> Json:
    """The whole panel."""
    refs = [layer.ref for layer in bench.model.layers]
    rows = [bench.memory.rows.get(ref.name) or waiting_row(ref) for ref in refs]
    return {
        "model": bench.model.name,
        "summary": _summary(bench),
        "kinds": sorted({ref.kind for ref in refs}),
        "columns": columns.heads(bench.state.columns),
        "choices": columns.choices(),
        "presets": columns.preset_buttons(),
        "legends": columns.legends(bench.state.columns) if bench.state.bands else [],
        "other": bench.other.name if bench.other is not None else "",
        "rows": dressed_rows(bench, rows),
        "left_out": left_out_view(bench.model.left_out),
        "job_active": is_active,
    }


def dressed_rows(bench: Bench, rows: Iterable[Json]) -> list[Json]:
    """Rows with the columns and bands that the screen shows now."""
    state, measured = bench.state, bench.memory.measured
    return [
        dressed(
            row,
            measured.get(row["name"], {}),
            state.columns,
            with_bands=state.bands,
            beside=bench.other.measured(row["name"]) if bench.other is not None else None,
        )
        for row in rows
    ]


def _summary(bench: Bench) -> str:
    names, memory = bench.model.layers.names, bench.memory
    count = sum(layer.ref.n_entries for layer in bench.model.layers)
    words = f"{text.plural(len(names), 'layer')}, {count:,} weights, {bench.model.precision} on {bench.model.device}"
    done = [memory.measured[name] for name in names if memory.is_measured(name)]
    trapped = sum(1 for known in done if "traps" in known and known["traps"].value > 0)
    return f"{words}; {len(done)} measured, {trapped} with traps" if done else words
