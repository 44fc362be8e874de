"""How to find a layer again in another process: by where its model lies, or else by its values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..records import Complaint
from .cuts import Cut
from .layers import Layer
from .model import Model
from .opening import open_model
from .store import PartReader


@dataclass(frozen=True, slots=True)
class Source:
    """A model in files: path, name, cut, sizes and times of the files so that a change is noticed, device asked for."""

    path: str
    name: str
    cut: Cut
    stamps: tuple[tuple[str, int, int], ...]
    device: str = ""


@dataclass(frozen=True, slots=True)
class PlacedLayer:
    """A layer of a model in files, without its values."""

    source: Source
    name: str


def placed(layer: Layer) -> PlacedLayer | None:
    """What another process needs to read a layer; ``None`` where its model lives in memory only."""
    source = source_of(layer.model)
    return None if source is None else PlacedLayer(source, layer.name)


def found(layer: PlacedLayer) -> Layer:
    """The layer, of a model that is opened once a process. Raises ``Complaint`` where the files are not at hand."""
    model = _opened(layer.source)
    return Layer(model.ref(layer.name), model)


def source_of(model: Model) -> Source | None:
    """Where the weights of a model without a network lie, if they are those of its files."""
    read = model.store.read
    path = Path(read.source) if isinstance(read, PartReader) and read.source else None
    if path is None or not path.exists():
        return None
    return Source(str(path), model.name, model.cut, tuple(_stamps(path)), model.computes_on)


def _stamps(path: Path) -> Iterator[tuple[str, int, int]]:
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    for file in files:
        about = file.stat()
        yield file.name, about.st_size, about.st_mtime_ns


@lru_cache(maxsize=2)
def _opened(source: Source) -> Model:
    path = Path(source.path)
    if not path.exists():
        raise Complaint(
            f"{source.path} is not on the worker's machine: put the model where all machines find it under this path, "
            "or give the module itself."
        )
    model = open_model(path, name=source.name, cut=source.cut, stream=True)
    return model.on(source.device) if source.device else model
