"""The door to results of an earlier day: evidence on a matrix, with the store at its side."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .metrics import Evidence
from .records import Complaint, FactoredMatrix, WeightMatrix
from .store import Cache, Shelf, cache
from .weights.digests import digest_of_values
from .weights.layers import Layer
from .weights.memos import read_digested, recalled_digest


def folder_in_use(wanted: bool = True) -> str:
    """The folder of the store of this process, for workers to share; empty when it is off or not wanted."""
    return str(cache.folder) if wanted and cache.is_on else ""


def kept_evidence(
    item: Layer | WeightMatrix | FactoredMatrix,
    folder: str,
    entries: Callable[[], WeightMatrix] | None = None,
    **settings: Any,
) -> tuple[Evidence, Shelf | None]:
    """Evidence and the shelf that it draws on. A layer in an unchanged file is not read before something needs it.

    Raises ``Complaint`` for a layer that cannot be read.
    """
    store = _store_in(folder) if folder else None
    if isinstance(item, Layer):
        return _of_layer(item, store, settings)
    if store is None:
        shelf = None
    elif isinstance(item, FactoredMatrix):
        shelf = store.shelf(f"product {digest_of_values(item.left, item.right)}", item.ref, None)
    else:
        shelf = store.shelf(digest_of_values(item.values), item.ref, item.unfolding, item.device)
    return Evidence(item, entries=entries, shelf=shelf, **settings), shelf


def _of_layer(layer: Layer, store: Cache | None, settings: dict[str, Any]) -> tuple[Evidence, Shelf | None]:
    if store is None:
        return Evidence(layer.read(), **settings), None
    known = recalled_digest(layer, store)
    if known is None:
        read = read_digested(layer, store)
        shelf = store.shelf(read.digest, layer.ref, read.matrix.unfolding, read.matrix.device)
        return Evidence(read.matrix, shelf=shelf, **settings), shelf
    row = layer.model.row(layer.name)
    shelf = store.shelf(known, layer.ref, row.unfolding, layer.model.device)
    return Evidence(layer.ref, entries=lambda: _same(layer, store, known), shelf=shelf, **settings), shelf


def _same(layer: Layer, store: Cache, known: str) -> WeightMatrix:
    """The values that have this digest."""
    read = read_digested(layer, store)
    if read.digest != known:
        raise Complaint(f"The file of layer {layer.name!r} changed while it was measured; measure it again.")
    return read.matrix


def _store_in(folder: str) -> Cache:
    """The store of this process where it stands in this folder; a worker opens one."""
    return cache if cache.is_on and str(cache.folder) == folder else _opened(folder)


@lru_cache(maxsize=4)
def _opened(folder: str) -> Cache:
    return Cache(folder)
