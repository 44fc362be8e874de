"""Numbers that were kept, and whether a new run fell behind them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from .rows import Record, Row

BASELINE = Path(__file__).parent / "baseline.json"
#: A ratio may be so much worse than it was before it counts as a fall.
ALLOWED = 0.25


def kept(mode: str, path: Path = BASELINE) -> Record | None:
    """The record of this mode in the file, if there is one."""
    records = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return Record.from_json(records[mode]) if mode in records else None


def keep(record: Record, path: Path = BASELINE) -> Record:
    """Put the record in place of the one of its mode, and return what is kept.

    Parts that it did not run stay if they were measured on the same machine with the same versions.
    """
    records = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    before = Record.from_json(records[record.mode]) if record.mode in records else None
    whole = record if before is None or before.machine != record.machine else merged(before, record)
    records[record.mode] = whole.to_json()
    path.write_text(json.dumps(records, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")
    return whole


def merged(before: Record, record: Record) -> Record:
    """The newer record with the older one's other parts, in the order of the older."""
    parts = {part.title: part for part in before.parts} | {part.title: part for part in record.parts}
    return replace(record, parts=tuple(parts.values()))


def change(row: Row, before: Row) -> float:
    """How much better the median is than it was: 0.1 is a tenth better, whichever way better lies."""
    gain = before.value / row.value if row.at_most else row.value / before.value
    return gain - 1


def fell(row: Row, before: Row) -> bool:
    """Whether a ratio is more than :data:`ALLOWED` worse, beyond the spread of both.

    The medians are that far apart, and the quartiles of the two do not overlap. Times depend on the machine and
    differences on rounding, so they never fall.
    """
    if row.kind != "ratio" or change(row, before) >= -ALLOWED:
        return False
    if row.at_most:
        return row.quartiles[0] > before.quartiles[1]
    return row.quartiles[1] < before.quartiles[0]


def compared(record: Record, before: Record | None) -> list[tuple[str, Row, Row]]:
    """Title, row and earlier row of every ratio that both have."""
    known = before.rows() if before else {}
    both = [(key, row, known[key]) for key, row in record.rows().items() if key in known and row.kind == "ratio"]
    return [(f"{title}: {name}, {peer}", row, old) for (title, name, peer), row, old in both]


def fallen(record: Record, before: Record | None) -> list[tuple[str, Row, Row]]:
    """Those of them that fell."""
    return [one for one in compared(record, before) if fell(*one[1:])]
