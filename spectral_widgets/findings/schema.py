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
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


VERSION = 2


@lru_cache(maxsize=2)
def report_schema(version: int = VERSION) -> dict[str, Any]:
    """The JSON Schema of a report, as it ships with the package."""
    return json.loads(files(__package__).joinpath(f"report-{version}.schema.json").read_text(encoding="utf-8"))


def violations(
    value: Any, schema: dict[str, Any], where: str = "the report", root: dict[str, Any] | None = None
) -> Iterator[str]:
    """What is wrong with the value, one phrase each; nothing for a valid one.

    Knows ``$ref``, ``type``, ``anyOf``, ``const``, ``enum``, ``minimum``, ``maximum``, ``required``, ``properties``,
    ``additionalProperties``, ``items``, ``minItems`` and ``maxItems``.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in schema:
        # What the last one says is told: the others are the ways to leave a value out.
        told = [list(violations(value, one, where, root)) for one in schema["anyOf"]]
        yield from () if any(not one for one in told) else told[-1]
        return
    if "type" in schema and not _has_type(value, schema["type"]):
        yield f"{where} must be of type {_said(schema['type'])}, not {type(value).__name__}"
        return
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and value not in allowed:
        yield f"{where} must be {' or '.join(map(repr, allowed))}, not {_short(value)}"
    if "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
        yield f"{where} must lie between {schema['minimum']} and {schema['maximum']}"
    if isinstance(value, dict):
        yield from _of_object(value, schema, where, root)
    if isinstance(value, list):
        yield from _of_array(value, schema, where, root)


def _has_type(value: Any, names: str | list[str]) -> bool:
    return any(_has_one_type(value, name) for name in ([names] if isinstance(names, str) else names))


def _has_one_type(value: Any, name: str) -> bool:
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _said(names: str | list[str]) -> str:
    return names if isinstance(names, str) else " or ".join(names)


def _short(value: Any) -> str:
    return repr(value)[:80]


def _of_array(value: list[Any], schema: dict[str, Any], where: str, root: dict[str, Any]) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{where} has {len(value)} items and must have {schema.get('minItems', 0)} or more, as the schema says"
    for at, item in enumerate(value):
        yield from violations(item, schema.get("items", {}), f"{where}[{at}]", root)


def _of_object(value: dict[str, Any], schema: dict[str, Any], where: str, root: dict[str, Any]) -> Iterator[str]:
    known = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{where} lacks {key!r}"
    for key, item in value.items():
        rule = known.get(key, schema.get("additionalProperties", True))
        if rule is False:
            yield f"{where} has the unknown field {_short(key)}"
        elif isinstance(rule, dict):
            yield from violations(item, rule, f"{where}.{key}", root)
