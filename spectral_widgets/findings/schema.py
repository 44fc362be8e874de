"""The schema of a report, and a checker for the part of JSON Schema that it uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
}


@lru_cache(maxsize=1)
def report_schema() -> dict[str, Any]:
    """The JSON Schema of a report, as it ships with the package."""
    return json.loads(files(__package__).joinpath("report.schema.json").read_text(encoding="utf-8"))


def violations(
    value: Any, schema: dict[str, Any], where: str = "the report", root: dict[str, Any] | None = None
) -> Iterator[str]:
    """What is wrong with the value, one phrase each; nothing for a valid one.

    Knows ``$ref``, ``type``, ``const``, ``enum``, ``required``, ``properties``,
    ``additionalProperties`` and ``items``.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    if "type" in schema and not _has_type(value, schema["type"]):
        yield f"{where} must be of type {schema['type']}, not {type(value).__name__}"
        return
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and value not in allowed:
        yield f"{where} must be {' or '.join(map(repr, allowed))}, not {value!r}"
    if isinstance(value, dict):
        yield from _of_object(value, schema, where, root)
    if isinstance(value, list) and "items" in schema:
        for at, item in enumerate(value):
            yield from violations(item, schema["items"], f"{where}[{at}]", root)


def _has_type(value: Any, name: str) -> bool:
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name]) and not isinstance(value, bool)


def _of_object(value: dict[str, Any], schema: dict[str, Any], where: str, root: dict[str, Any]) -> Iterator[str]:
    known = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{where} lacks {key!r}"
    for key, item in value.items():
        rule = known.get(key, schema.get("additionalProperties", True))
        if rule is False:
            yield f"{where} has the unknown field {key!r}"
        elif isinstance(rule, dict):
            yield from violations(item, rule, f"{where}.{key}", root)
