"""The JSON Schema of a report, read off the records; the published file is what this gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np

from ..records import SCHEMA, AblationReport, Card, LayerReport, ReportedModel, ReportSettings
from .schema import report_schema
from .wire import DTYPES, issubclass_of, types_of

#: Whole numbers that every reader can hold.
_LEAST, _MOST = -(2**63), 2**64 - 1
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": _LEAST, "maximum": _MOST},
    float: {"type": ["number", "null"]},
}
_ARRAY = {
    "type": "object",
    "description": "Numbers in base64, little-endian, row by row. NaN and infinity may be among them.",
    "required": ["dtype", "shape", "base64"],
    "additionalProperties": False,
    "properties": {
        "dtype": {"enum": list(DTYPES)},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 2**31}},
        "base64": {"type": "string"},
    },
}


def made_schema() -> dict[str, Any]:
    """The schema of version 2: findings as in version 1, everything else by the types of the records."""
    defs: dict[str, Any] = dict(report_schema(1)["$defs"])
    made = {
        "model": _schema_of(ReportedModel | None, defs),
        "settings": _schema_of(ReportSettings | None, defs),
        "versions": {"type": "object", "additionalProperties": {"type": "string"}},
        "code": {"type": "string", "description": "Python that makes the report again. Text; readers never run it."},
        "caveats": {"type": "array", "items": {"type": "string"}},
        "cards": _schema_of(tuple[Card, ...], defs),
        "layers": _schema_of(tuple[LayerReport, ...], defs),
        "ablations": _schema_of(tuple[AblationReport, ...], defs),
    }
    first = report_schema(1)["properties"]
    properties = {
        "schema": {"const": SCHEMA},
        "title": first["title"],
        "created": first["created"],
        "is_complete": {"type": "boolean", "description": "False for what an interrupt left."},
        **made,
        "findings": first["findings"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:spectral_widgets:report:2",
        "title": "Report of spectral_widgets, version 2",
        "description": "A null in the place of a number is a missing number; a caveat beside it says why.",
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
        "$defs": {"array": _ARRAY, **dict(sorted(defs.items()))},
    }


def _schema_of(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; records go to ``defs`` once and are referred to."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if kind is np.ndarray:
        return {"$ref": "#/$defs/array"}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        inner = next(one for one in arguments if one is not NoneType)
        return {"anyOf": [{"type": "null"}, _schema_of(inner, defs)]}
    if origin is tuple:
        items = {"type": "array", "items": _schema_of(arguments[0], defs)}
        fixed = {} if arguments[-1] is Ellipsis else {"minItems": len(arguments), "maxItems": len(arguments)}
        return items | fixed
    if issubclass_of(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema_of(arguments[1], defs)}
    if is_dataclass(kind) and isinstance(kind, type):
        return _reference(kind, defs)
    raise TypeError(f"no schema for {kind!r}")


def _reference(kind: type, defs: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in defs:
        defs[name] = {}  # a record may hold others of its kind
        properties = {field: _schema_of(one, defs) for field, one in types_of(kind).items()}
        defs[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " "),
            "required": list(properties),
            "additionalProperties": False,
            "properties": properties,
        }
    return {"$ref": f"#/$defs/{name}"}
