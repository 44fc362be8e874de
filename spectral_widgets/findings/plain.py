"""Values and texts made harmless: JSON values without NaN, texts without control characters."""

from __future__ import annotations

import math
import re
from typing import Any

from ..records import Complaint
from ..records.shown import UNWANTED, shown

__all__ = ["UNWANTED", "cell", "depth_of", "missing", "number", "one_line", "plain", "shown", "without_surrogates"]

DEEPEST = 20


def plain(value: Any, where: str = "evidence", depth: int = 0) -> Any:
    """The value as JSON has it: dicts with text keys, lists, texts, numbers, booleans, null.

    Numbers that are not finite become null. Numpy scalars and arrays are read by their ``tolist``.
    Raises Complaint for anything else, naming the place.
    """
    if depth > DEEPEST:
        raise Complaint(f"The {where} is nested more than {DEEPEST} deep; flatten it.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return without_surrogates(str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return _plain_dict(value, where, depth)
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}[{at}]", depth + 1) for at, item in enumerate(value)]
    if hasattr(value, "tolist"):
        return plain(value.tolist(), where, depth + 1)
    raise Complaint(f"The {where} holds a value of type {type(value).__name__}, which JSON does not have.")


def _plain_dict(value: dict[Any, Any], where: str, depth: int) -> dict[str, Any]:
    wrong = next((key for key in value if not isinstance(key, str)), None)
    if wrong is not None:
        raise Complaint(f"The {where} has the key {wrong!r}; keys must be texts.")
    return {without_surrogates(key): plain(item, f"{where}.{key}", depth + 1) for key, item in value.items()}


def missing(value: Any, where: str) -> list[str]:
    """A caveat for every number that is not finite and will therefore be written as null."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in missing(item, f"{where}.{key}")]
    if isinstance(value, (list, tuple)):
        return [text for at, item in enumerate(value) for text in missing(item, f"{where}[{at}]")]
    if hasattr(value, "tolist") and not isinstance(value, float):
        return missing(value.tolist(), where)
    if isinstance(value, float) and not math.isfinite(value):
        name = "not a number" if math.isnan(value) else "infinite"
        return [f"{where} has no value: it came out {name}."]
    return []


def depth_of(value: Any, most: int = DEEPEST) -> int:
    """How deep lists and mappings lie in each other, counted up to one more than ``most``.

    >>> depth_of({"a": [1]}), depth_of(3)
    (2, 0)
    """
    if not isinstance(value, dict | list | tuple) or most < 0:
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max((depth_of(item, most - 1) for item in inner), default=0)


def without_surrogates(text: str) -> str:
    """The text with halves of characters, which UTF-8 cannot hold, replaced by U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def one_line(text: object) -> str:
    """Like :func:`shown`, with every run of white space made one blank."""
    return " ".join(shown(text).split())


def number(value: float | int) -> str:
    """A number for reading: integers in full, others to six digits."""
    return f"{value}" if isinstance(value, int) else f"{value:.6g}"


def cell(value: Any) -> str:
    """Any plain JSON value as one line of text; nothing for null, in words for yes and no."""
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, dict):
        return "; ".join(f"{one_line(key)}: {cell(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(cell(item) for item in value)
    return one_line(value)
