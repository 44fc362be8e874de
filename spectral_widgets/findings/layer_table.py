"""The table of a report's layers: one row a layer, for CSV, Parquet and Markdown."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from ..records import Complaint, LayerReport, Measurement, Report
from .plain import plain, shown
from .tables import Cards, table_csv

Row = dict[str, Any]


def layer_rows(report: Report) -> list[Row]:
    """Name, kind, depth, shape, every metric with its standard error where one is estimated, and the caveats.

    A missing number is ``None``.
    """
    estimated = {one.metric for layer in report.layers for one in layer.measurements if one.is_estimated}
    return [_row(layer, [card.name for card in report.cards], estimated) for layer in report.layers]


def cards_of(report: Report) -> Cards:
    """Symbol, unit, meaning and source of every metric of the report."""
    return {
        card.name: {"symbol": card.symbol, "unit": card.unit, "meaning": card.meaning, "source": card.source}
        for card in report.cards
    }


def layers_csv(report: Report) -> str:
    """One line per metric that starts with ``#``, then the table; see :func:`table_csv`."""
    return table_csv(layer_rows(report), cards_of(report))


def layers_parquet(report: Report) -> bytes:
    """The table as Parquet: numbers as doubles, missing ones null; the cards are metadata of their columns.

    Raises ``Complaint`` where pyarrow is not installed, or where there is no layer.
    """
    if not report.layers:
        raise Complaint("The report has no layers, so there is no table for Parquet; save as .csv or .json instead.")
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise Complaint("Parquet needs pyarrow: pip install 'spectral_widgets[parquet]'.") from error
    rows, cards = layer_rows(report), cards_of(report)
    columns = [_column(arrow, name, [row[name] for row in rows]) for name in rows[0]]
    made = [
        arrow.field(shown(name), column.type, metadata={key: shown(text) for key, text in cards.get(name, {}).items()})
        for name, column in zip(rows[0], columns, strict=True)
    ]
    about = {"title": shown(report.title), "schema": report.schema, "created": shown(report.created)}
    out = io.BytesIO()
    parquet.write_table(arrow.table(columns, schema=arrow.schema(made, metadata=about)), out)
    return out.getvalue()


def _row(layer: LayerReport, metrics: list[str], estimated: set[str]) -> Row:
    ref, known = layer.ref, {one.metric: one for one in layer.measurements}
    row: Row = {
        "layer": ref.name,
        "kind": ref.kind,
        "depth": ref.depth,
        "shape": "×".join(map(str, ref.shape)),
        "aspect": plain(ref.aspect),
    }
    for name in metrics:
        one = known.get(name, Measurement(ref.name, name, float("nan")))
        row[name] = plain(float(one.value))
        if name in estimated:
            row[f"{name}_standard_error"] = plain(float(one.standard_error))
    return {**row, "caveats": caveats_text(layer)}


def caveats_text(layer: LayerReport) -> str:
    """Each caveat of the layer once, after the metrics that share it."""
    metrics: dict[str, list[str]] = {}
    for one in layer.measurements:
        if one.caveat:
            metrics.setdefault(one.caveat, []).append(one.metric)
    said = [f"{', '.join(names)}: {caveat}" for caveat, names in metrics.items()]
    return " ".join([layer.ref.caveat, *said] if layer.ref.caveat and not said else said)


def _column(arrow: Any, name: str, values: list[Any]) -> Any:
    if name in ("layer", "kind", "shape", "caveats"):
        return arrow.array([shown(value) for value in values], arrow.string())
    return arrow.array(values, arrow.int64() if name == "depth" else arrow.float64())
