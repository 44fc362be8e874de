"""The door out for tables: a frame of measurements as a file that says what its columns are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .records import Complaint

if TYPE_CHECKING:
    import pandas as pd


def save_table(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a frame of :func:`measure` or :func:`compare` as ``.csv`` or ``.json``, with units and sources.

    A CSV file begins with one line per metric, marked ``#``: ``pandas.read_csv(path, comment="#")`` reads the rest.
    JSON has ``metrics`` (symbol, unit, meaning, source) beside ``rows``. A unit of 1 is a pure number. The frame may
    have been sorted, filtered or cut to some columns. Raises ``Complaint`` for a frame without cards.
    """
    from .findings.tables import save_table as save
    from .metrics.frame import rows_of

    if "cards" not in frame.attrs:
        raise Complaint("This frame does not know its metrics: give one that measure or compare made.")
    cards = {name: card for name, card in frame.attrs["cards"].items() if name in frame.columns}
    return save(rows_of(frame), cards, path)
