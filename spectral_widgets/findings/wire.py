"""Records as plain JSON values and back, read off the types of their fields; one definition for all of them."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..records import Card, LayerRef, Measurement, Trap, TrapScan
from .plain import without_surrogates

#: Fields that are not written: the layer around them says them, or they are too long or of no use to a reader.
LEFT_OUT: dict[type, frozenset[str]] = {
    Trap: frozenset({"layer", "left", "right"}),
    TrapScan: frozenset({"layer"}),
    Measurement: frozenset({"layer"}),
    Card: frozenset({"evidence", "laws", "worked"}),
}
#: Arrays are little-endian; float32 unless a number is out of its range.
DTYPES = ("float32", "float64")


@lru_cache(maxsize=128)
def types_of(kind: type) -> dict[str, Any]:
    """The written fields of a record with their types, in their order."""
    hints = get_type_hints(kind)
    left_out = LEFT_OUT.get(kind, frozenset())
    return {field.name: hints[field.name] for field in fields(kind) if field.name not in left_out}


def to_wire(value: Any) -> Any:
    """A record, or what is in one, as JSON has it. A number that is not finite becomes null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_wire(getattr(value, name)) for name in types_of(type(value))}
    if isinstance(value, np.ndarray):
        return array_to_wire(value)
    if isinstance(value, Mapping):
        return {without_surrogates(str(key)): to_wire(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_wire(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return without_surrogates(value) if isinstance(value, str) else value


def from_wire(kind: Any, data: Any, layer: LayerRef | None = None) -> Any:
    """The value of this type in data that obeys the schema; ``layer`` is the layer that the records are about."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if data is None else from_wire(next(one for one in arguments if one is not NoneType), data, layer)
    if origin is tuple:
        inner = arguments[0] if arguments[-1] is Ellipsis else None
        kinds = [inner] * len(data) if inner is not None else list(arguments)
        return tuple(from_wire(one, item, layer) for one, item in zip(kinds, data, strict=True))
    if origin is not None and issubclass_of(origin, Mapping):
        return {key: from_wire(arguments[1], item, layer) for key, item in data.items()}
    if kind is np.ndarray:
        return array_from_wire(data)
    if is_dataclass(kind):
        return _record(kind, data, layer)
    if kind is float:
        return math.nan if data is None else float(data)
    return int(data) if kind is int else data


def _record(kind: Any, data: Any, layer: LayerRef | None) -> Any:
    values = {name: from_wire(one, data[name], layer) for name, one in types_of(kind).items()}
    if kind is Card:
        return Card(**values, evidence="")
    if kind is Measurement:
        return Measurement(layer=layer.name if layer is not None else "", **values)
    if kind in (Trap, TrapScan) and layer is None:
        raise ValueError("a trap without its layer")
    if kind is Trap and layer is not None:
        return Trap(layer=layer, left=np.empty(0), right=np.empty(0), **values)
    return TrapScan(layer=layer, **values) if kind is TrapScan and layer is not None else kind(**values)


def issubclass_of(kind: Any, base: type) -> bool:
    """Whether this is a class below ``base``; a ``Literal`` is not."""
    return isinstance(kind, type) and issubclass(kind, base) and kind is not Literal


def array_to_wire(array: np.ndarray) -> dict[str, Any]:
    """Base64 of the numbers, row by row, with their dtype and shape."""
    with np.errstate(over="ignore"):
        narrow = np.asarray(array, dtype="<f4")
    lost = np.isfinite(array) & (~np.isfinite(narrow) | ((narrow == 0) & (array != 0)))
    kept = np.asarray(array, dtype="<f8") if lost.any() else narrow
    dtype = DTYPES[kept.dtype.itemsize == 8]
    text = base64.b64encode(np.ascontiguousarray(kept).tobytes()).decode()
    return {"dtype": dtype, "shape": list(array.shape), "base64": text}


def array_from_wire(data: dict[str, Any]) -> np.ndarray:
    """The numbers in float64. Raises ``ValueError`` for bytes that are none, or that do not fill the shape."""
    raw = base64.b64decode(data["base64"], validate=True)
    dtype = np.dtype("<f4" if data["dtype"] == "float32" else "<f8")
    if any(side < 0 for side in data["shape"]) or math.prod(data["shape"]) * dtype.itemsize != len(raw):
        raise ValueError(f"an array of shape {data['shape']} holds {len(raw)} bytes of {data['dtype']}")
    return np.frombuffer(raw, dtype).reshape(data["shape"]).astype(np.float64)
