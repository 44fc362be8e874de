"""A table of measurements as a pandas frame."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..records import Measurement, Table


def frame_of(table: Table) -> pd.DataFrame:
    """One row per layer, indexed by its name: kind, depth, shape, aspect, the metrics, and ``caveats``.

    ``caveats`` is one text per layer, metric by metric. ``frame.attrs["cards"]`` maps each metric to its
    symbol, unit, meaning and source in plain strings. A metric that is estimated for some layer has its standard
    errors beside it, in a column that ends in ``_standard_error`` and is ``nan`` where the value is exact.
    """
    frame = pd.DataFrame(
        {
            "kind": [layer.kind for layer in table.layers],
            "depth": pd.array([layer.depth for layer in table.layers], dtype="Int64"),
            "shape": [layer.shape for layer in table.layers],
            "aspect": [layer.aspect for layer in table.layers],
        },
        index=pd.Index([layer.name for layer in table.layers], name="layer"),
    )
    for position, card in enumerate(table.cards):
        frame[card.name] = [row[position].value for row in table.measurements]
        if any(row[position].is_estimated for row in table.measurements):
            frame[f"{card.name}_standard_error"] = [row[position].standard_error for row in table.measurements]
    frame["caveats"] = [_caveats(row) for row in table.measurements]
    frame.attrs["cards"] = {
        card.name: {
            "symbol": card.symbol,
            "unit": card.unit,
            "meaning": card.meaning,
            "source": card.source,
        }
        for card in table.cards
    }
    return frame


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame in plain values, its index among them; what is missing is ``None``."""
    plain = frame.reset_index().astype(object)
    plain = plain.where(plain.notna(), None)
    return [dict(zip(plain.columns, values, strict=True)) for values in plain.itertuples(index=False)]


def _caveats(row: tuple[Measurement, ...]) -> str:
    """Each caveat once, after the metrics that share it."""
    metrics: dict[str, list[str]] = {}
    for one in row:
        if one.caveat:
            metrics.setdefault(one.caveat, []).append(one.metric)
    return " ".join(f"{', '.join(names)}: {caveat}" for caveat, names in metrics.items())
