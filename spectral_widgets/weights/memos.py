"""Layers with the digest of their values; of a file that has not changed since, without reading it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..records import WeightMatrix
from .digests import digest_of_values
from .layers import Layer
from .store import PartReader

#: A file that was written to so shortly before may be written to again within one tick of its clock.
RACY_NS = 2_000_000_000


class Memo(Protocol):
    """Keeps digests by place, each with the stamp of the file that it was read from."""

    def recall(self, place: str, stamp: str) -> str | None: ...

    def remember(self, place: str, stamp: str, digest: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Digested:
    """The values of a layer and their digest."""

    matrix: WeightMatrix
    digest: str


def recalled_digest(layer: Layer, memo: Memo) -> str | None:
    """The digest of a layer's values without reading them; ``None`` for what is not in an unchanged file."""
    found = _place_of(layer)
    if found is None:
        return None
    path, place = found
    stamp = stamp_of(path)
    return memo.recall(place, stamp) if stamp else None


def read_digested(layer: Layer, memo: Memo) -> Digested:
    """The values, read now, and their digest, computed unless the file is known. Raises Complaint like ``read``."""
    found = _place_of(layer)
    if found is None:
        matrix = layer.read()
        return Digested(matrix, digest_of_values(matrix.values))
    path, place = found
    stamp = stamp_of(path)
    matrix = layer.read()
    is_steady = bool(stamp) and stamp == stamp_of(path)
    known = memo.recall(place, stamp) if is_steady else None
    if known is not None:
        return Digested(matrix, known)
    digest = digest_of_values(matrix.values)
    if is_steady:
        memo.remember(place, stamp, digest)
    return Digested(matrix, digest)


def stamp_of(path: Path, now_ns: int | None = None) -> str:
    """Device, inode, size and times of a file, one of which changes whenever it is written to or replaced.

    Empty for a file that is not there, or that changed within the last two seconds: a clock of files ticks coarsely,
    so that two changes in one tick leave equal times. The time of change of the inode cannot be set back.
    """
    try:
        status = path.stat()
    except OSError:
        return ""
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    if changed > (time.time_ns() if now_ns is None else now_ns) - RACY_NS:
        return ""
    parts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return "-".join(map(str, parts))


def _place_of(layer: Layer) -> tuple[Path, str] | None:
    """File and place of a layer that is read from its file anew each time and computed from nothing else."""
    model, parameter = layer.model, layer.ref.parameter
    place, read = model.store.places.get(parameter), model.store.read
    # An edited store has another reader, which names no source.
    if place is None or not isinstance(read, PartReader) or not read.source or not model.is_stored(parameter):
        return None
    # Files of torch stay mapped, so that one that is replaced is read on under its old content.
    if place.path.suffix != ".safetensors":
        return None
    unfolding = model.row(layer.name).unfolding
    path = place.path.absolute()
    return path, f"{path}|{place.offset}|{place.size_bytes}|{layer.ref.dtype}|{unfolding}"
