"""Frozen records as bytes and back, bit for bit. Plain data only: reading runs no code, whoever wrote it."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from .. import records
from ..records import LayerRef

_MAGIC = b"swr1"
_HEAD = struct.Struct("<4sIII")  # magic, checksum of the rest, length of the packed and of the plain tree
_PLAIN_NAN = struct.pack("<d", math.nan)
_NUMBERS = "biufc"
# A compressed piece is kept when it saves a tenth; random digits never do, so a sample decides.
_WORTH = 0.9
_SAMPLE_BYTES = 1 << 14
_MIN_PACKED_BYTES = 256

#: The records that may be named in stored bytes.
RECORDS: dict[str, type] = {name: vars(records)[name] for name in records.__all__ if is_dataclass(vars(records)[name])}

_FIELDS = {name: tuple(field.name for field in fields(kind)) for name, kind in RECORDS.items()}


class Unstorable(TypeError):
    """This value has no stored form; whoever asked computes it again."""


class Damaged(ValueError):
    """These bytes are no record, or not what was written."""


def encoded(record: object, layer: LayerRef) -> bytes:
    """A record as bytes. ``layer`` itself is left out, so that equal weights under another name find their records.

    Raises :class:`Unstorable` for anything but records of ours, tuples, mappings, numbers, text and numeric arrays.
    A ``numpy.float64`` comes back as the ``float`` that it is.
    """
    writer = _Writer(layer)
    tree = json.dumps(writer.tree(record), separators=(",", ":")).encode("ascii")
    packed = _packed(tree)
    body = b"".join([packed, *writer.pieces])
    return _HEAD.pack(_MAGIC, zlib.crc32(body), len(packed), len(tree)) + body


def decoded(data: bytes, layer: LayerRef) -> Any:
    """The record that :func:`encoded` wrote, about ``layer``. Raises :class:`Damaged` for any other bytes."""
    try:
        magic, checksum, n_packed, n_plain = _HEAD.unpack_from(data)
        body = memoryview(data)[_HEAD.size :]
        if magic != _MAGIC or zlib.crc32(body) != checksum:
            raise Damaged("The checksum of a stored record does not fit.")
        tree = json.loads(_unpacked(body[:n_packed], n_plain))
        return _Reader(layer, body[n_packed:]).value(tree)
    except Damaged:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error, zlib.error) as error:
        raise Damaged(f"A stored record cannot be read ({error}).") from error


@dataclass(slots=True)
class _Writer:
    layer: LayerRef
    pieces: list[bytes]
    n_bytes: int

    def __init__(self, layer: LayerRef) -> None:
        self.layer, self.pieces, self.n_bytes = layer, [], 0

    def tree(self, value: object) -> Any:
        """The value in JSON's own terms. Lists are tuples; everything else is a mapping with one key that says what."""
        if value is None or (isinstance(value, bool | int | str) and not isinstance(value, np.generic)):
            return value
        if isinstance(value, float):
            return _float_tree(value)
        if isinstance(value, tuple):
            return [self.tree(item) for item in value]
        if isinstance(value, np.ndarray | np.generic):
            return self._array(np.asarray(value), is_scalar=isinstance(value, np.generic))
        if isinstance(value, Mapping):
            return {"~map": [[self.tree(key), self.tree(item)] for key, item in value.items()]}
        if value == self.layer:
            return {"~layer": 0}
        if RECORDS.get(type(value).__name__) is type(value):
            return {type(value).__name__: [self._field(value, name) for name in _FIELDS[type(value).__name__]]}
        raise Unstorable(f"A {type(value).__name__} has no stored form.")

    def _field(self, record: object, name: str) -> Any:
        value = getattr(record, name)
        return {"~name": 0} if name == "layer" and value == self.layer.name else self.tree(value)

    def _array(self, array: np.ndarray, *, is_scalar: bool) -> Any:
        if array.dtype.kind not in _NUMBERS:
            raise Unstorable(f"An array of {array.dtype} has no stored form.")
        plain = _narrowed(array)
        raw = plain.tobytes()
        piece = _packed(raw)
        start, self.n_bytes = self.n_bytes, self.n_bytes + len(piece)
        self.pieces.append(piece)
        how = [array.dtype.str, list(array.shape), plain.dtype.str, start, len(piece), len(raw)]
        return {"~scalar" if is_scalar else "~array": how}


@dataclass(frozen=True, slots=True)
class _Reader:
    layer: LayerRef
    pieces: memoryview

    def value(self, tree: Any) -> Any:
        kind = type(tree)
        if kind is list:
            return tuple([self.value(item) for item in tree])
        if kind is not dict:
            return tree
        ((what, content),) = tree.items()
        if not what.startswith("~"):
            return self._record(what, content)
        if what == "~map":
            return {self.value(key): self.value(item) for key, item in content}
        if what in ("~array", "~scalar"):
            array = self._array(*content)
            return array if what == "~array" else array[()]
        return self._small(what, content)

    def _small(self, what: str, content: Any) -> Any:
        if what == "~nan":
            return struct.unpack("<d", bytes.fromhex(content))[0]
        return {"~layer": self.layer, "~name": self.layer.name}[what]

    def _record(self, what: str, content: list[Any]) -> Any:
        named = zip(_FIELDS[what], content, strict=True)
        return RECORDS[what](**{name: self.value(item) for name, item in named})

    def _array(self, dtype: str, shape: list[int], stored: str, start: int, n_packed: int, n_plain: int) -> np.ndarray:
        kind = np.dtype(stored)
        if kind.kind not in _NUMBERS or math.prod(shape) * kind.itemsize != n_plain:
            raise Damaged("An array of a stored record does not fit its shape.")
        raw = _unpacked(self.pieces[start : start + n_packed], n_plain)
        # A copy of its own, which callers may write to like any computed array.
        return np.array(np.frombuffer(raw, kind).reshape(shape), dtype=np.dtype(dtype))


def _float_tree(value: float) -> Any:
    """JSON writes the shortest digits that give the same number again; only unusual NaNs need their bits."""
    bits = struct.pack("<d", value)
    return {"~nan": bits.hex()} if math.isnan(value) and bits != _PLAIN_NAN else float(value)


def _narrowed(array: np.ndarray) -> np.ndarray:
    """Float64 as float32 where not a bit is lost."""
    if array.dtype != np.float64 or not array.size:
        return array
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.astype(np.float32).reshape(array.shape) if _is_narrow(flat[:64]) and _is_narrow(flat) else array


def _is_narrow(flat: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        again = flat.astype(np.float32).astype(np.float64)
    return bool(np.array_equal(again.view(np.int64), flat.view(np.int64)))


def _packed(raw: bytes) -> bytes:
    """Compressed where it pays; otherwise as it is, which the equal lengths say."""
    if len(raw) < _MIN_PACKED_BYTES:
        return raw
    if len(raw) > 2 * _SAMPLE_BYTES and len(zlib.compress(raw[:_SAMPLE_BYTES], 1)) > _WORTH * _SAMPLE_BYTES:
        return raw
    packed = zlib.compress(raw, 1)
    return packed if len(packed) < _WORTH * len(raw) else raw


def _unpacked(piece: memoryview, n_plain: int) -> bytes:
    if len(piece) == n_plain:
        return bytes(piece)
    raw = zlib.decompressobj().decompress(piece, n_plain + 1)
    if len(raw) != n_plain:
        raise Damaged("A piece of a stored record has another length than it says.")
    return raw
