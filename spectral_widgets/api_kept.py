"""The door to results of an earlier day: evidence on a matrix, with the store at its side."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from .metrics import Evidence
from .records import Complaint, FactoredMatrix, WeightMatrix
from .store import Cache, Shelf, cache, is_off_by_environment, named_folder
from .weights.digests import digest_of_values
from .weights.layers import Layer
from .weights.memos import read_digested, recalled_digest


class StorePlace(NamedTuple):
    """A folder of results and the machine that it is used on: no two machines may write into one SQLite file."""

    folder: str
    host: str


def store_in_use(wanted: bool = True) -> StorePlace | None:
    """Where the store of this process stands, for workers to share; ``None`` when it is off or not wanted."""
    return StorePlace(str(cache.folder), socket.gethostname()) if wanted and cache.is_on else None


def kept_evidence(
    item: Layer | WeightMatrix | FactoredMatrix,
    place: StorePlace | None,
    entries: Callable[[], WeightMatrix] | None = None,
    **settings: Any,
) -> tuple[Evidence, Shelf | None]:
    """Evidence and the shelf that it draws on. A layer in an unchanged file is not read before something needs it.

    Raises ``Complaint`` for a layer that cannot be read.
    """
    store = _store_of(place) if place else None
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


def _store_of(place: StorePlace) -> Cache | None:
    """The store of this process where it stands there; a worker opens that one, or on another machine its own.

    Its own is one that the environment names and that is not the caller's: the usual folder may lie on a disk that all
    machines share.
    """
    is_here = socket.gethostname() == place.host
    if is_here and cache.is_on and str(cache.folder) == place.folder:
        return cache
    if is_off_by_environment():
        return None
    if is_here:
        return _opened(place.folder)
    own = named_folder()
    return None if own is None or str(own) == place.folder else _opened(str(own))


@lru_cache(maxsize=4)
def _opened(folder: str) -> Cache:
    return Cache(folder)
