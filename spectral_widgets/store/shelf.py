"""The results of one matrix: read together, written together."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from ..records import LayerRef, Unfolding
from .database import Row
from .encoding import Damaged, Unstorable, decoded, encoded

if TYPE_CHECKING:
    from .result_cache import Cache

Kind = TypeVar("Kind")


def key_of_matrix(digest: str, layer: LayerRef, unfolding: Unfolding | None, device: str, code: str) -> str:
    """What the results of a matrix depend on: its values, how it was cut, the kind of device, the code.

    Its name, and where it stands in the model, are none of it.
    """
    cut = None if unfolding is None else astuple(unfolding)
    known = [layer.kind, layer.shape, layer.n_rows, layer.n_cols, layer.dtype, layer.cut, layer.caveat]
    words = json.dumps([digest, cut, known, device.partition(":")[0], code])
    return hashlib.sha256(words.encode()).hexdigest()[:40]


def what_of(kind: type, settings: dict[str, Any]) -> str:
    """Kind of record and the settings that it was made with, in plain words."""
    return f"{kind.__name__} {_in_words(settings)}"


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"A {type(value).__name__} is no setting.")


_in_words = json.JSONEncoder(sort_keys=True, default=_plain).encode


class Shelf:
    """Where the results of one matrix stand. What is put there is written by ``flush``, at the end of a ``with``.

    A closed shelf gives and takes nothing: the matrix is not the one any more that it is of, the code has changed, or
    the cache is off.
    """

    def __init__(self, cache: Cache, matrix: str, layer: LayerRef, code: str) -> None:
        self.layer, self._closed = layer, False
        self._cache, self._matrix, self._code = cache, matrix, code
        self._stored: dict[str, bytes | None] | None = None
        self._pending: dict[str, bytes] = {}

    @property
    def closed(self) -> bool:
        return self._closed or not self._cache.is_current(self._code)

    def get(self, kind: type[Kind], /, **settings: Any) -> Kind | None:
        """The record of this kind made with these settings, if it is there."""
        if self.closed:
            return None
        what = what_of(kind, settings)
        data = self._bytes(what)
        if data is None:
            return None
        try:
            record = decoded(data, self.layer)
        except Damaged:
            record = None
        if isinstance(record, kind):
            return record
        self._stored = {key: value for key, value in self._rows().items() if key != what}
        self._cache.drop(self._matrix, what)
        return None

    def has(self, kind: type, /, **settings: Any) -> bool:
        """Whether such a record is there; it is not read."""
        return not self.closed and what_of(kind, settings) in (self._rows() | self._pending)

    def put(self, record: object, /, **settings: Any) -> None:
        """Keep a complete record; one without a stored form is passed over."""
        if self.closed:
            return
        try:
            self._pending[what_of(type(record), settings)] = encoded(record, self.layer)
        except Unstorable:
            return

    def flush(self) -> None:
        """Write what was put here."""
        pending, self._pending = self._pending, {}
        self._stored = None
        if pending and not self.closed:
            self._cache.put(Row(self._matrix, what, self._code, data) for what, data in pending.items())

    def close(self) -> None:
        """Give and take nothing from now on; what was not written is let go."""
        self._closed, self._pending, self._stored = True, {}, {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def _rows(self) -> dict[str, bytes | None]:
        if self._stored is None:
            self._stored = self._cache.rows(self._matrix)
        return self._stored

    def _bytes(self, what: str) -> bytes | None:
        if what in self._pending:
            return self._pending[what]
        rows = self._rows()
        if what not in rows:
            return None
        return rows[what] or self._cache.value(self._matrix, what)
