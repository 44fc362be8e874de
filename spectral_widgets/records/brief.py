"""Records that hold much, in one line: what a notebook shows of the last line of a cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TypeVar

import numpy as np

#: Characters of a line.
MOST = 200
_MOST_TEXT, _MOST_ITEMS = 40, 8
_LEFT_OUT = "…)"

Kind = TypeVar("Kind", bound=type)


def brief(kind: Kind) -> Kind:
    """Give a dataclass a ``repr`` of one line: arrays by dtype and shape, layers by name, long tuples by length.

    It stands above ``@dataclass``, which would write another one.
    """
    kind.__repr__ = one_line  # type: ignore[assignment]
    return kind


def one_line(record: object) -> str:
    """At most :data:`MOST` characters; what is empty or has no room is left out."""
    line = f"{type(record).__name__}("
    between = ""
    for part in _parts(record):
        if len(line) + len(between) + len(part) > MOST - len(f", {_LEFT_OUT}"):
            return f"{line}{between}{_LEFT_OUT}"
        line, between = line + between + part, ", "
    return f"{line})"


def _parts(record: object) -> Iterator[str]:
    for field in fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        is_empty = value is None or (isinstance(value, str | tuple | Mapping) and not value)
        if field.repr and not is_empty:
            yield f"{field.name}={_said(value)}"


def _said(value: object) -> str:
    shape = getattr(value, "shape", None)
    if is_dataclass(value):
        name = getattr(value, "name", None)
        return _said(name) if isinstance(name, str) else type(value).__name__
    if isinstance(shape, tuple) and not isinstance(value, np.generic):
        return f"{getattr(value, 'dtype', type(value).__name__)}[{', '.join(map(str, shape))}]"
    if isinstance(value, str):
        return repr(value if len(value) <= _MOST_TEXT else f"{value[: _MOST_TEXT - 1]}…")
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Collection) and not isinstance(value, bytes):
        return _many(value)
    plain = value is None or isinstance(value, int | np.generic)
    return str(value) if plain else type(value).__name__


def _many(values: Collection[object]) -> str:
    """Few numbers one by one; all else as how many there are of what."""
    items = list(values.items() if isinstance(values, Mapping) else values)
    if len(items) <= _MOST_ITEMS and all(isinstance(one, int | float | np.number) for one in items):
        return f"[{', '.join(map(_said, items))}]"
    kinds = {type(one).__name__ for one in items}
    return f"<{len(items)} {kinds.pop() if len(kinds) == 1 and not isinstance(values, Mapping) else 'items'}>"
