"""Findings as a table: one row a finding, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import Any

from ..records import Report
from .as_json import report_to_dict
from .plain import cell, shown

_PLAIN_COLUMNS = ("id", "claim", "layer", "strength", "note")
_PROVENANCE = (
    "model",
    "fingerprint",
    "layer_digest",
    "seeds",
    "engine",
    "device",
    "precision",
    "versions",
    "created",
    "code",
)
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\n")


def to_csv(report: Report) -> str:
    """RFC 4180 text: claims, notes, caveats, one column for each kind of evidence, and provenance."""
    rows = [_row(finding) for finding in report_to_dict(report)["findings"]]
    evidence = list(dict.fromkeys(key for row in rows for key in row if key.startswith("evidence.")))
    columns = [*_PLAIN_COLUMNS, "caveats", *evidence, *(f"provenance.{name}" for name in _PROVENANCE)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe(column) for column in columns])
    writer.writerows([[row.get(column, "") for column in columns] for row in rows])
    return out.getvalue()


def _row(finding: dict[str, Any]) -> dict[str, str]:
    row = {name: safe(finding[name]) for name in _PLAIN_COLUMNS}
    row["caveats"] = safe(" ".join(finding["caveats"]))
    row |= {f"evidence.{key}": _value(item) for key, item in finding["evidence"].items()}
    provenance = finding["provenance"]
    return row | {f"provenance.{name}": _value(provenance[name]) for name in _PROVENANCE}


def _value(item: Any) -> str:
    """Numbers in full precision and unguarded, a missing one empty, everything else as guarded text."""
    if item is None:
        return ""
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        return repr(item)
    return safe(item if isinstance(item, str) else cell(item))


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that starts like a formula gets an apostrophe.

    >>> safe("=1+1"), safe(" @cmd"), safe("fc1.weight")
    ("'=1+1", "' @cmd", 'fc1.weight')
    """
    text = shown(text)
    # Full-width signs count too: some spreadsheets read them as the plain ones.
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if text.startswith(_STARTS_FORMULA) or first.startswith(_STARTS_FORMULA) else text
