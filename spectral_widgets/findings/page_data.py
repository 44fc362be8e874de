"""Rows of charts in few bytes, and plain JSON that can stand within a page."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Row = Mapping[str, Any]
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_WHOLE = (("u1", np.uint8), ("u2", np.uint16), ("u4", np.uint32))


class ColumnPool:
    """Columns of numbers, each kept once: the same places serve a linear and a logarithmic axis."""

    def __init__(self) -> None:
        self.columns: list[Any] = []
        self._known: dict[str, int] = {}

    def packed(self, datasets: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
        """``{name: {"n": rows, "columns": {key: place in the pool}}}``."""
        return {
            name: {
                "n": len(rows),
                "columns": {key: self._kept([row.get(key) for row in rows]) for key in (rows[0] if rows else ())},
            }
            for name, rows in datasets.items()
        }

    def _kept(self, values: list[Any]) -> int:
        column = packed_column(values)
        key = json.dumps(column)
        if key not in self._known:
            self._known[key] = len(self.columns)
            self.columns.append(column)
        return self._known[key]


def packed_column(values: Sequence[Any]) -> Any:
    """One value for all rows, base64 of whole or of float32 numbers, places in a list of texts, or the values.

    >>> packed_column([2, 2, 2]), packed_column([0.5, None])
    ({'all': 2}, {'list': [0.5, None]})
    """
    if all(type(one) is type(values[0]) and one == values[0] for one in values):
        return {"all": values[0]}
    if all(isinstance(one, str) for one in values):
        texts = list(dict.fromkeys(values))
        return {"texts": texts, "at": packed_column([texts.index(one) for one in values])}
    if all(type(one) is int and 0 <= one < 2**32 for one in values):
        kind, dtype = next((kind, dtype) for kind, dtype in _WHOLE if max(values) <= np.iinfo(dtype).max)
        return {kind: _base64(np.asarray(values, dtype=dtype))}
    if all(type(one) is float for one in values) and _fits(np.asarray(values)):
        return {"f4": _base64(np.asarray(values, dtype="<f4"))}
    return {"list": list(values)}


def _fits(values: np.ndarray) -> bool:
    """Whether float32 holds them all: none of them grows to infinity or shrinks to zero in it."""
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    return bool(np.isfinite(narrow).all() and (narrow[values != 0] != 0).all())


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()).decode()


def json_block(data: Any) -> str:
    """JSON in which no markup can begin, for a ``<script type="application/json">``.

    >>> json_block(["</script>"])
    '["\\\\u003c/script\\\\u003e"]'
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_UNSAFE)
