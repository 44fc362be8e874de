"""A table of numbers as a file that carries the unit, meaning and source of every column."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..records import Complaint
from .as_csv import safe
from .plain import one_line, plain
from .writing import write_file

Rows = Sequence[Mapping[str, Any]]
Cards = Mapping[str, Mapping[str, str]]
_PURE = "1"


def save_table(rows: Rows, cards: Cards, path: str | os.PathLike[str]) -> Path:
    """Write by suffix, ``.csv`` or ``.json``, and return what was written; a file is replaced in one go.

    ``cards`` maps a column to its symbol, unit, meaning and source. Raises ``Complaint`` for another suffix.
    """
    target = Path(path).expanduser()
    suffix = target.suffix.lower()
    if suffix not in _WRITERS:
        raise Complaint(f"{target.name}: a table has no format {suffix!r}; use {' or '.join(SUFFIXES)}.")
    write_file(target, _WRITERS[suffix](rows, cards).encode())
    return target


def table_csv(rows: Rows, cards: Cards) -> str:
    """One line per metric that starts with ``#``, then the table; every text is in quotes.

    ``pandas.read_csv(path, comment="#")`` reads the table alone. Numbers are in full precision, missing ones empty.
    """
    out = io.StringIO()
    for name, card in cards.items():
        text = f"{name} = {card['symbol']} [{card['unit'] or _PURE}]: {card['meaning']} Source: {card['source']}"
        out.write(f"# {one_line(text)}\n")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer.writerow([safe(column) for column in columns])
    writer.writerows([[_field(row.get(column)) for column in columns] for row in rows])
    return out.getvalue()


def table_json(rows: Rows, cards: Cards) -> str:
    """``{"metrics": {name: {symbol, unit, meaning, source}}, "rows": [{…}]}``; missing numbers are null."""
    data = {
        "metrics": {name: dict(card) | {"unit": card["unit"] or _PURE} for name, card in cards.items()},
        "rows": [plain(dict(row), f"row {number}") for number, row in enumerate(rows, 1)],
    }
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _field(value: Any) -> float | int | str:
    value = plain(value, "table")
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return safe("×".join(map(str, value)) if isinstance(value, list) else str(value))


_WRITERS = {".csv": table_csv, ".json": table_json}
SUFFIXES = tuple(_WRITERS)
